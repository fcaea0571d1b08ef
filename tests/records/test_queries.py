"""Lists: the right rows in the right order, page after page, by a constant number of statements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.records.families import (
    BABY,
    FATHER_ID,
    MOTHER,
    MOTHER_ID,
    NOW,
    PHONE,
    decide,
    finished,
    later,
    new_change,
    saved,
    submitted,
)
from yijian.domain.states import TaskState
from yijian.records import cases, deliveries, exchange, pack_versions, people, queries
from yijian.records.crypto import blind_index
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db


@pytest.fixture
def hospital(clerk: Callable[..., User]) -> User:
    return clerk("H01", StaffRole.CLERK, StaffRole.WINDOW, StaffRole.DELIVERIES)


def many(count: int) -> list[UUID]:
    """Families whose certificates are due in no particular order; some have no deadline at all."""
    loaded = saved(*(submitted(f"N{n:02}", delivery=f"D{n}") for n in range(count)))
    ids = [each.id for each in loaded]
    with connection.cursor() as cursor:
        for place, identifier in enumerate(ids):
            due = None if place % 5 == 0 else NOW + timedelta(hours=place * 7 % 11)
            cursor.execute(
                "UPDATE task SET due_at = %s WHERE case_id = %s AND item = 'certificate'",
                [due, identifier],
            )
    return ids


def test_a_worklist_is_in_the_order_of_its_deadlines_and_pages_miss_and_repeat_nothing(
    hospital: User,
) -> None:
    many(23)
    lines, after, pages = [], None, 0
    while True:
        page = queries.worklist(by=hospital, after=after, limit=4)
        lines += page.lines
        pages += 1
        if page.after is None:
            break
        after = page.after
    assert pages == 6
    assert len({line.task_id for line in lines}) == len(lines) == 23
    dues = [line.due_at for line in lines]
    known = [due for due in dues if due is not None]
    assert known == sorted(known)
    assert dues[len(known) :] == [None] * 5
    assert {line.item for line in lines} == {"certificate"}


def test_a_page_stays_in_place_while_tasks_come_and_go(hospital: User) -> None:
    ids = many(8)
    first = queries.worklist(by=hospital, limit=4)
    decide([first.lines[0].case_id], ("certificate", 1), TaskState.COMPLETED)
    second = queries.worklist(by=hospital, after=first.after, limit=4)
    assert {line.case_id for line in (*first.lines, *second.lines)} == set(ids)


def test_what_has_ended_is_listed_newest_first(hospital: User) -> None:
    ids = many(5)
    for place, identifier in enumerate(ids):
        decide([identifier], ("certificate", 1), TaskState.COMPLETED, now=later(hours=place))
    first = queries.worklist(by=hospital, group="ended", limit=3)
    rest = queries.worklist(by=hospital, group="ended", limit=3, after=first.after)
    assert [line.case_id for line in (*first.lines, *rest.lines)] == ids[::-1]
    assert queries.worklist(by=hospital).lines == ()


def test_groups_and_counts_agree(hospital: User) -> None:
    ids = many(6)
    decide(ids[:2], ("certificate", 1), TaskState.ACCEPTED)
    decide(
        ids[2:3],
        ("certificate", 1),
        TaskState.CORRECTION_NEEDED,
        reason="name_unclear",
        reason_text="名字不清楚",
        correct=("newborn_name",),
    )
    counts = queries.worklist_counts(by=hospital, now=later(days=30))
    listed = {
        group: len(queries.worklist(by=hospital, group=group).lines)
        for group in ("open", "to_accept", "in_work", "with_family")
    }
    assert {group: counts[group] for group in listed} == listed
    assert listed == {"open": 6, "to_accept": 3, "in_work": 2, "with_family": 1}
    assert counts["late"] == 3, "no deadline and a clock that stands still are not late"
    (line,) = queries.worklist(by=hospital, group="with_family").lines
    assert (line.correct, line.reason) == (("newborn_name",), "name_unclear")


@pytest.mark.parametrize(
    "text", ["N01", "n01", MOTHER_ID, FATHER_ID, MOTHER, PHONE, f"+86 {PHONE}", f"{BABY}一"]
)
def test_a_family_is_found_by_number_name_or_phone(hospital: User, text: str) -> None:
    change = new_change(submitted("34010020261121S00000" + "1X", delivery="D1"))
    cases.save([change])
    wanted = change.after.number[:12] if text in ("N01", "n01") else text
    assert [line.number for line in queries.worklist(by=hospital, text=wanted).lines] == [
        change.after.number
    ]
    assert queries.worklist(by=hospital, text="赵敏").lines == ()


def test_a_search_finds_nothing_of_other_offices(clerk: Callable[..., User]) -> None:
    saved(submitted())
    assert queries.worklist(by=clerk("P01", StaffRole.CLERK), text=MOTHER_ID).lines == ()


def test_lists_show_masked_names_only(hospital: User) -> None:
    with transaction.atomic():
        cases.save([new_change(submitted(babies=2), window="H01")])
    line = queries.worklist(by=hospital).lines[0]
    assert line.names == {"mother": "王*", "father": "李*", "newborns": ["李***", "李***"]}
    (case,) = queries.window_cases(by=hospital)
    assert case.names == line.names


def test_the_number_of_statements_does_not_grow_with_the_rows(hospital: User) -> None:
    def statements() -> list[int]:
        found = []
        for ask in (
            lambda: queries.worklist(by=hospital, limit=200),
            lambda: queries.worklist_counts(by=hospital, now=NOW),
            lambda: queries.window_cases(by=hospital),
            lambda: queries.institution_deliveries(by=hospital),
            lambda: queries.late_tasks(now=NOW),
        ):
            with CaptureQueriesContext(connection) as executed:
                ask()
            found.append(len(executed))
        return found

    saved(submitted("M1", delivery="E1"))
    few = statements()
    many(30)
    assert statements() == few
    assert sum(few) <= 9


def test_a_token_that_is_none_is_refused(hospital: User) -> None:
    for token in ("", "x", "2026-01-01T00:00:00~" + str(UUID(int=1)), "~1"):
        with pytest.raises(ValueError, match=r".+"):
            queries.worklist(by=hospital, after=token)


def test_a_supervisor_gets_counts_of_every_office(clerk: Callable[..., User]) -> None:
    many(3)
    counts = queries.task_counts(by=clerk("P02", StaffRole.SUPERVISOR), now=NOW)
    assert [(c.office, c.item, c.state, c.tasks) for c in counts] == [
        ("H01", "certificate", "queued", 3)
    ]


def test_tasks_without_office_are_listed_for_whoever_routes(clerk: Callable[..., User]) -> None:
    many(2)
    router = clerk("P02", StaffRole.ROUTING)
    assert queries.unrouted(by=router).lines == ()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE task SET office = NULL WHERE item = 'certificate'")
    assert len(queries.unrouted(by=router).lines) == 2


def test_only_tasks_past_their_deadline_are_late() -> None:
    many(10)
    late = queries.late_tasks(now=later(hours=5)).lines
    assert late
    assert all(line.due_at is not None and line.due_at <= later(hours=5) for line in late)


def test_a_partner_pulls_its_own_tasks_in_order(offices: None) -> None:
    ids = many(5)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE task SET channel = 'system:h-1' WHERE office = 'H01' AND state <> 'waiting'"
        )
    key = "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n"
    for code in ("h-1", "h-2"):
        exchange.put_partner(code=code, public_key=key, items=["certificate"])
    partner, other = exchange.partner("h-1"), exchange.partner("h-2")
    assert partner is not None and other is not None
    first = queries.tasks_of_partner(partner, offices=["H01"], limit=3)
    rest = queries.tasks_of_partner(partner, offices=["H01"], after=first[-1].task_id)
    assert {line.case_id for line in (*first, *rest)} == set(ids)
    assert all(line.names["mother"] == "" for line in first)
    assert queries.tasks_of_partner(other, offices=["H01"]) == []
    assert queries.tasks_of_partner(partner, offices=["P01"]) == []
    assert queries.tasks_of_partner(partner, offices=["H01"], states=["accepted"]) == []


def test_a_parents_list_says_how_far_each_case_is(parent: Callable[[str, str], User]) -> None:
    finished("N1")
    saved(submitted("N2", delivery="D2"))
    second, first = queries.my_cases(by=parent(MOTHER, MOTHER_ID))
    assert (first.number, first.stage, first.tasks, first.ended) == ("N1", "closed", 3, 3)
    assert (second.number, second.stage, second.ended) == ("N2", "submitted", 0)
    assert second.role == "mother"


def test_messages_of_a_role_are_its_own_newest_first() -> None:
    (loaded,) = saved(submitted())
    decide([loaded.id], ("certificate", 1), TaskState.COMPLETED)
    (invited,) = queries.messages_of(case_id=loaded.id, role="father")
    assert invited.text.startswith(f"请{MOTHER}的配偶确认")
    assert (invited.notice, invited.channel, invited.state) == ("invited", "sms", "waiting")
    assert queries.messages_of(case_id=loaded.case.id, role="mother") == []


def test_case_numbers_take_a_new_sequence_each(db: None) -> None:
    assert queries.next_case_sequence() != queries.next_case_sequence()


def test_a_delivery_record_wakes_the_drafts_that_wait_for_it(hospital: User) -> None:
    from dataclasses import replace

    from tests.domain.cast import draft
    from tests.records.families import Family
    from yijian.records.cases import Change
    from yijian.records.identifiers import new_id

    blank = replace(draft(), id=str(new_id()), number="W1")
    from yijian.domain.events import Event, EventKind

    event = Event(EventKind.CASE_STARTED, NOW, "mother")
    parties = {"mother": blind_index("person", MOTHER_ID)}
    cases.save([Change(None, [event], blank, parties=parties)])
    assert [str(i) for i in deliveries.drafts_waiting_for(MOTHER_ID)] == [blank.id]
    assert deliveries.drafts_waiting_for(FATHER_ID) == []
    assert Family(blank).case.newborns == 0


def test_a_delivery_record_is_kept_in_its_newest_version(hospital: User) -> None:
    def put(name: str, recorded: bool) -> UUID:
        return deliveries.put(
            by="staff:1",
            institution="H01",
            delivery_id="D7",
            mother_id_number=MOTHER_ID,
            document={"mother": {"name": name}},
            source="desk",
            due_at=NOW.replace(minute=13),
            recorded_at=NOW if recorded else None,
            now=NOW,
        )

    first = put("王芬", recorded=False)
    (waiting,) = queries.institution_deliveries(by=hospital, still_to_record=True)
    assert put(MOTHER, recorded=True) == first == waiting.id
    assert queries.institution_deliveries(by=hospital, still_to_record=True) == []
    (record,) = deliveries.of_mother(MOTHER_ID)
    assert (record.document, record.version) == ({"mother": {"name": MOTHER}}, 2)
    assert record.due_at.minute == 0, "a deadline to the minute would tell the moment of birth"
    assert deliveries.of_mother(FATHER_ID) == []


def test_the_directory_comes_back_as_it_was_put(offices: None) -> None:
    from tests.records.families import SCHEME

    assert people.directory() == SCHEME.directory


def test_a_pack_version_is_kept_once_and_never_changes() -> None:
    def keep(digest: str) -> bool:
        return pack_versions.keep(
            code="340000-anhui",
            version="1",
            digest=digest,
            canonical="{}",
            in_force_from=NOW.date(),
            now=NOW,
        )

    assert (keep("a"), keep("a")) == (True, False)
    with pytest.raises(pack_versions.PackChanged):
        keep("b")
    assert pack_versions.canonical_json(code="340000-anhui", version="1") == "{}"
    assert pack_versions.canonical_json(code="340000-anhui", version="2") is None
