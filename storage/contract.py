"""The Store contract: what every backend does, in the same words.

A store is used from one writer thread and any number of reader threads; nothing here is async.
Times are Unix seconds; ranges are half-open [start, end).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from domain.alerts import Alert, AlertKind, Outcome
from domain.context import AnalysisContext
from domain.decisions import Decision
from domain.deliveries import Delivery
from domain.episodes import Episode, EpisodeKind
from domain.posture import Activity, FrameBlock, PostureFrame
from domain.readings import MINUTE_S, LinkReading
from domain.samples import Floats, SampleBlock
from storage.erased import Erasable, Erased
from storage.record_contract import RecordReader, RecordStore
from storage.rollup_block import RollupBlock

if TYPE_CHECKING:
    from storage.changes import Changes
    from storage.day_sums import DayTable, WeekHours


#: A state whose key begins with this tells of a wearer's past: it stays when a range of that is erased.
LASTING = "lasting/"


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything one second brings, committed in one transaction or not at all.

    frames: later frames of the same wearer and second replace earlier ones; their minute and hour
    rollups are rewritten with them (once a minute's frames were pruned, seconds it has seen stay as
    they were, until all of them are written again). episodes and alerts: replaced by id, an alert
    never by a lower revision. states: opaque bytes by key (pipeline, policy, ...), replaced by key; a
    None removes the key; one that ends with `/` and the id of a wearer is theirs. readings: of whole
    minutes, replaced by sensor and minute. contexts: what the analysis goes by from some second on,
    replaced by wearer and second. samples: raw ones that are to be kept, replaced by sensor and first time.
    minutes: as another store has them, for those whose frames are no more; each replaces one that was
    made from no second that it was not made from itself, after the frames of the batch; hours follow.
    deliveries: replaced by announcement and channel. decisions: replaced by id.
    """

    frames: tuple[FrameBlock, ...] = ()
    episodes: tuple[Episode, ...] = ()
    alerts: tuple[Alert, ...] = ()
    states: Mapping[str, bytes | None] = field(default_factory=dict)
    readings: tuple[LinkReading, ...] = ()
    contexts: tuple[AnalysisContext, ...] = ()
    samples: tuple[SampleBlock, ...] = ()
    minutes: tuple[RollupBlock, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        rest: tuple[object, ...] = (
            self.episodes, self.alerts, self.states, self.readings, self.contexts, self.deliveries,
            self.decisions,
        )  # fmt: skip
        samples = any(len(block) for block in self.samples)
        blocks = any(map(len, self.frames)) or any(map(len, self.minutes))
        return not (samples or blocks or any(rest))


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Columns of one wearer at one resolution, one row a bucket that holds at least one frame.

    times: (n,) int64 bucket starts. resolution_s: 1, 60 or 3600 or a multiple. seconds: (n, 6) int64,
    seconds of each Activity (column = its number). means: per metric (n,) NaN where nothing is known;
    minima and maxima likewise for lean_deg. coverage: (n,) 0..1, frames over bucket seconds. A bucket
    that overlaps the range is given whole, also where it begins before or ends after the range.
    """

    wearer: str
    resolution_s: int
    times: NDArray[np.int64]
    seconds: NDArray[np.int64]
    means: Mapping[str, Floats]
    lean_min_deg: Floats
    lean_max_deg: Floats
    coverage: Floats


@dataclass(frozen=True, slots=True)
class DaySummary:
    """One local day of one wearer. start, end: Unix s of its midnights (23, 24 or 25 h apart).

    Counts are of what began in the day; seconds and doses are cut to it, an open episode at the last
    second that was stored. seconds: per Activity. longest_sitting_s: longest sitting bout that
    overlaps the day. full_breaks: breaks of 5 min upright or more. lean_mean_deg: over the seconds
    neither lying nor not worn, NaN when unknown. alerts: per AlertKind word, opened in the day;
    answered_within_5_min: those with a response_s of at most 300 that did not end by themselves.
    """

    wearer: str
    day: date
    timezone: str
    start: int
    end: int
    seconds: Mapping[Activity, int]
    sitting_bouts: int
    longest_sitting_s: int
    breaks: int
    full_breaks: int
    slouches: int
    slouch_s: int
    slouch_dose_deg_min: float
    lean_mean_deg: float
    alerts: Mapping[str, int]
    answered_within_5_min: int


@dataclass(frozen=True, slots=True)
class Forwarding:
    """How what is measured gets to the server that is owed it.

    server: what it is, None before it was reached. trouble: the sentence that says why nothing is sent,
    None when it is; warnings: what else is not right. owed_points, owed_bytes: what is not there yet, and
    how much that is to send; owed_s: for how long the oldest of it. sent, dropped (owed too long or too
    many), dead_letters (refused for good): points so far. last_error: the last, also when it is
    over; *_at: Unix s.
    """

    server: str | None
    trouble: str | None
    warnings: tuple[str, ...]
    owed_points: int
    owed_bytes: int
    owed_s: float
    sent: int
    dropped: int
    dead_letters: int
    last_error: str | None
    last_error_at: float | None
    last_sent_at: float | None


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """How the store is. last_commit_at: Unix s or None; size_bytes: of its files; detail: one line.
    forwarding: None when no server is owed anything."""

    backend: str
    ok: bool
    detail: str
    last_commit_at: float | None
    size_bytes: int
    forwarding: Forwarding | None = None


@dataclass(frozen=True, slots=True)
class SamplesKept:
    """Raw samples that a store has of one sensor. start, end: Unix s of the first and the last;
    size_bytes: what they take, compressed."""

    sensor: str
    start: float
    end: float
    samples: int
    size_bytes: int


#: Resolutions a series can have, seconds; every store keeps at least the first three.
RESOLUTIONS_S: tuple[int, ...] = (1, 60, 3600, 300, 900, 21600, 86400)


class StoreReader(RecordReader, Protocol):
    """What can be read of a store, also while a service writes. Every method raises
    StoreUnavailableError when the medium fails."""

    def spans(self) -> dict[str, tuple[int, int]]:
        """Every wearer of whom there are frames, rollups, episodes, alerts, contexts or diary entries:
        the first second of all these and the one after the last begins, by id."""
        ...

    def rollups(self, wearer: str, start: int, end: int, width_s: int) -> RollupBlock:
        """Minutes (60 s) or hours (3600 s) that begin in the range, as sums, in order.

        Raises ValueError for another width.
        """
        ...

    def frames(self, wearer: str, start: int, end: int) -> FrameBlock:
        """Frames in the range, in order."""
        ...

    def latest(self, wearer: str) -> PostureFrame | None:
        """The newest frame."""
        ...

    def series(self, wearer: str, start: int, end: int, resolution_s: int) -> Series:
        """Buckets of `resolution_s` (one of RESOLUTIONS_S), aligned to Unix time. Raises ValueError
        for another resolution."""
        ...

    def episodes(
        self, wearer: str, start: int, end: int, kinds: Sequence[EpisodeKind] | None = None
    ) -> list[Episode]:
        """Episodes that overlap the range (open ones reach to infinity), by start."""
        ...

    def episode(self, episode_id: str) -> Episode:
        """One episode. Raises NotFoundError."""
        ...

    def contexts(self, wearer: str, start: int, end: int) -> list[AnalysisContext]:
        """What the analysis went by in the range, in order; the first may have begun before it.

        Nothing is known of the time before the first that was ever stored.
        """
        ...

    def day_summary(self, wearer: str, day: date, timezone: str) -> DaySummary:
        """The local day `day` in the IANA zone `timezone`; zeros where nothing was stored.

        Raises NotFoundError for a zone that does not exist.
        """
        ...

    def days(self, wearer: str, first: date, last: date, timezone: str) -> "DayTable":
        """The local days of [first, last), as far as anything is stored, in order: what `day_summary` says of
        each, its loads, answers to alerts and exposure. Days that are over are read as they were kept.

        Raises NotFoundError for a zone that does not exist.
        """
        ...

    def week_hours(self, wearer: str, first: date, last: date, timezone: str) -> "WeekHours":
        """The same days, summed by weekday and by the hour that clocks showed. Raises NotFoundError."""
        ...

    def alerts(
        self,
        wearer: str | None = None,
        *,
        start: float | None = None,
        end: float | None = None,
        open_only: bool = False,
        kinds: Sequence[AlertKind] = (),
        outcomes: Sequence[Outcome] = (),
        limit: int = 200,
        after: tuple[float, str] | None = None,
    ) -> list[Alert]:
        """Alerts by opening time, newest first, then by id; kinds, outcomes: only those, all when empty;
        `after`: only those that come after the alert that opened at this time with this id."""
        ...

    def alert(self, alert_id: str) -> Alert:
        """One alert. Raises NotFoundError."""
        ...

    def deliveries(
        self,
        wearer: str | None = None,
        *,
        channel: str | None = None,
        alert: str | None = None,
        before: tuple[float, str, str] | None = None,
        limit: int = 200,
    ) -> list[Delivery]:
        """Deliveries by when they were announced, newest first; before: only those whose key is less."""
        ...

    def decisions(
        self,
        wearer: str,
        start: float,
        end: float,
        *,
        before: tuple[float, str] | None = None,
        limit: int = 200,
    ) -> list[Decision]:
        """Decisions of [start, end), newest first; before: only those whose (at, id) is less."""
        ...

    def pending_deliveries(self) -> list[Delivery]:
        """Deliveries that something is still to become of, oldest first."""
        ...

    def state(self, key: str) -> bytes | None:
        """What was last written under `key`."""
        ...

    def states(self) -> dict[str, bytes]:
        """All saved states by key."""
        ...

    def known_sensors(self) -> list[str]:
        """Every sensor of which anything is kept, paired or not, by id."""
        ...

    def readings(
        self, sensor_id: str, start: int, end: int, resolution_s: int = MINUTE_S
    ) -> list[LinkReading]:
        """Whole readings of `resolution_s` that overlap the range, aligned to Unix time, in order.

        Raises ValueError for a resolution that is none of RESOLUTIONS_S, or finer than a minute.
        """
        ...

    def samples(self, sensor_id: str, start: float, end: float) -> list[SampleBlock]:
        """Raw samples in the range, to the last bit, in blocks; nothing where none were kept."""
        ...

    def sample_spans(self, sensor_id: str, start: float, end: float) -> list[tuple[float, float]]:
        """First and last time of each block of raw samples that begins in the range, in order."""
        ...

    def samples_kept(self, sensor_id: str | None = None) -> list[SamplesKept]:
        """What raw samples there are, by sensor; without an id of every sensor."""
        ...

    def erasable(self, wearer: str, start: int | None = None, end: int | None = None) -> Erasable:
        """What `Store.erase` would take away of the same; nothing of whom nobody knows."""
        ...


class Store(StoreReader, RecordStore, Protocol):
    """Metrics and records. Every method raises StoreUnavailableError when the medium fails."""

    @property
    def changes(self) -> "Changes":
        """Tells of what is being changed, so that answers may be kept in memory."""
        ...

    def write(self, batch: Batch, *, now: float) -> None:
        """Commit `batch` in one transaction; writing it again changes nothing."""
        ...

    def replace(self, wearer: str, start: int, end: int, batch: Batch, *, now: float) -> None:
        """In one transaction remove the wearer's frames and contexts of [start, end) and the episodes
        that begin in it, then write `batch`; rollups follow. Alerts and their outcomes stay. A minute at
        an edge whose other frames were pruned stays as it was."""
        ...

    def prune(
        self,
        *,
        frames_before: int,
        readings_before: int | None = None,
        samples_before: float | None = None,
        deliveries_before: float | None = None,
        audit_before: float | None = None,
    ) -> int:
        """Remove frames older than `frames_before`, readings, with the decisions of alerts, older than
        `readings_before`, raw samples, deliveries of which something came, and audit entries older than
        the others where these are given; rollups, episodes and alerts stay. Returns how many frames."""
        ...

    def keep_days(self, wearer: str, timezone: str, *, now: float, most: int = 8) -> int:
        """Sum up days of the wearer that are over and not kept yet, or that something was written into since,
        the newest and at most `most`, and keep them for `days`; how many. Others may write meanwhile.
        Raises NotFoundError for a zone that does not exist."""
        ...

    def erase(self, wearer: str, start: int | None = None, end: int | None = None) -> Erased:
        """Remove a wearer for good, in one transaction, and leave no trace in the files.

        Without a range everything goes: frames, rollups, episodes, alerts, contexts, saved states, diary,
        settings and adjustments, decisions of alerts, the wearer and their sensors, and what those
        delivered and were calibrated to while they were theirs; audit entries forget whom they were about.
        With a range, [start, end), what was measured and told in it: frames and rollups, episodes that
        overlap it, alerts that opened, diary entries about it and calibrations that were made in it, and
        saved states but for those that are LASTING; the wearer and their sensors stay. Buckets at its edges
        are made anew from what is left; a minute there goes whole when its frames were pruned. Nobody writes
        what is erased again meanwhile: that is for the caller to see to. Erasing again, and whom nobody
        knows, is no error.

        Raises StoreUnavailableError also when all is erased and another program's reading keeps traces.
        """
        ...

    def health(self) -> StoreHealth:
        """How the store is; never raises."""
        ...

    def close(self) -> None:
        """Flush and release; later calls are errors."""
        ...
