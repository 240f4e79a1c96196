"""Makes docs/sensors.md from the drivers, their simulated twins and vectors: `python docs/sensors_page.py`.

What does not come from them stands in docs/sensors.template.md, and the order and the reasons to buy here.
"""

import json
import re
import sys
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from analysis.roles import ACTIVITY_ORDER, LEAN_ORDER  # noqa: E402 - the path comes first
from collector.drivers import WEARABLES  # noqa: E402
from collector.drivers.contract import (  # noqa: E402
    BATTERY_LEVEL,
    IMMEDIATE_ALERT_SERVICE,
    Driver,
    Encoder,
    Event,
    Identifies,
    Keyed,
    Read,
    Write,
)
from collector.drivers.registry import driver_of  # noqa: E402
from domain.placement import KNOWLEDGE, Knowledge, Placement  # noqa: E402
from domain.samples import DeviceBlock  # noqa: E402
from simulators.handshake import perform, started  # noqa: E402

PAGE = ROOT / "docs" / "sensors.md"
TEMPLATE = ROOT / "docs" / "sensors.template.md"
VECTORS = ROOT / "tests" / "vectors"

#: Which to buy first, and why; by driver. A driver that is not here comes last, without a reason.
REASONS: Mapping[str, str] = {
    "movella-dot": "a small patch made to be worn on the body; dear",
    "metamotion": "a small patch made to be worn on the body; dear",
    "movesense": "very small, on a chest strap or a clip; look at its firmware first",
    "witmotion": "the cheapest tag of body size with a gyroscope: the best value",
    "polar": "many own one: H10, without a gyroscope, at the breastbone; Verity Sense at the collar",
    "openearable2": "in the ear; dear",
    "openearable1": "in the ear",
    "muse": "on the forehead; dear",
    "esense": "in the ear; given to researchers",
    "upright-go2": "made for the upper back; reuse one that you have",
    "thingy52": "a developer's board in a case, with a gyroscope",
    "bluest": "a developer's board, some in a case, with a gyroscope",
    "nicla": "a developer's board, small, with a gyroscope; needs a case",
    "nano33": "a developer's board with a gyroscope; needs a case",
    "posture-profile": "a board whose firmware is yours: what you make of it",
    "thunderboard": "a developer's board; needs a case",
    "ruuvitag": "nothing to connect, and a battery for months",
    "bthome": "nothing to connect; for those who have or build one",
    "kkm": "nothing to connect; small and cheap",
    "minew": "nothing to connect; small",
    "estimote": "nothing to connect; coarse",
    "mikrotik": "for those who have one: it shows no tilt",
    "microbit": "from school",
    "espruino": "a watch or a clip that runs JavaScript",
    "infinitime": "a watch",
    "miband": "for those who have an old one, and its key",
    "sensortag-cc2650": "no longer made: for those who have one",
    "sensortag-cc2541": "no longer made, coarse: for those who have one",
}
#: Who comes before all others at a place that most are not made for.
MADE_FOR: Mapping[Placement, tuple[str, ...]] = {
    Placement.HEAD: ("openearable2", "openearable1", "muse", "esense"),
    Placement.SEAT: ("ruuvitag", "bthome", "kkm", "minew", "estimote"),
}
#: Who comes after all others wherever it may be worn.
LAST = ("mikrotik",)

_SAMPLES = 600  # enough for rates that a driver has to count first
_EPOCH_S = 1.7e9  # any time that no sensor's clock shows

_LOSSES = {
    (True, True): "exactly: numbered and stamped",
    (True, False): "exactly: numbered",
    (False, True): "exactly: stamped",
    (False, False): "estimated",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a twin sends once its driver has started it. losses: how lost samples are counted."""

    word: str
    rate_hz: float
    full_scale_g: float
    gyro_full_scale_dps: float | None
    packets_hz: float
    losses: str


def hear(word: str, encoder: Encoder) -> Heard:
    """Start the twin, have it send, and look at what its driver makes of it; nothing is sent by radio."""
    driver = driver_of(encoder)
    told: list[Event] = []
    commands = deque(driver.start())
    now = _EPOCH_S
    sent = rows = 0
    while commands or rows < _SAMPLES:
        if commands:
            command = commands.popleft()
            messages = perform(encoder, command)
            if isinstance(command, Read) and command.characteristic == BATTERY_LEVEL:
                continue
        else:
            times = (rows + np.arange(1, encoder.chunk + 1)) / encoder.rate_hz
            still = np.tile([0.1, 0.2, 0.97], (encoder.chunk, 1))
            # A sensor that sends its numbers only when they change would else say nothing.
            still[:, 0] += 0.1 * (rows // encoder.chunk % 2)
            gyro = None if encoder.gyro_full_scale_dps is None else 10.0 * still
            messages = encoder.samples(times, still, gyro)
            now = _EPOCH_S + float(times[-1])
            rows += encoder.chunk
            sent += len(messages)
        for message in messages:
            events = driver.feed(message.characteristic, message.payload, now)
            commands.extend(event for event in events if isinstance(event, Write | Read))
            told.extend(events)
    blocks = [event for event in told if isinstance(event, DeviceBlock)]
    return Heard(
        word,
        encoder.rate_hz,
        encoder.full_scale_g,
        encoder.gyro_full_scale_dps,
        sent * encoder.rate_hz / rows,
        _losses(blocks),
    )


def _losses(blocks: Iterable[DeviceBlock]) -> str:
    newest = list(blocks)[-1]
    numbered, times = newest.sequence is not None, newest.device_times
    if times is None or times[0] < _EPOCH_S - 1.0:
        return _LOSSES[numbered, times is not None]
    # the driver gives the host's times: the sensor has none of its own
    return _LOSSES[True, False] if numbered else "by the length of the gaps"


def page() -> str:
    """The whole page."""
    kinds = dict(WEARABLES)
    heard = {driver: [hear(w, e()) for w, e in twins.items()] for driver, twins in kinds.items()}
    ranked = sorted(kinds, key=_rank)
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        knowledge="\n".join(_knowledge()),
        ranking="\n".join(_ranking(ranked, heard)).rstrip(),
        numbers="\n".join(_numbers(ranked, heard)),
        sensors="\n".join(line for driver in ranked for line in _sensor(driver)).rstrip(),
        kinds=len(kinds),
        twins=sum(len(twins) for twins in kinds.values()),
    )


def _rank(driver: type[Driver]) -> int:
    names = list(REASONS)
    return names.index(driver.name) if driver.name in REASONS else len(names)


def _anchor(driver: type[Driver]) -> str:
    """The name that GitHub and most other renderers give the section."""
    words = re.sub(r"[^\w\- ]", "", driver.title.lower())
    return f"[{driver.title}](#{words.replace(' ', '-')})"


def _knowledge() -> Iterable[str]:
    yield "| worn at | lean, slouch | sitting or standing | lying |"
    yield "| --- | --- | --- | --- |"
    for place, known in KNOWLEDGE.items():
        cells = [
            _known(what, used=_used(place)) for what in (known.lean, known.sit_stand, known.lying)
        ]
        yield f"| {place.words} | {' | '.join(cells)} |"


def _used(place: Placement) -> bool:
    return place in ACTIVITY_ORDER or place in LEAN_ORDER


def _known(what: Knowledge, *, used: bool) -> str:
    if what is Knowledge.NO:
        return "no"
    if not used:
        return "not yet"
    return "yes" if what is Knowledge.YES else "a probability"


def _ranking(
    ranked: Iterable[type[Driver]], heard: Mapping[type[Driver], list[Heard]]
) -> Iterable[str]:
    drivers = list(ranked)
    for place in Placement:
        first = MADE_FOR.get(place, ())
        here = [driver for driver in drivers if place in driver.guide.placements]
        here.sort(key=lambda driver: (driver.name in LAST, driver.name not in first))
        yield f"### {place.words.capitalize()}"
        if not _used(place):
            yield "Sitwell takes the strength of movement from here, and nothing else yet."
            yield ""
        for number, driver in enumerate(here, start=1):
            reason = REASONS.get(driver.name, "")
            facts = ", ".join(_in_short(driver, heard[driver]))
            yield f"{number}. {_anchor(driver)}: {reason}{'; ' if reason else ''}{facts}."
        if not here:
            yield "None that is read is made to be worn there."
        yield ""


def _in_short(driver: type[Driver], heard: Iterable[Heard]) -> Iterable[str]:
    rates = sorted({each.rate_hz for each in heard})
    ends = dict.fromkeys((_number(rates[0]), _number(rates[-1])))
    yield f"{' to '.join(ends)} Hz"
    if "gyro" not in driver.measures:
        yield "no gyroscope"
    if "direction" in driver.measures:
        yield "directions alone"


def _numbers(
    ranked: Iterable[type[Driver]], heard: Mapping[type[Driver], list[Heard]]
) -> Iterable[str]:
    yield "| twin | sensor | samples a second | range | gyroscope | packets a second | lost samples |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for driver in ranked:
        for each in heard[driver]:
            direction = "direction" in driver.measures
            reach = "unknown" if direction else f"±{_number(each.full_scale_g)} g"
            gyro = each.gyro_full_scale_dps
            turns = "-" if gyro is None else f"±{_number(gyro)} °/s"
            yield (
                f"| `{each.word}` | {driver.title} | {_number(each.rate_hz)} | {reach} | {turns} | "
                f"{_number(each.packets_hz)} | {each.losses} |"
            )


def _number(value: float) -> str:
    """Three digits, and no more zeros than needed; whole numbers as they are."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _sensor(driver: type[Driver]) -> Iterable[str]:
    guide = driver.guide
    words = ", ".join(f"`{word}`" for word in dict(WEARABLES)[driver])
    yield f"### {driver.title}"
    yield f"{', '.join(guide.models)}. Driver `{driver.name}`, simulated as {words}."
    yield ""
    yield f"- **Worn:** {', '.join(place.words for place in guide.placements)}. {guide.wear}"
    yield f"- **Measures:** {_measured(driver)}"
    yield f"- **Battery:** {_battery(driver)}"
    yield f"- **Shows itself:** {_shown(driver)}"
    if issubclass(driver, Keyed):
        yield "- **Key:** `sitwell pair --key-file` takes the key of one that asks for it or encrypts."
    yield "- **Know before:**"
    yield from (f"  - {limit}" for limit in guide.limits)
    yield f"- **Protocol:** {guide.source}."
    yield f"- **Checked:** {checked(driver.name)}"
    yield ""


def _measured(driver: type[Driver]) -> str:
    what = "directions, without strength" if "direction" in driver.measures else "acceleration"
    turning = " and turning rate" if "gyro" in driver.measures else "; no turning rate"
    how = "is connected" if driver.connects else "only advertises: nothing is connected"
    return f"{what}{turning}. It {how}."


def _battery(driver: type[Driver]) -> str:
    if "battery" in driver.measures:
        return "told, in per cent."
    if driver.connects:
        return "told where it has the standard Battery Service."
    return "not told in per cent."


def _shown(driver: type[Driver]) -> str:
    if not driver.connects:
        return "no, nothing can be asked of it."
    if issubclass(driver, Identifies):
        return "yes, `sitwell identify` makes it."
    twins = [started(encoder()) for encoder in dict(WEARABLES)[driver].values()]
    if any(s.uuid == IMMEDIATE_ALERT_SERVICE for twin in twins for s in twin.gatt()):
        return "yes, by the standard Immediate Alert."
    return "no way is known; the standard Immediate Alert is tried where it has one."


def checked(name: str) -> str:
    """What the driver's vectors are, in a sentence."""
    facts = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    source = str(facts["source"]).rstrip(".")
    count = len(facts["frames"])
    if "by hand" not in source:
        kind = "published"
    elif source.startswith("made by hand"):
        kind = "none of them published"
    else:
        kind = "some of them published"
    return f"{count} frames, {kind}: {source}."


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
