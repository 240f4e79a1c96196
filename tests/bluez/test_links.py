"""Links that break, hang and stumble on the real BlueZ backend."""

from domain.link import LinkState


def accounted(bench, kind):
    """Whether every sample that the sensor took is received or counted as lost."""
    peripheral, account, status = bench.peripherals[kind], bench.accounts[kind], bench.status(kind)
    assert account.misses == []
    assert account.received + account.lost == account.taken
    assert (status.received, status.lost) == (account.received, account.lost)
    tally = peripheral.ledger.between(account.first, account.last + 1)
    in_flight = tally.sent - account.received  # on the bus when the link broke
    assert 0 <= in_flight
    assert account.lost == tally.dropped + tally.withheld + in_flight
    return True


async def test_a_sensor_is_heard_connected_and_streams_through_bluez(bench):
    async with bench(["polar-h10"]) as b:
        await b.more("polar-h10", 300)
        assert b.states("polar-h10") == ["scanning", "connecting", "starting", "streaming"]
        assert b.status("polar-h10").battery_percent is not None
        await b.stop()
        assert accounted(b, "polar-h10")
        assert b.status("polar-h10").state is LinkState.STOPPED
        assert not b.stations["polar-h10"].connected
