"""经过: the lines of the policy log in words."""

from django.utils.translation import gettext_lazy as _

from yijian.actions import workshop_reading
from yijian.records.workshop import LogEntry
from yijian.web.applicant.values import shown_moment
from yijian.web.desk.doors import Desk

WHAT = {
    "opened": _("开始起草"),
    "rolled_back": _("按旧版开始起草"),
    "saved": _("改了"),
    "rebased": _("接到最新一版"),
    "submitted": _("提交"),
    "returned": _("退回"),
    "taken_back": _("取回"),
    "discarded": _("放弃"),
    "approved": _("批准"),
    "in_force": _("生效"),
    "not_taken_in": _("生效了，机构没有更新成"),
    "simulated": _("推演"),
}


def lines_of(desk: Desk, entries: list[LogEntry]) -> list[dict[str, object]]:
    """Each line with who by staff number; the node itself for what nobody did by hand."""
    names = workshop_reading.names_of(by=desk.user, actors=[one.actor for one in entries])
    return [
        {
            "at": shown_moment(one.at),
            "who": names.get(one.actor, _("系统")),
            "what": WHAT.get(one.what, one.what),
            "version": one.version,
            "note": one.note,
            "digest": one.digest[:12],
        }
        for one in entries
    ]
