"""The hub of leans as they happen: ten a second, of a wearer whom somebody watches, and kept by nobody.

A second is judged once and a second and more later; this is for a figure that moves with its wearer.
"""

from api.answer import Answer
from api.models import Known
from api.watchers import Watcher, Watchers

#: Who is slower than this many messages, some seconds, sees the newest: an old lean is no lean.
QUEUE = 8
MAX_CLIENTS = 64


class Leans(Answer):
    """Lean and side of a wearer. times: Unix s of the service's clock, a tenth of a second apart; lean_deg
    and side_deg: an angle or null for each, forward and to the right of the wearer's upright."""

    wearer: str
    times: list[float]
    lean_deg: list[Known]
    side_deg: list[Known]


class LeanClient(Watcher[Leans, Leans]):
    """One who watches one wearer."""

    def __init__(self, wearer: str) -> None:
        super().__init__(wearer, QUEUE)

    def _message(self, item: Leans) -> Leans:
        return item

    def _lose(self, item: Leans) -> None:
        """Nobody misses an old lean."""


class LeanHub(Watchers[LeanClient]):
    """Leans to every client that watches their wearer."""

    def __init__(self) -> None:
        super().__init__(LeanClient)

    def publish(self, leans: Leans) -> None:
        """Offer to those who watch the wearer; never waits."""
        self.offer(leans.wearer, leans)
