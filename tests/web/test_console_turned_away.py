"""The register of who was turned away: by clause, month and place, and never who."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from tests.actions import cast_simulations as cast
from tests.web.cast_console import at_console
from yijian.actions import contexts
from yijian.actions import figures as counting
from yijian.domain.cases import Case
from yijian.domain.events import Event, EventKind
from yijian.domain.history import apply
from yijian.records import cases as case_records
from yijian.records import journal
from yijian.records.cases import Change
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
PAGE = "/console/turned-away/"
EDITOR = StaffRole.POLICY_EDITOR


@pytest.fixture
def node(db: None, fixed_now: datetime) -> Iterator[None]:
    cast.open_workshop(fixed_now)
    yield
    contexts.forget()


def counted(fits: int, late: int, now: datetime) -> None:
    cast.past(fits, late)
    everything_counted(now)


def everything_counted(now: datetime) -> None:
    journal.seal_journal(now=now)
    counting.follow_all(now=now)


def lines(client: Client, table: str, **asked: str) -> list[list[str]]:
    answer = client.get(PAGE, {"csv": table, **asked})
    assert answer["Content-Type"].startswith("text/csv")
    return [line.split(",") for line in answer.content.decode("utf-8-sig").splitlines()[1:]]


def test_a_clause_says_whom_it_keeps_out_alone_and_when(node: None, fixed_now: datetime) -> None:
    counted(7, 8, fixed_now)
    editor = at_console(EDITOR)
    assert lines(editor, "clauses") == [["出生30天以内", "10", "100.0%", "10", "0"]]
    (by_month,) = lines(editor, "months")
    assert by_month[-1] == "10"
    assert set(by_month[1:-1]) == {"0"}
    page = editor.get(PAGE).content.decode()
    assert "只放宽这一条" in page
    assert "第" not in page.split("<main")[1].split("条款")[0]


def test_fewer_than_five_are_hidden_everywhere(node: None, fixed_now: datetime) -> None:
    counted(7, 3, fixed_now)
    editor = at_console(EDITOR)
    assert lines(editor, "clauses") == [["出生30天以内", "不足 5", "—", "不足 5", "0"]]
    assert {row[1] for row in lines(editor, "places")} == {"不足 5"}
    page = editor.get(PAGE).content.decode()
    assert "不足 5" in page


def let_in(late: Sequence[Case], now: datetime) -> None:
    """The hospital has put the day of birth right, and no rule keeps these out any more."""
    public = {"pack": cast.CODE, "version": late[0].pack_version}
    lifted = Event(EventKind.REFUSAL_LIFTED, now, "system", public=public)
    with transaction.atomic():
        loaded = case_records.load(ids=[UUID(case.id) for case in late])
        case_records.save([Change(one, [lifted], apply(one.case, lifted)) for one in loaded])


@pytest.mark.parametrize(("later", "row"), [
    (6, ["出生30天以内", "不足 5", "—", "不足 5", "5"]),
    (9, ["出生30天以内", "0", "—", "0", "10"]),
    (3, ["出生30天以内", "5", "100.0%", "5", "不足 5"]),
])  # fmt: skip
def test_who_is_let_in_after_all_is_counted_apart(
    node: None, fixed_now: datetime, later: int, row: list[str]
) -> None:
    late = cast.past(0, 9)
    let_in(late[:later], fixed_now)
    everything_counted(fixed_now)
    editor = at_console(EDITOR)
    assert lines(editor, "clauses") == [row]
    page = editor.get(PAGE).content.decode()
    assert "后来不再拦下" in page and "按最后的结论" in page
    assert counting.recount(repair=False, now=fixed_now) == []


def test_places_lead_down_and_up_again(node: None, fixed_now: datetime) -> None:
    counted(0, 6, fixed_now)
    editor = at_console(EDITOR)
    assert lines(editor, "places")[0][:2] == ["安徽省", "5"]
    page = editor.get(PAGE, {"scope": "34"}).content.decode()
    assert "合肥市" in page
    assert "上一级" in page


def test_a_supervisor_sees_the_own_place_and_no_other(node: None) -> None:
    supervisor = at_console(StaffRole.SUPERVISOR)
    assert supervisor.get(PAGE).status_code == 200
    assert supervisor.get(PAGE, {"scope": "3401"}).status_code == 200
    for scope in ("", "34", "3402", "310000"):
        assert supervisor.get(PAGE, {"scope": scope}).status_code == 404, scope


def test_nonsense_in_the_address_is_no_error(node: None) -> None:
    editor = at_console(EDITOR)
    for asked in ({"months": "x"}, {"pack": "nobody"}, {"csv": "x"}, {"scope": "zz"}):
        assert editor.get(PAGE, asked).status_code in (200, 404), asked


def test_who_decides_no_policy_meets_nothing(node: None) -> None:
    for role in (StaffRole.CLERK, StaffRole.SECURITY_ADMIN, StaffRole.WINDOW):
        assert at_console(role).get(PAGE).status_code == 404
    assert Client().get(PAGE).status_code == 302
