"""Numbers come down by book, a certificate takes exactly its number, and two people void."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User

from tests.actions import cast
from tests.actions.cast import CERTIFICATE, Household
from yijian.actions import contexts, demonstration_stock, number_stock, tasks
from yijian.actions.tasks import ChangedMeanwhileError
from yijian.domain.context import RefusedError
from yijian.domain.events import Event
from yijian.domain.handling import OfficeDecision, decide
from yijian.domain.number_stock import Level, NumberState, StockRefusedError
from yijian.domain.states import TaskState
from yijian.ops import verify_papers
from yijian.records import access, books, people
from yijian.records import number_stock as rows
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
PROVINCE, CITY, HOSPITAL, OTHER = "340000WJ", "340100WJ", "H34010401", "H34010402"
FIRST, SECOND = "T340000001", "T340000002"


def keeper(office: str) -> User:
    return cast.clerk(office, StaffRole.STOCK, StaffRole.CLERK)


def stocked(now: datetime, hospital: str = HOSPITAL, size: int = 20, start: int = 1) -> str:
    """A province, a city and a hospital with numbers; the hospital's run."""
    province, city = keeper(PROVINCE), keeper(CITY)
    top = rows.runs_of(office=PROVINCE)
    above = top[0].id if top else number_stock.take_in(
        by=province, first="T340000001", last="T340001000", now=now
    )  # fmt: skip
    whole = rows.runs_of(office=CITY)
    if whole:
        middle = whole[0].id
    else:
        middle = number_stock.allot(
            by=province, parent=above, to=CITY, first="T340000001", last="T340000500", now=now
        )
        number_stock.accept(by=city, run=middle, now=now)
    first, last = f"T34{start:07d}", f"T34{start + size - 1:07d}"
    run = number_stock.allot(by=city, parent=middle, to=hospital, first=first, last=last, now=now)
    number_stock.accept(by=keeper(hospital), run=run, now=now)
    return run


def refused(code: str) -> AbstractContextManager[object]:
    return pytest.raises(StockRefusedError, match=f"^{code}$")


@pytest.fixture
def hospital(submitted: Household) -> User:
    """The clerk of the hospital that has the family's certificate."""
    assert submitted.case.tasks[CERTIFICATE].office == HOSPITAL
    return keeper(HOSPITAL)


def issue(family: Household, clerk: User, number: str, at: datetime | None = None) -> None:
    family.decide(
        clerk, CERTIFICATE, TaskState.COMPLETED,
        result={"certificate_number": number, "issued_on": "2026-11-21"},
    )  # fmt: skip


def states(number: str) -> NumberState:
    return rows.lock_blanks([number])[number].state


def test_numbers_come_down_and_lie_on_the_shelf_once_accepted(family: Household) -> None:
    stocked(family.now)
    assert len(rows.states_of(office=HOSPITAL)) == 20
    assert rows.next_number(office=HOSPITAL, task=None, now=family.now) == FIRST
    assert rows.keeps_stock(HOSPITAL) and not rows.keeps_stock(OTHER)
    told = [(b.code, [e.kind for e in b.entries]) for b in books.books()]
    assert told == [
        ("stock:340000WJ", ["range_taken_in", "range_allotted"]),
        ("stock:340100WJ", ["range_accepted", "range_allotted"]),
        ("stock:H34010401", ["range_accepted"]),
    ]


def test_what_was_not_in_the_parcel_is_lost_from_the_beginning(family: Household) -> None:
    run = stocked(family.now, size=5)
    with refused("already_accepted"):
        number_stock.accept(by=keeper(HOSPITAL), run=run, now=family.now)
    middle = rows.runs_of(office=CITY)[0].id
    next_run = number_stock.allot(
        by=keeper(CITY), parent=middle, to=OTHER, first="T340000006", last="T340000009",
        now=family.now,
    )  # fmt: skip
    with pytest.raises(access.Refused):
        number_stock.accept(by=keeper(HOSPITAL), run=next_run, now=family.now)
    with refused("range_outside"):
        number_stock.accept(by=keeper(OTHER), run=next_run, missing=[FIRST], now=family.now)
    number_stock.accept(by=keeper(OTHER), run=next_run, missing=["t340000007"], now=family.now)
    assert states("T340000007") is NumberState.LOST
    assert list(verify_papers.stock_faults()) == []


def test_only_who_keeps_numbers_moves_them_and_nobody_takes_in_below_another(
    family: Household,
) -> None:
    with pytest.raises(access.Refused):
        number_stock.take_in(by=cast.clerk(PROVINCE), first=FIRST, last=SECOND, now=family.now)
    with refused("range_from_above"):
        number_stock.take_in(by=keeper(CITY), first=FIRST, last=SECOND, now=family.now)
    stocked(family.now)
    with refused("range_overlaps"):
        number_stock.take_in(by=keeper(PROVINCE), first=FIRST, last=SECOND, now=family.now)
    with refused("not_below"):
        number_stock.allot(
            by=keeper(CITY), parent=rows.runs_of(office=CITY)[0].id, to="H34020201",
            first="T340000021", last="T340000022", now=family.now,
        )  # fmt: skip
    with pytest.raises(access.Refused):
        number_stock.allot(
            by=keeper(CITY), parent=rows.runs_of(office=PROVINCE)[0].id, to=HOSPITAL,
            first="T340000501", last="T340000502", now=family.now,
        )  # fmt: skip


def test_a_certificate_takes_exactly_its_number(submitted: Household, hospital: User) -> None:
    stocked(submitted.now)
    issue(submitted, hospital, SECOND)
    assert submitted.case.tasks[CERTIFICATE].state is TaskState.COMPLETED
    assert (states(FIRST), states(SECOND)) == (NumberState.IN_STOCK, NumberState.ISSUED)
    assert rows.next_number(office=HOSPITAL, task=None, now=submitted.now) == FIRST


def test_where_no_stock_is_kept_any_right_number_is_taken(
    submitted: Household, hospital: User
) -> None:
    issue(submitted, hospital, "Z349999999")
    assert submitted.case.tasks[CERTIFICATE].state is TaskState.COMPLETED


def spoil(number: str, now: datetime, to: NumberState) -> None:
    if to is NumberState.LOST:
        number_stock.report_lost(by=keeper(HOSPITAL), numbers=[number], now=now)
        return
    request = number_stock.propose_void(
        by=keeper(HOSPITAL), numbers=[number], reason="misprint", now=now
    )
    number_stock.settle_void(by=keeper(HOSPITAL), request=request, confirmed=True, now=now)


@pytest.mark.parametrize(
    ("prepare", "number", "code"),
    [
        (lambda now: None, "T340000021", "number_not_in_stock"),
        (lambda now: None, "Z340000001", "number_not_in_stock"),
        (lambda now: stocked(now, OTHER, start=21), "T340000021", "number_of_another"),
        (lambda now: spoil(FIRST, now, NumberState.LOST), FIRST, "number_lost"),
        (lambda now: spoil(FIRST, now, NumberState.VOID), FIRST, "number_void"),
        (lambda now: rows.set_state(numbers=[FIRST], to=NumberState.ISSUED, now=now), FIRST,
         "number_used"),
        (lambda now: number_stock.propose_void(
            by=keeper(HOSPITAL), numbers=[FIRST], reason="damaged", now=now), FIRST,
         "number_to_be_void"),
    ],
)  # fmt: skip
def test_a_number_that_may_not_be_used_is_refused_with_its_reason(
    submitted: Household,
    hospital: User,
    prepare: Callable[[datetime], object],
    number: str,
    code: str,
) -> None:
    stocked(submitted.now)
    prepare(submitted.now)
    with pytest.raises(RefusedError) as refusal:
        issue(submitted, hospital, number)
    assert (refusal.value.code, refusal.value.field) == (code, "certificate_number")
    assert submitted.case.tasks[CERTIFICATE].state is not TaskState.COMPLETED


def test_a_number_of_somebody_elses_shelf_is_refused_even_without_a_shelf_of_ones_own(
    submitted: Household, hospital: User
) -> None:
    stocked(submitted.now, OTHER)
    for number in (FIRST, "T340000400"):
        with pytest.raises(RefusedError, match="number_of_another"):
            issue(submitted, hospital, number)


def test_two_clerks_never_get_the_same_number_while_a_decision_is_held(
    submitted: Household, hospital: User
) -> None:
    stocked(submitted.now)
    now = submitted.now
    result = {"certificate_number": FIRST, "issued_on": "2026-11-21"}
    held = tasks.decide(
        by=hospital, task_id=submitted.task(CERTIFICATE), version=submitted.version(CERTIFICATE),
        decision=OfficeDecision(TaskState.COMPLETED, result=result), now=now,
    )  # fmt: skip
    assert rows.next_number(office=HOSPITAL, task=None, now=now) == SECOND
    own = submitted.task(CERTIFICATE)
    assert rows.next_number(office=HOSPITAL, task=own, now=now) == FIRST
    with refused("number_reserved"):
        number_stock.propose_void(by=hospital, numbers=[FIRST], reason="other", now=now)
    tasks.undo(by=hospital, held_id=held.id, now=now)
    later = now + timedelta(minutes=5)
    assert rows.next_number(office=HOSPITAL, task=None, now=later) == FIRST
    assert states(FIRST) is NumberState.IN_STOCK


def test_a_number_voided_while_the_decision_was_held_is_not_issued(
    submitted: Household, hospital: User
) -> None:
    stocked(submitted.now)
    now = submitted.now
    result = {"certificate_number": FIRST, "issued_on": "2026-11-21"}
    tasks.decide(
        by=hospital, task_id=submitted.task(CERTIFICATE), version=submitted.version(CERTIFICATE),
        decision=OfficeDecision(TaskState.COMPLETED, result=result), now=now,
    )  # fmt: skip
    rows.set_state(numbers=[FIRST], to=NumberState.LOST, now=now)
    tasks.apply_due_decisions(now=now + timedelta(seconds=11))
    assert submitted.case.tasks[CERTIFICATE].state is not TaskState.COMPLETED
    assert states(FIRST) is NumberState.LOST


def test_one_person_proposes_and_another_voids(family: Household) -> None:
    stocked(family.now)
    first, second = keeper(HOSPITAL), keeper(HOSPITAL)
    request = number_stock.propose_void(
        by=first, numbers=[FIRST, SECOND, FIRST], reason="misprint", now=family.now
    )
    with refused("second_person_needed"):
        number_stock.settle_void(by=first, request=request, confirmed=True, now=family.now)
    with pytest.raises(access.Refused):
        number_stock.settle_void(by=keeper(OTHER), request=request, confirmed=True, now=family.now)
    with refused("number_to_be_void"):
        number_stock.propose_void(by=second, numbers=[FIRST], reason="other", now=family.now)
    assert states(FIRST) is NumberState.IN_STOCK
    number_stock.settle_void(by=second, request=request, confirmed=True, now=family.now)
    assert states(FIRST) is states(SECOND) is NumberState.VOID
    with pytest.raises(access.Refused):
        number_stock.settle_void(by=second, request=request, confirmed=True, now=family.now)
    told = books.latest(book="stock:H34010401", limit=1)[0]
    who = people.visitor(first).staff or ""
    assert told.kind == "numbers_voided" and who in told.body and FIRST in told.body


def test_a_withdrawn_request_gives_the_numbers_back(family: Household) -> None:
    stocked(family.now)
    first = keeper(HOSPITAL)
    request = number_stock.propose_void(
        by=first, numbers=[FIRST], reason="misprint", now=family.now
    )
    assert rows.next_number(office=HOSPITAL, task=None, now=family.now) == SECOND
    number_stock.settle_void(by=first, request=request, confirmed=False, now=family.now)
    assert rows.next_number(office=HOSPITAL, task=None, now=family.now) == FIRST


def test_a_lost_number_that_is_found_can_only_be_voided(family: Household) -> None:
    stocked(family.now)
    spoil(FIRST, family.now, NumberState.LOST)
    with refused("number_lost"):
        number_stock.report_lost(by=keeper(HOSPITAL), numbers=[FIRST], now=family.now)
    spoil(FIRST, family.now, NumberState.VOID)
    assert states(FIRST) is NumberState.VOID
    assert list(verify_papers.stock_faults()) == []


def test_two_reports_of_one_batch_do_not_share_a_number(
    submitted: Household, hospital: User
) -> None:
    stocked(submitted.now)
    context = contexts.context_of(submitted.case)
    events = _completed(submitted, FIRST)
    number_stock.take(events, submitted.case, context, now=submitted.now)
    with pytest.raises(RefusedError, match="number_used"):
        number_stock.take(events, submitted.case, context, now=submitted.now)


def _completed(family: Household, number: str) -> list[Event]:
    result = {"certificate_number": number, "issued_on": "2026-11-21"}
    decision = OfficeDecision(TaskState.COMPLETED, result=result)
    context = contexts.context_of(family.case)
    return decide(family.case, CERTIFICATE, decision, "partner:x", context, family.now)


def test_the_demonstration_fills_its_hospitals_down_from_the_province(family: Household) -> None:
    offices = contexts.directory().offices
    demonstration_stock.fill(offices, now=family.now)
    assert len(rows.states_of(office=HOSPITAL)) == demonstration_stock.SIZES[Level.INSTITUTION]
    assert [run.parent for run in rows.runs_of(office=PROVINCE)] == [None]
    count = len(rows.all_runs())
    demonstration_stock.fill(offices, now=family.now)
    assert len(rows.all_runs()) == count
    assert list(verify_papers.stock_faults()) == []


def test_a_decision_made_on_an_older_version_reserves_nothing(
    submitted: Household, hospital: User
) -> None:
    stocked(submitted.now)
    with pytest.raises(ChangedMeanwhileError):
        tasks.decide(
            by=hospital, task_id=submitted.task(CERTIFICATE), version=99,
            decision=OfficeDecision(TaskState.COMPLETED, result={"certificate_number": FIRST}),
            now=submitted.now,
        )  # fmt: skip
    assert rows.lock_blanks([FIRST])[FIRST].task is None
