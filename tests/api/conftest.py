"""A node with its pack, offices and partners, a family whose tasks have reached them, and partners
who sign what they send."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.utils.timezone import now as real_now  # noqa: TID251 (the door has a clock)

from tests.photographs import kept
from yijian.actions import contexts, demonstration_stock, dispatching, setup
from yijian.domain.cases import Case
from yijian.domain.events import Event, EventKind
from yijian.domain.history import apply_all
from yijian.domain.number_stock import Level
from yijian.domain.numbers import case_number
from yijian.gateways.signatures import Message, sign
from yijian.ops.keys import make_key_pair
from yijian.packs.examples import load_example
from yijian.packs.rehearsal import play
from yijian.records import cases
from yijian.records.cases import Change
from yijian.records.identifiers import new_id, task_id
from yijian.records.mapping import LoadedCase
from yijian.records.queries import next_case_sequence

PARTNERS = ("hr-340000", "insurance-340000", "tax-340000")
CARD = ("social_security_card", 1)
ENROLMENT = ("medical_insurance_enrolment", 1)
FAMILIES = (
    "01-ordinary-family",
    "04-fathers-household",
    "05-mothers-household",
    "06-grandfathers-household",
    "44-born-at-home",
    "54-minority-name",
    "53-everything-by-mail",
)


@pytest.fixture
def node(db: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The node as `yijian database prepare` leaves it; its pack is read from the folder once.

    Its hospitals have ten certificate numbers instead of some hundred.
    """
    monkeypatch.setattr(setup, "load_folder", _load_once)
    monkeypatch.setitem(demonstration_stock.SIZES, Level.INSTITUTION, 10)
    monkeypatch.setattr(demonstration_stock, "LOW", 4)
    prepare_node()


_load_once = cache(setup.load_folder)


def prepare_node() -> None:
    for code in (settings.YIJIAN.node, *PARTNERS):
        make_key_pair(settings.YIJIAN.keys_folder, code)
    contexts.forget()
    kept(("node", demonstration_stock.LOW), lambda: setup.prepare(demo=True, now=real_now()))
    contexts.forget()


@cache
def _story(name: str) -> tuple[Case, tuple[Event, ...]]:
    """What happened to a family until the partners' tasks were queued."""
    path = Path(settings.YIJIAN.packs_dir) / "340000-anhui" / "examples" / f"{name}.yaml"
    family = load_example(Path(settings.YIJIAN.packs_dir), path)
    rehearsal = play(family, contexts.current_context())
    assert rehearsal.refused is None, rehearsal.refused
    events: list[Event] = []
    for event in rehearsal.events:
        later = event.kind is EventKind.TASK_MOVED and event.public["from"] == "queued"
        if later and event.task in (CARD, ENROLMENT):
            break
        events.append(event)
    return rehearsal.case, tuple(events)


def keep_family(name: str = FAMILIES[0]) -> LoadedCase:
    """A family whose baby is registered: the partners' tasks have just been queued."""
    played, events = _story(name)
    now = events[-1].at
    case = Case(
        id=str(new_id()),
        number=case_number("340000", now.date(), "S", next_case_sequence()),
        pack=played.pack,
        pack_version=played.pack_version,
        pack_digest=played.pack_digest,
        channel=played.channel,
        started_at=played.started_at,
    )
    after = apply_all(case, events)
    context = contexts.context_of(after)
    change = Change(
        before=None,
        events=events,
        after=after,
        outbox=dispatching.dispatches(after, events, context, now),
        channels=dispatching.reached_by(after, events, context),
    )
    (loaded,) = cases.save([change])
    return loaded


@pytest.fixture
def family(node: None) -> LoadedCase:
    """An ordinary family."""
    return keep_family()


@dataclass
class Door:
    """A partner at the machine door. What it sends is signed unless a test says otherwise."""

    code: str
    client: Client

    def key(self) -> bytes:
        return (settings.YIJIAN.keys_folder / f"{self.code}.pem").read_bytes()

    def headers(
        self, method: str, path: str, body: bytes, content_type: str, now: datetime | None = None
    ) -> dict[str, str]:
        message = Message(method, f"{settings.YIJIAN.public_url}{path}", {}, body)
        if body:
            message.headers["Content-Type"] = content_type
        return sign(
            message,
            participant=self.code,
            private_pem=self.key(),
            nonce=uuid.uuid4().hex,
            now=now or real_now(),
        )

    def get(self, path: str, **query: object) -> Any:
        address = f"/api/v1{path}" + (f"?{urlencode(query)}" if query else "")
        return self.client.get(address, headers=self.headers("GET", address, b"", ""))

    def post(self, path: str, body: object, *, content_type: str = "application/json") -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body, default=str).encode()
        address = f"/api/v1{path}"
        headers = self.headers("POST", address, raw, content_type)
        return self.send(address, raw, headers, content_type)

    def send(
        self,
        address: str,
        raw: bytes,
        headers: Mapping[str, str],
        content_type: str = "application/json",
    ) -> Any:
        plain = {name: value for name, value in headers.items() if name != "Content-Type"}
        return self.client.post(address, data=raw, content_type=content_type, headers=plain)


@pytest.fixture
def hr(client: Client) -> Door:
    """The human resources department's system."""
    return Door("hr-340000", client)


@pytest.fixture
def insurance(client: Client) -> Door:
    """The medical insurance department's system."""
    return Door("insurance-340000", client)


def feedback(task: uuid.UUID, state: str = "accepted", **changes: object) -> dict[str, Any]:
    """One feedback with changes."""
    return {
        "feedback_id": str(uuid.uuid4()),
        "task_id": str(task),
        "round": 0,
        "state": state,
        "at": "2026-11-21T10:00:00+08:00",
        "reason": None,
        "fields": [],
        "result": {},
    } | changes


def card_of(family: LoadedCase) -> uuid.UUID:
    """The task of the social security card."""
    return task_id(family.case.id, CARD)


def state_of(family: LoadedCase, key: tuple[str, int] = CARD) -> str:
    """The state of one task as the rows have it now."""
    (now_kept,) = cases.read(ids=[family.id])
    return now_kept.case.tasks[key].state.value
