"""From samples to frames and episodes: one wearer, live or offline, in any chunks.

Every second t is judged once, from the samples in [t-1, t+1), when all live sensors have passed t+1. A
sensor further than lag_s behind the newest one is gone for those seconds; what comes of it later
is late, counted and dropped. Apart from such lateness the frames and episodes depend on the
samples alone, bit for bit, not on the blocks they came in.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.follow import Follower
from analysis.glance import LeanBy
from analysis.grid import Edges, SecondGrid
from analysis.intake import slices
from analysis.movement import MovementRule
from analysis.now import NowBoard
from analysis.past import Past
from analysis.roles import Roles
from analysis.settings import AnalysisSettings
from analysis.shifts import back_s
from analysis.state import pack, unpack
from analysis.track import Mounted as Mounted  # the name callers import from here
from analysis.track import Track, fingerprint
from analysis.wearer import Combined, combine, judge_all
from domain.episodes import Episode
from domain.errors import InputError, StateError
from domain.faults import Fault
from domain.gains import Gains
from domain.people import Calibration
from domain.posture import Activity, FrameBlock, WearerStatus
from domain.samples import SampleBlock

_UNKNOWN = int(Activity.UNKNOWN)


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """What became due: frames in order, and episodes in the order in which they opened or closed."""

    frames: FrameBlock
    episodes: tuple[Episode, ...]


class Pipeline:
    """All of the analysis of one wearer.

    Raises InputError when two sensors have one id or there is none.
    """

    def __init__(
        self,
        wearer: str,
        sensors: Sequence[Mounted],
        settings: AnalysisSettings = AnalysisSettings(),  # noqa: B008 - frozen, so it can be shared
    ) -> None:
        ids = [mounted.sensor for mounted in sensors]
        if not ids or len(set(ids)) != len(ids):
            raise InputError(f"a pipeline needs sensors with different ids, got {ids}")
        self._wearer = wearer
        self._settings = settings
        self._tracks = [Track(mounted, settings) for mounted in sensors]
        self._by_id = {track.mounted.sensor: track for track in self._tracks}
        self._roles = Roles.of(self._tracks)
        # The last is for a source of -1: nobody.
        numbers = [*(mounted.placement.number for mounted in sensors), 0]
        self._numbers: NDArray[np.uint8] = np.array(numbers, dtype=np.uint8)
        self._nothing = Output(FrameBlock.empty(wearer), ())
        self._grid = SecondGrid(int(settings.bridge_s), math.ceil(settings.gap_s))
        self._begun = math.inf  # the first sample of any sensor
        self._movement = MovementRule(sensors, settings)
        self._edges = Edges()
        self._follower = Follower(wearer, sensors, self._roles, settings)
        angles = self._roles.angles
        by = [] if angles is None else [ids[angles], *fingerprint(sensors[angles])]
        self._past = Past(back_s(settings), by)
        self._now = NowBoard(wearer, [track.mounted for track in self._tracks])
        self._owed: list[Episode] = []

    @property
    def late(self) -> int:
        """Samples dropped because they came late or twice."""
        return sum(track.intake.late for track in self._tracks)

    @property
    def references(self) -> dict[str, Calibration]:
        """By sensor, the reference that angles are measured from, with its method and standard error."""
        return {
            t.mounted.sensor: t.anchor.reference
            for t in self._tracks
            if t.anchor.reference is not None
        }

    @property
    def gains(self) -> dict[str, Gains]:
        """By sensor, what its axes are worth, where rest has shown it."""
        return {
            t.mounted.sensor: t.anchor.gains for t in self._tracks if t.anchor.gains is not None
        }

    @property
    def lean_by(self) -> LeanBy | None:
        """What gives the lean now; None where nothing does."""
        if self._roles.angles is None:
            return None
        track = self._tracks[self._roles.angles]
        told = track.anchor.told
        return None if told is None else LeanBy(track.mounted.sensor, told, track.anchor.gains)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was wrong with the sensors since it was last asked, and what is wrong now."""
        ended = [fault for track in self._tracks for fault in track.faults.take_ended()]
        return (*ended, *(fault for track in self._tracks for fault in track.faults.open))

    def push(self, block: SampleBlock) -> Output:
        """Take samples; returns what became due. Raises InputError for a sensor that is not worn."""
        return self.push_together([block])

    def push_together(self, blocks: Sequence[SampleBlock]) -> Output:
        """Take blocks of several sensors that cover the same time, none late for the others' sake."""
        for block in blocks:
            if block.sensor not in self._by_id:
                raise InputError(f"sensor {block.sensor!r} is not worn by {self._wearer!r}")
        return self._joined([self._take(piece) for piece in slices(blocks)])

    def advance(self, until: float) -> Output:
        """No samples before `until` will come any more: the seconds before it are closed."""
        if math.isinf(self._begun):
            return self._joined([])
        return self._close(math.floor(until))

    def finish(self) -> Output:
        """The data end here: what is open closes, as censored."""
        newest = max(track.intake.newest for track in self._tracks)
        if math.isinf(newest):
            return self._joined([])
        out = self._close(math.floor(newest) + 1)
        end = self._grid.next or 0
        return Output(out.frames, (*out.episodes, *self._follower.close(end)))

    def status(self) -> WearerStatus | None:
        """What is so as of the last frame; None before the first."""
        return self._now.status(self._tracks, self._roles.angles, self._follower)

    def _take(self, blocks: Sequence[SampleBlock]) -> Output:
        due = self._grid.next
        for block in blocks:
            self._by_id[block.sensor].intake.put(block, -math.inf if due is None else due)
        if math.isinf(self._begun):
            heard = [at for t in self._tracks if (at := t.intake.first_time()) is not None]
            if not heard:
                return self._joined([])
            self._begun = min(heard)
        newest = [max(track.intake.newest, self._begun) for track in self._tracks]
        last, lag_s = max(newest), self._settings.lag_s
        return self._close(math.floor(min(at for at in newest if last - at <= lag_s)))

    def _close(self, until: int) -> Output:
        """Judge the seconds before `until` that are not judged yet, hour by hour.

        What is learnt of the sensors themselves comes into force at full hours alone (and
        more often while a sensor has to find out how it sits), whatever the
        blocks the samples come in, and only after hours with samples: a hole teaches nothing.
        """
        edge = self._edge()
        if until < edge:
            return self._judge(until)
        outputs = []
        while edge <= until:
            outputs.append(self._judge(edge))
            self._edges.settled = edge
            for track in self._tracks:
                track.settle(edge, steady=self._follower.steady)
            edge = self._edge()
        outputs.append(self._judge(until))
        return self._joined(outputs)

    def _edge(self) -> int:
        waiting = [at for t in self._tracks if (at := t.intake.first_time()) is not None]
        finding = any(track.anchor.finding for track in self._tracks)
        return self._edges.next(self._grid.last_data, waiting, self._begun, finding=finding)

    def _judge(self, until: int) -> Output:
        if self._grid.next is not None and until <= self._grid.next:
            return self._joined([])
        seconds = [track.collect(until) for track in self._tracks]
        data = seconds[0] if len(seconds) == 1 else np.unique(np.concatenate(seconds))
        grid, shown = self._grid.cut(data, until)
        if len(grid) == 0:
            return self._joined([])
        judged = judge_all(self._tracks, grid)
        together = combine(
            self._roles, judged, self._settings.still_sd_g, self._past, self._movement
        )
        episodes = self._follower.follow(together)
        frames = self._frames(grid, shown, together)
        self._now.see(frames)
        return Output(frames, (*self._take_owed(), *episodes))

    def _frames(self, grid: NDArray[np.int64], shown: NDArray[np.bool_], c: Combined) -> FrameBlock:
        source = np.where(c.activity == _UNKNOWN, np.uint8(0), self._numbers.take(c.source))
        for column in (
            grid, c.activity, c.p_sitting, c.lean_deg, c.side_deg, c.twist_deg, c.turn_dps,
            c.mad_mg, c.enmo_mg, c.cadence_spm, c.quality, c.confidence, source,
        ):  # fmt: skip
            column.setflags(write=False)  # all are ours: FrameBlock need not copy them
        block = FrameBlock(
            wearer=self._wearer,
            times=grid,
            activity=c.activity,
            p_sitting=c.p_sitting,
            lean_deg=c.lean_deg,
            side_deg=c.side_deg,
            twist_deg=c.twist_deg,
            turn_dps=c.turn_dps,
            mad_mg=c.mad_mg,
            enmo_mg=c.enmo_mg,
            cadence_spm=c.cadence_spm,
            quality=c.quality,
            confidence=c.confidence,
            source=source,
        )
        return block if np.count_nonzero(shown) == len(grid) else block.select(shown)

    def _joined(self, outputs: list[Output]) -> Output:
        if not self._owed and len(outputs) < 2:
            return outputs[0] if outputs else self._nothing
        frames = FrameBlock.join(self._wearer, [out.frames for out in outputs])
        episodes = [episode for out in outputs for episode in out.episodes]
        return Output(frames, (*self._take_owed(), *episodes))

    def _take_owed(self) -> list[Episode]:
        owed, self._owed = self._owed, []
        return owed

    def save(self) -> bytes:
        """Everything remembered, as bytes; a pipeline loaded from them goes on as this one would."""
        return pack(
            {
                "wearer": self._wearer,
                "next": self._grid.next,
                "last_data": self._grid.last_data,
                "begun": self._begun,
                "settled": self._edges.settled,
                "tracks": {t.mounted.sensor: t.save() for t in self._tracks},
                "movement": self._movement.save(),
                "machines": self._follower.save(),
                "past": self._past.save(),
                "now": self._now.save(),
            }
        )

    @classmethod
    def load(
        cls,
        state: bytes,
        wearer: str,
        sensors: Sequence[Mounted],
        settings: AnalysisSettings = AnalysisSettings(),  # noqa: B008 - frozen, so it can be shared
    ) -> "Pipeline":
        """Go on from saved bytes. A sensor that is new, or is worn or calibrated otherwise than when
        they were saved, starts afresh; the wearer's bouts and clock go on.

        Raises StateError for damaged bytes, another version or another wearer; InputError as the
        constructor.
        """
        saved = unpack(state)
        pipeline = cls(wearer, sensors, settings)
        try:
            if saved["wearer"] != wearer:
                raise StateError(f"saved for wearer {saved['wearer']!r}, not {wearer!r}")
            pipeline._restore(saved)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise StateError("the saved pipeline does not fit this version") from error
        return pipeline

    def _restore(self, saved: dict[str, Any]) -> None:
        self._grid.next, self._grid.last_data = saved["next"], saved["last_data"]
        self._begun = float(saved["begun"])
        self._edges.settled = int(saved["settled"])
        for track in self._tracks:
            before = saved["tracks"].get(track.mounted.sensor)
            if before is not None and before["mounted"] == fingerprint(track.mounted):
                track.load(before)
            elif before is not None:
                track.keep(before)
        self._past.load(saved["past"])
        self._movement.load(saved["movement"])
        self._now.load(saved["now"])
        self._owed = self._follower.load(saved["machines"], self._grid.next or 0)
