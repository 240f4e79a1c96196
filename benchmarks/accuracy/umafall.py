"""Short trials of daily acts at breastbone, belt and pocket; faulty sensors (umafall_adl)."""

import csv
import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis import Activity, Analysis, Recording, analyse
from benchmarks.accuracy.section import Bar, Section, Table, percent
from domain.episodes import EpisodeKind
from domain.samples import Floats

FOLDER = "umafall_adl"
_PLACES = {"sternum": "chest", "waist": "waist", "thigh": "thighpocket50"}
_WALKS = ("Walking", "Jogging", "Hopping", "GoDownstairs", "GoUpstairs")
_UPRIGHT = ("Aplausing", "HandsUp", "OpeningDoor", "MakingACall", "Bending")
_LIES, _SITS, _BENDS = "LyingDown_OnABed", "Sitting_GettingUpOnAChair", "Bending"
_PAUSE_S = 5
#: Seconds at either end of a trial that are not counted: people get ready.
_EDGE_S = 2
#: A trial shows an act when it was said for this long.
_SHOWN_S = 2
_BEND = next((kind for kind in EpisodeKind if kind.value == "bend"), None)


def measure(data: Path, people: Sequence[str] | None = None) -> Section:
    """A person's trials in one recording, walking first, as labels by trial allow."""
    with (data / FOLDER / "trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    everybody = sorted({row["key"].split("_")[0] for row in rows})
    acts: dict[str, dict[str, list[bool]]] = {}
    upright: list[str] = []  # who lay down and was not said to, and what was said
    with np.load(data / FOLDER / "umafall_adl.npz") as arrays:
        for place, name in _PLACES.items():
            acts[place] = defaultdict(list)
            for who in everybody if people is None else people:
                mine = [row for row in rows if row["key"].startswith(f"{who}_")]
                missed = _person(arrays, mine, place, name, acts[place])
                upright += [f"{who} at the {place} ({said})" for said in missed]
        faults, hidden = _faults(
            arrays, [row for row in rows if people is None or _who(row) in people]
        )
    head = ("walking: moves", "upright acts: none lies", "lying down: lies", "sitting down: sits",
            "others: none sits", "bending: bends", "others: none bends")  # fmt: skip
    table = Table(
        "Share of trials (walking: of seconds) in which the act is found, by placement",
        ["placement", *head],
        [[place, *(_share(acts[place], name) for name in head)] for place in _PLACES],
        (
            f"Nothing is calibrated; labels are of whole trials of 15 s, {_EDGE_S} s at both ends are left "
            f"out, and an act is found when it is said for {_SHOWN_S} s. In a sitting trial people sit for a "
            "few seconds only. From the breastbone sitting shows as a probability of over a half."
        ),
    )
    good, bad = faults[True], faults[False]
    lies = acts["sternum"]["lying down: lies"] + acts["waist"]["lying down: lies"]
    return Section(
        "Daily acts of seconds; faulty sensors",
        FOLDER,
        "Trials of a person follow each other 5 s apart, those of walking first.",
        (
            table,
            Table(
                "Breastbone sensors whose rest is 0.25 or 0.63 g, each trial by itself",
                ["", "trials", "reported as faulty"],
                [["scale fault", str(len(bad)), _mean(bad)], ["sound", str(len(good)), _mean(good)]],
            ),
        ),
        (
            Bar("trunk, lying down on a bed: trials found", 100.0 * _ratio(lies), 95.0, "%", "-",
                at_least=True, why=f"not {len(upright)} of {len(lies)}: {'; '.join(upright)}"),
            Bar("scale faults: trials reported", 100.0 * _ratio(bad), 95.0, "%",
                "-", at_least=True,
                why=f"not {len(hidden)} of {len(bad)}: {', '.join(hidden)}; a scale shows at rest"),
        ),
    )  # fmt: skip


def _who(row: dict[str, str]) -> str:
    return row["key"].split("_")[0]


def _ok(row: dict[str, str], name: str) -> bool:
    return row[f"{name.removesuffix('50')}_ok"] == "True"


def _recording(arrays: Any, key: str, name: str) -> tuple[Floats, Floats, Floats | None] | None:
    if f"{key}/acc_{name}" not in arrays:
        return None
    acc_g = np.asarray(arrays[f"{key}/acc_{name}"], dtype=np.float64)
    rate_hz = 50.0 if name.endswith("50") else 20.0
    gyro = f"{key}/gyr_{name}"
    turn = np.asarray(arrays[gyro], dtype=np.float64) if gyro in arrays else None
    return np.arange(len(acc_g)) / rate_hz, acc_g, turn


def _person(
    arrays: Any, rows: list[dict[str, str]], place: str, name: str, acts: dict[str, list[bool]]
) -> list[str]:
    """What was said in each trial of lying down in which lying was not."""
    pieces, spans, start = [], [], 0
    for row in sorted(rows, key=lambda row: row["activity"] not in _WALKS):
        found = _recording(arrays, row["key"], name) if _ok(row, name) else None
        if found is None or len(found[0]) < 100:
            continue
        if place == "thigh" and row["activity"] == "MakingACall":
            continue  # takes the telephone out of the pocket
        pieces.append((found[0] + start, *found[1:]))
        seconds = int(found[0][-1]) + 1
        spans.append((row["activity"], start + _EDGE_S, start + seconds - _EDGE_S))
        start += seconds + _PAUSE_S
    if not pieces:
        return []
    gyro = None
    if all(turn is not None for *_, turn in pieces):
        gyro = np.concatenate([turn for *_, turn in pieces])
    recording = Recording(
        np.concatenate([times for times, *_ in pieces]),
        np.concatenate([acc_g for _, acc_g, _ in pieces]),
        gyro,
    )
    result = analyse({place: recording})
    said = [_trial(result, place, activity, begin, end, acts) for activity, begin, end in spans]
    return [words for words in said if words]


def _trial(
    result: Analysis, place: str, activity: str, begin: int, end: int, acts: dict[str, list[bool]]
) -> str:
    """Notes what was found. What was said of who lay down and was not said to, else nothing."""
    frames = result.frames
    inside = (frames.time >= begin) & (frames.time < end)
    said = frames.activity[inside]
    if activity in _WALKS:
        acts["walking: moves"] += (said == Activity.MOVING).tolist()
        return ""
    lies = bool(np.count_nonzero(said == Activity.LYING) >= _SHOWN_S)
    sits = said == Activity.SITTING
    if place == "sternum":
        sits = frames.p_sitting[inside] > 0.5
    sat = bool(np.count_nonzero(sits) >= _SHOWN_S)
    if activity == _LIES and place != "thigh":
        acts["lying down: lies"].append(lies)
        if not lies:
            words = [Activity(number).word for number in said.tolist()]
            return ", ".join(f"{word} {words.count(word)} s" for word in sorted(set(words)))
    elif activity == _SITS:
        acts["sitting down: sits"].append(sat)
    elif activity in _UPRIGHT:
        if place != "thigh":
            acts["upright acts: none lies"].append(not lies)
        if activity != _BENDS:  # some squat to pick it up
            acts["others: none sits"].append(not sat)
    if _BEND is None or place == "thigh":
        return ""
    bent = any(e.kind is _BEND and begin <= e.start < end for e in result.episodes)
    if activity == _BENDS:
        acts["bending: bends"].append(bent)
    elif activity in _UPRIGHT:
        acts["others: none bends"].append(not bent)
    return ""


def _faults(arrays: Any, rows: list[dict[str, str]]) -> tuple[dict[bool, list[bool]], list[str]]:
    """Whether the trial is reported as faulty, by whether the sensor is sound; what faulty ones that are not
    reported are trials of."""
    out: dict[bool, list[bool]] = {True: [], False: []}
    hidden = []
    for row in rows:
        found = _recording(arrays, row["key"], "chest")
        if found is None or len(found[0]) < 100:
            continue
        reported = bool(analyse({"sternum": Recording(*found)}).faults)
        out[_ok(row, "chest")].append(reported)
        if not reported and not _ok(row, "chest"):
            hidden.append(row["activity"].lower())
    return out, hidden


def _ratio(found: Sequence[bool]) -> float:
    return float(np.mean(found)) if len(found) else math.nan


def _mean(found: Sequence[bool]) -> str:
    return percent(_ratio(found))


def _share(acts: dict[str, list[bool]], name: str) -> str:
    found = acts.get(name, [])
    return f"{percent(_ratio(found))} of {len(found)}" if found else "-"
