"""转来的政策包: a version that came with another node's task is kept for that task alone.

Its digest is named in the signed message of the task; a text that does not have it is not kept.
Nobody applies under it here.
"""

import hashlib
import json
from datetime import datetime

from django.db import transaction

from yijian.actions import contexts
from yijian.packs.building import build
from yijian.packs.canonical import canonical
from yijian.records import pack_versions


class WrongPackError(Exception):
    """What was sent as a pack is not the pack that was asked for."""


def keep(text: bytes, *, digest: str, now: datetime) -> str:
    """Keep the canonical text of one version; its code.

    Errors: WrongPackError, PackError for one that this node cannot read, PackChanged when this node
    knows other content under the same code and version.
    """
    if hashlib.sha256(text).hexdigest() != digest:
        raise WrongPackError(digest)
    document = json.loads(text)
    if canonical(document).encode() != text:
        raise WrongPackError(digest)
    pack = build(document)
    with transaction.atomic():
        pack_versions.keep(
            code=pack.code,
            version=pack.version,
            digest=digest,
            canonical=text.decode(),
            in_force_from=pack.in_force_from,
            now=now,
            received=True,
        )
    contexts.forget()
    return pack.code
