"""分发检查: what a department's system must do with the events that a node sends it."""

from __future__ import annotations

from yijian.ops.conformance import Check, Steps, Words, check, expect
from yijian.ops.conformance_rig import WITHDRAWN, Rig

CHECKS: list[Check] = []


@check(
    CHECKS,
    "single",
    group="events",
    did=("单条发送一个办件", "sent one task as a single event"),
    expected=(
        "202，accepted 含其 id；随后反馈办结",
        "202 with its id in accepted; later reported completed",
    ),
    mend=(
        "支持 application/cloudevents+json，回答 202 {accepted, refused}",
        "take application/cloudevents+json and answer 202 {accepted, refused}",
    ),
)
def single(rig: Rig) -> Steps:
    """One event alone."""
    data = rig.task("single")
    event = rig.event(data)
    rig.taken(rig.post(event), [event])
    return (yield from rig.until_reported(data))


@check(
    CHECKS,
    "batch",
    group="events",
    did=("成批发送三个办件", "sent three tasks in one batch"),
    expected=(
        "202，三个 id 都在 accepted；随后都办结",
        "202 with all three ids; later all completed",
    ),
    mend=("支持 application/cloudevents-batch+json", "take application/cloudevents-batch+json"),
)
def batch(rig: Rig) -> Steps:
    """Several events at once."""
    tasks = [rig.task("batch") for _ in range(3)]
    events = [rig.event(data) for data in tasks]
    rig.taken(rig.post(events), events)
    for data in tasks:
        yield from rig.until_reported(data)
    return Words.same("202, 3/3, completed 3/3")


@check(
    CHECKS,
    "same-id-twice",
    group="events",
    did=(
        "同一事件发两次，办结后再发一次",
        "sent the same event twice, and again once the task was done",
    ),
    expected=("三次都接受；每个状态只反馈一次", "accepted each time; each state reported once"),
    mend=(
        "永久记住事件 id：重复的照样放进 accepted，但什么也不做",
        "remember event ids for ever: accept a repeat and do nothing",
    ),
)
def same_id_twice(rig: Rig) -> Steps:
    """A repeated event changes nothing."""
    event = rig.event(data := rig.task("same-id-twice"))
    rig.taken(rig.post([event]), [event])
    rig.taken(rig.post([event]), [event])
    yield from rig.until_reported(data)
    rig.taken(rig.post([event]), [event])
    yield rig.settle()
    return once_each(rig, data["task_id"])


@check(
    CHECKS,
    "same-task-twice",
    group="events",
    did=("同一办件换一个事件 id 再发", "sent the same task and round under another event id"),
    expected=("接受；不重复办理和反馈", "accepted; not worked on or reported twice"),
    mend=(
        "按（task_id、round）判重，不只按事件 id",
        "recognise a repeat by (task_id, round) too, not by event id alone",
    ),
)
def same_task_twice(rig: Rig) -> Steps:
    """The same meaning under another id changes nothing."""
    data = rig.task("same-task-twice")
    events = [rig.event(data), rig.event(data)]
    rig.taken(rig.post(events), events)
    yield from rig.until_reported(data)
    yield rig.settle()
    return once_each(rig, data["task_id"])


@check(
    CHECKS,
    "unknown-fields",
    group="events",
    did=(
        "事件和 data 中带有没听说过的字段",
        "sent an event with unknown attributes and unknown data fields",
    ),
    expected=("接受并照常办理", "accepted and worked on"),
    mend=(
        "忽略不认识的字段：新版节点会增加字段",
        "ignore unknown fields: a newer node will add some",
    ),
)
def unknown_fields(rig: Rig) -> Steps:
    """A newer node says more."""
    data = rig.task("unknown-fields", something_new={"of": ["a", 7, None]})
    event = rig.event(data, futureattribute="x", dataschema="urn:yijian:next")
    rig.taken(rig.post(event), [event])
    return (yield from rig.until_reported(data))


@check(
    CHECKS,
    "unknown-type",
    group="events",
    did=(
        "与一个办件同批发送两种没听说过的事件类型",
        "sent two events of unknown types in a batch with a task",
    ),
    expected=("三条都接受，办件照常办结", "all three accepted, the task completed"),
    mend=("不认识的类型：接受、留存、不处理", "accept, keep and leave alone what you do not know"),
)
def unknown_type(rig: Rig) -> Steps:
    """A newer node sends other messages too."""
    data = rig.task("unknown-type")
    closed = rig.event({"case_number": "LT", "case_id": "x"}, kind="yijian.case.closed.v1")
    strange = rig.event({"anything": 1}, kind="yijian.conformance.unknown.v9")
    events = [strange, rig.event(data), closed]
    rig.taken(rig.post(events), events)
    return (yield from rig.until_reported(data))


@check(
    CHECKS,
    "poison",
    group="events",
    did=(
        "一批三条，中间一条缺 data.task_id",
        "sent a batch of three, the middle one without data.task_id",
    ),
    expected=(
        "前后两条接受，中间一条在 refused 并写明原因",
        "first and last accepted, the middle one refused with a reason",
    ),
    mend=(
        "逐条判断：坏的一条放进 refused，不影响其他",
        "judge each event by itself: a bad one goes to refused and stops no other",
    ),
)
def poison(rig: Rig) -> Steps:
    """One bad event stops no other."""
    first, last = rig.task("poison"), rig.task("poison")
    broken = rig.event({"item": rig.item, "round": 0, "fields": {}})
    events = [rig.event(first), broken, rig.event(last)]
    answer = rig.post(events)
    good = {events[0]["id"], events[2]["id"]}
    fine = answer.status == 202 and set(answer.accepted) == good
    expect(fine, f"回答 {answer.shown}", f"the answer is {answer.shown}")
    reason = answer.refused.get(broken["id"], "")
    expect(
        bool(reason),
        f"坏的一条没有原因：{answer.shown}",
        f"no reason for the bad one: {answer.shown}",
    )
    for data in (first, last):
        yield from rig.until_reported(data)
    return Words.same(f"202, 2/3, refused: {reason[:60]}")


@check(
    CHECKS,
    "out-of-order",
    group="events",
    did=("先发第 1 轮，再发迟到的第 0 轮", "sent round 1 first, then the late round 0"),
    expected=("按第 1 轮办结；不再反馈第 0 轮", "completed in round 1; nothing of round 0"),
    mend=(
        "轮次只增不减：比已知轮次旧的事件接受但不处理",
        "rounds only grow: accept an older round and do nothing",
    ),
)
def out_of_order(rig: Rig) -> Steps:
    """A late event takes nothing back."""
    data = rig.task("out-of-order", round=1)
    late = rig.event(data | {"round": 0})
    newer = rig.event(data)
    rig.taken(rig.post([newer]), [newer])
    rig.taken(rig.post([late]), [late])
    yield from rig.until_reported(data, round_=1)
    yield rig.settle()
    old = [said for said in rig.states(data) if said[0] == 0]
    expect(not old, f"仍反馈了 {old}", f"still reported {old}")
    return Words.same(str(rig.states(data)))


@check(
    CHECKS,
    "withdrawn-first",
    group="events",
    did=("先发撤回，后到分发", "sent the withdrawal before the task itself"),
    expected=("两条都接受；此件不办、不反馈", "both accepted; never worked on, never reported"),
    mend=(
        "先到的撤回要记住：之后到的分发不再办理",
        "remember a withdrawal that comes first: the task that follows is not worked on",
    ),
)
def withdrawn_first(rig: Rig) -> Steps:
    """What the family has withdrawn is not worked on, whatever the order."""
    data, control = rig.task("withdrawn-first"), rig.task("withdrawn-first-control")
    for event in (rig.event({**data, "fields": {}}, kind=WITHDRAWN), rig.event(data)):
        rig.taken(rig.post([event]), [event])
    rig.give(control)
    yield from rig.until_reported(control)
    yield rig.settle()
    said = rig.states(data)
    expect(not said, f"仍反馈了 {said}", f"still reported {said}")
    return Words("没有反馈", "nothing reported")


def once_each(rig: Rig, task_id: str) -> Words:
    """Go on when every state of a round was reported under one feedback_id only."""
    ids: dict[tuple[int, str], set[str]] = {}
    for report in rig.door.reports_of(task_id):
        ids.setdefault((report["round"], report["state"]), set()).add(report["feedback_id"])
    twice = {said: len(names) for said, names in ids.items() if len(names) > 1}
    expect(not twice, f"重复反馈 {twice}", f"reported twice under other ids: {twice}")
    return Words.same(str(sorted(ids)))
