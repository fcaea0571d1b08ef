"""材料: pictures of materials, sealed page by page under the key of their case.

A page is kept once; a removed page keeps its digest and loses its picture. Which materials are
asked, and who may look at one, is decided elsewhere.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Max, QuerySet
from django.db.models.functions import Length

from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import MaterialRow

PICTURE, ORIGINAL = "picture", "original"
PAGES_PER_MATERIAL = 12
PAGES_PER_CASE = 60


class TooManyPages(Exception):
    """A material, or a case, has as many pages as it may have."""


@dataclass(frozen=True, slots=True)
class MaterialPage:
    """材料页: one kept page, without its picture."""

    id: UUID
    material: str
    kind: str
    page: int
    source: str
    kept_at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of one page, opened."""

    page: MaterialPage
    data: bytes = field(repr=False)


def keep(
    *,
    case_id: UUID,
    key: crypto.Key,
    material: str,
    pictures: Iterable[bytes],
    source: str,
    by: str,
    now: datetime,
) -> list[MaterialPage]:
    """Keep pictures as the next pages of a material of a locked case. Errors: TooManyPages."""
    present = MaterialRow.objects.filter(case_id=case_id, removed_at__isnull=True)
    of_material = present.filter(material=material, kind=PICTURE)
    last = of_material.aggregate(last=Max("page"))["last"] or 0
    pictures = list(pictures)
    if of_material.count() + len(pictures) > PAGES_PER_MATERIAL:
        raise TooManyPages
    if present.count() + len(pictures) > PAGES_PER_CASE:
        raise TooManyPages
    rows = []
    for page, picture in enumerate(pictures, start=last + 1):
        identifier = new_id()
        rows.append(
            MaterialRow(
                id=identifier,
                case_id=case_id,
                material=material,
                kind=PICTURE,
                page=page,
                source=source,
                kept_by=by,
                kept_at=now,
                digest=hashlib.sha256(picture).digest(),
                sealed=key.seal(picture, crypto.place("material", "sealed", identifier)),
            )
        )
    MaterialRow.objects.bulk_create(rows)
    return [_page(row) for row in rows]


def keep_received(
    *, case_id: UUID, key: crypto.Key, page: MaterialPage, data: bytes, by: str
) -> bool:
    """Keep a page of a received case as the other node lists it; False when it is here already.

    A page that stood in its place was replaced over there, and loses its picture here.
    """
    if MaterialRow.objects.filter(id=page.id).exists():
        return False
    _present([case_id]).filter(material=page.material, kind=PICTURE, page=page.page).update(
        removed_at=page.kept_at, sealed=None
    )
    MaterialRow(
        id=page.id,
        case_id=case_id,
        material=page.material,
        kind=PICTURE,
        page=page.page,
        source=page.source,
        kept_by=by,
        kept_at=page.kept_at,
        digest=bytes.fromhex(page.digest),
        sealed=key.seal(data, crypto.place("material", "sealed", page.id)),
    ).save(force_insert=True)
    return True


def receive_original(
    *, case_id: UUID, material: str, by: str, now: datetime
) -> MaterialPage | None:
    """Keep that an original was handed in; None when that is kept already."""
    if _present([case_id]).filter(material=material, kind=ORIGINAL).exists():
        return None
    row = MaterialRow(
        case_id=case_id,
        material=material,
        kind=ORIGINAL,
        page=1,
        source="window",
        kept_by=by,
        kept_at=now,
        digest=bytes(32),
    )
    row.save(force_insert=True)
    return _page(row)


def remove(*, case_id: UUID, page_id: UUID, now: datetime) -> MaterialPage | None:
    """Take one page away; its picture is gone. None when there is no such page."""
    row = _present([case_id]).filter(id=page_id).first()
    if row is None:
        return None
    MaterialRow.objects.filter(id=page_id).update(removed_at=now, sealed=None)
    return _page(row)


def pages_of(*, case_ids: Iterable[UUID]) -> Mapping[UUID, list[MaterialPage]]:
    """The kept pages of many cases, in the order of material and page; one statement."""
    found: dict[UUID, list[MaterialPage]] = {}
    for row in _present(case_ids).order_by("case_id", "material", "page"):
        found.setdefault(row.case_id, []).append(_page(row))
    return found


def picture(*, case_id: UUID, key: crypto.Key, page_id: UUID) -> Picture | None:
    """One page with its picture; None when it is not there. Errors: SealBroken."""
    row = MaterialRow.objects.filter(
        case_id=case_id, id=page_id, kind=PICTURE, removed_at__isnull=True
    ).first()
    if row is None or row.sealed is None:
        return None
    data = key.open(bytes(row.sealed), crypto.place("material", "sealed", row.id))
    return Picture(_page(row), data)


def weights(page_ids: Iterable[UUID]) -> Mapping[UUID, int]:
    """How many bytes each kept picture takes, sealed."""
    found = MaterialRow.objects.filter(id__in=list(page_ids), sealed__isnull=False)
    return dict(found.annotate(weight=Length("sealed")).values_list("id", "weight"))


def _present(case_ids: Iterable[UUID]) -> QuerySet[MaterialRow]:
    return MaterialRow.objects.filter(case_id__in=list(case_ids), removed_at__isnull=True).defer(
        "sealed"
    )


def _page(row: MaterialRow) -> MaterialPage:
    return MaterialPage(
        row.id, row.material, row.kind, row.page, row.source, row.kept_at, bytes(row.digest).hex()
    )
