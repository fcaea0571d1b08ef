"""Who is asked about a family: the provider of the place; while it is unknown one after another."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.conf import settings
from django.db import connection

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
from tests.ops.test_asking import draft, kept
from yijian.actions import envelopes, register_news, register_routing
from yijian.domain.cases import CheckState
from yijian.domain.envelopes import REGISTER_CHANGED, CloudEvent, source_of
from yijian.domain.registers import Provider, Route, RouteKind
from yijian.ops import asking, jobs
from yijian.records import exchange
from yijian.records.models import VainQuestion, VerificationReceipt

__all__ = ["draft"]
HOME, AWAY, OWN = "anhui", "jiangsu", "127"
"""Two nodes, and the registers of this one by the beginning of their address."""
REGISTERS = ("delivery", "hukou", "marriage", "certificates", "maternity")
Nodes = dict[str, dict[str, Any]]


@pytest.fixture
def nodes(draft: UUID, world: Outside, now: datetime) -> Nodes:
    """Two nodes that are asked about everything; both answer as the test says."""
    key = (settings.YIJIAN.keys_folder / "hr-340000.pub.pem").read_text("ascii")
    for position, (code, place) in enumerate(((AWAY, "32"), (HOME, "34")), start=1):
        exchange.put_partner(
            code=code, public_key=key, endpoint=f"http://{code}.test/api/v1/events"
        )
        for register in REGISTERS:
            send(register, place, code, now, position)
    nothing = dict.fromkeys(REGISTERS, NOTHING)
    answers: Nodes = {HOME: everything(), AWAY: dict(nothing), OWN: dict(nothing)}

    def answer(request: httpx.Request) -> httpx.Response:
        node, register = request.url.host.partition(".")[0], request.url.path.rpartition("/")[2]
        assert node == OWN or request.url.path == f"/api/v1/registers/{register}"
        said = answers[node][register]
        said = said(request) if callable(said) else said
        if isinstance(said, Exception):
            raise said
        if isinstance(said, httpx.Response):
            return said
        receipt = said["receipt"] | {"id": f"{node}-{len(world.asked)}", "source": node}
        return reply(200, said | {"receipt": receipt})

    world.answers |= dict.fromkeys(REGISTERS, answer)
    return answers


def send(register: str, place: str, code: str, now: datetime, position: int, **more: Any) -> None:
    provider = Provider(RouteKind.YIJIAN, code)
    made = Route(register, place, provider, position, begins_on=date(2026, 1, 1))
    register_routing.put(by="x", route=replace(made, **more), now=now)


def everything() -> dict[str, Any]:
    people = {
        MOTHER.name: PERSON,
        FATHER.name: PERSON | {"name": FATHER.name, "id_number": FATHER.id_number},
    }

    def hukou(request: httpx.Request) -> Any:
        return found("person", people[json.loads(request.content)["name"]])

    def certificate(request: httpx.Request) -> Any:
        type = json.loads(request.content)["type"]
        return found("certificate", CERTIFICATE | {"type": type})

    return {
        "delivery": found("deliveries", [delivery(newborns=[NEWBORN])]),
        "hukou": hukou,
        "marriage": found("marriage", MARRIAGE),
        "maternity": found("maternity", MATERNITY),
        "certificates": certificate,
    }


def asked(world: Outside, register: str) -> list[str]:
    """The nodes that were asked about a register, in order."""
    requests = (one for one in world.asked if one.url.path.endswith(f"/{register}"))
    return [one.url.host.partition(".")[0] for one in requests]


def test_while_the_place_is_unknown_one_after_the_other_is_asked_until_one_has_it(
    draft: UUID, world: Outside, nodes: Nodes
) -> None:
    asking.ask_registers(draft)
    assert asked(world, "delivery") == [AWAY, HOME]
    case = kept(draft)
    assert {check.state for check in case.checks.values()} == {CheckState.FOUND}
    receipts = VerificationReceipt.objects.filter(register="delivery")
    assert {one.source for one in receipts} == {HOME, AWAY}
    assert not VainQuestion.objects.exists()


def test_another_node_is_asked_by_number_and_name_with_purpose_and_consent_signed(
    draft: UUID, world: Outside, nodes: Nodes
) -> None:
    asking.ask_registers(draft)
    first = world.asked[0]
    assert json.loads(first.content) == {
        "mother_id_number": MOTHER.id_number, "name": MOTHER.name,
    }  # fmt: skip
    covered = first.headers["Signature-Input"].partition(")")[0]
    assert '"purpose"' in covered and '"consent"' in covered
    marriage = next(one for one in world.asked if one.url.path.endswith("/marriage"))
    assert json.loads(marriage.content)["name"] == MOTHER.name


def test_each_parent_is_looked_for_at_home_first(draft: UUID, world: Outside, nodes: Nodes) -> None:
    nodes[AWAY]["hukou"] = nodes[HOME]["hukou"]
    asking.ask_registers(draft)
    by_name = {
        json.loads(one.content)["name"]: one.url.host.partition(".")[0]
        for one in world.asked
        if one.url.path.endswith("/hukou")
    }
    assert by_name == {MOTHER.name: HOME, FATHER.name: AWAY}
    case = kept(draft)
    assert case.verified["mother_hukou_found", 0].value is True
    assert case.verified["father_hukou_found", 0].value is True


def test_while_one_provider_is_silent_nobody_knows_that_there_is_nothing(
    draft: UUID, world: Outside, nodes: Nodes
) -> None:
    nodes[HOME] |= {"delivery": httpx.ConnectError("x"), "marriage": reply(429, {})}
    asking.ask_registers(draft)
    case = kept(draft)
    assert case.checks["delivery"].state is CheckState.FAILED
    assert case.checks["marriage"].state is CheckState.FAILED
    assert ("marriage_state", 0) not in case.verified


def test_a_dead_provider_rests_and_the_others_are_still_asked(
    draft: UUID, world: Outside, nodes: Nodes
) -> None:
    nodes[AWAY]["delivery"] = httpx.ConnectError("x")
    nodes[HOME]["delivery"] = NOTHING
    for _ in range(asking.TOLERATED + 3):
        asking.ask_registers(draft, again=True)
    tries = 1 + len(asking.AGAIN_AFTER_SECONDS)
    assert asked(world, "delivery").count(AWAY) == tries * (asking.TOLERATED + 1)
    assert asked(world, "delivery").count(HOME) == asking.TOLERATED + 3


def test_an_elder_childs_birth_does_not_end_the_search(
    draft: UUID, world: Outside, nodes: Nodes
) -> None:
    elder = delivery(delivery_id="D0", newborns=[{**NEWBORN, "born_at": "2023-01-01T00:00:00Z"}])
    nodes[AWAY]["delivery"] = found("deliveries", [elder])
    asking.ask_registers(draft)
    assert asked(world, "delivery") == [AWAY, HOME]
    assert kept(draft).verified["delivery_id", 0].value == "D1"


def test_certificates_are_gathered_from_several_libraries(
    draft: UUID, world: Outside, nodes: Nodes
) -> None:
    everywhere = nodes[HOME]["certificates"]
    nodes[HOME]["certificates"] = lambda request: (
        everywhere(request) if json.loads(request.content)["type"] == "id_card" else NOTHING
    )
    nodes[AWAY]["certificates"] = lambda request: (
        NOTHING if json.loads(request.content)["type"] == "id_card" else everywhere(request)
    )
    asking.ask_registers(draft)
    held = {
        fact: known.value for (fact, _), known in kept(draft).verified.items() if "_held" in fact
    }
    assert held and all(held.values())


def test_a_partner_that_is_gone_and_a_missing_secret_are_failures_that_say_so(
    draft: UUID, world: Outside, nodes: Nodes, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    exchange.put_partner(code=HOME, public_key="-----BEGIN PUBLIC KEY-----", endpoint="")
    gateway = Provider(RouteKind.NATIONAL, "https://gateway.test", "absent", {"requester": "r"})
    made = Route("marriage", "", gateway, 9, begins_on=date(2026, 1, 1))
    register_routing.put(by="x", route=made, now=now)
    asking.ask_registers(draft)
    assert kept(draft).checks["delivery"].state is CheckState.FAILED
    assert "no_provider" in caplog.text


def test_without_any_provider_the_check_fails_and_is_tried_again(
    draft: UUID, world: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = settings.YIJIAN.model_copy(update={"registers_url": ""})
    monkeypatch.setattr(settings, "YIJIAN", bare)
    asking.ask_registers(draft)
    assert world.asked == []
    assert kept(draft).checks["delivery"].state is CheckState.FAILED


def test_news_of_a_late_record_wakes_the_case_that_asked_too_early(
    draft: UUID, world: Outside, nodes: Nodes, now: datetime
) -> None:
    nodes[HOME]["delivery"] = NOTHING
    asking.ask_registers(draft)
    assert kept(draft).newborns == 0
    assert asked(world, "delivery") == [AWAY, HOME, OWN]
    receipt = VainQuestion.objects.get(provider=HOME).receipt
    assert not register_news.changed(sender=AWAY, receipt=receipt, now=now)
    assert not register_news.changed(sender=HOME, receipt="another", now=now)
    assert woken() == 0
    news = CloudEvent("7", source_of(HOME), REGISTER_CHANGED, now, receipt)
    (taken,) = envelopes.take_in(HOME, [news], now=now)
    assert taken.outcome == "applied" and woken() == 1
    nodes[HOME] = everything()
    asking.ask_registers(draft, again=True)
    assert kept(draft).newborns == 1


def woken() -> int:
    """How many jobs wait that ask the registers again at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'ask_registers'"
            " AND args->>'again' = 'true' AND status = 'todo'"
        )
        return int(cursor.fetchone()[0])


def test_a_route_that_cannot_be_is_refused(db: None, now: datetime) -> None:
    good = Route("delivery", "34", Provider(RouteKind.YIJIAN, HOME), 1, begins_on=date(2026, 1, 1))
    gateway = Provider(RouteKind.TIF, "https://g.test", "s", {})
    wrong = {
        "register": replace(good, register="weather"),
        "place": replace(good, place="345"),
        "target": replace(good, provider=Provider(RouteKind.REGISTER, "ftp://x")),
        "options": replace(good, provider=gateway),
        "ends_on": replace(good, ends_on=date(2026, 1, 1) - timedelta(days=1)),
    }
    for field, route in wrong.items():
        with pytest.raises(register_routing.NotARouteError) as refused:
            register_routing.put(by="x", route=route, now=now)
        assert refused.value.field == field


def test_a_question_in_vain_is_forgotten_when_no_news_can_come_any_more(
    draft: UUID, world: Outside, nodes: Nodes
) -> None:
    nodes[HOME]["delivery"] = NOTHING
    asking.ask_registers(draft)
    old = VainQuestion.objects.get(provider=AWAY)
    VainQuestion.objects.filter(id=old.id).update(at=old.at - timedelta(days=31))
    assert jobs.forget_vain_questions(timestamp=0) == 1
    assert [one.provider for one in VainQuestion.objects.all()] == [HOME]
