"""展示: a fact's value as a family reads it, and where the value comes from. No decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from yijian.domain.cases import Case
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import Context
from yijian.domain.facts import FactKey
from yijian.domain.policy import FactKind, FactType
from yijian.domain.wording import Basis, Text
from yijian.packs import divisions
from yijian.records.documents import Document
from yijian.web.templatetags.masks import mask_id_number

LONG_TERM = date(9999, 12, 31)
DIVISIONS = "division"
"""The code list that is a table of its own, because it is larger than all others together."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a card: what it is, its value, where it comes from, where to change it."""

    label: str
    value: str
    source: str = ""
    origin: str = "verified"
    change_url: str = ""


def language() -> str:
    """The language of this page, as `Text.in_language` wants it."""
    return get_language() or "zh-hans"


def worded(text: Text | None) -> str:
    """A pack's sentence in the language of this page; the Chinese one where English is missing."""
    if text is None:
        return ""
    return text.in_language(language()) or text.zh


def register_title(register: str, context: Context) -> str:
    """What families call a register."""
    title = context.pack.registers.get(register)
    return worded(title) if title else register


def phrase(context: Context, word: str) -> str:
    """A sentence of the pack's words in the language of this page; "" when the pack has none."""
    return worded(context.pack.words.get(word))


def role_title(context: Context, role: str) -> str:
    """What a role is called: the mother, the father, whom the pack names."""
    known = context.pack.roles.get(role)
    return worded(known.title) if known else role


def document_title(context: Context, document: Document) -> str:
    """What a document is called, in the language of the page where the pack can say it."""
    spec = context.pack.documents.get(document.kind)
    try:
        service = worded(context.pack.service_title)
        return worded(spec.title).format(service=service) if spec else document.title
    except (KeyError, IndexError):
        return document.title


def shown_day(day: date) -> str:
    """2026年11月18日, or 18 November 2026."""
    if day >= LONG_TERM:
        return gettext("长期有效")
    if language().startswith("zh"):
        return f"{day.year}年{day.month}月{day.day}日"
    return date_format(day, "j F Y")


def shown_moment(moment: datetime) -> str:
    """A moment in Asia/Shanghai, to the minute."""
    local = moment.astimezone(SHANGHAI)
    return f"{shown_day(local.date())} {local:%H:%M}"


def shown_value(fact_type: FactType, value: object, context: Context) -> str:
    """The value of a fact for people; codes by their names, ID numbers masked."""
    if value is None or value == "":
        return ""
    entries = _entries(fact_type, context)
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, list | tuple):
        return gettext("、").join(_named(entries, str(one)) for one in value)
    if isinstance(value, datetime):
        return shown_moment(value)
    if isinstance(value, date):
        return shown_day(value)
    if fact_type.code_list == DIVISIONS:
        return places().get(str(value), str(value))
    if fact_type.kind is FactKind.CODE:
        return _named(entries, str(value))
    if fact_type.id.endswith("_id_number"):
        return mask_id_number(str(value))
    if fact_type.id.endswith("_fen") and isinstance(value, int):
        return gettext("%(yuan)s 元") % {"yuan": f"{value / 100:.2f}"}
    office = context.directory.office(str(value)) if fact_type.id.endswith("_station") else None
    return worded(office.title) if office else str(value)


@cache
def places() -> Mapping[str, str]:
    """Every division of the country by its code, with its full name."""
    table = divisions.load(settings.YIJIAN.packs_dir)
    return {code: table.full_name(code) for code in table.rows}


def _entries(fact_type: FactType, context: Context) -> Mapping[str, Text]:
    code_list = context.pack.code_lists.get(fact_type.code_list or "")
    return code_list.entries if code_list else {}


def _named(entries: Mapping[str, Text], code: str) -> str:
    return worded(entries[code]) if code in entries else code


def source_of(case: Case, context: Context, key: FactKey) -> tuple[str, str]:
    """Who says so, in words, and the origin (verified, declared, derived)."""
    known = case.verified.get(key)
    if known is not None and known.value is not None:
        if known.source in context.pack.registers:
            return register_title(known.source, context), "verified"
        item = context.pack.items.get(known.source)
        return (worded(item.title) if item else known.source), "verified"
    if key in case.answers:
        return gettext("您家填写的"), "declared"
    return gettext("自动得出"), "derived"


def basis_text(context: Context, *bases: Basis) -> str:
    """The clauses a value rests on: the document's title and the clause."""
    clauses: dict[str, list[str]] = {}
    for basis in dict.fromkeys(bases):
        source = context.pack.sources.get(basis.document)
        if source is not None:
            heading = source.clauses.get(basis.clause, "")
            title = f"《{source.title}》（{source.number}）"
            clauses.setdefault(title, []).append(f"{basis.clause} {heading}".strip())
    return gettext("；").join(title + gettext("；").join(named) for title, named in clauses.items())
