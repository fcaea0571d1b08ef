"""SM2 签名: sign and verify with SM3 and the standard's identity (GB/T 32918.2).

Keys are bare: 32 bytes private, 64 bytes public (X‖Y). A signature is DER (r, s).
"""

from __future__ import annotations

from asn1crypto import keys, x509
from cryptography.hazmat.primitives import hashes
from gmssl_pyx import (
    GmsslInnerError,
    normalize_sm2_public_key,
    sm2_key_generate,
    sm2_sign,
    sm2_verify,
)

CURVE = "1.2.156.10197.1.301"
SM2_WITH_SM3 = "1.2.156.10197.1.501"
SM3 = "1.2.156.10197.1.401"
_POINT_BYTES = 64
_LARGEST_SIGNATURE = 72


def new_key() -> tuple[bytes, bytes]:
    """A fresh pair: private, public."""
    public, private = sm2_key_generate()
    return private, public


def sign(private: bytes, public: bytes, message: bytes) -> bytes:
    """The signature over the message."""
    return bytes(sm2_sign(private, public, message))


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's over this message; whatever is malformed is not."""
    if len(public) != _POINT_BYTES or not 8 <= len(signature) <= _LARGEST_SIGNATURE:
        return False
    try:
        # Other implementations return something that is not False for a broken signature.
        return sm2_verify(normalize_sm2_public_key(public), message, signature) is True
    except (GmsslInnerError, ValueError):
        return False


def sm3(data: bytes) -> bytes:
    """The SM3 digest, 32 bytes.

    >>> sm3(b"abc").hex()[:8]
    '66c7f0f4'
    """
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def key_info(public: bytes) -> keys.PublicKeyInfo:
    """A public key as certificates hold it."""
    return keys.PublicKeyInfo(
        {
            "algorithm": {
                "algorithm": "ec",
                "parameters": keys.ECDomainParameters(name="named", value=CURVE),
            },
            "public_key": b"\x04" + public,
        }
    )


def public_key_of(certificate: x509.Certificate) -> bytes | None:
    """The SM2 key of a certificate; None when it holds another kind of key."""
    info = certificate.public_key
    if info.algorithm != "ec" or info["algorithm"]["parameters"].native != CURVE:
        return None
    point = bytes(info["public_key"])
    return point[1:] if len(point) == _POINT_BYTES + 1 and point[0] == 4 else None


def issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer` signed `certificate` with SM2."""
    public = public_key_of(issuer)
    if public is None or certificate["signature_algorithm"]["algorithm"].dotted != SM2_WITH_SM3:
        return False
    return verify(public, certificate["tbs_certificate"].dump(), certificate.signature)
