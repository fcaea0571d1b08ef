"""验 GB/T 38540 签章: one SES_Signature, whether it stands in an OFD or beside a PDF."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509

from yijian.documents.seals import sm2, trust
from yijian.documents.seals.findings import Fault, Finding, SealFound
from yijian.documents.seals.structures import (
    VERSION,
    SealSignature,
    SignedSeal,
    certificates_in,
)

LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a signature ought to vouch for: this digest, of this path in the package."""

    digest: bytes
    covers: str


def examine_ses(
    der: bytes, *, claimed: Claimed, trusted: Sequence[bytes], where: str
) -> tuple[SealFound | None, list[Finding]]:
    """The seal behind a signature, and every fault of it."""
    try:
        if len(der) > LARGEST:
            raise ValueError("too large for a signature")
        signature = SealSignature.load(der, strict=True)
        # The library reads a part when it is asked for; broken ones must show now.
        _ = signature.native
        certificate = trust.loaded(bytes(signature["cert"].native))
        maker = trust.loaded(bytes(signature["to_sign"]["eseal"]["cert"].native))
        findings = [
            *_signature_faults(signature, certificate, claimed, where),
            *_seal_faults(signature, certificate, maker, where),
            *_trust_faults(signature, certificate, maker, trusted, where),
        ]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None, [Finding(Fault.BROKEN, where)]
    found = SealFound(
        where=where,
        signer=trust.name_of(certificate),
        issuer=trust.issuer_of(certificate),
        signed_at=time_of(signature),
        algorithm="SM2",
        is_test=trust.is_test(certificate),
    )
    return found, list(dict.fromkeys(findings))


def time_of(signature: SealSignature) -> datetime:
    """When the signer says it was signed."""
    found = signature["to_sign"]["time_info"].native
    assert isinstance(found, datetime)
    return found


def _signature_faults(
    signature: SealSignature, certificate: x509.Certificate, claimed: Claimed, where: str
) -> Iterator[Finding]:
    tbs = signature["to_sign"]
    if not hmac.compare_digest(bytes(tbs["data_hash"].native), claimed.digest):
        yield Finding(Fault.CHANGED, where)
    if tbs["property_info"].native != claimed.covers:
        yield Finding(Fault.ELSEWHERE, where)
    if signature["signature_alg_id"].dotted != sm2.SM2_WITH_SM3 or tbs["version"].native != VERSION:
        yield Finding(Fault.WEAK_ALGORITHM, where)
    public = sm2.public_key_of(certificate)
    value = bytes(signature["signature"].native)
    if public is None or not sm2.verify(public, tbs.dump(), value):
        yield Finding(Fault.FORGED, where)


def _seal_faults(
    signature: SealSignature, certificate: x509.Certificate, maker: x509.Certificate, where: str
) -> Iterator[Finding]:
    seal: SignedSeal = signature["to_sign"]["eseal"]
    listed, digests = certificates_in(seal)
    if certificate.dump() not in listed and sm2.sm3(certificate.dump()) not in digests:
        yield Finding(Fault.WRONG_CERTIFICATE, where)
    public = sm2.public_key_of(maker)
    information = seal["eseal_info"].dump()
    if public is None or not sm2.verify(public, information, bytes(seal["signed_value"].native)):
        yield Finding(Fault.SEAL_FORGED, where)
    stated = seal["eseal_info"]["property"]
    at = time_of(signature)
    if not stated["valid_start"].native <= at <= stated["valid_end"].native:
        yield Finding(Fault.SEAL_NOT_VALID_THEN, where)


def _trust_faults(
    signature: SealSignature,
    certificate: x509.Certificate,
    maker: x509.Certificate,
    trusted: Sequence[bytes],
    where: str,
) -> Iterator[Finding]:
    at = time_of(signature)
    yield from trust.faults_of(
        certificate, others=[maker], trusted=trusted, at=at, where=f"{where} 签章人证书"
    )
    if not maker.ca:
        yield from trust.faults_of(
            maker, others=[], trusted=trusted, at=at, where=f"{where} 制章人证书"
        )
    elif maker.dump() not in trusted:
        yield Finding(Fault.UNKNOWN_ISSUER, f"{where} 制章人证书")
