"""回查检查: thin notifications, and the feed in which a system repeats everything it has reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yijian.ops.conformance import Check, Steps, Until, Words, check, expect
from yijian.ops.conformance_door import Trouble
from yijian.ops.conformance_rig import REPORTED, Rig
from yijian.ops.conformance_shapes import faults_of
from yijian.ops.conformance_wire import Faults

CHECKS: list[Check] = []
TOLD = ("task_id", "case_number", "item", "newborn", "round", "office")
RANK = {
    "accepted": 1,
    "in_review": 2,
    "correction_needed": 2,
    "approved": 3,
}
TAIL, SMALL = 25, 7


@check(
    CHECKS,
    "thin",
    group="thin",
    did=(
        "只发通知（data 没有 fields），内容留在节点",
        "sent a notification only: no fields in data, the content stays with the node",
    ),
    expected=(
        "签名取 GET /api/v1/tasks/{id}，随后办结",
        "a signed GET /api/v1/tasks/{id}, then completed",
    ),
    mend=(
        "data 没有 fields 时，按 task_id 向节点取办件",
        "when data has no fields, fetch the task from the node by its task_id",
    ),
)
def thin(rig: Rig) -> Steps:
    """What was only told of is fetched."""
    data = rig.task("thin")
    event = rig.event({name: data[name] for name in TOLD} | {"intent": "dispatched"})
    rig.taken(rig.post(event), [event])
    path = f"/api/v1/tasks/{data['task_id']}"
    met = yield Until(lambda: bool(rig.door.fetches_of(path)), rig.wait_seconds)
    expect(met, "没有来取办件", "the task was not fetched")
    return (yield from rig.until_reported(data))


@check(
    CHECKS,
    "feed-complete",
    group="feed",
    stage=5,
    did=(
        "读取全部 GET /reports，与收到的反馈逐条对照",
        "read all of GET /reports and compared it with every report heard",
    ),
    expected=(
        "每条都在、内容相同、格式正确；同一办件状态只前进",
        "each is there, the same and well-formed; states of a task only move on",
    ),
    mend=(
        "反馈先入库再发送；/reports 按入库顺序给出全部反馈，永久保留",
        "store a report before sending it; /reports gives all of them, in that order, for ever",
    ),
)
def feed_complete(rig: Rig) -> Steps:
    """The feed has everything."""
    yield rig.settle()
    read, _ = rig.feed()
    entries = {str(entry.get("id")): entry for entry in read}
    expect(len(entries) == len(read), "有重复的 id", "an id appears twice")
    cursors = {str(entry.get("cursor")) for entry in read}
    expect(len(cursors) == len(read), "有重复的 cursor", "a cursor appears twice")
    for entry in read:
        _well_formed(entry)
    heard = {str(each.report["feedback_id"]): each.report for each in rig.door.heard}
    missing = [name for name in heard if name not in entries]
    expect(
        not missing,
        f"缺 {len(missing)} 条：{missing[:3]}",
        f"{len(missing)} missing: {missing[:3]}",
    )
    other = [name for name, said in heard.items() if entries[name]["data"] != said]
    expect(not other, f"内容不同：{other[:3]}", f"differ in content: {other[:3]}")
    _only_forward(read)
    expect(bool(heard), "没有可对照的反馈", "no report was heard to compare with")
    return Words(
        f"{len(heard)} 条全部在内（共 {len(read)}）", f"all {len(heard)} there (of {len(read)})"
    )


@check(
    CHECKS,
    "feed-pages",
    group="feed",
    stage=5,
    did=(
        "从中间的游标起，以每页 7 条再读一遍",
        "read on from a cursor in the middle, in pages of seven",
    ),
    expected=("每页不超过 7 条，与整读完全一致", "at most seven a page, the same as before"),
    mend=(
        "cursor 固定不变、严格递增；after 是开区间，limit 要遵守",
        "cursors never change and always grow; after is exclusive, limit is kept",
    ),
)
def feed_pages(rig: Rig) -> Steps:
    """The pages are the feed."""
    yield rig.settle()
    whole, _ = rig.feed()
    expect(len(whole) > 1, f"只有 {len(whole)} 条", f"only {len(whole)} report(s)")
    start = max(0, len(whole) - TAIL - 1)
    tail = whole[start + 1 :]
    again, _ = rig.feed(limit=SMALL, after=str(whole[start]["cursor"]))
    same = again[: len(tail)] == tail
    expect(
        same,
        f"{len(tail)} 条与分页读到的不一致",
        f"the pages differ from the {len(tail)} read before",
    )
    return Words.same(f"{len(tail)} = {len(again[: len(tail)])}")


@check(
    CHECKS,
    "feed-unheard",
    group="feed",
    stage=5,
    did=(
        "一直以 503 回答一个办件的反馈，同时读 /reports",
        "answered the reports of a task with 503 and read /reports meanwhile",
    ),
    expected=("没送达的反馈也在 /reports 里", "what could not be delivered is in /reports"),
    mend=(
        "/reports 列出已作出的反馈，不论是否送达：节点靠它补漏",
        "/reports lists what was reported, heard or not: nodes heal from it",
    ),
)
def feed_unheard(rig: Rig) -> Steps:
    """What was never heard can be read."""
    _, end = rig.feed()
    data = rig.task("feed-unheard")
    rig.door.trouble[data["task_id"]] = Trouble(unavailable=10**6)
    rig.give(data)

    def listed() -> bool:
        return any(e["data"].get("task_id") == data["task_id"] for e in rig.feed(after=end)[0])

    met = yield Until(listed, rig.wait_seconds)
    heard = len(rig.door.reports_of(data["task_id"]))
    rig.door.trouble.pop(data["task_id"])
    expect(met, "/reports 里没有", "it is not in /reports")
    yield from rig.until_reported(data)
    return Words(f"送达 {heard} 条时已在 /reports", f"in /reports while {heard} had been heard")


@check(
    CHECKS,
    "feed-end",
    group="feed",
    stage=7,
    did=(
        "从末尾的 next 继续读；交办一件后再读",
        "read on from the last next; gave one more task and read again",
    ),
    expected=(
        "先为空页且 next 不变，之后只有新的反馈",
        "an empty page with the same next, then only what is new",
    ),
    mend=(
        "空页的 next 等于所问的 after",
        "the next of an empty page is the after that was asked",
    ),
)
def feed_end(rig: Rig) -> Steps:
    """The end of the feed is where the next reading begins."""
    before, end = rig.feed()
    more, same = rig.feed(after=end)
    expect(not more and same == end, f"多出 {len(more)} 条", f"{len(more)} more came, next {same}")
    rig.give(data := rig.task("feed-end"))
    yield from rig.until_reported(data)
    new, _ = rig.feed(after=end)
    old = {entry["cursor"] for entry in before} & {entry["cursor"] for entry in new}
    found = any(entry["data"].get("task_id") == data["task_id"] for entry in new)
    expect(
        found and not old, f"新 {len(new)} 条，旧 {len(old)} 条", f"{len(new)} new, {len(old)} old"
    )
    return Words(f"新 {len(new)} 条", f"{len(new)} new")


@check(
    CHECKS,
    "feed-signed",
    group="feed",
    stage=5,
    did=(
        "不签名读取 /reports；再签名读取",
        "asked for /reports without a signature, then with one",
    ),
    expected=("401；签名后 200", "401; 200 when signed"),
    mend=("/reports 与 /events 同样验证签名", "verify the signature of /reports as of /events"),
)
def feed_signed(rig: Rig) -> Steps:
    """Only the node may read what was reported to it."""
    naked = rig.get("/reports?limit=1", faults=Faults(unsigned=True))
    expect(naked.status in (401, 403), f"回答 {naked.shown}", f"the answer is {naked.shown}")
    whole = rig.get("/reports?limit=1")
    expect(whole.status == 200, f"回答 {whole.shown}", f"the answer is {whole.shown}")
    yield Until(lambda: True, 0)
    return Words.same(f"{naked.status}, {whole.status}")


def _well_formed(entry: Mapping[str, Any]) -> None:
    fine = isinstance(entry.get("cursor"), str) and entry.get("type") == REPORTED
    faults = [] if fine else ["cursor, type"]
    faults += faults_of(entry.get("data"))
    shown = f"{entry.get('id')}: {'; '.join(faults)}"
    expect(not faults, f"格式不符 {shown}", f"not as agreed: {shown}")


def _only_forward(read: list[dict[str, Any]]) -> None:
    """Later entries of a task never fall behind earlier ones."""
    reached: dict[str, tuple[int, int]] = {}
    for entry in read:
        said = entry["data"]
        now = (int(said["round"]), RANK.get(str(said["state"]), 4))
        before = reached.get(said["task_id"], (0, 0))
        shown = f"{said['task_id']}: {before} → {now}"
        expect(now >= before, f"次序倒退 {shown}", f"out of order {shown}")
        reached[said["task_id"]] = now
