"""文书: everything in writing about a case, how far it is, and who has taken which file away."""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext

from yijian.actions import fetching
from yijian.domain.clocks import local_day
from yijian.records import documents, fetches
from yijian.records.documents import AWAITED, FAILED, NEEDS_PERSON, Document
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.entering import baby_names
from yijian.web.applicant.values import (
    document_title,
    role_title,
    shown_day,
    shown_moment,
    worded,
)
from yijian.web.files.links import links
from yijian.web.pages import show

READS_SHOWN = 30


@family_page("GET")
def all_documents(sitting: Sitting) -> HttpResponse:
    """The documents that stand, each with its files; earlier versions and downloads below."""
    found = fetching.for_family(documents.of_case(UUID(sitting.case.id), standing=False))
    standing = [one for one in found if one.replaced_at is None]
    return show(
        sitting.request,
        "applicant/documents.html",
        {
            "number": sitting.number,
            "documents": [row_of(sitting, one) for one in reversed(standing)],
            "earlier": [
                row_of(sitting, one) for one in reversed(found) if one.replaced_at and one.ready
            ],
            "reads": _reads(sitting, found),
            "waiting": any(one.state in ("waiting", "setting") for one in standing),
        },
    )


def row_of(sitting: Sitting, one: Document) -> dict[str, object]:
    """A document as a line: what it is, of whom, since when, and its files."""
    item = sitting.context.pack.items.get(one.item)
    names = baby_names(sitting.case)
    baby = names[one.newborn - 1] if 0 < one.newborn <= len(names) > 1 else ""
    about = [worded(item.title) if item else "", baby]
    return {
        "id": one.id,
        "title": document_title(sitting.context, one),
        "number": one.number,
        "about": gettext("，").join(part for part in about if part),
        "day": shown_day(local_day(one.settled_at or one.due_at)),
        "pages": one.pages,
        "ready": one.ready,
        "stopped": one.state in (NEEDS_PERSON, FAILED),
        "on_the_way": one.state == AWAITED,
        "version": one.version if one.version > 1 else 0,
        "files": links(
            sitting.user, one, fetching.FAMILY, sitting.number, sitting.url("documents")
        ),
    }


def _reads(sitting: Sitting, found: Iterable[Document]) -> list[dict[str, str]]:
    """Who took which file, newest first: the family's own downloads and those of offices."""
    titles = {one.id: document_title(sitting.context, one) for one in found}
    directory = sitting.context.directory
    lines = []
    for read in fetches.of_case(UUID(sitting.case.id)):
        if read.document_id not in titles:
            continue
        office = directory.office(read.office) if read.office else None
        who = worded(office.title) if office else role_title(sitting.context, read.by)
        lines.append(
            {
                "who": who,
                "what": titles[read.document_id],
                "format": read.format.upper(),
                "at": shown_moment(read.at),
            }
        )
    return lines[:READS_SHOWN]
