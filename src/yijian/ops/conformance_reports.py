"""反馈检查: how a department's system reports, repeats, corrects and fetches; pushed to or pulling."""

from __future__ import annotations

from yijian.ops.conformance import Check, Steps, Until, Words, check, expect
from yijian.ops.conformance_door import LOST, Trouble
from yijian.ops.conformance_events import once_each
from yijian.ops.conformance_rig import Rig

CHECKS: list[Check] = []
PICTURE = b"\xff\xd8\xff a page that was scanned for a conformance run"


@check(
    CHECKS,
    "completed",
    group="reports",
    did=("交办一个办件，请求办结", "gave a task that asks to be completed"),
    expected=(
        "收到已签名、格式正确的办结反馈",
        "a signed, well-formed report that it is completed",
    ),
    mend=(
        "向节点 POST /api/v1/feedback 或 /feedback/batch，按 RFC 9421 签名",
        "POST to the node's /api/v1/feedback or /feedback/batch, signed by RFC 9421",
    ),
)
def completed(rig: Rig) -> Steps:
    """The ordinary way."""
    rig.give(data := rig.task("completed"))
    yield from rig.until_reported(data)
    yield rig.settle()
    return once_each(rig, data["task_id"])


@check(
    CHECKS,
    "declined",
    group="reports",
    did=("交办一个请求不予受理的办件", "gave a task that asks to be declined"),
    expected=(
        "declined，带 reason.code 和给家庭看的 reason.text",
        "declined with reason.code and a reason.text for the family",
    ),
    mend=(
        "不予受理、不通过、补正、转线下都要带 reason",
        "declining, rejecting, correcting and handing over need a reason",
    ),
)
def declined(rig: Rig) -> Steps:
    """A refusal says why."""
    rig.give(data := rig.task("declined", rehearsal="decline"))
    yield from rig.until_reported(data, "declined")
    reason = rig.door.reports_of(data["task_id"])[-1].get("reason") or {}
    shown = f"declined, reason {reason}"
    expect(bool(reason.get("text")), shown, shown)
    return Words.same(f"declined, {reason['code']}")


@check(
    CHECKS,
    "correction",
    group="reports",
    did=(
        "交办一个请求补正的办件，收到补正后以第 1 轮再次交办",
        "gave a task that asks for a correction, then gave it again in round 1",
    ),
    expected=(
        "第 0 轮 correction_needed 并列出 fields；第 1 轮办结；之后不再有第 0 轮",
        "correction_needed in round 0 naming fields; completed in round 1; no round 0 after that",
    ),
    mend=(
        "补正反馈列出全部要改的字段；收到新轮次后按新轮次反馈",
        "name all fields to correct at once; once a new round comes, report in that round",
    ),
)
def correction(rig: Rig) -> Steps:
    """A correction round."""
    rig.give(data := rig.task("correction", rehearsal="correct"))
    yield from rig.until_reported(data, "correction_needed")
    corrected = data | {"round": 1, "fields": {**rig.fields, "newborn_name": "联调补正"}}
    rig.door.tasks[data["task_id"]] |= corrected | {"state": "in_review"}
    if not rig.pulled:
        event = rig.event(corrected)
        rig.taken(rig.post(event), [event])
    yield from rig.until_reported(data, round_=1)
    yield rig.settle()
    said = rig.states(data)
    first = next(place for place, (round_, _) in enumerate(said) if round_ == 1)
    late = [each for each in said[first:] if each[0] == 0]
    expect(not late, f"第 1 轮之后仍反馈 {late}", f"reported {late} after round 1")
    return Words.same(str(said))


@check(
    CHECKS,
    "unavailable",
    group="reports",
    stage=2,
    did=("两次以 503 回答一个办件的反馈", "answered the report of a task with 503 twice"),
    expected=(
        "以同一 feedback_id、新的签名重发，直到被接受",
        "sent again with the same feedback_id and a new signature until it was taken",
    ),
    mend=(
        "没有得到 200 的反馈要一直重发：feedback_id 和内容不变，nonce 每次换新，间隔逐次加长",
        "repeat a report until it gets 200: same feedback_id and content, new nonce, longer pauses",
    ),
)
def unavailable(rig: Rig) -> Steps:
    """A node that cannot answer now."""
    data = rig.task("unavailable")
    rig.door.trouble[data["task_id"]] = Trouble(unavailable=2)
    rig.give(data)
    yield from rig.until_reported(data)
    met = {name for task, name in rig.door.met if task == data["task_id"]}

    def heard() -> set[str]:
        return {str(report["feedback_id"]) for report in rig.door.reports_of(data["task_id"])}

    yield Until(lambda: met <= heard(), rig.wait_seconds)
    shown = f"503: {sorted(met)}, 200: {sorted(heard())}"
    expect(bool(met), "没有遇到 503", "no report met the 503")
    expect(met <= heard(), f"换了 feedback_id：{shown}", f"sent under another feedback_id: {shown}")
    return Words(
        f"503 两次后以同一编号送达（{len(met)}）",
        f"503 twice, then heard under the same id ({len(met)})",
    )


@check(
    CHECKS,
    "lost-answer",
    group="reports",
    stage=2,
    did=(
        "收下一个办件的反馈，但回答 503（回答丢失）",
        "took the report of a task but answered 503, as a lost answer does",
    ),
    expected=(
        "以同一 feedback_id、同样内容重发；不产生第二条",
        "the same feedback_id and content again; no second report",
    ),
    mend=(
        "没有收到 200 不等于没有送达：原样重发，由节点判重",
        "no 200 does not mean not arrived: repeat it unchanged, the node recognises it",
    ),
)
def lost_answer(rig: Rig) -> Steps:
    """Nobody knows whether it arrived."""
    data = rig.task("lost-answer")
    rig.door.trouble[data["task_id"]] = Trouble(lost=1)
    rig.give(data)

    def names(*, lost: bool) -> set[str]:
        return {
            str(each.report["feedback_id"])
            for each in rig.door.heard
            if each.report["task_id"] == data["task_id"] and (each.way == LOST) == lost
        }

    def again() -> bool:
        repeated = bool(names(lost=True)) and names(lost=True) <= names(lost=False)
        return repeated and (0, "completed") in rig.states(data)

    met = yield Until(again, rig.wait_seconds)
    said = rig.states(data)
    expect(met, f"没有原样重发；收到 {said}", f"not repeated; heard {said}")
    return once_each(rig, data["task_id"])


@check(
    CHECKS,
    "refused-once",
    group="reports",
    stage=2,
    did=(
        "以 refused 回答一个办件的反馈",
        "answered the reports of a task with the outcome refused",
    ),
    expected=("同一 feedback_id 不再发送", "the same feedback_id is not sent again"),
    mend=(
        "outcome 为 applied、duplicate、late、refused 都是最终答复，不再重发",
        "applied, duplicate, late and refused are final: do not send that report again",
    ),
)
def refused_once(rig: Rig) -> Steps:
    """A final answer is final."""
    data = rig.task("refused-once")
    rig.door.trouble[data["task_id"]] = Trouble(refuse=True)
    rig.give(data)
    met = yield Until(lambda: bool(rig.states(data)), rig.wait_seconds)
    expect(met, "没有收到反馈", "no report was heard")
    yield rig.settle()
    yield rig.settle()
    names = [
        each.report["feedback_id"]
        for each in rig.door.heard
        if each.report["task_id"] == data["task_id"] and each.way != LOST
    ]
    expect(bool(names), "没有收到反馈", "no report was answered")
    most = max(names.count(name) for name in names)
    expect(most == 1, f"同一反馈发了 {most} 次", f"the same report was sent {most} times")
    return Words(f"{len(names)} 条，各一次", f"{len(names)} report(s), once each")


@check(
    CHECKS,
    "scans",
    group="scans",
    stage=2,
    did=(
        "办件列出一页材料；第一次取件给出别的内容",
        "listed a scanned page; the first fetch got other bytes",
    ),
    expected=(
        "比较 SHA-256 后再取一次，得到正确的一页，随后办结",
        "compared the SHA-256, fetched again, then completed",
    ),
    mend=(
        "按 scans[].id 取 /tasks/{id}/files/{file}，SHA-256 与 scans[].sha256 不符就重取",
        "fetch /tasks/{id}/files/{file} by scans[].id; fetch again when the SHA-256 differs",
    ),
)
def scans(rig: Rig) -> Steps:
    """A page counts only when it is the page."""
    data = rig.task("scans")
    path = rig.scan(data, PICTURE)
    rig.door.trouble[data["task_id"]] = Trouble(spoilt_files=1)
    rig.give(data)
    met = yield Until(lambda: len(rig.door.fetches_of(path)) >= 2, rig.wait_seconds)
    times = len(rig.door.fetches_of(path))
    expect(met, f"取件 {times} 次", f"fetched {times} time(s)")
    yield from rig.until_reported(data)
    return Words(f"取件 {times} 次后办结", f"fetched {times} times, then completed")


@check(
    CHECKS,
    "as-agreed",
    group="reports",
    stage=6,
    did=("检查全程收到的每一个请求", "looked at every request that was heard in the whole run"),
    expected=(
        "签名、格式、编号、办件都符合约定",
        "signature, shape, ids and tasks as agreed, each time",
    ),
    mend=(
        "逐条改正所列请求；字段和代码见 docs/reference/exchange.md",
        "mend the requests listed; fields and codes are in docs/reference/exchange.md",
    ),
)
def as_agreed(rig: Rig) -> Steps:
    """Nothing that came was wrong in any way."""
    yield Until(lambda: True, 0)
    total, faults = len(rig.door.asked), list(dict.fromkeys(rig.door.faults))
    shown = "; ".join(faults[:5])
    expect(not faults, f"{len(faults)} 处不符：{shown}", f"{len(faults)} faults: {shown}")
    expect(total > 0, "没有收到任何请求", "no request was heard at all")
    return Words(f"{total} 个请求", f"{total} requests")
