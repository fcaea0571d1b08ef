"""Sheets of paper: laid down with the number, given, cut, handed over, never lost sight of."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.actions import cast
from tests.actions.cast import REGISTRATION, Household
from tests.actions.test_number_stock import issue, keeper, stocked
from tests.records.test_journal import as_insider
from yijian.actions import custody, handovers
from yijian.domain.context import RefusedError
from yijian.domain.custody import ARCHIVE, FAMILY, SheetState
from yijian.domain.custody_rules import Sheet
from yijian.domain.events import EventKind
from yijian.domain.states import TaskState
from yijian.ops import verify_papers, verify_sheets
from yijian.records import access, books, journal
from yijian.records import custody as rows
from yijian.records.custody import SheetLine

pytestmark = pytest.mark.django_db
HOSPITAL = "H34010401"
NUMBER = "T340000001"
QUARTER = date(2026, 12, 31)


@pytest.fixture
def hospital(submitted: Household) -> User:
    return keeper(HOSPITAL)


@pytest.fixture
def certified(submitted: Household, hospital: User) -> Household:
    """The certificate has its number, from stock."""
    stocked(submitted.now)
    issue(submitted, hospital, NUMBER)
    submitted.now += timedelta(seconds=20)
    return submitted


def sheets(family: Household) -> dict[Sheet, SheetLine]:
    return {line.paper.sheet: line for line in rows.sheets_of(family.id)}


def faults() -> list[str]:
    checks = (
        verify_papers.book_faults, verify_papers.stock_faults,
        verify_sheets.sheet_faults, verify_sheets.batch_faults,
    )  # fmt: skip
    return [f"{where}: {what}" for check in checks for where, what in check()]


def test_three_sheets_lie_with_the_hospital_and_know_where_they_go(certified: Household) -> None:
    laid = sheets(certified)
    assert set(laid) == set(Sheet)
    assert {line.number for line in laid.values()} == {NUMBER}
    assert {line.paper.holder for line in laid.values()} == {HOSPITAL}
    assert laid[Sheet.MAIN_PAGE].plan.to == FAMILY
    for sheet in (Sheet.COUNTERFOIL, Sheet.STUB):
        assert (laid[sheet].plan.to, laid[sheet].plan.due_on) == (ARCHIVE, QUARTER)
    kinds = [entry.kind for entry in journal.entries_of(certified.id)]
    assert kinds.count(EventKind.PAPER_MOVED.value) == 3
    assert NUMBER not in "".join(entry.body for entry in journal.entries_of(certified.id))
    assert faults() == []


def test_a_failed_registration_sends_the_counterfoil_to_the_family(certified: Household) -> None:
    police = cast.clerk_of(certified, REGISTRATION)
    certified.decide(police, REGISTRATION, TaskState.DECLINED, reason="own_words", reason_text="x")
    plan = sheets(certified)[Sheet.COUNTERFOIL].plan
    assert (plan.rule, plan.to, plan.due_on) == ("counterfoil_for_the_counter", FAMILY, None)
    assert faults() == []


def test_the_family_takes_its_main_page_and_nothing_else(
    certified: Household, hospital: User
) -> None:
    laid = sheets(certified)
    with pytest.raises(RefusedError, match="not_for_the_family"):
        custody.give_to_family(by=hospital, sheet_ids=[laid[Sheet.STUB].id], now=certified.now)
    custody.give_to_family(by=hospital, sheet_ids=[laid[Sheet.MAIN_PAGE].id], now=certified.now)
    paper = sheets(certified)[Sheet.MAIN_PAGE].paper
    assert (paper.holder, paper.state, paper.step) == (FAMILY, SheetState.DELIVERED, 2)
    assert paper.cut and not sheets(certified)[Sheet.STUB].paper.cut
    with pytest.raises(access.Refused):
        custody.give_to_family(by=hospital, sheet_ids=[laid[Sheet.MAIN_PAGE].id], now=certified.now)
    custody.report_found(by=hospital, sheet_ids=[laid[Sheet.MAIN_PAGE].id], now=certified.now)
    assert sheets(certified)[Sheet.MAIN_PAGE].paper.holder == HOSPITAL
    assert faults() == []


def test_a_sheet_is_cut_once_lost_and_found(certified: Household, hospital: User) -> None:
    stub = sheets(certified)[Sheet.STUB].id
    custody.cut(by=hospital, sheet_ids=[stub], now=certified.now)
    assert sheets(certified)[Sheet.STUB].paper.cut
    with pytest.raises(RefusedError, match="paper_step_not_allowed"):
        custody.cut(by=hospital, sheet_ids=[stub], now=certified.now)
    custody.report_lost(by=hospital, sheet_ids=[stub], now=certified.now)
    custody.report_found(by=hospital, sheet_ids=[stub], now=certified.now)
    assert [step.state for step in rows.steps_of(sheets(certified)[Sheet.STUB])] == [
        "held", "held", "lost", "held",
    ]  # fmt: skip
    assert faults() == []


@pytest.mark.parametrize("act", [custody.cut, custody.give_to_family, custody.report_lost])
def test_nobody_else_moves_a_hospitals_sheets(
    certified: Household, act: Callable[..., None]
) -> None:
    ids = [line.id for line in sheets(certified).values()]
    strangers = [keeper("H34010402"), cast.clerk(HOSPITAL), certified.mother]
    for stranger in strangers:
        with pytest.raises(access.Refused):
            act(by=stranger, sheet_ids=ids, now=certified.now)
    with pytest.raises(access.Refused):
        act(by=keeper(HOSPITAL), sheet_ids=[UUID(int=5)], now=certified.now)
    assert {line.paper.step for line in sheets(certified).values()} == {1}


def drawn(family: Household, hospital: User, goes_to: str = ARCHIVE) -> UUID:
    return handovers.draw_up(by=hospital, goes_to=goes_to, on=QUARTER, now=family.now).id


def test_a_list_holds_everything_that_is_due_and_is_drawn_up_once(
    certified: Household, hospital: User
) -> None:
    (group,) = rows.due_groups(office=HOSPITAL, on=QUARTER)
    assert (group.goes_to, group.sheets, group.first_due) == (ARCHIVE, 2, QUARTER)
    assert rows.due_groups(office=HOSPITAL, on=QUARTER - timedelta(days=1)) == []
    batch = drawn(certified, hospital)
    assert set(rows.outcomes_of(batch).values()) == {"listed"}
    with pytest.raises(RefusedError, match="nothing_due"):
        drawn(certified, hospital)
    stub = sheets(certified)[Sheet.STUB].id
    with pytest.raises(RefusedError, match="on_a_list"):
        custody.report_lost(by=hospital, sheet_ids=[stub], now=certified.now)
    handovers.cancel(by=hospital, batch_id=batch, now=certified.now)
    assert len(rows.outcomes_of(drawn(certified, hospital))) == 2
    assert faults() == []


def test_an_archive_signs_on_paper_and_the_giver_enters_its_receipt(
    certified: Household, hospital: User
) -> None:
    batch = drawn(certified, hospital)
    listed = set(rows.outcomes_of(batch))
    handovers.give(by=hospital, batch_id=batch, way="in_person", tracking="", now=certified.now)
    assert sheets(certified)[Sheet.STUB].paper.state is SheetState.ON_THE_WAY
    with pytest.raises(RefusedError, match="receipt_missing"):
        handovers.receive(by=hospital, batch_id=batch, received=listed, now=certified.now)
    handovers.receive(
        by=hospital, batch_id=batch, received=listed, receipt="档收2026-17", now=certified.now
    )
    stub = sheets(certified)[Sheet.STUB].paper
    assert (stub.holder, stub.state) == (ARCHIVE, SheetState.DELIVERED)
    with pytest.raises(RefusedError, match="batch_not_open"):
        handovers.cancel(by=hospital, batch_id=batch, now=certified.now)
    kinds = [e.kind for e in reversed(books.latest(book=f"papers:{HOSPITAL}", limit=9))]
    assert kinds == ["batch_drawn_up", "batch_given", "batch_received"]
    assert faults() == []


def at_the_station(family: Household) -> str:
    """As if policy sent the papers to the station that registers the child."""
    station = family.case.tasks[REGISTRATION].office
    assert station is not None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sheet SET goes_to = %s WHERE goes_to = 'archive'", [station])
    return station


def test_the_other_office_confirms_sheet_by_sheet_and_names_what_differs(
    certified: Household, hospital: User
) -> None:
    station = at_the_station(certified)
    police = keeper(station)
    batch = drawn(certified, hospital, station)
    with pytest.raises(RefusedError, match="tracking_missing"):
        handovers.give(by=hospital, batch_id=batch, way="post", tracking=" ", now=certified.now)
    handovers.give(
        by=hospital, batch_id=batch, way="post", tracking="EA 123456789 CN", now=certified.now
    )
    kept = rows.batch(batch)
    assert kept is not None and kept.tracking == "EA123456789CN"
    laid = sheets(certified)
    with pytest.raises(access.Refused):
        handovers.receive(by=hospital, batch_id=batch, received=[], now=certified.now)
    with pytest.raises(RefusedError, match="sheet_unknown"):
        handovers.receive(
            by=police, batch_id=batch, received=[], also=[("T340000009", Sheet.STUB)],
            now=certified.now,
        )  # fmt: skip
    outcomes = handovers.receive(
        by=police, batch_id=batch, received=[laid[Sheet.STUB].id],
        also=[(NUMBER, Sheet.MAIN_PAGE)], now=certified.now,
    )  # fmt: skip
    assert outcomes == {
        laid[Sheet.STUB].id: "received",
        laid[Sheet.COUNTERFOIL].id: "missing",
        laid[Sheet.MAIN_PAGE].id: "unexpected",
    }
    after = {sheet: line.paper for sheet, line in sheets(certified).items()}
    assert (after[Sheet.STUB].holder, after[Sheet.STUB].state) == (station, SheetState.HELD)
    assert after[Sheet.COUNTERFOIL].state is SheetState.MISSING
    assert (after[Sheet.MAIN_PAGE].holder, after[Sheet.MAIN_PAGE].step) == (station, 3)
    step = rows.steps_of(sheets(certified)[Sheet.STUB])[-1]
    assert step.given_by == kept.given_by and step.taken_by not in ("", step.given_by)
    custody.report_found(by=police, sheet_ids=[laid[Sheet.COUNTERFOIL].id], now=certified.now)
    assert sheets(certified)[Sheet.COUNTERFOIL].paper.holder == station
    assert [f for f in faults() if "policy" not in f] == []


def test_who_has_only_one_hand_cannot_give_what_lies_elsewhere(
    certified: Household, hospital: User
) -> None:
    batch = drawn(certified, hospital)
    for stranger in (keeper("H34010402"), cast.clerk(HOSPITAL), certified.father):
        with pytest.raises(access.Refused):
            handovers.give(
                by=stranger, batch_id=batch, way="in_person", tracking="", now=certified.now
            )


LIES: dict[str, tuple[str, str]] = {
    "a sheet moved by hand": (
        "UPDATE sheet SET holder = 'family' WHERE sheet = 'stub'",
        "sheet stub/1 is held at family (step 1), the journal tells held at H34010401",
    ),
    "a sheet removed": (
        "DELETE FROM sheet WHERE sheet = 'stub'",
        "sheet stub/1 is told by the journal and the ledger does not have it",
    ),
    "a line of the ledger rewritten": (
        "UPDATE custody SET taken_by = 'staff:x' WHERE part = 'stub'",
        "sheet stub/1: line 1 of the ledger was changed",
    ),
    "a line of the ledger removed": (
        "DELETE FROM custody WHERE part = 'stub'",
        "sheet stub/1: line 1 is missing in the ledger",
    ),
    "a due day moved by hand": (
        "UPDATE sheet SET due_on = due_on + 90 WHERE sheet = 'stub'",
        "sheet stub/1: goes to archive by 2027-03-31 in the ledger, policy sends it to archive",
    ),
    "a number put back into stock": (
        f"UPDATE blank_number SET state = 'in_stock' WHERE number = '{NUMBER}'",
        f"number {NUMBER}: is in_stock and has 3 sheets in the ledger",
    ),
    "a number voided by hand": (
        "UPDATE blank_number SET state = 'void' WHERE number = 'T340000005'",
        "number T340000005: is void, the books tell in_stock",
    ),
    "a number issued to nobody": (
        "UPDATE blank_number SET state = 'issued' WHERE number = 'T340000005'",
        "number T340000005: was issued and the ledger has no sheet of it",
    ),
    "a number removed": (
        "DELETE FROM blank_number WHERE number = 'T340000005'",
        "number T340000005: must lie at H34010401 and is not kept",
    ),
    "a number slipped in": (
        "INSERT INTO blank_number (number, holder, run, state, changed_at) SELECT 'T340009999',"
        " holder, run, state, changed_at FROM blank_number LIMIT 1",
        "number T340009999: lies at H34010401 and no book tells of it",
    ),
    "a run given to somebody else": (
        "UPDATE number_range SET holder = 'H34010402' WHERE holder = 'H34010401'",
        "lies with H34010402, the books tell H34010401",
    ),
    "a book rewritten": (
        "UPDATE journal SET body = '{\"range\":\"x\"}' WHERE kind = 'range_accepted'",
        "book stock:",
    ),
    "the last line of a book removed": (
        "DELETE FROM journal WHERE kind = 'batch_drawn_up'",
        f"book papers:{HOSPITAL}: it counts 1 entries, its chain has 0",
    ),
    "a list closed by hand": (
        "UPDATE handover_batch SET state = 'cancelled'",
        "is cancelled to archive, the books tell drawn_up to archive",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_changed_ledger_stock_or_book_is_named(
    certified: Household, hospital: User, lie: str
) -> None:
    drawn(certified, hospital)
    assert faults() == []
    statement, said = LIES[lie]
    with as_insider(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert [fault for fault in faults() if said in fault], faults()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sheet SET step = step + 2",
        "UPDATE sheet SET step = 0",
        "DELETE FROM sheet",
        f"UPDATE blank_number SET state = 'in_stock' WHERE number = '{NUMBER}'",
        f"UPDATE blank_number SET state = 'void' WHERE number = '{NUMBER}'",
        "DELETE FROM blank_number",
    ],
)
def test_the_database_itself_refuses_to_undo_paper(certified: Household, statement: str) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_three_sheets_cost_no_more_statements_than_one(
    certified: Household, hospital: User
) -> None:
    ids = [line.id for line in sheets(certified).values()]
    counts = []
    for some in (ids[:1], ids[1:]):
        with CaptureQueriesContext(connection) as queries:
            custody.cut(by=hospital, sheet_ids=some, now=certified.now)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_numbers_of_given_certificates_lie_sealed(certified: Household) -> None:
    with connection.cursor() as cursor:
        for table in ("sheet", "custody", "handover_line"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            assert NUMBER not in "".join(text for (text,) in cursor.fetchall())


def test_the_day_of_issue_is_when_the_ledger_begins(certified: Household, now: datetime) -> None:
    issued = sheets(certified)[Sheet.STUB].issued_at
    assert timedelta() <= issued - now < timedelta(minutes=1)
