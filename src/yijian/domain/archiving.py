"""归档: which ended items become packages, how long they are kept, and how they are numbered.

What lives here: decisions over values. What does not: what a package looks like (`documents`) and
where it lies (`records`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from yijian.domain.cases import Case, Task
from yijian.domain.clocks import local_day
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.policy import Pack
from yijian.domain.retention import FOR_EVER, Retention
from yijian.domain.states import STEPS, Stage, TaskState

CATEGORY = "ZY"
"""The class of archives in archive numbers: specialised archives of public services."""
WHOLE = "case"
_DECIDED = frozenset({TaskState.COMPLETED, TaskState.REJECTED, TaskState.DECLINED})
_ENDED = frozenset({Stage.CLOSED, Stage.WITHDRAWN})
_SENTENCES = {(step.before.value, step.after.value): step.sentence for step in STEPS}
_TITLES = {
    EventKind.CASE_STARTED: "开始申请",
    EventKind.CASE_RECEIVED: "上级节点转来办件",
    EventKind.TASK_RECEIVED: "上级节点转来事项",
    EventKind.SCHEME_CHOSEN: "选定办理方案",
    EventKind.REGISTER_ANSWERED: "数据核验",
    EventKind.CONSENT_GIVEN: "同意授权",
    EventKind.ANSWERS_SAVED: "填写申请",
    EventKind.VALUE_DISPUTED: "对数据提出异议",
    EventKind.TURNED_AWAY: "不符合申请条件",
    EventKind.REFUSAL_LIFTED: "不再有不符合的条件",
    EventKind.SIGNING_OPENED: "提交签名",
    EventKind.SIGNING_REOPENED: "退回修改",
    EventKind.SIGNED: "签名",
    EventKind.SIGNATURE_WITHDRAWN: "撤回签名",
    EventKind.CASE_SUBMITTED: "提交申请",
    EventKind.TASK_MOVED: "事项状态变化",
    EventKind.TASK_ROUTED: "确定办理机构",
    EventKind.TASK_SWITCHED: "更换办理渠道",
    EventKind.TASK_ASKED: "请申请人办理",
    EventKind.ASK_ANSWERED: "申请人已办理",
    EventKind.FAMILY_REMINDED: "提醒申请人",
    EventKind.MATERIAL_KEPT: "收取材料",
    EventKind.MATERIAL_REMOVED: "撤下材料",
    EventKind.DOCUMENT_ISSUED: "出具文书",
    EventKind.CERTIFICATE_KEPT: "电子证照入库",
    EventKind.CERTIFICATE_LINKED: "电子证照关联公民身份号码",
    EventKind.CERTIFICATE_ENDED: "电子证照换发或注销",
    EventKind.PAPER_MOVED: "纸质证件流转",
    EventKind.PARCEL_MOVED: "结果送达",
    EventKind.PACKAGE_MADE: "归档",
    EventKind.CASE_HANDED_OVER: "移交窗口",
    EventKind.CASE_WITHDRAWN: "撤回申请",
    EventKind.CASE_CLOSED: "全部办结",
    EventKind.EXCHANGE_SETTLED: "处理交换异常",
    EventKind.TASK_URGED: "催办",
    EventKind.DUE_MOVED: "办理期限随工作日历调整",
    EventKind.RATED: "家庭评价",
    EventKind.RATING_EXCLUDED: "评价不计入",
}
_OF_THE_CASE = frozenset(_TITLES) - {
    EventKind.FAMILY_REMINDED,
    EventKind.ANSWERS_SAVED,
    EventKind.RATED,
    EventKind.RATING_EXCLUDED,
}
"""What a package tells of a case. A rating is left out: its author stays hidden from the office."""


def kind_title(kind: EventKind) -> str:
    """What a kind of event is called in archives and journals."""
    return _TITLES[kind]


@dataclass(frozen=True, slots=True)
class DuePackage:
    """应归档: an item that has ended, or the whole case (no item), and how long it is kept."""

    item: str
    newborn: int
    outcome: str
    office: str
    ended_at: datetime
    retention: Retention


def due_packages(events: Iterable[Event], after: Case, pack: Pack) -> Iterator[DuePackage]:
    """What the events have made ready to be archived, each once.

    An item is archived when an office has decided it, or had taken it up; the case when it has
    ended after it was submitted. What no office ever had is listed in the case's package alone.
    """
    moved = {e.task: e.at for e in events if e.kind is EventKind.TASK_MOVED and e.task is not None}
    for key, at in moved.items():
        task = after.tasks[key]
        if is_archived(task):
            yield _of_item(task, pack, at)
    ended = (EventKind.CASE_CLOSED, EventKind.CASE_WITHDRAWN)
    for event in events:
        if event.kind in ended and after.stage in _ENDED and after.submitted_at is not None:
            retention = longest(after, pack)
            yield DuePackage("", 0, after.stage.value, "", event.at, retention)


def is_archived(task: Task) -> bool:
    """Whether an ended task leaves a package of its own."""
    had = task.state in _DECIDED or task.started_at is not None
    return task.ended and task.office is not None and had


def retention_of(item: str, pack: Pack) -> Retention:
    """How long the pack keeps what this item leaves behind."""
    known = pack.items.get(item)
    return (known.retention if known else None) or FOR_EVER


def longest(case: Case, pack: Pack) -> Retention:
    """The case as a whole is kept as long as what is kept longest of it."""
    kept = [retention_of(t.item, pack) for t in case.tasks.values() if is_archived(t)]
    for_ever = next((each for each in kept if each.years is None), None)
    return for_ever or max(kept, key=lambda each: each.years or 0, default=FOR_EVER)


def _of_item(task: Task, pack: Pack, at: datetime) -> DuePackage:
    return DuePackage(
        task.item,
        task.newborn,
        task.state.value,
        task.office or "",
        at,
        retention_of(task.item, pack),
    )


def archive_number(fonds: str, year: int, retention: str, topic: str, serial: int) -> str:
    """档号: fonds, class, year, retention, topic and the number of the piece.

    >>> archive_number("police-340100", 2026, "Y", "hukou_registration", 12)
    'police-340100-ZY·2026-Y-hukou_registration-000012'
    """
    return f"{fonds}-{CATEGORY}·{year}-{retention}-{topic}-{serial:06d}"


def archive_year(ended_at: datetime) -> int:
    """年度: the local year in which it ended."""
    return local_day(ended_at).year


def belongs(event: Event, key: TaskKey | None) -> bool:
    """Whether a step is told in the package of this task; without one, in that of the case."""
    if event.task is not None:
        return key is None or event.task == key
    return event.kind in _OF_THE_CASE


def step_title(event: Event) -> str:
    """What happened, in the words of the process."""
    if event.kind is EventKind.TASK_MOVED:
        step = (str(event.public.get("from")), str(event.public.get("to")))
        return _SENTENCES.get(step, _TITLES[event.kind])
    return _TITLES[event.kind]
