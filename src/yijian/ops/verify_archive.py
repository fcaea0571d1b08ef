"""核查档案: whether every package is what the journal tells, opens, and passes its four checks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from yijian.documents.archive import checks
from yijian.documents.offline_verifier import sm3
from yijian.records import archive, archive_disposals
from yijian.records.archive import DESTROYED, KEPT, Package
from yijian.records.crypto import SealBroken

Fault = tuple[str, str]
"""Where, and what is wrong."""


def archive_faults(public_keys: dict[str, Ed25519PublicKey]) -> Iterator[Fault]:
    """Packages against the journal, and the journal against packages."""
    keys = {
        name: key.public_bytes(Encoding.Raw, PublicFormat.Raw) for name, key in public_keys.items()
    }
    told = {str(body.get("package")): body for _case, body in archive.journalled()}
    kept = set()
    for package_id in archive.made_ids():
        package = archive.one(package_id)
        assert package is not None
        kept.add(str(package.id))
        where = f"package {package.name or package.id}"
        body = told.get(str(package.id))
        if body is None:
            yield where, "no entry of the journal tells that it was made"
        elif (body.get("sha256"), body.get("sm3")) != (package.sha256, package.sm3):
            yield where, "its digests are not those that the journal tells"
        yield from ((where, what) for what in _package_faults(package, keys))
    for missing in sorted(told.keys() - kept):
        yield f"package {missing}", "the journal tells that it was made and it is not kept"


def _package_faults(package: Package, keys: dict[str, bytes]) -> Iterator[str]:
    if package.state == DESTROYED:
        if not archive_disposals.was_decided(package.id):
            yield "it was destroyed and nobody decided that"
        return
    try:
        data = archive.data_of(package.id)
    except SealBroken:
        yield "what is kept does not open"
        return
    if data is None or package.state != KEPT:
        yield "it is not kept"
    elif (hashlib.sha256(data).hexdigest(), sm3(data)) != (package.sha256, package.sm3):
        yield "what is kept does not have its digests"
    else:
        yield from checks.faults(checks.examine(data, keys=keys))
