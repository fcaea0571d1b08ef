"""转来的材料页: the scanned pages that another node lists for a received case, kept beside it.

They are fetched after the message that lists them; until then the office sees the list without
pictures. What comes is kept only when it is, byte for byte, the page that was listed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import transaction

from yijian.actions import waking
from yijian.actions.happened import Happened
from yijian.domain.cases import Case
from yijian.domain.events import TaskKey
from yijian.records import cases as case_records
from yijian.records import materials
from yijian.records.identifiers import task_id
from yijian.records.materials import PICTURE, MaterialPage

SOURCE = "family"
"""Whichever side brought a page to the other node: it is the family's, and not this window's."""
_SHA256 = 64


@dataclass(frozen=True, slots=True)
class ListedPage:
    """清单上的一页: a page as the other node lists it for one task."""

    task_id: UUID
    id: UUID
    material: str
    page: int
    sha256: str


class NotThePageError(Exception):
    """What came is not the page that was listed."""


def follow(happened: Sequence[Happened], now: datetime) -> None:
    """Wake whoever fetches the pages of tasks that have just been received."""
    del now
    for each in happened:
        if each.after.origin and any("received" in event.sealed for event in each.events):
            if any(_listed(each.after, key) for key in each.after.received):
                waking.wake_page_fetcher(each.after.id)


def missing(case_id: UUID) -> tuple[str, list[ListedPage]]:
    """The node a case comes from, and the listed pages of its tasks under way not yet here."""
    found = case_records.read(ids=[case_id])
    if not found or not found[0].case.origin or found[0].key is None:
        return "", []
    case = found[0].case
    here = {page.id for page in materials.pages_of(case_ids=[case_id]).get(case_id, [])}
    wanted: dict[UUID, ListedPage] = {}
    for key in case.received:
        task = case.tasks.get(key)
        if task is not None and not task.ended:
            wanted |= {page.id: page for page in _listed(case, key) if page.id not in here}
    return case.origin, list(wanted.values())


@transaction.atomic
def take(case_id: UUID, page: ListedPage, data: bytes, *, now: datetime) -> bool:
    """Keep one page that came; False when it is not wanted any more.

    Errors: NotThePageError; nothing is kept then.
    """
    if hashlib.sha256(data).hexdigest() != page.sha256:
        raise NotThePageError
    (loaded,) = case_records.load(ids=[case_id])
    if loaded.key is None:
        return False
    kept = MaterialPage(page.id, page.material, PICTURE, page.page, SOURCE, now, page.sha256)
    by = f"node:{loaded.case.origin}"
    return materials.keep_received(case_id=case_id, key=loaded.key, page=kept, data=data, by=by)


def _listed(case: Case, key: TaskKey) -> list[ListedPage]:
    """The pages listed for a task that can be read; a list of another shape holds none."""
    listed = case.received.get(key, {}).get("scans")
    entries = cast(Sequence[object], listed) if isinstance(listed, list | tuple) else ()
    pages = [_page(task_id(case.id, key), entry) for entry in entries]
    return [page for page in pages if page is not None]


def _page(task: UUID, entry: object) -> ListedPage | None:
    if not isinstance(entry, Mapping):
        return None
    material, page, sha256 = (entry.get(name) for name in ("material", "page", "sha256"))
    if not isinstance(material, str) or type(page) is not int or page < 1:
        return None
    if not isinstance(sha256, str) or len(sha256) != _SHA256:
        return None
    try:
        return ListedPage(task, UUID(str(entry.get("id"))), material, page, sha256)
    except ValueError:
        return None
