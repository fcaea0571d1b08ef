"""一行办件: how one task of a list reads: child, mother, state and the time that is left."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts, urging
from yijian.domain.policy import ServiceItem
from yijian.domain.states import TERMINAL, TaskState
from yijian.records.lines import TaskLine
from yijian.web.applicant.values import worded

Held = Mapping[UUID, tuple[UUID, str, datetime]]

TAGS = {
    TaskState.QUEUED: (_("待受理"), ""),
    TaskState.ACCEPTED: (_("已受理"), "info"),
    TaskState.IN_REVIEW: (_("审核中"), "info"),
    TaskState.CORRECTION_NEEDED: (_("待家庭补正"), ""),
    TaskState.APPROVED: (_("已通过，待办结"), "good"),
    TaskState.COMPLETED: (_("已办结"), "good"),
    TaskState.DECLINED: (_("不予受理"), "bad"),
    TaskState.REJECTED: (_("审核不通过"), "bad"),
    TaskState.OFFLINE: (_("已转线下"), "warn"),
    TaskState.WITHDRAWN: (_("家庭已撤回"), ""),
    TaskState.NOT_NEEDED: (_("无需办理"), ""),
    TaskState.WAITING: (_("等待上一项"), ""),
}
DAY = timedelta(days=1)


def state_title(state: TaskState) -> str:
    """What the desk calls a state."""
    return str(TAGS[state][0])


def child_of(line: TaskLine) -> str:
    """The masked name of the child a task is about, numbered among twins; all for the family."""
    names = list(line.names.get("newborns", ()))
    mark = f" {line.newborn}/{len(names)}" if line.newborn and len(names) > 1 else ""
    if line.newborn:
        names = names[line.newborn - 1 : line.newborn]
    shown = gettext("、").join(name for name in names if name)
    return (shown or gettext("未取名")) + mark


def left_of(due_at: datetime | None, paused: bool, now: datetime) -> str:
    """The time left, or by how much it is over."""
    if due_at is None:
        return gettext("不限")
    if paused:
        return gettext("暂停计时")
    if now >= due_at:
        return gettext("超 %(time)s") % {"time": span(now - due_at)}
    return span(due_at - now)


def span(time: timedelta) -> str:
    """A stretch of time as people say it: days and hours, or hours, or minutes."""
    hours, days = int(time.total_seconds() // 3600), time // DAY
    if days >= 2:
        return gettext("%(days)s 天") % {"days": days}
    if hours >= 24:
        return gettext("1 天 %(hours)s 小时") % {"hours": hours - 24}
    if hours:
        return gettext("%(hours)s 小时") % {"hours": hours}
    return gettext("%(minutes)s 分钟") % {"minutes": int(time.total_seconds() // 60)}


def light_of(line: TaskLine, now: datetime) -> str:
    """红黄灯 of one line; none for what has ended or stands still."""
    if line.paused_at is not None or TaskState(line.state) in TERMINAL:
        return ""
    started_at = line.started_at or line.since
    return urging.light(line.pack_digest, line.item, line.due_at, started_at, now)


def rows_of(lines: Collection[TaskLine], held: Held, now: datetime) -> list[dict[str, object]]:
    """The rows of a worklist, as the worklist part reads them."""
    return [_row(line, held.get(line.task_id), now) for line in lines]


def _row(
    line: TaskLine, held: tuple[UUID, str, datetime] | None, now: datetime
) -> dict[str, object]:
    item = item_of(line)
    tag, tone = tag_of(line, held, now)
    ended = TaskState(line.state) in TERMINAL
    return {
        "id": line.task_id,
        "number": line.number,
        "url": reverse("desk_task", args=[line.task_id]),
        "light": light_of(line, now),
        "cells": [
            child_of(line),
            str(line.names.get("mother", "")),
            worded(item.title) if item else line.item,
        ],
        "tag": tag,
        "tone": tone,
        "left": "—" if ended else left_of(line.due_at, line.paused_at is not None, now),
    }


def item_of(line: TaskLine) -> ServiceItem | None:
    """The item of a line, as the policy of its case has it."""
    return contexts.pack_of(line.pack_digest).items.get(line.item)


def tag_of(
    line: TaskLine, held: tuple[UUID, str, datetime] | None, now: datetime
) -> tuple[str, str]:
    """The words and the tone of a line's state."""
    if held is not None:
        within = held[2] > now
        return (gettext("还可以撤回") if within else gettext("正在生效")), "info"
    state = TaskState(line.state)
    if waits_for_family(line):
        return gettext("等待家庭确认"), ""
    if state is TaskState.IN_REVIEW and line.round:
        return gettext("已补正"), "info"
    words, tone = TAGS[state]
    return str(words), tone


def waits_for_family(line: TaskLine) -> bool:
    """Whether the office can do nothing now: a correction or a blocking step is the family's."""
    if line.state == TaskState.CORRECTION_NEEDED.value:
        return True
    item = item_of(line)
    blocking = {ask.id for ask in item.asks if ask.blocks} if item else set()
    return bool(blocking & set(line.open_asks)) and TaskState(line.state) not in TERMINAL
