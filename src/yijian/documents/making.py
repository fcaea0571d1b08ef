"""制作文书: one content becomes the files of one document, in the order that keeps them alike.

The PDF is set, its OFD twin is drawn from it, and the office's seal goes onto both; the SM2 record
of the sealed PDF lies beside it.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from yijian.documents.ofd.writing import ofd_of
from yijian.documents.seals import Holder, SealProvider, SealRefusedError
from yijian.documents.seals.ofd import seal_ofd
from yijian.documents.seals.pdf import record_of, seal_pdf
from yijian.documents.typesetting import Typeset, typeset
from yijian.domain.documents import Content

PDF, OFD, SES = "pdf", "ofd", "ses"
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


@dataclass(frozen=True, slots=True)
class Sealing:
    """用印: whose seal a document gets, from which provider, and when."""

    code: str
    provider: SealProvider
    at: datetime


def make(content: Content, *, sealing: Sealing | None = None, fonts: Path | None = None) -> Made:
    """Set the document, draw its twin, seal both. Errors: those of `typesetting` and `seals`.

    A document is not held up by its twin: without one it is still the document.
    """
    done = typeset(content, fonts=fonts)
    twin = _twin(done, content)
    if sealing is None or not done.seal_places:
        files = {PDF: done.pdf} | ({OFD: twin} if twin is not None else {})
    else:
        files = _sealed(done, twin, sealing)
    return Made(files, done.pages, "" if OFD in files else NO_TWIN)


def _twin(done: Typeset, content: Content) -> bytes | None:
    try:
        return ofd_of(done.pdf, content)
    except (OSError, MemoryError):
        raise
    except Exception as fault:
        _log.error("a document of %s has no OFD: %s", content.kind, type(fault).__name__)
        return None


def _sealed(done: Typeset, twin: bytes | None, sealing: Sealing) -> dict[str, bytes]:
    spot = done.seal_places[0]
    holder, provider, at = Holder(sealing.code, spot.office), sealing.provider, sealing.at
    pdf = seal_pdf(done.pdf, holder=holder, provider=provider, at=at, spot=spot)
    files = {PDF: pdf, SES: record_of(pdf, holder=holder, provider=provider, at=at)}
    if twin is not None:
        try:
            files[OFD] = seal_ofd(twin, holder=holder, provider=provider, at=at, spot=spot)
        except SealRefusedError as refused:
            if refused.passing:
                raise
            _log.error("an OFD of %s was not sealed: %s", sealing.code, refused.reason)
    return files
