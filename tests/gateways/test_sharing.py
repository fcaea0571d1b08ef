"""Registers behind data-sharing gateways: signed as they want it, against one that checks all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask
import httpx
import pytest

from sandbox import sharing as gateway
from sandbox.app import create_app, world_of
from sandbox.settings import Settings
from tests.gateways.conftest import Outside, reply
from yijian.domain.cases import CheckState
from yijian.gateways.calls import CallFailedError
from yijian.gateways.registers import Person, Query, ask
from yijian.gateways.sharing.national import NationalCaller, opened_secret
from yijian.gateways.sharing.tif import TifCaller

KEY, TOKEN = "294c30aa4c03c8f51dfdb9f6fb99d845", "a-token-for-tests"
NATIONAL, TIF = "http://localhost/sharing/national", "http://localhost/sharing/tif"


class Clock:
    """The time that the gateway and whoever asks it agree on."""

    at = datetime(2026, 11, 21, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(gateway, "now", clock)
    return clock


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[flask.Flask]:
    """The pretend world with the secrets of both gateways."""
    folder: Path = tmp_path_factory.mktemp("keys")
    (folder / "sharing-national.secret").write_text(KEY + "\n", encoding="ascii")
    (folder / "sharing-tif.secret").write_text(TOKEN, encoding="ascii")
    made = create_app(Settings(keys=folder, node_url="http://127.0.0.1:8000", make_keys=True))
    yield made
    world_of(made).store.close()


@pytest.fixture
def client(app: flask.Flask) -> Iterator[httpx.Client]:
    for kind in ("sharing_lent", "sharing_spent"):
        for key in world_of(app).store.keys(kind):
            world_of(app).store.take(kind, key)
    with httpx.Client(transport=httpx.WSGITransport(app=app)) as client:
        yield client


def national(client: httpx.Client, clock: Clock, **changes: Any) -> NationalCaller:
    given = {"requester": "yijian", "service": "hukou", "app_key": KEY} | changes
    return NationalCaller(client=client, secret_url=f"{NATIONAL}/secret", clock=clock, **given)


def mother(app: flask.Flask) -> Person:
    family = next(one for one in world_of(app).families.everyone() if one["mother"].get("hukou"))
    return Person(family["mother"]["name"], "111", family["mother"]["id_number"])


def lent(app: flask.Flask) -> int:
    return world_of(app).asked.get("sharing-secret", 0)


def test_a_register_behind_the_national_gateway_is_read_like_any_other(
    app: flask.Flask, client: httpx.Client, clock: Clock
) -> None:
    query = Query(mother(app), None, "newborn_joint_service", "c" * 32)
    caller, before = national(client, clock), lent(app)
    for _ in range(3):
        answer = ask("hukou", query, caller=caller, url=NATIONAL, now=clock.at)
        assert answer.state is CheckState.FOUND, answer.reason
    assert lent(app) - before == 1


def test_the_lent_secret_is_renewed_before_it_ends(
    app: flask.Flask, client: httpx.Client, clock: Clock
) -> None:
    caller, before = national(client, clock), lent(app)
    body = {"name": mother(app).name, "id_number": mother(app).id_number}
    for minutes in (0, 26, 2, 1):
        clock.at += timedelta(minutes=minutes)
        assert caller.post(f"{NATIONAL}/hukou", body)["found"] is True
    assert lent(app) - before == 2


def test_a_secret_that_was_withdrawn_is_fetched_once_more(
    app: flask.Flask, client: httpx.Client, clock: Clock
) -> None:
    caller = national(client, clock)
    body = {"name": "谁", "id_number": "x"}
    caller.post(f"{NATIONAL}/hukou", body)
    world_of(app).store.take("sharing_lent", "yijian")
    assert caller.post(f"{NATIONAL}/hukou", body)["found"] is False


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"app_key": "wrong"}, "gateway_401"),
        ({"requester": "another"}, "gateway_401"),
        ({"service": "marriage"}, "gateway_401"),
    ],
)
def test_whoever_signs_otherwise_is_refused_by_the_national_gateway(
    client: httpx.Client, clock: Clock, changes: dict[str, str], reason: str
) -> None:
    with pytest.raises(CallFailedError, match=reason):
        national(client, clock, **changes).post(f"{NATIONAL}/hukou", {"name": "x"})


def test_the_gateways_refuse_old_and_repeated_requests(
    app: flask.Flask, client: httpx.Client, clock: Clock
) -> None:
    caller = TifCaller(client, "yijian", TOKEN, clock)
    sent: list[httpx.Request] = []
    client.event_hooks = {"request": [sent.append]}
    body = {"name": mother(app).name, "id_number": mother(app).id_number}
    assert caller.post(f"{TIF}/hukou", body)["found"] is True
    again = client.post(f"{TIF}/hukou", content=sent[0].content, headers=sent[0].headers)
    assert again.json()["code"] == 401 and again.json()["data"] is None
    late = TifCaller(client, "yijian", TOKEN, lambda: clock.at - timedelta(minutes=6))
    with pytest.raises(CallFailedError, match="gateway_401"):
        late.post(f"{TIF}/hukou", body)
    for wrong in (TifCaller(client, "x", TOKEN, clock), TifCaller(client, "yijian", "x", clock)):
        with pytest.raises(CallFailedError, match="gateway_401"):
            wrong.post(f"{TIF}/hukou", body)
    with pytest.raises(CallFailedError, match="gateway_404"):
        caller.post(f"{TIF}/weather", body)
    with pytest.raises(CallFailedError, match="gateway_422"):
        caller.post(f"{TIF}/hukou", {})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({}, "wrong_gateway_code"),
        ({"code": True, "data": {}}, "wrong_gateway_code"),
        ({"code": "王芳 340103199505012224"}, "wrong_gateway_code"),
        ({"code": 0}, "wrong_gateway_data"),
        ({"code": 0, "data": {"secret": 1, "secretEndTime": 1}}, "wrong_secret"),
        ({"code": 0, "data": {"secret": "x", "secretEndTime": 10**15}}, "wrong_secret"),
        ({"code": 0, "data": {"secret": "x", "secretEndTime": "1"}}, "secret_over"),
        (
            {"code": 0, "data": {"secret": "AAAA", "secretEndTime": 4_000_000_000_000}},
            "wrong_secret",
        ),
        (reply(500, {}), "status_500"),
    ],
)
def test_nonsense_of_a_gateway_is_a_failure_that_names_nobody(
    outside: Outside, clock: Clock, answer: Any, reason: str
) -> None:
    outside.answers["secret"] = (lambda _: answer) if isinstance(answer, httpx.Response) else answer
    with httpx.Client(transport=httpx.MockTransport(outside.handle)) as client:
        with pytest.raises(CallFailedError) as failed:
            national(client, clock).post(f"{NATIONAL}/hukou", {"name": "王芳"})
    assert failed.value.reason == reason
    (asked,) = outside.asked
    assert json.loads(asked.content) == {}


def test_the_secret_is_opened_as_javas_key_generator_would_have_it() -> None:
    assert opened_secret(KEY, gateway.sealed_secret(KEY, "lent")) == "lent"
    with pytest.raises(CallFailedError, match="wrong_secret"):
        opened_secret("another", gateway.sealed_secret(KEY, "lent"))


def test_two_questions_of_one_moment_do_not_look_like_a_repeat(
    app: flask.Flask, client: httpx.Client, clock: Clock
) -> None:
    caller = national(client, clock)
    for _ in range(3):
        assert caller.post(f"{NATIONAL}/hukou", {"name": "x", "id_number": "y"})["found"] is False


def test_no_secret_stands_in_what_a_log_might_print(client: httpx.Client, clock: Clock) -> None:
    assert KEY not in repr(national(client, clock))
    assert TOKEN not in repr(TifCaller(client, "yijian", TOKEN, clock))
