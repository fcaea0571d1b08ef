"""Ending a certificate: two people, linked versions, and everybody who was told hears of it."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from django.contrib.auth.models import User

from tests.actions.cast import CERTIFICATE, REGISTRATION, Household, clerk
from tests.actions.test_certificates import NUMBER, issue, register, told_in
from tests.actions.test_number_stock import FIRST, states, stocked
from yijian.actions import certificate_checks, certificate_endings, contexts, dispatching
from yijian.actions.certificate_tokens import token_of
from yijian.domain.certificates import CertificateState, read_identifier
from yijian.domain.context import RefusedError
from yijian.domain.events import EventKind
from yijian.domain.number_stock import NumberState
from yijian.ops import verify
from yijian.records import access, documents, journal
from yijian.records import certificates as records
from yijian.records.models import AccessEntry, CertificateEnding, OutboxMessage

pytestmark = pytest.mark.django_db


@dataclass
class Issued:
    family: Household
    standing: records.Standing
    first: User
    second: User

    def ask(self, **more: object) -> None:
        given = {"kind": "revoke", "reason": "issued_by_mistake", "by": self.first, **more}
        certificate_endings.ask(
            certificate_id=self.standing.id,
            now=self.family.now,
            **given,  # type: ignore[arg-type]
        )

    def confirm(self, by: User | None = None) -> None:
        certificate_endings.confirm(
            by=by or self.second, certificate_id=self.standing.id, now=self.family.now
        )

    @property
    def versions(self) -> list[records.Standing]:
        all_ = records.of_cases([self.family.id])[self.family.id]
        return [one for one in all_ if one.type == "birth_certificate"]


@pytest.fixture
def issued(submitted: Household) -> Issued:
    standing = issue(submitted)
    return Issued(submitted, standing, clerk(standing.office), clerk(standing.office))


def test_a_second_person_revokes_and_the_code_says_so_at_once(issued: Issued) -> None:
    opened = records.opened(issued.standing)
    assert opened is not None
    token = token_of(opened.certificate)
    issued.ask()
    before = certificate_checks.check(token)
    assert before is not None and before.state is CertificateState.VALID
    with pytest.raises(RefusedError, match="second_person_needed"):
        issued.confirm(issued.first)
    issued.confirm()
    after = certificate_checks.check(token)
    assert after is not None and after.state is CertificateState.REVOKED
    assert CertificateEnding.objects.get().state == "done"
    with pytest.raises(RefusedError, match="nothing_asked"):
        issued.confirm()


def test_a_replacement_keeps_the_serial_links_both_and_takes_a_new_number(
    issued: Issued,
) -> None:
    issued.ask(kind="replace", reason="paper_damaged", number="Z340000002")
    issued.confirm()
    old, new = issued.versions
    assert (old.state, old.replaced_by) == (CertificateState.REPLACED, new.id)
    assert (new.state, new.version) == (CertificateState.VALID, 2)
    assert read_identifier(new.identifier).serial == read_identifier(old.identifier).serial
    opened = records.opened(new)
    assert opened is not None
    assert opened.certificate.supersedes == old.identifier
    assert opened.certificate.number == opened.certificate.shown["certificate_number"]
    assert opened.certificate.number == "Z340000002"
    case = issued.family.case
    assert case.verified["newborn_certificate_number", 1].value == "Z340000002"
    assert records.by_number("birth_certificate", NUMBER) == old
    with pytest.raises(RefusedError, match="result_taken"):
        again = Issued(issued.family, new, issued.first, issued.second)
        again.ask(kind="replace", reason="paper_lost", number=NUMBER)


def test_a_replacement_may_keep_its_number_which_stays_used_once(issued: Issued) -> None:
    issued.ask(kind="replace", reason="wrong_content")
    issued.confirm()
    found = records.by_number("birth_certificate", NUMBER)
    assert found is not None and found.version == 2


def test_the_next_office_sees_the_state_and_its_system_hears_of_it(issued: Issued) -> None:
    family = issued.family
    register(family)
    issued.ask()
    issued.confirm()
    context = contexts.context_of(family.case)
    payload = dispatching.dispatch_payload(family.case, REGISTRATION, context, family.now)
    assert [one["state"] for one in told_in(payload)] == ["revoked"]
    kinds = set(OutboxMessage.objects.values_list("destination", "kind"))
    assert ("certificate-library", "yijian.certificate.collected.v1") in kinds
    page = records.by_holder(str(family.case.verified["newborn_citizen_id_number", 1].value),
                             "household_page")  # fmt: skip
    assert page is not None
    officers = clerk(page.office), clerk(page.office)
    own = Issued(family, page, *officers)
    own.ask()
    own.confirm()
    heard = OutboxMessage.objects.filter(kind="yijian.certificate.changed.v1")
    assert {row.destination for row in heard} == {"insurance-340000", "hr-340000"}


def test_new_faces_replace_those_of_the_version_before(issued: Issued) -> None:
    issued.ask(kind="replace", reason="wrong_content")
    issued.confirm()
    faces = [
        one
        for one in documents.of_case(issued.family.id, standing=False)
        if one.kind.startswith("birth_certificate.")
    ]
    assert sorted(one.version for one in faces) == [1, 1, 2, 2]
    assert all((one.replaced_at is not None) == (one.version == 1) for one in faces)


def test_the_journal_tells_the_whole_story_and_verifies(issued: Issued) -> None:
    issued.ask(kind="replace", reason="other", text="名字写错了", number="Z340000002")
    issued.confirm()
    entries = journal.entries_of(issued.family.id)
    assert [e.kind for e in entries][-2:] == [
        EventKind.CERTIFICATE_ENDED.value, EventKind.CERTIFICATE_KEPT.value,
    ]  # fmt: skip
    bodies = "".join(entry.body for entry in entries)
    for personal in ("名字写错了", "Z340000002", NUMBER):
        assert personal not in bodies
    faults = [str(fault) for fault in verify.verify().faults]
    assert [fault for fault in faults if issued.family.number in fault] == []


def test_what_is_asked_may_be_dropped_and_asked_again(issued: Issued) -> None:
    issued.ask()
    with pytest.raises(RefusedError, match="ending_asked"):
        issued.ask()
    certificate_endings.drop(
        by=issued.first, certificate_id=issued.standing.id, now=issued.family.now
    )
    issued.ask()
    assert sorted(CertificateEnding.objects.values_list("state", flat=True)) == ["asked", "dropped"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "because"},
        {"kind": "burn"},
        {"reason": "other"},
        {"reason": "other", "text": " "},
    ],
)
def test_an_ending_needs_a_known_kind_and_a_reason(issued: Issued, wrong: dict[str, str]) -> None:
    with pytest.raises(RefusedError, match="reason_missing"):
        issued.ask(**wrong)


def test_absent_and_foreign_certificates_look_the_same_and_are_logged(issued: Issued) -> None:
    elsewhere = clerk("340100SW")
    for by, id_ in ((elsewhere, issued.standing.id), (issued.first, UUID(int=7)),
                    (issued.family.mother, issued.standing.id)):  # fmt: skip
        with pytest.raises(access.Refused):
            certificate_endings.look(by=by, certificate_id=id_, now=issued.family.now)
    refused = AccessEntry.objects.filter(what="certificate", shown=False)
    assert refused.count() == 2
    assert CERTIFICATE in issued.family.case.tasks


def test_the_new_paper_of_a_replacement_comes_from_the_hospitals_stock(issued: Issued) -> None:
    stocked(issued.family.now)
    issued.ask(kind="replace", reason="paper_damaged", number="T340000099")
    with pytest.raises(RefusedError, match="number_not_in_stock"):
        issued.confirm()
    assert [one.state for one in issued.versions] == [CertificateState.VALID]
    certificate_endings.drop(
        by=issued.first, certificate_id=issued.standing.id, now=issued.family.now
    )
    issued.ask(kind="replace", reason="paper_damaged", number=FIRST)
    issued.confirm()
    assert states(FIRST) is NumberState.ISSUED
    assert [fault.what for fault in verify.verify().faults] == []
