"""The Bluetooth adapter of the virtual machine: a controller on the sensors' air that BlueZ drives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bumble import hci, ll
from bumble.link import LocalLink
from bumble.transport import open_transport

from simulators.chips import RadioController

ADDRESS = "00:AA:01:00:00:23"
LEGACY_OCTETS = 31  # of an advertisement, and of a scan response: Core 5.4, vol 6 B 2.3
RSSI_DBM = -58
FORGETS_S = 1.0  # how long a chip knows an advertisement for a duplicate

_Report = hci.HCI_LE_Advertising_Report_Event.Report
_Kind = hci.HCI_LE_Advertising_Report_Event.EventType


class AdapterController(RadioController):
    """A chip of Bluetooth 4: Bumble's extended advertising and privacy are not what Linux expects.

    It has one address whatever the host sets for active scans, because Bumble's link tells the
    ends of a connection by it; and it forgets its links when the host resets it.
    """

    le_features = RadioController.le_features & ~(
        hci.LeFeatureMask.LL_PRIVACY | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._reported: dict[tuple[int, hci.Address, bytes], float] = {}

    def on_hci_le_set_random_address_command(
        self, _command: hci.HCI_LE_Set_Random_Address_Command
    ) -> hci.HCI_StatusReturnParameters:
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_reset_command(
        self, command: hci.HCI_Reset_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Core 5.4, vol 4 E 7.3.2."""
        self.forget()
        return super().on_hci_reset_command(command)

    def forget(self) -> None:
        """End all links, whose other ends see a supervision timeout, and all that goes on."""
        for connection in self.le_connections.values():
            connection.send_ll_control_pdu(
                ll.TerminateInd(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
            )
        self.le_connections.clear()
        self.pending_le_connection = None
        self.le_scan_enable = False

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """What the sensor advertises, in the two packets that it would be on the air."""
        if self.le_scan_enable:
            advertised, response = split(pdu.data)
            self._report(_Kind.ADV_IND, pdu.advertiser_address, advertised)
            if self.le_scan_type == 1:  # active
                self._report(_Kind.SCAN_RSP, pdu.advertiser_address, response)
        pending = self.pending_le_connection
        if pending is not None and pending.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)

    def on_hci_le_set_scan_enable_command(
        self, command: hci.HCI_LE_Set_Scan_Enable_Command
    ) -> hci.HCI_StatusReturnParameters:
        self._reported.clear()
        return super().on_hci_le_set_scan_enable_command(command)

    def _report(self, kind: int, sender: hci.Address, data: bytes) -> None:
        now = asyncio.get_running_loop().time()
        told = self._reported.get((kind, sender, data), -FORGETS_S)
        if self.filter_duplicates and now - told < FORGETS_S:
            return
        self._reported[kind, sender, data] = now
        report = _Report(
            event_type=kind,
            address_type=sender.address_type,
            address=sender,
            data=data,
            rssi=RSSI_DBM,
        )
        self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))


def split(structures: bytes) -> tuple[bytes, bytes]:
    """Advertising data as an advertisement and a scan response; no structure is cut."""
    advertised, response, at = b"", b"", 0
    while at < len(structures):
        end = at + 1 + structures[at]
        one = structures[at:end]
        if len(advertised) + len(one) <= LEGACY_OCTETS:
            advertised += one
        else:
            response += one
        at = end
    if len(response) > LEGACY_OCTETS:
        raise ValueError(f"{len(structures)} octets do not fit two packets")
    return advertised, response


@asynccontextmanager
async def plugged_in(link: LocalLink) -> AsyncIterator[AdapterController]:
    """The adapter on the machine's virtual HCI, as long as the context lasts."""
    transport = await open_transport("vhci")
    own = hci.Address(ADDRESS, hci.Address.PUBLIC_DEVICE_ADDRESS)
    controller = AdapterController(
        "adapter", transport.source, transport.sink, link=link, public_address=own
    )
    controller.random_address = own
    try:
        yield controller
    finally:
        controller.forget()
        await asyncio.sleep(0)  # the link carries it in the next turn
        link.remove_controller(controller)
        await transport.close()
