"""What the register gives of the parents' certificates: kept sealed, shown where it is listed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from tests.actions.cast import CERTIFICATE, ENROLMENT, Household, answer_of, clerk_of
from tests.actions.test_certificates import told_in
from yijian.actions import contexts, dispatching, fetched_certificates, verification
from yijian.domain.cases import CheckState
from yijian.domain.events import EventKind
from yijian.gateways.registers import Answer
from yijian.gateways.registers.answers import GivenCertificate
from yijian.records import access, journal
from yijian.records import cases as case_records
from yijian.records import certificates as records
from yijian.records.models import AccessEntry, FetchedCertificateRow

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.5 of the register"


def given(role: str = "mother", type_: str = "id_card", **more: object) -> GivenCertificate:
    content: Mapping[str, object] = {"number": "N", "holder": "王芳", **more}
    digest = f"{abs(hash(str(content))):064x}"[-64:]
    return GivenCertificate(type_, role, "r-1", "", digest, content, PDF, "application/pdf")


def answered(family: Household, *certificates: GivenCertificate) -> None:
    said = answer_of(family.facts.registers["certificates"], "certificates", family.now)
    verification.record(family.id, replace(said, certificates=certificates), now=family.now)


def kept(family: Household) -> list[records.Fetched]:
    return records.fetched_of([family.id]).get(family.id, [])


@pytest.fixture
def parents(submitted: Household) -> Household:
    answered(submitted, given(), given("father"), given(type_="marriage_certificate"))
    return submitted


def test_a_certificate_is_kept_with_its_receipt_and_its_file(parents: Household) -> None:
    assert {(one.type, one.role) for one in kept(parents)} == {
        ("id_card", "mother"), ("id_card", "father"), ("marriage_certificate", "mother"),
    }  # fmt: skip
    assert {one.receipt for one in kept(parents)} == {"r-1"}
    row = FetchedCertificateRow.objects.first()
    assert row is not None
    assert PDF not in bytes(row.sealed_file or b"")
    assert "王芳".encode() not in bytes(row.sealed or b"")
    told = [e.event for e in journal.entries_of(parents.id)]
    found = [e.public for e in told if e.kind is EventKind.CERTIFICATE_KEPT]
    assert {str(one["certificate"]) for one in found} == {str(one.id) for one in kept(parents)}


def test_what_is_asked_again_is_kept_once_and_what_changed_replaces_it(
    parents: Household,
) -> None:
    before = {one.id for one in kept(parents)}
    answered(parents, given(), given("father"))
    assert {one.id for one in kept(parents)} == before
    answered(parents, given(number="N2"), given("father"))
    after = {one.id for one in kept(parents)}
    assert len(after) == 3
    assert len(before & after) == 2


def test_what_contradicts_itself_is_not_kept(submitted: Household, now: datetime) -> None:
    conflict = Answer("certificates", CheckState.CONFLICT, certificates=(given(),))
    loaded = case_records.read(ids=[submitted.id])[0]
    assert fetched_certificates.to_fetch(loaded, conflict) == []


def test_an_office_sees_the_certificate_that_its_item_lists_and_its_file(
    parents: Household,
) -> None:
    context = contexts.context_of(parents.case)
    payload = dispatching.dispatch_payload(parents.case, CERTIFICATE, context, parents.now)
    assert {(one["type"], one["role"]) for one in told_in(payload)} == {
        ("id_card", "mother"), ("id_card", "father"), ("marriage_certificate", "mother"),
    }  # fmt: skip
    assert {one["receipt"] for one in told_in(payload)} == {"r-1"}
    later = dispatching.dispatch_payload(parents.case, ENROLMENT, context, parents.now)
    assert told_in(later) == []
    officer = clerk_of(parents, CERTIFICATE)
    found, data = fetched_certificates.file_for_task(
        by=officer, task_id=parents.task(CERTIFICATE),
        certificate_id=UUID(told_in(payload)[0]["id"]), now=parents.now,
    )  # fmt: skip
    assert (data, found.media_type) == (PDF, "application/pdf")
    assert AccessEntry.objects.filter(what="certificate_file", case_id=parents.id).count() == 1


def test_absent_and_forbidden_files_look_the_same(parents: Household) -> None:
    mine = kept(parents)[0].id
    officer = clerk_of(parents, CERTIFICATE)
    stranger = parents.father
    tries = ((officer, UUID(int=7)), (stranger, mine), (stranger, UUID(int=7)))
    for by, certificate_id in tries:
        with pytest.raises(access.Refused):
            fetched_certificates.file_for_task(
                by=by, task_id=parents.task(CERTIFICATE), certificate_id=certificate_id,
                now=parents.now,
            )  # fmt: skip
