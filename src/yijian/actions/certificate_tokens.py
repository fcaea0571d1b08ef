"""核验码: a short signed text that stands for a certificate, without anything personal in it.

`YJ1.<payload>.<signature>`: the payload names the certificate's identifier, the digest of its
content and the node that signed; the signature is the node's Ed25519 key. Whoever has the node's
public key can check it without asking anybody; whether the certificate is still valid only the
node can say, and every node that keeps the same certificate.
"""

import base64
import binascii
import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings

from yijian.domain.certificates import Certificate, IdentifierError, read_identifier
from yijian.domain.envelopes import NODE
from yijian.gateways.signatures.keys import split_keys
from yijian.records import exchange, journal

MARK = "YJ1"
LONGEST = 1200
_CONTEXT = b"yijian certificate 1\n"


class WrongTokenError(Exception):
    """A text that is no token, or that no key of the node it names has signed."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says."""

    identifier: str
    digest: str
    node: str


def token_of(certificate: Certificate) -> str:
    """The token of a certificate, signed by this node."""
    said = {
        "d": certificate.digest,
        "i": str(certificate.identifier),
        "n": settings.YIJIAN.node,
    }
    payload = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    signature = journal.node_key().sign(_CONTEXT + payload)
    return f"{MARK}.{_text(payload)}.{_text(signature)}"


def address_of(token: str) -> str:
    """The address at which anybody may check a token; what the QR code says."""
    return f"{settings.YIJIAN.public_url}/verify/?token={token}"


def read(text: str) -> Token:
    """What a token says, or the address that carries one. Errors: WrongTokenError."""
    text = text.strip().rpartition("token=")[2]
    mark, _, rest = text.partition(".")
    payload_text, _, signature_text = rest.partition(".")
    if mark != MARK or len(text) > LONGEST:
        raise WrongTokenError
    try:
        payload, signature = _bytes(payload_text), _bytes(signature_text)
        said = json.loads(payload)
        identifier, node = read_identifier(str(said["i"])), str(said["n"])
        if not any(_is_signed(key, payload, signature) for key in keys_of(node)):
            raise WrongTokenError
        return Token(str(identifier), str(said["d"]), node)
    except (ValueError, KeyError, TypeError, binascii.Error, IdentifierError):
        raise WrongTokenError from None


def keys_of(node: str) -> list[Ed25519PublicKey]:
    """The keys of this node, or of another node that is known here; none of anybody else."""
    if node == settings.YIJIAN.node:
        return public_keys()
    partner = exchange.partner(node)
    if partner is None or partner.kind != NODE:
        return []
    found = [load_pem_public_key(pem) for pem in split_keys(partner.public_key.encode())]
    return [key for key in found if isinstance(key, Ed25519PublicKey)]


def public_keys() -> list[Ed25519PublicKey]:
    """The keys of this node: the present one and those that are kept as retired."""
    keys = [journal.node_key().public_key()]
    for path in sorted(settings.YIJIAN.keys_folder.glob(f"{settings.YIJIAN.node}*.pub.pem")):
        for pem in split_keys(path.read_bytes()):
            key = load_pem_public_key(pem)
            if isinstance(key, Ed25519PublicKey):
                keys.append(key)
    return keys


def _is_signed(key: Ed25519PublicKey, payload: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, _CONTEXT + payload)
    except InvalidSignature:
        return False
    return True


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _text(data) != text:
        raise ValueError("another spelling of the same bytes")
    return data
