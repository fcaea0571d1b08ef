"""A year's notice is taken in by two persons; then deadlines move, and families hear of it once."""

import json
from datetime import date, timedelta

import pytest
from django.db import connection

from tests.actions.cast import CERTIFICATE, Household, clerk, clerk_of
from yijian.actions import calendar_years, cases, contexts, proposals
from yijian.actions.calendar_years import KIND, payload_of, preview
from yijian.actions.channels import SEEN_EVERYWHERE
from yijian.actions.proposing import ProposalRefusedError
from yijian.domain.cases import progress
from yijian.domain.clocks import end_of, local_day
from yijian.domain.states import TaskState
from yijian.packs.calendar import AnnouncedSchema, read_year
from yijian.packs.findings import PackError
from yijian.records import calendar_years as records
from yijian.records import journal
from yijian.records import proposals as proposal_records
from yijian.records.models import JournalEntry, NotificationRow
from yijian.records.people import StaffRole

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def year_with(*more: date) -> AnnouncedSchema:
    """This year's days as the packs have them, and further days off."""
    known = contexts.calendar_in_packs().exceptions
    this_year = {day: works for day, works in known.items() if day.year == 2026}
    return AnnouncedSchema(
        year=2026, notice="国办发明电〔2025〕7号（更正）",
        off=[*(day for day, works in this_year.items() if not works), *more],
        worked=[day for day, works in this_year.items() if works],
    )  # fmt: skip


def take_in(said: AnnouncedSchema, family: Household) -> None:
    first, second = clerk("340100HR", StaffRole.OPERATOR), clerk("340100HR", StaffRole.OPERATOR)
    made = proposals.propose(by=first, kind=KIND, payload=payload_of(said), now=family.now)
    with pytest.raises(ProposalRefusedError, match="own_proposal"):
        proposals.accept(by=first, proposal_id=made, digest="", now=family.now)
    found = proposal_records.one(made)
    assert found is not None
    proposals.accept(by=second, proposal_id=made, digest=found.digest, now=family.now)


def move_deadlines(family: Household) -> int:
    """What the worker does as soon as every process counts by the new year."""
    return calendar_years.move_deadlines(now=family.now + SEEN_EVERYWHERE)


def last_day(family: Household) -> date:
    due_at = family.case.tasks[CERTIFICATE].due_at
    assert due_at is not None
    return local_day(due_at - timedelta(seconds=1))


def moves(family: Household) -> list[str]:
    entries = JournalEntry.objects.filter(case_id=family.id, kind="due_moved", item=CERTIFICATE[0])
    return [
        json.loads(body)["to"] for body in entries.order_by("seq").values_list("body", flat=True)
    ]


def told(family: Household, notice: str) -> int:
    return NotificationRow.objects.filter(
        case_id=family.id, template=notice, about__contains="birth_certificate", channel="message"
    ).count()


def test_a_day_off_moves_open_deadlines_and_the_family_is_told_once(submitted: Household) -> None:
    assert last_day(submitted) == MONDAY
    said = year_with(MONDAY)
    seen = preview(said)
    assert seen.later >= 1
    assert (seen.earlier, seen.furthest_days) == (0, 1)
    take_in(said, submitted)
    assert move_deadlines(submitted) >= seen.later
    assert move_deadlines(submitted) == 0
    assert last_day(submitted) == TUESDAY
    assert (moves(submitted), told(submitted, "due_later")) == (["later"], 1)


def test_deadlines_wait_until_nobody_counts_by_the_old_calendar(submitted: Household) -> None:
    take_in(year_with(MONDAY), submitted)
    # Another process may remember the calendar before and set deadlines behind the pass.
    ready = submitted.now + SEEN_EVERYWHERE
    early = ready - timedelta(seconds=1)
    assert calendar_years.move_deadlines(now=early) == 0
    assert calendar_years.waits(now=ready)
    assert last_day(submitted) == MONDAY
    assert move_deadlines(submitted) >= 1
    assert not calendar_years.waits(now=ready)
    assert last_day(submitted) == TUESDAY


def test_the_worker_wakes_once_when_it_can_begin_and_not_before(submitted: Household) -> None:
    take_in(year_with(MONDAY), submitted)
    ready = submitted.now + SEEN_EVERYWHERE
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'follow_calendar'"
        )
        assert cursor.fetchall() == [(ready,)]
    assert not calendar_years.waits(now=ready - timedelta(seconds=1))
    assert calendar_years.waits(now=ready)


def test_a_corrected_notice_brings_the_day_back(submitted: Household) -> None:
    take_in(year_with(MONDAY), submitted)
    move_deadlines(submitted)
    take_in(year_with(), submitted)
    move_deadlines(submitted)
    assert last_day(submitted) == MONDAY
    assert (moves(submitted), told(submitted, "due_earlier")) == (["later", "earlier"], 1)


def test_a_pause_is_counted_again_with_the_days_it_really_took(submitted: Household) -> None:
    hospital = clerk_of(submitted, CERTIFICATE)
    submitted.decide(
        hospital, CERTIFICATE, TaskState.CORRECTION_NEEDED, reason="name",
        reason_text="名字有一个字打不出来", correct=("newborn_name",),
    )  # fmt: skip
    submitted.now += timedelta(days=3)  # Saturday to Tuesday: two working days, of which one is off
    cases.correct_task(
        by=submitted.mother, number=submitted.number, item="birth_certificate", newborn=1,
        answers={("newborn_name", 1): "李小安"}, now=submitted.now,
    )  # fmt: skip
    assert last_day(submitted) == date(2026, 11, 25)
    take_in(year_with(MONDAY), submitted)
    move_deadlines(submitted)
    # One day from Saturday is now Tuesday; the pause took one working day of it.
    assert last_day(submitted) == date(2026, 11, 25)


def test_what_has_moved_still_follows_from_the_journal(submitted: Household) -> None:
    take_in(year_with(MONDAY), submitted)
    move_deadlines(submitted)
    assert submitted.case.tasks[CERTIFICATE].due_at == end_of(TUESDAY)
    assert progress(journal.replay(submitted.case)) == progress(submitted.case)


def test_a_year_out_of_turn_or_without_news_is_not_proposed(submitted: Household) -> None:
    operator = clerk("340100HR", StaffRole.OPERATOR)
    far = {"year": 2031, "notice": "很久以后的通知", "off": ["2031-01-01"], "worked": []}
    with pytest.raises(ProposalRefusedError, match="year_gap"):
        proposals.propose(by=operator, kind=KIND, payload=far, now=submitted.now)
    with pytest.raises(ProposalRefusedError, match="nothing_changes"):
        proposals.propose(
            by=operator, kind=KIND, payload=payload_of(year_with()), now=submitted.now
        )
    with pytest.raises(ProposalRefusedError, match="not_yours"):
        proposals.propose(
            by=clerk("340100HR"), kind=KIND, payload=payload_of(year_with(MONDAY)),
            now=submitted.now,
        )  # fmt: skip
    assert records.listed() == []


def test_a_notice_is_read_from_yaml_or_from_lines() -> None:
    yaml = (
        "year: 2027\nnotice: 国办发明电〔2026〕7号\n"
        "off: [2027-01-01, 2027-01-02]\nworked: [2027-02-14]\n"
    )
    lines = "notice,国办发明电〔2026〕7号\n2027-01-01,off\n2027-01-02,off\n2027-02-14,worked\n"
    assert payload_of(read_year(yaml)) == payload_of(read_year(lines))
    assert payload_of(read_year(yaml))["off"] == ["2027-01-01"]  # the second is a Saturday


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("year: 2027\nnotice: 通知通知\noff: [2026-01-01]\n", "不在 2027 年"),
        ("year: 2027\nnotice: 通知通知\noff: [2027-01-01]\nworked: [2027-01-05]\n", "本来就上班"),
        ("2027-01-01,holiday\n", "每行写"),
    ],
)
def test_a_wrong_notice_is_refused_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(PackError, match=sentence):
        read_year(text)
