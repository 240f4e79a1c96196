"""Many wearers in one process: each is the very Pipeline, fed in beats of some seconds.

What a second costs a Pipeline is nearly all overhead of looking at so little at once: a minute costs little
more than a second. So a fleet keeps the samples of a wearer for a beat and has them judged together,
each wearer in its own turn, which spreads the work. Frames and episodes are those of a Pipeline, bit for
bit, since they do not depend on the blocks; they come up to a beat later.
"""

from collections.abc import Iterable, Iterator, Sequence

from analysis.pipeline import Output, Pipeline
from analysis.settings import AnalysisSettings
from analysis.track import Mounted
from domain.errors import InputError
from domain.posture import FrameBlock, WearerStatus
from domain.samples import SampleBlock

#: Turns are spread by the golden ratio, which no number of wearers makes fall together.
_SPREAD = 0.6180339887498949


class _Member:
    """One wearer: the pipeline and what it has not been given yet. since: time of the oldest of it."""

    __slots__ = ("held", "pipeline", "sensors", "since", "wait_s")

    def __init__(self, pipeline: Pipeline, sensors: Sequence[Mounted], wait_s: float) -> None:
        self.pipeline = pipeline
        self.sensors = frozenset(mounted.sensor for mounted in sensors)
        self.held: list[SampleBlock] = []
        self.since = 0.0
        self.wait_s = wait_s

    def judge(self) -> Output:
        held, self.held = self.held, []
        return self.pipeline.push_together(held)


class Fleet:
    """Wearers by name. beat_s: seconds of samples that are judged together, 0 for none: the shorter, the
    sooner it speaks, and the fewer wearers it bears (docs/benchmarks.md).

    A sensor that lags behind the wearer's others by less than a beat is not late, as it would be for a
    Pipeline that is fed at once. Raises InputError for a beat below 0.
    """

    def __init__(self, beat_s: float = 60.0) -> None:
        if not beat_s >= 0.0:
            raise InputError(f"a beat of {beat_s} s is none")
        self._beat_s = beat_s
        self._members: dict[str, _Member] = {}
        self._joined = 0

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, wearer: str) -> bool:
        return wearer in self._members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def add(
        self,
        wearer: str,
        sensors: Sequence[Mounted],
        settings: AnalysisSettings = AnalysisSettings(),  # noqa: B008 - frozen, so it can be shared
        *,
        state: bytes | None = None,
    ) -> None:
        """Take `wearer` in, anew or from what a Pipeline or a Fleet saved.

        Raises InputError for a wearer who is in already, and what Pipeline and Pipeline.load do.
        """
        if wearer in self._members:
            raise InputError(f"wearer {wearer!r} is in the fleet already")
        if state is None:
            pipeline = Pipeline(wearer, sensors, settings)
        else:
            pipeline = Pipeline.load(state, wearer, sensors, settings)
        self._joined += 1
        first_s = self._beat_s * (self._joined * _SPREAD % 1.0)
        self._members[wearer] = _Member(pipeline, sensors, first_s)

    def push(self, blocks: Iterable[tuple[str, SampleBlock]]) -> list[tuple[str, Output]]:
        """Take samples of any wearers; returns what those have said whose turn it is.

        Raises InputError for somebody who is not in, or a sensor that is not worn.
        """
        turns: dict[str, None] = {}
        for wearer, block in blocks:
            member = self._members.get(wearer) or self._member(wearer)
            if block.sensor not in member.sensors:
                raise InputError(f"sensor {block.sensor!r} is not worn by {wearer!r}")
            times, held = block.times, member.held
            if times.size:
                if not held:
                    member.since = times.item(0)
                if times.item(-1) - member.since >= member.wait_s:
                    turns[wearer] = None
            held.append(block)
        out = []
        for wearer in turns:
            member = self._members[wearer]
            member.wait_s = self._beat_s
            said = member.judge()
            if len(said.frames) or said.episodes:
                out.append((wearer, said))
        return out

    def flush(self, wearer: str) -> Output:
        """Have judged now what is held of `wearer`, as for a status. Raises InputError."""
        return self._member(wearer).judge()

    def finish(self, wearer: str) -> Output:
        """The data of `wearer` end here: what is open closes, as censored. Raises InputError."""
        member = self._member(wearer)
        said, ended = member.judge(), member.pipeline.finish()
        frames = FrameBlock.join(wearer, [said.frames, ended.frames])
        return Output(frames, (*said.episodes, *ended.episodes))

    def status(self, wearer: str) -> WearerStatus | None:
        """What is so as of the last frame; None before the first. Raises InputError."""
        return self._member(wearer).pipeline.status()

    def save(self, wearer: str) -> tuple[Output, bytes]:
        """What was held, judged, and after that the state, as Pipeline.save gives it. Raises InputError."""
        member = self._member(wearer)
        said = member.judge()
        return said, member.pipeline.save()

    def remove(self, wearer: str) -> tuple[Output, bytes]:
        """As `save`; and the wearer is in the fleet no longer. Raises InputError."""
        saved = self.save(wearer)
        del self._members[wearer]
        return saved

    def _member(self, wearer: str) -> _Member:
        try:
            return self._members[wearer]
        except KeyError:
            raise InputError(f"wearer {wearer!r} is not in the fleet") from None
