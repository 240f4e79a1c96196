from collector.drivers import DRIVERS
from domain.placement import Placement
from service.mounting import mounted


def test_a_sensor_has_a_scale_unless_its_driver_measures_directions() -> None:
    kinds = {d.name: mounted("s", d.name, Placement.UPPER_BACK, None).scaled for d in DRIVERS}
    assert kinds["polar"]
    assert not kinds["upright-go2"]
    assert {name for name, scaled in kinds.items() if not scaled} == {
        d.name for d in DRIVERS if "direction" in d.measures
    }


def test_a_sensor_described_by_the_user_has_the_scale_it_was_given() -> None:
    assert mounted("s", "my-own-board", Placement.SEAT, None).scaled
