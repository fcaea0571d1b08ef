"""加密: sealing of personal data, keys of cases, and the blind index.

Every ciphertext opens only where it was written: table, column and row are authenticated with it.
A case has a key of its own, wrapped by the master key, which never enters the database. Data that
belong to no case are sealed with keys derived from the master key.

A sealed value is: algorithm (1 byte), key id (4 bytes), nonce (12 bytes), ciphertext and tag.
"""

import base64
import functools
import hashlib
import hmac
import json
import os
import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from yijian.domain.numbers import normal_id_number

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
DIGEST_BYTES = 16
HEAD_BYTES = 5


class SealBroken(Exception):
    """A sealed value does not open: it was changed, moved, or sealed with another key."""


class Algorithm(Enum):
    """How values are sealed. What is sealed either way can always be opened."""

    AES_256_GCM = b"A"
    SM4_GCM = b"S"


class _Box(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes: ...


class _SM4Box:
    """SM4-GCM (GB/T 32907) with the first 128 bits of a digest of the key."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.sha256(b"sm4" + key).digest()[:16]

    def encrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        encryptor = Cipher(algorithms.SM4(self._key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(aad)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        mode = modes.GCM(nonce, data[-TAG_BYTES:])
        decryptor = Cipher(algorithms.SM4(self._key), mode).decryptor()
        decryptor.authenticate_additional_data(aad)
        return decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()


@dataclass(frozen=True, slots=True)
class Key:
    """A key that seals and opens. Its `repr` says nothing about it."""

    secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.id.hex()})"

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys apart."""
        return hashlib.sha256(b"key id" + self.secret).digest()[:4]

    def seal(self, plain: bytes, place: str, algorithm: Algorithm | None = None) -> bytes:
        """The value sealed for one place."""
        chosen = algorithm or current_algorithm()
        nonce = os.urandom(NONCE_BYTES)
        body = _box(chosen, self.secret).encrypt(nonce, plain, place.encode())
        return chosen.value + self.id + nonce + body

    def open(self, sealed: bytes, place: str) -> bytes:
        """The value that was sealed for this place. Errors: SealBroken."""
        if len(sealed) < HEAD_BYTES + NONCE_BYTES + TAG_BYTES:
            raise SealBroken(f"{place}: too short to be a sealed value")
        if sealed[1:HEAD_BYTES] != self.id:
            raise SealBroken(f"{place}: sealed with another key")
        try:
            box = _box(Algorithm(sealed[:1]), self.secret)
            nonce = sealed[HEAD_BYTES : HEAD_BYTES + NONCE_BYTES]
            return box.decrypt(nonce, sealed[HEAD_BYTES + NONCE_BYTES :], place.encode())
        except (InvalidTag, ValueError):
            raise SealBroken(f"{place}: changed, or moved from another place") from None


def _box(algorithm: Algorithm, secret: bytes) -> _Box:
    return AESGCM(secret) if algorithm is Algorithm.AES_256_GCM else _SM4Box(secret)


def current_algorithm() -> Algorithm:
    """The algorithm for new values: AES-256-GCM unless the settings say "SM4-GCM"."""
    return Algorithm[settings.YIJIAN.cipher.replace("-", "_")]


def place(table: str, column: str, row: object) -> str:
    """Where a sealed value lives; it opens nowhere else."""
    return f"{table}·{column}·{row}"


def master_key() -> Key:
    """The key that wraps all others."""
    return Key(_decoded(settings.YIJIAN.master_key))


@functools.lru_cache(maxsize=8)
def _decoded(text: str) -> bytes:
    key = base64.b64decode(text)
    if len(key) != KEY_BYTES:
        raise ValueError("a key must have 32 bytes")
    return key


def new_case_key() -> Key:
    """A fresh key for one case."""
    return Key(os.urandom(KEY_BYTES))


def wrap(key: Key, case_id: str | UUID) -> bytes:
    """The case's key under the master key."""
    return master_key().seal(key.secret, place("case", "wrapped_key", case_id))


def unwrap(wrapped: bytes, case_id: str | UUID) -> Key:
    """The case's key. Errors: SealBroken."""
    return Key(master_key().open(wrapped, place("case", "wrapped_key", case_id)))


def installation_key(purpose: str) -> Key:
    """A key for data that belong to no case, such as identities of users and delivery records."""
    return _derived(master_key().secret, purpose)


@functools.lru_cache(maxsize=32)
def _derived(secret: bytes, purpose: str) -> Key:
    return Key(hmac.digest(secret, b"installation key\n" + purpose.encode(), "sha256"))


def seal_document(key: Key, document: object, where: str) -> bytes:
    """A JSON document, compressed and sealed."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return key.seal(zlib.compress(text.encode(), 1), where)


def open_document(key: Key, sealed: bytes, where: str) -> object:
    """The JSON document that `seal_document` sealed. Errors: SealBroken."""
    document: object = json.loads(zlib.decompress(key.open(sealed, where)))
    return document


_PHONE_NOISE = re.compile(r"[^0-9]")
_PHONE_PREFIX = re.compile(r"^(?:00)?86(?=1\d{10}$)")


def normal_value(purpose: str, value: str) -> str:
    """The value as the blind index sees it: two ways to write one thing give one digest.

    >>> normal_value("phone", "+86 138-0013-8000")
    '13800138000'
    """
    if purpose in ("id_number", "person", "certificate"):
        return normal_id_number(value)
    if purpose == "phone":
        return _PHONE_PREFIX.sub("", _PHONE_NOISE.sub("", value))
    if purpose == "name":
        return "".join(unicodedata.normalize("NFKC", value).split()).casefold()
    return value


def blind_index(purpose: str, value: str) -> bytes:
    """A keyed digest of 128 bits by which a value is found and from which it is not guessed."""
    key = _decoded(settings.YIJIAN.index_key)
    text = f"{purpose}\n{normal_value(purpose, value)}"
    return hmac.digest(key, text.encode(), "sha256")[:DIGEST_BYTES]


def newborn_uid(mother_id_number: str, delivery_id: str, order: int) -> bytes:
    """The identity of a newborn before it has a name: mother, delivery and birth order."""
    return blind_index("newborn", f"{normal_id_number(mother_id_number)}\n{delivery_id}\n{order}")


def keyed_digest(purpose: str, text: str) -> bytes:
    """A keyed digest of 256 bits: it shows that a text is the same; guessing it needs the key."""
    key = _decoded(settings.YIJIAN.index_key)
    return hmac.digest(key, f"digest of {purpose}\n{text}".encode(), "sha256")


def answer_digest(values: Iterable[tuple[str, int, object]]) -> bytes:
    """The keyed digest of a register's answer, for its receipt."""
    plain = sorted((fact, subject, str(value)) for fact, subject, value in values)
    return keyed_digest("answer", json.dumps(plain, ensure_ascii=False))
