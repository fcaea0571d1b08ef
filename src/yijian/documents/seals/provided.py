"""印章服务的结果: what a provider answers, checked before it goes into a document.

A provider is another system. A wrong certificate or signature would give a document that nobody
accepts and that cannot be taken back.
"""

from __future__ import annotations

from datetime import datetime

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from yijian.documents.seals import Holder, Seal, SealProvider, SealRefusedError, sm2, trust

WRONG_SEAL = "wrong_seal"
WRONG_SIGNATURE = "wrong_signature"


def valid_seal(provider: SealProvider, holder: Holder, at: datetime) -> Seal:
    """The holder's seal, when it may be used at this time. Errors: SealRefusedError."""
    seal = provider.seal_of(holder, at)
    if not seal.valid_from <= at < seal.valid_until:
        raise SealRefusedError("seal_not_valid_then")
    return seal


def signed_pdf(
    provider: SealProvider, seal: Seal, signer: x509.Certificate, attributes: bytes, at: datetime
) -> bytes:
    """The provider's signature over a PDF's signed attributes. Errors: SealRefusedError."""
    signature = provider.sign_pdf(seal.holder, attributes, at)
    try:
        key = load_der_public_key(signer.public_key.dump())
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, attributes, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, attributes, padding.PKCS1v15(), hashes.SHA256())
        else:
            raise SealRefusedError(WRONG_SEAL)
    except InvalidSignature:
        raise SealRefusedError(WRONG_SIGNATURE, passing=True) from None
    except (UnsupportedAlgorithm, ValueError):
        raise SealRefusedError(WRONG_SEAL) from None
    return signature


def signed_ofd(provider: SealProvider, seal: Seal, to_sign: bytes, at: datetime) -> bytes:
    """The provider's SM2 signature over a TBS_Sign. Errors: SealRefusedError."""
    public = sm2.public_key_of(certificates(seal.ofd_certificate)[0])
    if public is None:
        raise SealRefusedError(WRONG_SEAL)
    signature = provider.sign_ofd(seal.holder, to_sign, at)
    if not sm2.verify(public, to_sign, signature):
        raise SealRefusedError(WRONG_SIGNATURE, passing=True)
    return signature


def certificates(*der: bytes) -> list[x509.Certificate]:
    """The certificates of a seal, at least one. Errors: SealRefusedError."""
    try:
        found = [trust.loaded(each) for each in der]
    except (ValueError, TypeError):
        raise SealRefusedError(WRONG_SEAL) from None
    if not found:
        raise SealRefusedError(WRONG_SEAL)
    return found
