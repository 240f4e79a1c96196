"""Which one is it? Asked of sensors in mid-stream, over the real BlueZ backend."""

import pytest

from collector.drivers.contract import (
    ALERT_LEVEL,
    IMMEDIATE_ALERT_SERVICE,
    GattCharacteristic,
    GattService,
)
from domain.errors import ConflictError, UnsupportedError

LINK_LOSS_SERVICE = "00001803-0000-1000-8000-00805f9b34fb"


def written(b, kind):
    """What the host has written to a sensor from now on."""
    encoder, writes = b.peripherals[kind].encoder, []
    react = encoder.written

    def spied(characteristic, payload):
        writes.append((characteristic, bytes(payload)))
        return react(characteristic, payload)

    encoder.written = spied
    return writes


@pytest.mark.parametrize("kind", ["thingy52", "movella-dot"])
async def test_a_sensor_with_a_light_shows_it_and_goes_on_streaming(bench, kind):
    async with bench([kind]) as b:
        await b.more(kind, 50)
        writes = written(b, kind)
        await b.collector.identify(b.address(kind))
        assert writes
        await b.more(kind, 50)
        assert b.status(kind).reconnects == 0
        assert b.accounts[kind].misses == []


async def test_a_sensor_with_the_immediate_alert_service_is_alerted_and_not_its_link_loss(
    bench, monkeypatch
):
    from collector.drivers.registry import encoder_named

    level = GattCharacteristic(ALERT_LEVEL, ("write_without_response",))
    loss = GattCharacteristic(ALERT_LEVEL, ("read", "write"))
    twin = encoder_named("polar-h10")
    own = twin.gatt

    def gatt(self):
        return (
            GattService(LINK_LOSS_SERVICE, (loss,)),
            *own(self),
            GattService(IMMEDIATE_ALERT_SERVICE, (level,)),
        )

    monkeypatch.setattr(twin, "gatt", gatt)
    async with bench(["polar-h10"]) as b:
        await b.more("polar-h10", 50)
        writes = written(b, "polar-h10")
        table = b.stations["polar-h10"].table
        reached = []
        for service in table.services:
            for one in service.attributes:
                if one.uuid == ALERT_LEVEL:
                    react = one.write
                    object.__setattr__(
                        one,
                        "write",
                        lambda payload, react=react, uuid=service.uuid: (
                            reached.append(uuid),
                            react(payload),
                        ),
                    )
        await b.collector.identify(b.address("polar-h10"))
        assert writes == [(ALERT_LEVEL, b"\x02")]
        assert reached == [IMMEDIATE_ALERT_SERVICE]


async def test_a_strap_cannot_show_itself_and_a_sensor_that_is_away_cannot_be_asked(bench):
    async with bench(["polar-h10"]) as b:
        await b.more("polar-h10", 50)
        with pytest.raises(UnsupportedError, match="cannot show itself"):
            await b.collector.identify(b.address("polar-h10"))
        await b.peripherals["polar-h10"].vanish()
        await b.down("polar-h10")
        with pytest.raises(ConflictError, match="not connected"):
            await b.collector.identify(b.address("polar-h10"))
