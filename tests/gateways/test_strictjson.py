"""JSON from strangers has one meaning or is refused; it never breaks anything."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yijian.gateways.strictjson import NotStrictJsonError, loads

HOSTILE = {
    "a duplicate key": b'{"a":1,"a":2}',
    "a duplicate key deep inside": b'{"a":[{"b":1,"b":1}]}',
    "a number without end": b'{"a":1e400}',
    "not a number": b'{"a":NaN}',
    "infinity": b"[-Infinity]",
    "a number of 5000 digits": b"9" * 5000,
    "a thousand brackets": b"[" * 1000 + b"]" * 1000,
    "100 000 brackets": b"[" * 100_000,
    "33 levels": b"[" * 33 + b"]" * 33,
    "a byte order mark": b"\xef\xbb\xbf{}",
    "half a character": b'{"a":"\\ud800"}',
    "half a character as key": b'{"\\udfff":1}',
    "NUL": b'{"a":"\\u0000"}',
    "another encoding": "王".encode("gb18030"),
    "a comment": b"{} // nothing",
    "two values": b"{}{}",
    "nothing": b"",
    "a single quote": b"{'a':1}",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_is_refused(what: str) -> None:
    with pytest.raises(NotStrictJsonError):
        loads(HOSTILE[what])


def test_the_reason_never_repeats_the_content() -> None:
    with pytest.raises(NotStrictJsonError) as refused:
        loads('{"王芳":1,"王芳":2}'.encode())
    assert "王芳" not in str(refused.value)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**17), 10**17)
        | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("abc王"), inner),
        max_leaves=20,
    )
)
def test_ordinary_values_come_back_as_they_were(value: object) -> None:
    assert loads(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_no_bytes_break_it(raw: bytes) -> None:
    try:
        loads(raw)
    except NotStrictJsonError:
        return
