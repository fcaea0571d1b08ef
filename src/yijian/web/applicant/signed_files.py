"""要签的文件: the very files a signature binds, offered beside what is signed.

The page sends back which files it offered, so that nothing is bound that was not there to be seen.
"""

import re
from collections.abc import Iterable, Mapping

from yijian.actions import fetching, signing
from yijian.actions.signing import ToSign
from yijian.web.applicant.doors import Sitting
from yijian.web.applicant.values import document_title
from yijian.web.files.links import links

_OFFERED = re.compile(r"([0-9a-f-]{36}):([0-9a-f]{64}|)")


def papers_to_sign(sitting: Sitting) -> tuple[ToSign, ...]:
    """The documents that this parent signs now, with what has changed since the last time."""
    return signing.to_sign(sitting.case, sitting.role, sitting.context, sitting.key, sitting.now)


def file_to_sign(sitting: Sitting, paper: ToSign) -> dict[str, object]:
    """One document as the page offers it."""
    return {
        **described(paper),
        "title": document_title(sitting.context, paper.document),
        "files": links(
            sitting.user, paper.document, fetching.FAMILY, sitting.number, sitting.url("sign")
        ),
    }


def described(paper: ToSign) -> dict[str, object]:
    """What a page says of one document to sign, whoever looks at it."""
    document = paper.document
    return {
        "ready": bool(paper.sha256),
        "stopped": document.state in ("needs_person", "failed"),
        "pages": document.pages,
        "check_code": paper.sha256[:12].upper(),
        "again": paper.again,
        "same": paper.is_same,
        "changed": paper.changed,
    }


def offered(papers: Iterable[ToSign]) -> str:
    """What the page offered, for its hidden field."""
    return ",".join(f"{one.document.id}:{one.sha256}" for one in papers)


def read_offered(text: str) -> Mapping[str, str]:
    """The hidden field read back; whatever is no pair is left out."""
    found = (_OFFERED.fullmatch(part) for part in text.split(",")[:64])
    return {pair[1]: pair[2] for pair in found if pair}
