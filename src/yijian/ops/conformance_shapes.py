"""报文格式: what is wrong with a report, in the words of the contract (docs/reference/exchange.md).

The node's own door checks with its own shapes; this is written from the contract, so that a vendor
reads which rule was broken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

STATES = frozenset(
    {
        "accepted",
        "declined",
        "correction_needed",
        "in_review",
        "approved",
        "rejected",
        "completed",
        "offline",
    }
)
NEEDS_REASON = frozenset({"declined", "correction_needed", "rejected", "offline"})
REQUIRED = ("feedback_id", "task_id", "round", "state", "at")
OPTIONAL = frozenset({"reason", "fields", "result", "office"})
_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


def faults_of(report: object) -> list[str]:
    """Every rule that a report breaks, by field; none when it is as agreed.

    >>> faults_of({"feedback_id": "a", "task_id": "t", "round": 0, "state": "done", "at": "noon"})
    ['state: not one of the agreed states', 'at: an ISO 8601 time with an offset is needed']
    """
    if not isinstance(report, dict):
        return ["a report is a JSON object"]
    found = [f"{name}: missing" for name in REQUIRED if name not in report]
    found += [f"{n}: unknown field" for n in sorted(report.keys() - {*REQUIRED, *OPTIONAL})]
    return found or [*_own(report), *_reason(report), *_contents(report)]


def _own(report: Mapping[str, Any]) -> list[str]:
    rules = (
        ("feedback_id", _matches(_ID, report["feedback_id"]), "1 to 100 of A-Z a-z 0-9 . _ : -"),
        ("task_id", isinstance(report["task_id"], str), "the task's id"),
        ("round", type(report["round"]) is int and report["round"] >= 0, "a whole number"),
        ("state", report["state"] in STATES, "not one of the agreed states"),
        ("at", _matches(_MOMENT, report["at"]), "an ISO 8601 time with an offset is needed"),
    )
    return [f"{name}: {rule}" for name, kept, rule in rules if not kept]


def _reason(report: Mapping[str, Any]) -> list[str]:
    reason = report.get("reason")
    if reason is None:
        needed = report["state"] in NEEDS_REASON
        return [f"reason: needed for {report['state']}"] if needed else []
    if not isinstance(reason, dict) or not _matches(_CODE, reason.get("code")):
        return ["reason.code: small letters, digits and _"]
    text = reason.get("text", "")
    fine = isinstance(text, str) and len(text) <= 500
    return [] if fine and not reason.keys() - {"code", "text"} else ["reason: code and text only"]


def _contents(report: Mapping[str, Any]) -> list[str]:
    fields, result, found = report.get("fields", []), report.get("result", {}), []
    if not isinstance(fields, list) or not all(_matches(_CODE, each) for each in fields):
        found.append("fields: a list of field codes")
    elif report["state"] == "correction_needed" and not fields:
        found.append("fields: a correction names at least one field")
    if not isinstance(result, dict) or not all(_matches(_CODE, name) for name in result):
        found.append("result: an object with field codes as keys")
    return found


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
