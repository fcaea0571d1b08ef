"""核查文书: whether every issued file is still the one whose digests the journal tells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from yijian.documents.offline_verifier import sm3
from yijian.records.document_files import FORMATS, IssuedFiles, issued_files

Fault = tuple[str, str]
"""Where, and what is wrong."""


def document_faults() -> Iterator[Fault]:
    """Issued documents against the journal, and their files against their digests."""
    for issued in issued_files():
        where = f"document {issued.id} ({issued.kind} of case {issued.number})"
        yield from ((where, what) for what in _faults(issued))


def _faults(issued: IssuedFiles) -> Iterator[str]:
    told = issued.told
    if told is None:
        yield "no entry of the journal tells that it was issued"
    elif issued.digests != _told(told):
        yield "its digests are not those that the journal tells"
    if issued.forgotten:
        return
    for name, digests in issued.digests.items():
        data = issued.files.get(name)
        if data is None:
            yield f"its {name.upper()} does not open"
        elif (hashlib.sha256(data).hexdigest(), sm3(data)) != digests:
            yield f"its {name.upper()} does not have its digests"


def _told(files: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, str]]:
    return {name: (files[name]["sha256"], files[name]["sm3"]) for name in FORMATS if name in files}
