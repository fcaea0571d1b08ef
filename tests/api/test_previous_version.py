"""A department whose system was built for the version before this one notices nothing.

`recorded/` holds what went between a node of 21 November 2026 and its departments' systems while
one synthetic family was served: the events as they were posted and the reports as they came back.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import now as real_now  # noqa: TID251 (messages wait by the clock)

from tests.api.conftest import CARD, ENROLMENT, Door, state_of
from yijian.ops.sending import cloud_event
from yijian.records import exchange
from yijian.records.identifiers import task_id
from yijian.records.mapping import LoadedCase

RECORDED = Path(__file__).parent / "recorded" / "departments_of_2026_11_21.jsonl"
KEYS = {"hr-340000": CARD, "insurance-340000": ENROLMENT}


def _recorded() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]


def _reports(department: str) -> list[dict[str, Any]]:
    return [each["body"] for each in _recorded() if each.get("from") == department]


def _first_event(department: str) -> dict[str, Any]:
    batches = [each["body"] for each in _recorded() if each.get("to") == department]
    event: dict[str, Any] = batches[0][0]
    return event


def _shape(value: object) -> object:
    """What a reader of JSON relies on: names and kinds, not the values."""
    if isinstance(value, dict):
        return {name: _shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return "list"
    return type(value).__name__


def _lacks(now: object, before: object) -> list[str]:
    """The names of `before` that are missing or of another kind in `now`."""
    if not isinstance(now, dict) or not isinstance(before, dict):
        return [] if now == before else [f"{before} became {now}"]
    missing = [name for name in before if name not in now]
    inner = [f"{n}.{gone}" for n in before if n in now for gone in _lacks(now[n], before[n])]
    return missing + inner


@pytest.mark.parametrize(("department", "reports"), [("insurance-340000", 4), ("hr-340000", 3)])
def test_its_recorded_reports_take_effect_one_by_one(
    family: LoadedCase, request: pytest.FixtureRequest, department: str, reports: int
) -> None:
    door: Door = request.getfixturevalue(department.partition("-")[0])
    key = KEYS[department]
    for said in _reports(department)[:reports]:
        report = said | {"task_id": str(task_id(family.case.id, key))}
        assert door.post("/feedback", report).json()["outcome"] == "applied"
        assert state_of(family, key) == said["state"]


@pytest.mark.parametrize("department", KEYS)
def test_it_finds_everything_it_read_before(family: LoadedCase, department: str) -> None:
    before = _first_event(department)
    (message,) = exchange.claim_messages(destination=department, limit=10, now=real_now())
    event = json.loads(json.dumps(cloud_event(message), default=str))
    assert _lacks(_shape(event), _shape(before)) == []
    assert set(event["data"]["fields"]) == set(before["data"]["fields"])
