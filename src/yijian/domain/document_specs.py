"""文书规格: what a policy pack says about each document: when it is due, what stands on it.

A document is a row of parts; each part is one kind of thing: words, cells of facts, a section of
the official form, a list. How they become a `Content` for one case is in `paperwork`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from yijian.domain.wording import Basis, Condition, Text

FAMILY_SCOPE, NEWBORN_SCOPE, ITEM_SCOPE, NO_CASE = "family", "newborn", "item", "none"
"""Whom one document is about: the case, each newborn, one task; or it tells of no single case."""

FAMILY_READER, OFFICE_READER, LEAD_READER = "family", "office", "lead"
"""Who may read: the family, the office of the task, the lead office; else the office of an item."""

LEAD_SEAL, OFFICE_SEAL, ISSUER_SEAL, NO_SEAL = "lead", "office", "issuer", "none"
"""Whose seal it bears; the issuer is the office of the task that gave the result."""


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """文书的一部分: one thing on a document, in its place.

    Exactly one of `text`, `facts`, `official`, `sheet`, `listed` and `qr` says what it is.
    `official` is a section of the official form, `sheet` the whole form as it was filled in,
    `listed` one of `paperwork_lists.LISTS` or a list that is given. `ticks`, `wide` and `labels`
    name facts or printed cells (`labels` sections of the form too); the cells of `elsewhere` are
    left to other parts; `fill` gives a printed cell a fact, `say` words. Cells stand in a grid of
    `pairs` columns. It stands there only if `when` holds, on the occasions of `on` (none: on all),
    and with `mailed` if a parcel goes out.
    """

    id: str
    title: Text | None = None
    text: Text | None = None
    style: str = "body"
    facts: tuple[str, ...] = ()
    official: str | None = None
    sheet: bool = False
    ticks: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()
    labels: Mapping[str, Text] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    fill: Mapping[str, str] = field(default_factory=dict)
    say: Mapping[str, Text] = field(default_factory=dict)
    pairs: int = 2
    listed: str | None = None
    head: tuple[Text, ...] = ()
    widths: tuple[int, ...] = ()
    qr: Text | None = None
    when: Condition | None = None
    on: tuple[str, ...] = ()
    mailed: bool = False


@dataclass(frozen=True, slots=True)
class Filed:
    """归档: the folder of the archive package a document goes into, and of which item.

    No item: the document's own, or every item of the case when it is about the family.
    """

    folder: str
    item: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentSpec:
    """文书规格: one document of a pack.

    `on` are occasions as notices name them; none: it is made when somebody asks for it. `again`
    makes a new version each time, which replaces the one before. `statement` takes title, words,
    rows and signers from a paper of the form. `signers` has everybody sign who signs the form.
    `signed` shows the signatures given with the application, for what was shown when they were
    given; without it there is room to sign. `only_with` is a list that must have a row. `given`
    are the values and lists that whoever makes a document without a case must give.
    """

    id: str
    title: Text
    layout: str
    on: tuple[str, ...]
    again: bool
    scope: str
    parts: tuple[DocumentPart, ...]
    seal: str
    watermark: bool
    number: str
    readers: tuple[str, ...]
    statement: str | None = None
    signed_by: Mapping[str, Text] = field(default_factory=dict)
    signers: bool = False
    signed: bool = False
    filed: Filed | None = None
    when: Condition | None = None
    only_with: str | None = None
    given: tuple[str, ...] = ()
    basis: Basis | None = None
    decision: str | None = None
