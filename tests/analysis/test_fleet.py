"""A fleet says of each wearer what a pipeline alone says, bit for bit, however samples come."""

import numpy as np
import pytest

from analysis import Mounted, Pipeline
from analysis.fleet import Fleet
from domain.errors import InputError
from domain.placement import Placement
from domain.posture import COLUMNS, FrameBlock
from domain.samples import SampleBlock

LAYOUTS = [
    (Placement.UPPER_BACK,), (Placement.THIGH,), (Placement.WAIST,), (Placement.STERNUM,),
    (Placement.THIGH, Placement.UPPER_BACK),
]  # fmt: skip


def bits(wearer, outputs):
    frames = FrameBlock.join(wearer, [out.frames for out in outputs])
    columns = tuple(getattr(frames, name).tobytes() for name in COLUMNS)
    return columns, [repr(e) for out in outputs for e in out.episodes]


class Body:
    """One of many, by number: other sensors, other acts, holes, lost samples, time off the body."""

    def __init__(self, people, number):
        draw = np.random.default_rng(number)
        act = people.Act
        layout = LAYOUTS[number % len(LAYOUTS)]
        calibrated = number % 3 != 0
        self.worn = [people.mounted(p, p.value, calibrated=calibrated) for p in layout]
        self.samples = {}
        acts = [
            act(
                draw.uniform(5, 45),
                draw.choice([2.0, 12.0, 20.0, 85.0]),
                0.0,
                draw.choice([0, 0, 0.3]),
            )
            for _ in range(6)
        ]
        if number % 4 == 0:
            acts += [act(5, 40, bounce_g=0.4), act(650, 170)]
        for place in layout:
            one = people.perform(acts, 12.5, gyro=number % 5 == 0, noise_g=0.002, seed=number)
            keep = draw.random(len(one.times)) > 0.01
            hole = draw.uniform(20, 200)
            keep &= np.abs(one.times - people.START - hole) > draw.choice([0, 1, 4, 40])
            self.samples[place.value] = one.without(keep)

    def pieces(self, draw, longest_s):
        """(time, sensor, block) of all sensors, in blocks of random length, in order of their end."""
        out = []
        for sensor, samples in self.samples.items():
            at = 0
            while at < len(samples.times):
                # Within a second: what comes later than another sensor's next second would be late.
                until = min(
                    samples.times[at] + draw.uniform(0.0, longest_s),
                    np.floor(samples.times[at]) + 1,
                )
                end = max(at + 1, int(np.searchsorted(samples.times, until)))
                block = samples.block(at, end, sensor)
                if draw.random() < 0.02:
                    block = SampleBlock(sensor, block.times, block.acc_g, block.gyro_dps, 12.5, 3)
                out.append((block.times[-1], sensor, block))
                at = end
        return sorted(out, key=lambda one: one[0])


@pytest.fixture(scope="module")
def bodies(people):
    return {f"wearer {number}": Body(people, number) for number in range(24)}


@pytest.fixture(scope="module")
def alone(bodies):
    """The pieces of each wearer, and what a pipeline says of them."""
    draw, out = np.random.default_rng(1), {}
    for wearer, body in bodies.items():
        pipeline, pieces = Pipeline(wearer, body.worn), body.pieces(draw, 1.0)
        outputs = [pipeline.push(block) for _, _, block in pieces]
        out[wearer] = pieces, bits(wearer, [*outputs, pipeline.finish()])
    return out


@pytest.mark.parametrize("beat_s", [0.0, 20.0])
def test_two_dozen_wearers_in_a_fleet_are_as_many_pipelines(bodies, alone, beat_s):
    draw = np.random.default_rng(int(beat_s))
    fleet, pieces = Fleet(beat_s), []
    said = {wearer: [] for wearer in bodies}
    for wearer, (mine, _) in alone.items():
        fleet.add(wearer, bodies[wearer].worn)
        pieces += [(time, wearer, block) for time, _, block in mine]
    pieces.sort(key=lambda one: one[0])
    at = 0
    while at < len(pieces):
        n = int(draw.integers(1, 400))
        for wearer, out in fleet.push((w, block) for _, w, block in pieces[at : at + n]):
            said[wearer].append(out)
        at += n
    for wearer in bodies:
        said[wearer].append(fleet.finish(wearer))
        assert bits(wearer, said[wearer]) == alone[wearer][1], wearer
    kinds = {line.split("'")[1] for _, (_, episodes) in alone.values() for line in episodes}
    assert {"sitting", "slouch", "not_worn"} <= kinds


def test_a_wearer_moves_between_pipeline_and_fleet_with_the_same_bytes(bodies):
    draw = np.random.default_rng(3)
    for wearer in list(bodies)[:6]:
        body = bodies[wearer]
        mine = body.pieces(draw, 1.0)
        pipeline = Pipeline(wearer, body.worn)
        expected = [pipeline.push(block) for _, _, block in mine[: len(mine) // 2]]
        half = pipeline.save()
        expected += [pipeline.push(block) for _, _, block in mine[len(mine) // 2 :]]
        expected.append(pipeline.finish())
        fleet, got = Fleet(12.0), []
        fleet.add(wearer, body.worn)
        got += [out for _, out in fleet.push((wearer, b) for *_, b in mine[: len(mine) // 2])]
        out, state = fleet.remove(wearer)
        assert state == half
        assert wearer not in fleet
        moved = Pipeline.load(state, wearer, body.worn)
        third = (len(mine) * 3) // 4
        got += [out, *(moved.push(block) for *_, block in mine[len(mine) // 2 : third])]
        fleet.add(wearer, body.worn, state=moved.save())
        got += [out for _, out in fleet.push((wearer, b) for *_, b in mine[third:])]
        got.append(fleet.finish(wearer))
        assert bits(wearer, got) == bits(wearer, expected)


def test_a_beat_spreads_the_turns_of_wearers_who_all_began_together(people):
    fleet = Fleet(10.0)
    samples = people.perform([people.Act(40, 3)], 10.0)
    for number in range(100):
        fleet.add(str(number), [people.mounted(Placement.UPPER_BACK)])
    turns = []
    for second in range(40):
        block = samples.block(10 * second, 10 * second + 10)
        turns.append(len(fleet.push((str(number), block) for number in range(100))))
    assert max(turns[2:]) <= 15
    assert sum(turns[20:31]) == 100  # ten seconds are passed with the eleventh block


def test_strangers_and_doubles_are_refused(people):
    fleet = Fleet()
    worn = [Mounted("s", Placement.THIGH, None)]
    fleet.add("anna", worn)
    with pytest.raises(InputError, match="already"):
        fleet.add("anna", worn)
    samples = people.perform([people.Act(2)], 10.0)
    with pytest.raises(InputError, match="not in the fleet"):
        fleet.push([("ben", samples.block())])
    with pytest.raises(InputError, match="not worn"):
        fleet.push([("anna", samples.block(sensor="other"))])
    with pytest.raises(InputError, match="beat"):
        Fleet(-1.0)
    assert fleet.status("anna") is None and len(fleet) == 1 and list(fleet) == ["anna"]
