"""A partner asks our registers: only within its right, only about whom it can name, on record."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import httpx
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils.timezone import now as real_now  # noqa: TID251 (the door has a clock)

from tests.api.conftest import Door
from tests.gateways.conftest import FATHER, MOTHER, NEWBORN, Outside, delivery, found, reply
from tests.gateways.test_registers import CERTIFICATE, MARRIAGE, MATERNITY, PERSON
from yijian.actions import contexts, deliveries, providing
from yijian.api import register_shapes, registers, relaying
from yijian.domain.envelopes import REGISTER_CHANGED, read_event
from yijian.domain.registers import EVERYTHING, REGISTERS, Right
from yijian.gateways.calls import Caller
from yijian.gateways.signatures import Message, sign
from yijian.ops.keys import make_key_pair
from yijian.ops.sending import cloud_event
from yijian.records import exchange, rights
from yijian.records.models import OutboxMessage, RegisterQuestion
from yijian.records.rights import Asked

PARTNER, PURPOSE, CONSENT = "hr-340000", "newborn_joint_service", "c" * 32
QUESTIONS: dict[str, dict[str, str]] = {
    "delivery": {"mother_id_number": MOTHER.id_number, "name": MOTHER.name},
    "hukou": {"id_number": MOTHER.id_number, "name": MOTHER.name},
    "marriage": {"id_number": MOTHER.id_number, "name": MOTHER.name},
    "certificates": {
        "holder_id_number": MOTHER.id_number, "name": MOTHER.name, "type": "marriage_certificate",
    },
    "maternity": {"mother_id_number": MOTHER.id_number, "name": MOTHER.name},
    "citizen_id": {"certificate_number": "X340000001", "name": "李小满"},
    "institution": {"institution_code": "H34010401"},
}  # fmt: skip
BEHIND: dict[str, Any] = {
    "delivery": found("deliveries", [delivery(newborns=[NEWBORN])]),
    "hukou": found("person", PERSON),
    "marriage": found("marriage", MARRIAGE),
    "certificates": found("certificate", CERTIFICATE),
    "maternity": found("maternity", MATERNITY),
}


class Asker(Door):
    """A partner whose signature covers purpose and consent."""

    purpose, consent, covering = PURPOSE, CONSENT, ("purpose", "consent")

    def ask(self, register: str, **changes: Any) -> Any:
        raw = json.dumps({**QUESTIONS[register], **changes}).encode()
        path = f"/api/v1/registers/{register}"
        said = {"Purpose": self.purpose, "Consent": self.consent}
        said = {name: value for name, value in said.items() if value}
        message = Message(
            "POST",
            f"{settings.YIJIAN.public_url}{path}",
            {"Content-Type": "application/json", **said},
            raw,
        )
        headers = sign(
            message,
            participant=self.code,
            private_pem=self.key(),
            nonce=uuid.uuid4().hex,
            now=real_now(),
            covering=[name for name in self.covering if name.title() in said],
        )
        return self.send(path, raw, headers)


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    """The registers behind this node."""
    outside = Outside(dict(BEHIND))
    key = (settings.YIJIAN.keys_folder / f"{settings.YIJIAN.node}.pem").read_bytes()
    monkeypatch.setattr(registers, "STEP_SECONDS", 0.001)
    monkeypatch.setattr(registers, "relays", relaying.Relays())
    with httpx.Client(transport=httpx.MockTransport(outside.handle)) as client:
        caller = Caller(client, settings.YIJIAN.node, key, real_now)
        monkeypatch.setattr(relaying, "caller", lambda: caller)
        yield outside


@pytest.fixture
def asker(db: None, behind: Outside, client: Client) -> Asker:
    """A partner that may ask everything."""
    key = (settings.YIJIAN.keys_folder / f"{PARTNER}.pub.pem").read_text(encoding="ascii")
    exchange.put_partner(code=PARTNER, public_key=key)
    for register in REGISTERS:
        give(register)
    return Asker(PARTNER, client)


def give(register: str = "delivery", **changes: Any) -> None:
    now = real_now() - timedelta(minutes=1)
    purposes, fields = frozenset({PURPOSE}), frozenset({EVERYTHING})
    right = Right(PARTNER, register, purposes, True, fields, now, None, 50)
    for name, value in changes.items():
        if isinstance(value, timedelta):
            changes[name] = now + value
    providing.grant(by="operator:test", right=replace(right, **changes), now=now)


def last() -> RegisterQuestion:
    return RegisterQuestion.objects.order_by("-at", "-id")[0]


@pytest.mark.parametrize("register", sorted(BEHIND))
def test_what_is_not_known_here_is_relayed_in_our_own_name(
    asker: Asker, behind: Outside, register: str
) -> None:
    answer = asker.ask(register)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["found"] is True and told[REGISTERS[register].part]
    (asked,) = behind.asked
    assert f'keyid="{settings.YIJIAN.node}"' in asked.headers["Signature-Input"]
    assert (asked.headers["Purpose"], asked.headers["Consent"]) == (PURPOSE, CONSENT)
    receipt = last()
    assert told["receipt"]["id"] == str(receipt.id)
    assert (receipt.partner, receipt.register, receipt.outcome) == (PARTNER, register, "found")
    assert (receipt.purpose, receipt.consent) == (PURPOSE, CONSENT)


def test_a_delivery_entered_here_is_answered_without_asking_anybody(
    node: None, asker: Asker, behind: Outside
) -> None:
    deliveries.report(sender="hospital", delivery=delivery(), now=real_now())
    told = asker.ask("delivery").json()
    assert [one["delivery_id"] for one in told["deliveries"]] == ["D1"]
    assert behind.asked == []


def test_an_institution_is_found_and_another_office_is_none(node: None, asker: Asker) -> None:
    told = asker.ask("institution").json()
    assert told["institution"]["code"] == "H34010401" and told["institution"]["name"]
    (station, *_) = contexts.directory().of_kind("police_station")
    assert asker.ask("institution", institution_code=station.code).json()["found"] is False


def test_a_name_that_does_not_belong_to_the_number_finds_nobody(
    node: None, asker: Asker, behind: Outside
) -> None:
    deliveries.report(sender="hospital", delivery=delivery(), now=real_now())
    for register in ("delivery", "hukou", "certificates"):
        told = asker.ask(register, name="王方").json()
        assert told["found"] is False and set(told) == {"receipt", "found"}
        assert last().outcome == "absent"
    assert asker.ask("hukou", name=" 王\u200b芳 ").json()["found"] is True


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"purposes": frozenset({"school"})}, "another_purpose"),
        ({"begins_at": timedelta(days=1)}, "not_in_force"),
        ({"ends_at": timedelta(seconds=1)}, "not_in_force"),
        (None, "no_right"),
    ],
)
def test_what_is_not_allowed_looks_like_what_is_not_there(
    asker: Asker, behind: Outside, changes: dict[str, Any] | None, reason: str
) -> None:
    behind.answers["hukou"] = {"receipt": {}, "found": False}
    absent = asker.ask("hukou")
    if changes is None:
        providing.end(by="operator:test", partner=PARTNER, register="hukou", now=real_now())
    else:
        give("hukou", **changes)
    refused = asker.ask("hukou")
    assert refused.status_code == absent.status_code == 200
    assert set(refused.json()) == set(absent.json()) == {"receipt", "found"}
    assert refused.json()["receipt"].keys() == absent.json()["receipt"].keys()
    assert refused.headers.keys() == absent.headers.keys()
    assert len(behind.asked) == 1
    assert (last().outcome, last().reason) == ("refused", reason)


def test_without_the_familys_consent_nothing_is_told_where_it_is_needed(asker: Asker) -> None:
    asker.consent = ""
    assert asker.ask("hukou").json()["found"] is False
    assert last().reason == "no_consent"
    give("hukou", consent=False)
    assert asker.ask("hukou").json()["found"] is True


def test_only_the_fields_of_the_right_leave(asker: Asker, behind: Outside) -> None:
    give("delivery", fields=frozenset({"newborns.weeks"}))
    behind.answers["delivery"] = found("deliveries", [delivery() | {"secret": "x"}])
    (record,) = asker.ask("delivery").json()["deliveries"]
    assert "father" not in record and "phone" not in record["mother"] and "secret" not in record
    (newborn,) = record["newborns"]
    assert newborn["weeks"] == 39 and "weight_g" not in newborn
    assert record["mother"]["name"] == MOTHER.name


def test_a_days_budget_ends_whatever_is_asked(asker: Asker, behind: Outside) -> None:
    give("hukou", daily_budget=2)
    assert [asker.ask("hukou").status_code for _ in range(3)] == [200, 200, 429]
    ended = asker.ask("hukou", name="谁")
    assert (ended.status_code, ended.json()["error"]) == (429, "too_many")
    assert ended["Retry-After"] and last().outcome == "over_budget"
    assert len(behind.asked) == 2
    assert asker.ask("marriage").status_code == 200


@pytest.mark.parametrize(
    "lie",
    [
        reply(503, {}),
        httpx.ConnectError("x"),
        {"found": "yes"},
        found("person", {"name": MOTHER.name}),
    ],
)
def test_a_register_that_fails_is_not_one_that_has_nothing(
    asker: Asker, behind: Outside, lie: Any
) -> None:
    behind.answers["hukou"] = lie if isinstance(lie, dict) else lambda _: lie
    if isinstance(lie, Exception):
        behind.answers["hukou"] = lie
    answer = asker.ask("hukou")
    assert (answer.status_code, answer.json()["error"]) == (503, "out_of_order")
    assert answer["Retry-After"]


def test_a_silent_register_is_left_alone_for_a_while(asker: Asker, behind: Outside) -> None:
    behind.answers["hukou"] = httpx.ConnectError("x")
    assert [asker.ask("hukou").status_code for _ in range(3)] == [503] * 3
    assert len(behind.asked) == 1
    assert asker.ask("marriage").status_code == 200


def test_a_register_that_does_not_exist_knows_nobody(asker: Asker, behind: Outside) -> None:
    behind.answers["maternity"] = lambda _: reply(404, {})
    assert asker.ask("maternity").json()["found"] is False


@pytest.mark.parametrize("left_out", ["purpose", "consent"])
def test_purpose_and_consent_are_covered_by_the_signature(asker: Asker, left_out: str) -> None:
    asker.covering = tuple(name for name in Asker.covering if name != left_out)
    answer = asker.ask("hukou")
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["fields"]] == [left_out]
    assert not RegisterQuestion.objects.exists()


@pytest.mark.parametrize("consent", [MOTHER.id_number, "王芳", "c" * 65])
def test_a_consent_that_could_name_somebody_is_not_kept(asker: Asker, consent: str) -> None:
    path = "/registers/hukou"
    raw = json.dumps(QUESTIONS["hukou"]).encode()
    headers = asker.headers("POST", f"/api/v1{path}", raw, "application/json")
    headers |= {"Purpose": PURPOSE, "Consent": consent}
    assert asker.send(f"/api/v1{path}", raw, headers).status_code == 422
    assert not RegisterQuestion.objects.exists()


def test_a_receipt_says_nothing_about_anybody(asker: Asker) -> None:
    for register in BEHIND:
        asker.ask(register)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(q::text, '\n') FROM register_question q")
        (rows,) = cursor.fetchone()
    for value in (MOTHER.name, MOTHER.id_number, FATHER.name, FATHER.id_number, "庐阳"):
        assert value not in rows
    told = rights.questions(person=MOTHER.id_number)
    assert {one.register for one in told} == set(BEHIND)
    assert rights.questions(person=FATHER.id_number) == []
    same, other = rights.questions(partner=PARTNER)[:2]
    assert same.question_digest != other.question_digest and len(same.answer_digest) == 64


def test_who_asked_too_early_is_told_once_and_by_its_receipt_alone(
    node: None, asker: Asker, behind: Outside
) -> None:
    behind.answers["delivery"] = {"found": False}
    receipt = asker.ask("delivery").json()["receipt"]["id"]
    asker.ask("delivery", name="王方")
    deliveries.report(sender="hospital", delivery=delivery(), now=real_now())
    deliveries.report(sender="hospital", delivery=delivery(midwife="李静"), now=real_now())
    message = OutboxMessage.objects.get(kind=REGISTER_CHANGED)
    assert (str(message.case_id), message.destination) == (receipt, PARTNER)
    assert (message.sealed, message.state) == (None, "waiting")
    assert asker.ask("delivery").json()["found"] is True
    claimed = exchange.claim_messages(destination=PARTNER, limit=9, now=real_now())
    (sent,) = map(read_event, map(cloud_event, claimed))
    assert sent.subject == receipt and MOTHER.id_number not in str(sent.data)


def test_nobody_else_is_told_of_a_delivery(node: None, asker: Asker, behind: Outside) -> None:
    def told() -> bool:
        deliveries.report(sender="hospital", delivery=delivery(), now=real_now())
        return OutboxMessage.objects.filter(kind=REGISTER_CHANGED).exists()

    behind.answers["delivery"] = {"found": False}
    asker.ask("delivery", mother_id_number="340104199605011226")
    asker.ask("delivery", name="王方")
    assert not told()
    asked = last()
    RegisterQuestion.objects.filter(id=asked.id).delete()
    rights.note(
        Asked(PARTNER, "delivery", PURPOSE, CONSENT, QUESTIONS["delivery"], MOTHER.id_number),
        outcome="absent",
        now=real_now() - timedelta(days=31),
    )
    assert not told()
    RegisterQuestion.objects.update(at=real_now())
    providing.end(by="x", partner=PARTNER, register="delivery", now=real_now())
    assert not told()
    give("delivery")
    assert told()


def test_what_is_not_allowed_takes_as_long_as_what_is_not_there(
    asker: Asker, behind: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(registers, "STEP_SECONDS", 60.0)
    monkeypatch.setattr(registers.time, "sleep", waits.append)
    clock = iter(range(0, 1000, 7))
    monkeypatch.setattr(registers, "relays", relaying.Relays(lambda: float(next(clock))))
    behind.answers["hukou"] = {"found": False}
    began = time.monotonic()
    asker.ask("hukou")
    providing.end(by="x", partner=PARTNER, register="hukou", now=real_now())
    asker.ask("hukou")
    absent, usual, refused = waits
    assert usual == 7.0
    assert all(60.0 - (time.monotonic() - began) <= wait <= 60.0 for wait in (absent, refused))


@pytest.mark.parametrize("register", sorted(REGISTERS))
def test_the_published_shape_has_exactly_the_fields_of_the_register(register: str) -> None:
    shape = getattr(register_shapes, {
        "delivery": "DeliveryPart", "hukou": "HukouPart", "marriage": "MarriagePart",
        "certificates": "CertificatePart", "maternity": "MaternityPart",
        "citizen_id": "CitizenPart", "institution": "InstitutionPart",
    }[register])  # fmt: skip

    def paths(model: Any, prefix: str = "") -> Iterator[tuple[str, bool]]:
        for name, field in model.model_fields.items():
            inner = [
                one
                for one in (field.annotation, *get_args(field.annotation))
                if isinstance(one, type) and issubclass(one, register_shapes._Part)
            ]
            path = f"{prefix}{name}"
            if inner and name != "file":
                yield from paths(inner[0], f"{path}.")
                if not field.is_required():
                    yield path, False
            else:
                yield path, field.is_required()

    found_here = dict(paths(shape))
    known = REGISTERS[register]
    assert {path for path, needed in found_here.items() if needed} == known.needed
    assert {path for path, needed in found_here.items() if not needed} == known.optional


def test_a_stranger_learns_nothing_at_all(db: None, behind: Outside, client: Client) -> None:
    make_key_pair(settings.YIJIAN.keys_folder, "stranger-1")
    assert Asker("stranger-1", client).ask("hukou").status_code == 401
    assert not RegisterQuestion.objects.exists()


def test_the_relay_has_this_nodes_own_name_and_patience() -> None:
    own = relaying.caller()
    assert own.participant == settings.YIJIAN.node and relaying.caller() is own
    assert own.private_pem.startswith(b"-----BEGIN PRIVATE KEY-----")
    assert not own.client.follow_redirects
