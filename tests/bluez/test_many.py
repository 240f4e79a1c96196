"""Several sensors at once while everything happens, accounted to the sample."""

import numpy as np

KINDS = ["polar-h10", "polar-verity", "polar-h10#2", "movella-dot"]


async def test_four_sensors_two_adapters_drops_and_a_bus_restart_are_accounted_to_the_sample(bench):
    draw = np.random.default_rng(3)
    async with bench(KINDS, adapters=("hci0", "hci1"), loss=0.05) as b:
        for kind in KINDS:
            await b.more(kind, 30)
        descriptors, clients = b.descriptors(), await b.bluez.clients()
        for round_ in range(6):
            for kind in draw.choice(KINDS, 2, replace=False):
                b.stations[kind].lose_link()
            if round_ == 2:
                b.bus.kill()
                b.bluez.die()
                await b.calm()
                b.bus.start()
                await b.bluez.come_back(b.bus.address)
            if round_ == 4:
                b.bluez.hci0.unplug()
                await b.calm()
                b.bluez.hci0.plug()
            await b.calm()
            for kind in KINDS:
                await b.more(kind, 30)
        assert b.descriptors() == descriptors
        assert await b.bluez.clients() == clients
        await b.stop()
        for kind in KINDS:
            b.accounted(kind)
            assert b.multiplied(kind) == 0
            assert b.status(kind).reconnects >= 1
