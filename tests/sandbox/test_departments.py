"""Departments take events, work, and report until they are heard: once, in order, signed."""

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

import flask
import httpx
import pytest

from sandbox.app import create_app, world_of
from sandbox.families import Families
from sandbox.feedback import send_due_feedback
from sandbox.numbers import is_id_number
from sandbox.pulling import pull_tasks
from sandbox.queues import take_due_steps
from sandbox.settings import Settings
from sandbox.signatures import Message, verify_request
from sandbox.store import Store
from sandbox.world import World, now
from tests.sandbox.conftest import NODE, Node, load_key

HR, INSURANCE, TAX = "hr-340000", "insurance-340000", "tax-340000"
BATCH = "application/cloudevents-batch+json"


class FakeNode:
    """Hears reports as the platform's API does; `trouble` may answer first."""

    def __init__(self, here: World) -> None:
        self.here = here
        self.heard: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, int]] = []
        self.signers: list[str] = []
        self.trouble: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.tasks: list[dict[str, Any]] = []
        self.refused: set[str] = set()
        self.client = httpx.Client(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        message = Message(request.method, str(request.url), dict(request.headers), request.content)
        signer = verify_request(message, keys=self.here.keys, store=Store(), now=now())
        self.signers.append(signer)
        troubled = self.trouble(request)
        if troubled is not None:
            return troubled
        if request.url.path == "/api/v1/tasks":
            return self._page(request)
        body = json.loads(request.content)
        rows = body["feedback"] if request.url.path.endswith("/batch") else [body]
        self.calls.append((request.url.path, len(rows)))
        outcomes = [self._hear(row) for row in rows]
        if request.url.path.endswith("/batch"):
            return httpx.Response(200, json={"outcomes": outcomes})
        return httpx.Response(200, json=outcomes[0])

    def _hear(self, row: dict[str, Any]) -> dict[str, str]:
        if row["state"] in self.refused:
            message = "等家庭确认"
            return {"feedback_id": row["feedback_id"], "outcome": "refused", "message": message}
        known = row["feedback_id"] in self.heard
        self.heard.setdefault(row["feedback_id"], row)
        outcome = "duplicate" if known else "applied"
        return {"feedback_id": row["feedback_id"], "outcome": outcome, "message": ""}

    def _page(self, request: httpx.Request) -> httpx.Response:
        after = request.url.params.get("after")
        start = next((i + 1 for i, task in enumerate(self.tasks) if task["task_id"] == after), 0)
        page = self.tasks[start : start + 1]
        more = page[-1]["task_id"] if start + 1 < len(self.tasks) else None
        return httpx.Response(200, json={"tasks": page, "next": more})

    def states(self, task_id: str = "t1") -> list[str]:
        return [row["state"] for row in self.heard.values() if row["task_id"] == task_id]

    def last(self, task_id: str = "t1") -> dict[str, Any]:
        return [row for row in self.heard.values() if row["task_id"] == task_id][-1]


@pytest.fixture
def fake(here: World) -> FakeNode:
    return FakeNode(here)


def event(
    here: World,
    item: str,
    *,
    family: str = "ordinary",
    task: str = "t1",
    id: str = "e1",
    round: int = 1,
    kind: str = "dispatched",
    **fields: Any,
) -> dict[str, Any]:
    found = here.families.get(family)
    assert found is not None
    return {
        "specversion": "1.0",
        "id": id,
        "source": "/nodes/yijian",
        "type": f"yijian.task.{kind}.v1",
        "subject": task,
        "time": "2026-11-20T10:00:00+08:00",
        "datacontenttype": "application/json",
        "data": {
            "task_id": task,
            "case_number": "C1",
            "item": item,
            "newborn": 1,
            "office": "o",
            "promised_at": None,
            "round": round,
            "fields": {"mother_id_number": found["mother"]["id_number"], **fields},
            "materials": [],
        },
    }


def dispatch(node: Node, department: str, *events: dict[str, Any]) -> Any:
    response = node.post(f"/departments/{department}/events", list(events), content_type=BATCH)
    assert response.status_code == 202, response.json
    return response.json


def work(here: World, fake: FakeNode, rounds: int = 8) -> None:
    for _ in range(rounds):
        take_due_steps(here)
        for department in here.departments:
            send_due_feedback(here, department, fake.client)


def test_a_card_is_accepted_reviewed_approved_and_completed(
    node: Node, here: World, fake: FakeNode
) -> None:
    sent = event(here, "social_security_card", card_bank="示例商业银行")
    assert dispatch(node, HR, sent) == {"accepted": ["e1"], "refused": []}
    work(here, fake)
    assert fake.states() == ["accepted", "in_review", "approved", "completed"]
    assert fake.last()["result"]["bank"] == "示例商业银行"
    assert fake.last()["round"] == 1 and fake.last()["at"].endswith("+08:00")
    assert set(fake.signers) == {HR}


def test_a_repeated_event_changes_nothing(node: Node, here: World, fake: FakeNode) -> None:
    sent = event(here, "social_security_card")
    dispatch(node, HR, sent)
    work(here, fake)
    assert dispatch(node, HR, sent)["accepted"] == ["e1"]
    work(here, fake)
    assert len(fake.heard) == 4


def test_a_strange_item_is_refused_and_stops_no_other(
    node: Node, here: World, fake: FakeNode
) -> None:
    answer = dispatch(
        node,
        HR,
        event(here, "hukou_registration", id="bad", task="t9"),
        event(here, "social_security_card"),
    )
    assert answer["accepted"] == ["e1"]
    assert answer["refused"][0]["id"] == "bad" and "hukou" in answer["refused"][0]["reason"]


def test_events_must_be_signed(app: flask.Flask) -> None:
    response = app.test_client().post(f"/departments/{HR}/events", json=[])
    assert response.status_code == 401


def test_plain_json_is_no_event(node: Node, here: World) -> None:
    response = node.post(f"/departments/{HR}/events", [event(here, "social_security_card")])
    assert response.status_code == 400 and response.json["error"] == "not_events"


@pytest.mark.parametrize(
    ("asked", "years"), [("this", [2026]), ("next", [2027]), ("both", [2026, 2027])]
)
def test_enrolment_covers_the_years_asked_for(
    node: Node, here: World, fake: FakeNode, asked: str, years: list[int]
) -> None:
    dispatch(node, INSURANCE, event(here, "medical_insurance_enrolment", insurance_years=asked))
    work(here, fake)
    result = fake.last()["result"]
    assert result["years"] == years and result["premium_fen"] == 40_000 * len(years)
    assert result["enrolment_number"].isdigit()


@pytest.mark.parametrize(
    ("family", "route", "amount"),
    [
        ("allowance", "allowance", lambda fen: fen == 2_358_000),
        ("ordinary", "settled", lambda fen: fen >= 180_000),
        ("across-pools", "apply", lambda fen: fen >= 150_000),
        ("not-insured", "apply", lambda fen: fen == 0),
    ],
)
def test_reimbursement_goes_the_way_of_the_mothers_cover(
    node: Node,
    here: World,
    fake: FakeNode,
    family: str,
    route: str,
    amount: Callable[[int], bool],
) -> None:
    dispatch(node, INSURANCE, event(here, "maternity_reimbursement", family=family))
    work(here, fake)
    assert fake.last()["result"]["route"] == route
    assert amount(fake.last()["result"]["amount_fen"])


def test_tax_waits_until_the_family_has_paid_every_year(
    node: Node, here: World, fake: FakeNode, app: flask.Flask
) -> None:
    dispatch(node, TAX, event(here, "medical_insurance_payment", insurance_years="both"))
    work(here, fake)
    assert fake.states() == ["accepted"]
    client, back = app.test_client(), "http://127.0.0.1:8000/cases/C1"
    page = client.get(f"/payment?task=t1&return_to={back}").get_data(as_text=True)
    assert "800.00" in page and "2027" in page
    assert client.post("/payment", data={"task": "t1", "year": "2026"}).status_code == 303
    work(here, fake)
    assert fake.states() == ["accepted"]
    paid = client.post("/payment", data={"task": "t1", "year": "2027", "return_to": back})
    assert paid.location == back
    work(here, fake)
    assert fake.states() == ["accepted", "completed"]
    result = fake.last()["result"]
    assert result["amount_fen"] == 80_000 and result["paid_years"] == "2026,2027"
    assert result["receipt_number"] and result["paid_on"] == result["paid_at"][:10]


def test_paying_before_the_task_arrives_counts(
    node: Node, here: World, fake: FakeNode, app: flask.Flask
) -> None:
    app.test_client().post("/payment", data={"task": "t1", "year": "2026"})
    dispatch(node, TAX, event(here, "medical_insurance_payment"))
    work(here, fake)
    assert fake.states() == ["accepted", "completed"]


def test_a_script_asks_for_a_correction_and_then_completes(
    node: Node, here: World, fake: FakeNode
) -> None:
    item = "medical_insurance_enrolment"
    dispatch(node, INSURANCE, event(here, item, family="insurance-corrects"))
    work(here, fake)
    assert fake.states() == ["accepted", "correction_needed"]
    assert fake.last()["reason"]["code"] == "place_unclear" and fake.last()["fields"]
    dispatch(node, INSURANCE, event(here, item, family="insurance-corrects", id="e2", round=2))
    work(here, fake)
    assert fake.states()[2:] == ["approved", "completed"]
    assert fake.last()["round"] == 2


def test_a_refused_report_is_made_again_when_the_node_speaks_of_the_task_again(
    node: Node, here: World, fake: FakeNode
) -> None:
    fake.refused = {"completed"}
    dispatch(node, HR, event(here, "social_security_card"))
    work(here, fake)
    assert fake.states() == ["accepted", "in_review", "approved"]
    fake.refused = set()
    work(here, fake)
    assert "completed" not in fake.states()
    dispatch(node, HR, event(here, "social_security_card", id="e2"))
    dispatch(node, HR, event(here, "social_security_card", id="e3"))
    work(here, fake)
    assert fake.states() == ["accepted", "in_review", "approved", "completed"]
    assert len(here.store.documents("feedback")) == 5


def test_a_script_refuses_with_a_reason(node: Node, here: World, fake: FakeNode) -> None:
    dispatch(node, HR, event(here, "social_security_card", family="card-refused"))
    work(here, fake)
    assert fake.states() == ["accepted", "in_review", "rejected"]
    assert fake.last()["reason"]["text"]


def test_a_script_can_speak_of_one_twin_only(node: Node, here: World, fake: FakeNode) -> None:
    family = json.loads(json.dumps(here.families.get("twins")))
    row = {"item": "social_security_card", "newborn": 2, "do": "declined", "reason": "no_photo"}
    here.families.add(family | {"id": "twins-2", "script": [row]})
    first = event(here, "social_security_card", family="twins-2")
    second = event(here, "social_security_card", family="twins-2", id="e2", task="t2")
    second["data"]["newborn"] = 2
    dispatch(node, HR, first, second)
    work(here, fake)
    assert fake.states()[-1] == "completed"
    assert fake.states("t2") == ["declined"]
    assert fake.last("t2")["reason"] == {"code": "no_photo", "text": "no_photo"}


def test_a_withdrawn_task_is_worked_on_no_more(node: Node, here: World, fake: FakeNode) -> None:
    dispatch(node, HR, event(here, "social_security_card"))
    work(here, fake, rounds=1)
    dispatch(node, HR, event(here, "social_security_card", kind="withdrawn", id="e2"))
    work(here, fake)
    assert fake.states() == ["accepted"]


def test_many_reports_leave_as_one_batch(node: Node, here: World, fake: FakeNode) -> None:
    events = [event(here, "social_security_card", id=f"e{n}", task=f"t{n}") for n in range(7)]
    dispatch(node, HR, *events)
    work(here, fake)
    assert fake.calls == [("/api/v1/feedback/batch", 7)] * 4


def test_a_report_is_repeated_with_the_same_id_until_it_is_heard(
    node: Node, here: World, fake: FakeNode
) -> None:
    dispatch(node, HR, event(here, "social_security_card"))
    seen: list[str] = []

    def refuse(request: httpx.Request) -> httpx.Response | None:
        seen.append(json.loads(request.content)["feedback_id"])
        return httpx.Response(503) if len(seen) < 4 else None

    fake.trouble = refuse
    take_due_steps(here)
    for _ in range(4):
        for row in here.store.open_documents("feedback"):
            here.store.put("feedback", row["feedback_id"], row | {"next_at": 0})
        send_due_feedback(here, HR, fake.client)
    assert len(seen) == 4 and len(set(seen)) == 1
    assert fake.states() == ["accepted"]
    assert not here.store.open_documents("feedback")


def test_waiting_grows_up_to_a_minute(node: Node, here: World, fake: FakeNode) -> None:
    dispatch(node, HR, event(here, "social_security_card"))
    fake.trouble = lambda request: httpx.Response(500)
    take_due_steps(here)
    waits = []
    for _ in range(12):
        (row,) = here.store.open_documents("feedback")
        here.store.put("feedback", row["feedback_id"], row | {"next_at": 0})
        send_due_feedback(here, HR, fake.client)
        (row,) = here.store.open_documents("feedback")
        waits.append(round(row["next_at"] - now().timestamp()))
    assert waits == sorted(waits) and waits[-1] == 60 and waits[0] <= 1


def test_one_unreadable_report_does_not_hold_up_a_batch(
    node: Node, here: World, fake: FakeNode
) -> None:
    events = [event(here, "social_security_card", id=f"e{n}", task=f"t{n}") for n in range(3)]
    dispatch(node, HR, *events)

    def refuse(request: httpx.Request) -> httpx.Response | None:
        poison = b'"t1"' in request.content
        return httpx.Response(422, json={"error": "unreadable"}) if poison else None

    fake.trouble = refuse
    take_due_steps(here)
    assert send_due_feedback(here, HR, fake.client) == 2
    (left,) = here.store.open_documents("feedback")
    assert left["body"]["task_id"] == "t1" and "422" in left["error"]


def test_a_department_without_a_key_waits(node: Node, here: World, fake: FakeNode) -> None:
    (here.keys.folder / f"{HR}.pem").unlink()
    dispatch(node, HR, event(here, "social_security_card"))
    work(here, fake)
    assert fake.heard == {}
    assert "no private key" in here.store.open_documents("feedback")[0]["error"]


def test_tasks_can_be_fetched_page_by_page(here: World, fake: FakeNode) -> None:
    sent = [event(here, "social_security_card", task=f"t{n}")["data"] for n in range(3)]
    fake.tasks = [data | {"state": "queued"} for data in sent]
    assert pull_tasks(here, HR, fake.client) == 3
    assert pull_tasks(here, HR, fake.client) == 3
    work(here, fake)
    assert len(fake.heard) == 12


def test_outage_stops_way_in_work_and_way_out(node: Node, here: World, fake: FakeNode) -> None:
    dispatch(node, HR, event(here, "social_security_card"))
    here.switches.set(HR, {"outage": True})
    work(here, fake)
    response = node.post(f"/departments/{HR}/events", [], content_type=BATCH)
    assert response.status_code == 503 and fake.heard == {}
    here.switches.set(HR, {"outage": False})
    work(here, fake)
    assert fake.states()[-1] == "completed"


def test_a_forgetful_department_says_yes_and_does_nothing(
    node: Node, here: World, fake: FakeNode
) -> None:
    here.switches.set(HR, {"forget": 1})
    sent = event(here, "social_security_card")
    assert dispatch(node, HR, sent)["accepted"] == ["e1"]
    work(here, fake)
    assert fake.heard == {}
    here.switches.set(HR, {"forget": 0})
    dispatch(node, HR, sent)
    work(here, fake)
    assert fake.states()[-1] == "completed"


def test_duplicates_are_sent_twice_with_one_id(node: Node, here: World, fake: FakeNode) -> None:
    here.switches.set(HR, {"duplicate_rate": 1})
    dispatch(node, HR, event(here, "social_security_card"))
    work(here, fake)
    assert len(fake.calls) == 8 and len(fake.heard) == 4


def test_disorder_sends_reports_out_of_order(node: Node, here: World, fake: FakeNode) -> None:
    here.switches.set(HR, {"disorder": True})
    events = [event(here, "social_security_card", id=f"e{n}", task=f"t{n}") for n in range(20)]
    dispatch(node, HR, *events)
    for _ in range(5):
        take_due_steps(here)
    for row in here.store.open_documents("feedback"):
        here.store.put("feedback", row["feedback_id"], row | {"next_at": 0})
    send_due_feedback(here, HR, fake.client)
    order = ["accepted", "in_review", "approved", "completed"]
    assert any(fake.states(f"t{n}") != order for n in range(20))
    assert all(sorted(fake.states(f"t{n}")) == sorted(order) for n in range(20))


def test_hospital_and_police_can_be_systems_too(settings: Settings) -> None:
    app = create_app(dataclasses.replace(settings, robots=True))
    here = world_of(app)
    node, fake = Node(app, load_key(settings.keys, NODE)), FakeNode(here)
    for item, department in (
        ("birth_certificate", "hospital-340100"),
        ("hukou_registration", "police-340100"),
    ):
        sent = event(here, item, task=item, id=item, hukou_division="340104")
        assert dispatch(node, department, sent)["accepted"] == [item]
    work(here, fake)
    certificate = fake.last("birth_certificate")["result"]["certificate_number"]
    number = fake.last("hukou_registration")["result"]["citizen_id_number"]
    family = here.families.get("ordinary")
    assert family is not None
    newborn = family["newborns"][0]
    assert re.fullmatch(r"[A-Z]34\d{7}", certificate)
    assert is_id_number(number) and number[:6] == "340104"
    assert number[6:14] == newborn["born_at"][:10].replace("-", "")
    assert int(number[16]) % 2 == int(newborn["sex"]) % 2


def test_they_are_not_systems_by_default(node: Node, here: World) -> None:
    response = node.post("/departments/police-340100/events", [], content_type=BATCH)
    assert response.status_code == 404


def test_a_department_finds_its_family_by_phone_too(here: World) -> None:
    families: Families = here.families
    family = families.get("twins")
    assert family is not None
    assert families.mentioned_in([{"a": [family["mother"]["phone"]]}]) == family
    assert families.mentioned_in({"a": "nobody"}) is None
