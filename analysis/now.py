"""What is so now, and what cannot be known with what is worn."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.follow import Follower
from analysis.reference import Slip
from analysis.rotation import BASE_ORDER, TURN_ORDER, TWIST_ORDER
from analysis.track import Mounted, Track
from domain.people import Calibration, ReferenceMethod
from domain.placement import KNOWLEDGE, Knowledge, Placement
from domain.posture import Activity, FrameBlock, Quality, WearerStatus

#: What is kept of the last frame, and the column it comes from.
_ROW = {
    "time": "times", "activity": "activity", "confidence": "confidence", "p_sitting": "p_sitting",
    "lean_deg": "lean_deg", "side_deg": "side_deg", "quality": "quality",
}  # fmt: skip


class NowBoard:
    """The last frame and the start of the present run of its activity."""

    def __init__(self, wearer: str, sensors: Sequence[Mounted]) -> None:
        self._wearer = wearer
        self._sensors = tuple(sensors)
        self._row: dict[str, Any] | None = None
        self._since = 0

    def see(self, frames: FrameBlock) -> None:
        """Take the newest frames."""
        n = len(frames)
        if n == 0:
            return
        times, activity = frames.times, frames.activity
        start, whole = 0, int(times[-1]) - int(times[0]) == n - 1
        if n > 1 and not (whole and np.count_nonzero(activity == activity[-1]) == n):
            breaks = (activity[1:] != activity[:-1]) | (times[1:] - times[:-1] != 1)
            changes = breaks.nonzero()[0]
            start = int(changes[-1]) + 1 if len(changes) else 0
        row = {name: getattr(frames, column)[-1].item() for name, column in _ROW.items()}
        before = self._row
        goes_on = (
            start == 0
            and before is not None
            and before["activity"] == row["activity"]
            and before["time"] == int(times[0]) - 1
        )
        if not goes_on:
            self._since = int(times[start])
        self._row = row

    def status(
        self, tracks: Sequence[Track], angles: int | None, follower: Follower
    ) -> WearerStatus | None:
        """See Pipeline.status. angles: the number of the track that gives the lean."""
        row = self._row
        if row is None:
            return None
        quality = Quality(row["quality"])
        faults = tuple(fault for track in tracks for fault in track.faults.open)
        reference = None if angles is None else tracks[angles].anchor.told
        bouts, slouch = follower.bouts, follower.slouch
        return WearerStatus(
            wearer=self._wearer,
            time=row["time"],
            activity=Activity(row["activity"]),
            activity_since=self._since,
            confidence=row["confidence"],
            p_sitting=row["p_sitting"],
            lean_deg=row["lean_deg"],
            side_deg=row["side_deg"],
            sitting_clock_s=bouts.clock_s,
            bout_start=bouts.bout_start,
            upright_s=bouts.upright_s,
            slouching_since=slouch.since,
            slouch_entry_deg=slouch.entry_deg,
            quality=quality,
            reference_method=ReferenceMethod.NONE if reference is None else reference.method,
            reference_sigma_deg=math.nan if reference is None else reference.sigma_deg,
            reasons=(
                *(fault.sentence for fault in faults),
                *self._reasons(tracks, quality, reference),
            ),
            faults=faults,
        )

    def _reasons(
        self, tracks: Sequence[Track], quality: Quality, reference: Calibration | None
    ) -> tuple[str, ...]:
        """What cannot be known now and why, as sentences for the wearer."""
        out: list[str] = []
        placements = {mounted.placement for mounted in self._sensors}
        trunk = [mounted for mounted in self._sensors if KNOWLEDGE[mounted.placement].trunk]
        slipped = [
            track.anchor.standing.sentence(track.mounted.placement)
            for track in tracks
            if track.anchor.standing.slip is not Slip.NONE
        ]
        out.extend(slipped)
        if quality & Quality.REFERENCE_SHIFTED and not slipped:
            out.append(
                "The trunk sensor seems to have moved: walking looks crooked. "
                "Please calibrate again; until then no slouch is judged."
            )
        if trunk and all(mounted.calibration is None for mounted in trunk):
            if reference is None:
                out.append("Not calibrated: lean and slouch are not known.")
            else:
                out.append(
                    "Lean is measured from how you walk and bend, which is good to about "
                    f"{reference.sigma_deg:.0f} degrees. Hold yourself upright to calibrate; slouches "
                    "are judged only then."
                )
        if not trunk:
            out.append("No sensor on the trunk: lean, slouch and lying are not known.")
        if Placement.THIGH not in placements and trunk:
            if any(m.placement in (Placement.WAIST, Placement.LOWER_BACK) for m in trunk):
                out.append("Sitting is told from the pelvis' angle; a thigh sensor is surer.")
            else:
                out.append(
                    "One sensor on the upper trunk cannot tell sitting from standing for certain; "
                    "a thigh sensor can."
                )
        out.extend(
            f"{track.mounted.placement.words.capitalize()} sensor: walk for a few seconds, "
            "or calibrate it, so that its position is known."
            for track in tracks
            if (track.thigh or track.trunk) and not track.aligned
        )
        if any(m.calibration is not None for m in trunk) and not any(
            t.fused for t in tracks if t.trunk
        ):
            out.append("No gyroscope: lean is good to about 5 degrees in motion.")
        out += self._movement_reasons(tracks)
        return tuple(out)

    @staticmethod
    def _movement_reasons(tracks: Sequence[Track]) -> list[str]:
        """What cannot be known of twist, turns and steps."""
        out: list[str] = []
        turning = [track.mounted.placement for track in tracks if track.turning]
        trunk = [place for place in turning if place in TWIST_ORDER]
        base = [place for place in turning if place in BASE_ORDER]
        if not any(place in TURN_ORDER for place in turning):
            out.append(
                "No gyroscope on the trunk: twists and turns cannot be felt. A sensor with one on the "
                "upper back shows turns, and twists together with one at the belt or on the seat."
            )
        elif not (trunk and base):
            where = "on the upper back or breastbone" if base else "at the belt or on the seat"
            out.append(
                "One gyroscope cannot tell a twist from turning with the chair: turns of the trunk are "
                f"counted. A second sensor with a gyroscope {where} shows twists."
            )
        if not any(
            KNOWLEDGE[track.mounted.placement].steps is Knowledge.YES and track.mounted.scaled
            for track in tracks
        ):
            out.append(
                "Steps cannot be counted with what is worn; a sensor on the body counts them."
            )
        return out

    def save(self) -> dict[str, Any]:
        """What it remembers, as JSON values."""
        return {"row": None if self._row is None else dict(self._row), "since": self._since}

    def load(self, saved: dict[str, Any]) -> None:
        """Go on from what `save` gave."""
        row = saved["row"]
        self._row = None if row is None else {name: row[name] for name in _ROW}
        self._since = int(saved["since"])
