"""议决的内容: what is proposed, as rows of words for whoever decides, beside how it is now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.records import offices, staff
from yijian.records.proposals import Proposal
from yijian.web.console.naming import kind_title, office_title, place_title, role_titles, way_title

Payload = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Line:
    """一行: what it is called, how it is now, how it would be; `now` is empty for what is new."""

    label: str
    to: str
    now: str = ""

    @property
    def differs(self) -> bool:
        """Whether accepting it changes this."""
        return self.to != self.now


TITLES = {
    "appointment": _("任命与岗位"),
    "office": _("机构名录"),
    "partner": _("参与方"),
    "register_right": _("登记查询权限"),
    "channel": _("渠道规则"),
    "calendar_year": _("工作日历"),
}
STATES = {
    "open": (_("等人决定"), "warn"),
    "accepted": (_("已同意"), "good"),
    "declined": (_("没有同意"), "bad"),
    "withdrawn": (_("已撤回"), ""),
}
FIELDS = {
    "title_zh": _("名称"),
    "title_en": _("英文名称"),
    "kind": _("种类"),
    "division": _("所在区划"),
    "also_for": _("还办理这些区划"),
    "phone": _("电话"),
    "address": _("地址"),
    "issues_certificates": _("自己签发证照"),
    "hands_over_to": _("只受理咨询，移交给"),
    "endpoint": _("接收地址"),
    "items": _("事项"),
    "thin": _("只通知，不带内容"),
    "name_zh": _("名称"),
    "name_en": _("英文名称"),
    "public_key": _("公钥"),
    "register": _("登记"),
    "partner": _("参与方"),
    "purposes": _("用途"),
    "consent": _("要家庭同意"),
    "fields": _("可选字段"),
    "daily_budget": _("每日次数"),
    "begins_on": _("从哪天起"),
    "starts_on": _("从哪天起"),
    "ends_on": _("到哪天止"),
    "on": _("从哪天起"),
    "office": _("机构"),
    "item": _("事项"),
    "channel": _("渠道"),
    "participant": _("对方"),
    "everything": _("已受理的也一起转走"),
    "everything_back": _("已受理的也一起转回"),
    "rule": _("规则"),
    "year": _("年份"),
    "notice": _("文号"),
    "off": _("放假"),
    "worked": _("周末上班"),
}
STEPS = {
    ("office", "end"): _("停用机构"),
    ("office", "set"): _("新建或变更机构"),
    ("partner", "add"): _("登记或变更参与方"),
    ("partner", "stop"): _("停用参与方"),
    ("partner", "add_key"): _("增加密钥"),
    ("register_right", "grant"): _("授予查询权限"),
    ("register_right", "end"): _("终止查询权限"),
    ("channel", "set"): _("新的渠道规则"),
    ("channel", "end"): _("结束渠道规则"),
}


def kind_words(kind: str) -> str:
    """What a kind of proposal is called."""
    return str(TITLES.get(kind, kind))


def title_of(proposal: Proposal) -> str:
    """What is proposed, in a few words."""
    payload = proposal.payload
    ends = "end" if payload.get("ends") else "set"
    step = ends if proposal.kind == "office" else payload.get("do")
    words = STEPS.get((proposal.kind, str(step))) or kind_words(proposal.kind)
    return f"{words} {about(proposal)}".strip()


def about(proposal: Proposal) -> str:
    """Whom or what a proposal is about, as short as a table wants it."""
    payload = proposal.payload
    if proposal.kind == "office":
        values = payload.get("values")
        named = values.get("title_zh") if isinstance(values, dict) else ""
        return str(named or office_title(str(payload.get("code", ""))))
    for name in ("number", "code", "partner", "office", "division", "year"):
        if payload.get(name):
            return str(payload[name])
    return ""


def lines_of(proposal: Proposal) -> list[Line]:
    """Everything that is proposed; differences stand beside what is now."""
    describe = DESCRIBED.get(proposal.kind, _plain)
    return describe(proposal.payload)


def _appointment(payload: Payload) -> list[Line]:
    known = staff.one(number=str(payload.get("number", "")))
    standing = known if known is not None and known.active else None
    return [
        Line(gettext("工号"), str(payload.get("number", "")), str(payload.get("number", ""))),
        Line(
            gettext("机构"),
            office_title(str(payload.get("office", ""))),
            office_title(standing.office) if standing else "",
        ),
        Line(
            gettext("岗位"),
            role_titles(_list(payload.get("roles"))),
            role_titles(standing.roles) if standing else "",
        ),
    ]


def _office(payload: Payload) -> list[Line]:
    code = str(payload.get("code", ""))
    listed = offices.one(code)
    standing = offices.values_of(listed.office) if listed else {}
    found = [
        Line(gettext("代码"), code, code if listed else ""),
        Line(gettext("从哪天起"), str(payload.get("starts_on", ""))),
    ]
    if payload.get("ends"):
        title = office_title(code)
        successor = str(payload.get("successor") or "")
        return [
            *found,
            Line(gettext("名称"), gettext("停用"), title),
            Line(
                gettext("由谁接办"),
                office_title(successor) if successor else gettext("最近的同类机构"),
            ),
        ]
    values = payload.get("values")
    given = values if isinstance(values, dict) else {}
    for name in ("title_zh", "title_en", "kind", "division", "also_for", "phone", "address",
                 "issues_certificates", "hands_over_to"):  # fmt: skip
        found.append(Line(str(FIELDS[name]), _said(name, given), _said(name, standing)))
    return [*found, Line(gettext("渠道"), _way(given), _way(standing) if listed else "")]


def _way(values: Payload) -> str:
    return way_title(str(values.get("channel") or "desk"), str(values.get("participant") or ""))


def _plain(payload: Payload) -> list[Line]:
    return [
        Line(str(FIELDS.get(name, name)), said)
        for name in payload
        if name != "do" and (said := _said(name, payload))
    ]


def _said(name: str, values: Payload) -> str:
    """A value in words."""
    value = values.get(name)
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, list):
        words = [place_title(str(one)) if name == "also_for" else str(one) for one in value]
        return gettext("、").join(words)
    text = str(value or "")
    if name == "kind" and text:
        return kind_title(text)
    if name == "division" and text:
        return f"{place_title(text)} {text}"
    if name in ("hands_over_to", "office") and text:
        return office_title(text)
    if name == "channel" and text:
        return way_title(text)
    return text


def _list(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


DESCRIBED: Mapping[str, Callable[[Payload], list[Line]]] = {
    "appointment": _appointment,
    "office": _office,
}
