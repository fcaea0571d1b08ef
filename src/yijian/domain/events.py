"""事件: everything that can happen to a case. A case changes by nothing else.

Every event has a public body, which goes into the journal, and a sealed body, which holds personal
data and never does. Public bodies are plain JSON values; times are ISO 8601 strings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

TaskKey = tuple[str, int]
"""An item's code and the newborn's number (0 for an item of the whole family)."""


class EventKind(StrEnum):
    """事件: everything that can happen to a case, in the past tense."""

    CASE_STARTED = "case_started"
    CASE_RECEIVED = "case_received"
    TASK_RECEIVED = "task_received"
    SCHEME_CHOSEN = "scheme_chosen"
    REGISTER_ANSWERED = "register_answered"
    CONSENT_GIVEN = "consent_given"
    ANSWERS_SAVED = "answers_saved"
    VALUE_DISPUTED = "value_disputed"
    TURNED_AWAY = "turned_away"
    REFUSAL_LIFTED = "refusal_lifted"
    SIGNING_OPENED = "signing_opened"
    SIGNING_REOPENED = "signing_reopened"
    SIGNED = "signed"
    SIGNATURE_WITHDRAWN = "signature_withdrawn"
    CASE_SUBMITTED = "case_submitted"
    TASK_MOVED = "task_moved"
    TASK_ROUTED = "task_routed"
    TASK_SWITCHED = "task_switched"
    TASK_ASKED = "task_asked"
    ASK_ANSWERED = "ask_answered"
    FAMILY_REMINDED = "family_reminded"
    MATERIAL_KEPT = "material_kept"
    MATERIAL_REMOVED = "material_removed"
    DOCUMENT_ISSUED = "document_issued"
    CERTIFICATE_KEPT = "certificate_kept"
    CERTIFICATE_LINKED = "certificate_linked"
    CERTIFICATE_ENDED = "certificate_ended"
    PAPER_MOVED = "paper_moved"
    PARCEL_MOVED = "parcel_moved"
    PACKAGE_MADE = "package_made"
    CASE_HANDED_OVER = "case_handed_over"
    CASE_WITHDRAWN = "case_withdrawn"
    CASE_CLOSED = "case_closed"
    EXCHANGE_SETTLED = "exchange_settled"
    TASK_URGED = "task_urged"
    DUE_MOVED = "due_moved"
    RATED = "rated"
    RATING_EXCLUDED = "rating_excluded"


@dataclass(frozen=True, slots=True)
class Event:
    """事件: one thing that happened; `task` when it concerns one task.

    `public` holds codes, opaque ids, times and digests; `sealed` holds personal data.
    """

    kind: EventKind
    at: datetime
    by: str
    task: TaskKey | None = None
    public: Mapping[str, object] = field(default_factory=dict)
    sealed: Mapping[str, object] = field(default_factory=dict)


def key_of(event: Event) -> TaskKey:
    """The task an event concerns. Errors: ValueError when it names none."""
    if event.task is None:
        raise ValueError(f"{event.kind} needs a task")
    return event.task


def text_or_none(value: object) -> str | None:
    """A value of a public body as text."""
    return None if value is None else str(value)


def moment_in(
    public: Mapping[str, object], name: str, otherwise: datetime | None
) -> datetime | None:
    """The moment that a public body names; `otherwise` when it does not speak of it."""
    if name not in public:
        return otherwise
    value = public[name]
    return None if value is None else datetime.fromisoformat(str(value))
