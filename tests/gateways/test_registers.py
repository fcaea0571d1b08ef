"""Recorded answers in, values out: each register, its contradictions and its impossible answers."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.gateways.conftest import (
    FATHER,
    MOTHER,
    NEWBORN,
    NOTHING,
    QUERY,
    RECEIPT,
    URL,
    Outside,
    delivery,
    found,
    reply,
    values_of,
)
from yijian.domain.cases import CheckState
from yijian.gateways.calls import Caller
from yijian.gateways.registers import Answer, Person, Query, ask, read_delivery
from yijian.gateways.registers.reading import WrongShapeError, normal_text

ANOTHER = (("delivery_record_matches", 0, False),)
EAST = timezone(timedelta(hours=8))
PERSON = {
    "name": "王芳", "id_number": "340103199505012224", "sex": "2", "birth_date": "1995-05-01",
    "ethnicity": "01", "nationality": "CHN", "division": "340103", "address": "庐阳区示例路1号",
    "household": "family", "head_name": "王大力", "relation_to_head": "30", "native_place": "340100",
    "police_station": "P340103", "police_station_name": "庐阳示例派出所", "id_valid_until": None,
}  # fmt: skip
MARRIAGE = {
    "state": "married", "spouse_name": "李强", "spouse_id_number": "320106199402031231",
    "registered_on": "2022-05-20", "certificate_number": "J340103-2022-000520",
}  # fmt: skip
MATERNITY = {
    "insured": "employee", "division": "340100", "settled": True, "pool": "inside",
    "amount_fen": 350_000, "allowance": True,
}  # fmt: skip
CERTIFICATE = {
    "identifier": "1.2.156", "number": "J340103-2022-000520", "type": "marriage_certificate",
    "issued_on": "2022-05-20", "valid_until": None, "issuer": "示例婚姻登记处",
    "data": {"holder_name": "王芳", "holder_id_number": "340103199505012224"},
    "file": {"name": "a.pdf", "media_type": "application/pdf", "base64": "JVBERi0="},
}  # fmt: skip


@pytest.fixture
def put(outside: Outside, caller: Caller, now: datetime) -> Any:
    """Ask a register that answers like this."""

    def put(register: str, answer: Any, query: Query = QUERY) -> Answer:
        outside.answers[register] = answer
        return ask(register, query, caller=caller, url=URL, now=now)

    return put


def test_a_delivery_becomes_facts_of_family_and_newborn(put: Any) -> None:
    answer = put("delivery", found("deliveries", [delivery()]))
    values = values_of(answer)
    assert (answer.state, answer.newborns) == (CheckState.FOUND, 1)
    assert answer.receipt == RECEIPT["id"] and answer.source == "省妇幼健康信息平台"
    assert values["delivery_recorded_at", 0] == datetime(2026, 11, 18, 8, tzinfo=EAST)
    assert values["born_division", 0] == "340104"
    assert values["father_known", 0] is True
    assert values["father_birth_date", 0] == date(1994, 2, 3)
    assert values["parity", 0] == 1
    assert values["newborn_born_at", 1] == datetime(2026, 11, 18, 3, 27, tzinfo=EAST)
    assert values["newborn_certificate_collected", 1] is False
    assert ("newborn_certificate_number", 1) not in values


def test_the_question_names_its_purpose_and_consent(put: Any, outside: Outside) -> None:
    put("delivery", found("deliveries", [delivery()]))
    (request,) = outside.asked
    assert request.headers["Purpose"] == "newborn_joint_service"
    assert request.headers["Consent"] == "consent-1"
    assert outside.body() == {"mother_id_number": MOTHER.id_number}
    assert request.headers["Signature-Input"].startswith(
        'sig1=("@method" "@target-uri" "content-digest" "content-type")'
    )


def test_twins_in_any_order_keep_their_numbers(put: Any) -> None:
    twins = [{**NEWBORN, "order": 2, "sex": "2"}, NEWBORN]
    answer = put("delivery", found("deliveries", [delivery(newborns=twins)]))
    assert answer.newborns == 2
    assert values_of(answer)["newborn_sex", 2] == "2"


def test_a_mother_alone_leaves_no_father_behind(put: Any) -> None:
    values = values_of(put("delivery", found("deliveries", [delivery(father=None)])))
    assert values["father_known", 0] is False
    assert values["father_name", 0] is None


def test_a_collected_certificate_is_a_fact(put: Any) -> None:
    newborn = {
        **NEWBORN, "certificate_number": "X340000001", "certificate_collected_on": "2026-11-20"
    }  # fmt: skip
    values = values_of(put("delivery", found("deliveries", [delivery(newborns=[newborn])])))
    assert values["newborn_certificate_collected", 1] is True
    assert values["newborn_certificate_number", 1] == "X340000001"


def test_an_elder_childs_delivery_is_not_this_one(put: Any) -> None:
    elder = delivery(delivery_id="D0", newborns=[{**NEWBORN, "born_at": "2023-01-01T00:00:00Z"}])
    answer = put("delivery", found("deliveries", [delivery(), elder]))
    assert values_of(answer)["delivery_id", 0] == "D1"


def test_the_same_record_sent_twice_is_one_record(put: Any) -> None:
    assert put("delivery", found("deliveries", [delivery(), delivery()])).newborns == 1


@pytest.mark.parametrize(
    ("reason", "records", "said"),
    [
        ("two_deliveries", [delivery(), delivery(delivery_id="D2")], ()),
        (
            "mother_name_differs",
            [delivery(mother=delivery()["mother"] | {"name": "王方"})],
            ANOTHER,
        ),
        (
            "mother_number_differs",
            [delivery(mother=delivery()["mother"] | {"id_number": "34010319950501226X"})],
            ANOTHER,
        ),
    ],
)
def test_a_contradicted_delivery_is_for_a_person_and_shows_nothing(
    put: Any, reason: str, records: list[Any], said: Any
) -> None:
    answer = put("delivery", found("deliveries", records))
    assert (answer.state, answer.reason) == (CheckState.CONFLICT, reason)
    assert answer.values == said and answer.newborns is None and answer.receipt


def test_a_father_who_comes_first_is_told_who_the_registered_mother_is(
    put: Any, outside: Outside
) -> None:
    wife = {**MARRIAGE, "spouse_name": MOTHER.name, "spouse_id_number": MOTHER.id_number}
    query = replace(QUERY, mother=None)
    values = values_of(put("marriage", found("marriage", wife), query))
    assert outside.body() == {"id_number": FATHER.id_number}
    assert values["mother_name", 0] == MOTHER.name
    assert values["mother_id_number", 0] == MOTHER.id_number
    assert values["mother_id_type", 0] == "111"
    assert values["marriage_spouse_id_number", 0] == FATHER.id_number


@pytest.mark.parametrize("state", ["divorced", "widowed"])
def test_a_fathers_former_wife_is_not_taken_for_the_mother(put: Any, state: str) -> None:
    wife = {"spouse_name": "王芳", "spouse_id_number": "340104199605011226"}
    query = replace(QUERY, mother=None)
    values = values_of(
        put("marriage", found("marriage", MARRIAGE | wife | {"state": state}), query)
    )
    assert values["marriage_state", 0] == state
    assert values["marriage_spouse_id_number", 0] is None
    assert ("mother_id_number", 0) not in values


def test_an_unmarried_father_learns_of_no_mother(put: Any) -> None:
    answer = put("marriage", NOTHING, replace(QUERY, mother=None))
    assert answer.state is CheckState.EMPTY
    assert ("mother_id_number", 0) not in values_of(answer)


def test_only_certificates_that_somebody_needs_are_asked_for(put: Any, outside: Outside) -> None:
    needed = frozenset({"father_id_card_held"})
    answer = put("certificates", NOTHING, replace(QUERY, facts=needed))
    assert values_of(answer) == {("father_id_card_held", 0): False}
    assert outside.body() == {"holder_id_number": FATHER.id_number, "type": "id_card"}


def test_the_household_register_tells_the_head_and_where_somebody_lives(put: Any) -> None:
    lives = {"division": "340104", "address": "蜀山区示例路2号"}
    person = {**PERSON, "head_id_number": "340103196501012230", "residence": lives}
    values = values_of(put("hukou", found("person", person), replace(QUERY, father=None)))
    assert values["mother_household_head_id_number", 0] == "340103196501012230"
    assert values["mother_residence_division", 0] == "340104"
    assert values["mother_residence_address", 0] == "蜀山区示例路2号"


def test_a_delivery_tells_how_it_went_and_how_the_mother_is_reached(put: Any) -> None:
    record = delivery(mode="3", discharged_on="2026-11-21", issues_certificates=False)
    values = values_of(put("delivery", found("deliveries", [record])))
    assert values["delivery_mode", 0] == "3"
    assert values["discharged_on", 0] == date(2026, 11, 21)
    assert values["institution_issues_certificates", 0] is False
    assert values["mother_phone", 0] == record["mother"]["phone"]
    assert values["delivery_record_matches", 0] is True


def test_no_delivery_yet_is_an_answer(put: Any) -> None:
    answer = put("delivery", NOTHING | {"deliveries": []})
    assert (answer.state, answer.values, answer.receipt) == (
        CheckState.EMPTY, (), RECEIPT["id"]
    )  # fmt: skip


WRONG: list[tuple[str, Any]] = [
    ("newborns", []), ("newborns", [NEWBORN, NEWBORN]), ("newborns", {}), ("newborns", None),
    ("newborns", [NEWBORN | {"order": 2}]), ("newborns", [NEWBORN | {"order": True}]),
    ("newborns", [NEWBORN | {"order": n} for n in range(1, 12)]),
    ("newborns", [NEWBORN | {"sex": 1}]), ("newborns", [NEWBORN | {"alive": "true"}]),
    ("newborns", [NEWBORN | {"weight_g": 3280.5}]), ("newborns", [NEWBORN | {"weight_g": -1}]),
    ("newborns", [NEWBORN | {"born_at": "2026-11-18T03:27:00"}]),
    ("newborns", [NEWBORN | {"born_at": "2026-11-18"}]),
    ("newborns", [NEWBORN | {"born_at": "2026-11-18T23:59:60+08:00"}]),
    ("newborns", [NEWBORN | {"born_at": "2027-11-18T03:27:00+08:00"}]),
    ("newborns", [NEWBORN | {"born_at": 1_763_400_000}]),
    ("newborns", [NEWBORN | {"certificate_collected_on": "20261120"}]),
    ("newborns", [NEWBORN | {"certificate_collected_on": "2026-02-30"}]),
    ("newborns", [NEWBORN | {"certificate_collected_on": "1582-10-10"}]),
    ("newborns", ["x"]), ("recorded_at", "now"), ("recorded_at", None), ("division", "3401"),
    ("division", "３４０１０４"), ("division", 340104), ("born_place", "moon"), ("delivery_id", ""),
    ("delivery_id", "x" * 65), ("mother", None), ("mother", []), ("father", "李强"),
    ("father", {}), ("midwife", "a\x07b"), ("midwife", {"$gt": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_an_impossible_delivery_is_a_failed_check(put: Any, field: str, value: Any) -> None:
    answer = put("delivery", found("deliveries", [delivery(**{field: value})]))
    assert answer.state is CheckState.FAILED
    assert answer.reason and answer.reason.startswith("wrong_deliveries.0.")
    assert answer.values == ()


@pytest.mark.parametrize(
    "answer",
    [
        {"found": True, "deliveries": [delivery()]},
        {"receipt": RECEIPT, "deliveries": [delivery()]},
        {"receipt": RECEIPT, "found": 1, "deliveries": [delivery()]},
        {"receipt": RECEIPT, "found": True},
        {"receipt": RECEIPT, "found": True, "deliveries": []},
        {"receipt": RECEIPT | {"id": f"r-{MOTHER.id_number}"}, "found": False},
        {"receipt": RECEIPT | {"id": "回执"}, "found": False},
        {"receipt": RECEIPT | {"at": "yesterday"}, "found": False},
        {"receipt": [], "found": False},
        {},
    ],
)
def test_an_answer_without_proof_is_a_failed_check(put: Any, answer: Any) -> None:
    assert put("delivery", answer).state is CheckState.FAILED


def test_both_parents_registrations_become_facts(put: Any, outside: Outside) -> None:
    father = PERSON | {
        "name": "李强", "id_number": FATHER.id_number, "household": "collective",
        "id_valid_until": "2035-01-01",
    }  # fmt: skip
    people = {"王芳": PERSON, "李强": father}

    def answer(_request: Any) -> Any:
        return reply(200, found("person", people[outside.body()["name"]]))

    answered = put("hukou", answer)
    values = values_of(answered)
    assert answered.state is CheckState.FOUND and len(answered.receipts) == 2
    assert values["mother_hukou_found", 0] is True
    assert values["mother_id_valid_until", 0] == date(9999, 12, 31)
    assert values["father_id_valid_until", 0] == date(2035, 1, 1)
    assert values["father_household_kind", 0] == "collective"
    assert values["mother_police_station", 0] == "P340103"


def test_the_police_are_never_asked_about_a_foreigner(put: Any, outside: Outside) -> None:
    query = replace(QUERY, father=Person("SMITH JOHN", "414", "E12345678"))
    answer = put("hukou", found("person", PERSON), query)
    assert len(outside.asked) == 1
    assert values_of(answer)["father_hukou_found", 0] is False


def test_nobody_asks_about_a_father_who_is_not_known(put: Any, outside: Outside) -> None:
    answer = put("hukou", found("person", PERSON), replace(QUERY, father=None))
    assert len(outside.asked) == 1
    assert not any(fact.startswith("father_") for fact, _, _ in answer.values)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "王方"}, "mother_name_differs"),
        ({"id_number": FATHER.id_number}, "mother_number_differs"),
    ],
)
def test_a_registration_of_somebody_else_is_a_conflict(
    put: Any, changes: dict[str, str], reason: str
) -> None:
    answer = put("hukou", found("person", PERSON | changes))
    assert (answer.state, answer.reason, answer.values) == (CheckState.CONFLICT, reason, ())


def test_a_number_in_full_width_and_small_x_is_the_same_number(put: Any) -> None:
    query = replace(QUERY, mother=replace(MOTHER, id_number="11010519491231002X"), father=None)
    person = PERSON | {"id_number": " １１０１０５１９４９１２３１００２x ", "name": "王\u200b芳"}
    assert put("hukou", found("person", person), query).state is CheckState.FOUND


def test_no_registration_at_all_is_empty(put: Any) -> None:
    answer = put("hukou", NOTHING)
    assert answer.state is CheckState.EMPTY
    assert values_of(answer)["mother_hukou_found", 0] is False


def test_a_marriage_becomes_facts(put: Any) -> None:
    values = values_of(put("marriage", found("marriage", MARRIAGE)))
    assert values["marriage_state", 0] == "married"
    assert values["marriage_registered_on", 0] == date(2022, 5, 20)


def test_a_spouse_who_is_not_the_father_is_no_conflict(put: Any) -> None:
    other = MARRIAGE | {"spouse_id_number": "340111199001010015", "spouse_name": "赵刚"}
    answer = put("marriage", found("marriage", other))
    assert answer.state is CheckState.FOUND
    assert values_of(answer)["marriage_spouse_id_number", 0] == "340111199001010015"


def test_no_marriage_is_the_state_none(put: Any) -> None:
    answer = put("marriage", NOTHING)
    assert answer.state is CheckState.EMPTY
    assert values_of(answer)["marriage_state", 0] == "none"


def test_nobody_is_married_to_herself(put: Any) -> None:
    own = MARRIAGE | {"spouse_id_number": MOTHER.id_number}
    assert put("marriage", found("marriage", own)).state is CheckState.CONFLICT


@pytest.mark.parametrize(
    "changes", [{"state": "single"}, {"spouse_id_number": None}, {"registered_on": "May"}]
)
def test_half_a_marriage_is_a_failed_check(put: Any, changes: dict[str, Any]) -> None:
    assert put("marriage", found("marriage", MARRIAGE | changes)).state is CheckState.FAILED


def test_certificates_are_held_or_not(put: Any, outside: Outside) -> None:
    def answer(_request: Any) -> Any:
        held = outside.body()["type"] == "marriage_certificate"
        return reply(200, found("certificate", CERTIFICATE) if held else NOTHING)

    needed = frozenset({"marriage_certificate_held", "mother_id_card_held"})
    answered = put("certificates", answer, replace(QUERY, facts=needed))
    assert answered.state is CheckState.FOUND
    assert values_of(answered) == {
        ("marriage_certificate_held", 0): True,
        ("mother_id_card_held", 0): False,
    }
    (given,) = answered.certificates
    assert (given.type, given.role, given.identifier) == (
        "marriage_certificate",
        "mother",
        "1.2.156",
    )
    assert given.receipt in {one.id for one in answered.receipts}
    assert (given.file, given.media_type) == (b"%PDF-", "application/pdf")
    assert given.content["number"] == "J340103-2022-000520"
    assert "file" not in given.content


@pytest.mark.parametrize(
    "file",
    [
        {"name": "a", "media_type": "text/html", "base64": "JVBERi0="},
        {"name": "a", "media_type": "application/pdf", "base64": "PGh0bWw+"},
        {"name": "a", "media_type": "application/ofd", "base64": "JVBERi0="},
        {"name": "a", "media_type": "application/pdf", "base64": "no base64!"},
        {"name": "a", "media_type": "application/pdf"},
    ],
)
def test_a_file_that_is_not_what_it_says_is_a_failed_check(
    put: Any, file: dict[str, object]
) -> None:
    needed = frozenset({"marriage_certificate_held"})
    wrong = found("certificate", CERTIFICATE | {"file": file})
    answer = put("certificates", wrong, replace(QUERY, facts=needed))
    assert answer.state is CheckState.FAILED
    assert (answer.reason or "").startswith("wrong_")
    assert answer.certificates == ()


def test_the_certificate_of_another_is_a_conflict(put: Any) -> None:
    other = copy.deepcopy(CERTIFICATE)
    other["data"] = {"holder_id_number": FATHER.id_number}
    answer = put("certificates", found("certificate", other))
    assert (answer.state, answer.reason) == (
        CheckState.CONFLICT, "marriage_certificate_of_another"
    )  # fmt: skip


def test_maternity_insurance_becomes_facts(put: Any) -> None:
    values = values_of(put("maternity", found("maternity", MATERNITY)))
    assert values["maternity_amount_fen", 0] == 350_000
    assert values["maternity_settled", 0] is True


def test_an_uninsured_mother_is_insured_none(put: Any) -> None:
    assert values_of(put("maternity", NOTHING))["maternity_insured", 0] == "none"


@pytest.mark.parametrize(
    "changes", [{"amount_fen": "1"}, {"amount_fen": 1e3}, {"settled": None}, {"pool": "x"}]
)
def test_an_impossible_settlement_is_a_failed_check(put: Any, changes: dict[str, Any]) -> None:
    assert put("maternity", found("maternity", MATERNITY | changes)).state is CheckState.FAILED


def test_a_reported_delivery_is_read_like_a_registers(now: datetime) -> None:
    facts, newborns = read_delivery(delivery(), now)
    assert newborns == 1 and ("newborn_sex", 1, "1") in facts
    with pytest.raises(WrongShapeError):
        read_delivery({"newborns": [1]}, now)


@pytest.mark.parametrize(
    ("given", "normal"),
    [(" 王 芳 ", "王 芳"), ("e\u0301", "é"), ("\u202e芳", "芳"), ("\ufeff", "")],
)
def test_texts_are_normal(given: str, normal: str) -> None:
    assert normal_text(given) == normal
