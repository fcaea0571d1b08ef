"""Departments, live-person check, text messages, courier and identity: answers in, values out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.gateways.conftest import RECEIPT, Outside, reply, values_of
from yijian.gateways import courier, departments, face, identity, sms
from yijian.gateways.calls import Caller, CallFailedError
from yijian.gateways.registers.reading import WrongShapeError

ENDPOINT = "http://hr.test/events"
EVENTS = [{"id": f"e{n}", "specversion": "1.0"} for n in range(3)]


def answer_with(outside: Outside, path: str, body: Any, status: int = 202) -> None:
    outside.answers[path] = lambda _request: reply(status, body)


def test_a_batch_is_taken_in_parts(outside: Outside, caller: Caller) -> None:
    refused = [{"id": "e1", "reason": "unknown item"}]
    answer_with(outside, "events", {"accepted": ["e0"], "refused": refused})
    delivered = departments.push(ENDPOINT, EVENTS, caller=caller)
    assert delivered.accepted == {"e0"}
    assert delivered.refused == {"e1": "unknown item"}
    assert delivered.unanswered == {"e2"}
    assert outside.asked[0].headers["Content-Type"] == departments.BATCH
    assert outside.body() == EVENTS


def test_ids_of_others_and_nonsense_in_the_answer_are_ignored(
    outside: Outside, caller: Caller
) -> None:
    refused = [{"id": "e0", "reason": "too late"}, {"id": 5}, "x", {"id": "e1", "reason": 7}]
    answer_with(outside, "events", {"accepted": ["e0", "other", 3], "refused": refused})
    delivered = departments.push(ENDPOINT, EVENTS, caller=caller)
    assert delivered.accepted == {"e0"} and delivered.refused == {"e1": ""}


@pytest.mark.parametrize("body", [{}, {"accepted": "e0"}, {"accepted": [], "refused": {}}])
def test_an_answer_without_ids_is_a_failed_call(
    outside: Outside, caller: Caller, body: dict[str, Any]
) -> None:
    answer_with(outside, "events", body)
    with pytest.raises(CallFailedError):
        departments.push(ENDPOINT, EVENTS, caller=caller)


def test_a_batch_has_at_most_five_hundred_events(caller: Caller) -> None:
    with pytest.raises(ValueError, match="1 to 500"):
        departments.push(ENDPOINT, EVENTS * 167, caller=caller)


def test_a_live_check_needs_the_right_person_alive(outside: Outside, caller: Caller) -> None:
    for passed, matches in ((True, True), (True, False), (False, True)):
        body = {"passed": passed, "id_number_matches": matches, "at": RECEIPT["at"]}
        answer_with(outside, "result", body | {"receipt": RECEIPT}, status=200)
        check = face.result("code", "state", caller=caller, url="http://face.test/face")
        assert check.is_person is (passed and matches)
        assert check.receipt == RECEIPT["id"]
    assert outside.body() == {"code": "code", "state": "state"}


@pytest.mark.parametrize(
    ("status", "body"), [(404, {}), (200, {"passed": "yes"}), (200, {"passed": True})]
)
def test_a_used_or_broken_result_is_final(
    outside: Outside, caller: Caller, status: int, body: dict[str, Any]
) -> None:
    answer_with(outside, "result", body, status=status)
    with pytest.raises(CallFailedError) as failed:
        face.result("code", "state", caller=caller, url="http://face.test/face")
    assert failed.value.passing is False


def test_a_text_message_is_handed_over_with_its_id(outside: Outside, caller: Caller) -> None:
    answer_with(outside, "sms", {"message_id": "m1"})
    sms.send("m1", "19900000001", "您好", caller=caller, url="http://sms.test/sms")
    assert outside.body() == {"message_id": "m1", "to": "19900000001", "text": "您好"}
    answer_with(outside, "sms", {"message_id": "m2"})
    with pytest.raises(CallFailedError):
        sms.send("m1", "19900000001", "您好", caller=caller, url="http://sms.test/sms")


def test_a_text_message_has_an_end(outside: Outside, caller: Caller) -> None:
    with pytest.raises(CallFailedError) as failed:
        sms.send("m1", "19900000001", "长" * 501, caller=caller, url="http://sms.test/sms")
    assert failed.value.passing is False and outside.asked == []


def test_a_parcel_gets_a_tracking_number(outside: Outside, caller: Caller) -> None:
    answer_with(outside, "orders", {"tracking_number": "YJ000000001CN"})
    parcel = courier.Parcel("o1", "card", "王芳", "19900000001", "庐阳区")
    url = "http://courier.test/courier"
    assert courier.order(parcel, caller=caller, url=url) == "YJ000000001CN"
    answer_with(outside, "o1", {"state": "delivered"}, status=200)
    assert courier.state("o1", caller=caller, url=url) == "delivered"
    answer_with(outside, "orders", {"tracking_number": "<script>"})
    with pytest.raises(CallFailedError):
        courier.order(parcel, caller=caller, url=url)


CLAIMS = {
    "sub": "person-1", "name": "王芳", "id_number": "34010319950501222x", "id_type": "111",
    "phone": "19900000001", "id_valid_until": None, "acr": "real_name",
}  # fmt: skip


def test_a_citizen_is_read_from_claims() -> None:
    person = identity.read(CLAIMS)
    assert isinstance(person, identity.Identity)
    assert person.id_number == "34010319950501222X" and person.valid_until is None
    values = values_of(identity.answer_about(person, "mother"))
    assert values["mother_id_number", 0] == "34010319950501222X"
    assert ("mother_id_valid_until", 0) not in values


def test_a_foreigners_document_has_its_own_end() -> None:
    person = identity.read(CLAIMS | {"id_type": "414", "id_valid_until": "2030-01-31"})
    assert isinstance(person, identity.Identity)
    values = values_of(identity.answer_about(person, "father"))
    assert values["father_id_valid_until", 0] == date(2030, 1, 31)


def test_staff_are_read_from_claims() -> None:
    claims = {"sub": "staff-H34010401", "name": "陈静", "staff_number": "0001"}
    staff = identity.read(claims)
    assert isinstance(staff, identity.StaffIdentity) and staff.staff_number == "0001"
    assert staff.roles == () and staff.office == ""
    staff = identity.read(claims | {"roles": "clerk  deliveries", "office": "H34010401"})
    assert isinstance(staff, identity.StaffIdentity)
    assert (staff.roles, staff.office) == (("clerk", "deliveries"), "H34010401")


@pytest.mark.parametrize(
    "changes", [{"sub": ""}, {"name": None}, {"id_type": "x"}, {"id_number": 5}, {"acr": None}]
)
def test_claims_that_say_too_little_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(WrongShapeError):
        identity.read(CLAIMS | changes)
