"""边界检查: health, sizes and media types: what a system says at the edges of the contract."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from yijian.ops.conformance import Check, Steps, Until, Words, check, expect
from yijian.ops.conformance_rig import Rig
from yijian.ops.conformance_wire import Answer, send, signed

CHECKS: list[Check] = []
BATCH_SIZE = 500
LARGEST = 2 * 1024 * 1024
CLOCK_SECONDS = 300


@check(
    CHECKS,
    "health",
    group="health",
    did=("读取 GET /health", "asked GET /health"),
    expected=(
        "200，含 node、version、time，时钟误差五分钟内",
        "200 with node, version, time; clock within 5 min",
    ),
    mend=(
        "提供 /health，并校准时钟（签名窗口也是五分钟）",
        "serve /health and set the clock; signatures allow five minutes too",
    ),
)
def health(rig: Rig) -> Steps:
    """The system says who it is and what time it has."""
    answer = rig.get("/health")
    whole = answer.status == 200 and {"node", "version", "time"} <= answer.body.keys()
    expect(whole, f"回答 {answer.shown}", f"the answer is {answer.shown}")
    try:
        moment = datetime.fromisoformat(str(answer.body["time"]))
        off = abs((datetime.now(UTC) - moment).total_seconds())
    except (ValueError, TypeError):
        off = float("inf")
    shown = f"time = {answer.body['time']}"
    expect(off <= CLOCK_SECONDS, shown, shown)
    yield Until(lambda: True, 0)
    return Words(f"200，时钟相差 {off:.0f} 秒", f"200, clock off by {off:.0f} s")


@check(
    CHECKS,
    "batch-500",
    group="events",
    stage=4,
    did=(f"一批发送 {BATCH_SIZE} 个办件", f"sent {BATCH_SIZE} tasks in one batch"),
    expected=("202，全部接受", "202, all accepted"),
    mend=(
        "一批最多 500 条：整批落库后即回答，随后再办理",
        "a batch has up to 500 events: store the batch, answer, work afterwards",
    ),
)
def batch_500(rig: Rig) -> Steps:
    """As many events as a batch may have."""
    tasks = [rig.task("batch-500") for _ in range(BATCH_SIZE)]
    events = [rig.event(data) for data in tasks]
    rig.taken(rig.post(events), events)
    yield from rig.until_reported(tasks[-1])
    return Words.same(f"202, {BATCH_SIZE}/{BATCH_SIZE}")


@check(
    CHECKS,
    "too-many",
    group="events",
    stage=4,
    did=(f"一批发送 {BATCH_SIZE + 1} 个事件", f"sent {BATCH_SIZE + 1} events in one batch"),
    expected=("400、413 或 422，一条也不接受", "400, 413 or 422 and none taken"),
    mend=("超过 500 条整批拒绝", "refuse a batch of more than 500 whole"),
)
def too_many(rig: Rig) -> Steps:
    """More events than a batch may have."""
    data = rig.task("too-many")
    answer = rig.post([rig.event(data) for _ in range(BATCH_SIZE + 1)])
    refused_whole(answer)
    yield rig.settle()
    return untouched(rig, answer, data["task_id"])


@check(
    CHECKS,
    "oversized",
    group="events",
    did=("发送 2 MB 零 1 字节的报文", "sent a body of 2 MB and one byte"),
    expected=("413（或 400）", "413 (or 400)"),
    mend=(
        "按 Content-Length 拒绝超过 2 MB 的报文，不要读入",
        "refuse bodies over 2 MB by Content-Length, without reading them",
    ),
)
def oversized(rig: Rig) -> Steps:
    """A body larger than agreed."""
    data = rig.task("oversized")
    whole = json.dumps([rig.event(data)]).encode()
    body = whole[:-1] + b" " * (LARGEST + 1 - len(whole)) + whole[-1:]
    answer = rig.post(body, content_type="application/cloudevents-batch+json")
    refused_whole(answer)
    yield rig.settle()
    return untouched(rig, answer, data["task_id"])


@check(
    CHECKS,
    "not-events",
    group="events",
    did=(
        "用 application/json 发送，另发一段不是 JSON 的内容",
        "sent application/json, and a body that is not JSON",
    ),
    expected=("两次都是 400、415 或 422", "400, 415 or 422 both times"),
    mend=(
        "只接受 CloudEvents 两种媒体类型和合法 JSON，其余回答 4xx 而不是 5xx",
        "take the two CloudEvents media types and valid JSON only; answer 4xx, never 5xx",
    ),
)
def not_events(rig: Rig) -> Steps:
    """Bodies that are no events."""
    data = rig.task("not-events")
    plain = rig.post([rig.event(data)], content_type="application/json")
    torn = rig.post(b'{"specversion": "1.0", "id": ', content_type="application/cloudevents+json")
    for answer in (plain, torn):
        refused_whole(answer)
    yield rig.settle()
    untouched(rig, plain, data["task_id"])
    return Words.same(f"{plain.status}, {torn.status}")


@check(
    CHECKS,
    "unknown-address",
    group="events",
    did=("签名读取一个不存在的地址", "asked a signed GET for an address that is not there"),
    expected=("404", "404"),
    mend=(
        "没有的地址回答 404，不要 200 或 5xx",
        "answer 404 for what is not there, not 200 or 5xx",
    ),
)
def unknown_address(rig: Rig) -> Steps:
    """What is not there is said not to be there."""
    answer = send(rig.client, signed(rig.identity, "GET", f"{rig.base}/conformance-nothing-here"))
    expect(answer.status == 404, f"回答 {answer.shown}", f"the answer is {answer.shown}")
    yield Until(lambda: True, 0)
    return Words.same("404")


def refused_whole(answer: Answer) -> None:
    """Go on when a request was refused as the sender's fault."""
    refused = answer.status in (400, 413, 415, 422)
    expect(refused, f"回答 {answer.shown}", f"the answer is {answer.shown}")


def untouched(rig: Rig, answer: Answer, task_id: str) -> Words:
    """Go on when nothing was reported about a task that was never properly given."""
    said = rig.states({"task_id": task_id})
    expect(not said, f"拒绝后仍反馈了 {said}", f"refused, and still reported {said}")
    return Words.same(str(answer.status))
