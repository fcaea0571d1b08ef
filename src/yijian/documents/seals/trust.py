"""证书信任: whether a certificate leads to an authority that we trust, at the time of signing.

Revocation is not asked for: it needs the authority's answer, and a document must be examinable
without a network. docs/reference/seals.md says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import load_der_x509_certificate

from yijian.documents.seals import sm2
from yijian.documents.seals.findings import Fault, Finding

LONGEST_CHAIN = 4
TEST_WORD = "测试"


def loaded(der: bytes) -> x509.Certificate:
    """The certificate, read to its end. Errors: ValueError."""
    found = x509.Certificate.load(der, strict=True)
    # The library reads a part when it is asked for; broken ones must show now.
    _ = found.native
    return found


def faults_of(
    certificate: x509.Certificate,
    *,
    others: Sequence[x509.Certificate],
    trusted: Sequence[bytes],
    at: datetime | None,
    where: str,
) -> Iterator[Finding]:
    """What stands against a signer's certificate: who issued it, and when it was valid."""
    if at is not None and not _valid(certificate, at):
        yield Finding(Fault.CERTIFICATE_NOT_VALID_THEN, where)
    usage = certificate.key_usage_value
    if usage is not None and not usage.native & {"digital_signature", "non_repudiation"}:
        yield Finding(Fault.WRONG_CERTIFICATE, where)
    if not _leads_to_trust(certificate, others, [loaded(each) for each in trusted], at):
        yield Finding(Fault.UNKNOWN_ISSUER, where)


def name_of(certificate: x509.Certificate) -> str:
    """The holder's name as people read it."""
    return _common_name(certificate.subject)


def issuer_of(certificate: x509.Certificate) -> str:
    """The issuer's name as people read it."""
    return _common_name(certificate.issuer)


def is_test(certificate: x509.Certificate) -> bool:
    """Whether holder or issuer say that this is only a test."""
    return TEST_WORD in name_of(certificate) + issuer_of(certificate)


def _common_name(name: x509.Name) -> str:
    said = name.native
    found = said.get("common_name") or said.get("organization_name") or "?"
    return str(found[0] if isinstance(found, list) else found)


def _leads_to_trust(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    trusted: Sequence[x509.Certificate],
    at: datetime | None,
) -> bool:
    roots = {each.dump() for each in trusted}
    current = certificate
    for _ in range(LONGEST_CHAIN):
        if current.dump() in roots:
            return True
        issuer = next(
            (each for each in (*trusted, *others) if _issued(current, each, at)),
            None,
        )
        if issuer is None or issuer.dump() == current.dump():
            return False
        current = issuer
    return current.dump() in roots


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, at: datetime | None) -> bool:
    if certificate.issuer != issuer.subject or not _may_issue(issuer):
        return False
    if at is not None and not _valid(issuer, at):
        return False
    if sm2.public_key_of(issuer) is not None:
        return sm2.issued(certificate, issuer)
    try:
        load_der_x509_certificate(certificate.dump()).verify_directly_issued_by(
            load_der_x509_certificate(issuer.dump())
        )
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _may_issue(certificate: x509.Certificate) -> bool:
    usage = certificate.key_usage_value
    return bool(certificate.ca) and (usage is None or "key_cert_sign" in usage.native)


def _valid(certificate: x509.Certificate, at: datetime) -> bool:
    return bool(certificate.not_valid_before <= at <= certificate.not_valid_after)
