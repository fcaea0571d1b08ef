"""文书: which documents are due when something has happened, and what each of them says.

Every word comes from the pack. The same case, moment and language give the same `Content`, so
that the same bytes can follow from it. Nothing here is stored, set or sealed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from yijian.domain.cases import Case
from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.domain.document_specs import (
    FAMILY_SCOPE,
    ITEM_SCOPE,
    LEAD_SEAL,
    NEWBORN_SCOPE,
    NO_SEAL,
    DocumentPart,
    DocumentSpec,
)
from yijian.domain.documents import Block, Content, Heading, SealPlace, Signatures, SignedBy
from yijian.domain.events import Event
from yijian.domain.facts import FAMILY
from yijian.domain.notices import occasions
from yijian.domain.paperwork_blocks import blocks_of, paragraphs, rows_of, signatures, signers_of
from yijian.domain.paperwork_lists import LISTS, Row
from yijian.domain.paperwork_words import Telling, day_text
from yijian.domain.policy import Pack
from yijian.domain.routing import Office
from yijian.domain.signing import applicable_statements
from yijian.domain.wording import Text

WATERMARK = "document_watermark"
"""The pack's word for what is written across every document: who, when, what for."""


@dataclass(frozen=True, slots=True)
class DueDocument:
    """应出文书: one document that has become due in a case.

    `about` is the same for every version of it: a new one replaces the one before, or, where the
    pack says that it is not made again, is not made. `office` is the code of who seals it, or who
    answers for it when nobody does; None when no office is known.
    """

    kind: str
    occasion: str
    at: datetime
    about: str
    number: str
    item: str = ""
    newborn: int = FAMILY
    office: str | None = None


def due_documents(
    case: Case, events: Iterable[Event], context: Context, now: datetime
) -> tuple[DueDocument, ...]:
    """What is due when `events` have led to `case`, each document once, in the pack's order."""
    found: dict[str, DueDocument] = {}
    named = [(event, occasions(event)) for event in events]
    for spec in context.pack.documents.values():
        for occasion in spec.on:
            for event, names in named:
                if occasion not in names:
                    continue
                item, newborn = event.task or ("", FAMILY)
                for due in _due(spec, occasion, case, context, now, item, newborn):
                    if due.about not in found and is_wanted(spec, due, case, context):
                        found[due.about] = due
    return tuple(found.values())


def requested(
    kind: str, case: Case, context: Context, now: datetime, item: str = "", newborn: int = FAMILY
) -> tuple[DueDocument, ...]:
    """A document that somebody asks for now, once or once for each newborn; KeyError: no such."""
    spec = context.pack.documents[kind]
    return tuple(
        due
        for due in _due(spec, "requested", case, context, now, item, newborn)
        if is_wanted(spec, due, case, context)
    )


def is_wanted(spec: DocumentSpec, due: DueDocument, case: Case, context: Context) -> bool:
    """Whether the pack wants the document in this case, as far as is known."""
    if spec.statement is not None:
        papers = applicable_statements(case, context, due.at)
        if spec.statement not in {paper.id for paper in papers}:
            return False
    telling = _telling(due, case, context, due.at, "zh")
    if spec.when is not None and spec.when.holds(telling.known) is not True:
        return False
    return spec.only_with is None or any(True for _ in LISTS[spec.only_with].rows(telling))


def content_of(
    due: DueDocument,
    case: Case,
    context: Context,
    now: datetime,
    language: str = "zh",
    *,
    signed: Mapping[str, SignedBy] | None = None,
    link: str = "",
    places: Mapping[str, str] | None = None,
) -> Content:
    """What the document says for this case.

    `signed` are signatures by role in place of those of the case, `link` the address of the case's
    page for its QR code, `places` the names of administrative divisions by code.
    """
    spec = context.pack.documents[due.kind]
    telling = _telling(due, case, context, now, language, link=link, places=places or {})
    blocks = [*blocks_of(spec, telling), *signatures(spec, telling, signed or {})]
    blocks += _seal(spec, telling)
    pack = context.pack
    return Content(
        kind=spec.id,
        layout=spec.layout,
        title=telling.worded(spec.title),
        number=due.number,
        language=language,
        blocks=tuple(blocks),
        watermark=_watermark(spec, telling),
        footer=f"{telling.text(pack.service_title)} {case.number}",
        policy=(pack.code, pack.version, pack.digest),
        made_at=now,
    )


def roles_signing(kind: str, case: Case, context: Context, now: datetime) -> tuple[str, ...]:
    """The roles that sign this document in this case, in its order."""
    due = DueDocument(kind, "", now, "", "")
    return signers_of(context.pack.documents[kind], _telling(due, case, context, now, "zh"))


def report_of(
    kind: str,
    pack: Pack,
    given: Mapping[str, str | Sequence[Row]],
    now: datetime,
    language: str = "zh",
    *,
    number: str = "",
    office: str = "",
    signed: Sequence[SignedBy] = (),
) -> Content:
    """A document that tells of no single case: a report, a list to hand over, a cover.

    `given` are its values and lists by name; KeyError when one is missing. `office` is the title
    of whose seal it bears.
    """
    spec = pack.documents[kind]
    missing = [name for name in spec.given if name not in given]
    if missing:
        raise KeyError(missing[0])
    blocks: list[Block] = []
    for part in spec.parts:
        blocks += _given_part(part, given, language)
    if signed:
        blocks.append(Signatures(tuple(signed)))
    day = day_text(local_day(now), language)
    if office and spec.seal != NO_SEAL:
        blocks.append(SealPlace(office, day))
    return Content(
        kind=spec.id,
        layout=spec.layout,
        title=_filled(spec.title, given, language),
        number=number,
        language=language,
        blocks=tuple(blocks),
        watermark="",
        footer=pack.service_title.in_language(language),
        policy=(pack.code, pack.version, pack.digest),
        made_at=now,
    )


def _due(
    spec: DocumentSpec,
    occasion: str,
    case: Case,
    context: Context,
    now: datetime,
    item: str,
    newborn: int,
) -> Iterator[DueDocument]:
    if spec.scope == ITEM_SCOPE:
        if item in context.pack.items:
            yield _one(spec, occasion, case, context, now, item, newborn)
    elif spec.scope == NEWBORN_SCOPE:
        alone = (newborn,) if newborn else range(1, max(case.newborns, 1) + 1)
        for subject in alone:
            yield _one(spec, occasion, case, context, now, "", subject)
    elif spec.scope == FAMILY_SCOPE:
        yield _one(spec, occasion, case, context, now, "", FAMILY)


def _one(
    spec: DocumentSpec,
    occasion: str,
    case: Case,
    context: Context,
    now: datetime,
    item: str,
    newborn: int,
) -> DueDocument:
    office = _office(spec, case, context, now, item, newborn)
    place = list(context.pack.items).index(item) + 1 if item else 0
    which = f"{place:02d}" if item else ""
    which += str(newborn) if newborn else ""
    return DueDocument(
        kind=spec.id,
        occasion=occasion,
        at=now,
        about=f"{spec.id}:{item}:{newborn}",
        number="-".join(filter(None, (case.number, spec.number + which))),
        item=item,
        newborn=newborn,
        office=office.code if office else None,
    )


def _office(
    spec: DocumentSpec, case: Case, context: Context, now: datetime, item: str, newborn: int
) -> Office | None:
    """Who seals it or answers for it: the office of its task, else the one that leads."""
    if item and spec.seal != LEAD_SEAL:
        task = case.tasks.get((item, newborn))
        if task is not None and task.office:
            return context.directory.office(task.office)
        return context.directory.route(context.pack.items[item], context.filled(case, newborn, now))
    place = context.values(case, FAMILY, now).get(context.pack.place_fact or "")
    division = str(place) if place else next(iter(context.pack.divisions), "")
    return context.directory.nearest(context.pack.lead_office_kind, division)


def _telling(
    due: DueDocument,
    case: Case,
    context: Context,
    now: datetime,
    language: str,
    *,
    link: str = "",
    places: Mapping[str, str] | None = None,
) -> Telling:
    return Telling(
        case=case,
        context=context,
        now=now,
        language=language,
        task=(due.item, due.newborn) if due.item else None,
        newborn=due.newborn,
        office=context.directory.office(due.office) if due.office else None,
        occasion=due.occasion,
        link=link,
        places=places or {},
    )


def _seal(spec: DocumentSpec, telling: Telling) -> list[Block]:
    if spec.seal == NO_SEAL or telling.office is None:
        return []
    day = day_text(local_day(telling.now), telling.language)
    return [SealPlace(telling.text(telling.office.title), day)]


def _watermark(spec: DocumentSpec, telling: Telling) -> str:
    words = telling.pack.words.get(WATERMARK)
    return telling.worded(words) if spec.watermark and words is not None else ""


def _given_part(
    part: DocumentPart, given: Mapping[str, str | Sequence[Row]], language: str
) -> Iterator[Block]:
    title = _filled(part.title, given, language) if part.title else ""
    if title:
        yield Heading(title, 2)
    if part.text is not None:
        yield from paragraphs(_filled(part.text, given, language), part.style)
    elif part.listed is not None:
        rows = given[part.listed]
        assert not isinstance(rows, str)
        yield rows_of(part, tuple(tuple(row) for row in rows), language)


def _filled(text: Text, given: Mapping[str, str | Sequence[Row]], language: str) -> str:
    return text.in_language(language).format_map(given)
