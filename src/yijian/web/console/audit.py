"""审计: the journal of one case, who looked at what, and what administrators did. Nothing personal.

Every page asks what for; the answer is one of a list and is logged with the reading itself.
"""

import json
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.domain.archiving import kind_title
from yijian.domain.clocks import SHANGHAI
from yijian.domain.events import EventKind
from yijian.records import access, auditing, staff
from yijian.records.access import Trail
from yijian.records.administration import Act
from yijian.records.auditing import Read
from yijian.records.journal import Entry
from yijian.records.people import StaffRole
from yijian.web.applicant.values import language, shown_moment
from yijian.web.console.audit_words import ACTS, PURPOSES, READS, WHY
from yijian.web.console.grids import Cell, Grid, as_csv, grid
from yijian.web.console.naming import Names, item_title, office_title, role_title, role_titles
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.rendering import DateInput

DIGEST = re.compile(r"[0-9a-f]{40,}")
AUDITING = (StaffRole.AUDITOR, StaffRole.AUDIT_ADMIN)


class PurposeForm(DeskForm):
    """What for: nobody reads without saying so."""

    purpose = forms.ChoiceField(
        label=_("为什么查"),
        choices=[("", _("请选择")), *PURPOSES.items()],
        error_messages={"required": _("请选择为什么查；它会和这次查阅一起记下来。")},
    )


class CaseForm(PurposeForm):
    """Which case."""

    number = forms.CharField(label=_("办件编号"), max_length=40)
    field_order = ("number", "purpose")


class ReadsForm(PurposeForm):
    """Whose reading, on which day."""

    number = forms.CharField(label=_("工号"), max_length=40, required=False)
    office = forms.CharField(label=_("机构代码"), max_length=40, required=False)
    day = forms.DateField(label=_("哪一天"), widget=DateInput, required=False)
    field_order = ("number", "office", "day", "purpose")


class ActsForm(PurposeForm):
    """Whose acts, since when."""

    number = forms.CharField(label=_("工号"), max_length=40, required=False)
    day = forms.DateField(label=_("从哪天起"), widget=DateInput, required=False)
    field_order = ("number", "day", "purpose")


@desk_page("GET", roles=AUDITING)
def overview(desk: Desk) -> HttpResponse:
    """The three questions that can be asked."""
    auditor = desk.visitor.works_as(StaffRole.AUDITOR)
    return desk.page(
        "console/audit.html",
        {
            "case_form": CaseForm(prefix="case") if auditor else None,
            "reads_form": ReadsForm(prefix="reads"),
            "acts_form": ActsForm(prefix="acts"),
        },
        current="audit",
    )


def _answer(
    desk: Desk, form: DeskForm, title: str, subtitle: str, grids: Iterable[Grid]
) -> HttpResponse:
    return desk.page(
        "console/audit_answer.html",
        {
            "title": title,
            "subtitle": subtitle,
            "grids": list(grids),
            "asked": [(f"{form.prefix}-{n}", form.data.get(f"{form.prefix}-{n}", ""))
                      for n in form.fields],
        },
        current="audit",
    )  # fmt: skip


def _again(desk: Desk, **bound: DeskForm | None) -> HttpResponse:
    """The questions with what is wrong about one of them."""
    auditor = desk.visitor.works_as(StaffRole.AUDITOR)
    forms_shown: dict[str, DeskForm | None] = {
        "case_form": CaseForm(prefix="case") if auditor else None,
        "reads_form": ReadsForm(prefix="reads"),
        "acts_form": ActsForm(prefix="acts"),
    }
    return desk.page("console/audit.html", forms_shown | bound, current="audit")


@desk_page("POST", roles=(StaffRole.AUDITOR,))
def of_case(desk: Desk) -> HttpResponse:
    """The journal of one case, and who looked at it."""
    form = CaseForm(desk.request.POST, prefix="case")
    if not form.is_valid():
        return _again(desk, case_form=form)
    number = form.cleaned_data["number"].strip().upper()
    try:
        trail = access.access_trail(
            by=desk.user, number=number, purpose=form.cleaned_data["purpose"], now=desk.now
        )
    except access.Refused:
        form.add_error("number", gettext("没有这个编号的办件。"))
        return _again(desk, case_form=form)
    found = [_journal(trail), _readers(trail)]
    if desk.request.POST.get("as") == "csv":
        return as_csv(found[0], f"journal-{number}")
    return _answer(desk, form, number, gettext("没有个人信息；这次查阅已经记下。"), found)


def _journal(trail: Trail) -> Grid:
    names = Names(entry.actor for entry in trail.entries)
    heads = ["#", gettext("什么时候"), gettext("什么事"), gettext("哪一项"), gettext("谁"),
             gettext("公开内容"), gettext("摘要")]  # fmt: skip
    return grid(
        gettext("日志"),
        heads,
        (
            [
                Cell(str(entry.seq), style="number"),
                Cell(shown_moment(entry.at), style="number"),
                Cell(_event(entry.kind), style="number"),
                Cell(_item(entry)),
                Cell(names.of(entry.actor)),
                Cell(_public(entry.body), style="code"),
                Cell(entry.hash.hex()[:12], style="number"),
            ]
            for entry in trail.entries
        ),
    )


def _readers(trail: Trail) -> Grid:
    names = Names(entry.staff for entry in trail.reads)
    heads = [gettext("什么时候"), gettext("谁"), gettext("机构"), gettext("看了什么"),
             gettext("为什么")]  # fmt: skip
    return grid(
        gettext("谁看过"),
        heads,
        (
            [
                shown_moment(entry.at),
                names.of(entry.staff),
                office_title(entry.office),
                str(READS.get(entry.what, entry.what)),
                _why(entry.purpose),
            ]
            for entry in trail.reads
        ),
    )


def _event(kind: str) -> str:
    known = kind in set(EventKind) and language().startswith("zh")
    return kind_title(EventKind(kind)) if known else kind.replace("_", " ")


def _public(body: str) -> str:
    """The public part of an entry on one line."""
    said = json.loads(body)
    return " · ".join(
        f"{name}: {_flat(value)}" for name, value in said.items() if value not in (None, "", [], {})
    )[:400]


def _item(entry: Entry) -> str:
    if not entry.item:
        return ""
    return f"{item_title(entry.item)} {entry.newborn or ''}".strip()


def _flat(value: object) -> object:
    """A value as it fits a cell; the whole of a digest stands in the journal itself."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    text = str(value)
    return f"{text[:12]}…" if DIGEST.fullmatch(text) else text


def _why(purpose: str) -> str:
    return str(PURPOSES.get(purpose) or WHY.get(purpose) or purpose)


@desk_page("POST", roles=AUDITING)
def of_reads(desk: Desk) -> HttpResponse:
    """Who looked at what."""
    form = ReadsForm(desk.request.POST, prefix="reads")
    who = _named(form)
    if who is None:
        return _again(desk, reads_form=form)
    data = form.cleaned_data
    since, until = _day(data["day"])
    found = auditing.reads(
        by=desk.user,
        staff=who,
        office=data["office"].strip(),
        since=since,
        until=until,
        purpose=data["purpose"],
        now=desk.now,
    )
    shown = _reads(found, desk.visitor.works_as(StaffRole.AUDITOR))
    if desk.request.POST.get("as") == "csv":
        return as_csv(shown, "reads")
    most = gettext("最多列出最近的 %(most)s 条；这次查阅已经记下。") % {"most": auditing.MOST}
    return _answer(desk, form, gettext("查阅记录"), most, [shown])


def _reads(found: list[Read], numbered: bool) -> Grid:
    names = Names(one.staff for one in found)
    heads = [gettext("什么时候"), gettext("谁"), gettext("机构"), gettext("看了什么"),
             gettext("为什么"), gettext("给看了吗")]  # fmt: skip
    if numbered:
        heads.append(gettext("办件编号"))
    rows: list[list[Cell | str]] = []
    for one in found:
        row: list[Cell | str] = [
            shown_moment(one.at),
            names.of(one.staff),
            office_title(one.office),
            str(READS.get(one.what, one.what)),
            _why(one.purpose),
            Cell(gettext("给看了"), tone="good")
            if one.shown
            else Cell(gettext("没给看"), tone="bad"),
        ]
        rows.append([*row, Cell(one.number, style="number")] if numbered else row)
    return grid(gettext("查阅记录"), heads, rows)


@desk_page("POST", roles=AUDITING)
def of_acts(desk: Desk) -> HttpResponse:
    """What administrators, operators and editors did."""
    form = ActsForm(desk.request.POST, prefix="acts")
    who = _named(form)
    if who is None:
        return _again(desk, acts_form=form)
    since, _until = _day(form.cleaned_data["day"])
    found = auditing.acts(
        by=desk.user, staff=who, since=since, purpose=form.cleaned_data["purpose"], now=desk.now
    )
    shown = _acts(found)
    if desk.request.POST.get("as") == "csv":
        return as_csv(shown, "administration")
    most = gettext("最多列出最近的 %(most)s 条；这次查阅已经记下。") % {"most": auditing.MOST}
    return _answer(desk, form, gettext("管理操作"), most, [shown])


def _acts(found: list[Act]) -> Grid:
    proposers = [str(act.details.get("proposed_by", "")) for act in found]
    names = Names([act.by for act in found] + [act.subject for act in found] + proposers)
    heads = [gettext("什么时候"), gettext("谁"), gettext("做了什么"), gettext("关于"),
             gettext("内容"), gettext("谁提出")]  # fmt: skip
    return grid(
        gettext("管理操作"),
        heads,
        (
            [
                shown_moment(act.at),
                names.of(act.by),
                str(ACTS.get(act.what, act.what)),
                names.of(act.subject),
                _details(act),
                names.of(proposer) if proposer else "",
            ]
            for act, proposer in zip(found, proposers, strict=True)
        ),
    )


def _details(act: Act) -> str:
    said = []
    for name, value in act.details.items():
        if name in ("proposed_by", "proposal"):
            continue
        if name == "roles" and isinstance(value, list):
            said.append(role_titles(str(role) for role in value))
        elif name == "office":
            said.append(office_title(str(value)))
        elif name == "role":
            said.append(role_title(str(value)))
        else:
            said.append(f"{name} {value}")
    return " · ".join(said)


def _named(form: DeskForm) -> str | None:
    """Who is asked about, as an opaque name; "" for everybody, None when the form is wrong."""
    if not form.is_valid():
        return None
    number = form.cleaned_data["number"].strip()
    if not number:
        return ""
    found = staff.one(number=number)
    if found is None:
        form.add_error("number", gettext("没有这个工号。"))
        return None
    return found.staff


def _day(day: date | None) -> tuple[datetime | None, datetime | None]:
    if day is None:
        return None, None
    begins = datetime.combine(day, time.min, SHANGHAI)
    return begins, begins + timedelta(days=1)
