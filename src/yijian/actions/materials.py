"""材料: what is brought is drawn anew, checked, marked with its purpose and sealed with its case.

A material is asked once and used by every item that lists it; an office sees it only then. Clerks
at a window and the family itself may bring it; an original that was handed in is only noted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from yijian.actions import changes, contexts
from yijian.actions.changes import Decided
from yijian.documents import scans
from yijian.documents.marking import MARK
from yijian.domain.cases import Case
from yijian.domain.clocks import local_day
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.materials import asked_materials
from yijian.domain.policy import Material
from yijian.domain.signing import required_steps
from yijian.domain.states import Stage
from yijian.records import access, people
from yijian.records import materials as records
from yijian.records import window as window_records
from yijian.records.access import OpenedCase
from yijian.records.materials import MaterialPage, Picture

WINDOW_PURPOSE = "window_service"
OWN_PURPOSE = "own_case"
TASK_PURPOSE = "handle_task"
SHEET = "signed_sheet_"
"""Before a role: the material that is the sheet which this role has signed on paper."""
SCAN, ORIGINAL = "scan", "original"
CLOSED = frozenset({Stage.CLOSED, Stage.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Line:
    """清单的一行: a material that is asked, for which items, and what of it has been brought."""

    material: Material
    items: tuple[str, ...]
    pages: tuple[MaterialPage, ...]
    received: bool

    @property
    def missing(self) -> bool:
        """Whether the case cannot be submitted without it yet."""
        return self.material.kind == SCAN and not self.pages


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of an upload: the pages kept, or why it is not clear enough to be kept."""

    pages: tuple[MaterialPage, ...]
    flaw: scans.Flaw | None = None


def checklist(case: Case, context: Context, now: datetime) -> tuple[Line, ...]:
    """Every material asked of this case, with what has been brought."""
    kept = records.pages_of(case_ids=[UUID(case.id)]).get(UUID(case.id), [])
    return tuple(
        Line(
            one.material,
            one.items,
            tuple(p for p in kept if p.material == one.material.id and p.kind == records.PICTURE),
            any(p.material == one.material.id and p.kind == records.ORIGINAL for p in kept),
        )
        for one in asked_materials(context, case, now)
    )


def missing(case: Case, context: Context, now: datetime) -> tuple[Material, ...]:
    """The materials without which the case cannot be submitted, all at once."""
    return tuple(line.material for line in checklist(case, context, now) if line.missing)


def signed_sheets(case: Case) -> Mapping[str, Sequence[MaterialPage]]:
    """The scanned sheets that were signed on paper, by role."""
    found: dict[str, list[MaterialPage]] = {}
    for page in records.pages_of(case_ids=[UUID(case.id)]).get(UUID(case.id), []):
        if page.material.startswith(SHEET):
            found.setdefault(page.material.removeprefix(SHEET), []).append(page)
    return found


def has_signed_sheet(case: Case, role: str) -> bool:
    """Whether a sheet signed by this role has been scanned."""
    return bool(signed_sheets(case).get(role))


def bring(
    *,
    by: Any,
    number: str,
    material: str,
    data: bytes,
    now: datetime,
    key: str = "",
    anyway: bool = False,
) -> Brought:
    """Keep an uploaded scan or photograph as the next pages of a material.

    A picture that is not clear is not kept, unless a clerk says `anyway` because the paper itself
    is like that. Errors: access.Refused, scans.ScanError, RefusedError `material_not_asked`,
    `too_many_pages`, `already_ended`.
    """
    by_window = _is_window(by)
    pictures = scans.read(data)
    flaw = next((f for f in map(scans.flaw_of, pictures) if f is not None), None)
    if flaw is not None and not (anyway and by_window):
        _opened(by, number, now, locking=False)
        return Brought((), flaw)
    with transaction.atomic():
        opened = _opened(by, number, now, locking=True)
        context = contexts.context_of(opened.case)
        _check_asked(opened.case, material, context, now)
        if key and not window_records.spend_key(case_id=opened.loaded.id, key=key, now=now):
            return Brought(())
        words = watermark(context, opened, now)
        made = [scans.kept(picture, words) for picture in pictures]
        pages = _keep(opened, material, made, "window" if by_window else "family", now)
        digests = [page.digest for page in pages]
        _note(opened, EventKind.MATERIAL_KEPT, material, digests, now)
        return Brought(tuple(pages), flaw)


def receive_original(*, by: Any, number: str, material: str, now: datetime) -> None:
    """A clerk notes that an original was handed in, for the receipt."""
    with transaction.atomic():
        opened = _at_window(by, number, now, True)
        _check_asked(opened.case, material, contexts.context_of(opened.case), now)
        kept = records.receive_original(
            case_id=opened.loaded.id, material=material, by=_actor(opened), now=now
        )
        if kept is not None:
            _note(opened, EventKind.MATERIAL_KEPT, material, [], now)


def take_away(*, by: Any, number: str, page_id: UUID, now: datetime) -> None:
    """One page is taken away again; its picture is gone. Errors: RefusedError."""
    with transaction.atomic():
        opened = _opened(by, number, now, locking=True)
        if opened.case.stage not in (Stage.DRAFT, Stage.SIGNING):
            raise RefusedError("already_submitted")
        page = records.remove(case_id=opened.loaded.id, page_id=page_id, now=now)
        if page is not None:
            _note(opened, EventKind.MATERIAL_REMOVED, page.material, [page.digest], now)


def picture(*, by: Any, number: str, page_id: UUID, now: datetime) -> Picture:
    """A page for the window at which the case lies, or for the family. Errors: access.Refused."""
    return _picture(_opened(by, number, now, locking=False), page_id)


def picture_for_task(*, by: Any, task_id: UUID, page_id: UUID, now: datetime) -> Picture:
    """A page for an office whose item lists the material; the look is in the access log.

    Errors: access.Refused, the same for what is absent and for what another item lists.
    """
    opened = access.access_task(by=by, task_id=task_id, purpose=TASK_PURPOSE, now=now)
    found = _picture(OpenedCase(opened.loaded, "staff", opened.visitor), page_id)
    item = contexts.context_of(opened.case).pack.items[opened.task.item]
    if found.page.material not in {material.id for material in item.materials}:
        raise access.Refused
    access.note_read(
        by=by,
        what="material",
        case_id=opened.loaded.id,
        purpose=TASK_PURPOSE,
        now=now,
        task_id=task_id,
    )
    return found


def pages_for_task(case: Case, item_materials: Sequence[Material]) -> list[MaterialPage]:
    """The kept pages of the materials that an item lists."""
    listed = {material.id for material in item_materials}
    kept = records.pages_of(case_ids=[UUID(case.id)]).get(UUID(case.id), [])
    return [page for page in kept if page.material in listed]


def watermark(context: Context, opened: OpenedCase, now: datetime) -> str:
    """What a copy may be used for, who took it and when."""
    words = context.pack.watermark
    office = contexts.directory().office(opened.visitor.office or "")
    mark = MARK if settings.YIJIAN.training else ""
    title = office.title.zh if office else ""
    parts = [mark, words.zh if words else "", title, str(local_day(now))]
    return " ".join(part for part in parts if part) if words or mark else ""


def _check_asked(case: Case, material: str, context: Context, now: datetime) -> None:
    if case.stage in CLOSED:
        raise RefusedError("already_ended")
    sheets = {SHEET + step.role for step in required_steps(case, context, now)}
    asked = {one.material.id for one in asked_materials(context, case, now)}
    if material not in asked | sheets:
        raise RefusedError("material_not_asked")


def _keep(
    opened: OpenedCase, material: str, made: list[bytes], source: str, now: datetime
) -> list[MaterialPage]:
    if opened.loaded.key is None:
        raise access.Refused
    try:
        return records.keep(
            case_id=opened.loaded.id,
            key=opened.loaded.key,
            material=material,
            pictures=made,
            source=source,
            by=_actor(opened),
            now=now,
        )
    except records.TooManyPages:
        raise RefusedError("too_many_pages") from None


def _note(
    opened: OpenedCase, kind: EventKind, material: str, digests: list[str], now: datetime
) -> None:
    public = {"material": material, "digest": digests, "pages": len(digests)}
    by = opened.role if opened.role != "staff" else _actor(opened)
    changes.commit([Decided(opened.loaded, [Event(kind, now, by, public=public)])], now=now)


def _picture(opened: OpenedCase, page_id: UUID) -> Picture:
    found = None
    if opened.loaded.key is not None:
        found = records.picture(case_id=opened.loaded.id, key=opened.loaded.key, page_id=page_id)
    if found is None:
        raise access.Refused
    return found


def _opened(by: Any, number: str, now: datetime, *, locking: bool) -> OpenedCase:
    door: Callable[[Any, str, datetime, bool], OpenedCase]
    door = _at_window if _is_window(by) else _of_family
    return door(by, number, now, locking)


def _is_window(by: Any) -> bool:
    return people.visitor(by).works_as(people.StaffRole.WINDOW)


def _at_window(by: Any, number: str, now: datetime, locking: bool) -> OpenedCase:
    return access.access_window_case(
        by=by, number=number, purpose=WINDOW_PURPOSE, now=now, locking=locking
    )


def _of_family(by: Any, number: str, now: datetime, locking: bool) -> OpenedCase:
    opened = access.access_case(by=by, number=number, purpose=OWN_PURPOSE, now=now, locking=locking)
    if opened.role == "staff":
        raise access.Refused
    return opened


def _actor(opened: OpenedCase) -> str:
    return opened.visitor.staff or opened.visitor.user
