"""The certificate doors: data and files by the family's code; everything else is not there."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now as real_now  # noqa: TID251 (the door has a clock)

from tests.api.conftest import Door, card_of, feedback
from yijian.actions.certificate_tokens import read
from yijian.domain.certificates import canonical
from yijian.records import certificate_grants as grants
from yijian.records import certificates as records
from yijian.records import documents
from yijian.records.documents import File, Settled
from yijian.records.mapping import LoadedCase

CODE = "0123456789"
WHY = "办理入托登记"


@pytest.fixture
def card(family: LoadedCase, hr: Door) -> records.Standing:
    """The social security card, with a code of the family."""
    done = {"outlet": "示例网点", "ready_on": "2026-11-21"}
    answer = hr.post("/feedback", feedback(card_of(family), "completed", result=done))
    assert answer.json()["outcome"] == "applied", answer.json()
    (standing,) = records.of_cases([family.id])[family.id]
    assert family.key is not None
    grants.make(
        case_id=family.id, key=family.key, certificate_id=standing.id, role="mother",
        purpose=WHY, code=CODE, now=real_now(), until=real_now() + timedelta(minutes=30),
    )  # fmt: skip
    return standing


def asked(standing: records.Standing, **changes: Any) -> dict[str, Any]:
    given = {"identifier": standing.identifier, "purpose": WHY, "authorisation": CODE}
    return {name: value for name, value in (given | changes).items() if value is not None}


def test_a_partner_fetches_the_data_that_the_family_allows(
    card: records.Standing, insurance: Door
) -> None:
    answer = insurance.post("/certificates/query", asked(card))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["state"], told["metadata"]["证照名称"]) == ("valid", "社会保障卡")
    digest = hashlib.sha256(canonical(told["content"]).encode()).hexdigest()
    assert digest == told["digest"] == card.digest
    assert read(told["token"]).identifier == card.identifier
    assert answer["Cache-Control"] == "no-store"


def test_nothing_that_is_absent_or_forbidden_differs(
    card: records.Standing, insurance: Door, hr: Door
) -> None:
    other = card.identifier[:-1] + ("1" if card.identifier.endswith("0") else "0")
    wrong = [
        asked(card, authorisation="9999999999"),
        asked(card, identifier=other),
        asked(card, identifier=None, holder_id_number="110105199003078888", type="card"),
    ]
    answers = [insurance.post("/certificates/query", body) for body in wrong]
    assert insurance.post("/certificates/query", asked(card)).status_code == 200
    answers.append(hr.post("/certificates/query", asked(card)))
    answers.append(hr.post("/certificates/file", asked(card, face="front", format="pdf")))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "用" * 201},
        {"purpose": ""},
        {"identifier": None},
        {"holder_id_number": "110105199003078888", "type": "card"},
        {"identifier": None, "holder_id_number": "110105199003078888"},
        {"extra": 1},
    ],
)
def test_a_question_that_is_not_as_agreed_is_answered_so(
    card: records.Standing, insurance: Door, change: dict[str, Any]
) -> None:
    answer = insurance.post("/certificates/query", asked(card, **change))
    assert answer.status_code == 422
    assert CODE not in answer.content.decode()


def test_a_partner_fetches_a_face_as_a_file(
    card: records.Standing, family: LoadedCase, insurance: Door
) -> None:
    now = real_now()
    body = asked(card, face="front", format="pdf")
    assert insurance.post("/certificates/file", body).status_code == 404
    (face,) = [d for d in documents.of_case(family.id) if d.kind == "social_security_card.front"]
    pdf = b"%PDF-1.7 made elsewhere"
    file = File(pdf, hashlib.sha256(pdf).digest(), bytes(32))
    documents.claim(limit=50, now=now)
    done = Settled(face.id, family.id, documents.READY, family.key, {"pdf": file}, pages=1)
    documents.settle([done], now=now)
    told = insurance.post("/certificates/file", body).json()
    assert base64.b64decode(told["base64"]) == pdf
    assert (told["media_type"], told["sha256"]) == (
        "application/pdf", hashlib.sha256(pdf).hexdigest(),
    )  # fmt: skip
    ofd = asked(card, face="front", format="ofd")
    assert insurance.post("/certificates/file", ofd).status_code == 404
