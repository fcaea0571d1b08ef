"""Parents sign the very files they were offered; what cannot be a file stops nobody."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.cast import Household
from yijian.actions import cases, contexts, live_checks, signing
from yijian.actions.signing import ToSign
from yijian.domain.cases import Case
from yijian.domain.context import RefusedError
from yijian.domain.events import EventKind
from yijian.domain.states import Stage
from yijian.ops import setting
from yijian.records import cases as case_records
from yijian.records import documents, journal
from yijian.records.models import DocumentRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(family: Household) -> Household:
    """The family when everything is filled in and waits to be signed."""
    family.open().answer().name()
    cases.open_signing(by=family.mother, number=family.number, now=family.now)
    return family


def set_files(family: Household) -> None:
    """A worker sets what waits. The clock of the test is not the worker's."""
    DocumentRow.objects.update(not_before=family.now)
    setting.set_documents()


def papers(family: Household, role: str) -> tuple[ToSign, ...]:
    (loaded,) = case_records.read(numbers=[family.number])
    context = contexts.context_of(loaded.case)
    return signing.to_sign(loaded.case, role, context, loaded.key, family.now)


def offered(family: Household, role: str) -> dict[str, str]:
    return {str(one.document.id): one.sha256 for one in papers(family, role)}


def sign(family: Household, role: str, **more: Any) -> Case:
    case = family.case
    shown = cases.shown(case, role, contexts.context_of(case), family.now, "zh-hans")
    who = family.mother if role == "mother" else family.father
    given = {"method": "drawn", "strokes": "9x9|1,1 2,2", **more}
    return cases.sign(by=who, number=family.number, digest=shown.digest, now=family.now, **given)


def father_arrives(family: Household) -> None:
    cases.agree_to_notice(by=family.father, number=family.number, now=family.now)
    live_checks.answered(
        case_id=family.id, role="father", passed=True, receipt="r-live", now=family.now
    )


def change_name(family: Household, name: str) -> None:
    cases.save_answers(
        by=family.mother,
        number=family.number,
        answers={("newborn_name", 1): name},
        now=family.now,
    )
    cases.open_signing(by=family.mother, number=family.number, now=family.now)


def test_a_signature_binds_the_very_pdf_that_was_offered(opened: Household) -> None:
    set_files(opened)
    (paper,) = papers(opened, "mother")
    assert paper.document.kind == "application_form" and len(paper.sha256) == 64
    case = sign(opened, "mother", documents=offered(opened, "mother"), device="手机 Phone/1.0")
    assert case.signatures["mother"].documents == ((str(paper.document.id), paper.sha256),)
    public = journal.entries_of(opened.id)[-1].event.public
    assert public["documents"] == [[str(paper.document.id), paper.sha256]]
    known = opened.case.evidence["mother"]
    assert (known["identity"], known["device"]) == ("real_name_login", " Phone/1.0")
    assert "Phone" not in str([entry.body for entry in journal.entries_of(opened.id)])


def test_another_pdf_than_the_one_that_stands_is_not_signed(opened: Household) -> None:
    set_files(opened)
    (paper,) = papers(opened, "mother")
    for wrong in ({str(paper.document.id): "0" * 64}, {str(opened.id): paper.sha256}):
        with pytest.raises(RefusedError, match="shown_changed"):
            sign(opened, "mother", documents=wrong)
    assert opened.case.signatures == {}


def test_a_family_signs_although_its_file_is_not_there_yet(opened: Household) -> None:
    (paper,) = papers(opened, "mother")
    assert paper.sha256 == ""
    case = sign(opened, "mother", documents=offered(opened, "mother"))
    assert case.signatures["mother"].documents == ((str(paper.document.id), ""),)


def test_a_name_no_font_can_show_stops_nobody_and_goes_to_a_person(family: Household) -> None:
    family.open().answer().name("李\U00030000")
    cases.open_signing(by=family.mother, number=family.number, now=family.now)
    set_files(family)
    sign(family, "mother", documents=offered(family, "mother"))
    father_arrives(family)
    assert sign(family, "father").stage is Stage.SUBMITTED
    set_files(family)
    needing = [one for one in documents.of_case(family.id) if one.state == "needs_person"]
    assert "application_form" in {one.kind for one in needing}
    assert all(one.problem == "missing_glyph" and one.office for one in needing)


def test_the_father_signs_the_same_file_as_the_mother(opened: Household) -> None:
    set_files(opened)
    sign(opened, "mother", documents=offered(opened, "mother"))
    father_arrives(opened)
    case = sign(opened, "father", documents=offered(opened, "father"))
    assert case.signatures["mother"].documents == case.signatures["father"].documents
    assert case.signatures["father"].documents[0][1]
    assert case.evidence["father"]["live_check"] == "r-live"


def test_after_a_change_only_what_changed_is_shown_and_both_sign_anew(opened: Household) -> None:
    set_files(opened)
    (first,) = papers(opened, "mother")
    sign(opened, "mother", documents=offered(opened, "mother"))
    change_name(opened, "李小雨")
    set_files(opened)
    (again,) = papers(opened, "mother")
    assert opened.case.signatures == {}
    assert again.again and not again.is_same and again.document.version == 2
    assert [(c.before, c.after) for c in again.changed] == [("李小满", "李小雨")]
    with pytest.raises(RefusedError, match="shown_changed"):
        sign(opened, "mother", documents={str(first.document.id): first.sha256})
    sign(opened, "mother", documents=offered(opened, "mother"))


def test_a_paper_that_says_the_same_as_before_is_not_set_or_asked_anew(opened: Household) -> None:
    set_files(opened)
    before = offered(opened, "mother")
    sign(opened, "mother", documents=before)
    change_name(opened, "李小雨")
    change_name(opened, "李小满")
    set_files(opened)
    (paper,) = papers(opened, "mother")
    assert paper.document.version == 3 and paper.changed == ()
    assert paper.is_same


def test_a_register_that_answers_while_they_sign_makes_a_new_file(opened: Household) -> None:
    set_files(opened)
    old = offered(opened, "mother")
    opened.answer(["hukou"])
    assert [one.version for one in documents.of_case(opened.id)] == [1]
    assert offered(opened, "mother") == old


def test_a_signature_is_taken_back_before_submission_and_is_an_event(opened: Household) -> None:
    sign(opened, "mother")
    case = cases.withdraw_signature(by=opened.mother, number=opened.number, now=opened.now)
    assert (case.stage, case.signatures, case.evidence) == (Stage.SIGNING, {}, {})
    last = journal.entries_of(opened.id)[-1]
    assert last.kind == EventKind.SIGNATURE_WITHDRAWN and last.actor == "mother"
    with pytest.raises(RefusedError, match="not_signed"):
        cases.withdraw_signature(by=opened.mother, number=opened.number, now=opened.now)
    sign(opened, "mother")
    father_arrives(opened)
    sign(opened, "father")
    with pytest.raises(RefusedError, match="not_open_for_signing"):
        cases.withdraw_signature(by=opened.mother, number=opened.number, now=opened.now)
