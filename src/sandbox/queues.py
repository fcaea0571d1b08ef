"""How department systems work (办理队列): a task comes in, takes its steps, reports each one.

A department does what the family's script says, and completes what no script mentions.
Everything is decided when the task arrives; time only makes the steps due.
"""

import random
import uuid
from typing import Any

from sandbox.population import Family
from sandbox.results import insured_years, make_result, takes
from sandbox.store import Document
from sandbox.world import World, local_text, now

STOPS = ("declined", "correction_needed", "rejected", "completed", "offline")
BEFORE = {
    "declined": (),
    "correction_needed": ("accepted",),
    "rejected": ("accepted", "in_review"),
    "offline": ("accepted",),
    "completed": ("accepted", "in_review", "approved"),
}
DISPATCHED, WITHDRAWN = "yijian.task.dispatched.v1", "yijian.task.withdrawn.v1"
REHEARSED = {"correct": "correction_needed", "decline": "declined", "complete": "completed"}
"""What a task's `rehearsal` asks a department in its test environment to decide."""
REHEARSED_REASON = {"code": "rehearsal", "text": "联调演练：请补正，或改到窗口办理。"}
_FEEDBACK_IDS = uuid.UUID("0d9c9d0a-6f53-5f0e-9a52-3d5f1f3f7a10")


class EventRefused(ValueError):
    """An event a department cannot take; the text is the reason."""


def receive_event(here: World, department: str, event: Any) -> str:
    """Take one event into the department's queue and return its id; a repeat changes nothing.

    A notification without the task's content makes the department fetch the task. What it does not
    understand it keeps and leaves alone: a newer node may know more than it does.
    """
    event_id, kind, data = _parts(event)
    key = f"{department}/{event_id}"
    if here.store.get("events", key):
        return event_id
    if kind not in (DISPATCHED, WITHDRAWN):
        here.store.put_new("told", key, event)
    elif not isinstance(data.get("task_id"), str) or not data["task_id"]:
        raise EventRefused("data.task_id is missing")
    elif kind == WITHDRAWN:
        withdraw_task(here, department, data["task_id"])
    elif "fields" not in data:
        notice = {"department": department, "task_id": data["task_id"], "event": event_id}
        here.store.put_new("notified", key, notice | to_do())
    else:
        if not takes(here, department, data.get("item")):
            raise EventRefused(f"item {data.get('item')} is not ours")
        switch = here.switches.of(department)
        if switch.forget and here.switches.draw(department).random() < switch.forget:
            return event_id  # The system says yes and loses it: it is not even remembered.
        queue_task(here, department, data)
    here.store.put("events", key, {"at": local_text(now())})
    return event_id


def _parts(event: Any) -> tuple[str, str, Document]:
    if not isinstance(event, dict) or event.get("specversion") != "1.0":
        raise EventRefused("not a CloudEvents 1.0 event")
    data = event.get("data")
    if not isinstance(event.get("id"), str) or not event["id"]:
        raise EventRefused("the event has no id")
    if not isinstance(data, dict):
        raise EventRefused("data is not an object")
    return event["id"], str(event.get("type")), data


def to_do() -> Document:
    """Return what says that something is still to be fetched or sent, from now on."""
    return {"attempts": 0, "next_at": now().timestamp(), "outcome": None, "error": None}


def queue_task(here: World, department: str, data: Document) -> None:
    """Plan the work on a task; an earlier or equal round changes nothing."""
    key = f"{department}/{data['task_id']}"
    round_ = data.get("round") if isinstance(data.get("round"), int) else 1
    fields = data.get("fields") if isinstance(data.get("fields"), dict) else {}
    with here.store.lock:
        before = here.store.get("tasks", key)
        if here.store.get("withdrawals", key):
            return
        if before and (before["withdrawn"] or before["round"] >= round_):
            if before["round"] == round_ and before.get("refused"):
                _report_again(here, key, before)
            return
        family = here.families.mentioned_in([fields, data.get("materials")])
        used = before["script_used"] if before else 0
        steps, used = plan_steps(here, family, data | {"fields": fields}, used)
        if before:  # A corrected task is under review already; only what is new is reported.
            steps = [step for step in steps if step["state"] not in ("accepted", "in_review")]
        task: Document = {
            "department": department,
            "task_id": data["task_id"],
            "case_number": data.get("case_number"),
            "item": data["item"],
            "newborn": data.get("newborn"),
            "round": round_,
            "fields": fields,
            "family": family["id"] if family else None,
            "state": before["state"] if before else "queued",
            "steps": steps,
            "script_used": used,
            "due_at": None,
            "withdrawn": False,
            "received_at": local_text(now()),
        }
        here.store.put("tasks", key, task | {"due_at": _due_at(here, task)})
        _want_scans(here, department, data)


def _want_scans(here: World, department: str, data: Document) -> None:
    """Note the pictures that a task lists, to be fetched; those that are known stay as they are."""
    scans = data.get("scans")
    for scan in scans if isinstance(scans, list) else []:
        if not isinstance(scan, dict) or not scan.get("id"):
            continue
        wanted = {
            "department": department,
            "task_id": data["task_id"],
            "file": str(scan["id"]),
            "sha256": str(scan.get("sha256")),
        }
        key = f"{department}/{data['task_id']}/{scan['id']}"
        here.store.put_new("scans", key, wanted | to_do())


def _report_again(here: World, key: str, task: Document) -> None:
    """Take a refused step once more when the node speaks of the task again.

    The family may have done what the step was waiting for, signed a form for example.
    """
    step = {"state": task["refused"], "again": task.get("again", 0) + 1}
    changed = task | {"steps": [step], "refused": None, "again": step["again"]}
    here.store.put("tasks", key, changed | {"due_at": _due_at(here, changed)})


def note_refusal(here: World, report: Document) -> None:
    """Remember on the task that its latest report was refused."""
    body = report["body"]
    here.store.change(
        "tasks",
        f"{report['department']}/{body['task_id']}",
        lambda task: task | ({"refused": body["state"]} if task["round"] == body["round"] else {}),
    )


def plan_steps(
    here: World, family: Family | None, data: Document, used: int
) -> tuple[list[Document], int]:
    """Return the steps up to the next stop, and how much of the script is then used."""
    rows = _script_rows(family, data)[used:]
    steps: list[Document] = []
    for position, row in enumerate(rows, start=1):
        state = str(row.get("do"))
        if state in STOPS:
            done = {step["state"] for step in steps}
            steps += [{"state": each} for each in BEFORE[state] if each not in done]
        wait = float(row.get("after_minutes") or 0) * here.settings.minute_seconds
        steps.append(_scripted(row, state) | ({"wait": wait} if wait else {}))
        if state in STOPS:
            return _with_payment(data, steps), used + position
    done = {step["state"] for step in steps}
    steps += [{"state": each} for each in (*BEFORE["completed"], "completed") if each not in done]
    return _with_payment(data, steps), used + len(rows)


def _script_rows(family: Family | None, data: Document) -> list[Document]:
    rehearsed = REHEARSED.get(str(data.get("rehearsal")))
    if rehearsed == "completed":
        return [{"do": rehearsed}]
    if rehearsed:
        asked = sorted(data["fields"])[:1] if rehearsed == "correction_needed" else []
        return [{"do": rehearsed, "reason": REHEARSED_REASON, "fields": asked}]
    newborn = data.get("newborn")
    order = newborn.get("order") if isinstance(newborn, dict) else newborn
    return [
        row
        for row in (family or {}).get("script") or []
        if row.get("item") == data["item"] and row.get("newborn") in (None, order)
    ]


def _scripted(row: Document, state: str) -> Document:
    reason = row.get("reason")
    if isinstance(reason, str):
        reason = {"code": reason, "text": reason}
    step: Document = {"state": state, "scripted": True}
    for name, value in (
        ("reason", reason),
        ("result", row.get("result")),
        ("fields", row.get("fields")),
    ):
        if value:
            step[name] = value
    return step


def _with_payment(data: Document, steps: list[Document]) -> list[Document]:
    """Tax has nothing to review: it takes the task, and ends it when the money is there."""
    if data["item"] != "medical_insurance_payment":
        return steps
    kept = [step for step in steps if step["state"] not in ("in_review", "approved")]
    return [
        step | {"needs_payment": True}
        if step["state"] == "completed" and not step.get("scripted")
        else step
        for step in kept
    ]


def _due_at(here: World, task: Document) -> float | None:
    if not task["steps"] or task["withdrawn"]:
        return None
    step = task["steps"][0]
    if step.get("needs_payment") and not is_paid(here, task):
        return None
    rng = random.Random(f"{here.settings.seed}/{task['task_id']}/{len(task['steps'])}")
    wait = step.get("wait") or rng.uniform(*here.settings.delay_seconds)
    return now().timestamp() + wait


def is_paid(here: World, task: Document) -> bool:
    """Say whether every year a payment task is about has been paid."""
    family = here.families.get(task["family"]) if task["family"] else None
    years = insured_years(family, task)
    return all(here.store.get("payments", f"{task['task_id']}/{year}") for year in years)


def withdraw_task(here: World, department: str, task_id: str) -> None:
    """Stop the work on a task for good, also when the task itself arrives only later."""
    here.store.put_new("withdrawals", f"{department}/{task_id}", {"at": local_text(now())})
    here.store.change(
        "tasks",
        f"{department}/{task_id}",
        lambda task: task | {"withdrawn": True, "due_at": None, "steps": []},
    )


def wake_task(here: World, department: str, task_id: str) -> None:
    """Look again at a task that waits for something outside, a payment for example."""
    here.store.change(
        "tasks",
        f"{department}/{task_id}",
        lambda task: task | {"due_at": task["due_at"] or _due_at(here, task)},
    )


def take_due_steps(here: World) -> int:
    """Take every step that is due and write its report; return how many were taken."""
    at = now().timestamp()
    taken = 0
    for task in here.store.open_documents("tasks"):
        if task["due_at"] is None or task["due_at"] > at:
            continue
        if here.switches.of(task["department"]).outage:
            continue
        _take_step(here, task)
        taken += 1
    return taken


def _take_step(here: World, task: Document) -> None:
    key = f"{task['department']}/{task['task_id']}"
    with here.store.lock:
        if here.store.get("tasks", key) is not task:
            return  # It was withdrawn or sent again in between.
        step = task["steps"][0]
        report = _report(here, task, step)
        # The report is written first: after a crash the step is taken again with the same id.
        here.store.put_new("feedback", report["feedback_id"], report)
        changed = task | {"state": step["state"], "steps": task["steps"][1:]}
        here.store.put("tasks", key, changed | {"due_at": _due_at(here, changed)})


def _report(here: World, task: Document, step: Document) -> Document:
    family = here.families.get(task["family"]) if task["family"] else None
    department, state = task["department"], step["state"]
    name = f"{department}/{task['task_id']}/{task['round']}/{state}"
    if step.get("again"):
        name += f"/{step['again']}"
    result = step.get("result") or {}
    if state == "completed":
        result = make_result(here, family, task) | result
    body = {
        "feedback_id": str(uuid.uuid5(_FEEDBACK_IDS, name)),
        "task_id": task["task_id"],
        "round": task["round"],
        "state": state,
        "at": local_text(now()),
        "reason": step.get("reason"),
        "fields": step.get("fields") or [],
        "result": result,
    }
    return {
        "feedback_id": body["feedback_id"],
        "cursor": here.store.count("feedback") + 1,
        "department": department,
        "body": body,
        **to_do(),
        "next_at": now().timestamp() + _disorder(here, department),
    }


def _disorder(here: World, department: str) -> float:
    if not here.switches.of(department).disorder:
        return 0.0
    return here.switches.draw(department).uniform(0, 3 * here.settings.delay_seconds[1] + 0.5)
