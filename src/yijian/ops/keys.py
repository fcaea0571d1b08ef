"""The first keys of a node: secrets as files, and Ed25519 key pairs as PEM.

What lives here: making what is missing. Existing files are never touched: a key that is replaced
would make every sealed case unreadable.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# The name of a secret file is the name of its setting; the mark tells production to refuse it.
DEMO_MARK = "MADE_FOR_DEMO"
# Beside the secrets folder: everything in this folder was made for practising.
TRAINING_MARK = "MADE_FOR_TRAINING"


def make_secrets(folder: Path, *, demo: bool) -> None:
    """Create the secret files of the settings that have none yet."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if demo:
        (folder / DEMO_MARK).touch()
    wanted = {
        "yijian_secret_key": secrets.token_urlsafe(48),
        "yijian_master_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "yijian_index_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "yijian_identity_client_secret": secrets.token_urlsafe(32),
    }
    for name, value in wanted.items():
        _write_once(folder / name, value.encode())


def make_key_pair(folder: Path, participant: str) -> None:
    """Create `participant.pem` and `participant.pub.pem`, unless the private key is there."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{participant}.pem"
    if path.exists():
        return
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / f"{participant}.pub.pem").write_bytes(public)
    _write_once(
        path,
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def _write_once(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads; one that exists stays as it is."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as file:
        file.write(content)
