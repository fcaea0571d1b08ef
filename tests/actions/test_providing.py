"""What a node knows itself: the child's number and certificates, for number and name alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.actions.cast import Household
from tests.actions.test_certificates import NUMBER, issue, register
from yijian.actions import providing
from yijian.domain.registers import EVERYTHING, Right
from yijian.gateways.calls import CallFailedError
from yijian.records import certificates, rights
from yijian.records.models import RegisterRight

pytestmark = pytest.mark.django_db
PARTNER, PURPOSE = "node-320000", "school"
CHILD = "李小满"


def nobody(register: str, question: Mapping[str, str]) -> Mapping[str, object]:
    raise CallFailedError("no_provider")


def ask(family: Household, register: str, **question: str) -> object:
    right = Right(
        PARTNER, register, frozenset({PURPOSE}), False, frozenset({EVERYTHING}),
        family.now - timedelta(1), None, 99,
    )  # fmt: skip
    providing.grant(by="operator:test", right=right, now=family.now)
    told = providing.answer(
        partner=PARTNER, register=register, question=question, purpose=PURPOSE, consent="",
        relay=nobody, now=family.now,
    )  # fmt: skip
    return told.part


def test_a_childs_number_is_found_by_certificate_and_name_once_it_is_given(
    submitted: Household,
) -> None:
    issue(submitted)
    assert ask(submitted, "citizen_id", certificate_number=NUMBER, name=CHILD) is None
    number = register(submitted)
    assert ask(submitted, "citizen_id", certificate_number=NUMBER, name=CHILD) == {
        "name": CHILD, "id_number": number, "sex": "2", "birth_date": "2026-11-18",
        "certificate_number": NUMBER,
    }  # fmt: skip
    assert ask(submitted, "citizen_id", certificate_number=NUMBER, name="李大满") is None
    assert ask(submitted, "citizen_id", certificate_number="Z340000002", name=CHILD) is None
    (question, *_) = rights.questions(partner=PARTNER)
    assert question.outcome == "absent"


def test_a_certificate_issued_here_is_found_while_it_is_valid(submitted: Household) -> None:
    standing = issue(submitted)
    number = register(submitted)
    asked = {"holder_id_number": number, "name": CHILD, "type": "birth_certificate"}
    told = ask(submitted, "certificates", **asked)
    assert isinstance(told, dict)
    assert (told["identifier"], told["number"]) == (standing.identifier, NUMBER)
    assert told["data"]["holder_id_number"] == number
    assert ask(submitted, "certificates", **{**asked, "name": "李大满"}) is None
    certificates.revoke(standing.id, submitted.now)
    assert ask(submitted, "certificates", **asked) is None


def test_how_often_a_familys_data_were_told_is_counted(submitted: Household) -> None:
    def relayed(register: str, question: Mapping[str, str]) -> Mapping[str, object]:
        return {"found": True, "marriage": {"state": "married"}}

    number = str(submitted.case.verified["mother_id_number", 0].value)
    ask(submitted, "marriage", id_number=number, name="王芳")
    assert providing.times_told_about_case(submitted.number) == 0
    providing.answer(
        partner=PARTNER, register="marriage", question={"id_number": number, "name": "王芳"},
        purpose=PURPOSE, consent="", relay=relayed, now=submitted.now,
    )  # fmt: skip
    assert providing.times_told_about_case(submitted.number) == 1
    assert providing.times_told_about_case("nothing") is None


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("register", {"register": "weather"}),
        ("purposes", {"purposes": frozenset()}),
        ("fields", {"fields": frozenset({"secret"})}),
        ("daily_budget", {"daily_budget": 0}),
        ("ends_at", {"ends_at": "begins"}),
    ],
)
def test_a_right_that_cannot_be_is_not_given(field: str, changes: dict[str, Any]) -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    good = Right(PARTNER, "hukou", frozenset({"p"}), True, frozenset(), at, None, 1)
    if changes == {"ends_at": "begins"}:
        changes = {"ends_at": at}
    with pytest.raises(providing.NotARightError) as refused:
        providing.grant(by="x", right=replace(good, **changes), now=at)
    assert refused.value.field == field
    assert not RegisterRight.objects.exists()
