"""文书的检查: documents that can become due, whose words can be filled and cells are all there."""

from collections.abc import Iterable, Iterator

from yijian.domain.document_specs import (
    ITEM_SCOPE,
    NO_CASE,
    NO_SEAL,
    OFFICE_READER,
    DocumentPart,
    DocumentSpec,
)
from yijian.domain.paperwork import WATERMARK
from yijian.domain.paperwork_blocks import CELL_SEPARATOR
from yijian.domain.paperwork_lists import LISTS
from yijian.domain.paperwork_words import DOCUMENT_VARIABLES, names_in
from yijian.domain.policy import FactKind, Pack
from yijian.domain.wording import Text
from yijian.packs.checks_occasions import check_occasion
from yijian.packs.findings import Finding, Severity, nearest
from yijian.packs.reading import Source

MOST_TICKS = 16
"""A longer list of choices is written in a cell, not ticked."""

Path = tuple[str | int, ...]


def check_documents(source: Source, pack: Pack) -> Iterator[Finding]:
    """Findings about the documents of a pack."""
    for spec in pack.documents.values():
        yield from _occasions(source, pack, spec)
        yield from _ends(source, pack, spec)
        yield from _words(source, pack, spec)
        yield from _lists(source, spec)
        for part in spec.parts:
            yield from _cells(source, pack, spec, part)
    yield from _all_there(source, pack)


def _path(spec: DocumentSpec, *rest: str | int) -> Path:
    return ("paperwork", spec.id, *rest)


def _occasions(source: Source, pack: Pack, spec: DocumentSpec) -> Iterator[Finding]:
    for index, occasion in enumerate(spec.on):
        place = source.place(*_path(spec, "on", index))
        yield from check_occasion(pack, occasion, place)
        of_task = occasion.startswith(("task_", "ask_", "parcel_"))
        if spec.scope == ITEM_SCOPE and not of_task:
            yield Finding(place, f"每个事项一份的文书，时机要是事项的事件，“{occasion}”不是")
    for part in spec.parts:
        for index, occasion in enumerate(part.on):
            if occasion not in spec.on:
                place = source.place(*_path(spec, "parts", part.id, "on", index))
                sentence = f"这份文书没有“{occasion}”这个时机{nearest(occasion, spec.on)}"
                yield Finding(place, sentence)


def _ends(source: Source, pack: Pack, spec: DocumentSpec) -> Iterator[Finding]:
    """Who seals and reads it, where it is filed, on what it rests."""
    place = source.place(*_path(spec))
    if spec.basis is None and spec.decision is None:
        yield Finding(place, "没有写依据（basis），也没有决定（decision）")
    if spec.on and spec.filed is None:
        yield Finding(place, "没有写归到档案的哪个目录（filed）")
    if not spec.readers:
        yield Finding(place, "没有写谁能看（readers）")
    if spec.scope == NO_CASE:
        if spec.on:
            yield Finding(source.place(*_path(spec, "on")), "不属于哪一件的文书没有时机（on）")
        return
    if spec.given:
        sentence = "只有不属于哪一件的文书（scope: none）才由别处给出内容（given）"
        yield Finding(source.place(*_path(spec, "given")), sentence)
    if spec.scope == ITEM_SCOPE:
        return
    if spec.seal not in (NO_SEAL, "lead"):
        sentence = "办理机构的章只盖在每个事项一份的文书上（scope: item）"
        yield Finding(source.place(*_path(spec, "seal")), sentence)
    if OFFICE_READER in spec.readers:
        index = spec.readers.index(OFFICE_READER)
        sentence = "不是每个事项一份的，要写是哪个事项的机构能看"
        yield Finding(source.place(*_path(spec, "readers", index)), sentence)
    if spec.watermark and WATERMARK not in pack.words:
        yield Finding(place, f"words.yaml 里没有水印的写法（{WATERMARK}）")


def _words(source: Source, pack: Pack, spec: DocumentSpec) -> Iterator[Finding]:
    given = frozenset(spec.given)
    known = given if spec.scope == NO_CASE else DOCUMENT_VARIABLES | pack.facts.keys()
    for path, text in _texts(spec):
        for language in ("zh", "en"):
            words = getattr(text, language)
            try:
                names = names_in(words)
            except ValueError:
                yield Finding(source.place(*_path(spec, *path)), "花括号没有成对")
                break
            for name in dict.fromkeys(names):
                if name not in known:
                    sentence = f"没有叫“{name}”的变量{nearest(name, known)}"
                    yield Finding(source.place(*_path(spec, *path)), sentence)


def _texts(spec: DocumentSpec) -> Iterator[tuple[Path, Text]]:
    """Every text of a document that may have braces, and where it stands."""
    yield ("title",), spec.title
    for role, title in spec.signed_by.items():
        yield ("signed_by", role), title
    for part in spec.parts:
        here = ("parts", part.id)
        for name in ("title", "text", "qr"):
            text = getattr(part, name)
            if text is not None:
                yield (*here, name), text
        for name, texts in (("labels", part.labels), ("say", part.say)):
            for cell, text in texts.items():
                yield (*here, name, cell), text


def _lists(source: Source, spec: DocumentSpec) -> Iterator[Finding]:
    if spec.only_with is not None and spec.only_with not in LISTS:
        sentence = f"没有叫“{spec.only_with}”的清单{nearest(spec.only_with, LISTS)}"
        yield Finding(source.place(*_path(spec, "only_with")), sentence)
    for part in spec.parts:
        if part.listed is None:
            continue
        place = source.place(*_path(spec, "parts", part.id, "listed"))
        known: Iterable[str] = spec.given if spec.scope == NO_CASE else LISTS
        if part.listed not in known:
            yield Finding(place, f"没有叫“{part.listed}”的清单{nearest(part.listed, known)}")
        elif spec.scope != NO_CASE and len(part.head) != LISTS[part.listed].columns:
            sentence = f"清单“{part.listed}”有 {LISTS[part.listed].columns} 列，表头写了 "
            yield Finding(place, f"{sentence}{len(part.head)} 个")


def _cells(source: Source, pack: Pack, spec: DocumentSpec, part: DocumentPart) -> Iterator[Finding]:
    """Cells that the form does not have, and choices that are none."""
    names = _names(pack, part)
    if part.official is not None and not names:
        place = source.place(*_path(spec, "parts", part.id, "official"))
        sections = {cell.partition(CELL_SEPARATOR)[0] for cell in pack.official}
        sentence = f"官方表格没有“{part.official}”这一栏{nearest(part.official, sections)}"
        yield Finding(place, sentence)
        return
    if part.official is not None:
        for name, fact in names.items():
            if fact not in pack.facts and name not in {*part.elsewhere, *part.labels}:
                place = source.place(*_path(spec, "parts", part.id))
                yield Finding(place, f"“{name}”没有字段，印出来要写英文（labels），或者放到别处")
    for key in ("ticks", "wide", "elsewhere", "labels", "fill", "say"):
        for index, name in enumerate(getattr(part, key)):
            last = name if key in ("labels", "fill", "say") else index
            place = source.place(*_path(spec, "parts", part.id, key, last))
            # What a base names may have been dropped by the pack upon it.
            if name not in names and place.file.startswith(f"{pack.code}/"):
                yield Finding(place, f"这里没有“{name}”这一格{nearest(name, names)}")
            elif key == "ticks" and not _can_be_ticked(pack, names.get(name)):
                yield Finding(place, f"“{name}”不是 {MOST_TICKS} 个以内的选项，不能打勾")


def _names(pack: Pack, part: DocumentPart) -> dict[str, str | None]:
    """What the keys of a part may name, and the fact of each."""
    if part.official is not None:
        start = part.official + CELL_SEPARATOR
        return {
            cell.removeprefix(start): part.fill.get(cell.removeprefix(start), filled)
            for cell, filled in pack.official.items()
            if cell.startswith(start)
        }
    if part.sheet:
        sections: dict[str, str | None] = {section.id: None for section in pack.form}
        return sections | {field.fact: field.fact for field in pack.fields()}
    return {fact: fact for fact in part.facts}


def _can_be_ticked(pack: Pack, fact: str | None) -> bool:
    fact_type = pack.facts.get(fact or "")
    if fact_type is None:
        return fact is None
    listed = pack.code_lists.get(fact_type.code_list or "")
    of_codes = fact_type.kind in (FactKind.CODE, FactKind.CODES)
    return of_codes and listed is not None and len(listed.entries) <= MOST_TICKS


def _all_there(source: Source, pack: Pack) -> Iterator[Finding]:
    """Every paper beside the form is made, and every cell of the official form is printed."""
    if not pack.documents:
        return
    made = {spec.statement for spec in pack.documents.values()}
    for statement in pack.statements:
        if statement.id not in made:
            place = source.place("statements", statement.id)
            yield Finding(place, f"documents.yaml 里没有出“{statement.title.zh}”的文书")
    printed = set(_printed(pack))
    on_a_sheet = any(part.sheet for spec in pack.documents.values() for part in spec.parts)
    asked = {field.fact for field in pack.fields()} if on_a_sheet else set()
    for cell, filled in pack.official.items():
        if filled in pack.facts and cell not in printed and filled not in asked:
            place = source.place("official", cell)
            yield Finding(place, f"官方表格的“{cell}”没有印在哪一份文书上", Severity.WARNING)


def _printed(pack: Pack) -> Iterator[str]:
    """The cells that some document prints: as a section, or as rows of its paper or as facts."""
    rows = {statement.id: set(statement.rows) for statement in pack.statements}
    for spec in pack.documents.values():
        for part in spec.parts:
            if part.official is not None:
                start = part.official + CELL_SEPARATOR
                yield from (
                    start + name for name in _names(pack, part) if name not in part.elsewhere
                )
        facts = rows.get(spec.statement or "", set()) | {
            f for part in spec.parts for f in part.facts
        }
        yield from (cell for cell, filled in pack.official.items() if filled in facts)
