"""Paper sheets: where they lie, where policy sends them, until when, and what is not in place."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.cast import BASIS, CALENDAR, context, later, submitted, when, words
from yijian.domain.cases import Case
from yijian.domain.context import Context, RefusedError
from yijian.domain.custody import (
    ARCHIVE,
    FAMILY,
    NEXT,
    PaperSheet,
    SheetPlan,
    SheetState,
    due_on,
    history_faults,
    plan_of,
    sheet_told,
    stepped,
)
from yijian.domain.custody_rules import (
    CustodyRule,
    Destination,
    Every,
    Place,
    Schedule,
    Sheet,
)
from yijian.domain.events import Event, EventKind
from yijian.domain.handling import OfficeDecision, decide
from yijian.domain.history import apply_all
from yijian.domain.reconciling import DifferenceKind, ExpectedSheet, FoundSheet, differences
from yijian.domain.states import TaskState
from yijian.domain.wording import Condition

CERTIFICATE = ("certificate", 1)
NUMBER = "Y340000001"
QUARTER_30 = Schedule(Every.QUARTER, day=30)
ONCE = Schedule(Every.ONCE)
REGISTERED = when("items_completed", that=lambda f: "registration" in str(f["items_completed"]))
FAILED = when("items_failed", that=lambda f: "registration" in str(f["items_failed"]))


def rule(
    part: str,
    sheet: Sheet,
    place: Place,
    schedule: Schedule,
    condition: Condition | None = None,
    cut: bool | None = None,
    cut_after: str | None = None,
    **to: str,
) -> CustodyRule:
    return CustodyRule(
        part, words(part), words(""), words(""), words(""), BASIS, condition, None, cut, sheet,
        Destination(place, **to), schedule, cut_after,
    )  # fmt: skip


def scheme(*more: CustodyRule) -> Context:
    return context(
        custody=(
            rule("main_page", Sheet.MAIN_PAGE, Place.FAMILY, ONCE),
            rule("counterfoil", Sheet.COUNTERFOIL, Place.OFFICE, QUARTER_30, REGISTERED, True,
                 kind="station"),
            rule("counterfoil_for_family", Sheet.COUNTERFOIL, Place.FAMILY, ONCE, FAILED, False),
            *more,
        )
    )  # fmt: skip


def certified(ctx: Context) -> tuple[Case, list[Event]]:
    case = submitted(1, ctx)
    decision = OfficeDecision(TaskState.COMPLETED, result={"number": NUMBER})
    events = decide(case, CERTIFICATE, decision, "staff:1", ctx, later(hours=1))
    return apply_all(case, events), events


def sheets(events: list[Event]) -> dict[Sheet, PaperSheet]:
    moved = [sheet_told(e) for e in events if e.kind is EventKind.PAPER_MOVED]
    return {paper.sheet: paper for paper in moved}


def plan(ctx: Context, case: Case, sheet: Sheet, since: date = date(2026, 11, 20)) -> SheetPlan:
    values = ctx.filled(case, 1, later(hours=2))
    return plan_of(sheet, case, 1, "H01", since, ctx, values)


def test_three_sheets_lie_with_the_issuer_when_a_number_is_given() -> None:
    _case, events = certified(scheme())
    laid = sheets(events)
    assert set(laid) == set(Sheet)
    for paper in laid.values():
        assert (paper.holder, paper.state, paper.step) == ("H01", SheetState.HELD, 1)
        assert paper.cut is False
    assert NUMBER not in str([event.public for event in events])


def test_a_scheme_that_says_nothing_about_sheets_has_none() -> None:
    _case, events = certified(context())
    assert sheets(events) == {}


def test_a_sheet_is_cut_at_issue_where_a_rule_that_holds_already_says_so() -> None:
    stub = rule("stub", Sheet.STUB, Place.ISSUER, Schedule(Every.NEVER), cut=True)
    assert sheets(certified(scheme(stub))[1])[Sheet.STUB].cut is True


def test_nothing_is_cut_before_the_whole_page_was_scanned() -> None:
    stub = rule("stub", Sheet.STUB, Place.ISSUER, Schedule(Every.NEVER), cut=True, cut_after="scan")
    assert sheets(certified(scheme(stub))[1])[Sheet.STUB].cut is False


def test_where_the_counterfoil_goes_follows_the_registration() -> None:
    ctx = scheme()
    case, _events = certified(ctx)
    waiting = plan(ctx, case, Sheet.COUNTERFOIL)
    assert waiting.waits and (waiting.to, waiting.due_on) == ("H01", None)
    refusal = OfficeDecision(TaskState.REJECTED, "no")
    refused = apply_all(
        case, decide(case, ("registration", 1), refusal, "staff:2", ctx, later(hours=2))
    )
    assert plan(ctx, refused, Sheet.COUNTERFOIL).to == FAMILY
    done = rule("c", Sheet.COUNTERFOIL, Place.TASK, QUARTER_30, item="registration")
    at_the_station = plan(context(custody=(done,)), case, Sheet.COUNTERFOIL)
    assert (at_the_station.to, at_the_station.due_on) == ("P01", date(2026, 12, 30))
    near = rule("c", Sheet.COUNTERFOIL, Place.OFFICE, QUARTER_30, kind="station")
    assert plan(context(custody=(near,)), case, Sheet.COUNTERFOIL).to == "P01"
    away = rule("c", Sheet.COUNTERFOIL, Place.ARCHIVE, QUARTER_30)
    assert plan(context(custody=(away,)), case, Sheet.COUNTERFOIL).to == ARCHIVE
    assert plan(ctx, case, Sheet.STUB).waits


@pytest.mark.parametrize(
    ("schedule", "since", "due"),
    [
        (QUARTER_30, date(2026, 1, 1), date(2026, 3, 30)),
        (QUARTER_30, date(2026, 3, 30), date(2026, 3, 30)),
        (QUARTER_30, date(2026, 3, 31), date(2026, 6, 30)),
        (QUARTER_30, date(2026, 12, 31), date(2027, 3, 30)),
        (Schedule(Every.QUARTER), date(2026, 4, 1), date(2026, 6, 30)),
        (Schedule(Every.MONTH, day=30), date(2027, 2, 1), date(2027, 2, 28)),
        (Schedule(Every.MONTH, day=30), date(2028, 2, 1), date(2028, 2, 29)),
        (Schedule(Every.MONTH, day=30), date(2026, 1, 31), date(2026, 2, 28)),
        (Schedule(Every.MONTH, on_workday=True), date(2026, 10, 1), date(2026, 10, 30)),
        (Schedule(Every.MONTH, on_workday=True), date(2026, 10, 31), date(2026, 11, 30)),
        (Schedule(Every.MONTH, day=1, on_workday=True), date(2026, 10, 20), date(2026, 11, 1)),
        (ONCE, date(2026, 11, 20), None),
        (Schedule(Every.ONCE, workdays=0), date(2026, 11, 21), date(2026, 11, 21)),
        (Schedule(Every.ONCE, workdays=1), date(2026, 11, 20), date(2026, 11, 23)),
        (Schedule(Every.NEVER), date(2026, 11, 20), None),
    ],
)
def test_the_next_day_of_a_schedule_is_found(
    schedule: Schedule, since: date, due: date | None
) -> None:
    assert due_on(schedule, since, CALENDAR) == due


@given(
    st.builds(
        Schedule,
        st.sampled_from([Every.MONTH, Every.QUARTER]),
        day=st.integers(1, 31),
        on_workday=st.booleans(),
    ),
    st.dates(date(2026, 1, 1), date(2027, 6, 30)),
)
def test_a_due_day_is_never_in_the_past_and_never_far(schedule: Schedule, since: date) -> None:
    day = due_on(schedule, since, CALENDAR)
    assert day is not None and since <= day
    assert (day - since).days <= (62 if schedule.every is Every.MONTH else 123)
    assert schedule.every is Every.MONTH or day.month % 3 == 0


def test_a_sheet_takes_the_steps_that_paper_can_take_and_no_others() -> None:
    for before, after in product(SheetState, repeat=2):
        paper = PaperSheet(Sheet.STUB, 1, 4, "H01", before, False)
        if after in NEXT[before]:
            assert stepped(paper, after, holder="P01").step == 5
        else:
            with pytest.raises(RefusedError, match="paper_step_not_allowed"):
                stepped(paper, after)


def test_a_history_that_cannot_be_true_is_named() -> None:
    first = PaperSheet(Sheet.STUB, 1, 1, "H01", SheetState.HELD, False)
    away = stepped(first, SheetState.ON_THE_WAY, holder="P01", cut=True, batch="b")
    there = stepped(away, SheetState.HELD, batch="b")
    assert history_faults([first, away, there]) == []
    assert "step 2 is missing" in history_faults([first, there])[0]
    assert history_faults([away.__class__(Sheet.STUB, 1, 1, "P01", SheetState.LOST, False)])
    whole = PaperSheet(Sheet.STUB, 1, 3, "P01", SheetState.HELD, False)
    assert "puts together" in history_faults([first, away, whole])[0]
    again = PaperSheet(Sheet.STUB, 1, 3, "P01", SheetState.LOST, True)
    assert "on_the_way to lost" in history_faults([first, away, again])[0]


DUE = date(2026, 12, 30)
WANTED = ExpectedSheet(NUMBER, Sheet.COUNTERFOIL, "H01", "P01", DUE)


def at(holder: str, state: SheetState = SheetState.HELD, number: str = NUMBER) -> FoundSheet:
    return FoundSheet(number, Sheet.COUNTERFOIL, holder, state)


@pytest.mark.parametrize(
    ("wanted", "found", "kind"),
    [
        (WANTED, at("P01"), None),
        (WANTED, at("H01"), DifferenceKind.OVERDUE),
        (WANTED, at("P01", SheetState.ON_THE_WAY), None),
        (WANTED, None, DifferenceKind.MISSING),
        (WANTED, at("P01", SheetState.MISSING), DifferenceKind.MISSING),
        (WANTED, at("H01", SheetState.LOST), DifferenceKind.MISSING),
        (WANTED, at("P02"), DifferenceKind.UNEXPECTED),
        (WANTED, at(FAMILY, SheetState.DELIVERED), DifferenceKind.UNEXPECTED),
        (None, at("H01"), DifferenceKind.UNEXPECTED),
    ],
)
def test_every_sheet_out_of_place_is_named_once(
    wanted: ExpectedSheet | None, found: FoundSheet | None, kind: DifferenceKind | None
) -> None:
    told = differences([wanted] if wanted else [], [found] if found else [], DUE)
    assert [(one.number, one.kind) for one in told] == ([(NUMBER, kind)] if kind else [])


def test_before_its_day_a_sheet_is_not_overdue_and_without_a_day_it_never_is() -> None:
    assert differences([WANTED], [at("H01")], date(2026, 12, 29)) == ()
    for_family = ExpectedSheet(NUMBER, Sheet.COUNTERFOIL, "H01", FAMILY, None)
    assert differences([for_family], [at("H01")], date(2030, 1, 1)) == ()
    assert differences([for_family], [at(FAMILY, SheetState.DELIVERED)], DUE) == ()


def test_missing_sheets_come_first_and_in_the_order_of_their_numbers() -> None:
    others = [
        ExpectedSheet(f"Y34000000{n}", Sheet.COUNTERFOIL, "H01", "P01", DUE) for n in (3, 1, 2)
    ]
    told = differences(
        others, [at("H01", number="Y340000003"), at("P01", number="Y349999999")], DUE
    )
    assert [(one.number, one.kind.value) for one in told] == [
        ("Y340000001", "missing"),
        ("Y340000002", "missing"),
        ("Y340000003", "overdue"),
        ("Y349999999", "unexpected"),
    ]
