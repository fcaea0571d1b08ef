"""Nodes of neighbouring versions work together: what one sent is read by the next and the last.

`recorded/` holds the tasks of a synthetic family as a hub of 22 November 2026 sent them. A version
that changes the exchange adds its own recording beside it and keeps this one.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.actions.cast import CARD, CERTIFICATE, Household
from tests.actions.cast_nodes import HUB, Sent, neighbour, outbox, sent_by_hub
from yijian.actions import contexts
from yijian.domain.invariants import violations

pytestmark = pytest.mark.django_db
RECORDED = Path(__file__).parent / "recorded" / "nodes_of_2026_11_22.json"
LATER = ("applied_at", "applicant", "channel", "due_provisional", "answered", "verified")
LISTS = ("materials", "scans", "certificates")


@pytest.fixture
def recorded(family: Household) -> Sent:
    """What a hub of that day sent, under the policy that stands here now."""
    tasks: dict[str, dict[str, Any]] = json.loads(RECORDED.read_text(encoding="utf-8"))[
        "dispatched"
    ]
    pack = contexts.current_pack()
    pin = {"code": pack.code, "version": pack.version, "digest": pack.digest}
    neighbour(HUB)
    payloads = {(item, int(sent["newborn"])): {**sent, "pack": pin} for item, sent in tasks.items()}
    return Sent(payloads, family.now)


def test_what_a_hub_of_that_day_sent_is_handled_here(recorded: Sent) -> None:
    assert recorded.take(recorded.event(CERTIFICATE), recorded.event(CARD)) == [("applied", "")] * 2
    assert set(recorded.case.tasks) == {CERTIFICATE, CARD}
    assert violations(recorded.case, contexts.context_of(recorded.case)) == []


@pytest.mark.parametrize("missing", [*LATER, *LISTS])
def test_a_hub_that_does_not_say_this_yet_is_understood(recorded: Sent, missing: str) -> None:
    event = recorded.event(CERTIFICATE)
    assert missing in event.data
    less = {name: value for name, value in event.data.items() if name != missing}
    assert recorded.take(recorded.message(event.type, less)) == [("applied", "")]
    assert violations(recorded.case, contexts.context_of(recorded.case)) == []


def test_a_hub_that_says_more_loses_nothing_of_it(recorded: Sent) -> None:
    recorded.take(recorded.event(CARD, office="340100HR", umbrella={"open": True}))
    ((_, data),) = outbox(recorded.id, "hr-340000")
    assert data["umbrella"] == {"open": True}


@pytest.mark.parametrize("key", [CERTIFICATE, CARD])
def test_a_province_of_that_day_finds_everything_it_read(
    family: Household, key: tuple[str, int]
) -> None:
    before = json.loads(RECORDED.read_text(encoding="utf-8"))["dispatched"][key[0]]
    after = sent_by_hub(family, key).event(key).data
    kinds = {name: type(value) for name, value in before.items()}
    assert {name: type(after.get(name)) for name in before} == kinds
    fields, sent = before["fields"], after["fields"]
    assert isinstance(sent, dict)
    assert {n: type(sent.get(n)) for n in fields} == {n: type(v) for n, v in fields.items()}
