"""封包: a package that only its participant can open, without a password that somebody must know.

The key is agreed between the participant's X25519 key and a key made for this package alone
(X25519, HKDF-SHA256), the package is AES-256-GCM. The package's own key follows from a secret of
the node, the recipient and the contents, so that the same package is sealed to the same bytes, and
never twice with one key for different contents.
"""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

MAGIC = b"YIJIAN-SEALED-1\n"
KEY_LENGTH, NONCE_LENGTH, PUBLIC_LENGTH = 32, 12, 32


class NotASealingKeyError(ValueError):
    """A text is no X25519 public key as PEM."""


def read_sealing_key(pem: bytes) -> str:
    """An X25519 public key in its one spelling. Errors: NotASealingKeyError."""
    return _public(pem).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def sealed(package: bytes, recipient: str, secret: bytes) -> bytes:
    """The package, sealed to a recipient's public key; `secret` is the node's own.

    Errors: NotASealingKeyError.
    """
    to = _public(recipient.encode())
    contents = hashlib.sha256(package).digest()
    seed = hmac.digest(secret, MAGIC + _raw(to) + contents, "sha256")
    own = X25519PrivateKey.from_private_bytes(seed)
    key, nonce = _agreed(own.exchange(to), _raw(own.public_key()), _raw(to))
    head = MAGIC + _raw(own.public_key())
    return head + AESGCM(key).encrypt(nonce, package, head)


def opened(data: bytes, own: X25519PrivateKey) -> bytes:
    """The package in a sealed one. Errors: ValueError when it is not for this key, or changed."""
    head = data[: len(MAGIC) + PUBLIC_LENGTH]
    if not data.startswith(MAGIC) or len(head) < len(MAGIC) + PUBLIC_LENGTH:
        raise ValueError("not a sealed package")
    other = head[len(MAGIC) :]
    shared = own.exchange(X25519PublicKey.from_public_bytes(other))
    key, nonce = _agreed(shared, other, _raw(own.public_key()))
    try:
        return AESGCM(key).decrypt(nonce, data[len(head) :], head)
    except InvalidTag:
        raise ValueError("sealed for somebody else, or changed on its way") from None


def _agreed(shared: bytes, sender: bytes, recipient: bytes) -> tuple[bytes, bytes]:
    derived = HKDF(
        hashes.SHA256(), KEY_LENGTH + NONCE_LENGTH, salt=sender + recipient, info=MAGIC
    ).derive(shared)
    return derived[:KEY_LENGTH], derived[KEY_LENGTH:]


def _public(pem: bytes) -> X25519PublicKey:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise NotASealingKeyError from None
    if not isinstance(key, X25519PublicKey):
        raise NotASealingKeyError
    return key


def _raw(key: X25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
