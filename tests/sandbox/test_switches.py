"""Trouble comes when it is ordered, from the seed, and only where it is ordered."""

from typing import Any

import flask
import pytest

from sandbox.app import create_app, world_of
from sandbox.settings import Settings
from sandbox.world import World
from tests.sandbox.conftest import Node


def order(app: flask.Flask, **values: Any) -> Any:
    return app.test_client().post("/switches", json=values)


def statuses(node: Node, here: World, count: int = 40) -> list[int]:
    family = here.families.get("ordinary")
    assert family is not None
    body = {"mother_id_number": family["mother"]["id_number"]}
    return [node.post("/registers/delivery", body).status_code for _ in range(count)]


def test_an_outage_answers_503_in_the_error_model(app: flask.Flask, node: Node) -> None:
    assert order(app, service="marriage", outage=True).status_code == 200
    response = node.post("/registers/marriage", {"id_number": "x"})
    assert response.status_code == 503
    assert set(response.json) == {"error", "message", "message_en", "fields"}
    assert node.post("/registers/maternity", {"mother_id_number": "x"}).status_code == 200


def test_an_error_rate_is_about_kept_and_the_same_for_the_same_seed(
    app: flask.Flask, node: Node, here: World, settings: Settings
) -> None:
    order(app, service="delivery", error_rate=0.5)
    first = statuses(node, here)
    assert 8 < first.count(503) < 32 and set(first) == {200, 503}
    other = create_app(settings)
    order(other, service="delivery", error_rate=0.5)
    assert statuses(Node(other, node.key), world_of(other)) == first


def test_some_errors_come_after_the_work_was_done(app: flask.Flask, node: Node) -> None:
    order(app, service="sms", error_rate=1)
    sent = [
        node.post("/sms", {"message_id": f"m{n}", "to": "19900000001", "text": "x"}).status_code
        for n in range(30)
    ]
    assert set(sent) == {503}
    arrived = app.test_client().get("/sms.json").json
    assert arrived is not None and 0 < len(arrived["messages"]) < 30


def test_latency_delays_the_answer(
    app: flask.Flask, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("sandbox.doors.time.sleep", waited.append)
    order(app, service="marriage", latency_ms=250)
    node.post("/registers/marriage", {"id_number": "x"})
    assert waited == [0.25]


def test_a_forgetful_register_finds_nothing(app: flask.Flask, node: Node, here: World) -> None:
    family = here.families.get("ordinary")
    assert family is not None
    order(app, service="delivery", forget=1)
    body = {"mother_id_number": family["mother"]["id_number"]}
    assert node.post("/registers/delivery", body).json["found"] is False


def test_a_register_can_repeat_a_delivery(app: flask.Flask, node: Node, here: World) -> None:
    family = here.families.get("ordinary")
    assert family is not None
    order(app, service="delivery", duplicate_rate=1)
    body = {"mother_id_number": family["mother"]["id_number"]}
    first, second = node.post("/registers/delivery", body).json["deliveries"]
    assert first == second


@pytest.mark.parametrize(
    "values",
    [
        {"service": "nobody", "outage": True},
        {"service": "sms", "error_rate": 2},
        {"service": "sms", "error_rate": -0.1},
        {"service": "sms", "latency_ms": "much"},
        {"service": "sms", "outage": "yes"},
        {"service": "sms", "colour": "red"},
    ],
)
def test_what_is_no_order_is_refused(app: flask.Flask, values: dict[str, Any]) -> None:
    response = order(app, **values)
    assert response.status_code == 422 and response.json["error"] == "switch_refused"


def test_the_page_sets_and_calms(app: flask.Flask, here: World) -> None:
    client = app.test_client()
    form = {"latency_ms": "50", "error_rate": "0.2", "disorder": "on"}
    assert client.post("/switches/hukou", data=form).status_code == 303
    switch = here.switches.of("hukou")
    assert (switch.latency_ms, switch.error_rate, switch.disorder) == (50, 0.2, True)
    assert client.post("/switches/calm").status_code == 303
    assert here.switches.of("hukou").calm
    order(app, service="hukou", outage=True)
    assert order(app, calm=True).json["hukou"]["outage"] is False
