"""端口: free ports, taken ones, and pages that answer."""

from __future__ import annotations

import socket

import httpx


def free_port(host: str) -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def is_taken(host: str, port: int) -> bool:
    """Whether somebody else listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def answers(url: str, address: str) -> bool:
    """Whether a page is there for somebody who asks for it by this address."""
    host = address.split("://", 1)[1]
    try:
        return httpx.get(url, headers={"Host": host}, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
