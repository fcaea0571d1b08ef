"""The library is told in batches; what it refuses waits for a person, and nothing is lost."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from django.test import Client

from tests.api.conftest import Door, card_of, feedback, keep_family
from tests.gateways.conftest import Outside, reply
from yijian.actions.certificates import LIBRARY
from yijian.ops import sending
from yijian.records.models import OutboxMessage


def take(request: httpx.Request) -> httpx.Response:
    return reply(200, {"accepted": [row["id"] for row in json.loads(request.content)["rows"]]})


def states() -> list[str]:
    rows = OutboxMessage.objects.filter(destination=LIBRARY)
    return sorted(rows.values_list("state", flat=True))


@pytest.fixture
def cards(node: None, client: Client) -> None:
    """Two families whose social security cards have just been issued."""
    hr = Door("hr-340000", client)
    for name in ("01-ordinary-family", "04-fathers-household"):
        done: dict[str, Any] = {"outlet": "示例网点"}
        task = card_of(keep_family(name))
        answer = hr.post("/feedback", feedback(task, "completed", result=done))
        assert answer.json()["outcome"] == "applied"


def test_rows_of_many_certificates_leave_in_one_call(cards: None, world: Outside) -> None:
    world.answers["UP_LIC_DATA"] = take
    assert sending.deliver(LIBRARY) == 2
    (request,) = world.asked
    rows = json.loads(request.content)["rows"]
    assert {row["证照名称"] for row in rows} == {"社会保障卡"}
    assert {row["操作类型"] for row in rows} == {"新增"}
    ids = OutboxMessage.objects.filter(destination=LIBRARY).values_list("id", flat=True)
    assert {row["id"] for row in rows} == {str(id_) for id_ in ids}
    assert states() == ["delivered"] * 2


def test_what_is_refused_waits_for_a_person_and_what_is_not_named_goes_again(
    cards: None, world: Outside
) -> None:
    def refuse_first(request: httpx.Request) -> httpx.Response:
        rows = json.loads(request.content)["rows"]
        return reply(200, {"accepted": [], "refused": [rows[0]["id"]]})

    world.answers["UP_LIC_DATA"] = refuse_first
    sending.deliver(LIBRARY)
    assert states() == ["parked", "waiting"]


def test_a_silent_library_holds_the_rows_back(cards: None, world: Outside) -> None:
    world.answers["UP_LIC_DATA"] = lambda _request: reply(503, {})
    sending.deliver(LIBRARY)
    assert states() == ["waiting"] * 2
