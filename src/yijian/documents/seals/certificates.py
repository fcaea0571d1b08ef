"""测试证书: certificates as the built-in test authority issues them, for P-256 and for SM2 alike.

The algorithm is the caller's: `sign` is given the DER to be signed. Nothing here holds a key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import keys, x509
from asn1crypto.core import OctetBitString

Sign = Callable[[bytes], bytes]
LONGEST_COMMON_NAME = 64


@dataclass(frozen=True, slots=True)
class Signing:
    """How an authority signs: the algorithm's name or dotted number, and the act itself."""

    algorithm: str
    sign: Sign


def name(common_name: str, *, organisation: str, unit: str = "") -> x509.Name:
    """A subject or issuer in China. A name too long for its field loses its beginning."""
    parts = {"country_name": "CN", "organization_name": organisation[-LONGEST_COMMON_NAME:]}
    if unit:
        parts["organizational_unit_name"] = unit
    return x509.Name.build({**parts, "common_name": common_name[-LONGEST_COMMON_NAME:]})


def issue_authority(
    subject: x509.Name,
    key: keys.PublicKeyInfo,
    *,
    period: tuple[datetime, datetime],
    signing: Signing,
) -> x509.Certificate:
    """The certificate of an authority, signed by itself."""
    extensions = [
        _extension("basic_constraints", {"ca": True, "path_len_constraint": 0}, critical=True),
        _extension("key_usage", {"key_cert_sign", "crl_sign"}, critical=True),
        _extension("key_identifier", _key_id(key)),
    ]
    return _signed(_tbs(subject, subject, key, period, signing, extensions), signing)


def issue(
    subject: x509.Name,
    key: keys.PublicKeyInfo,
    *,
    authority: x509.Certificate,
    period: tuple[datetime, datetime],
    signing: Signing,
) -> x509.Certificate:
    """The certificate of somebody who signs documents, issued by an authority."""
    extensions = [
        _extension("basic_constraints", {"ca": False}, critical=True),
        _extension("key_usage", {"digital_signature", "non_repudiation"}, critical=True),
        _extension("key_identifier", _key_id(key)),
        _extension("authority_key_identifier", {"key_identifier": authority.key_identifier}),
    ]
    return _signed(_tbs(subject, authority.subject, key, period, signing, extensions), signing)


def _tbs(
    subject: x509.Name,
    issuer: x509.Name,
    key: keys.PublicKeyInfo,
    period: tuple[datetime, datetime],
    signing: Signing,
    extensions: list[dict[str, object]],
) -> x509.TbsCertificate:
    # One authority gives one key one certificate, so a digest of both is serial enough.
    digest = hashlib.sha256(subject.dump() + issuer.dump() + key.dump()).digest()
    return x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": int.from_bytes(b"\x01" + digest[:15], "big"),
            "signature": {"algorithm": signing.algorithm},
            "issuer": issuer,
            "validity": {"not_before": _time(period[0]), "not_after": _time(period[1])},
            "subject": subject,
            "subject_public_key_info": key,
            "extensions": extensions,
        }
    )


def _signed(tbs: x509.TbsCertificate, signing: Signing) -> x509.Certificate:
    made = x509.Certificate(
        {
            "tbs_certificate": tbs,
            "signature_algorithm": {"algorithm": signing.algorithm},
            "signature_value": OctetBitString(signing.sign(tbs.dump())),
        }
    )
    return x509.Certificate.load(made.dump())


def _extension(named: str, value: object, *, critical: bool = False) -> dict[str, object]:
    return {"extn_id": named, "critical": critical, "extn_value": value}


def _key_id(key: keys.PublicKeyInfo) -> bytes:
    return bytes(key.sha1)


def _time(at: datetime) -> x509.Time:
    return x509.Time({"utc_time": at})
