"""What another node sends, as values: whole pictures that may come late, twice and in any order."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.cast import BORN_AT, FACTS, NOW, context, item, later, pack, words
from yijian.domain.cases import Case, progress
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.facts import Origin
from yijian.domain.handling import OfficeDecision, decide, transfer
from yijian.domain.history import apply_all
from yijian.domain.invariants import history_violations, violations
from yijian.domain.policy import AskSpec, FactKind, FactType, Scope
from yijian.domain.receiving import (
    CaseOpenError,
    case_closed,
    case_received,
    declined,
    new_case,
    same_newborn,
    task_received,
    task_withdrawn,
)
from yijian.domain.returned import read_report, report_of, to_tell
from yijian.domain.routing import Channel, Directory
from yijian.domain.sent import read_sent, value_of
from yijian.domain.states import Stage, TaskState

S = TaskState
CARD = ("card", 1)
CONFIRM = AskSpec(
    "confirm", "confirm", "approved", words("确认"), words("请确认"), words("确认"), True,
    pack().items["card"].basis,
)  # fmt: skip
DATA: dict[str, Any] = {
    "task_id": "t1", "case_id": "c9", "case_number": "N9", "item": "card", "newborn": 1,
    "office": "P01", "round": 0, "intent": "dispatched",
    "pack": {"code": "test", "version": "1", "digest": "d" * 64},
    "newborns": 1, "promised_at": later(days=3).isoformat(), "answered": [],
    "fields": {
        "newborn_name": "小满", "newborn_born_at": BORN_AT.isoformat(), "station": "340103",
        "mother_name": "王芳",
    },
    "verified": ["newborn_born_at", "mother_name"], "weather": "晴",
}  # fmt: skip


def policy(**more: Any) -> Context:
    listed = ("newborn_name", "newborn_born_at", "station", "mother_name")
    card = item("card", payload=listed, asks=(CONFIRM,), office_fact="station")
    return context(items={"card": card}, **more)


def told(**more: Any) -> dict[str, Any]:
    return {**DATA, **more}


def begun() -> Case:
    sent = read_sent(DATA)
    return apply_all(new_case(sent, NOW), [case_received(sent, "hub", NOW)])


def take(case: Case, ctx: Context | None = None, **more: Any) -> tuple[Case, list[Event]]:
    events = task_received(case, read_sent(told(**more)), "m1", ctx or policy(), later(hours=1))
    return apply_all(case, events), events


def received(**more: Any) -> Case:
    return take(begun(), **more)[0]


def act(case: Case, to: S, **more: Any) -> Case:
    decision = OfficeDecision(to, **more)
    return apply_all(case, decide(case, CARD, decision, "staff:1", policy(), later(hours=2)))


def test_a_task_of_another_node_is_queued_with_its_facts_and_deadline() -> None:
    case = received()
    task = case.tasks[CARD]
    assert (case.origin, case.stage, case.newborns) == ("hub", Stage.SUBMITTED, 1)
    assert (task.state, task.office, task.due_at) == (S.QUEUED, "P01", later(days=3))
    assert case.verified["newborn_born_at", 1].value == BORN_AT
    assert case.verified["newborn_born_at", 1].source == "hub"
    assert case.answers["newborn_name", 1].origin is Origin.DECLARED
    assert case.received[CARD] == {"weather": "晴"}
    assert violations(case, policy()) == []


def test_a_received_case_plans_nothing_and_does_not_close_by_itself() -> None:
    case = act(act(received(), S.ACCEPTED), S.REJECTED, reason="no")
    assert list(case.tasks) == [CARD]
    assert case.stage is Stage.SUBMITTED
    assert violations(case, policy()) == []


def test_an_asking_that_blocks_is_answered_upstream_alone() -> None:
    case = act(received(), S.APPROVED)
    assert case.tasks[CARD].asked == ()
    with pytest.raises(RefusedError, match="ask_open"):
        act(case, S.COMPLETED)
    case, events = take(case, intent="answered-confirm", answered=["confirm"])
    assert [event.kind for event in events] == [EventKind.ASK_ANSWERED]
    assert case.tasks[CARD].open_asks == ()
    assert act(case, S.COMPLETED).tasks[CARD].state is S.COMPLETED


def test_a_correction_takes_over_the_corrected_fields_and_no_others() -> None:
    case = act(received(), S.CORRECTION_NEEDED, reason="unclear", correct=("newborn_name",))
    fields = {**DATA["fields"], "newborn_name": "大满", "station": "999999"}
    case, _ = take(case, intent="corrected", round=1, fields=fields)
    assert (case.tasks[CARD].state, case.tasks[CARD].round) == (S.IN_REVIEW, 1)
    assert case.answers["newborn_name", 1].value == "大满"
    assert case.answers["station", 0].value == "340103"


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        (S.QUEUED, S.WITHDRAWN),
        (S.ACCEPTED, S.WITHDRAWN),
        (S.IN_REVIEW, S.WITHDRAWN),
        (S.CORRECTION_NEEDED, S.WITHDRAWN),
    ],
)
def test_what_is_not_decided_is_taken_back(state: S, ends: S) -> None:
    case = received()
    steps = {S.QUEUED: [], S.ACCEPTED: [S.ACCEPTED], S.IN_REVIEW: [S.ACCEPTED, S.IN_REVIEW]}
    for step in steps.get(state, [state]):
        case = act(case, step, reason="x", correct=("newborn_name",))
    events = task_withdrawn(case, CARD, S.WITHDRAWN, later(hours=3))
    after = apply_all(case, events)
    assert after.tasks[CARD].state is ends
    assert task_withdrawn(after, CARD, S.WITHDRAWN, later(hours=3)) == []


@pytest.mark.parametrize("refused", [S.REJECTED, S.DECLINED, S.OFFLINE])
def test_what_was_refused_here_meanwhile_need_not_be_taken_back(refused: S) -> None:
    case = act(received(), refused, reason="x")
    assert task_withdrawn(case, CARD, S.WITHDRAWN, later(hours=3)) == []


@pytest.mark.parametrize("decided", [S.APPROVED, S.COMPLETED])
def test_what_is_decided_stays(decided: S) -> None:
    case, _ = take(act(received(), S.APPROVED), intent="answered-confirm", answered=["confirm"])
    if decided is S.COMPLETED:
        case = act(case, S.COMPLETED)
    with pytest.raises(RefusedError, match="too_late_to_withdraw"):
        task_withdrawn(case, CARD, S.WITHDRAWN, later(hours=3))


def test_a_task_handed_to_the_counter_upstream_is_so_here_too() -> None:
    events = task_withdrawn(received(), CARD, S.OFFLINE, later(hours=3))
    assert [event.public["to"] for event in events] == ["offline"]


def test_a_case_with_open_tasks_is_not_closed() -> None:
    case = received()
    with pytest.raises(CaseOpenError):
        case_closed(case, later(hours=3))
    ended = act(case, S.DECLINED, reason="x")
    closed = apply_all(ended, case_closed(ended, later(hours=3)))
    assert closed.stage is Stage.CLOSED
    assert case_closed(closed, later(hours=4)) == []


def test_an_office_that_is_reached_through_the_sender_does_not_act_here() -> None:
    ctx = policy()
    back = Channel("node", "hub", date(2020, 1, 1))
    looped = replace(ctx, directory=Directory(ctx.directory.offices, (back,)))
    assert take(begun(), looped)[0].tasks[CARD].office is None


def test_an_office_of_another_kind_is_not_believed() -> None:
    assert received(office="H01").tasks[CARD].office == "P01"


def test_the_upstream_names_another_office() -> None:
    case, events = take(received(), intent="routed-P02-3", office="P02")
    assert case.tasks[CARD].office == "P02"
    assert take(case, intent="routed-P02-3", office="P02")[1] == []
    assert [event.kind for event in events] == [EventKind.TASK_ROUTED]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"fields": {"citizen_id": "1"}}, "field_not_listed"),
        ({"fields": {"newborn_born_at": "today"}}, "wrong_field"),
        ({"fields": {"newborn_name": 7}}, "wrong_field"),
        ({"scans": [{"material": "bank_statement"}]}, "material_not_listed"),
        ({"scans": ["x"]}, "material_not_listed"),
        ({"item": "claim"}, "unknown_item"),
        ({"pack": {"code": "test", "version": "2", "digest": "e" * 64}}, "pack_changed"),
    ],
)
def test_what_policy_does_not_list_is_refused(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(RefusedError, match=code):
        take(begun(), **wrong)


@pytest.mark.parametrize(
    "name",
    ["task_id", "case_id", "case_number", "item", "newborn", "round", "intent", "pack", "fields"],
)
def test_a_picture_without_what_it_must_say_cannot_be_read(name: str) -> None:
    with pytest.raises(RefusedError, match="wrong_data") as refused:
        read_sent({key: value for key, value in DATA.items() if key != name})
    assert refused.value.field == name


@pytest.mark.parametrize(
    ("kind", "good", "wrong"),
    [
        (FactKind.TEXT, "a", 1),
        (FactKind.NUMBER, 7, True),
        (FactKind.YES_NO, True, "yes"),
        (FactKind.DATE, "2026-11-21", "21.11.2026"),
        (FactKind.MOMENT, "2026-11-21T10:00:00+08:00", "2026-11-21T10:00:00"),
        (FactKind.CODE, "1", 1),
        (FactKind.CODES, ["1"], "1"),
    ],
)
def test_values_come_in_the_type_that_the_pack_names(
    kind: FactKind, good: object, wrong: object
) -> None:
    facts = {**FACTS, "f": FactType("f", kind, Scope.FAMILY, words("f"))}
    assert value_of(pack(facts=facts), "f", good) is not None
    assert value_of(pack(facts=facts), "f", None) is None
    with pytest.raises(RefusedError, match="wrong_field"):
        value_of(pack(facts=facts), "f", wrong)


def test_the_same_child_is_known_by_mother_moment_and_order() -> None:
    facts = {**FACTS, "mother_id_number": FactType("mother_id_number", FactKind.TEXT,
             Scope.FAMILY, words("n"), register="hukou")}  # fmt: skip
    card = item("card", payload=(*DATA["fields"], "mother_id_number"))
    ctx = context(facts=facts, items={"card": card})

    def child(**more: Any) -> Case:
        fields = {**DATA["fields"], "mother_id_number": "34", **more}
        return take(begun(), ctx, fields=fields)[0]

    assert same_newborn(child(), 1, child())
    assert not same_newborn(child(), 1, child(mother_id_number="35"))
    assert not same_newborn(child(), 1, child(newborn_born_at=later(days=1).isoformat()))
    assert not same_newborn(received(), 1, received()), "without a mother nobody is the same"


def test_a_declined_newcomer_says_why() -> None:
    case = received()
    event = declined(case, CARD, policy(words={"newborn_has_case": words("已有申请")}), NOW)
    after = apply_all(case, [event])
    assert (after.tasks[CARD].state, after.tasks[CARD].reason) == (S.DECLINED, "newborn_has_case")
    assert after.reasons[CARD] == "已有申请"


def test_of_the_steps_of_one_moment_the_last_is_told() -> None:
    case = received()
    approved = decide(case, CARD, OfficeDecision(S.APPROVED), "staff:1", policy(), later(hours=2))
    assert [event.public["to"] for event in approved] == ["accepted", "approved"]
    assert [event.public["to"] for _, event in to_tell(approved)] == ["approved"]
    asked = decide(
        case, CARD, OfficeDecision(S.CORRECTION_NEEDED, "x"), "staff:1", policy(), later(hours=2)
    )
    moved = transfer(case, CARD, "P02", "staff:1", policy(), later(hours=2))
    assert [event for _, event in to_tell([*moved, *asked])] == asked


def test_a_report_reads_as_it_was_written() -> None:
    case = received()
    (event,) = decide(
        case, CARD, OfficeDecision(S.CORRECTION_NEEDED, "unclear", "看不清", ("newborn_name",)),
        "staff:1", policy(), later(hours=2),
    )  # fmt: skip
    data = report_of(event, id="r1", task_id="t1", round=0, office="P01")
    said = read_report({**data, "at": later(hours=2).isoformat()})
    assert said.decision == OfficeDecision(
        S.CORRECTION_NEEDED, "unclear", "看不清", ("newborn_name",), {}, 0
    )
    assert (said.id, said.task_id, said.office, said.at) == ("r1", "t1", "P01", later(hours=2))


MESSAGES = st.lists(
    st.sampled_from(
        [
            {},
            {"intent": "corrected", "round": 1},
            {"intent": "corrected", "round": 2},
            {"intent": "answered-confirm", "answered": ["confirm"]},
            {"intent": "routed-P02-9", "office": "P02"},
            {"withdrawn": S.WITHDRAWN},
            {"withdrawn": S.OFFLINE},
            {"closed": True},
            {"act": S.ACCEPTED},
            {"act": S.CORRECTION_NEEDED},
            {"act": S.APPROVED},
            {"act": S.COMPLETED},
            {"act": S.DECLINED},
        ]
    ),
    max_size=12,
)


def _step(case: Case, step: dict[str, Any]) -> list[Event]:
    if "withdrawn" in step:
        return task_withdrawn(case, CARD, step["withdrawn"], later(hours=2))
    if "closed" in step:
        return case_closed(case, later(hours=2))
    if "act" in step:
        decision = OfficeDecision(step["act"], "x", correct=("newborn_name",))
        return decide(case, CARD, decision, "staff:1", policy(), later(hours=2))
    return task_received(case, read_sent(told(**step)), "m", policy(), later(hours=2))


@settings(max_examples=60, deadline=None)
@given(MESSAGES)
def test_in_any_order_and_number_the_case_stays_true_and_replays(
    steps: list[dict[str, Any]],
) -> None:
    sent = read_sent(DATA)
    blank = new_case(sent, NOW)
    events = [case_received(sent, "hub", NOW)]
    for step in steps:
        try:
            events += _step(apply_all(blank, events), step)
        except Exception as refused:
            assert type(refused).__name__ in (
                "RefusedError", "CaseOpenError", "AlreadyDoneError", "TooLateError",
            ), refused  # fmt: skip
    case = apply_all(blank, events)
    assert violations(case, policy()) == []
    assert history_violations(events) == []
    public = [replace(event, sealed={}) for event in events]
    assert progress(apply_all(blank, public)) == progress(case)
