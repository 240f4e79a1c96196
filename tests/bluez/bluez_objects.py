"""Objects on a D-Bus connection, with their properties and methods, and who called them.

dbus-fast's own service interface does not tell a method who called it, which bluetoothd's bookkeeping
goes by.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"

#: A method gets the sender's unique name and the arguments; it answers (signature, values).
Answer: TypeAlias = tuple[str, Sequence[Any]] | None
Method: TypeAlias = Callable[..., Awaitable[Answer]]
Setter: TypeAlias = Callable[[Any], Awaitable[None]]


class RefusalError(Exception):
    """A method answers with this D-Bus error."""

    def __init__(self, name: str, words: str = "") -> None:
        super().__init__(f"{name}: {words}")
        self.name = name
        self.words = words


@dataclass(slots=True)
class Interface:
    """One interface of an object; `properties` are signature and value."""

    name: str
    properties: dict[str, tuple[str, Any]] = field(default_factory=dict)
    methods: Mapping[str, Method] = field(default_factory=dict)
    setters: Mapping[str, Setter] = field(default_factory=dict)

    def variants(self) -> dict[str, Variant]:
        """The properties that have a value."""
        return {
            name: Variant(signature, value)
            for name, (signature, value) in self.properties.items()
            if value is not None
        }


class ObjectServer:
    """Objects by path under a well-known name. They outlive the connection: `connect` shows them all."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bus: MessageBus | None = None
        self._objects: dict[str, dict[str, Interface]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_sender_gone: Callable[[str], None] = lambda _sender: None

    @property
    def connected(self) -> bool:
        """Whether it is on the bus."""
        return self._bus is not None and self._bus.connected

    async def connect(self, address: str) -> None:
        """Go on the bus, take the name, and tell of every object."""
        self._bus = await MessageBus(bus_address=address).connect()
        self._bus.add_message_handler(self._on_message)
        rule = "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'"
        await self.ask_bus("AddMatch", "s", rule)
        await self._bus.request_name(self._name)
        for path in self._objects:
            self._tell_of(path)

    def disconnect(self) -> None:
        """Leave the bus as a process does that is killed: nothing is told."""
        for task in list(self._tasks):
            task.cancel()
        if self._bus is not None:
            self._bus.disconnect()
            self._bus = None

    async def ask_bus(self, member: str, signature: str = "", *body: Any) -> list[Any]:
        """Call the bus itself."""
        assert self._bus is not None
        reply = await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member=member,
                signature=signature,
                body=list(body),
            )
        )
        assert reply is not None
        assert reply.message_type is MessageType.METHOD_RETURN, reply.body
        return list(reply.body)

    def __contains__(self, path: str) -> bool:
        return path in self._objects

    def add(self, path: str, *interfaces: Interface) -> None:
        """Export an object and tell of it."""
        self._objects[path] = {interface.name: interface for interface in interfaces}
        self._tell_of(path)

    def remove(self, path: str) -> None:
        """Take back an object and everything below it, deepest first."""
        for known in sorted(self._objects, reverse=True):
            if known == path or known.startswith(f"{path}/"):
                names = list(self._objects.pop(known))
                self._signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", known, names)

    def change(self, path: str, interface: str, **values: Any) -> None:
        """Set properties and tell of it, whether or not they had the value before."""
        known = self._objects[path][interface].properties
        for name, value in values.items():
            known[name] = (known[name][0], value)
        changed = {name: Variant(*known[name]) for name in values if values[name] is not None}
        invalidated = [name for name in values if values[name] is None]
        self._signal(
            path, PROPERTIES, "PropertiesChanged", "sa{sv}as", interface, changed, invalidated
        )

    def value(self, path: str, interface: str, name: str) -> Any:
        """A property's value."""
        return self._objects[path][interface].properties[name][1]

    def _tell_of(self, path: str) -> None:
        interfaces = {name: one.variants() for name, one in self._objects[path].items()}
        self._signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", path, interfaces)

    def _signal(self, path: str, interface: str, member: str, signature: str, *body: Any) -> None:
        self._send(Message.new_signal(path, interface, member, signature, list(body)))

    def _send(self, message: Message) -> None:
        if self._bus is not None and self._bus.connected:
            # what a killed process had still to send is lost, and nobody waits for it
            self._bus.send(message).add_done_callback(
                lambda sent: sent.cancelled() or sent.exception()
            )

    def _on_message(self, message: Message) -> bool | None:
        if message.message_type is MessageType.SIGNAL:
            if message.member == "NameOwnerChanged" and not message.body[2]:
                self.on_sender_gone(message.body[0])
            return None
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        task = asyncio.ensure_future(self._answer(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _answer(self, message: Message) -> None:
        try:
            answer = await self._called(message)
        except RefusalError as refusal:
            reply = Message.new_error(message, refusal.name, refusal.words)
        else:
            reply = Message.new_method_return(message, *(answer or ("", [])))
        self._send(reply)

    async def _called(self, message: Message) -> Answer:
        path, body = message.path or "", message.body
        if message.interface == OBJECT_MANAGER and path == "/":
            tree = {
                known: {name: one.variants() for name, one in interfaces.items()}
                for known, interfaces in self._objects.items()
            }
            return "a{oa{sa{sv}}}", [tree]
        interfaces = self._objects.get(path)
        if interfaces is None:
            raise RefusalError("org.freedesktop.DBus.Error.UnknownObject", f"no object at {path}")
        if message.interface == PROPERTIES and message.member == "Set":
            await interfaces[body[0]].setters[body[1]](body[2].value)
            return None
        interface = interfaces.get(message.interface or "")
        method = None if interface is None else interface.methods.get(message.member or "")
        if method is None:
            raise RefusalError("org.freedesktop.DBus.Error.UnknownMethod", f"no {message.member}")
        return await method(message.sender, *body)
