"""Where a webhook may go: the host is resolved once, looked at, and that very address is connected to.

A name that resolves to an address of this machine or of the network it is in would turn Sitwell against
its own neighbours (a router, a cloud's metadata service), and a name can resolve to one thing when it is
looked at and to another when it is connected to (DNS rebinding).
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from domain.errors import InputError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

#: How long a name may take to resolve, s.
RESOLVE_S = 5.0
#: IPv6 that carries IPv4 inside: NAT64 (RFC 6052), and what 6to4 (RFC 3056) made of it.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


async def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a host name. Raises OSError; socket.gaierror is one."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def is_here(host: str) -> bool:
    """Whether a host is this machine by its name alone, so that what goes there goes over no network."""
    return host.lower() in ("localhost", "127.0.0.1", "::1")


def is_public(address: Address) -> bool:
    """Whether an address is of somewhere on the internet: not private, loopback, link-local, multicast,
    shared (RFC 6598), reserved, nor one of those within an IPv6 address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is None and address.teredo is not None:
            return False
        if inner is not None:
            return is_public(inner)
        if "%" in str(address):
            return False
    return address.is_global and not address.is_multicast


async def checked_address(
    host: str, port: int, *, allow_private: bool, resolve: Resolve = resolved
) -> str:
    """The address to connect to for `host`. Raises InputError when any that it has is not public and that
    is not allowed, and OSError or TimeoutError when it has none."""
    async with asyncio.timeout(RESOLVE_S):
        words = await resolve(host, port)
    addresses = [ipaddress.ip_address(word) for word in words]
    if not addresses:
        raise OSError(f"{host} has no address")
    if not allow_private and not all(map(is_public, addresses)):
        raise InputError(
            f"{host} is of this machine or of its own network; set allow_private = true if that is meant"
        )
    return str(addresses[0])
