"""声明书: the papers that are signed beside the form, worded for this family; what a signature binds.

A paper's words name facts in braces. A fact of the newborns stands there once for each of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter

from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.facts import FAMILY
from yijian.domain.forms import Statement
from yijian.domain.policy import Pack, Scope
from yijian.domain.sheet import sheet, value_text
from yijian.domain.signing import applicable_statements, shown_digest
from yijian.domain.wording import Text

LANGUAGES = ("zh", "en")
SEPARATORS = {"zh": "、", "en": ", "}
BLANK = {"zh": "________", "en": "________"}
"""What stands where a fact is not known: room to write."""

Values = Mapping[int, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class PaperRow:
    """声明书的一行: a labelled fact of the family or of one newborn."""

    fact: str
    label: Text
    subject: int
    value: Text


@dataclass(frozen=True, slots=True)
class Paper:
    """声明书: one paper as it stands for this family, and the roles that sign it."""

    id: str
    title: Text
    text: Text
    rows: tuple[PaperRow, ...]
    signed_by: tuple[str, ...]


def papers_of(
    case: Case, context: Context, now: datetime, role: str | None = None
) -> tuple[Paper, ...]:
    """The papers of this case; with `role` only those that this role signs."""
    statements = [
        statement
        for statement in applicable_statements(case, context, now)
        if role is None or role in statement.signed_by
    ]
    if not statements:
        return ()
    subjects = range(max(case.newborns, 1) + 1)
    values = {subject: context.filled(case, subject, now) for subject in subjects}
    return tuple(_paper(statement, context.pack, values) for statement in statements)


def signed_digest(
    case: Case, context: Context, now: datetime, text: str, role: str | None = None
) -> str:
    """The digest that a signature binds: every cell, the role's papers, the words, the policy."""
    shown: dict[str, object] = {
        f"{row.fact}/{row.subject}": row.value
        for section in sheet(case, context, now)
        for row in section.rows
    }
    shown["items"] = list(case.items or context.preselected())
    if role is not None:
        shown["papers"] = [_bound(paper) for paper in papers_of(case, context, now, role)]
    return shown_digest(context.pack, shown, text, case.form_version)


def _bound(paper: Paper) -> list[object]:
    rows = [[row.label.zh, row.subject, row.value.zh] for row in paper.rows]
    return [paper.id, paper.title.zh, paper.text.zh, paper.text.en, rows]


def _paper(statement: Statement, pack: Pack, values: Values) -> Paper:
    words = [_worded(statement.text.in_language(name), pack, values, name) for name in LANGUAGES]
    rows = [
        PaperRow(
            fact,
            pack.facts[fact].title,
            subject,
            Text(*(_said(pack, fact, values[subject], name) for name in LANGUAGES)),
        )
        for fact in statement.rows
        for subject in _subjects(pack, fact, values)
    ]
    return Paper(statement.id, statement.title, Text(*words), tuple(rows), statement.signed_by)


def _subjects(pack: Pack, fact: str, values: Values) -> list[int]:
    if pack.facts[fact].scope is Scope.FAMILY:
        return [FAMILY]
    return [subject for subject in values if subject != FAMILY]


def _said(pack: Pack, fact: str, values: Mapping[str, object], language: str) -> str:
    return value_text(pack, fact, values.get(fact), language)


def _worded(text: str, pack: Pack, values: Values, language: str) -> str:
    named = {}
    for _, fact, _, _ in Formatter().parse(text):
        if fact:
            said = [_said(pack, fact, values[s], language) for s in _subjects(pack, fact, values)]
            named[fact] = SEPARATORS[language].join(filter(None, said)) or BLANK[language]
    return text.format_map(named)
