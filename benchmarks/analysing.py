"""`python -m benchmarks.analysing [days] [python of the peers]`: the analysis alone, and its peers beside it.

All are CPU seconds of one process (`time.process_time`), measured one after the other in one run. A busy
machine makes all of them slower, Python loops more than numpy, so compare ratios. The line of the empty
loop tells how fast the machine was: some 15 ns a turn on a quiet one.
"""

import sys
import timeit
from collections.abc import Iterator

from benchmarks import fleet, offline, peers, stages
from domain.placement import Placement

Row = tuple[str, str, str]


def loop_ns() -> float:
    """Nanoseconds a turn of an empty Python loop."""
    return min(timeit.repeat("for i in range(100000): pass", number=5, repeat=7)) / 5e5 * 1e9


def rows(days: float = 7.0, python: str | None = None) -> Iterator[Row]:
    """Everything as rows of docs/benchmarks.md: what, measured, bar."""
    yield "an empty Python loop, a turn", f"{loop_ns():.0f} ns", "-"
    span = "a week" if days == 7.0 else f"{days:g} days"
    ours: dict[Placement, float] = {}
    for place in (Placement.UPPER_BACK, Placement.THIGH):
        week = offline.Week(place, days)
        ours[place] = week.seconds()
        yield (
            (
                f"{span} of 50 Hz x 3, {place.words}, whole pipeline, offline",
                f"{ours[place]:.2f} s, {week.extra_mb():.0f} MB beyond the input",
                "2 s, 100 MB" if days == 7.0 else f"{2.0 * days / 7.0:.2f} s",
            )
        )
        found = stages.measure(week.recordings, week.known)
        parts = ", ".join(f"{name} {s:.2f}" for name, s in found.items() if s >= 0.005)
        yield ((f"its stages, {place.words}, s", parts, "-"))
    thigh = week.recordings[Placement.THIGH.value]
    for what in ("acti-motus", "skdh"):
        if python is not None:
            yield (_peer(peers.measure(python, thigh, what), what, ours[Placement.THIGH]))
    fused = offline.Week(Placement.UPPER_BACK, days, gyro=True)
    both = fused.seconds(1)
    yield ((f"{span} of 50 Hz x 6, upper back, with fusion (VQF)", f"{both:.2f} s", "-"))
    if python is not None:
        found_vqf = peers.measure(python, fused.recordings[Placement.UPPER_BACK.value], "vqf")
        yield (_peer(found_vqf, "vqf", both))
    for gyro, bar in ((False, "20,000"), (True, "10,000")):
        kind = "acc + gyro (VQF)" if gyro else "accelerometer"
        for wearers, seconds, beat_s in (
            (1, 120, 0.0), (1, 900, fleet.BEAT_S), (100, 130, 0.5 * fleet.BEAT_S),
            (100, 180, fleet.BEAT_S), (1000, 126, fleet.BEAT_S), (10_000, 122, fleet.BEAT_S),
        ):  # fmt: skip
            if gyro and wearers == 10_000:
                continue
            got = fleet.measure(wearers, seconds, gyro=gyro, beat_s=beat_s)
            how = f"beats of {beat_s:g} s" if beat_s else "as samples come"
            yield (
                (
                    f"{wearers:,} wearers, {kind}, {how}, {seconds} s of each",
                    (
                        f"{got['us']:.0f} us a wearer-second, {got['wearers_per_core']:,.0f} a core; "
                        f"{got['episodes']:.0f} episodes; state up to {got['state_bytes'] / 1e3:.1f} kB"
                    ),
                    f"{bar} a core, 20 kB",
                )
            )
    yield (("an empty Python loop at the end, a turn", f"{loop_ns():.0f} ns", "-"))


def _peer(found: dict[str, float] | str, what: str, ours: float) -> tuple[str, str, str]:
    bar = "20 x" if what == "acti-motus" else "-"
    if isinstance(found, str):
        return peers.WHAT[what], f"not measured: {found}", bar
    times = found["seconds"] / ours
    figure = f"{found['seconds']:.1f} s, {found['extra_mb']:.0f} MB; {times:.1f} x ours"
    return peers.WHAT[what], figure, bar


def main() -> None:
    """Print."""
    days = float(sys.argv[1]) if len(sys.argv) > 1 else 7.0
    for what, figure, bar in rows(days, sys.argv[2] if len(sys.argv) > 2 else None):
        print(f"| {what} | {figure} | {bar} |", flush=True)


if __name__ == "__main__":
    main()
