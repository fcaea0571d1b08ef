"""Whatever one value of a recorded answer is turned into, a register answers or fails."""

from __future__ import annotations

import copy
import json
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateways.conftest import MOTHER, QUERY, URL, delivery, found, make_pair, reply
from tests.gateways.test_registers import CERTIFICATE, MARRIAGE, MATERNITY, PERSON
from yijian.domain.cases import CheckState
from yijian.gateways.calls import Caller
from yijian.gateways.registers import ask

NOW = datetime.fromisoformat("2026-11-21T10:00:00+08:00")
PRIVATE = make_pair()[0]
RECORDED: dict[str, Any] = {
    "delivery": found("deliveries", [delivery()]),
    "hukou": found("person", PERSON),
    "marriage": found("marriage", MARRIAGE),
    "maternity": found("maternity", MATERNITY),
    "certificates": found("certificate", CERTIFICATE),
}
HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(
        ["", " ", "0", "-1", "true", "9999-12-31", "0001-01-01", "2026-11-18T03:27:00+14:00",
         "9999-12-31T23:59:59-12:00", "=cmd|' /C calc'!A0", "<img src=x onerror=alert(1)>",
         "{{7*7}}", "'; DROP TABLE task; --", "\u202e\u200b", "𠮷" * 30, "x" * 5000]
    ),
    st.just([]),
    st.just({}),
    st.just([[[]]]),
    st.just({"receipt": {"found": True}}),
)  # fmt: skip

ANOTHER_WOMANS = (("delivery_record_matches", 0, False),)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a JSON value."""
    found_here = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(
        value, list
    ) else ()  # fmt: skip
    for key, item in inner:
        found_here += places(item, (*path, key))
    return found_here


def changed(value: Any, path: tuple[Any, ...], into: Any) -> Any:
    """The value with one place changed."""
    copied = copy.deepcopy(value)
    inside = copied
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = into
    return copied


class _Wire:
    """One client for all examples, because making one costs more than asking."""

    def __init__(self) -> None:
        self.answer = b""
        transport = httpx.MockTransport(lambda _: reply(200, self.answer))
        self.caller = Caller(
            httpx.Client(transport=transport), "340000-anhui", PRIVATE, lambda: NOW
        )


@pytest.fixture(scope="module")
def wire() -> Iterator[_Wire]:
    wire = _Wire()
    yield wire
    wire.caller.client.close()


@pytest.mark.parametrize("register", RECORDED)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_change_of_an_answer_breaks_a_register(
    register: str, wire: _Wire, data: st.DataObject
) -> None:
    recorded = RECORDED[register]
    path = data.draw(st.sampled_from(places(recorded)))
    wire.answer = json.dumps(changed(recorded, path, data.draw(HOSTILE))).encode()
    answer = ask(register, QUERY, caller=wire.caller, url=URL, now=NOW)
    if answer.state is CheckState.FAILED:
        assert answer.reason and answer.values == ()
    if answer.state is CheckState.CONFLICT:
        # A contradiction says at most that the record is another woman's, and nothing of her.
        assert answer.reason and answer.values in ((), ANOTHER_WOMANS)
    for receipt in answer.receipts:
        assert receipt.id.isascii() and MOTHER.id_number not in receipt.id
    for fact, subject, value in answer.values:
        assert isinstance(fact, str) and subject >= 0
        if isinstance(value, str):
            # Characters that Python does not know yet may stand in rare names; controls may not.
            assert len(value) <= 200
            assert not {unicodedata.category(c) for c in value} & {"Cc", "Cf", "Cs"}
