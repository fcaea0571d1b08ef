"""对外地址: which addresses of partners this node calls at all, so that nobody aims it at its own
network.

An address is resolved, every answer is looked at, and the connection goes to exactly the address
that was looked at: a name that means something else a moment later gains nothing. The systems that
the node's own settings name are trusted.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], list[str]]


class AddressRefusedError(Exception):
    """This address is not called; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def resolve(host: str, port: int) -> list[str]:
    """Every address that a name has now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefusedError("no_such_host") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Policy:
    """What may be called: public addresses by https, and the networks that are named.

    With `loopback` this machine and private networks may be called too, as a demonstration needs.
    """

    networks: tuple[Network, ...] = ()
    loopback: bool = False
    trusted: frozenset[tuple[str, int]] = frozenset()
    resolve: Resolve = resolve

    def check(self, url: str) -> str:
        """The address to connect to. Errors: AddressRefusedError."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise AddressRefusedError("not_an_address") from None
        if not host or parts.scheme not in ("http", "https") or parts.fragment:
            raise AddressRefusedError("not_an_address")
        if parts.username is not None or parts.password is not None or "\\" in url:
            raise AddressRefusedError("names_a_user")
        port = port or (443 if parts.scheme == "https" else 80)
        found = [self._allowed(text) for text in self.resolve(host, port)]
        if not found:
            raise AddressRefusedError("no_such_host")
        if parts.scheme == "http" and not (self.loopback and all(map(_is_near, found))):
            raise AddressRefusedError("not_https")
        return str(found[0])

    def _allowed(self, text: str) -> Address:
        address = ipaddress.ip_address(text.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address):
            address = address.ipv4_mapped or address.sixtofour or address
        if address.is_link_local or address.is_multicast or address.is_unspecified:
            raise AddressRefusedError("forbidden_address")
        named = any(address in network for network in self.networks)
        if named or address.is_global or (self.loopback and _is_near(address)):
            return address
        raise AddressRefusedError("private_address")


def _is_near(address: Address) -> bool:
    return address.is_loopback or address.is_private


def read_networks(text: str) -> tuple[Network, ...]:
    """The networks in a setting, with commas. Errors: ValueError."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def trusted(urls: Iterable[str]) -> frozenset[tuple[str, int]]:
    """The hosts and ports of addresses that are not looked at."""
    parts = [urlsplit(url) for url in urls]
    return frozenset(
        (each.hostname, each.port or (443 if each.scheme == "https" else 80))
        for each in parts
        if each.hostname
    )


class CarefulTransport(httpx.BaseTransport):
    """Connects where the policy has looked; the name stays in the request and its certificate."""

    def __init__(self, inner: httpx.BaseTransport, policy: Policy) -> None:
        self._inner = inner
        self._policy = policy

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, unless its address is refused."""
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        if (url.host, port) not in self._policy.trusted:
            try:
                address = self._policy.check(str(url))
            except AddressRefusedError as refused:
                raise httpx.ConnectError(f"refused: {refused.code}", request=request) from None
            request.extensions = {**request.extensions, "sni_hostname": url.host}
            request.url = url.copy_with(host=address)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """End the connections."""
        self._inner.close()
