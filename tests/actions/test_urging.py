"""Offices are told of limits once, clocks that stand still are left alone, people may urge."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from tests.actions.cast import CERTIFICATE, REGISTRATION, Household, clerk, clerk_of, household
from yijian.actions import contexts, outages, reach, urging
from yijian.actions import duty as duties
from yijian.domain.clocks import SHANGHAI, local_day
from yijian.domain.context import RefusedError
from yijian.domain.policy import Escalation
from yijian.domain.states import TaskState
from yijian.domain.wording import Text
from yijian.records import duty, exchange, people
from yijian.records import urging as records
from yijian.records.access import Refused
from yijian.records.models import AdministrationEntry, JournalEntry, OfficeRow
from yijian.records.people import StaffRole
from yijian.records.urging import ToldTo

OTHER_FAMILY = """
title: 另一家
applied_at: 2026-11-21T10:00:00+08:00
mother: {name: 周静, hukou: {division: "340104"}}
father: {name: 吴刚, hukou: {division: "340104"}}
newborns: [{sex: "1", born_at: 2026-11-18T05:27:00+08:00}]
"""


def told_of(family: Household) -> list[dict[str, object]]:
    entries = JournalEntry.objects.filter(
        case_id=family.id, kind="task_urged", item=CERTIFICATE[0]
    ).order_by("seq")
    return [json.loads(body) for body in entries.values_list("body", flat=True)]


def due(family: Household) -> datetime:
    moment = family.case.tasks[CERTIFICATE].due_at
    assert moment is not None
    return moment


def office_of(family: Household) -> str:
    return family.case.tasks[CERTIFICATE].office or ""


def shown(family: Household, role: str) -> list[str]:
    to = ToldTo(office_of(family), "", (role,))
    lines = records.told(to, before=None, limit=10)
    return [line.why for line in lines if line.item == CERTIFICATE[0]]


def on_duty(family: Household) -> None:
    duty.add(
        office=office_of(family), division="", name="陈静", phone="13900000001",
        starts_on=local_day(family.now), ends_on=None, public=False, by="staff:1", now=family.now,
    )  # fmt: skip


def test_an_office_is_told_once_when_most_of_the_time_is_over(submitted: Household) -> None:
    assert urging.watch_limits(now=submitted.now) == 0
    near = due(submitted) - timedelta(minutes=10)
    assert urging.watch_limits(now=near) > 0
    assert urging.watch_limits(now=near + timedelta(minutes=5)) == 0
    assert [(body["why"], body["tell"]) for body in told_of(submitted)] == [("limit_80", ["clerk"])]
    assert (shown(submitted, "clerk"), shown(submitted, "supervisor")) == (["limit_80"], [])


def test_when_the_time_is_over_those_who_watch_are_told_too(submitted: Household) -> None:
    urging.watch_limits(now=due(submitted) - timedelta(minutes=10))
    over = due(submitted) + timedelta(minutes=1)
    assert urging.watch_limits(now=over) > 0
    assert urging.watch_limits(now=over + timedelta(minutes=30)) == 0
    assert [body["why"] for body in told_of(submitted)] == ["limit_80", "limit_100"]
    assert shown(submitted, "supervisor") == ["limit_100"]
    assert shown(submitted, "operator") == ["limit_100"]


def test_who_comes_late_to_a_deadline_hears_the_last_step_alone(submitted: Household) -> None:
    urging.watch_limits(now=due(submitted) + timedelta(days=1))
    assert [body["why"] for body in told_of(submitted)] == ["limit_100"]


def test_a_clock_that_stands_still_for_the_family_is_left_alone(submitted: Household) -> None:
    submitted.decide(
        clerk_of(submitted, CERTIFICATE), CERTIFICATE, TaskState.CORRECTION_NEEDED, reason="name",
        reason_text="名字有一个字打不出来", correct=("newborn_name",),
    )  # fmt: skip
    urging.watch_limits(now=due(submitted) + timedelta(days=9))
    assert told_of(submitted) == []
    boss = clerk(office_of(submitted), StaffRole.SUPERVISOR)
    task = [submitted.task(CERTIFICATE)]
    assert urging.urge(by=boss, task_ids=task, now=submitted.now).refused == {"not_their_turn": 1}


def test_what_has_been_heard_is_no_longer_shown(submitted: Household) -> None:
    now = due(submitted) - timedelta(minutes=10)
    urging.watch_limits(now=now)
    submitted.now = now + timedelta(minutes=1)
    submitted.decide(clerk_of(submitted, CERTIFICATE), CERTIFICATE, TaskState.ACCEPTED)
    assert shown(submitted, "clerk") == []
    assert records.settle(now=submitted.now) == 1


def test_the_duty_phone_gets_one_text_by_day_and_the_family_none(submitted: Household) -> None:
    on_duty(submitted)
    over = due(submitted) + timedelta(minutes=1)  # just after midnight
    urging.watch_limits(now=over)
    urging.watch_limits(now=over + timedelta(minutes=5))
    night = exchange.claim_notices(channel="sms", limit=90, now=over + timedelta(hours=7))
    assert "duty" not in {text.role for text in night}
    texts = exchange.claim_notices(channel="sms", limit=90, now=over + timedelta(hours=9))
    by_day = [text for text in texts if text.role == "duty"]
    assert [text.phone for text in by_day] == ["13900000001"]
    assert "100%" in by_day[0].text
    assert "王芳" not in by_day[0].text


def duty_texts(at: datetime) -> list[str]:
    texts = exchange.claim_notices(channel="sms", limit=90, now=at)
    return [text.text for text in texts if text.role == "duty"]


def test_a_duty_phone_hears_once_of_all_that_a_run_has_told(
    submitted: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = household(submitted.now, OTHER_FAMILY).submit()
    assert office_of(other) == office_of(submitted)
    on_duty(submitted)
    over = due(submitted) + timedelta(hours=10)
    monkeypatch.setattr(urging, "AT_ONCE", 1)
    assert urging.watch_limits(now=over) == 4
    (text,) = duty_texts(over)
    assert "有4项" in text


def test_a_wrong_word_for_duty_phones_keeps_nobody_from_being_told(
    submitted: Household, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    on_duty(submitted)
    pack = contexts.pack_of(submitted.case.pack_digest)
    wrong = {**pack.words, "duty.limit": Text("{office}：{baby}", "{office}")}
    monkeypatch.setattr(contexts, "pack_of", lambda digest: replace(pack, words=wrong))
    over = due(submitted) + timedelta(hours=10)
    assert urging.watch_limits(now=over) > 0
    assert shown(submitted, "operator") == ["limit_100"]
    assert duty_texts(over) == []
    assert "duty.limit of pack" in caplog.text


@pytest.mark.parametrize(
    ("hours", "together"),
    [([(8, 20), (9, 18)], (9, 18)), ([(6, 10), (14, 20)], (8, 20)), ([], (8, 20))],
)
def test_texts_by_hand_leave_at_an_hour_that_there_is(
    hours: list[tuple[int, int]], together: tuple[int, int],
    submitted: Household, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    pack = contexts.pack_of(submitted.case.pack_digest)
    steps = tuple(Escalation("limit", 80, ("clerk",), *pair) for pair in hours)
    monkeypatch.setattr(contexts, "packs", lambda: (replace(pack, escalation=steps),))
    on_duty(submitted)
    boss = clerk(office_of(submitted), StaffRole.SUPERVISOR)
    night = submitted.now.astimezone(SHANGHAI).replace(hour=3)
    urging.urge(by=boss, task_ids=[submitted.task(CERTIFICATE)], now=night)
    assert duty_texts(night.replace(hour=together[0], minute=0) - timedelta(minutes=1)) == []
    assert len(duty_texts(night.replace(hour=together[0], minute=1))) == 1


def test_a_supervisor_urges_an_office_below_once_a_day(submitted: Household) -> None:
    boss = clerk("340100WJ", StaffRole.SUPERVISOR)
    tasks = [submitted.task(CERTIFICATE), submitted.task(REGISTRATION), UUID(int=1)]
    done = urging.urge(by=boss, task_ids=tasks, now=submitted.now)
    # The police station lies at the same place, and waits for the certificate.
    assert (done.told, done.refused) == (1, {"not_their_turn": 1, "not_yours": 1})
    later = submitted.now + timedelta(hours=2)
    again = urging.urge(by=boss, task_ids=tasks[:1], now=later)
    assert (again.told, again.refused) == (0, {"urged_already": 1})
    assert [body["why"] for body in told_of(submitted)] == ["urged"]
    assert AdministrationEntry.objects.filter(what="tasks_urged").count() == 1


def test_a_supervisor_of_a_hospital_watches_its_own_desk_alone(submitted: Household) -> None:
    code = office_of(submitted)
    boss, tasks = clerk(code, StaffRole.SUPERVISOR), [submitted.task(CERTIFICATE)]
    offices = {one.code: one for one in contexts.directory().offices}
    other = next(
        one.code for one in offices.values()
        if one.kind == offices[code].kind and one.code != code
        and one.division == offices[code].division
    )  # fmt: skip
    neighbour = clerk(other, StaffRole.SUPERVISOR)
    assert urging.urge(by=neighbour, task_ids=tasks, now=submitted.now).refused == {"not_yours": 1}
    assert urging.urge(by=boss, task_ids=tasks, now=submitted.now).told == 1
    told = [records.told(urging.told_to(people.visitor(who)), before=None, limit=9)
            for who in (boss, neighbour)]  # fmt: skip
    assert [len(lines) for lines in told] == [1, 0]
    put = partial(
        duties.put, by=boss, name="陈静", phone="13900000001",
        starts_on=local_day(submitted.now), now=submitted.now,
    )  # fmt: skip
    put(office=code)
    for office, division in ((other, ""), ("", "340104"), ("", "")):
        with pytest.raises(RefusedError, match="not_yours"):
            put(office=office, division=division)


def test_an_office_that_has_ended_is_told_of_at_its_place(submitted: Household) -> None:
    boss = clerk("340100WJ", StaffRole.SUPERVISOR)
    OfficeRow.objects.filter(code=office_of(submitted)).update(active=False)
    contexts.forget()
    urging.urge(by=boss, task_ids=[submitted.task(CERTIFICATE)], now=submitted.now)
    who = people.visitor(boss)
    assert len(records.told(urging.told_to(who), before=None, limit=9)) == 1


def test_nobody_urges_beyond_the_own_place_or_without_the_role(submitted: Household) -> None:
    code = office_of(submitted)
    divisions = {office.code: office.division for office in contexts.directory().offices}
    elsewhere = next(
        c for c, d in divisions.items() if d[:4] != divisions[code][:4] and d[2:] != "0000"
    )
    far = clerk(elsewhere, StaffRole.SUPERVISOR)
    task = [submitted.task(CERTIFICATE)]
    assert urging.urge(by=far, task_ids=task, now=submitted.now).refused == {"not_yours": 1}
    with pytest.raises(Refused):
        urging.urge(by=clerk(code), task_ids=task, now=submitted.now)


@pytest.mark.parametrize("reading", [StaffRole.AUDITOR, StaffRole.POLICY_EDITOR])
def test_a_role_that_reads_everything_lets_nobody_act_beyond_the_own_place(
    submitted: Household, reading: StaffRole
) -> None:
    code = office_of(submitted)
    divisions = {office.code: office.division for office in contexts.directory().offices}
    elsewhere = next(
        one.code for one in contexts.directory().offices
        if one.kind == "health_bureau" and one.division[:4] != divisions[code][:4]
        and one.division[2:] != "0000"
    )  # fmt: skip
    far = clerk(elsewhere, StaffRole.SUPERVISOR, reading)
    task = [submitted.task(CERTIFICATE)]
    assert urging.urge(by=far, task_ids=task, now=submitted.now).refused == {"not_yours": 1}
    who = people.visitor(far)
    assert reach.scope_of(who).may_see(code)
    assert urging.told_to(who).prefix not in ("", None)
    with pytest.raises(RefusedError, match="not_yours"):
        duties.put(
            by=far, name="陈静", phone="13900000001", starts_on=local_day(submitted.now),
            ends_on=None, office=code, now=submitted.now,
        )  # fmt: skip


def test_a_supervisor_acts_for_every_office_of_the_own_place_whatever_its_code(
    submitted: Household,
) -> None:
    hospital, bureau = office_of(submitted), clerk("340100WJ", StaffRole.SUPERVISOR)
    assert not hospital.startswith("34"), "its code does not begin like its place"
    done = urging.urge(by=bureau, task_ids=[submitted.task(CERTIFICATE)], now=submitted.now)
    assert (done.told, done.refused) == (1, {})
    duties.put(
        by=bureau, name="陈静", phone="13900000001", starts_on=local_day(submitted.now),
        ends_on=None, office=hospital, now=submitted.now,
    )  # fmt: skip
    draft = outages.Draft(submitted.now, "打印机坏了", office=hospital)
    shown = outages.write(by=bureau, draft=draft, now=submitted.now)
    outages.show(by=bureau, outage=shown, now=submitted.now)
    elsewhere = clerk("340200WJ", StaffRole.SUPERVISOR)
    with pytest.raises(RefusedError, match="absent"):
        outages.end(by=elsewhere, outage=shown, now=submitted.now)


def test_an_office_that_has_ended_stays_with_those_who_answered_for_its_place(
    submitted: Household,
) -> None:
    hospital, boss = office_of(submitted), clerk("340100WJ", StaffRole.SUPERVISOR)
    on_duty(submitted)
    draft = outages.Draft(submitted.now, "打印机坏了", office=hospital)
    shown = outages.write(by=boss, draft=draft, now=submitted.now)
    OfficeRow.objects.filter(code=hospital).update(active=False)
    contexts.forget()
    assert contexts.directory().office(hospital) is None
    outages.end(by=boss, outage=shown, now=submitted.now)
    (kept,) = duty.listed(on=local_day(submitted.now), prefix="")
    duties.end(by=boss, duty=kept.id, now=submitted.now)
    done = urging.urge(by=boss, task_ids=[submitted.task(CERTIFICATE)], now=submitted.now)
    assert (done.told, done.refused) == (1, {})


def test_a_batch_has_an_end(submitted: Household) -> None:
    boss = clerk(office_of(submitted), StaffRole.OPERATOR)
    many = [UUID(int=n) for n in range(urging.LARGEST_BATCH + 1)]
    with pytest.raises(RefusedError, match="too_many"):
        urging.urge(by=boss, task_ids=many, now=submitted.now)
