"""The registers are asked in the right order, once, and again when it makes sense."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.utils.timezone import now as real_now

from tests.gateways.conftest import (
    FATHER,
    MOTHER,
    NEWBORN,
    NOTHING,
    Outside,
    delivery,
    found,
    reply,
)
from tests.gateways.test_registers import CERTIFICATE, MARRIAGE, MATERNITY, PERSON
from yijian.actions import contexts
from yijian.domain import applying
from yijian.domain.cases import Case, CheckState
from yijian.domain.history import apply_all
from yijian.ops import asking, jobs
from yijian.ops.outside import Rests
from yijian.records import cases
from yijian.records.cases import Change
from yijian.records.identifiers import new_id


@pytest.fixture
def draft(node: None, now: datetime) -> UUID:
    """王芳 has logged in and agreed to the notice."""
    context = contexts.current_context()
    pack = context.pack
    case = Case(str(new_id()), "340000-draft", pack.code, pack.version, pack.digest, "online", now)
    identity = {"name": MOTHER.name, "id_type": MOTHER.id_type, "id_number": MOTHER.id_number}
    values = [(f"mother_{part}", 0, value) for part, value in identity.items()]
    events = applying.start(case, "mother", context, now)
    events += applying.register_answered(case, "identity", CheckState.FOUND, values, now)
    events += applying.give_consent(case, "mother", "user_notice", "0" * 64, now)
    (kept,) = cases.save([Change(None, events, apply_all(case, events))])
    return kept.id


def everything_known(outside: Outside) -> None:
    father = PERSON | {"name": FATHER.name, "id_number": FATHER.id_number}
    people = {MOTHER.name: PERSON, FATHER.name: father}

    def hukou(request: httpx.Request) -> httpx.Response:
        return reply(200, found("person", people[json.loads(request.content)["name"]]))

    def certificate(request: httpx.Request) -> httpx.Response:
        type = json.loads(request.content)["type"]
        return reply(200, found("certificate", CERTIFICATE | {"type": type}))

    outside.answers |= {
        "delivery": found("deliveries", [delivery(newborns=[NEWBORN])]),
        "hukou": hukou,
        "marriage": found("marriage", MARRIAGE),
        "maternity": found("maternity", MATERNITY),
        "certificates": certificate,
    }


def kept(draft: UUID) -> Case:
    (loaded,) = cases.read(ids=[draft])
    return loaded.case


def asked(outside: Outside) -> list[str]:
    return [request.url.path.rpartition("/")[2] for request in outside.asked]


def test_the_delivery_comes_first_and_names_the_father(
    draft: UUID,
    world: Outside,
) -> None:
    everything_known(world)
    assert asking.ask_registers(draft) == 5
    assert asked(world)[0] == "delivery"
    assert sorted(asked(world)[1:]) == sorted(
        ["hukou", "hukou", "marriage", "maternity", "certificates", "certificates"]
    )
    case = kept(draft)
    assert {check.state for check in case.checks.values()} == {CheckState.FOUND}
    assert case.newborns == 1
    assert case.verified["father_hukou_found", 0].value is True
    assert case.verified["father_name", 0].receipt


def test_what_is_known_is_not_asked_again(draft: UUID, world: Outside) -> None:
    everything_known(world)
    asking.ask_registers(draft)
    count = len(world.asked)
    assert asking.ask_registers(draft) == 0
    assert len(world.asked) == count


def test_a_register_out_of_order_is_tried_again_later_and_stops_no_other(
    draft: UUID,
    world: Outside,
) -> None:
    everything_known(world)
    world.answers["marriage"] = lambda _: reply(503, {})
    asking.ask_registers(draft)
    case = kept(draft)
    assert case.checks["marriage"].state is CheckState.FAILED
    assert case.checks["hukou"].state is CheckState.FOUND
    count = len(world.asked)
    asking.ask_registers(draft)
    assert len(world.asked) == count
    world.answers["marriage"] = found("marriage", MARRIAGE)
    assert asking.ask_registers(draft, again=True) == 1
    assert kept(draft).checks["marriage"].state is CheckState.FOUND


def test_a_register_that_stumbles_is_asked_again_at_once(draft: UUID, world: Outside) -> None:
    everything_known(world)
    record = world.answers["delivery"]
    answers = [reply(503, {}), httpx.ConnectError("refused"), reply(200, record)]
    world.answers["delivery"] = lambda _: answers.pop(0)
    asking.ask_registers(draft)
    assert kept(draft).checks["delivery"].state is CheckState.FOUND
    assert kept(draft).checks["delivery"].attempts == 1


def test_a_dead_register_is_left_alone_and_comes_back(
    draft: UUID, world: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything_known(world)
    record = world.answers["delivery"]
    world.answers["delivery"] = httpx.ConnectError("refused")
    for _ in range(asking.TOLERATED + 3):
        asking.ask_registers(draft, again=True)
    tries = 1 + len(asking.AGAIN_AFTER_SECONDS)
    assert asked(world).count("delivery") == tries * (asking.TOLERATED + 1)
    assert kept(draft).checks["delivery"].state is CheckState.FAILED
    world.answers["delivery"] = record
    monkeypatch.setattr(asking, "rests", Rests())
    asking.ask_registers(draft, again=True)
    assert kept(draft).checks["delivery"].state is CheckState.FOUND


def test_a_late_delivery_record_is_found_when_it_comes(
    draft: UUID,
    world: Outside,
) -> None:
    everything_known(world)
    record = world.answers["delivery"]
    world.answers["delivery"] = NOTHING
    asking.ask_registers(draft)
    assert kept(draft).newborns == 0
    assert ("father_name", 0) not in kept(draft).verified
    world.answers["delivery"] = record
    jobs.ask_registers(case_id=str(draft), again=True)
    case = kept(draft)
    assert case.newborns == 1 and case.verified["father_hukou_found", 0].value is True


def test_lies_of_a_register_never_end_the_job(draft: UUID, world: Outside) -> None:
    everything_known(world)
    for lie in (b"[]", b"\x00", [1], {"found": True}, found("deliveries", "many")):
        world.answers["delivery"] = lie
        jobs.ask_registers(case_id=str(draft), again=True)
        assert kept(draft).checks["delivery"].state is CheckState.FAILED


def test_a_case_that_is_gone_is_no_error(node: None, world: Outside) -> None:
    assert asking.ask_registers(new_id()) == 0


def test_an_unexpected_fault_is_tried_again(
    draft: UUID,
    world: Outside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.db import connection

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(asking.verification, "question", broken)
    with pytest.raises(RuntimeError):
        jobs.ask_registers(case_id=str(draft))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'ask_registers'"
        )
        (scheduled,) = cursor.fetchone()
    assert scheduled > real_now()
