"""Nothing about a person reaches a log, whoever wrote the entry."""

from __future__ import annotations

import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yijian.config.logging import clean, clean_text, redact

PERSONAL = ["110101199003070011", "11010119900307001X", "110101900307001", "13800138000",
            "+86 138-0013-8000", "王芳", "欧阳·买买提", "安徽省合肥市"]  # fmt: skip


@pytest.mark.parametrize("value", PERSONAL)
def test_a_personal_value_is_removed_wherever_it_stands(value: str) -> None:
    for text in (value, f"x={value}", f"no row for ({value}), id 7", f'{{"a": "{value}"}}'):
        assert value not in clean_text(text)


@given(st.from_regex(r"[1-9][0-9]{5}(19|20)[0-9]{9}[0-9X]", fullmatch=True))
def test_no_eighteen_digit_number_survives(number: str) -> None:
    assert number not in json.dumps(clean({"event": f"seen {number}.", "list": [number]}))


def test_query_strings_and_database_rows_are_removed() -> None:
    assert "wang" not in clean_text("Not Found: /find?name=wang")
    assert "secret" not in clean_text("duplicate key\nDETAIL:  Key (name)=(secret) exists.")


def test_ordinary_entries_stay_readable() -> None:
    entry = {"event": "dispatched", "case": "0190a-7", "count": 12, "seconds": 0.25, "done": True}
    assert redact(None, "info", dict(entry)) == entry


def test_a_personal_key_is_emptied_however_deep_it_lies() -> None:
    cleaned = clean({"event": "x", "more": [{"phone": 7, "Name": "Li"}]})
    assert cleaned["more"] == [{"phone": "[removed]", "Name": "[removed]"}]


def test_a_long_number_is_not_written_as_a_number() -> None:
    assert clean({"number": 13800138000}) == {"number": "[removed]"}


def test_an_exception_is_logged_without_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    handler = next(h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler)
    monkeypatch.setattr(handler, "stream", output)
    try:
        mother = "王芳 110101199003070011"
        raise ValueError(f"no such person: {mother}")
    except ValueError:
        logging.getLogger("yijian.test").exception("lookup failed for 13800138000")
    entry = json.loads(output.getvalue())
    assert entry["exception"].startswith("builtins.ValueError: no such person:")
    assert entry["frames"]
    for value in ("王芳", "110101199003070011", "13800138000"):
        assert value not in output.getvalue()
