"""Keeping what the analysis goes by: a context whenever something of it is another than before."""

from collections.abc import Iterable, Mapping, Sequence

from analysis.settings import AnalysisSettings
from domain.context import AnalysisContext
from domain.people import Calibration, Sensor
from service.mounting import in_force


class ContextNotes:
    """The context in force of every wearer, as far as it was noted or known."""

    def __init__(self, settings: AnalysisSettings) -> None:
        self._settings = settings
        self._last: dict[str, AnalysisContext] = {}
        #: What the last look was at, so that a second in which nothing changed costs a comparison.
        self._seen: dict[str, tuple[tuple[Sensor, ...], dict[str, Calibration]]] = {}

    def know(self, contexts: Iterable[AnalysisContext]) -> None:
        """What was noted before, in order."""
        self._last |= {context.wearer: context for context in contexts}

    def forget(self, wearer: str) -> None:
        """Nothing is noted of the wearer any more."""
        self._last.pop(wearer, None)
        self._seen.pop(wearer, None)

    def note(
        self,
        wearer: str,
        since: int,
        sensors: Sequence[Sensor],
        references: Mapping[str, Calibration],
    ) -> tuple[AnalysisContext, ...]:
        """What is to be kept: nothing when all is as it was, or nothing is worn.

        since: the second after those that were judged; a reference that was learnt from wearing a sensor
        holds from the whole second in which it was made.
        """
        seen = (tuple(sensors), dict(references))
        if not sensors or self._seen.get(wearer) == seen:
            return ()
        self._seen[wearer] = seen
        before = self._last.get(wearer)
        context = in_force(wearer, since, sensors, references, self._settings)
        if context.goes_on(before):
            return ()
        if before is not None and context.learnt_since(before):
            made = (s.reference.made_at for s in context.sensors if s.reference is not None)
            newest = int(max(made, default=since))
            if before.since < newest < since:
                context = in_force(wearer, newest, sensors, references, self._settings)
        self._last[wearer] = context
        return (context,)
