"""The province's library: rows in batches, ids taken and refused, nonsense is a failed call."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateways.conftest import Outside, reply
from yijian.gateways import library
from yijian.gateways.calls import Caller, CallFailedError

URL = "http://library.test/library"
ROWS = [{"id": f"r{number}", "证照名称": "出生医学证明"} for number in range(3)]


def answer_with(outside: Outside, body: Any) -> None:
    outside.answers["UP_LIC_DATA"] = lambda _request: reply(200, body)


def test_rows_are_taken_and_refused_by_their_ids(outside: Outside, caller: Caller) -> None:
    answer_with(outside, {"accepted": ["r0", "other", 5], "refused": ["r1", "r0"]})
    collected = library.collect(ROWS, caller=caller, url=URL)
    assert (collected.accepted, collected.refused) == ({"r0"}, {"r1"})
    assert outside.body() == {"rows": ROWS}


@pytest.mark.parametrize("body", [{}, {"accepted": "r0"}, {"accepted": [], "refused": {}}])
def test_an_answer_without_ids_is_no_answer(
    outside: Outside, caller: Caller, body: dict[str, Any]
) -> None:
    answer_with(outside, body)
    with pytest.raises(CallFailedError, match="wrong_answer"):
        library.collect(ROWS, caller=caller, url=URL)


def test_a_batch_of_rows_has_its_bounds(caller: Caller) -> None:
    for rows in ([], ROWS * 34):
        with pytest.raises(ValueError, match="1 to 100"):
            library.collect(rows, caller=caller, url=URL)
