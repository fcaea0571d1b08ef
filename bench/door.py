"""The same deeds as signed CloudEvents through the machine door, which runs in this process."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.test import Client

from bench.ours import SENDER, Ours
from yijian.actions.feedback import Feedback
from yijian.domain.envelopes import BATCH, SINGLE, TASK_REPORTED, source_of
from yijian.gateways.signatures import Message, sign


class Door(Ours):
    """The reports go through the door for envelopes; its answer tells their outcomes."""

    def report(self, reports: Sequence[Feedback]) -> None:
        """Post the reports as one signed request."""
        events = [_event(report) for report in reports]
        kind = SINGLE if len(events) == 1 else BATCH
        body = json.dumps(events[0] if kind == SINGLE else events, default=str).encode()
        url = f"{settings.YIJIAN.public_url}/api/v1/events"
        message = Message("POST", url, {"Content-Type": kind}, body)
        key = (settings.YIJIAN.keys_folder / f"{SENDER}.pem").read_bytes()
        now = datetime.now(UTC)
        signed = sign(message, participant=SENDER, private_pem=key, nonce=uuid.uuid4().hex, now=now)
        headers = {name: value for name, value in signed.items() if name != "Content-Type"}
        answer = Client(SERVER_NAME=settings.YIJIAN.public_host).post(
            "/api/v1/events", body, content_type=kind, headers=headers
        )
        assert answer.status_code == 202, answer.content[:300]
        assert len(answer.json()["accepted"]) == len(events), answer.json()


def _event(report: Feedback) -> dict[str, object]:
    assert report.state is not None
    return {
        "specversion": "1.0",
        "id": report.feedback_id,
        "source": source_of(SENDER),
        "type": TASK_REPORTED,
        "time": report.at.isoformat(),
        "data": {
            "feedback_id": report.feedback_id,
            "task_id": str(report.task_id),
            "round": 0,
            "state": report.state.value,
            "at": report.at.isoformat(),
            "result": dict(report.result),
        },
    }
