"""How departments report back (反馈): signed, in batches, again and again until it is heard.

Each report keeps its feedback_id for ever; a failed one waits longer each time, up to a
minute, and never gives up.
"""

import json
from typing import Any

import httpx

from sandbox.queues import note_refusal
from sandbox.signatures import Message, SignatureRefused, sign_request
from sandbox.store import Document
from sandbox.world import World, now

BATCH_LIMIT = 500
LONGEST_WAIT_SECONDS = 60.0
FIRST_WAIT_SECONDS = 0.5


def send_due_feedback(here: World, department: str, client: httpx.Client) -> int:
    """Send what is due of one department; return how many reports were heard."""
    if here.switches.of(department).outage:
        return 0
    due = _due(here, department)
    if not due:
        return 0
    if len(due) == 1:
        return _send_one(here, client, due[0])
    answer = _post(here, client, department, "batch", {"feedback": [row["body"] for row in due]})
    if isinstance(answer, str):
        # One report that cannot be read must not hold up the others: each goes alone.
        if answer.startswith("4"):
            return sum(_send_one(here, client, row) for row in due)
        for row in due:
            _wait_longer(here, row, answer)
        return 0
    outcomes = {
        outcome.get("feedback_id"): outcome
        for outcome in answer.get("outcomes", [])
        if isinstance(outcome, dict)
    }
    heard = 0
    for row in due:
        outcome = outcomes.get(row["feedback_id"])
        if outcome is None:
            _wait_longer(here, row, "the batch's answer does not mention it")
        else:
            heard += _settle(here, row, outcome)
    _repeat(here, client, due)
    return heard


def _due(here: World, department: str) -> list[Document]:
    at = now().timestamp()
    rows = [
        row
        for row in here.store.open_documents("feedback")
        if row["department"] == department and row["next_at"] <= at
    ]
    if here.switches.of(department).disorder:
        here.switches.draw(department).shuffle(rows)
    return rows[:BATCH_LIMIT]


def _send_one(here: World, client: httpx.Client, row: Document) -> int:
    answer = _post(here, client, row["department"], "", row["body"])
    if isinstance(answer, str):
        _wait_longer(here, row, answer)
        return 0
    heard = _settle(here, row, answer)
    _repeat(here, client, [row])
    return heard


def _settle(here: World, row: Document, answer: Document) -> int:
    outcome = answer.get("outcome")
    if not isinstance(outcome, str):
        _wait_longer(here, row, "the answer has no outcome")
        return 0
    settled = row | {"outcome": outcome, "error": answer.get("message")}
    here.store.put("feedback", row["feedback_id"], settled | {"attempts": row["attempts"] + 1})
    if outcome == "refused":
        note_refusal(here, row)
    return 1


def _wait_longer(here: World, row: Document, error: str) -> None:
    here.store.put("feedback", row["feedback_id"], row | later(row, error))


def later(row: Document, error: str) -> Document:
    """Return when something that failed is tried again: longer each time, up to a minute."""
    wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(row["attempts"], 10))
    return {
        "attempts": row["attempts"] + 1,
        "next_at": now().timestamp() + wait,
        "error": error[:300],
    }


def _repeat(here: World, client: httpx.Client, rows: list[Document]) -> None:
    """Send some reports a second time when the switch asks for repeats."""
    for row in rows:
        rate = here.switches.of(row["department"]).duplicate_rate
        if rate and here.switches.draw(row["department"]).random() < rate:
            _post(here, client, row["department"], "", row["body"])


def _post(
    here: World, client: httpx.Client, department: str, part: str, body: Document
) -> Document | str:
    url = f"{here.settings.node_url}/api/v1/feedback" + (f"/{part}" if part else "")
    return send_signed(here, client, department, "POST", url, body)


def send_due_deliveries(here: World, client: httpx.Client) -> int:
    """Report new delivery records to the node; return how many were heard."""
    heard, at = 0, now().timestamp()
    for row in here.store.open_documents("delivery_reports"):
        if row["next_at"] > at:
            continue
        url = f"{here.settings.node_url}/api/v1/deliveries"
        answer = send_signed(here, client, row["participant"], "POST", url, row["body"])
        failed = isinstance(answer, str)
        wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(row["attempts"], 10))
        changed = {
            "attempts": row["attempts"] + 1,
            "outcome": None if failed else "heard",
            "error": answer if failed else None,
            "next_at": at + wait,
        }
        here.store.put("delivery_reports", row["report_id"], row | changed)
        heard += not failed
    return heard


def send_signed(
    here: World,
    client: httpx.Client,
    participant: str,
    method: str,
    url: str,
    body: Document | None = None,
) -> Document | str:
    """Send a signed request; return the JSON object of a good answer, or what went wrong."""
    content = json.dumps(body, ensure_ascii=False).encode() if body is not None else b""
    response = ask_signed(here, client, participant, method, url, content)
    if isinstance(response, str):
        return response
    try:
        answer: Any = response.json()
    except ValueError:
        return "the answer is not JSON"
    return answer if isinstance(answer, dict) else "the answer is not an object"


def ask_signed(
    here: World,
    client: httpx.Client,
    participant: str,
    method: str,
    url: str,
    content: bytes = b"",
) -> httpx.Response | str:
    """Send a signed request; return the good answer, or what went wrong."""
    headers = {"Accept": "application/json"} | (
        {"Content-Type": "application/json"} if content else {}
    )
    message = Message(method, url, headers, content)
    try:
        signed = sign_request(message, keys=here.keys, participant=participant, now=now())
        response = client.request(method, url, content=content, headers=signed)
    except (SignatureRefused, httpx.HTTPError) as error:
        return f"{type(error).__name__}: {error}"
    if response.status_code >= 300:
        return f"{response.status_code} {response.text[:200]}"
    return response
