"""取件链接: an address that gives one file to one person for a few minutes.

What is signed are opaque ids and codes; nothing in an address says what the document says.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.urls import reverse

from yijian.records.documents import Document

LASTS_SECONDS = 300
SALT = "yijian.file"


class BadLinkError(Exception):
    """Not one of our links, or somebody else's."""


class ExpiredLinkError(Exception):
    """It was a link of this person; its minutes are over. `back` is the page it stood on."""

    def __init__(self, back: str) -> None:
        super().__init__("expired")
        self.back = back


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a link asks for: which file, and through which door it was shown."""

    door: str
    where: str
    document_id: UUID
    format: str
    back: str


def link(user: Any, document: Document, format: str, door: str, where: str, back: str) -> str:
    """The address of one file, for this user only."""
    value = [user.pk, door, where, str(document.id), format, back]
    return reverse("file", args=[signing.dumps(value, salt=SALT, compress=False)])


def links(user: Any, document: Document, door: str, where: str, back: str) -> list[dict[str, str]]:
    """Every format in which the document can be taken, with its address."""
    return [
        {
            "format": name.upper(),
            "url": link(user, document, name, door, where, back),
            "size": f"{max(1, round(document.bytes[name] / 1024))} KB",
        }
        for name in document.formats
    ]


def read(token: str, user: Any) -> Wanted:
    """What the link asks for. Errors: BadLinkError, ExpiredLinkError."""
    try:
        value = signing.loads(token, salt=SALT)
        owner, door, where, document, format, back = value
        if owner != user.pk:
            raise BadLinkError
        wanted = Wanted(door, where, UUID(document), format, back)
    except (signing.BadSignature, ValueError, TypeError):
        raise BadLinkError from None
    try:
        signing.loads(token, salt=SALT, max_age=LASTS_SECONDS)
    except signing.SignatureExpired:
        raise ExpiredLinkError(wanted.back) from None
    return wanted
