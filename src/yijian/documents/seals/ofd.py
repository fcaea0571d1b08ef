"""OFD 盖章与验章: the seal of GB/T 38540 in a package; where its parts lie is `documents.ofd`'s."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from yijian.documents.ofd.package import OfdError
from yijian.documents.ofd.signing import (
    SM2_WITH_SM3,
    SM3,
    Provider,
    SignatureParts,
    StampPlace,
    ofd_with_signature,
    signature_parts,
    uncovered,
)
from yijian.documents.seals import (
    Holder,
    SealProvider,
    SealRefusedError,
    Spot,
    sm2,
    stamped,
)
from yijian.documents.seals.checking_ses import Claimed, examine_ses
from yijian.documents.seals.findings import Examined, Fault, Finding, SealFound
from yijian.documents.seals.provided import signed_ofd, valid_seal
from yijian.documents.seals.structures import seal_signature, to_sign

VERSION = "1.0"
_TIME = "%Y%m%d%H%M%SZ"


def seal_ofd(
    ofd: bytes, *, holder: Holder, provider: SealProvider, at: datetime, spot: Spot
) -> bytes:
    """The package with the holder's seal, which vouches for every part that is in it.

    Errors: SealRefusedError.
    """
    seal = valid_seal(provider, holder, at)
    box = stamped(seal, spot)

    def signed(xml: bytes, path: str) -> bytes:
        tbs = to_sign(eseal=seal.eseal, digest=sm2.sm3(xml), covers=path, at=at)
        signature = signed_ofd(provider, seal, tbs, at)
        return seal_signature(tbs, certificate=seal.ofd_certificate, signature=signature)

    try:
        return ofd_with_signature(
            ofd,
            [StampPlace(box.page, box.x_mm, box.y_mm, box.width_mm, box.height_mm)],
            provider=Provider(provider.name, provider.name, VERSION),
            seal=seal.eseal,
            at=at,
            sign=signed,
        )
    except (OfdError, ValueError) as fault:
        raise SealRefusedError("ofd_unreadable") from fault


def examine_ofd(ofd: bytes, *, trusted: Sequence[bytes] = ()) -> Examined:
    """Every seal of the package and every fault; `trusted` are authorities' certificates (DER)."""
    try:
        signatures = signature_parts(ofd)
        if not signatures:
            return Examined((), (Finding(Fault.NOT_SEALED),))
        loose = uncovered(ofd)
    except OfdError as fault:
        return Examined((), (Finding(Fault.BROKEN, str(fault)),))
    seals: list[SealFound] = []
    findings = [Finding(Fault.NOT_COVERED, path) for path in loose]
    for each in signatures:
        found, faults = _examined(each, trusted)
        seals += [found] if found is not None else []
        findings += faults
    return Examined(tuple(seals), tuple(dict.fromkeys(findings)))


def _examined(
    each: SignatureParts, trusted: Sequence[bytes]
) -> tuple[SealFound | None, list[Finding]]:
    where = each.path
    findings = list(_part_faults(each))
    if each.signed_value is None:
        return None, [*findings, Finding(Fault.MISSING_FILE, f"{where} SignedValue")]
    claimed = Claimed(sm2.sm3(each.xml), f"/{each.path}")
    found, faults = examine_ses(each.signed_value, claimed=claimed, trusted=trusted, where=where)
    findings += faults
    if found is not None:
        findings += _seal_faults(each, found)
    return found, findings


def _part_faults(each: SignatureParts) -> Iterator[Finding]:
    """What the signature's list of parts says against the package."""
    if each.check_method != SM3 or each.method != SM2_WITH_SM3:
        yield Finding(Fault.WEAK_ALGORITHM, each.path)
        return
    for part in each.references:
        if part.actual is None:
            yield Finding(Fault.MISSING_FILE, part.path)
        elif part.actual != part.expected:
            yield Finding(Fault.CHANGED, part.path)


def _seal_faults(each: SignatureParts, found: SealFound) -> Iterator[Finding]:
    """Whether the seal beside the signature is the one that was signed, at the time it says."""
    if each.seal is None:
        yield Finding(Fault.MISSING_FILE, f"{each.path} Seal")
    elif each.signed_value is None or each.seal not in each.signed_value:
        # The signed structure carries the seal's DER whole.
        yield Finding(Fault.SEAL_DIFFERS, each.path)
    assert found.signed_at is not None
    if found.signed_at.astimezone(UTC).strftime(_TIME) != each.at:
        yield Finding(Fault.TIME_DIFFERS, each.path)
