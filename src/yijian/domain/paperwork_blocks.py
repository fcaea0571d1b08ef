"""文书排成: the parts of a document spec as the blocks of a `Content`, filled in for one case."""

import re
from collections.abc import Iterable, Iterator, Mapping

from yijian.domain.clocks import local_day
from yijian.domain.document_specs import DocumentPart, DocumentSpec
from yijian.domain.documents import (
    Block,
    Cell,
    Cells,
    Heading,
    Paragraph,
    QrCode,
    Rows,
    Signatures,
    SignedBy,
    Strokes,
    Ticks,
)
from yijian.domain.facts import FAMILY
from yijian.domain.papers import papers_of
from yijian.domain.paperwork_lists import LISTS, is_mailed
from yijian.domain.paperwork_words import Telling, day_text
from yijian.domain.sheet import SheetRow, sheet
from yijian.domain.signing import required_steps, valid_signatures
from yijian.domain.wording import Text

CELL_SEPARATOR = "·"
"""Between the section and the printed words of a cell of the official form."""

WIDE_FROM = 30
"""Widths of a Latin letter from which a value takes a whole line of the grid."""

_NUMERALS = "一二三四五六七八九"
_DRAWING = re.compile(r"(\d{1,5})x(\d{1,5})")

PrintedCell = tuple[str, Text, str | None]
"""A cell as the part names it: its name, its printed words, the fact that fills it."""


def blocks_of(spec: DocumentSpec, telling: Telling) -> Iterator[Block]:
    """Everything that stands on the document, without signatures and seal."""
    if spec.statement is not None:
        filled = any(_is_filled(part) for part in spec.parts)
        yield from _statement(spec.statement, telling, rows=not filled)
    for part in spec.parts:
        if _stands(part, telling):
            yield from _part(part, telling)


def _stands(part: DocumentPart, telling: Telling) -> bool:
    """Whether the part is on the document in this case, on this occasion."""
    if part.on and telling.occasion not in part.on:
        return False
    if part.mailed and not is_mailed(telling):
        return False
    return part.when is None or part.when.holds(telling.known) is True


def _is_filled(part: DocumentPart) -> bool:
    return bool(part.facts or part.official or part.sheet)


def _part(part: DocumentPart, telling: Telling) -> Iterator[Block]:
    title = telling.worded(part.title) if part.title else ""
    if part.text is not None:
        if title:
            yield Heading(title, 2)
        yield from paragraphs(telling.worded(part.text), part.style)
    elif part.listed is not None:
        rows = tuple(LISTS[part.listed].rows(telling))
        if rows:
            if title:
                yield Heading(title, 2)
            yield rows_of(part, rows, telling.language)
    elif part.qr is not None:
        if telling.link:
            yield QrCode(telling.link, telling.worded(part.qr))
    elif part.sheet:
        yield from _sheet(part, telling)
    else:
        yield from _cells(part, title, telling)


def paragraphs(words: str, style: str = "body") -> Iterator[Paragraph]:
    """Every line of a text as a paragraph of its own."""
    for line in words.splitlines():
        if line.strip():
            yield Paragraph(line.strip(), style)


def rows_of(part: DocumentPart, rows: tuple[tuple[str, ...], ...], language: str) -> Rows:
    """A table with the part's head over it."""
    head = tuple(column.in_language(language) for column in part.head)
    return Rows(head, rows, part.widths)


def _statement(statement: str, telling: Telling, *, rows: bool) -> Iterator[Block]:
    """The paper beside the form as it is signed: its words, and `rows` as cells."""
    for paper in papers_of(telling.case, telling.context, telling.now):
        if paper.id != statement:
            continue
        words = next(s.text for s in telling.pack.statements if s.id == statement)
        yield from paragraphs(telling.worded(words))
        several = telling.case.newborns > 1
        cells = tuple(
            _cell(
                _numbered(telling.text(row.label), row.subject if several else FAMILY, telling),
                telling.said(row.fact, row.subject),
            )
            for row in paper.rows
        )
        if cells and rows:
            yield Cells("", cells)


def _sheet(part: DocumentPart, telling: Telling) -> Iterator[Block]:
    """The whole form, section by section, as far as it is about this family."""
    for section in sheet(telling.case, telling.context, telling.now):
        title = telling.text(part.labels.get(section.id, section.title))
        rows = [
            row
            for row in section.rows
            if row.fact not in part.elsewhere and row.subject in (FAMILY, *telling.subjects)
        ]
        of_newborns = [row for row in rows if row.subject != FAMILY]
        apart = len(telling.subjects) > 1 and 2 * len(of_newborns) > len(rows)
        for subject in telling.subjects if apart else ():
            heading = _numbered(title, subject, telling)
            own = [row for row in of_newborns if row.subject == subject]
            yield from _sheet_rows(part, heading, own, telling, numbered=False)
        shared = [row for row in rows if row.subject == FAMILY] if apart else rows
        yield from _sheet_rows(part, title, shared, telling, numbered=True)


def _sheet_rows(
    part: DocumentPart,
    title: str,
    rows: Iterable[SheetRow],
    telling: Telling,
    *,
    numbered: bool,
) -> Iterator[Block]:
    cells: list[Cell | Ticks] = []
    for row in rows:
        label = telling.text(part.labels.get(row.fact, row.label))
        if numbered:
            label = _numbered(label, row.subject, telling)
        if row.fact in part.ticks:
            cells.append(_ticks(row.fact, label, row.subject, telling))
        else:
            value = telling.value(row.fact, row.value)
            cells.append(_cell(label, value, wide=row.fact in part.wide))
    if cells:
        yield Cells(title, tuple(cells), part.pairs)


def _cells(part: DocumentPart, title: str, telling: Telling) -> Iterator[Block]:
    """Facts or a section of the official form; what is about newborns stands once for each."""
    printed = list(_printed(part, telling))
    facts = [fact for _, _, fact in printed if fact is not None]
    each = len(telling.subjects) > 1 and bool(facts)
    if each and all(telling.subjects_of(fact) != (FAMILY,) for fact in facts):
        for subject in telling.subjects:
            heading = _numbered(title, subject, telling)
            yield from _grid(part, heading, printed, telling, (subject,), numbered=False)
    else:
        yield from _grid(part, title, printed, telling, telling.subjects, numbered=each)


def _printed(part: DocumentPart, telling: Telling) -> Iterator[PrintedCell]:
    if part.official is not None:
        start = part.official + CELL_SEPARATOR
        for cell, filled in telling.pack.official.items():
            name = cell.removeprefix(start)
            if cell.startswith(start) and name not in part.elsewhere:
                by = part.fill.get(name, filled)
                fact = by if by in telling.pack.facts else None
                yield name, part.labels.get(name, Text(name, _english(name, fact, telling))), fact
        return
    fields = {field.fact: field.label for field in telling.pack.fields()}
    for fact in part.facts:
        label = fields.get(fact, telling.pack.facts[fact].title)
        yield fact, part.labels.get(fact, label), fact


def _english(name: str, fact: str | None, telling: Telling) -> str:
    """The English of a printed cell: the field's, for the form itself is Chinese."""
    if fact is None:
        return name
    fields = {field.fact: field.label for field in telling.pack.fields()}
    return fields.get(fact, telling.pack.facts[fact].title).en


def _grid(
    part: DocumentPart,
    title: str,
    printed: Iterable[PrintedCell],
    telling: Telling,
    subjects: tuple[int, ...],
    *,
    numbered: bool,
) -> Iterator[Block]:
    """Cells in the order of the form; a choice is a line of ticks."""
    cells: list[Cell | Ticks] = []
    for name, words, fact in printed:
        label = telling.worded(words)
        if fact is None:
            said = telling.worded(part.say[name]) if name in part.say else ""
            cells.append(_cell(label, said, wide=name in part.wide))
            continue
        family = telling.subjects_of(fact) == (FAMILY,)
        for subject in (FAMILY,) if family else subjects:
            words_of = label if family or not numbered else _numbered(label, subject, telling)
            if name in part.ticks:
                cells.append(_ticks(fact, words_of, subject, telling))
            else:
                value = _entered(part, fact, subject, telling)
                cells.append(_cell(words_of, value, wide=name in part.wide))
    if cells:
        yield Cells(title, tuple(cells), part.pairs)


def _entered(part: DocumentPart, fact: str, subject: int, telling: Telling) -> str:
    """What is in a cell: on the official form nothing that the family was never asked."""
    if part.official is not None:
        for field in telling.pack.fields():
            if field.fact == fact and field.shown is not None:
                if field.shown.holds(telling.values[subject]) is not True:
                    return ""
    return telling.said(fact, subject)


def _cell(label: str, value: str, *, wide: bool = False) -> Cell:
    width = sum(1 if character.isascii() else 2 for character in value)
    return Cell(label, value, wide or width >= WIDE_FROM)


def _numbered(label: str, subject: int, telling: Telling) -> str:
    """The label with the newborn's number after it, where there are several."""
    if subject == FAMILY or len(telling.subjects) < 2:
        return label
    number = Text(f"（{_NUMERALS[subject - 1]}）", f" ({subject})")
    return label + telling.text(number)


def _ticks(fact: str, label: str, subject: int, telling: Telling) -> Ticks:
    """Every choice of a code list, with what is chosen ticked."""
    value = telling.values[subject].get(fact)
    chosen = set(value) if isinstance(value, list | tuple) else {value}
    return Ticks(
        label,
        tuple((name, code in chosen) for code, name in choices(fact, telling)),
    )


def choices(fact: str, telling: Telling) -> Iterator[tuple[str, str]]:
    """The codes that a form offers for a fact, and their names: items as far as the pack has them.

    Of a number that is offered from a list by the form, nothing: it is written in a cell.
    """
    pack = telling.pack
    listed = pack.code_lists.get(pack.facts[fact].code_list or "")
    if listed is None:
        return
    of_items = bool(pack.items.keys() & listed.entries.keys())
    for code, name in listed.entries.items():
        if not of_items or (code in pack.items and pack.items[code].part_of is None):
            yield code, telling.text(name)


def signers_of(spec: DocumentSpec, telling: Telling) -> tuple[str, ...]:
    """The roles that sign this document in this case, in its order."""
    if spec.signers:
        steps = required_steps(telling.case, telling.context, telling.now)
        return tuple(step.role for step in steps)
    if spec.signed_by or spec.statement is None:
        return tuple(spec.signed_by)
    statements = telling.pack.statements
    return next((s.signed_by for s in statements if s.id == spec.statement), ())


def signatures(
    spec: DocumentSpec, telling: Telling, signed: Mapping[str, SignedBy]
) -> Iterator[Signatures]:
    """A box for everybody who signs: with the signature given, else with room for it."""
    boxes = tuple(
        signed[role] if role in signed else _box(role, spec, telling)
        for role in signers_of(spec, telling)
    )
    if boxes:
        yield Signatures(boxes)


def _box(role: str, spec: DocumentSpec, telling: Telling) -> SignedBy:
    known = telling.pack.roles.get(role)
    if role in spec.signed_by:
        title = telling.worded(spec.signed_by[role])
    else:
        called = telling.text(known.title) if known else role
        title = telling.text(Text(f"{called}签名", f"Signature: {called}"))
    name = str(telling.values[FAMILY].get(f"{role}_name") or "")
    given = telling.case.signatures.get(role) if spec.signed else None
    if given is None or role not in valid_signatures(telling.case):
        return SignedBy(title, name)
    strokes = strokes_of(telling.case.drawings.get(role, ""))
    return SignedBy(
        title,
        name,
        strokes=strokes,
        typed=name if given.method == "typed" else "",
        on=day_text(local_day(given.at), telling.language),
        note=_note(given.method, telling, witnessed=given.witnessed),
    )


def _note(method: str, telling: Telling, *, witnessed: bool) -> str:
    how = _METHODS.get(method, Text("电子签名", "signed electronically"))
    seen = Text("，窗口工作人员在场", ", seen by a clerk") if witnessed else Text("", "")
    return telling.text(how) + telling.text(seen)


def strokes_of(drawing: str) -> Strokes:
    """A kept drawing, `WxH|x,y x,y|x,y`, with each coordinate a part of its width."""
    size, *lines = drawing.split("|")
    matched = _DRAWING.fullmatch(size)
    if matched is None or int(matched[1]) == 0:
        return ()
    width = int(matched[1])
    found = []
    for line in lines:
        points = (point.split(",") for point in line.split())
        found.append(
            tuple((round(float(x) / width, 4), round(float(y) / width, 4)) for x, y in points)
        )
    return tuple(stroke for stroke in found if stroke)


_METHODS = {
    "drawn": Text("手写电子签名", "drawn on screen"),
    "typed": Text("键入姓名签名", "signed by typing the name"),
    "tablet": Text("在窗口手写屏签名", "drawn on the pad at the window"),
    "paper": Text("在纸上签名，扫描件另存", "signed on paper, the scan is kept beside"),
}
