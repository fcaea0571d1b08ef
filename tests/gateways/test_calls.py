"""Whatever the other side does, a call ends in time, within bounds, and with a reason."""

from __future__ import annotations

import gzip
import http.server
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.gateways.conftest import QUERY, RECEIPT, URL, Outside, reply
from yijian.domain.cases import CheckState
from yijian.gateways import calls
from yijian.gateways.addresses import Policy
from yijian.gateways.calls import Caller, CallFailedError, make_client
from yijian.gateways.registers import REGISTERS, ask

BAD: dict[str, tuple[Any, str]] = {
    "out of order": (lambda _: reply(503, {"error": "out_of_order"}), "status_503"),
    "a page": (b"<html>", "not_json"),
    "a list": ([1], "not_an_object"),
    "a redirect": (lambda _: reply(302, b"", Location="http://169.254.169.254/"), "status_302"),
    "compressed": (
        lambda _: reply(200, gzip.compress(b"{}"), Content_Encoding="gzip"),
        "compressed",
    ),
    "50 MB": (b" " * 50_000_000, "too_large"),
    "a duplicate key": (b'{"found":true,"found":false}', "not_json"),
    "no answer": (httpx.ReadTimeout("slow"), "timeout"),
    "nobody": (httpx.ConnectError("refused"), "unreachable"),
    "a torn answer": (httpx.RemoteProtocolError("torn"), "unreachable"),
    "nonsense": (bytes(range(256)), "not_json"),
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("register", REGISTERS)
def test_a_bad_answer_is_a_failed_check_with_a_reason(
    what: str, register: str, outside: Outside, caller: Caller, now: datetime
) -> None:
    answer, reason = BAD[what]
    outside.answers[register] = answer
    result = ask(register, QUERY, caller=caller, url=URL, now=now)
    assert (result.state, result.reason) == (CheckState.FAILED, reason)
    assert result.values == () and result.receipt is None


@pytest.mark.parametrize("register", REGISTERS)
@pytest.mark.parametrize("value", [None, 0, "", [], {}, [None], [[]], [{}], {"a": 1}, "x", -1])
def test_no_shape_of_answer_breaks_a_register(
    register: str, value: Any, outside: Outside, caller: Caller, now: datetime
) -> None:
    name = {"delivery": "deliveries", "hukou": "person", "certificates": "certificate"}
    body = {"receipt": RECEIPT, "found": True, name.get(register, register): value}
    outside.answers[register] = body
    assert ask(register, QUERY, caller=caller, url=URL, now=now).state is CheckState.FAILED


@pytest.mark.parametrize(
    ("status", "passing"), [(503, True), (429, True), (401, True), (422, False)]
)
def test_it_is_known_whether_trying_again_makes_sense(
    status: int, passing: bool, outside: Outside, caller: Caller
) -> None:
    outside.answers["x"] = lambda _: reply(status, {"error": "x"})
    with pytest.raises(CallFailedError) as failed:
        caller.post("http://outside.test/x", {})
    assert failed.value.passing is passing


def test_a_header_cannot_carry_a_line_break(caller: Caller, outside: Outside) -> None:
    with pytest.raises(CallFailedError):
        caller.post("http://outside.test/x", {}, headers={"Purpose": "a\r\nX: y"})
    assert outside.asked == []


class _Slow(http.server.BaseHTTPRequestHandler):
    """Sends one byte at a time and never comes to an end."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(200):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.02)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def slow() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_drip_of_bytes_ends_with_the_whole_time(
    slow: str, pair: tuple[bytes, bytes], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "WHOLE_SECONDS", 0.2)
    with make_client(Policy(loopback=True)) as client, pytest.raises(CallFailedError) as failed:
        Caller(client, "340000-anhui", pair[0], lambda: now).post(slow, {})
    assert failed.value.reason == "timeout"


def test_the_clients_patience_is_short_and_it_follows_nothing() -> None:
    with make_client(Policy(loopback=True)) as client:
        assert (client.timeout.connect, client.timeout.read) == (2.0, 8.0)
        assert client.follow_redirects is False and client.trust_env is False
