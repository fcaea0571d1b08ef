"""莆田市: how families go through the package, event by event, notice by notice."""

from datetime import datetime
from functools import cache

import pytest

from tests.packs.edited import PACKS
from yijian.domain.context import Context
from yijian.domain.events import Event, EventKind
from yijian.domain.invariants import violations
from yijian.domain.materials import asked_materials
from yijian.domain.papers import papers_of
from yijian.domain.states import Stage
from yijian.packs.examples import example_files, load_example
from yijian.packs.explaining import explanation
from yijian.packs.families import Family
from yijian.packs.loading import load_context
from yijian.packs.rehearsal import Rehearsal, begun, play

CODE = "350300-putian"
PUSHED = {
    "birth_certificate",
    "vaccination_booklet",
    "hukou_registration",
    "maternity_reimbursement",
    "medical_insurance_enrolment",
    "medical_insurance_payment",
    "social_security_card",
}


@cache
def context() -> Context:
    return load_context(PACKS, CODE)


def family(name: str) -> Family:
    path = next(p for p in example_files(PACKS, CODE) if p.stem.split("-", 1)[1] == name)
    return load_example(PACKS, path)


@cache
def end(name: str) -> Rehearsal:
    return play(family(name), context())


@cache
def start(name: str) -> Rehearsal:
    return begun(family(name), context())


def states(name: str) -> dict[tuple[str, int], str]:
    return {key: task.state.value for key, task in end(name).case.tasks.items()}


def told(name: str, notice: str) -> list[str]:
    return [m.text for m in end(name).messages if m.notice == notice and m.channel == "sms"]


def moved(name: str, item: str, to: str, newborn: int = 1) -> int:
    return _place(name, EventKind.TASK_MOVED, item, newborn, "to", to)


def asked(name: str, item: str, ask: str, newborn: int = 1) -> int:
    return _place(name, EventKind.TASK_ASKED, item, newborn, "ask", ask)


def _place(name: str, kind: EventKind, item: str, newborn: int, key: str, value: str) -> int:
    """Where in the course of the case this happens; it must happen exactly once."""

    def is_it(event: Event) -> bool:
        return (
            event.kind is kind and event.task == (item, newborn) and event.public.get(key) == value
        )

    (place,) = (index for index, event in enumerate(end(name).events) if is_it(event))
    return place


def test_a_family_that_fits_is_accepted_without_anybody_looking() -> None:
    rehearsal = start("ordinary-family")
    verdict = context().judge(rehearsal.case, rehearsal.now)
    assert verdict.answer.value == "yes"
    assert {v.answer.value for v in verdict.verdicts} == {"yes"}
    assert "自动受理" in told("ordinary-family", "case_submitted")[0]


def test_a_family_that_does_not_fit_hears_every_reason_with_its_way_on() -> None:
    rehearsal = start("many-reasons-at-once")
    told_at_once = {
        verdict["rule"]: verdict
        for verdict in explanation(rehearsal)["verdicts"]
        if verdict["answer"] == "no"
    }
    assert set(told_at_once) == {
        "born_in_putian",
        "under_six_months",
        "married",
        "surname_of_a_parent",
    }
    for verdict in told_at_once.values():
        assert verdict["sentence"]["zh"] and verdict["way_on"]["zh"] and verdict["basis"]
    assert end("many-reasons-at-once").case.stage is Stage.DRAFT


def test_a_record_of_another_woman_ends_it_at_once() -> None:
    rehearsal = start("recorded-as-another-woman")
    verdict = context().judge(rehearsal.case, rehearsal.now)
    assert verdict.answer.value == "no"
    assert [v.rule.id for v in verdict.failed] == ["record_matches"]
    assert "当面核对" in verdict.failed[0].rule.way_on.zh


def test_nothing_reaches_the_hospital_before_both_forms_are_signed() -> None:
    rehearsal = start("ordinary-family")
    assert rehearsal.case.tasks == {}
    papers = papers_of(rehearsal.case, context(), rehearsal.now, "mother")
    assert [paper.id for paper in papers] == ["first_issue_register", "resident_register_form"]
    for paper in papers:
        printed = {row.value.zh for row in paper.rows}
        assert rehearsal.facts.answers["newborn_name", 1] in printed
        assert rehearsal.facts.family["mother"]["id_number"] in printed
    events = end("ordinary-family").events
    kinds = [event.kind for event in events]
    assert kinds.index(EventKind.SIGNED) < kinds.index(EventKind.CASE_SUBMITTED)
    assert not [e for e in events[: kinds.index(EventKind.SIGNED)] if e.task is not None]


def test_without_registration_only_the_certificate_form_is_signed() -> None:
    rehearsal = start("certificate-only")
    papers = papers_of(rehearsal.case, context(), rehearsal.now, "mother")
    assert [paper.id for paper in papers] == ["first_issue_register"]


def test_the_certificate_is_given_out_only_after_the_household_result() -> None:
    name = "ordinary-family"
    issued = moved(name, "birth_certificate", "completed")
    known = moved(name, "hukou_registration", "completed")
    given = asked(name, "birth_certificate", "collect_certificate")
    assert issued < known < given
    assert len(told(name, "certificate_main_page")) == 1
    assert told(name, "certificate_both_pages") == []


def test_a_police_opinion_gives_main_page_and_counterfoil() -> None:
    name = "police-opinion"
    known = moved(name, "hukou_registration", "declined")
    assert known < asked(name, "birth_certificate", "collect_certificate")
    assert states(name)["birth_certificate", 1] == "completed"
    (message,) = told(name, "certificate_both_pages")
    assert "正页和副页" in message and "派出所" in message
    assert told(name, "certificate_main_page") == []
    assert "申报信息不全" in told(name, "task_declined")[0]


def test_of_twins_each_gets_the_pages_of_its_own_result() -> None:
    name = "police-opinion-one-twin"
    assert len(told(name, "certificate_main_page")) == 1
    assert len(told(name, "certificate_both_pages")) == 1
    rehearsal = end(name)
    parts = {rule.part: rule for rule in context().pack.custody}
    for newborn, kept in ((1, True), (2, False)):
        values = context().filled(rehearsal.case, newborn, rehearsal.now)
        counterfoil, given = parts["counterfoil"].when, parts["counterfoil_handed_over"].when
        assert counterfoil is not None and given is not None
        assert (counterfoil.holds(values), given.holds(values)) == (kept, not kept), newborn


def test_without_registration_both_pages_come_when_the_certificate_is_made() -> None:
    name = "certificate-only"
    assert moved(name, "birth_certificate", "completed") < asked(
        name, "birth_certificate", "collect_certificate"
    )
    (message,) = told(name, "certificate_issued_alone")
    assert "正页和副页" in message
    assert told(name, "certificate_issued") == []


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("certificate-only", {"birth_certificate", "vaccination_booklet"}),
        ("without-insurance", {"birth_certificate", "vaccination_booklet", "hukou_registration"}),
        ("enrolment-without-card", PUSHED - {"maternity_reimbursement", "social_security_card"}),
        (
            "card-with-benefit-alone",
            PUSHED - {"medical_insurance_enrolment", "medical_insurance_payment"},
        ),
    ],
)
def test_the_chain_ends_where_the_family_chose(name: str, items: set[str]) -> None:
    assert {item for item, _ in states(name)} == items
    assert set(states(name).values()) == {"completed"}
    assert end(name).case.stage is Stage.CLOSED


@pytest.mark.parametrize(
    ("name", "lonely"),
    [
        ("insurance-without-registration", {"medical_insurance_enrolment", "social_security_card"}),
        ("card-without-insurance", {"social_security_card"}),
    ],
)
def test_a_link_without_the_one_before_cannot_be_submitted(name: str, lonely: set[str]) -> None:
    code, _, item = str(end(name).refused).partition(":")
    assert code == "companion_missing" and item in lonely
    assert end(name).case.tasks == {}


def test_the_order_of_the_chain_is_kept() -> None:
    name = "ordinary-family"
    chain = [
        moved(name, "birth_certificate", "completed"),
        moved(name, "hukou_registration", "queued"),
        moved(name, "hukou_registration", "completed"),
        moved(name, "medical_insurance_enrolment", "queued"),
        moved(name, "medical_insurance_enrolment", "completed"),
        moved(name, "social_security_card", "queued"),
        moved(name, "social_security_card", "completed"),
    ]
    assert chain == sorted(chain)
    assert moved(name, "medical_insurance_payment", "queued") > chain[4]


def test_a_hospitals_refusal_reaches_the_mother_with_its_opinion() -> None:
    name = "hospital-refuses"
    found = states(name)
    assert found["birth_certificate", 1] == "declined"
    assert found["vaccination_booklet", 1] == "completed"
    rest = PUSHED - {"birth_certificate", "vaccination_booklet", "maternity_reimbursement"}
    assert {found[item, 1] for item in rest} == {"offline"}
    assert "产妇信息与分娩记录不一致" in told(name, "task_declined")[0]


def test_insurance_ends_the_package_and_leaves_what_is_done() -> None:
    found = states("insurance-stops-the-rest")
    done = {key[0] for key, state in found.items() if state == "completed"}
    assert done == {"birth_certificate", "vaccination_booklet", "hukou_registration"}
    assert found["social_security_card", 1] == found["maternity_reimbursement", 0] == "offline"
    assert told("insurance-stops-the-rest", "task_declined") != []


def test_a_mother_who_is_not_entitled_stops_nothing() -> None:
    assert set(states("mother-not-entitled").values()) == {"completed"}
    assert end("mother-not-entitled").case.results["maternity_reimbursement", 0]["amount_fen"] == 0


@pytest.mark.parametrize(
    ("name", "asked_for"),
    [
        ("ordinary-family", []),
        (
            "nothing-in-the-library",
            ["mother_id_card", "father_id_card", "marriage_certificate", "household_book"],
        ),
        ("marriage-certificate-missing", ["marriage_certificate"]),
        ("book-of-the-followed-parent", ["household_book"]),
    ],
)
def test_papers_are_asked_only_where_the_library_lacks_them(
    name: str, asked_for: list[str]
) -> None:
    rehearsal = start(name)
    found = asked_materials(context(), rehearsal.case, rehearsal.now)
    assert [each.material.id for each in found] == asked_for
    shared = {each.material.id: each.items for each in found}
    if "marriage_certificate" in shared:
        assert shared["marriage_certificate"] == ("birth_certificate", "hukou_registration")


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("ordinary-family", True),
        ("mother-not-insured", False),
        ("mother-in-resident-scheme", False),
        ("mother-insured-elsewhere", False),
        ("mother-insured-in-a-district", True),
    ],
)
def test_the_benefit_is_for_mothers_insured_in_the_city(name: str, needed: bool) -> None:
    state = states(name)["maternity_reimbursement", 0]
    assert state == ("completed" if needed else "not_needed")


def test_the_registration_goes_to_the_station_of_the_followed_parent() -> None:
    for name, station in (
        ("mother-from-elsewhere", "350304510000"),
        ("father-from-elsewhere", "350322510000"),
        ("two-districts", "350305510000"),
    ):
        assert end(name).case.tasks["hukou_registration", 1].office == station


def test_a_draft_is_reminded_before_six_months_and_never_of_thirty_days() -> None:
    occasions = {notice.on for notice in context().pack.notices}
    assert "after:birth:150d:draft" in occasions
    assert not [on for on in occasions if on.endswith(":20d:draft")]


def test_the_hospitals_task_says_when_the_certificate_may_be_given_out() -> None:
    rehearsal = end("ordinary-family")
    task = rehearsal.case.tasks["birth_certificate", 1]
    assert task.office == "H35030201"
    assert "collect_certificate" in task.asked
    assert rehearsal.case.results["hukou_registration", 1]["registered_on"] is not None


@pytest.mark.parametrize("name", ["twins", "triplets", "hr-stops", "police-opinion-one-twin"])
def test_no_course_breaks_an_invariant(name: str) -> None:
    rehearsal = end(name)
    assert violations(rehearsal.case, rehearsal.context) == []
    assert rehearsal.case.stage is Stage.CLOSED
    assert isinstance(rehearsal.now, datetime)
