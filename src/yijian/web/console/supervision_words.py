"""用语: what items, departments, registers, reasons and lengths of time are called in figures."""

from datetime import date, timedelta

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts
from yijian.domain.measures import UNROUTED
from yijian.domain.policy import Limit, ServiceItem
from yijian.domain.small_cells import Share
from yijian.domain.states import TaskState
from yijian.web.applicant.values import worded
from yijian.web.desk.lines import state_title
from yijian.web.desk.reasons import CORRECTIONS, words_of

NOTHING = "—"
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
STAGES = {
    "opened": _("打开专区"),
    "eligible": _("通过资格核验"),
    "signed": _("第一人签名"),
    "submitted": _("全部签名并提交"),
    "closed": _("全部办结"),
}
STEPS = {
    "accept": _("受理"),
    "handle": _("审核"),
    "whole": _("收到到办结"),
}
SYSTEM_REASONS = {
    "prerequisite_not_met": _("前面的事项没有办成"),
    "stopped_by": _("另一个事项没有办成，其余转窗口办理"),
    "switched_off": _("当地还没有开通"),
}


def item_of(code: str) -> ServiceItem | None:
    """An item of any scheme of this node."""
    return next((pack.items[code] for pack in contexts.packs() if code in pack.items), None)


def item_title(code: str) -> str:
    """What an item is called; its code when no scheme has it any more."""
    item = item_of(code)
    return worded(item.title) if item else code


def department_of(item: str) -> str:
    """The kind of office that handles an item."""
    found = item_of(item)
    return found.office_kind if found and found.office_kind else ""


def department_title(kind: str) -> str:
    """What a kind of office is called."""
    for pack in contexts.packs():
        if kind in pack.office_kinds:
            return worded(pack.office_kinds[kind])
    return kind or gettext("其他")


def register_title(register: str) -> str:
    """What a register is called; a live check is one, whoever is looked at."""
    if register.startswith("live_"):
        return gettext("人脸核验")
    for pack in contexts.packs():
        if register in pack.registers:
            return worded(pack.registers[register])
    return register


def reason_title(pack: str, item: str, code: str) -> str:
    """A reason in words; the same words for all codes that are nobody's."""
    kind, _dash, place = code.partition("_")
    for one in contexts.packs():
        if one.code == pack and f"{kind}_{item}_{place}" in one.words:
            return worded(one.words[f"{kind}_{item}_{place}"])
    system = SYSTEM_REASONS.get(code.partition(":")[0])
    correction = next((one.text for one in CORRECTIONS if one.code == code), None)
    return str(system or correction or words_of(code) or gettext("其他原因"))


def stage_title(code: str) -> str:
    """A stage of the funnel: of the application, or an item that is done."""
    if code in STAGES:
        return str(STAGES[code])
    return gettext("%(item)s办结") % {"item": item_title(code)}


def standing_title(state: str) -> str:
    """The state of an open task, with those that nobody has yet."""
    if state == UNROUTED:
        return gettext("待分派")
    return state_title(TaskState(state)) if state in set(TaskState) else state


def limits_of(item: str, today: date) -> list[Limit]:
    """The limits in force of an item, one for each scheme that has it."""
    found = []
    for pack in contexts.packs():
        limits = pack.items[item].limits if item in pack.items else ()
        begun = [one for one in limits if one.from_on <= today]
        if begun:
            found.append(max(begun, key=lambda one: one.from_on))
    return found


def limit_title(limits: list[Limit]) -> str:
    """What is promised, as the schemes say it."""
    return gettext("、").join(dict.fromkeys(_limit(one) for one in limits)) or NOTHING


def _limit(limit: Limit) -> str:
    if limit.hours is not None:
        return gettext("%(number)s 小时") % {"number": limit.hours}
    if limit.days is not None:
        return gettext("%(number)s 天") % {"number": limit.days}
    if not limit.workdays:
        return gettext("当日")
    return gettext("%(number)s 个工作日") % {"number": limit.workdays}


def limit_days(limits: list[Limit]) -> float | None:
    """The longest promise in days, a working day as a day; None where nothing is promised."""
    days = [
        limit.hours / 24 if limit.hours is not None else float(limit.days or limit.workdays or 1)
        for limit in limits
    ]
    return max(days) if days else None


def span(taken: timedelta | None) -> str:
    """A length of time, as exactly as its classes allow."""
    if taken is None:
        return NOTHING
    if taken < HOUR:
        return gettext("%(number)s 分钟") % {"number": max(round(taken / MINUTE), 1)}
    if taken < 2 * DAY:
        return gettext("%(number)s 小时") % {"number": f"{taken / HOUR:.1f}"}
    return gettext("%(number)s 天") % {"number": f"{taken / DAY:.1f}"}


def percent(share: float | None) -> str:
    """A share in words."""
    return NOTHING if share is None else f"{percents(share):.1f}%"


def percents(share: float) -> float:
    """A share of hundred, rounded down to a tenth: 100 means all."""
    return int(share * 1000 + 1e-9) / 10


def shown_percent(share: Share | None) -> str:
    """A share of shown counts; of a lower end that it is one."""
    if share is None:
        return NOTHING
    return f"≥{percent(share.value)}" if share.at_least else percent(share.value)


def number(value: float) -> str:
    """A number with its thousands apart."""
    return f"{value:,}"
