"""分组: the left column of the desk: groups of the worklist with their counts, and other lists."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import file_exchange, order_urging
from yijian.actions.urging import told_to
from yijian.actions.workshop_reading import READERS
from yijian.records import queries, urging
from yijian.records.people import StaffRole, Visitor

TITLES = {
    "open": _("待我办理"),
    "to_accept": _("待受理"),
    "in_work": _("办理中"),
    "with_family": _("待家庭补正"),
    "ended": _("已办结"),
}

VIEWERS = (
    StaffRole.SUPERVISOR, StaffRole.OPERATOR, StaffRole.AUDITOR, StaffRole.POLICY_EDITOR,
    StaffRole.POLICY_APPROVER, StaffRole.COMPLAINTS, StaffRole.ROUTING, StaffRole.CLERK,
    StaffRole.WINDOW, StaffRole.DELIVERIES,
)  # fmt: skip
"""Who sees figures, each of the own place or office."""
URGED_ROLES = frozenset(
    {
        StaffRole.CLERK, StaffRole.ROUTING, StaffRole.SUPERVISOR, StaffRole.OPERATOR,
        StaffRole.COMPLAINTS,
    }
)  # fmt: skip
"""Whom a policy may have told that time is running out, of tasks or of work orders."""
_ADMINISTRATING = (StaffRole.SYSTEM_ADMIN, StaffRole.SECURITY_ADMIN, StaffRole.AUDIT_ADMIN)


ConsoleLink = tuple[tuple[StaffRole, ...], str, str | Promise, str]
CONSOLE: tuple[ConsoleLink, ...] = (
    (VIEWERS, "console", _("督导"), "console"),
    (VIEWERS, "months", _("月度报告"), "console_reports"),
    (READERS, "policy", _("政策工坊"), "policy"),
    (
        (StaffRole.SECURITY_ADMIN, StaffRole.AUDIT_ADMIN),
        "staff",
        _("人员与岗位"),
        "console_staff",
    ),
    (
        (StaffRole.SUPERVISOR, StaffRole.OPERATOR, StaffRole.ROUTING),
        "stuck",
        _("卡在哪里"),
        "console_stuck",
    ),
    (
        (StaffRole.OPERATOR, StaffRole.SUPERVISOR),
        "calendar",
        _("工作日历"),
        "console_calendar",
    ),
    ((StaffRole.OPERATOR, StaffRole.SUPERVISOR), "duty", _("值班"), "console_duty"),
    (
        (StaffRole.OPERATOR, StaffRole.SUPERVISOR),
        "outages",
        _("停办通告"),
        "console_outages",
    ),
    (
        (*_ADMINISTRATING, StaffRole.OPERATOR),
        "offices",
        _("机构名录"),
        "console_offices",
    ),
    (
        (*_ADMINISTRATING, StaffRole.OPERATOR),
        "partners",
        _("参与方与权限"),
        "console_partners",
    ),
    (
        (*_ADMINISTRATING, StaffRole.OPERATOR),
        "channels",
        _("渠道规则"),
        "console_channels",
    ),
    (
        (*_ADMINISTRATING, StaffRole.AUDITOR, StaffRole.OPERATOR, StaffRole.SUPERVISOR),
        "proposals",
        _("双人议决"),
        "console_proposals",
    ),
    (
        (StaffRole.AUDITOR, StaffRole.AUDIT_ADMIN),
        "audit",
        _("审计"),
        "console_audit",
    ),
    (
        (
            StaffRole.POLICY_EDITOR,
            StaffRole.POLICY_APPROVER,
            StaffRole.SUPERVISOR,
            StaffRole.OPERATOR,
            StaffRole.AUDITOR,
        ),
        "turned_away",
        _("未通过资格登记"),
        "turned_away",
    ),
    (
        (StaffRole.COMPLAINTS, StaffRole.SUPERVISOR),
        "orders",
        _("评价与工单"),
        "console_orders",
    ),
    (
        (StaffRole.POLICY_EDITOR, StaffRole.COMPLAINTS),
        "questionnaires",
        _("问卷"),
        "console_questionnaires",
    ),
    (
        (StaffRole.COMPLAINTS, StaffRole.OPERATOR),
        "issues",
        _("问题台账"),
        "console_issues",
    ),
)
"""The links of the console: for which roles, the page's name, its title, its address."""


def groups_of(by: Any, who: Visitor, current: str, now: datetime) -> list[dict[str, object]]:
    """The groups of links that this visitor's roles give."""
    groups: list[dict[str, object]] = []
    if who.works_as(StaffRole.CLERK):
        counts = queries.worklist_counts(by=by, now=now)
        links = [
            _link(str(title), f"{reverse('desk_tasks')}?group={name}", counts.get(name))
            | {"current": current == name}
            for name, title in TITLES.items()
        ]
        groups.append({"title": gettext("办件"), "links": links})
    others = [
        (StaffRole.CLERK, "parcels", gettext("证件送达"), "desk_parcels"),
        (StaffRole.CLERK, "certificates", gettext("证照换发与注销"), "desk_certificates"),
        *_carried(who),
        (StaffRole.ROUTING, "unrouted", gettext("待分派"), "desk_unrouted"),
        (StaffRole.ROUTING, "exchange", gettext("交换异常"), "desk_exchange"),
        (StaffRole.DELIVERIES, "deliveries", gettext("分娩信息"), "desk_deliveries"),
        (_maker(who), "documents", gettext("文书待处理"), "desk_documents"),
        (StaffRole.STOCK, "papers", gettext("纸质台账"), "desk_papers"),
        (StaffRole.STOCK, "handovers", gettext("移交清单"), "desk_handovers"),
        (StaffRole.STOCK, "stock", gettext("证号库存"), "desk_stock"),
        (StaffRole.WINDOW, "window", gettext("窗口办件"), "desk_window"),
        (StaffRole.ARCHIVIST, "archive", gettext("档案查阅"), "archive"),
        (StaffRole.ARCHIVIST, "archive_batches", gettext("档案移交"), "archive_batches"),
        (StaffRole.ARCHIVIST, "archive_disposals", gettext("到期鉴定"), "archive_disposals"),
        (_watcher(who), "flow", gettext("流转"), "desk_flow"),
        (StaffRole.SUPERVISOR, "counts", gettext("各机构在办"), "desk_counts"),
        (StaffRole.SUPERVISOR, "reports", gettext("月报"), "desk_reports"),
    ]
    links = [
        *_urged(who, current, now),
        *(
            _link(title, reverse(address), None) | {"current": current == name}
            for role, name, title, address in others
            if who.works_as(role)
        ),
    ]
    if links:
        groups.append({"title": gettext("其他"), "links": links})
    links = [
        _link(str(title), reverse(address), None) | {"current": current == name}
        for roles, name, title, address in _console()
        if who.roles & set(roles)
    ]
    if links:
        groups.append({"title": gettext("管理台"), "links": links})
    return groups


def _console() -> list[ConsoleLink]:
    """The links of the console on this node."""
    return [*CONSOLE, *_practising()]


def _urged(who: Visitor, current: str, now: datetime) -> list[dict[str, object]]:
    """The link to what this visitor is told of, with how many are open."""
    if not who.roles & URGED_ROLES:
        return []
    count = urging.count(told_to(who)) + order_urging.count(who, now=now)
    link = _link(gettext("催办"), reverse("console_urged"), count)
    return [link | {"current": current == "urged"}]


def _practising() -> list[ConsoleLink]:
    """The link of a node on which staff practise."""
    if not settings.YIJIAN.training:
        return []
    return [((StaffRole.OPERATOR,), "training", gettext("演练"), "console_training")]


def _maker(who: Visitor) -> StaffRole:
    """In which role this visitor makes documents by hand: a clerk's, else a window's."""
    return StaffRole.CLERK if who.works_as(StaffRole.CLERK) else StaffRole.WINDOW


def _carried(who: Visitor) -> list[tuple[StaffRole, str, str, str]]:
    """The link of an office that gets its tasks in packages."""
    if not who.office or not file_exchange.participants_of(who.office):
        return []
    return [(StaffRole.CLERK, "files", gettext("文件包"), "desk_files")]


def _watcher(who: Visitor) -> StaffRole:
    """In which role this visitor watches the flow: as who routes, else as who supervises."""
    return StaffRole.ROUTING if who.works_as(StaffRole.ROUTING) else StaffRole.SUPERVISOR


def _link(label: str, url: str, count: int | None) -> dict[str, object]:
    return {"label": label, "url": url, "count": count}
