"""Identity tokens (身份令牌): RS256 with one RSA key that lives as long as the state."""

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.store import Store


def base64url(data: bytes) -> str:
    """Return unpadded base64url text.

    >>> base64url(b"?>")
    'Pz4'
    """
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def code_challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    return base64url(hashlib.sha256(verifier.encode()).digest())


class TokenKey:
    """The provider's signing key."""

    def __init__(self, store: Store) -> None:
        kept = store.get("identity", "signing_key")
        if kept is None:
            pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            store.put_new("identity", "signing_key", {"pem": pem.decode()})
            kept = store.get("identity", "signing_key")
        assert kept is not None
        key = serialization.load_pem_private_key(kept["pem"].encode(), password=None)
        assert isinstance(key, rsa.RSAPrivateKey)
        self._key = key

    def public_jwk(self) -> dict[str, str]:
        """Return the public key as a JWK, named by its thumbprint."""
        numbers = self._key.public_key().public_numbers()
        parts = {
            "e": base64url(numbers.e.to_bytes(3, "big")),
            "kty": "RSA",
            "n": base64url(numbers.n.to_bytes(256, "big")),
        }
        canonical = json.dumps(parts, separators=(",", ":"), sort_keys=True)
        kid = base64url(hashlib.sha256(canonical.encode()).digest())
        return parts | {"use": "sig", "alg": "RS256", "kid": kid}

    def sign(self, claims: dict[str, Any]) -> str:
        """Return the claims as a signed token."""
        header = {"alg": "RS256", "typ": "JWT", "kid": self.public_jwk()["kid"]}
        head, body = (
            base64url(json.dumps(part, ensure_ascii=False).encode()) for part in (header, claims)
        )
        signature = self._key.sign(f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{head}.{body}.{base64url(signature)}"
