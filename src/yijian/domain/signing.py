"""签名: who signs in which order, and the digest that binds a signature to what was shown.

A step with a condition is needed unless the condition is known to be false; a role that a paper
beside the form names signs as well.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime

from yijian.domain.cases import Case
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.facts import FAMILY
from yijian.domain.forms import Statement
from yijian.domain.policy import Pack
from yijian.domain.roles import SigningStep
from yijian.domain.states import Stage


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


def applicable_statements(case: Case, context: Context, now: datetime) -> tuple[Statement, ...]:
    """The papers that are signed beside the form of this case, in the pack's order."""
    if not context.pack.statements:
        return ()
    values = context.filled(case, FAMILY, now)
    return tuple(
        statement
        for statement in context.pack.statements
        if statement.when is None or statement.when.holds(values) is not False
    )


def required_steps(case: Case, context: Context, now: datetime) -> tuple[SigningStep, ...]:
    """The steps this case needs, in the pack's order."""
    steps = context.pack.signing
    if all(step.when is None for step in steps):
        return steps
    values = context.filled(case, FAMILY, now)
    named = {r for paper in applicable_statements(case, context, now) for r in paper.signed_by}
    return tuple(
        step
        for step in steps
        if step.when is None or step.role in named or step.when.holds(values) is not False
    )


def next_signers(case: Case, context: Context, now: datetime) -> tuple[SigningStep, ...]:
    """The steps whose turn it is: not signed yet, everything needed before them signed."""
    steps = required_steps(case, context, now)
    missing = {step.role for step in steps} - valid_signatures(case)
    return tuple(step for step in steps if step.role in missing and not missing & set(step.after))


def withdraw_signature(case: Case, role: str, context: Context, now: datetime) -> list[Event]:
    """Before submission a signer takes the signature back, as long as it stands.

    Whoever signed after this role, because the scheme has it so, must sign again as well. Errors:
    `not_open_for_signing`, `not_signed`.
    """
    if case.stage is not Stage.SIGNING:
        raise RefusedError("not_open_for_signing")
    if role not in valid_signatures(case):
        raise RefusedError("not_signed")
    gone = [role]
    for step in required_steps(case, context, now):
        if step.role in case.signatures and set(step.after) & set(gone):
            gone.append(step.role)
    public = {"role": role, "voided": gone}
    return [Event(EventKind.SIGNATURE_WITHDRAWN, now, role, public=public)]


def valid_signatures(case: Case) -> frozenset[str]:
    """The roles whose signature covers the form as it is now."""
    return frozenset(
        role for role, s in case.signatures.items() if s.form_version == case.form_version
    )


def fully_signed(case: Case, context: Context, now: datetime) -> bool:
    """Whether every role that must has signed the form as it is now."""
    needed = {step.role for step in required_steps(case, context, now)}
    return needed <= valid_signatures(case)


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical JSON form")
