"""核查政策: whether every version is what its digest says, and came to be as versions must.

What the workshop has published was submitted by one person and approved by another, as it was
submitted; the policy log says so too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from yijian.ops.verify_papers import Fault
from yijian.packs.overlay import digest_of_files
from yijian.records import workshop
from yijian.records.workshop import Publication


def policy_faults() -> Iterator[Fault]:
    """Every version of a pack that is not what it claims, and every one nobody approved."""
    for each in workshop.texts_of_versions():
        where = f"pack {each.code} {each.version}"
        if hashlib.sha256(each.canonical.encode()).hexdigest() != each.digest:
            yield where, "its text does not have its digest"
            continue
        own = json.loads(each.canonical).get("pack", {})
        if (own.get("code"), own.get("version")) != (each.code, each.version):
            yield where, "its text is of another pack or version"
    for publication in workshop.publications():
        where = f"pack {publication.code} {publication.version}"
        for what in _publication_faults(publication):
            yield where, what


def _publication_faults(each: Publication) -> Iterator[str]:
    """What is wrong with the way of one version through the workshop."""
    if each.draft is None:
        yield "the workshop has published it, and there is no draft of it"
        return
    if each.version_digest != each.source_digest:
        yield "its files are kept for another text"
    if not digest_of_files(each.files) == digest_of_files(each.draft_files) == each.draft_digest:
        yield "its files are not those of the draft"
    if not each.approver or each.approver in each.authors:
        yield "nobody but its authors has approved it"
    if (each.approver, each.draft_digest) not in each.approvals:
        yield "the policy log does not say who approved it"
