"""Who a visitor is for the limits: only what a named proxy says is believed."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import RequestFactory

from yijian.web.identity import AccountAdapter
from yijian.web.senders import sender_of


def sender(peer: str, forwarded: str = "") -> str:
    request = RequestFactory().get("/", REMOTE_ADDR=peer)
    if forwarded:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return sender_of(request)


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    node = settings.YIJIAN.model_copy(update={"trusted_proxies": "127.0.0.1/32, 10.0.0.0/24"})
    monkeypatch.setattr(settings, "YIJIAN", node)


@pytest.mark.parametrize(
    ("peer", "who"),
    [
        ("9.9.9.9", "9.9.9.9"),
        ("127.0.0.1", ""),
        ("10.1.2.3", ""),
        ("", ""),
        ("2606:4700:1:2:3:4:5:6", "2606:4700:1:2::/64"),
        ("::ffff:9.9.9.9", "9.9.9.9"),
    ],
)
def test_without_a_named_proxy_only_a_public_peer_is_known(peer: str, who: str) -> None:
    assert sender(peer) == who
    assert sender(peer, "8.8.8.8") == who


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("127.0.0.1", "8.8.8.8", "8.8.8.8"),
        ("127.0.0.1", "1.1.1.1, 8.8.8.8", "8.8.8.8"),
        ("127.0.0.1", "1.1.1.1,8.8.8.8, 10.0.0.7", "8.8.8.8"),
        ("127.0.0.1", "192.168.3.4", "192.168.3.4"),
        ("127.0.0.1", "8.8.8.8, rubbish", ""),
        ("127.0.0.1", "10.0.0.7", ""),
        ("127.0.0.1", "", ""),
        ("9.9.9.9", "8.8.8.8", "9.9.9.9"),
        ("10.0.1.1", "8.8.8.8", "10.0.1.1"),
    ],
)
def test_only_what_a_named_proxy_has_written_is_believed(
    proxied: None, peer: str, forwarded: str, who: str
) -> None:
    assert sender(peer, forwarded) == who


def test_the_limits_of_logging_in_count_the_same_sender(proxied: None) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="8.8.8.8")
    assert AccountAdapter(request).get_client_ip(request) == "8.8.8.8"
    del request.META["HTTP_X_FORWARDED_FOR"]
    assert AccountAdapter(request).get_client_ip(request) == "127.0.0.1"
