"""Bumble's controller and host with what a radio must do and they do not.

They carry 251-octet link-layer payloads, end a connection attempt that is cancelled, and lose in
silence what was on its way when a link broke. And they do not format a debug line for every packet,
which Bumble does whether or not anybody reads it and which is a fifth of a packet's cost.
"""

import asyncio

from bumble import hci
from bumble.controller import Controller
from bumble.core import PhysicalTransport
from bumble.host import Host


class RadioController(Controller):
    """One radio chip on the air."""

    le_acl_data_packet_length = 251  # Core 5.4, vol 6 B 4.5.10

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """A command or data from the host."""
        match packet:
            case hci.HCI_Command():
                self.on_hci_command_packet(packet)
            case hci.HCI_AclDataPacket():
                self.on_hci_acl_data_packet(packet)
            case _:
                super().on_hci_packet(packet)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """An event or data for the host."""
        if self.host is not None:
            asyncio.get_running_loop().call_soon(self.host.on_packet, bytes(packet))

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Data from the host; lost when the link is gone."""
        if self.find_connection_by_handle(packet.connection_handle) is not None:
            super().on_hci_acl_data_packet(packet)

    def on_link_acl_data(
        self, sender_address: hci.Address, transport: PhysicalTransport, data: bytes
    ) -> None:
        """Data from the air; lost when the link is gone."""
        if sender_address in self.le_connections:
            super().on_link_acl_data(sender_address, transport, data)

    def on_hci_le_create_connection_cancel_command(
        self, command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """End the pending attempt with the event that Core 5.4, vol 4 E 7.8.13 asks for."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is not None:
            failed = hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=pending.peer_address_type,
                peer_address=pending.peer_address,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
            # the event follows the answer to the command
            asyncio.get_running_loop().call_soon(self.send_hci_packet, failed)
        return super().on_hci_le_create_connection_cancel_command(command)


class RadioHost(Host):
    """The host's end of the same chip."""

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """An event or data from the controller."""
        match packet:
            case hci.HCI_Event():
                self.on_hci_event_packet(packet)
            case hci.HCI_AclDataPacket():
                self.on_hci_acl_data_packet(packet)
            case _:
                super().on_hci_packet(packet)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """A command or data for the controller."""
        if self.hci_sink is not None:
            self.hci_sink.on_packet(bytes(packet))
