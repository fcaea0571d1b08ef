"""节点: what another node tells for comparison: digests, lines, records, reports, checkpoints.

Every address is below the partner's base, which is its endpoint for events without that word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import cast
from urllib.parse import urlencode

from yijian.domain.parity import Bucket, SharedTask, ToldTask
from yijian.domain.states import TaskState
from yijian.gateways.calls import Caller, CallFailedError

REPORTS_AT_ONCE = 500
MOST_PAGES = 10_000
_EVENTS = "/events"


def base_of(endpoint: str) -> str:
    """The base address of a partner, given where its events go.

    >>> base_of("https://node/api/v1/events")
    'https://node/api/v1'
    """
    return endpoint.removesuffix("/").removesuffix(_EVENTS)


def buckets(
    endpoint: str, side: str, width: int, within: str = "", *, caller: Caller
) -> dict[str, Bucket]:
    """The other node's buckets of one of its sides. Errors: CallFailedError."""
    query = urlencode({"side": side, "width": width} | ({"within": within} if within else {}))
    answer = caller.get(f"{base_of(endpoint)}/parity?{query}")
    try:
        return {
            str(each["bucket"]): Bucket(int(str(each["count"])), str(each["digest"]))
            for each in _objects(answer, "buckets")
        }
    except (KeyError, ValueError):
        raise CallFailedError("wrong_buckets") from None


def lines(endpoint: str, side: str, within: str, *, caller: Caller) -> Iterator[ToldTask]:
    """The other node's lines of one fine bucket. Errors: CallFailedError."""
    after = ""
    for _ in range(MOST_PAGES):
        query = urlencode({"side": side, "within": within} | ({"after": after} if after else {}))
        answer = caller.get(f"{base_of(endpoint)}/parity/lines?{query}")
        try:
            yield from [_line(each) for each in _objects(answer, "lines")]
        except (KeyError, ValueError):
            raise CallFailedError("wrong_lines") from None
        after = str(answer.get("next") or "")
        if not after:
            return
    raise CallFailedError("too_many_pages")


def _line(said: Mapping[str, object]) -> ToldTask:
    line = SharedTask(
        str(said["task_id"]),
        int(str(said["round"])),
        TaskState(str(said["state"])),
        str(said.get("result", "")),
        int(str(said.get("answered", 0))),
    )
    changed_at = datetime.fromisoformat(str(said["changed_at"]))
    return ToldTask(
        line, changed_at, str(said.get("case_number", ""))[:60], str(said.get("item", ""))[:60]
    )


def record(endpoint: str, task: str, *, caller: Caller) -> dict[str, object]:
    """What the other node has recorded of a task it sent here. Errors: CallFailedError."""
    return caller.get(f"{base_of(endpoint)}/parity/tasks/{task}")


def reports(
    endpoint: str, after: str, *, caller: Caller
) -> tuple[list[Mapping[str, object]], str | None]:
    """The next reports of a partner after a cursor, and the cursor after them (None: the end).

    Errors: CallFailedError.
    """
    query = urlencode({"limit": REPORTS_AT_ONCE} | ({"after": after} if after else {}))
    answer = caller.get(f"{base_of(endpoint)}/reports?{query}")
    following = answer.get("next")
    return _objects(answer, "reports"), None if following is None else str(following)


def latest_checkpoint(endpoint: str, *, caller: Caller) -> dict[str, object]:
    """The other node's newest signed checkpoint and what it holds of ours.

    Errors: CallFailedError.
    """
    return caller.get(f"{base_of(endpoint)}/checkpoints/latest")


def show_checkpoint(
    endpoint: str, shown: Mapping[str, object], *, caller: Caller
) -> dict[str, object]:
    """Show our newest checkpoint with its proof. Errors: CallFailedError."""
    return caller.post(f"{base_of(endpoint)}/checkpoints", dict(shown))


def _objects(answer: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = answer.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise CallFailedError(f"wrong_{name}")
    return cast(list[Mapping[str, object]], found)
