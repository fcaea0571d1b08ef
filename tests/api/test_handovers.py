"""An office with its own system hands over under the rules of the desk, and tells once."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import CARD, Door, card_of, feedback
from yijian.records import cases, journal
from yijian.records.mapping import LoadedCase, value_of
from yijian.records.models import AccessEntry, OutboxMessage, ParcelRow

DONE = {"outlet": "示例网点"}


@pytest.fixture
def ready(family: LoadedCase, hr: Door) -> LoadedCase:
    """The card is made and lies at the office."""
    answer = hr.post("/feedback", feedback(card_of(family), "completed", result=DONE))
    assert answer.json()["outcome"] == "applied"
    return family


def report(loaded: LoadedCase, state: str = "delivered", **more: Any) -> dict[str, Any]:
    said = {
        "handover_id": uuid.uuid4().hex,
        "task_id": str(card_of(loaded)),
        "state": state,
        "collector": {
            "name": value_of(loaded.case, "mother_name"),
            "id_number": value_of(loaded.case, "mother_id_number"),
        },
        "proof": "signed_paper",
    }
    return said | more


def state_of_parcel(loaded: LoadedCase) -> str:
    return ParcelRow.objects.get(case_id=loaded.id, item=CARD[0]).state


def now_of(loaded: LoadedCase) -> LoadedCase:
    return cases.read(ids=[UUID(loaded.case.id)])[0]


def test_a_parent_collects_at_an_office_with_its_own_system(ready: LoadedCase, hr: Door) -> None:
    assert state_of_parcel(ready) == "ready"
    said = report(ready)
    assert hr.post("/handovers", said).json()["outcome"] == "applied"
    assert state_of_parcel(ready) == "delivered"
    assert now_of(ready).case.tasks[CARD].open_asks == ()
    row = ParcelRow.objects.get(case_id=ready.id, item=CARD[0])
    assert said["collector"]["id_number"].encode() not in bytes(row.sealed or b"")
    bodies = " ".join(entry.body for entry in journal.entries_of(ready.id))
    assert said["collector"]["name"] not in bodies
    assert "partner:hr-340000" in {entry.actor for entry in journal.entries_of(ready.id)}


def test_a_repeated_report_changes_nothing(ready: LoadedCase, hr: Door) -> None:
    said = report(ready)
    hr.post("/handovers", said)
    version = now_of(ready).case.version
    assert hr.post("/handovers", said).json()["outcome"] == "duplicate"
    again = hr.post("/handovers", said | {"handover_id": "another"})
    assert again.json()["outcome"] == "duplicate"
    assert hr.post("/handovers", said | {"proof": None}).status_code == 409
    assert now_of(ready).case.version == version


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"collector": {"name": "赵敏", "id_number": "340104199001011240"}}, "not_a_collector"),
        ({"collector": None}, "not_a_collector"),
        ({"proof": None}, "proof_missing"),
        ({"state": "posting"}, "no_address"),
        ({"state": "returned"}, "step_not_allowed"),
        ({"task_id": str(uuid.uuid4())}, "unknown_task"),
    ],
)
def test_what_the_rules_do_not_allow_is_refused_and_changes_nothing(
    ready: LoadedCase, hr: Door, wrong: dict[str, Any], code: str
) -> None:
    answer = hr.post("/handovers", report(ready) | wrong)
    assert answer.status_code == 200, answer.content
    assert answer.json()["outcome"] == "refused" and answer.json()["message"].startswith(code)
    assert state_of_parcel(ready) == "ready"


def test_another_partner_cannot_speak_about_the_parcel(ready: LoadedCase, client: Any) -> None:
    answer = Door("insurance-340000", client).post("/handovers", report(ready))
    assert answer.json()["outcome"] == "refused"
    assert answer.json()["message"] == "unknown_task"
    assert state_of_parcel(ready) == "ready"


@pytest.mark.parametrize(
    "wrong",
    [{"state": "under_way"}, {"proof": "trust me"}, {"weather": "晴"}, {"handover_id": " "}],
)
def test_a_report_of_another_shape_is_no_report(
    ready: LoadedCase, hr: Door, wrong: dict[str, Any]
) -> None:
    assert hr.post("/handovers", report(ready) | wrong).status_code == 422
    assert state_of_parcel(ready) == "ready"
    assert not OutboxMessage.objects.filter(destination="courier").exists()
    assert not AccessEntry.objects.filter(what="parcel").exists()
