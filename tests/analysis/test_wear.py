"""Not worn: by evidence, back-dated, and never by a short stillness alone."""

from dataclasses import fields, replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import AnalysisSettings, Mounted, Pipeline, analyse
from analysis.wear import Wear, WearRule
from domain.errors import InputError
from domain.placement import Placement
from domain.posture import Activity
from domain.samples import Recording

WEAR = [field.name for field in fields(Wear)]


def run(people, placement, acts, rest=None, *, calibrated=True, rate_hz=12.5):
    """acts on a body; `rest`: rows from that act on lie on a table, without breath or sway."""
    samples = people.perform(acts, rate_hz, noise_g=0.002)
    if rest is None:
        t = samples.times
        samples.acc_g[:, 0] += 0.01 * np.sin(2 * np.pi * 0.25 * t)  # breath
        samples.acc_g[:, 0] += 0.03 * np.sin(2 * np.pi * t / 170.0)  # sway
    return people.run(
        Pipeline("w", [people.mounted(placement, calibrated=calibrated)]), samples.block()
    )


def test_an_hour_without_motion_is_not_worn_from_its_first_second(people):
    act = people.Act
    result = run(
        people,
        Placement.THIGH,
        [act(60, 2, bounce_g=0.3), act(4000, 85), act(60, 2, bounce_g=0.3)],
        1,
    )
    (episode,) = result.closed("not_worn")
    assert episode.start == pytest.approx(people.START + 60, abs=3)
    assert episode.end == pytest.approx(people.START + 4060, abs=3)
    assert episode.dose == episode.end - episode.start
    assert "not_worn" in result.activities()


def test_sitting_is_cut_back_to_when_it_was_taken_off(people):
    act = people.Act
    result = run(
        people,
        Placement.THIGH,
        [act(600, 85, bounce_g=0.01), act(20, 60, bounce_g=0.3), act(4000, 88)],
        2,
    )
    ends = [e.end for e in result.closed("sitting")]
    assert max(ends) == pytest.approx(people.START + 620, abs=4)


@pytest.mark.parametrize("upside", ["laid down", "upside down"])
def test_ten_minutes_are_enough_where_no_body_holds_it(people, upside):
    act = people.Act
    laid = act(900, 90) if upside == "laid down" else act(900, 175)
    result = run(people, Placement.UPPER_BACK, [act(60, 5), act(5, 40, bounce_g=0.4), laid], 2)
    (episode,) = result.opened("not_worn")
    assert episode.start == pytest.approx(people.START + 65, abs=3)


def test_twenty_quiet_minutes_on_a_body_are_worn(people):
    for lean in (3, 88):
        result = run(people, Placement.UPPER_BACK, [people.Act(1500, lean)])
        assert "not_worn" not in result.activities()


def test_a_long_nap_that_breathes_is_worn(people):
    result = run(people, Placement.STERNUM, [people.Act(30, 5), people.Act(5000, -88)])
    assert "not_worn" not in result.activities()


def test_a_knock_on_the_table_does_not_put_it_on(people):
    act = people.Act
    acts = [act(4000, 85), act(1, 85, bounce_g=0.3), act(300, 85)]
    result = run(people, Placement.THIGH, acts, 0)
    assert [e.end for e in result.closed("not_worn")] == [people.START + 4301]


def test_one_sensor_off_the_body_leaves_the_other_in_charge(people):
    act = people.Act
    still = people.perform([act(4200, 85)], 12.5, noise_g=0.001)
    worn = people.perform(
        [act(2000, 5), act(200, 4, bounce_g=0.3), act(2000, 5)], 12.5, noise_g=0.03
    )
    mounts = [people.mounted(Placement.THIGH, "a"), people.mounted(Placement.UPPER_BACK, "b")]
    pipeline = Pipeline("w", mounts)
    out = pipeline.push_together([still.block(sensor="a"), worn.block(sensor="b")])
    assert [e for e in out.episodes if e.kind == "not_worn"] == []
    assert np.isfinite(out.frames.lean_deg[-5])


def charged(people, acts, charging):
    """acts on an upper back; charging: seconds of the recording from and to which it is being charged."""
    samples = people.perform(acts, 12.5, noise_g=0.002)
    t = samples.times - samples.times[0]
    return replace(samples, charging=(t >= charging[0]) & (t < charging[1]))


def test_a_sensor_that_is_being_charged_is_not_worn_at_once_whatever_it_feels(people):
    act = people.Act
    samples = charged(people, [act(120, 5, bounce_g=0.3), act(60, 2, bounce_g=0.3)], (60, 120))
    result = people.run(Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block())
    (episode,) = result.closed("not_worn")
    assert (episode.start, episode.end) == (people.START + 60, people.START + 120)
    off = result.frames.activity == Activity.NOT_WORN
    assert off.tolist() == [60 <= second < 124 for second in range(len(off))]
    assert np.isnan(result.frames.lean_deg[off]).all()
    plain = replace(samples, charging=None).block()
    assert (
        people.run(Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), plain).closed("not_worn")
        == []
    )


def test_taken_off_the_charger_it_is_not_worn_until_it_is_moved(people):
    act = people.Act
    samples = charged(people, [act(60, 5), act(300, 90), act(60, 2, bounce_g=0.3)], (60, 200))
    result = people.run(Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), samples.block())
    (episode,) = result.closed("not_worn")
    assert episode.start == people.START + 60
    assert episode.end == pytest.approx(people.START + 360, abs=1)


def test_who_stops_telling_is_not_being_charged(people):
    act = people.Act
    samples = charged(people, [act(120, 5, bounce_g=0.3)], (20, 120))
    n = len(samples.times) // 2
    blocks = [samples.block(0, n), replace(samples, charging=None).block(n)]
    result = people.run(Pipeline("w", [people.mounted(Placement.UPPER_BACK)]), *blocks)
    (episode,) = result.closed("not_worn")
    assert (episode.start, episode.end) == (people.START + 20, people.START + 60)


def test_a_recording_tells_of_its_charger_as_a_stream_does(people):
    act = people.Act
    samples = charged(people, [act(120, 5, bounce_g=0.3), act(60, 2, bounce_g=0.3)], (60, 120))
    calibration = people.calibration(Placement.UPPER_BACK)
    found = analyse(
        {"upper_back": Recording(samples.times, samples.acc_g, charging=samples.charging)},
        calibration=calibration,
    )
    mounted = Mounted("s", Placement.UPPER_BACK, calibration)
    streamed = people.run(Pipeline("w", [mounted]), samples.block()).frames
    assert np.array_equal(found.frames.activity, streamed.activity)
    assert [e.dose for e in found.episodes if e.kind == "not_worn"] == [60.0]
    with pytest.raises(InputError, match="charging of a recording"):
        Recording(samples.times, samples.acc_g, charging=np.full(len(samples.times), 2.0))
    with pytest.raises(InputError, match="charging of a recording has 1 rows"):
        Recording(samples.times, samples.acc_g, charging=[True])


#: What seconds do: seconds of it, deviation and the step of each mean, g.
KINDS = {
    "lies": (40, 0.001, 0.0005),
    "lies long": (700, 0.001, 0.0002),
    "drifts": (60, 0.001, 0.02),
    "rocks": (3, 0.02, 0.01),
    "moves": (2, 0.3, 0.1),
}


@settings(max_examples=60, deadline=None)
@given(
    kinds=st.lists(st.sampled_from([*KINDS, "silent", "hole", "charges"]), min_size=1, max_size=14),
    cuts=st.lists(st.integers(0, 4000), max_size=5),
    placement=st.sampled_from([Placement.UPPER_BACK, Placement.THIGH]),
    calibrated=st.booleans(),
    seed=st.integers(0, 99),
)
def test_seconds_weighed_together_are_worn_as_those_weighed_one_by_one(
    people, kinds, cuts, placement, calibrated, seed
):
    draw = np.random.default_rng(seed)
    mean_g, sd_g, fresh, steps, charging = [np.array([0.0, 0.3, 0.9])], [], [], [], []
    for kind in kinds:
        n, deviation, step = KINDS.get(kind, (3, 0.0, 0.0))
        for _ in range(n):
            mean_g.append(mean_g[-1] + step * draw.uniform(-1.0, 1.0, 3))
        sd_g += [deviation] * n
        fresh += [kind != "silent"] * n
        charging += [kind == "charges"] * n
        steps += [1 if kind != "hole" else 30, *[1] * (n - 1)]
    sd = np.broadcast_to(np.array(sd_g), (3, len(sd_g)))
    columns = {
        "seconds": 1000 + np.cumsum(steps),
        "fresh": np.array(fresh),
        "sd_second_g": sd,
        "sd_total_g": np.sqrt(3.0) * sd[0],
        "mean_g": np.array(mean_g[1:]).T,
    }
    docked = np.array(charging)
    calibration = people.calibration(placement) if calibrated else None
    edges = [0, *sorted(cut for cut in cuts if cut < len(sd_g)), len(sd_g)]
    told = []
    for ends in (edges, range(len(sd_g) + 1)):
        rule = WearRule(placement, calibration, AnalysisSettings(not_worn_s=660.0))
        parts = [
            rule.judge(
                SimpleNamespace(**{name: one[..., a:b] for name, one in columns.items()}),
                docked[a:b] if docked[a:b].any() else None,
            )
            for a, b in pairwise(ends)
        ]
        told.append([np.concatenate([getattr(part, name) for part in parts]) for name in WEAR])
    for together, alone in zip(*told, strict=True):
        assert together.tolist() == alone.tolist()
