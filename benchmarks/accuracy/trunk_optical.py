"""Lean, side bend and axial twist against optical markers (trunk_optical)."""

import csv
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis import Calibration, Placement, Recording, analyse
from benchmarks.accuracy.section import Bar, Section, Table, number
from domain.people import ReferenceMethod
from domain.samples import Floats

FOLDER = "trunk_optical"
#: The optical zero is the pose of the first 0.3 s.
_ZERO_N = 15
_RATE_HZ = 50.0
#: Below this optical speed a sample is static [J].
_STATIC_DPS = 3.0
_PLACES = {"back": Placement.UPPER_BACK, "low_back": Placement.LOWER_BACK}
_TWIST = "2.0, two IMUs on this data"
_PUBLISHED = "1.1 VQF, 1.46 the maker's own fusion; 5.3 accelerometer alone (this data)"


@dataclass(frozen=True)
class _Errors:
    """Differences from the markers, deg, of one person."""

    static: Floats
    moving: Floats
    bare: Floats
    lean: Floats
    side: Floats


def measure(data: Path, people: Sequence[str] | None = None) -> Section:
    """Trunk movements in a spun wheelchair, gyro and accelerometer alone."""
    with (data / FOLDER / "trials.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["suspect_reference"] == "False"]
    rows = [row for row in rows if row["test"] == "trunkmovement"]
    if people is not None:
        rows = [row for row in rows if row["participant"] in people]
    with np.load(data / FOLDER / "trunk_optical.npz") as arrays:
        tilt = {
            name: _tilt_errors(arrays, [row for row in rows if row["tilt_usable"] == "True"], name)
            for name in _PLACES
        }
        twists = _twist_errors(arrays, [row for row in rows if row["axial_usable"] == "True"])
    upper = list(tilt["back"].values())
    static = np.concatenate([one.static for one in upper])
    moving = np.concatenate([one.moving for one in upper])
    bare = np.concatenate([one.bare for one in upper])
    twist, fine = (
        np.concatenate([one[which] for one in twists.values()] or [np.empty(0)]) for which in (0, 1)
    )
    tables = [
        Table(
            f"{_PLACES[name].words}: root mean square (and mean) of the difference, deg",
            ["who", "static", "moving", "accelerometer alone", "lean", "side"],
            _ranked(
                {
                    who: [one.static, one.moving, one.bare, one.lean, one.side]
                    for who, one in by.items()
                }
            ),
            (
                "The first three: inclination at the sensor's rate, its constant zero fitted, since the "
                "markers' zero is whatever pose a trial began with. Lean and side: signed, the zero "
                "that pose and forward where the placement's convention has it, fitted by nothing."
            ),
        )
        for name, by in tilt.items()
    ]
    tables.append(
        Table(
            "Twist of the upper back against the chair, two gyros",
            ["who", "frames, deg", "at the sensors' rate, deg", "s"],
            [
                [f"**{who}**" if place == 0 else who, _figure(error), _figure(fine), str(len(error))]
                for place, (who, (error, fine)) in enumerate(
                    sorted(twists.items(), key=lambda item: -_rms(item[1][1]))
                )
            ],
            "Frames: the column twist_deg against the markers' mean of each whole second. At the sensors' "
            "rate: the difference of the two headings of detail. Means made equal: a twist has no zero but "
            "its own average.",
        )
    )  # fmt: skip
    return Section(
        "Lean, side bend and twist: against optical markers",
        FOLDER,
        (
            "A 360 deg spin of the chair, then flexion, extension, bends to both sides and rotations, "
            f"each once. Static: the markers turn less than {_STATIC_DPS:g} deg/s."
        ),
        tables,
        (
            Bar("lean with gyro, static: RMSE", _rms(static), 1.0, "deg", _PUBLISHED, why=_why(upper)),
            Bar("lean with gyro, moving: RMSE", _rms(moving), 1.1, "deg", _PUBLISHED, why=_why(upper)),
            Bar("lean, accelerometer alone: RMSE", _rms(bare), 5.0, "deg", _PUBLISHED),
            Bar("twist, two sensors, frames: RMSE", _rms(twist), 2.0, "deg", _TWIST, why=_by(twists, 0)),
            Bar("twist, two sensors, at their rate: RMSE", _rms(fine), 2.0, "deg", _TWIST,
                why=_by(twists, 1)),
        ),
    )  # fmt: skip


def _by(twists: dict[str, tuple[Floats, Floats]], which: int) -> str:
    return "by person " + ", ".join(f"{who} {_rms(one[which]):.1f}" for who, one in twists.items())


def _why(people: Sequence[_Errors]) -> str:
    return "by person " + ", ".join(number(_rms(one.moving)) for one in people) + " moving"


def _tilt_errors(arrays: Any, rows: Sequence[dict[str, str]], name: str) -> dict[str, _Errors]:
    collected: dict[str, list[_Errors]] = defaultdict(list)
    for row in rows:
        if f"{row['key']}/ref_tilt_{name}" in arrays:
            collected[row["participant"]].append(_trial(arrays, row["key"], name))
    return {
        who: _Errors(
            *(
                np.concatenate([getattr(one, field) for one in some])
                for field in ("static", "moving", "bare", "lean", "side")
            )
        )
        for who, some in collected.items()
    }


def _trial(arrays: Any, key: str, name: str) -> _Errors:
    def get(what: str) -> Floats:
        return np.asarray(arrays[f"{key}/{what}_{name}"], dtype=np.float64)

    times = np.asarray(arrays[f"{key}/t"], dtype=np.float64)
    place, acc_g, gyro = _PLACES[name], get("acc"), get("gyr")
    known = _zero(place, acc_g[:_ZERO_N].mean(axis=0))
    tilt, valid = get("ref_tilt"), get("ref_valid") > 0
    valid &= np.isfinite(tilt)
    fused = _detail(place, Recording(times, acc_g, gyro), known)
    plain = _detail(place, Recording(times, acc_g), known)
    speed = np.abs(np.gradient(np.where(valid, tilt, 0.0), times))
    error = _fitted(_up(fused), tilt, valid)
    inside = valid.copy()
    inside[:25] = inside[-25:] = False
    # Side and lean lose their meaning when one lies on a side or far forward.
    flexed, aside = get("ref_flex"), get("ref_lat")
    signed = valid & np.isfinite(flexed) & np.isfinite(fused.side_deg) & (np.abs(aside) < 60.0)
    still = speed[valid] < _STATIC_DPS
    return _Errors(
        error[still],
        error[~still],
        _fitted(_up(plain), tilt, inside),
        (fused.lean_deg - flexed)[signed & (np.abs(aside) < 10.0)],
        (fused.side_deg - aside)[signed & (np.abs(flexed) < 10.0)],
    )


def _detail(place: Placement, recording: Recording, known: Calibration) -> Any:
    details = analyse({place.value: recording}, calibration=known, detail=True).detail
    assert details is not None
    return details[place.value]


def _zero(place: Placement, up: Floats) -> Calibration:
    """Upright is `up`, forward where the face of a sensor on the back does not look."""
    up = up / np.linalg.norm(up)
    left = np.cross(up, [0.0, 0.0, -1.0])
    left /= np.linalg.norm(left)
    rotation = tuple(tuple(map(float, row)) for row in (np.cross(left, up), left, up))
    return Calibration(place.value, place, 0.0, ReferenceMethod.ONE_POSE, rotation, None, 3.0)  # type: ignore[arg-type]


def _up(detail: Any) -> Floats:
    """(3, n) the direction behind the angles, in the body frame."""
    around, z = np.radians(detail.lean_deg), np.cos(np.radians(detail.inclination_deg))
    x = np.clip(-z * np.tan(around), -1.0, 1.0)
    y = np.sqrt(np.maximum(0.0, 1.0 - x * x - z * z))
    side = np.where(np.isfinite(detail.side_deg), detail.side_deg, 0.0)
    return np.stack([x, np.where(side < 0.0, -y, y), z])


def _fitted(up: Floats, tilt: Floats, rows: Any) -> Floats:
    """Differences of the inclination to the best constant zero within 12 deg of the first pose."""
    best: Floats = np.full(1, np.inf)
    for a in np.radians(np.arange(-12.0, 12.1, 1.0)):
        for b in np.radians(np.arange(-12.0, 12.1, 1.0)):
            zero = np.array([a, b, 1.0]) / math.sqrt(1.0 + a * a + b * b)
            error = np.degrees(np.arccos(np.clip(zero @ up[:, rows], -1.0, 1.0))) - tilt[rows]
            if np.mean(error**2) < np.mean(best**2):
                best = error
    return best


def _twist_errors(arrays: Any, rows: Sequence[dict[str, str]]) -> dict[str, tuple[Floats, Floats]]:
    """By person, of the frames and of the headings at the sensors' rate."""
    collected: dict[str, dict[str, list[Floats]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        key = row["key"]
        times = np.asarray(arrays[f"{key}/t"], dtype=np.float64)
        worn = {
            place: Recording(times, arrays[f"{key}/acc_{name}"], arrays[f"{key}/gyr_{name}"])
            for place, name in (("upper_back", "back"), ("seat", "chair"))
        }
        result = analyse(worn, detail=True)
        frames, detail = result.frames, result.detail
        assert detail is not None
        axial = np.asarray(arrays[f"{key}/ref_axial_back_chair"], dtype=np.float64)
        truth = np.array([_whole(axial[np.floor(times) == t]) for t in frames.time.tolist()])
        both = np.isfinite(truth) & np.isfinite(frames.twist_deg)
        error = frames.twist_deg[both] - truth[both]
        fine = detail["upper_back"].heading_deg - detail["seat"].heading_deg - axial
        for errors, name in ((error, "frames"), (fine[np.isfinite(fine)], "detail")):
            collected[name][row["participant"]].append(errors - errors.mean())
    return {
        who: (np.concatenate(some), np.concatenate(collected["detail"][who]))
        for who, some in collected["frames"].items()
    }


def _whole(values: Floats) -> float:
    """The mean of a second; NaN where the markers or the sensors saw less than nine tenths of it."""
    seen = np.count_nonzero(np.isfinite(values)) >= 0.9 * _RATE_HZ
    return float(np.nanmean(values)) if seen else math.nan


def _ranked(by_person: dict[str, list[Floats]]) -> list[list[str]]:
    """Rows, the worst in the second column first and marked."""
    order = sorted(by_person, key=lambda who: -_rms(by_person[who][1]))
    return [
        [f"**{who}**" if place == 0 else who, *map(_figure, by_person[who])]
        for place, who in enumerate(order)
    ]


def _figure(error: Floats) -> str:
    if len(error) == 0:
        return "-"
    return f"{_rms(error):.1f} ({float(np.mean(error)):+.1f})"


def _rms(error: Floats) -> float:
    return float(np.sqrt(np.mean(error**2))) if len(error) else math.nan
