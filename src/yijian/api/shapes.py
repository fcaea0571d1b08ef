"""What requests and answers of the machine door look like. Unknown fields are errors."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
)
from pydantic_core import PydanticCustomError

MOST_FEEDBACK = 500
MOST_TASKS = 100

_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


def _moment_text(value: object) -> object:
    """Only text with an offset is a moment: a number could be seconds or milliseconds."""
    if isinstance(value, datetime) or (isinstance(value, str) and _MOMENT.fullmatch(value)):
        return value
    raise PydanticCustomError("moment", "Input should be an ISO 8601 time with an offset")


def _uuid_text(value: object) -> object:
    if isinstance(value, UUID) or (isinstance(value, str) and len(value) == 36):
        return value
    raise PydanticCustomError("uuid_type", "Input should be a UUID in its 36-character form")


Moment = Annotated[AwareDatetime, BeforeValidator(_moment_text)]
Identifier = Annotated[UUID, BeforeValidator(_uuid_text)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Words = Annotated[str, Field(max_length=500)]
Scalar = StrictBool | StrictInt | Annotated[str, Field(max_length=500)] | None
FeedbackState = Literal[
    "accepted",
    "declined",
    "correction_needed",
    "in_review",
    "approved",
    "rejected",
    "completed",
    "offline",
]
TaskStateName = Literal[
    "queued",
    "accepted",
    "in_review",
    "correction_needed",
    "approved",
    "completed",
    "declined",
    "rejected",
    "offline",
    "withdrawn",
]


class Received(BaseModel):
    """A part of a request: strict, and without room for what was not agreed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TasksWanted(Received):
    """Which tasks to list: in one state or all under way, after the last one of a page before."""

    state: TaskStateName | None = None
    after: Identifier | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_TASKS)] = MOST_TASKS


class ReasonIn(Received):
    """Why: a code, and the sentence that the family will read."""

    code: Code
    text: Words = ""


class FeedbackIn(Received):
    """反馈: what an office says about one task. `feedback_id` is yours and makes repeats harmless.

    `round` is the correction round it speaks about. `fields` names the facts to be corrected.
    """

    feedback_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,100}$")]
    task_id: Identifier
    round: Annotated[StrictInt, Field(ge=0, le=1000)]
    state: FeedbackState
    at: Moment
    reason: ReasonIn | None = None
    fields: Annotated[list[Code], Field(max_length=50)] = []
    result: Annotated[
        dict[Code, Scalar | Annotated[list[Scalar], Field(max_length=50)]], Field(max_length=50)
    ] = {}


class FeedbackBatchIn(Received):
    """Up to 500 in one request; each has its own outcome, and all are kept together."""

    feedback: Annotated[list[FeedbackIn], Field(min_length=1, max_length=MOST_FEEDBACK)]


class OutcomeOut(BaseModel):
    """What became of one feedback.

    `applied`: it took effect. `duplicate`: it was received before. `late`: the task had moved on.
    `refused`: it cannot be; `message` says why.
    """

    feedback_id: str
    outcome: Literal["applied", "duplicate", "late", "refused"]
    message: str = ""


class OutcomesOut(BaseModel):
    """The outcomes in the order of the batch."""

    outcomes: list[OutcomeOut]


class ScanOut(BaseModel):
    """材料页: one scanned page of a material, by its digest; the picture stays with the node."""

    id: UUID
    material: str
    page: int
    sha256: str


class CertificateOut(BaseModel):
    """A certificate that stands for paper: a result of an earlier item, or from a register.

    `digest` is the SHA-256 of its content, which the certificate doors give with its values.
    """

    id: UUID
    type: str
    title: str
    identifier: str
    version: int
    state: Literal["valid", "replaced", "revoked"]
    digest: str
    source: str
    role: str
    receipt: str


class TaskOut(BaseModel):
    """子办件: a task of your office with exactly the fields its item needs.

    Once a task has ended, `fields`, `materials` and `scans` are empty.
    """

    task_id: UUID
    case_number: str
    item: str
    newborn: int = Field(description="Order of birth; 0 for an item of the whole family.")
    office: str | None
    state: TaskStateName
    round: int
    since: datetime
    promised_at: datetime | None
    fields: dict[str, Any] = Field(description="Values by fact id; see the pack's dictionary.")
    materials: list[str]
    scans: list[ScanOut] = Field(description="The scanned pages of these materials.")
    certificates: list[CertificateOut] = Field(
        description="Certificates that stand for materials, instead of paper."
    )


class TasksOut(BaseModel):
    """One page; `next` is the `after` of the following page, null on the last."""

    tasks: list[TaskOut]
    next: UUID | None


class DeliveryOut(BaseModel):
    """A delivery record was kept; families that waited for it go on by themselves."""

    delivery_id: str
    newborns: int
