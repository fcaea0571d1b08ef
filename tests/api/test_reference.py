"""The written reference names every call, error and state of the door."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from yijian.api.errors import SENTENCES, STATUS
from yijian.api.shapes import FeedbackState, OutcomeOut
from yijian.api.urls import api

REFERENCE = (Path(__file__).resolve().parents[2] / "docs/reference/api.md").read_text("utf-8")


def test_every_call_is_written_down(db: object) -> None:
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method in methods:
            call = f"`{method.upper()} {path.removeprefix('/api/v1')}"
            assert call in REFERENCE, call


def test_every_error_is_written_down_with_its_status() -> None:
    assert set(STATUS) == set(SENTENCES)
    for code, status in STATUS.items():
        assert re.search(rf"^\| {status} \|.*`{code}`", REFERENCE, re.MULTILINE), code


def test_every_state_and_outcome_is_written_down() -> None:
    outcomes = OutcomeOut.model_fields["outcome"].annotation
    for word in (*get_args(FeedbackState), *get_args(outcomes)):
        assert f"`{word}`" in REFERENCE, word
