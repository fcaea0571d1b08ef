"""省级电子证照库: rows of the collection table, pushed as soon as a certificate changes.

A row's id stays the same for ever, so that a repeated one is harmless over there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yijian.gateways.calls import Caller, CallFailedError

LARGEST_BATCH = 100


@dataclass(frozen=True, slots=True)
class Collected:
    """What became of a batch of rows: ids taken, and ids refused for good."""

    accepted: frozenset[str]
    refused: frozenset[str]


def collect(rows: Sequence[Mapping[str, object]], *, caller: Caller, url: str) -> Collected:
    """Hand over rows of the table UP_LIC_DATA; each has its `id`. Errors: CallFailedError."""
    if not 0 < len(rows) <= LARGEST_BATCH:
        raise ValueError(f"a batch has 1 to {LARGEST_BATCH} rows, not {len(rows)}")
    sent = frozenset(str(row["id"]) for row in rows)
    answer = caller.post(f"{url}/UP_LIC_DATA", {"rows": list(rows)})
    accepted, refused = answer.get("accepted"), answer.get("refused", [])
    if not isinstance(accepted, list) or not isinstance(refused, list):
        raise CallFailedError("wrong_answer")
    taken = frozenset(id_ for id_ in accepted if isinstance(id_, str)) & sent
    return Collected(
        taken, frozenset(id_ for id_ in refused if isinstance(id_, str)) & sent - taken
    )
