"""来访地址: from where on the network somebody comes, as far as this node can know it.

Behind a reverse proxy every visitor has the proxy's address; who really came, the proxy writes into
`X-Forwarded-For`. Anybody else may write there too, so only what the proxies that the settings
name have written is believed.
"""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

from yijian.gateways.addresses import Address, Network, read_networks

ONE_LINE = 64
"""Bits of an address of version 6 that a provider gives to one household: the rest is its own."""


def sender_of(request: HttpRequest) -> str:
    """The network address of the visitor, for limits; "" where it would be everybody's.

    Without a named proxy only public addresses are taken: a private one is a proxy's most likely.
    """
    proxies = _proxies(settings.YIJIAN.trusted_proxies)
    found = _address(str(request.META.get("REMOTE_ADDR", "")))
    if found is not None and _within(found, proxies):
        found = _forwarded(str(request.META.get("HTTP_X_FORWARDED_FOR", "")), proxies)
    elif found is not None and not proxies and not found.is_global:
        found = None
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, ONE_LINE), strict=False))
    return str(found or "")


def _forwarded(header: str, proxies: tuple[Network, ...]) -> Address | None:
    """The last address that is no trusted proxy's: what stands before it anybody may write."""
    for text in reversed(header.split(",")):
        found = _address(text.strip())
        if found is None or not _within(found, proxies):
            return found
    return None


def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=8)
def _proxies(text: str) -> tuple[Network, ...]:
    return read_networks(text)
