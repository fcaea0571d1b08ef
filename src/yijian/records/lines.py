"""What lists are made of: one value per line, with masked names and nothing else personal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from yijian.records import crypto


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One line of a worklist. `names` are masked: mother, father and the newborns in order.

    `pack_digest` names the policy the case is pinned to.
    """

    task_id: UUID
    case_id: UUID
    number: str
    item: str
    newborn: int
    state: str
    office: str | None
    since: datetime
    due_at: datetime | None
    due_provisional: bool
    started_at: datetime | None
    paused_at: datetime | None
    round: int
    reason: str | None
    correct: tuple[str, ...]
    open_asks: tuple[str, ...]
    version: int
    pack_digest: str
    names: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, and the token of the next page; None on the last one."""

    lines: tuple[TaskLine, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in a list: where it stands, and how many of its tasks have ended."""

    case_id: UUID
    number: str
    stage: str
    started_at: datetime
    submitted_at: datetime | None
    newborns: int
    tasks: int
    ended: int
    role: str
    names: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskCount:
    """How many tasks of one item an office has in one state, and how many are late."""

    office: str | None
    item: str
    state: str
    tasks: int
    late: int


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One delivery record in an institution's list; who and when stays sealed."""

    id: UUID
    delivery_id: str
    source: str
    entered_at: datetime
    due_at: datetime
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message that was written to a role of a case, and where it stands."""

    id: UUID
    notice: str
    channel: str
    text: str
    at: datetime
    state: str


def names_of(case_id: UUID, wrapped: bytes | None, display: bytes | None) -> Mapping[str, Any]:
    """The masked names of a case; empty ones when it was forgotten."""
    if wrapped is None or display is None:
        return {"mother": "", "father": "", "newborns": []}
    key = crypto.unwrap(bytes(wrapped), case_id)
    where = crypto.place("case", "display", case_id)
    return cast(Mapping[str, Any], crypto.open_document(key, bytes(display), where))
