"""签名的文书: which files a role signs, what has changed since it signed last, and the evidence.

A signature binds what was shown: the digest of the data and, for every file, the SHA-256 of the
PDF that was offered. A file that is not there yet, or never will be, stops nobody from signing:
then the document is named by its id, and what it says was fixed and sealed before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from yijian.domain.cases import Case
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.paperwork import due_documents, roles_signing
from yijian.domain.revisions import Changed, changes_between
from yijian.domain.states import Stage
from yijian.records import crypto, documents, journal, people
from yijian.records.documents import PDF, Document

LONGEST_DEVICE = 300


@dataclass(frozen=True, slots=True)
class ToSign:
    """要签的一份: a document and how it stands to what this role signed last.

    `again` says that the role has signed before; then `changed` are the differences, none when
    this very paper was signed already.
    """

    document: Document
    again: bool = False
    changed: tuple[Changed, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the role has signed this very paper before."""
        return self.again and not self.changed

    @property
    def sha256(self) -> str:
        """The digest of its PDF; "" while there is none."""
        return self.document.sha256.get(PDF, "") if self.document.ready else ""


def to_sign(
    case: Case, role: str, context: Context, key: crypto.Key | None, now: datetime
) -> tuple[ToSign, ...]:
    """The documents that this role signs now, as they stand; with the case's key also compared."""
    if case.stage is not Stage.SIGNING:
        return ()
    asked = Event(EventKind.SIGNING_OPENED, now, role)
    abouts = {
        due.about
        for due in due_documents(case, [asked], context, now)
        if role in roles_signing(due.kind, case, context, now)
    }
    if not abouts:
        return ()
    every = documents.of_case(UUID(case.id), standing=False)
    standing = [
        one
        for one in every
        if one.about in abouts
        and one.replaced_at is None
        and one.occasion == EventKind.SIGNING_OPENED.value
    ]
    signed = _signed_before(case, role) if key is not None else frozenset()
    if not signed or key is None:
        return tuple(ToSign(one) for one in standing)
    before = {one.about: one for one in every if str(one.id) in signed}
    wanted = [one.id for one in standing] + [one.id for one in before.values()]
    said = documents.said(key=key, ids=wanted)
    return tuple(_compared(one, before.get(one.about), said) for one in standing)


def _compared(one: Document, before: Document | None, said: Mapping[UUID, Any]) -> ToSign:
    if before is None:
        return ToSign(one)
    if before.id == one.id or before.id not in said or one.id not in said:
        return ToSign(one, again=True)
    return ToSign(one, again=True, changed=changes_between(said[before.id], said[one.id]))


def _signed_before(case: Case, role: str) -> frozenset[str]:
    """The documents that the role's last signature named, whether it stands or not."""
    for entry in reversed(journal.entries_of(UUID(case.id))):
        event = entry.event
        if event.kind is EventKind.SIGNED and event.public.get("role") == role:
            return frozenset(str(one[0]) for one in _pairs(event.public.get("documents")))
    return frozenset()


def _pairs(value: object) -> list[list[str]]:
    return value if isinstance(value, list) else []


def bound(papers: Iterable[ToSign], offered: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a signature names of each document: its id and the digest of the PDF on the page.

    Errors: RefusedError `shown_changed` when the page offered another version, or another file.
    """
    current = {str(one.document.id): one.sha256 for one in papers}
    for document, digest in offered.items():
        if document not in current or (digest and digest != current[document]):
            raise RefusedError("shown_changed")
    return [(document, offered.get(document, "")) for document in current]


def evidence(
    *, by: Any, case: Case, role: str, device: str, language: str, now: datetime
) -> dict[str, object]:
    """What is known of how somebody signs through an own login: identity, live check, device."""
    identity = people.identity_of(by)
    check = case.live_check(role) if case.live_checked(role) else None
    return {
        "door": "own_login",
        "identity": "real_name_login" if identity is not None else None,
        "id_type": identity.id_type if identity is not None else None,
        "live_check": check.receipt if check else None,
        "live_checked_at": check.at if check else None,
        "signed_at": now,
        "device": _printable(device),
        "language": language,
    }


def window_evidence(
    *,
    office: str,
    staff: str,
    card_seen_at: datetime,
    device: str,
    language: str,
    now: datetime,
) -> dict[str, object]:
    """What is known of how somebody signs before a clerk who has seen the original card."""
    return {
        "door": "window",
        "identity": "original_card_seen",
        "office": office,
        "staff": staff,
        "card_seen_at": card_seen_at,
        "signed_at": now,
        "device": _printable(device),
        "language": language,
    }


def _printable(device: str) -> str:
    return "".join(c for c in device[:LONGEST_DEVICE] if c.isascii() and c.isprintable())
