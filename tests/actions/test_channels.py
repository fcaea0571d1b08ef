"""渠道切换, with rows: running tasks go the new way once, and the old way changes nothing any more."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User

from tests.actions.cast import CARD, Household, clerk
from tests.actions.test_feedback import KEY, outcomes, registered, report
from yijian.actions import channels, contexts
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.events import EventKind
from yijian.domain.routing import Channel
from yijian.domain.states import TaskState
from yijian.records import cases as case_records
from yijian.records import channels as rows
from yijian.records import exchange, journal, queries
from yijian.records.access import Refused, access_task
from yijian.records.models import DeadLetter, OfficeRow, OutboxMessage, Partner

pytestmark = pytest.mark.django_db
BY = "operator:test"
__all__ = ["registered"]


def office_of(family: Household) -> str:
    return str(family.case.tasks[CARD].office)


def make(family: Household, channel: str, participant: str | None = None, **more: Any) -> UUID:
    values: dict[str, Any] = {"starts_on": local_day(family.now), "office": office_of(family)}
    return channels.set_rule(
        Channel(channel, participant, **(values | more)), by=BY, now=family.now
    )


def switch(
    family: Household, channel: str, participant: str | None = None, **more: object
) -> tuple[int, int]:
    make(family, channel, participant, **more)
    done = channels.follow(by=BY, now=family.now)
    return done.moved, done.stay


def way(family: Household) -> str | None:
    return case_records.read(numbers=[family.number])[0].channels[CARD]


def sent(family: Household) -> list[tuple[str, str, str]]:
    found = OutboxMessage.objects.filter(task_id=family.task(CARD)).order_by("id")
    return [(row.destination, row.kind.split(".")[2], row.state) for row in found]


def deliver(family: Household) -> None:
    claimed = exchange.claim_messages(destination="hr-340000", limit=100, now=family.now)
    exchange.settle_messages(delivered=[m.id for m in claimed], now=family.now)


def listed(user: User, family: Household) -> bool:
    lines = queries.worklist(by=user).lines
    return family.task(CARD) in {line.task_id for line in lines}


def test_what_never_left_is_taken_back_and_nobody_is_told(registered: Household) -> None:
    assert sent(registered) == [("hr-340000", "dispatched", "waiting")]
    assert switch(registered, "desk") == (1, 0)
    assert sent(registered) == [("hr-340000", "dispatched", "cancelled")]
    assert way(registered) == "desk"
    entry = journal.entries_of(registered.id)[-1]
    assert (entry.kind, entry.actor) == (EventKind.TASK_SWITCHED.value, BY)


def test_whoever_heard_of_a_task_hears_that_it_is_gone(registered: Household) -> None:
    deliver(registered)
    switch(registered, "desk")
    assert sent(registered) == [
        ("hr-340000", "dispatched", "delivered"), ("hr-340000", "withdrawn", "waiting"),
    ]  # fmt: skip
    registered.now += timedelta(seconds=1)
    (message,) = exchange.claim_messages(destination="hr-340000", limit=9, now=registered.now)
    assert not message.payload["fields"], "a task that is gone shows nothing of the family"


def test_a_message_that_may_have_arrived_counts_as_heard(registered: Household) -> None:
    (claimed,) = exchange.claim_messages(destination="hr-340000", limit=9, now=registered.now)
    exchange.settle_messages(retry={claimed.id: registered.now}, now=registered.now)
    switch(registered, "desk")
    assert [(kind, state) for _, kind, state in sent(registered)] == [
        ("dispatched", "cancelled"), ("withdrawn", "waiting"),
    ]  # fmt: skip


def test_what_stood_still_on_its_way_is_nobodys_problem_any_more(registered: Household) -> None:
    (claimed,) = exchange.claim_messages(destination="hr-340000", limit=9, now=registered.now)
    exchange.settle_messages(parked={claimed.id: "refused"}, now=registered.now)
    assert DeadLetter.objects.get(message_id=claimed.id).state == "open"
    switch(registered, "desk")
    assert DeadLetter.objects.get(message_id=claimed.id).state != "open"
    assert [(kind, state) for _, kind, state in sent(registered)] == [
        ("dispatched", "cancelled"), ("withdrawn", "waiting"),
    ]  # fmt: skip


def test_a_late_report_from_the_old_way_changes_nothing(registered: Household) -> None:
    deliver(registered)
    switch(registered, "desk")
    version = registered.case.version
    assert outcomes(registered, report(registered, TaskState.ACCEPTED)) == ["refused"]
    assert registered.case.version == version


def test_following_a_rule_again_moves_nothing(registered: Household) -> None:
    switch(registered, "desk")
    version, messages = registered.case.version, sent(registered)
    for _ in range(2):
        registered.now += timedelta(minutes=2)
        assert channels.follow(now=registered.now).moved == 0
    assert (registered.case.version, sent(registered)) == (version, messages)
    assert rows.to_follow(on=local_day(registered.now)) == []


def test_what_an_office_has_accepted_stays_there_until_it_ends(registered: Household) -> None:
    deliver(registered)
    outcomes(registered, report(registered, TaskState.ACCEPTED))
    assert switch(registered, "desk") == (0, 1)
    assert way(registered) == "system:hr-340000"
    assert outcomes(registered, report(registered, TaskState.APPROVED)) == ["applied"]


def test_everything_moves_when_the_rule_says_so(registered: Household) -> None:
    deliver(registered)
    outcomes(registered, report(registered, TaskState.ACCEPTED))
    assert switch(registered, "desk", everything=True) == (1, 0)
    assert outcomes(registered, report(registered, TaskState.APPROVED)) == ["refused"]


def test_a_task_goes_out_again_once_for_every_switch(registered: Household) -> None:
    Partner.objects.create(code="hr-new", public_key=KEY, items=["social_security_card"])
    for channel, participant in (("desk", None), ("system", "hr-new"), ("desk", None),
                                 ("system", "hr-340000")):  # fmt: skip
        registered.now += timedelta(minutes=1)
        assert switch(registered, channel, participant)[0] == 1
    assert sent(registered) == [
        ("hr-340000", "dispatched", "cancelled"), ("hr-new", "dispatched", "cancelled"),
        ("hr-340000", "dispatched", "waiting"),
    ]  # fmt: skip
    assert outcomes(registered, report(registered, TaskState.ACCEPTED)) == ["applied"]


def test_the_desk_shows_a_task_only_while_it_is_there(registered: Household) -> None:
    contexts.forget()
    hospital = clerk(office_of(registered))
    office = contexts.directory().office(office_of(registered))
    assert office is not None and office.channel == "system" and listed(hospital, registered)
    # An office that is a desk of its own, with a system for this item alone.

    OfficeRow.objects.filter(code=office.code).update(channel="desk", participant=None)
    assert not listed(hospital, registered)
    with pytest.raises(Refused):
        access_task(by=hospital, task_id=registered.task(CARD), purpose="test", now=registered.now)
    switch(registered, "desk")
    assert listed(hospital, registered)
    assert queries.worklist_counts(by=hospital, now=registered.now)["open"] == 1


def test_a_dated_rule_takes_effect_on_its_day_and_ends_on_its_day(registered: Household) -> None:
    day = local_day(registered.now)
    make(registered, "desk", starts_on=day + timedelta(days=1), ends_on=day + timedelta(days=3))
    assert channels.follow(now=registered.now).moved == 0
    registered.now += timedelta(days=1)
    assert channels.follow(now=registered.now).moved == 1
    assert way(registered) == "desk"
    registered.now += timedelta(days=2)
    assert channels.follow(now=registered.now).moved == 1
    assert way(registered) == "system:hr-340000"


def test_a_rule_that_is_ended_brings_its_tasks_back(registered: Household) -> None:
    made = make(registered, "desk")
    channels.follow(now=registered.now)
    today = local_day(registered.now)
    channels.end_rule(made, on=today, by=BY, now=registered.now)
    assert channels.follow(now=registered.now).moved == 1
    assert way(registered) == "system:hr-340000"
    (kept,) = rows.standing()
    assert (kept.made_by, kept.ended_by, kept.rule.ends_on) == (BY, BY, today)


def test_a_new_rule_ends_the_one_about_the_same(registered: Household) -> None:
    tomorrow = local_day(registered.now) + timedelta(days=1)
    make(registered, "desk")
    make(registered, "file", "clinic", starts_on=tomorrow)
    first, second = rows.standing()
    assert (first.rule.ends_on, second.rule.ends_on) == (tomorrow, None)
    with pytest.raises(RefusedError, match="rule_overlaps"):
        make(registered, "desk")


@pytest.mark.parametrize(
    ("code", "channel", "participant", "more"),
    [
        ("unknown_channel", "pigeon", None, {}),
        ("unknown_office", "desk", None, {"office": "X", "division": ""}),
        ("unknown_place", "desk", None, {"division": "34x"}),
        ("unknown_kind", "desk", None, {"kind": "x"}),
        ("unknown_item", "desk", None, {"item": "x"}),
        ("unknown_participant", "system", "x", {}),
        ("participant_needed", "system", None, {}),
        ("no_participant_at_a_desk", "desk", "x", {}),
    ],
)
def test_a_rule_that_means_nothing_is_refused(
    family: Household, code: str, channel: str, participant: str | None, more: dict[str, Any]
) -> None:
    rule = Channel(
        channel, participant, local_day(family.now), **{"office": "", "division": "34", **more}
    )
    with pytest.raises(RefusedError) as refused:
        channels.set_rule(rule, by=BY, now=family.now)
    assert refused.value.code == code
    assert rows.standing() == []


def test_yesterday_cannot_be_changed(family: Household) -> None:
    yesterday = local_day(family.now) - timedelta(days=1)
    with pytest.raises(RefusedError, match="in_the_past"):
        channels.set_rule(Channel("desk", None, yesterday, division="34"), by=BY, now=family.now)


def test_a_single_task_can_be_brought_to_the_desk(registered: Household) -> None:
    task = registered.task(CARD)
    assert channels.bring_to_desk([task], by=BY, now=registered.now) == 1
    assert channels.bring_to_desk([task], by=BY, now=registered.now) == 0
    assert way(registered) == "desk"
