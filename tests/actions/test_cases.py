"""What parents do, with rows: one outcome whatever they press, however often."""

from datetime import datetime, timedelta

import pytest

from tests.actions.cast import Household, household
from tests.web.cast import user_of
from yijian.actions import cases
from yijian.actions.cases import EditedElsewhereError
from yijian.actions.contexts import context_of
from yijian.domain.cases import CheckState
from yijian.domain.context import RefusedError
from yijian.domain.invariants import violations
from yijian.domain.states import Stage, TaskState
from yijian.records import access
from yijian.records.models import JournalEntry, NotificationRow, OutboxMessage

pytestmark = pytest.mark.django_db


def test_a_family_that_opens_twice_has_one_case(family: Household) -> None:
    first = cases.open_case(by=family.mother, now=family.now)
    assert cases.open_case(by=family.mother, now=family.now) == first


def test_the_father_cannot_open_a_case_where_the_mother_applies(family: Household) -> None:
    with pytest.raises(RefusedError, match="not_an_applicant"):
        cases.open_case(by=family.father, now=family.now)


def test_both_signatures_submit_the_case_and_start_what_may_start(submitted: Household) -> None:
    case = submitted.case
    assert case.stage is Stage.SUBMITTED
    started = {t.item for t in case.tasks.values() if t.state is TaskState.QUEUED}
    assert started == {"birth_certificate", "vaccination_booklet"}
    assert violations(case, context_of(case)) == []


def test_every_change_has_one_journal_entry_and_nothing_personal_in_it(
    submitted: Household,
) -> None:
    entries = JournalEntry.objects.filter(case_id=submitted.id)
    assert entries.count() == submitted.case.version
    bodies = " ".join(entries.values_list("body", flat=True))
    people = (submitted.facts.family["mother"], submitted.facts.family["father"])
    for secret in [p[k] for p in people for k in ("name", "id_number", "phone")] + ["李小满"]:
        assert secret not in bodies


def test_the_father_is_invited_by_text_message_and_nobody_is_told_twice(
    submitted: Household,
) -> None:
    sent = NotificationRow.objects.filter(case_id=submitted.id)
    invited = sent.filter(template="father_invited", channel="sms")
    assert [row.to_role for row in invited] == ["father"]
    assert sent.count() == len(set(sent.values_list("about", flat=True)))


def test_desk_offices_get_no_message_and_systems_wait_for_their_turn(submitted: Household) -> None:
    assert not OutboxMessage.objects.filter(case_id=submitted.id).exists()


def test_a_stranger_can_do_nothing_and_learns_nothing(family: Household) -> None:
    family.open().answer()
    person = {"name": "赵敏", "id_type": "111", "id_number": "110105199003078888", "phone": ""}
    stranger = user_of(person, family.now)
    for number in (family.number, "34000020261121S9999990"):
        for act in (
            lambda n: cases.agree_to_notice(by=stranger, number=n, now=family.now),
            lambda n: cases.save_answers(by=stranger, number=n, answers={}, now=family.now),
            lambda n: cases.withdraw(by=stranger, number=n, now=family.now),
        ):
            with pytest.raises(access.Refused):
                act(number)


def test_two_parents_who_edit_the_same_answer_are_told_and_nothing_is_lost(
    family: Household,
) -> None:
    family.open().answer().name("李小满")
    version = family.case.form_version
    answers: dict[tuple[str, int], object] = {("newborn_name", 1): "李大满"}
    cases.save_answers(by=family.father, number=family.number, answers=answers, now=family.now)
    mine: dict[tuple[str, int], object] = {("newborn_name", 1): "李中满"}
    with pytest.raises(EditedElsewhereError) as told:
        cases.save_answers(
            by=family.mother, number=family.number, answers=mine, now=family.now,
            form_version=version,
        )  # fmt: skip
    assert told.value.fields == (("newborn_name", 1),)
    assert family.case.answers["newborn_name", 1].value == "李大满"


def test_what_was_signed_is_what_was_shown(family: Household) -> None:
    family.open().answer().name()
    cases.open_signing(by=family.mother, number=family.number, now=family.now)
    with pytest.raises(RefusedError, match="shown_changed"):
        cases.sign(
            by=family.mother, number=family.number, digest="0" * 64, method="drawn",
            strokes="1,1", now=family.now,
        )  # fmt: skip


def test_a_typed_signature_is_the_signers_own_name(family: Household) -> None:
    family.open().answer().name()
    cases.open_signing(by=family.mother, number=family.number, now=family.now)
    for strokes, code in (("", "signature_missing"), ("李强", "signature_not_your_name")):
        with pytest.raises(RefusedError, match=code):
            cases.sign(
                by=family.mother, number=family.number, digest="0" * 64, method="typed",
                strokes=strokes, now=family.now,
            )  # fmt: skip


def test_signing_twice_gives_one_signature(family: Household) -> None:
    family.open().answer().name()
    cases.open_signing(by=family.mother, number=family.number, now=family.now)
    once = family.sign(family.mother, "mother").version
    assert family.sign(family.mother, "mother").version == once


def test_a_draft_can_be_withdrawn_and_a_new_one_begun(family: Household) -> None:
    family.open().answer()
    old = family.number
    cases.withdraw(by=family.mother, number=old, now=family.now)
    assert cases.open_case(by=family.mother, now=family.now) != old


def test_a_running_case_is_returned_instead_of_a_second_one(submitted: Household) -> None:
    assert cases.open_case(by=submitted.mother, now=submitted.now) == submitted.number


def test_a_birth_in_hand_elsewhere_goes_to_a_person_and_never_twice(submitted: Household) -> None:
    submitted.now += timedelta(days=151)
    submitted.open().answer(["delivery"])
    check = submitted.case.checks["delivery"]
    assert (check.state, submitted.case.newborns) == (CheckState.CONFLICT, 0)


def test_a_family_the_scheme_does_not_take_cannot_sign(db: None, now: datetime) -> None:
    file = "title: 不在省内\nnewborns: [{sex: '2'}]\nfather: {hukou: {division: '310104'}}\n"
    family = household(now, file + "applied_at: 2026-11-21T10:00:00+08:00\n")
    family.open().answer().name()
    with pytest.raises(RefusedError, match="not_eligible"):
        cases.open_signing(by=family.mother, number=family.number, now=family.now)


def test_a_late_delivery_record_parks_the_case_and_wakes_it(family: Household) -> None:
    family.open().answer(["hukou", "marriage", "certificates", "maternity"])
    assert family.case.newborns == 0
    family.now += timedelta(hours=9)
    family.answer(["delivery"])
    assert family.case.newborns == 1


def test_only_text_messages_wait_to_be_sent(submitted: Household) -> None:
    rows = NotificationRow.objects.filter(case_id=submitted.id).values_list("channel", "state")
    assert set(rows) == {("sms", "waiting"), ("message", "delivered")}
