"""The written reference names every call, error and state of the door."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

from django.conf import settings
from django.test import Client

from tests.api.conftest import card_of, feedback
from yijian.api.errors import SENTENCES, STATUS
from yijian.api.shapes import FeedbackState, OutcomeOut
from yijian.api.urls import api
from yijian.records.mapping import LoadedCase

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


def test_the_example_of_signing_opens_the_door(family: LoadedCase, client: Client) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", REFERENCE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    key = (settings.YIJIAN.keys_folder / "hr-340000.pem").read_bytes()
    public = settings.YIJIAN.public_url
    headers = names["signed"]("GET", f"{public}/api/v1/tasks", b"", "hr-340000", key)
    assert client.get("/api/v1/tasks", headers=headers).status_code == 200
    body = json.dumps(feedback(card_of(family))).encode()
    headers = names["signed"]("POST", f"{public}/api/v1/feedback", body, "hr-340000", key)
    del headers["content-type"]
    answer = client.post(
        "/api/v1/feedback", data=body, content_type="application/json", headers=headers
    )
    assert answer.json()["outcome"] == "applied"
