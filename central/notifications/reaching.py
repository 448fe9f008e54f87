"""Calling an address that somebody else chose: only public ones, over TLS, and never where it was not looked at.

The name is looked up once; what was found is checked and then called, so that a second answer of the name server
cannot lead into our own network. Redirections are not followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from central.notifications.carriers import Undelivered

_MOST_READ = 500  # bytes of an answer
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotAllowed(Undelivered):
    """Nobody is called there."""


async def reachable(url: str, *, is_private_allowed: bool) -> tuple[str, str, int]:
    """The host, its address and port. Raises NotAllowed, Undelivered when the name is not known now."""
    try:
        found, _ = urlsplit(url), httpx.URL(url)
        host, port = found.hostname or "", found.port or (443 if found.scheme == "https" else 80)
    except (ValueError, httpx.InvalidURL):
        raise NotAllowed("This is no address.", is_final=True) from None
    schemes = ("https", "http") if is_private_allowed else ("https",)
    if found.scheme not in schemes or not host or found.username is not None or found.password is not None:
        raise NotAllowed("The address has to begin with https://, without a user name.", is_final=True)
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Undelivered(f"{host} is not known: {error}") from error
    addresses = [str(answer[4][0]) for answer in answers]
    if not is_private_allowed and not all(is_public(address) for address in addresses):
        raise NotAllowed(f"{host} lies in a network that is not public.", is_final=True)
    return host, addresses[0], port


def is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inside is None and found in _NAT64:
            inside = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(str(inside))
    return found.is_global and not found.is_multicast


async def post(
    http: httpx.AsyncClient, url: str, body: bytes, headers: Mapping[str, str], *, is_private_allowed: bool
) -> tuple[int, str]:
    """Status and the beginning of the answer. Raises Undelivered."""
    host, address, port = await reachable(url, is_private_allowed=is_private_allowed)
    there = httpx.URL(url).copy_with(host=address, port=port)
    named = httpx.URL(url).netloc.decode("ascii")
    try:
        async with http.stream(
            "POST",
            there,
            content=body,
            headers={**headers, "Host": named},
            extensions={"sni_hostname": host},
            follow_redirects=False,
        ) as reply:
            said = b""
            async for part in reply.aiter_raw():
                said += part
                if len(said) >= _MOST_READ:
                    break
            return reply.status_code, said[:_MOST_READ].decode("utf-8", "replace").replace("\0", "")
    except (httpx.HTTPError, OSError) as error:
        raise Undelivered(str(error) or type(error).__name__) from error
