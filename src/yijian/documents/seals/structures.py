"""签章结构: the ASN.1 of GB/T 38540-2020 (version 4), for writing and for reading.

A seal (SESeal) is made once by its maker; a signature (SES_Signature) carries the seal whole. The
maker signs the DER of the seal's information alone, the holder the DER of what is to be signed.
"""

from __future__ import annotations

from datetime import UTC, datetime

from asn1crypto.core import (
    Any,
    BitString,
    Boolean,
    GeneralizedTime,
    IA5String,
    Integer,
    ObjectIdentifier,
    OctetBitString,
    OctetString,
    PrintableString,
    Sequence,
    SequenceOf,
    UTF8String,
)

from yijian.documents.seals import sm2

VERSION = 4
CERTIFICATES, DIGESTS = 1, 2
ORGANISATION_SEAL = 1


class Extension(Sequence):
    _fields = [
        ("extn_id", ObjectIdentifier),
        ("critical", Boolean, {"default": False}),
        ("extn_value", OctetString),
    ]


class Extensions(SequenceOf):
    _child_spec = Extension


class Header(Sequence):
    _fields = [("id", IA5String), ("version", Integer), ("vid", IA5String)]


class Certificates(SequenceOf):
    _child_spec = OctetString


class CertificateDigest(Sequence):
    _fields = [("type", PrintableString), ("value", OctetString)]


class CertificateDigests(SequenceOf):
    _child_spec = CertificateDigest


class Property(Sequence):
    """`cert_list` is Certificates or CertificateDigests, as `cert_list_type` says."""

    _fields = [
        ("type", Integer),
        ("name", UTF8String),
        ("cert_list_type", Integer),
        ("cert_list", Any),
        ("create_date", GeneralizedTime),
        ("valid_start", GeneralizedTime),
        ("valid_end", GeneralizedTime),
    ]


class Picture(Sequence):
    _fields = [
        ("type", IA5String),
        ("data", OctetString),
        ("width", Integer),
        ("height", Integer),
    ]


class SealInformation(Sequence):
    """SES_SealInfo."""

    _fields = [
        ("header", Header),
        ("es_id", IA5String),
        ("property", Property),
        ("picture", Picture),
        ("ext_datas", Extensions, {"explicit": 0, "optional": True}),
    ]


class SignedSeal(Sequence):
    """SESeal."""

    _fields = [
        ("eseal_info", SealInformation),
        ("cert", OctetString),
        ("sign_alg_id", ObjectIdentifier),
        ("signed_value", OctetBitString),
    ]


class ToSign(Sequence):
    """TBS_Sign."""

    _fields = [
        ("version", Integer),
        ("eseal", SignedSeal),
        ("time_info", GeneralizedTime),
        ("data_hash", OctetBitString),
        ("property_info", IA5String),
        ("ext_datas", Extensions, {"explicit": 0, "optional": True}),
    ]


class SealSignature(Sequence):
    """SES_Signature."""

    _fields = [
        ("to_sign", ToSign),
        ("cert", OctetString),
        ("signature_alg_id", ObjectIdentifier),
        ("signature", OctetBitString),
        ("time_stamp", BitString, {"explicit": 0, "optional": True}),
    ]


def seal_information(
    *,
    number: str,
    name: str,
    maker: str,
    certificate: bytes,
    picture: bytes,
    size_mm: tuple[int, int],
    valid_from: datetime,
    valid_until: datetime,
) -> bytes:
    """The DER of a seal's information: what its maker signs."""
    information = SealInformation(
        {
            "header": {"id": "ES", "version": VERSION, "vid": maker},
            "es_id": number,
            "property": {
                "type": ORGANISATION_SEAL,
                "name": name,
                "cert_list_type": CERTIFICATES,
                "cert_list": Certificates([certificate]),
                "create_date": whole_second(valid_from),
                "valid_start": whole_second(valid_from),
                "valid_end": whole_second(valid_until),
            },
            "picture": {
                "type": "PNG",
                "data": picture,
                "width": size_mm[0],
                "height": size_mm[1],
            },
        }
    )
    return bytes(information.dump())


def signed_seal(information: bytes, *, maker_certificate: bytes, signature: bytes) -> bytes:
    """The DER of a seal, from its information and its maker's signature over that."""
    seal = SignedSeal(
        {
            "eseal_info": SealInformation.load(information),
            "cert": maker_certificate,
            "sign_alg_id": sm2.SM2_WITH_SM3,
            "signed_value": signature,
        }
    )
    return bytes(seal.dump())


def to_sign(*, eseal: bytes, digest: bytes, covers: str, at: datetime) -> bytes:
    """The DER of what the holder signs: the seal, the time, and the SM3 digest of what it covers.

    `covers` is the path of the digested part inside its package.
    """
    tbs = ToSign(
        {
            "version": VERSION,
            "eseal": SignedSeal.load(eseal),
            "time_info": whole_second(at),
            "data_hash": digest,
            "property_info": covers,
        }
    )
    return bytes(tbs.dump())


def seal_signature(tbs: bytes, *, certificate: bytes, signature: bytes) -> bytes:
    """The DER of a seal's signature, from what was signed and the signature over that."""
    signed = SealSignature(
        {
            "to_sign": ToSign.load(tbs),
            "cert": certificate,
            "signature_alg_id": sm2.SM2_WITH_SM3,
            "signature": signature,
        }
    )
    return bytes(signed.dump())


def certificates_in(seal: SignedSeal) -> tuple[list[bytes], list[bytes]]:
    """The signers a seal allows: their certificates, and the SM3 digests of others."""
    stated = seal["eseal_info"]["property"]
    der = stated["cert_list"].parse
    if int(stated["cert_list_type"].native) == CERTIFICATES:
        return [bytes(each.native) for each in der(spec=Certificates)], []
    return [], [bytes(each["value"].native) for each in der(spec=CertificateDigests)]


def whole_second(at: datetime) -> datetime:
    """The moment as these structures can state it: in UTC, to the second."""
    return at.astimezone(UTC).replace(microsecond=0)
