"""What departments fetch from the node (取件): tasks they were only told of, and scanned pages.

A page counts only when it is, byte for byte, the one that the task listed; anything else is asked
for again. A 404 ends the asking: the task is no longer this department's, or has ended.
"""

import hashlib
from typing import Any

import httpx

from sandbox.feedback import ask_signed, later
from sandbox.queues import queue_task, withdraw_task
from sandbox.results import takes
from sandbox.store import Document
from sandbox.world import World, now

AT_ONCE = 50


def fetch_due(here: World, department: str, client: httpx.Client) -> int:
    """Fetch what is due for one department; return how much came."""
    if here.switches.of(department).outage:
        return 0
    came = sum(_fetch_task(here, client, row) for row in _due(here, "notified", department))
    return came + sum(_fetch_scan(here, client, row) for row in _due(here, "scans", department))


def _due(here: World, kind: str, department: str) -> list[Document]:
    at = now().timestamp()
    return [
        row
        for row in here.store.open_documents(kind)
        if row["department"] == department and row["next_at"] <= at
    ][:AT_ONCE]


def _ask(here: World, client: httpx.Client, row: Document, rest: str) -> httpx.Response | str:
    url = f"{here.settings.node_url}/api/v1/tasks/{row['task_id']}{rest}"
    return ask_signed(here, client, row["department"], "GET", url)


def _fetch_task(here: World, client: httpx.Client, row: Document) -> bool:
    key = f"{row['department']}/{row['event']}"
    answer = _ask(here, client, row, "")
    task = answer if isinstance(answer, str) else _object(answer)
    if isinstance(task, str) or task.get("task_id") != row["task_id"]:
        error = task if isinstance(task, str) else "another task came"
        return _not_yet(here, "notified", key, row, error)
    if task.get("state") == "withdrawn":
        withdraw_task(here, row["department"], row["task_id"])
    elif takes(here, row["department"], task.get("item")):
        queue_task(here, row["department"], task)
    here.store.put("notified", key, row | {"outcome": "fetched", "error": None})
    return True


def _object(answer: httpx.Response) -> dict[str, Any] | str:
    try:
        found = answer.json()
    except ValueError:
        return "the answer is not JSON"
    return found if isinstance(found, dict) else "the answer is not an object"


def _fetch_scan(here: World, client: httpx.Client, row: Document) -> bool:
    key = f"{row['department']}/{row['task_id']}/{row['file']}"
    answer = _ask(here, client, row, f"/files/{row['file']}")
    if isinstance(answer, str):
        return _not_yet(here, "scans", key, row, answer)
    if hashlib.sha256(answer.content).hexdigest() != row["sha256"]:
        return _not_yet(here, "scans", key, row, "the bytes are not those of the page")
    kept = {"outcome": "kept", "error": None, "bytes": len(answer.content)}
    here.store.put("scans", key, row | kept)
    return True


def _not_yet(here: World, kind: str, key: str, row: Document, error: str) -> bool:
    gone = {"outcome": "gone", "error": error[:300]} if error.startswith("404 ") else {}
    here.store.put(kind, key, row | later(row, error) | gone)
    return False
