"""办件与子办件: a family's case and its tasks as values. How they change is in `history`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from yijian.domain.events import TaskKey
from yijian.domain.facts import Fact, FactKey
from yijian.domain.states import TERMINAL, Stage, TaskState


class CheckState(StrEnum):
    """How a register's check of this family stands."""

    FOUND = "found"
    EMPTY = "empty"
    FAILED = "failed"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Check:
    """核验: the last answer of one register, with its receipt."""

    state: CheckState
    at: datetime
    receipt: str | None
    attempts: int


def live_register(role: str) -> str:
    """The name under which a role's live-person check is kept among the checks."""
    return f"live_{role}"


@dataclass(frozen=True, slots=True)
class Consent:
    """授权: who agreed to which text and when; `digest` binds the exact words.

    `witnessed` when a clerk at a window saw the person agree.
    """

    role: str
    notice: str
    digest: str
    at: datetime
    witnessed: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """签名: binds a role to the digest of exactly what was shown, at one form version.

    `witnessed` when a clerk at a window saw the person sign. `documents` are the files that were
    shown: the id of each and the SHA-256 of its PDF, "" when it had none yet.
    """

    role: str
    digest: str
    form_version: int
    method: str
    at: datetime
    witnessed: bool = False
    documents: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """子办件: one item for one newborn (or the family) at one office."""

    item: str
    newborn: int
    state: TaskState
    office: str | None
    since: datetime
    due_at: datetime | None = None
    due_provisional: bool = False
    started_at: datetime | None = None
    paused_at: datetime | None = None
    round: int = 0
    reason: str | None = None
    correct: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    version: int = 0

    @property
    def key(self) -> TaskKey:
        """The task's place in its case."""
        return (self.item, self.newborn)

    @property
    def ended(self) -> bool:
        """Whether no step leads out of its state."""
        return self.state in TERMINAL

    @property
    def unrouted(self) -> bool:
        """Whether it is under way and a person must say which office acts."""
        return self.office is None and self.state is TaskState.QUEUED

    @property
    def open_asks(self) -> tuple[str, ...]:
        """What the family still has to do for it."""
        return tuple(ask for ask in self.asked if ask not in self.answered)


class ParcelState(StrEnum):
    """送达件状态: where a result on paper is on its way to the family."""

    AWAITED = "awaited"
    """The family posts something to the office first."""
    READY = "ready"
    """It lies at the office, to be collected."""
    POSTING = "posting"
    """The courier is being ordered."""
    ORDERED = "ordered"
    UNDER_WAY = "under_way"
    DELIVERED = "delivered"
    RETURNED = "returned"
    """It came back; the office decides how it goes on."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """送达件: the result of one task on its way; `option` is the way the family chose.

    `order` counts the courier's orders for it; `proof` is how it was shown that it arrived.
    """

    item: str
    newborn: int
    option: str
    state: ParcelState
    since: datetime
    order: int = 0
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """办件: one family and one birth, with everything said, verified, signed and done.

    `reasons` and `results` are personal; the rest of a task is public. `items` are the chosen
    items. `newborns` is how many children the delivery record names, 0 while it is unknown.
    `applicant` is the role that opened it. `drawings` are the strokes of each role's signature,
    `witnesses` the staff numbers of the clerks who acted for a role at a window; both are personal.
    `evidence` is what is known of how each role signed, personal too. `materials` are the digests
    of the pictures that have been brought, by the material's id. `turned_away` is every set of
    rules of the chosen scheme that has kept the family out, with its pack; an empty one when none
    did any more.

    `origin` is the node that a received case comes from, "" for this node's own. `received` is what
    that node sent with each task besides facts, personal too, to be passed on as it came.
    """

    id: str
    number: str
    pack: str
    pack_version: str
    pack_digest: str
    channel: str
    started_at: datetime
    applicant: str = ""
    stage: Stage = Stage.DRAFT
    newborns: int = 0
    items: tuple[str, ...] = ()
    answers: Mapping[FactKey, Fact] = field(default_factory=dict)
    verified: Mapping[FactKey, Fact] = field(default_factory=dict)
    disputes: Mapping[FactKey, str] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    consents: tuple[Consent, ...] = ()
    signatures: Mapping[str, Signature] = field(default_factory=dict)
    materials: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drawings: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    witnesses: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[TaskKey, Task] = field(default_factory=dict)
    parcels: Mapping[TaskKey, Parcel] = field(default_factory=dict)
    reasons: Mapping[TaskKey, str] = field(default_factory=dict)
    results: Mapping[TaskKey, Mapping[str, object]] = field(default_factory=dict)
    turned_away: tuple[tuple[str, tuple[str, ...]], ...] = ()
    origin: str = ""
    received: Mapping[TaskKey, Mapping[str, object]] = field(default_factory=dict)
    form_version: int = 0
    submitted_at: datetime | None = None
    version: int = 0

    def live_check(self, role: str) -> Check | None:
        """How the live-person check of this role stands: EMPTY while it is being asked."""
        return self.checks.get(live_register(role))

    def consented(self, role: str) -> bool:
        """Whether this role agreed to the user notice."""
        return any(consent.role == role for consent in self.consents)

    def live_checked(self, role: str) -> bool:
        """Whether this role has passed the live-person check."""
        seen = self.live_check(role)
        return seen is not None and seen.state is CheckState.FOUND

    def seen_at_window(self, role: str) -> bool:
        """Whether a clerk at a window saw this role agree."""
        return any(consent.role == role and consent.witnessed for consent in self.consents)

    def tasks_of(self, item: str) -> tuple[Task, ...]:
        """The tasks of one item, in newborn order."""
        return tuple(task for task in self.tasks.values() if task.item == item)


def progress(case: Case) -> dict[str, object]:
    """The public part of a case, which the journal alone must rebuild exactly (invariant I5)."""
    return {
        "pack": (case.pack, case.pack_version, case.pack_digest),
        "origin": case.origin,
        "applicant": case.applicant,
        "stage": case.stage.value,
        "newborns": case.newborns,
        "items": list(case.items),
        "form_version": case.form_version,
        "submitted_at": case.submitted_at,
        "checks": {name: (c.state.value, c.at, c.attempts) for name, c in case.checks.items()},
        "consents": [(c.role, c.notice, c.digest, c.at, c.witnessed) for c in case.consents],
        "signatures": {
            role: (s.digest, s.form_version, s.method, s.at, s.witnessed, s.documents)
            for role, s in case.signatures.items()
        },
        "materials": {name: list(digests) for name, digests in case.materials.items()},
        "turned_away": list(case.turned_away),
        "tasks": dict(case.tasks),
        "parcels": dict(case.parcels),
        "version": case.version,
    }
