"""称呼: roles, channels, offices and staff as the console's pages call them."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts
from yijian.domain.routing import DESK, FILE, NODE, SYSTEM
from yijian.records import staff
from yijian.records.people import StaffRole
from yijian.web.applicant.values import worded

ROLES = {
    StaffRole.CLERK: (_("经办"), _("办理本机构的子办件")),
    StaffRole.WINDOW: (_("窗口"), _("在窗口或床旁替家庭办理")),
    StaffRole.DELIVERIES: (_("分娩录入"), _("录入本机构的分娩信息")),
    StaffRole.STOCK: (_("库管"), _("管理出生医学证明的号段和纸质联")),
    StaffRole.ROUTING: (_("分派人员"), _("给没有机构的子办件指定机构，处理交换异常")),
    StaffRole.SUPERVISOR: (_("督办"), _("看本地的数字，看不到任何家庭")),
    StaffRole.ARCHIVIST: (_("档案管理"), _("查档、移交、提出到期鉴定")),
    StaffRole.AUDITOR: (_("审计"), _("看日志和查阅记录，看不到个人信息")),
    StaffRole.OPERATOR: (_("运营"), _("催办、停办公告、日历、值班、渠道")),
    StaffRole.POLICY_EDITOR: (_("政策编辑"), _("起草和推演政策包")),
    StaffRole.POLICY_APPROVER: (_("政策审批"), _("审批别人起草的政策包")),
    StaffRole.COMPLAINTS: (_("投诉建议"), _("办理差评、投诉、建议和咨询工单")),
    StaffRole.SYSTEM_ADMIN: (_("系统管理员"), _("维护机构名录、参与方和渠道；看不到办件")),
    StaffRole.SECURITY_ADMIN: (_("安全管理员"), _("任命人员、授予和收回岗位；看不到办件")),
    StaffRole.AUDIT_ADMIN: (_("审计管理员"), _("看管理员和工作人员做过什么；不做任何改动")),
}
"""Of every role its title, and in one line what it may do."""
WAYS = {
    DESK: _("工作台"),
    SYSTEM: _("机构自己的系统"),
    NODE: _("另一个节点"),
    FILE: _("文件包"),
}

PARTIES = {
    "system": _("平台"),
    "mother": _("母亲"),
    "father": _("父亲"),
    "representative": _("代办人"),
}


def role_title(role: str) -> str:
    """What a role is called; the code itself for one that this version does not know."""
    return str(ROLES[StaffRole(role)][0]) if role in set(StaffRole) else role


def role_titles(roles: Iterable[str]) -> str:
    """Several roles in the order of their list."""
    given = set(roles)
    return gettext("、").join(role_title(role) for role in StaffRole if role in given)


def kind_title(kind: str) -> str:
    """What the packs call a kind of office; its code where none does."""
    for pack in contexts.packs():
        if kind in pack.office_kinds:
            return worded(pack.office_kinds[kind])
    return kind


def way_title(channel: str, participant: str = "") -> str:
    """How an office is reached."""
    title = str(WAYS.get(channel, channel))
    return f"{title} {participant}" if participant else title


def office_title(code: str) -> str:
    """The title of an office that stands; its code for another."""
    office = contexts.directory().office(code)
    return worded(office.title) if office else code


def place_title(division: str) -> str:
    """The full name of a division, or of what a shorter prefix means."""
    known = contexts.places()
    return known.get(division) or known.get(division.ljust(6, "0")) or division


def item_title(code: str) -> str:
    """What the packs call an item; its code where none does."""
    for pack in contexts.packs():
        if code in pack.items:
            return worded(pack.items[code].title)
    return code


class Names:
    """Whoever did something, by staff number: one statement for a whole page."""

    def __init__(self, who: Iterable[str]) -> None:
        self._known: Mapping[str, staff.Appointed] = staff.known(set(who))

    def of(self, opaque: str) -> str:
        """The staff number, or in words what acted."""
        found = self._known.get(opaque)
        if found is not None:
            return found.number
        if opaque in PARTIES:
            return str(PARTIES[opaque])
        kind, _sep, rest = opaque.partition(":")
        if kind == "operator":
            return gettext("命令行 %(account)s") % {"account": rest}
        if kind == "office":
            return office_title(rest)
        if kind == "way":
            where = rest.partition(":")[0]
            return place_title(where) if where.isdigit() else office_title(where)
        return rest if kind in ("number", "partner", "pack") else opaque

    def office_of(self, opaque: str) -> str:
        """The title of the office of a member of staff; empty for others."""
        found = self._known.get(opaque)
        return office_title(found.office) if found is not None else ""
