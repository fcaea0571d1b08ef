"""拉取检查: what a department's system does that has no way in and fetches its tasks itself."""

from __future__ import annotations

from yijian.ops.conformance import Check, Steps, Until, Words, check, expect
from yijian.ops.conformance_door import PAGE
from yijian.ops.conformance_events import once_each
from yijian.ops.conformance_rig import Rig

CHECKS: list[Check] = []
LIST = "/api/v1/tasks"
MANY = 2 * PAGE + 5


@check(
    CHECKS,
    "pull-pages",
    group="pull",
    did=(f"列出 {MANY} 个办件，每页至多 {PAGE} 个", f"listed {MANY} tasks, at most {PAGE} a page"),
    expected=(
        "按 next 翻到最后一页，每件都办结",
        "followed next to the last page; every task completed",
    ),
    mend=(
        "用上一页的 next 作为下一页的 after，直到 next 为 null",
        "use the next of a page as the after of the following one, until next is null",
    ),
)
def pull_pages(rig: Rig) -> Steps:
    """No page is left out."""
    tasks = [rig.task("pull-pages") for _ in range(MANY)]
    staying = {data["task_id"] for data in tasks[:PAGE]}
    rig.door.pinned |= staying  # The first page stays full: what is behind it is seen by paging.
    rig.give(*tasks)
    for data in tasks:
        yield from rig.until_reported(data)
    rig.door.end(staying)
    pages = sum("after" in asked.query for asked in rig.door.fetches_of(LIST))
    return Words(f"{MANY} 件办结，翻页 {pages} 次", f"{MANY} completed, {pages} pages followed")


@check(
    CHECKS,
    "pull-again",
    group="pull",
    did=(
        "同一办件在多次拉取中一直列出",
        "kept listing the same task in several rounds of fetching",
    ),
    expected=("只办理一次，每个状态只反馈一次", "worked on once, each state reported once"),
    mend=(
        "按（task_id、round）判重：再次列出的办件不重新办理",
        "recognise a task by (task_id, round): one that is listed again is not begun again",
    ),
)
def pull_again(rig: Rig) -> Steps:
    """A task that is listed again is the same task."""
    rig.give(data := rig.task("pull-again"))
    rig.door.pinned.add(data["task_id"])  # As a node shows it that has not yet taken it in.
    yield from rig.until_reported(data)
    seen = len(rig.door.fetches_of(LIST))
    met = yield Until(lambda: len(rig.door.fetches_of(LIST)) >= seen + 3, rig.wait_seconds)
    rig.door.end({data["task_id"]})
    expect(met, "没有再来拉取", "no further fetching was heard")
    yield rig.settle()
    return once_each(rig, data["task_id"])


@check(
    CHECKS,
    "pull-unavailable",
    group="pull",
    stage=3,
    did=("两次以 503 和 Retry-After 回答拉取", "answered fetching with 503 and Retry-After twice"),
    expected=(
        "稍后再来，随后交办的办件办结",
        "came again later; a task given meanwhile was completed",
    ),
    mend=(
        "503 之后等待再取，不要停止拉取",
        "after a 503 wait and fetch again; never stop fetching",
    ),
)
def pull_unavailable(rig: Rig) -> Steps:
    """A node that is out of order is asked again."""
    rig.door.list_unavailable = 2
    rig.give(data := rig.task("pull-unavailable"))
    came = yield from rig.until_reported(data)
    left = rig.door.list_unavailable
    expect(left == 0, f"还有 {left} 次未取", f"{left} fetches did not come")
    return came


@check(
    CHECKS,
    "pull-withdrawn",
    group="pull",
    stage=3,
    did=("列出一个已撤回的办件", "had a withdrawn task that is no longer under way"),
    expected=(
        "不办理、不反馈；同时列出的另一件照常办结",
        "not worked on; another one listed beside it is completed",
    ),
    mend=(
        "state 为 withdrawn 的办件不办理",
        "do not work on a task whose state is withdrawn",
    ),
)
def pull_withdrawn(rig: Rig) -> Steps:
    """What the family has withdrawn is not worked on."""
    data, control = rig.task("pull-withdrawn"), rig.task("pull-withdrawn-control")
    rig.door.tasks[data["task_id"]]["state"] = "withdrawn"
    rig.give(data, control)
    yield from rig.until_reported(control)
    yield rig.settle()
    said = rig.states(data)
    expect(not said, f"仍反馈了 {said}", f"still reported {said}")
    return Words("没有反馈", "nothing reported")
