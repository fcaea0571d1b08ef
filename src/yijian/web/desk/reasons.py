"""常用理由: the sentences a clerk chooses by a digit. A pack's own words stand before these.

A pack may say `reason_<item>_<1…9>` for corrections and `refusal_<item>_<1…9>` for refusals. The
family reads Chinese, whatever language the clerk's page is in.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yijian.domain.context import Context
from yijian.domain.policy import ServiceItem
from yijian.web.applicant.values import worded

MOST = 9


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence: its public code, what the family reads, and the fields it is about."""

    code: str
    text: str
    shown: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    code: str
    text: Promise
    fields: tuple[str, ...] = ()


CORRECTIONS = (
    _Known("name_characters", _("宝宝姓名里有登记系统不能用的字，请换一个字"), ("newborn_name",)),
    _Known("name_surname", _("宝宝的姓要随爸爸或妈妈，请核对姓名"), ("newborn_name",)),
    _Known("relation", _("与户主关系不对，请核对"), ("newborn_relation_to_head",)),
    _Known("ethnicity", _("宝宝的民族要与爸爸或妈妈相同，请核对"), ("newborn_ethnicity",)),
    _Known("native_place", _("籍贯不对，请核对"), ("newborn_native_place",)),
    _Known("address", _("现居住地址不完整，请写到门牌号"), ("residence_address",)),
    _Known("station", _("居住地派出所与现居住地址对不上，请重新选"), ("residence_police_station",)),
    _Known("years", _("参保年度与宝宝的出生日期对不上，请重新选"), ("insurance_years",)),
    _Known("insurance_place", _("参保地要是宝宝的入户地，请核对"), ("insurance_division",)),
    _Known("card_phone", _("联系电话打不通，请换一个能打通的号码"), ("card_phone",)),
    _Known("bank", _("选的银行在当地没有网点，请换一家"), ("card_bank",)),
    _Known(
        "recipient",
        _("收件信息不完整，快递可能送不到，请补全"),
        ("recipient_name", "recipient_phone", "recipient_address"),
    ),
)
REFUSALS = (
    _Known("done_before", _("宝宝已经办过这一项，不能重复办理")),
    _Known("records_differ", _("经核实，申请内容与登记记录不一致")),
    _Known("not_ours", _("不属于本机构办理的范围")),
    _Known("not_eligible", _("经核实，不符合办理条件")),
)
HAND_OVERS = (
    _Known("originals", _("需要当面核对证件原件，请到窗口办理")),
    _Known("asked_by_family", _("家长要求到窗口办理")),
    _Known("system_out", _("系统暂时办不了这一件，请到窗口办理")),
)
NO_ANSWER = _Known("no_answer", _("联系不上家长，没有补正，请到窗口办理"))


def correction_reasons(
    item: ServiceItem, correctable: Iterable[str], context: Context
) -> list[Reason]:
    """Why the family may be asked to correct something of this item: at most nine."""
    fields = set(correctable)
    own = _of_pack("reason", item, context)
    if own:
        return own
    return [
        _said(known, tuple(field for field in known.fields if field in fields))
        for known in CORRECTIONS
        if fields & set(known.fields)
    ][:MOST]


def refusal_reasons(item: ServiceItem, context: Context) -> list[Reason]:
    """Why this item may be declined or rejected."""
    return _of_pack("refusal", item, context) or [_said(known) for known in REFUSALS]


def hand_over_reasons(*, silent: bool) -> list[Reason]:
    """Why an item goes to the counter; `silent` when a family has not answered."""
    return [_said(known) for known in ((NO_ANSWER,) if silent else ()) + HAND_OVERS]


def words_of(code: str) -> str:
    """What the page calls a reason that no pack words; empty for a code that is not ours."""
    known = (one for one in (*REFUSALS, *HAND_OVERS, NO_ANSWER) if one.code == code)
    return next((str(one.text) for one in known), "")


def _of_pack(kind: str, item: ServiceItem, context: Context) -> list[Reason]:
    found = []
    for number in range(1, MOST + 1):
        words = context.pack.words.get(f"{kind}_{item.code}_{number}")
        if words is not None:
            found.append(Reason(f"{kind}_{number}", words.zh, worded(words)))
    return found


def _said(known: _Known, fields: tuple[str, ...] = ()) -> Reason:
    with translation.override("zh-hans"):
        text = str(known.text)
    return Reason(known.code, text, str(known.text), fields)
