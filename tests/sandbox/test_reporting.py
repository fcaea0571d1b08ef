"""Departments say again what they reported, fetch what they were told of, and check what comes."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import flask
import httpx
import pytest

from sandbox.background import Departments
from sandbox.feedback import send_due_feedback
from sandbox.fetching import fetch_due
from sandbox.queues import take_due_steps
from sandbox.signatures import Message, verify_request
from sandbox.store import Store
from sandbox.world import World, now
from tests.sandbox.conftest import Node, load_key, signed_headers

HR = "hr-340000"
BATCH, SINGLE = "application/cloudevents-batch+json", "application/cloudevents+json"
PICTURE = b"a scanned page"
DIGEST = hashlib.sha256(PICTURE).hexdigest()
Answer = Callable[[httpx.Request], httpx.Response]


def event(task: str = "t1", kind: str = "dispatched", id: str = "", **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id or f"{kind}-{data.get('task_id', task)}-{data.get('round', 0)}",
        "source": "/nodes/yijian",
        "type": f"yijian.task.{kind}.v1",
        "data": {"task_id": task} | data,
    }


def whole(task: str = "t1", **data: Any) -> dict[str, Any]:
    """What a task says when it is told whole."""
    return {
        "task_id": task,
        "case_number": "C1",
        "item": "social_security_card",
        "newborn": 1,
        "round": 0,
        "fields": {"newborn_name": "测试"},
        "materials": [],
        "scans": [],
    } | data


def dispatch(node: Node, *events: dict[str, Any]) -> Any:
    answer = node.post(f"/departments/{HR}/events", list(events), content_type=BATCH)
    assert answer.status_code == 202, answer.json
    return answer.json


def work(here: World, rounds: int = 5) -> None:
    for _ in range(rounds):
        take_due_steps(here)


def feed(node: Node, query: str = "") -> Any:
    answer = node.get(f"/departments/{HR}/reports{query}")
    assert answer.status_code == 200, answer.json
    return answer.json


def queue(node: Node) -> Any:
    return node.app.test_client().get(f"/departments/{HR}/queue").json


def client_of(here: World, answer: Answer) -> httpx.Client:
    """A node that answers as told, to requests that are signed."""

    def heard(request: httpx.Request) -> httpx.Response:
        message = Message(request.method, str(request.url), dict(request.headers), request.content)
        assert verify_request(message, keys=here.keys, store=Store(), now=now()) == HR
        return answer(request)

    return httpx.Client(transport=httpx.MockTransport(heard))


def test_everything_reported_can_be_read_again_in_order(node: Node, here: World) -> None:
    dispatch(node, event(**whole("t1")), event(**whole("t2")))
    work(here)
    reports = feed(node)["reports"]
    assert len(reports) == 8
    assert [int(row["cursor"]) for row in reports] == sorted({int(r["cursor"]) for r in reports})
    first = [row["data"]["state"] for row in reports if row["data"]["task_id"] == "t1"]
    assert first == ["accepted", "in_review", "approved", "completed"]
    assert {row["type"] for row in reports} == {"yijian.task.reported.v1"}
    assert all(row["id"] == row["data"]["feedback_id"] for row in reports)


def test_the_pages_of_the_feed_are_the_feed(node: Node, here: World) -> None:
    dispatch(node, event(**whole("t1")), event(**whole("t2")))
    work(here)
    read: list[Any] = []
    after = ""
    while page := feed(node, f"?limit=3&after={after}"):
        if not page["reports"]:
            assert page["next"] == after
            break
        read += page["reports"]
        after = page["next"]
    assert read == feed(node)["reports"]


def test_a_report_that_was_never_heard_is_in_the_feed(node: Node, here: World) -> None:
    dispatch(node, event(**whole()))
    work(here, 1)
    unheard = client_of(here, lambda request: httpx.Response(503))
    assert send_due_feedback(here, HR, unheard) == 0
    assert [row["data"]["state"] for row in feed(node)["reports"]] == ["accepted"]


def test_whoever_else_asks_has_been_told_nothing(node: Node, here: World) -> None:
    dispatch(node, event(**whole()))
    work(here)
    other = Node(node.app, load_key(here.settings.keys, "tax-340000"))
    path = f"/departments/{HR}/reports"
    url = f"http://localhost{path}"
    headers = signed_headers("GET", url, b"", other.key, keyid="tax-340000")
    answer = node.app.test_client().get(path, headers=headers)
    assert answer.status_code == 200 and answer.json == {"reports": [], "next": "0"}
    assert node.app.test_client().get(path).status_code == 401


@pytest.mark.parametrize(
    "query", ["after=x", "after=-1", "limit=0", "limit=501", "after=" + "9" * 30]
)
def test_a_cursor_or_limit_that_was_never_given_is_refused(node: Node, query: str) -> None:
    assert node.get(f"/departments/{HR}/reports?{query}").status_code == 422


def test_a_departments_system_says_that_it_is_well(app: flask.Flask, here: World) -> None:
    answer = app.test_client().get(f"/departments/{HR}/health")
    assert answer.json is not None and answer.json["node"] == HR
    assert set(answer.json) == {"node", "version", "time"}
    here.set_switch(HR, {"outage": True})
    assert app.test_client().get(f"/departments/{HR}/health").status_code == 503


def test_more_than_two_megabytes_are_refused_unread(node: Node, here: World) -> None:
    large = [event(**whole(padding="x" * (2 * 1024 * 1024)))]
    answer = node.post(f"/departments/{HR}/events", large, content_type=BATCH)
    assert answer.status_code == 413 and answer.json["error"] == "too_large"
    assert queue(node)["tasks"] == []


def test_one_event_may_come_alone(node: Node, here: World) -> None:
    one = event(**whole())
    answer = node.post(f"/departments/{HR}/events", one, content_type=SINGLE)
    assert answer.status_code == 202 and answer.json["accepted"] == [one["id"]]


def test_an_event_of_an_unknown_type_is_kept_and_left_alone(node: Node, here: World) -> None:
    new = event(kind="something_new", id="n1", round=0)
    closed = {**new, "id": "c1", "type": "yijian.case.closed.v1", "data": {"case_number": "C1"}}
    assert dispatch(node, new, closed) == {"accepted": ["n1", "c1"], "refused": []}
    assert here.store.get("told", f"{HR}/n1") == new
    assert queue(node)["tasks"] == []


def test_a_task_withdrawn_before_it_arrived_is_never_worked_on(node: Node, here: World) -> None:
    dispatch(node, event(kind="withdrawn"))
    dispatch(node, event(**whole()))
    work(here)
    assert feed(node)["reports"] == []


def test_a_task_told_without_content_is_fetched(node: Node, here: World) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json=whole() | {"state": "queued"})

    assert dispatch(node, event(round=0))["refused"] == []
    client = client_of(here, answer)
    assert fetch_due(here, HR, client) == 1 and fetch_due(here, HR, client) == 0
    assert asked == ["/api/v1/tasks/t1"]
    work(here)
    assert len(feed(node)["reports"]) == 4


def test_fetching_goes_on_until_the_node_answers(node: Node, here: World) -> None:
    dispatch(node, event(round=0))
    assert fetch_due(here, HR, client_of(here, lambda request: httpx.Response(503))) == 0
    (notice,) = here.store.open_documents("notified")
    assert notice["attempts"] == 1 and notice["next_at"] > now().timestamp()
    here.store.put("notified", f"{HR}/{notice['event']}", notice | {"next_at": 0.0})
    assert fetch_due(here, HR, client_of(here, lambda request: httpx.Response(404))) == 0
    assert here.store.open_documents("notified") == []


def test_scanned_pages_are_fetched_and_checked(node: Node, here: World) -> None:
    scans = [{"id": "s1", "material": "m", "page": 1, "sha256": DIGEST}]
    dispatch(node, event(**whole(scans=scans)))
    bodies = iter([b"something else", PICTURE])
    client = client_of(here, lambda request: httpx.Response(200, content=next(bodies)))
    assert fetch_due(here, HR, client) == 0
    (scan,) = queue(node)["scans"]
    assert scan["outcome"] is None and "not those of the page" in scan["error"]
    here.store.put("scans", f"{HR}/t1/s1", scan | {"next_at": 0.0})
    assert fetch_due(here, HR, client) == 1
    (scan,) = queue(node)["scans"]
    assert scan["outcome"] == "kept" and scan["bytes"] == len(PICTURE)
    assert PICTURE.decode() not in json.dumps(here.store.documents("scans"))


@pytest.mark.parametrize(
    ("rehearsal", "states"),
    [
        ("correct", ["accepted", "correction_needed"]),
        ("decline", ["declined"]),
        ("complete", ["accepted", "in_review", "approved", "completed"]),
    ],
)
def test_a_rehearsed_task_gets_the_answer_it_asks_for(
    node: Node, here: World, rehearsal: str, states: list[str]
) -> None:
    dispatch(node, event(**whole(rehearsal=rehearsal)))
    work(here)
    reports = [row["data"] for row in feed(node)["reports"]]
    assert [row["state"] for row in reports] == states
    assert bool(reports[-1]["reason"]) == (rehearsal != "complete")
    assert reports[-1]["fields"] == (["newborn_name"] if rehearsal == "correct" else [])


def test_a_rehearsed_correction_is_completed_in_its_next_round(node: Node, here: World) -> None:
    dispatch(node, event(**whole(rehearsal="correct")))
    work(here)
    dispatch(node, event(**whole(rehearsal="correct", round=1)))
    work(here)
    rounds = [(row["data"]["round"], row["data"]["state"]) for row in feed(node)["reports"]]
    assert rounds[-2:] == [(1, "approved"), (1, "completed")]


def test_fetching_is_part_of_a_departments_day(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each round of a department's thread fetches what is due, then reports."""
    fetched: list[str] = []

    def fetch(_here: World, department: str, _client: httpx.Client) -> int:
        fetched.append(department)
        return 0

    def once(_here: World, _name: str, _seconds: float, round_: Callable[[], int]) -> None:
        round_()

    monkeypatch.setattr("sandbox.background._repeat", once)
    monkeypatch.setattr("sandbox.background.fetch_due", fetch)
    Departments(here).look()
    assert fetched == list(here.departments)
