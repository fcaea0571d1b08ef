"""Certificates: kept with the result, linked to the child's number, told to the next office."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.actions.cast import CERTIFICATE, ENROLMENT, REGISTRATION, Household, clerk_of, household
from tests.actions.cast import newborn_id as citizen_number
from tests.web.cast import TWINS
from yijian.actions import cases, certificates, contexts, dispatching, live_checks
from yijian.actions.certificate_tokens import WrongTokenError, read, token_of
from yijian.domain import handling
from yijian.domain.certificates import CertificateState, read_identifier
from yijian.domain.context import RefusedError
from yijian.domain.documents import QrCode
from yijian.domain.events import Event, EventKind
from yijian.domain.handling import OfficeDecision
from yijian.domain.states import TaskState
from yijian.records import cases as case_records
from yijian.records import certificates as records
from yijian.records import documents, journal
from yijian.records.models import CaseRow, CertificateRow, DocumentRow, OutboxMessage
from yijian.records.sealed import opened as unsealed

pytestmark = pytest.mark.django_db
NUMBER = "Z340000001"


def issue(family: Household, number: str = NUMBER) -> records.Standing:
    """The hospital issues the birth certificate."""
    family.decide(
        clerk_of(family, CERTIFICATE), CERTIFICATE, TaskState.COMPLETED,
        result={"certificate_number": number, "issued_on": "2026-11-21"},
    )  # fmt: skip
    (standing,) = records.of_cases([family.id])[family.id]
    return standing


def register(family: Household) -> str:
    """The police register the child; its number."""
    number = citizen_number(family)
    officer = clerk_of(family, REGISTRATION)
    family.decide(officer, REGISTRATION, TaskState.APPROVED)
    cases.answer_ask(
        by=family.mother, number=family.number, item=REGISTRATION[0], newborn=1,
        ask="confirm_register_form", now=family.now,
    )  # fmt: skip
    family.decide(
        officer, REGISTRATION, TaskState.COMPLETED,
        result={"citizen_id_number": number, "registered_on": "2026-11-21"},
    )  # fmt: skip
    return number


def events(family: Household, kind: EventKind) -> list[dict[str, object]]:
    told = [entry.event for entry in journal.entries_of(family.id)]
    return [dict(event.public) for event in told if event.kind is kind]


def told_in(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The certificates that a payload names."""
    return list(payload["certificates"])


def types_in(payload: Mapping[str, Any]) -> list[str]:
    return [one["type"] for one in told_in(payload)]


def test_a_result_becomes_a_certificate_in_the_same_commit(submitted: Household) -> None:
    standing = issue(submitted)
    assert (standing.type, standing.item, standing.version) == (
        "birth_certificate", "birth_certificate", 1,
    )  # fmt: skip
    assert read_identifier(standing.identifier).serial == standing.id.hex.upper()
    opened = records.opened(standing)
    assert opened is not None
    assert opened.certificate.number == NUMBER
    assert opened.certificate.shown["newborn_name"] == "李小满"
    assert opened.certificate.digest == standing.digest
    (told,) = events(submitted, EventKind.CERTIFICATE_KEPT)
    assert (told["certificate"], told["digest"]) == (str(standing.id), standing.digest)
    assert submitted.case.version == len(journal.entries_of(submitted.id))


def test_neither_the_number_nor_the_name_stands_in_the_journal(submitted: Household) -> None:
    issue(submitted)
    number = register(submitted)
    bodies = "".join(entry.body for entry in journal.entries_of(submitted.id))
    for personal in (NUMBER, number, "李小满", "王芳"):
        assert personal not in bodies


def test_the_number_of_the_child_is_linked_with_its_certificate(submitted: Household) -> None:
    standing = issue(submitted)
    assert not standing.linked
    number = register(submitted)
    found = records.by_holder(number, "birth_certificate")
    assert found is not None and found.id == standing.id and found.linked
    assert records.by_number("birth_certificate", NUMBER) == found
    page = records.by_holder(number, "household_page")
    assert page is not None and page.linked
    (told,) = events(submitted, EventKind.CERTIFICATE_LINKED)
    assert told == {"certificate": str(standing.id), "type": "birth_certificate"}


def test_the_next_office_is_told_of_the_certificate_instead_of_paper(
    submitted: Household,
) -> None:
    standing = issue(submitted)
    case = submitted.case
    context = contexts.context_of(case)
    payload = dispatching.dispatch_payload(case, REGISTRATION, context, submitted.now)
    (told,) = told_in(payload)
    assert told["identifier"] == standing.identifier
    assert (told["state"], told["digest"], told["version"]) == ("valid", standing.digest, 1)
    own = dispatching.dispatch_payload(case, CERTIFICATE, context, submitted.now)
    assert own["certificates"] == []
    later = dispatching.dispatch_payload(case, ENROLMENT, context, submitted.now)
    assert later["certificates"] == []
    number = register(submitted)
    assert number
    later = dispatching.dispatch_payload(submitted.case, ENROLMENT, context, submitted.now)
    assert types_in(later) == ["household_page"]


def test_a_message_to_a_system_carries_the_certificate_of_the_same_commit(
    submitted: Household,
) -> None:
    issue(submitted)
    register(submitted)
    row = OutboxMessage.objects.filter(item="medical_insurance_enrolment").get()
    wrapped = CaseRow.objects.get(id=submitted.id).wrapped_key
    payload = unsealed(
        "outbox", row.id, row.case_id, bytes(row.sealed or b""), bytes(wrapped or b"")
    )
    assert types_in(payload) == ["household_page"]


def test_twins_have_a_certificate_each_and_see_only_their_own(db: None, now: datetime) -> None:
    family = household(now, TWINS).open().answer().name("李大满", "李小满")
    cases.open_signing(by=family.mother, number=family.number, now=now)
    family.sign(family.mother, "mother")
    cases.agree_to_notice(by=family.father, number=family.number, now=now)
    live_checks.answered(case_id=family.id, role="father", passed=True, receipt="r", now=now)
    family.sign(family.father, "father")
    for newborn in (1, 2):
        key = ("birth_certificate", newborn)
        family.decide(
            clerk_of(family, key), key, TaskState.COMPLETED,
            result={"certificate_number": f"Z34000000{newborn}", "issued_on": "2026-11-21"},
        )  # fmt: skip
    standing = records.of_cases([family.id])[family.id]
    assert [one.newborn for one in standing] == [1, 2]
    context = contexts.context_of(family.case)
    for newborn in (1, 2):
        key = ("hukou_registration", newborn)
        payload = dispatching.dispatch_payload(family.case, key, context, now)
        assert [one["id"] for one in told_in(payload)] == [str(standing[newborn - 1].id)]
    contexts.forget()


def test_a_number_is_never_given_twice_in_the_node(submitted: Household) -> None:
    issue(submitted)
    context = contexts.context_of(submitted.case)

    again = Event(
        EventKind.TASK_MOVED, submitted.now, "x", CERTIFICATE,
        {"to": "completed"}, {"result": {"certificate_number": NUMBER.lower()}},
    )  # fmt: skip
    with pytest.raises(RefusedError, match="result_taken"):
        certificates.check_unused([again], context)


def test_both_faces_wait_to_be_set_as_files_with_a_code_anybody_can_check(
    submitted: Household,
) -> None:
    standing = issue(submitted)
    found = [d for d in documents.of_case(submitted.id) if d.kind.startswith("birth_certificate.")]
    assert [one.title for one in found] == ["出生医学证明 · 正页", "出生医学证明 · 副页"]
    rows = DocumentRow.objects.filter(kind__startswith="birth_certificate.")
    assert {row.sealed_by for row in rows} == {standing.office}
    opened = records.opened(standing)
    assert opened is not None
    contents = documents.said(key=opened.key, ids=[one.id for one in found])
    for content in contents.values():
        (code,) = [b.text for b in content.blocks if isinstance(b, QrCode)]
        token = read(code)
        assert (token.identifier, token.digest) == (standing.identifier, standing.digest)
        for personal in (NUMBER, "李小满"):
            assert personal not in code


def test_a_changed_or_foreign_token_says_nothing(submitted: Household) -> None:
    opened = records.opened(issue(submitted))
    assert opened is not None
    token = token_of(opened.certificate)
    assert read(f"http://x/verify/?token={token}").digest == opened.standing.digest
    mark, payload, signature = token.split(".")
    wrong_ones = [
        *("", "YJ1", payload, token[:-4]),
        f"{mark}.{payload}.{signature[:-20]}{20 * 'A'}",
        f"{mark}.{payload[:-2]}AA.{signature}",
        f"YJ2.{payload}.{signature}",
    ]
    for wrong in wrong_ones:
        with pytest.raises(WrongTokenError):
            read(wrong)


def test_a_forgotten_case_leaves_state_and_number_and_nothing_to_read(
    submitted: Household,
) -> None:
    standing = issue(submitted)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE \"case\" SET stage = 'closed' WHERE id = %s", [submitted.id])
        cursor.execute("SELECT forget_case(%s, %s)", [submitted.id, submitted.now])
    assert records.opened(standing) is None
    left = records.by_identifier(standing.identifier)
    assert left is not None and left.state is CertificateState.VALID
    row = CertificateRow.objects.get(id=standing.id)
    assert row.sealed is None and row.number_hash is not None


def test_keeping_certificates_takes_no_statement_more_for_a_second_child(
    submitted: Household,
) -> None:
    decision = OfficeDecision(
        TaskState.COMPLETED, result={"certificate_number": NUMBER, "issued_on": "2026-11-21"}
    )

    context = contexts.context_of(submitted.case)
    loaded = case_records.read(ids=[submitted.id])[0]
    made = handling.decide(loaded.case, CERTIFICATE, decision, "x", context, submitted.now)
    with CaptureQueriesContext(connection) as one:
        issued = certificates.issue([(loaded, made, context)], submitted.now)
    with CaptureQueriesContext(connection) as many:
        certificates.issue([(loaded, made, context)] * 20, submitted.now)
    assert len(issued[0]) == 1
    assert len(one) == len(many) == 0
    assert UUID(str(issued[0][0].public["certificate"]))
