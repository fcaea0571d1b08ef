"""制作文书: one content becomes the files of one document, in the order that keeps them alike."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from yijian.documents.ofd.writing import ofd_of
from yijian.documents.typesetting import typeset
from yijian.domain.documents import Content

PDF, OFD = "pdf", "ofd"
NO_TWIN = "no_ofd"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """The files of a document by their format, and how many pages it has.

    `problem` says what is missing although the document itself is good.
    """

    files: Mapping[str, bytes] = field(repr=False)
    pages: int
    problem: str = ""


def make(content: Content, *, fonts: Path | None = None) -> Made:
    """Set the document and its OFD twin. Errors: those of `typesetting`.

    A document is not held up by its twin: without one it is still the document.
    """
    done = typeset(content, fonts=fonts)
    files = {PDF: done.pdf}
    try:
        files[OFD] = ofd_of(done.pdf, content)
    except (OSError, MemoryError):
        raise
    except Exception as fault:
        _log.error("a document of %s has no OFD: %s", content.kind, type(fault).__name__)
        return Made(files, done.pages, NO_TWIN)
    return Made(files, done.pages)
