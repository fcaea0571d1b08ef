"""Two nodes in one database: what the hub sends is made by the real actions and then undone.

The family applies at the hub, whose case is rolled back once its messages are known; what is left
is a province's node that has never heard of it.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tests.actions.cast import Household
from tests.actions.test_feedback import KEY
from yijian.actions import contexts, receiving
from yijian.actions.dispatching import dispatch_payload
from yijian.actions.receiving import Taken
from yijian.domain.cases import Case
from yijian.domain.envelopes import (
    CASE_CLOSED,
    TASK_DISPATCHED,
    TASK_WITHDRAWN,
    CloudEvent,
    source_of,
)
from yijian.domain.events import TaskKey
from yijian.records import cases as case_records
from yijian.records import crypto
from yijian.records.models import OutboxMessage, Partner
from yijian.records.sealed import opened

HUB = "hub"
ITEMS = ["birth_certificate", "hukou_registration", "social_security_card"]


@dataclass
class Sent:
    """What the hub sends, and what the province makes of it."""

    payloads: Mapping[TaskKey, dict[str, Any]]
    now: datetime
    numbered: int = 0
    last: list[Taken] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        """The case, which is the same at both nodes."""
        return UUID(str(next(iter(self.payloads.values()))["case_id"]))

    @property
    def case(self) -> Case:
        """The case as it is at the province now."""
        return case_records.read(ids=[self.id])[0].case

    def event(self, key: TaskKey, intent: str = "dispatched", **more: Any) -> CloudEvent:
        data = {**self.payloads[key], "intent": intent, **more}
        return self.message(TASK_DISPATCHED, data)

    def message(self, type: str, data: dict[str, object]) -> CloudEvent:
        self.numbered += 1
        id = str(uuid.UUID(int=self.numbered))
        return CloudEvent(id, source_of(HUB), type, self.now, "", data)

    def withdrawal(self, key: TaskKey, **more: object) -> CloudEvent:
        told = {name: self.payloads[key][name] for name in ("task_id", "case_id", "round")}
        return self.message(TASK_WITHDRAWN, {**told, "state": "withdrawn", **more})

    def closing(self) -> CloudEvent:
        first = next(iter(self.payloads.values()))
        told = {name: first[name] for name in ("case_id", "case_number")}
        return self.message(CASE_CLOSED, told)

    def take(self, *events: CloudEvent, sender: str = HUB) -> list[tuple[str, str]]:
        """Outcome and code of each."""
        self.now += timedelta(seconds=1)
        taken = receiving.receive_events(sender, events, now=self.now)
        assert [each.id for each in taken] == [event.id for event in events]
        return [(each.outcome, each.code) for each in taken]


def sent_by_hub(family: Household, *keys: TaskKey) -> Sent:
    """The parts of a submitted family's case as a hub sends them; its own case is undone."""
    with transaction.atomic():
        family.submit()
        context = contexts.context_of(family.case)
        payloads = {
            key: json.loads(
                json.dumps(dispatch_payload(family.case, key, context, family.now), default=str_of)
            )
            for key in keys
        }
        transaction.set_rollback(True)
    neighbour(HUB)
    return Sent(payloads, family.now)


def neighbour(code: str, *items: str) -> Partner:
    """Another node that this one knows."""
    return Partner.objects.create(
        code=code, kind="node", public_key=KEY, endpoint=f"https://{code}.test/api/v1/events",
        items=list(items) or ITEMS,
    )  # fmt: skip


def str_of(value: object) -> str:
    assert hasattr(value, "isoformat")
    return str(value.isoformat())


def outbox(case_id: UUID, destination: str) -> list[tuple[str, dict[str, Any]]]:
    """Kind and data of what waits for a destination about a case, in order."""
    (loaded,) = case_records.read(ids=[case_id])
    assert loaded.key is not None
    wrapped = crypto.wrap(loaded.key, str(case_id))
    rows = OutboxMessage.objects.filter(case_id=case_id, destination=destination).order_by("id")
    return [
        (row.kind, dict(opened("outbox", row.id, case_id, bytes(row.sealed or b""), wrapped)))
        for row in rows
    ]
