"""签名: who signs in which order, and the digest that binds a signature to what was shown."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime

from yijian.domain.cases import Case
from yijian.domain.policy import Pack, SigningStep


def canonical_json(value: object) -> bytes:
    """The one byte string of a JSON value: sorted keys, no spaces, UTF-8, ISO 8601 times."""
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain
    )
    return text.encode()


def shown_digest(pack: Pack, shown: Mapping[str, object], text: str, form_version: int) -> str:
    """The SHA-256 of exactly what a signer saw: the values, the words and the policy version."""
    bound = {
        "pack": pack.digest,
        "form_version": form_version,
        "shown": dict(shown),
        "text": text,
    }
    return hashlib.sha256(canonical_json(bound)).hexdigest()


def text_digest(text: str) -> str:
    """The SHA-256 of a notice or commitment as it was shown."""
    return hashlib.sha256(text.encode()).hexdigest()


def next_signers(pack: Pack, case: Case) -> tuple[SigningStep, ...]:
    """The steps whose turn it is: not signed yet, everything before them signed."""
    signed = valid_signatures(case)
    return tuple(
        step
        for step in pack.signing
        if step.role not in signed and all(before in signed for before in step.after)
    )


def valid_signatures(case: Case) -> frozenset[str]:
    """The roles whose signature covers the form as it is now."""
    return frozenset(
        role for role, s in case.signatures.items() if s.form_version == case.form_version
    )


def fully_signed(pack: Pack, case: Case) -> bool:
    """Whether every role the pack names has signed the form as it is now."""
    return {step.role for step in pack.signing} <= valid_signatures(case)


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical JSON form")
