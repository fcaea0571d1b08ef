"""政策工坊的门: who may change which draft, and the line in the policy log that each change leaves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from yijian.actions.workshop_reading import own_code
from yijian.domain.context import RefusedError
from yijian.records import access, people, workshop
from yijian.records.models import PackDraft
from yijian.records.people import StaffRole, Visitor

EDITABLE = ("draft", "returned")


def acting(by: Any, role: StaffRole) -> Visitor:
    """The member of staff with this role. Errors: Refused."""
    who = people.visitor(by)
    if who.staff is None or not who.works_as(role):
        raise access.Refused
    return who


def actor(who: Visitor) -> str:
    """How drafts and the log name who acts."""
    return who.staff or who.user


def locked(draft: UUID, lock: int, states: Sequence[str], otherwise: str) -> PackDraft:
    """A draft as the page showed it. Errors: Refused, StaleDraftError, RefusedError `otherwise`."""
    row = workshop.locked_draft(draft=draft, lock=lock)
    if row is None:
        raise access.Refused
    if row.state not in states:
        raise RefusedError(otherwise)
    return row


def for_editing(by: Any, draft: UUID, lock: int) -> tuple[Visitor, PackDraft]:
    """A draft of ours that an editor may write in. Errors: as `locked`, `not_editable`."""
    who = acting(by, StaffRole.POLICY_EDITOR)
    row = locked(draft, lock, EDITABLE, "not_editable")
    own_code(row.code)
    return who, row


def submitted(by: Any, draft: UUID, lock: int) -> tuple[Visitor, PackDraft]:
    """A draft that an approver decides about. Errors: as `locked`, `not_submitted`."""
    who = acting(by, StaffRole.POLICY_APPROVER)
    return who, locked(draft, lock, ("submitted",), "not_submitted")


def note(
    who: Visitor, row: PackDraft, what: str, now: datetime, *, version: str = "", note: str = ""
) -> None:
    """One line of the policy log about a draft."""
    workshop.note(
        actor=actor(who), what=what, code=row.code, version=version, draft=row.id,
        digest=row.digest, note=note, now=now,
    )  # fmt: skip
