"""Only a partner's own, whole, fresh and first request comes in; every other is refused, recorded
and answered in the one error model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils.timezone import now as real_now  # noqa: TID251 (the door has a clock)

from tests.api.conftest import Door, card_of, feedback, state_of
from yijian.ops.keys import make_key_pair
from yijian.records import exchange
from yijian.records.mapping import LoadedCase
from yijian.records.models import Partner, RefusedRequest

PATH = "/api/v1/feedback"
JSON = "application/json"


@pytest.fixture
def said(family: LoadedCase) -> bytes:
    return json.dumps(feedback(card_of(family))).encode()


def refusals() -> list[tuple[str, str]]:
    rows = RefusedRequest.objects.order_by("id")
    return [(row.reason, row.claimed) for row in rows]


def assert_error(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert set(body) == {"error", "message", "message_en", "fields"}
    assert body["error"] == code
    assert body["message"] and body["message_en"].isascii()
    assert answer["Cache-Control"] == "no-store"


def test_an_unsigned_request_is_refused_and_recorded(
    family: LoadedCase, said: bytes, client: Client
) -> None:
    answer = client.post(PATH, data=said, content_type=JSON)
    assert_error(answer, 401, "unsigned")
    assert refusals() == [("unsigned", "")]
    assert state_of(family) == "queued"


def test_a_changed_body_is_refused(family: LoadedCase, said: bytes, hr: Door) -> None:
    headers = hr.headers("POST", PATH, said, JSON)
    answer = hr.send(PATH, said.replace(b"accepted", b"rejected"), headers)
    assert_error(answer, 401, "signature_refused")
    assert refusals() == [("digest_differs", "hr-340000")]


def test_a_signature_for_another_address_is_refused(said: bytes, hr: Door) -> None:
    headers = hr.headers("POST", "/api/v1/deliveries", said, JSON)
    assert_error(hr.send(PATH, said, headers), 401, "signature_refused")


def test_an_old_signature_is_refused(said: bytes, hr: Door) -> None:
    old = hr.headers("POST", PATH, said, JSON, now=real_now() - timedelta(minutes=6))
    assert_error(hr.send(PATH, said, old), 401, "signature_stale")


def test_a_repeated_request_is_refused(family: LoadedCase, said: bytes, hr: Door) -> None:
    headers = hr.headers("POST", PATH, said, JSON)
    assert hr.send(PATH, said, headers).status_code == 200
    assert_error(hr.send(PATH, said, headers), 401, "request_repeated")
    assert refusals() == [("replayed", "hr-340000")]


def test_a_stranger_is_refused_and_recorded(said: bytes, client: Client) -> None:
    make_key_pair(settings.YIJIAN.keys_folder, "stranger-1")
    assert_error(Door("stranger-1", client).post("/feedback", said), 401, "signature_refused")
    assert refusals() == [("unknown_sender", "stranger-1")]


def test_a_partner_who_was_put_off_is_a_stranger(said: bytes, hr: Door) -> None:
    Partner.objects.filter(code="hr-340000").update(active=False)
    assert_error(hr.post("/feedback", said), 401, "signature_refused")


def test_the_key_of_another_partner_is_refused(
    family: LoadedCase, said: bytes, hr: Door, insurance: Door
) -> None:
    with mock.patch.object(Door, "key", return_value=insurance.key()):
        assert_error(hr.post("/feedback", said), 401, "signature_refused")
    assert state_of(family) == "queued"


def test_during_a_change_of_keys_the_old_one_still_counts(
    family: LoadedCase, said: bytes, hr: Door, insurance: Door
) -> None:
    row = exchange.partner("hr-340000")
    assert row is not None
    other = exchange.partner("insurance-340000")
    assert other is not None
    row.public_key = other.public_key + row.public_key
    row.save()
    assert hr.post("/feedback", said).status_code == 200


def test_a_flood_of_forgeries_does_not_fill_the_disk(node: None, client: Client) -> None:
    with mock.patch("yijian.api.senders.MOST_KEPT_A_MINUTE", 0):
        assert client.post(PATH, data=b"{}", content_type=JSON).status_code == 401
    assert refusals() == []


BODIES: dict[str, tuple[bytes, int, str]] = {
    "no JSON": (b"hello", 400, "bad_json"),
    "a duplicate key": (b'{"feedback_id":"a","feedback_id":"b"}', 400, "bad_json"),
    "NaN": (b'{"round":NaN}', 400, "bad_json"),
    "a huge number": (b'{"round":' + b"9" * 4000 + b"}", 400, "bad_json"),
    "10 000 levels": (b"[" * 10_000, 400, "bad_json"),
    "a byte order mark": (b"\xef\xbb\xbf{}", 400, "bad_json"),
    "half a character": (b'{"a":"\\ud800"}', 400, "bad_json"),
    "NUL": (b'{"feedback_id":"\\u0000"}', 400, "bad_json"),
    "another encoding": ("王".encode("gb18030"), 400, "bad_json"),
    "a list": (b"[]", 422, "wrong_fields"),
    "null": (b"null", 422, "wrong_fields"),
    "a text": (b'"x"', 422, "wrong_fields"),
    "nothing in it": (b"{}", 422, "wrong_fields"),
    "2 MB and a byte": (b" " * (2 * 1024 * 1024 + 1), 413, "too_large"),
}


@pytest.mark.parametrize("what", BODIES)
@pytest.mark.parametrize("path", ["/feedback", "/feedback/batch", "/deliveries"])
def test_a_hostile_body_is_answered_and_changes_nothing(
    family: LoadedCase, hr: Door, what: str, path: str
) -> None:
    body, status, code = BODIES[what]
    assert_error(hr.post(path, body), status, code)
    assert state_of(family) == "queued"


def test_50_megabytes_are_not_even_read(node: None, client: Client) -> None:
    answer = client.post(PATH, data=b" " * 50_000_000, content_type=JSON)
    assert_error(answer, 413, "too_large")


@pytest.mark.parametrize("length", ["-1", "x", "9" * 30])
def test_a_lie_about_the_length_is_refused(node: None, client: Client, length: str) -> None:
    answer = client.generic("POST", PATH, b"{}", content_type=JSON, CONTENT_LENGTH=length)
    assert_error(answer, 413, "too_large")


def test_a_signed_empty_body_is_a_missing_body(node: None, hr: Door) -> None:
    assert_error(hr.post("/feedback", b""), 422, "wrong_fields")


def test_another_content_type_is_refused(said: bytes, hr: Door) -> None:
    answer = hr.post("/feedback", said, content_type="text/plain")
    assert_error(answer, 415, "not_json")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("DELETE", "/api/v1/tasks", 405, "method_not_allowed"),
        ("PUT", "/api/v1/feedback", 405, "method_not_allowed"),
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v1/", 404, "not_found"),
        ("POST", "/api/v2/feedback", 404, "not_found"),
        ("GET", "/api/v1/tasks/%00", 401, "unsigned"),
    ],
)
def test_every_refusal_speaks_the_error_model(
    db: object, client: Client, method: str, path: str, status: int, code: str
) -> None:
    answer = client.generic(method, path)
    assert_error(answer, status, code)
    assert status != 405 or answer["Allow"]


@pytest.fixture
def broken_database() -> Iterator[None]:
    with mock.patch("yijian.api.senders.exchange.partner", side_effect=OperationalError):
        yield


def test_without_its_database_the_node_says_so(
    said: bytes, hr: Door, broken_database: None
) -> None:
    answer = hr.post("/feedback", said)
    assert_error(answer, 503, "out_of_order")
    assert answer["Retry-After"] == "5"


def test_a_fault_of_ours_tells_nothing_about_itself(said: bytes, hr: Door) -> None:
    with mock.patch("yijian.actions.feedback.receive", side_effect=RuntimeError("王芳")):
        answer = hr.post("/feedback", said)
    assert_error(answer, 500, "internal")
    assert "王芳" not in answer.content.decode()


def test_the_description_is_openapi_3_1_and_names_every_answer(db: object, client: Client) -> None:
    description = client.get("/api/v1/openapi.json").json()
    assert description["openapi"] == "3.1.0"
    services = (
        "delivery", "hukou", "marriage", "certificates", "maternity", "citizen_id", "institution",
    )  # fmt: skip
    assert {path.removeprefix("/api/v1/") for path in description["paths"]} == {
        "tasks", "tasks/{task_id}", "tasks/{task_id}/files/{file}", "feedback", "feedback/batch",
        "handovers", "events", "reports", "deliveries", "certificates/query", "certificates/file",
        "packs/{digest}", "parity", "parity/lines", "parity/tasks/{task_id}", "checkpoints",
        "checkpoints/latest", *(f"registers/{service}" for service in services),
    }  # fmt: skip
    for methods in description["paths"].values():
        for call in methods.values():
            answers = set(call["responses"])
            assert "401" in answers and answers & {"200", "202"}
            assert "422" in answers or not (call.get("parameters") or call.get("requestBody"))
            assert call["security"] == [{"SignedByPartner": []}]


def test_a_node_says_to_anybody_that_it_is_up_and_what_time_it_has(
    db: object, client: Client
) -> None:
    answer = client.get("/api/v1/health")
    body = answer.json()
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert set(body) == {"node", "version", "time"} and body["node"] == settings.YIJIAN.node
    assert abs((datetime.fromisoformat(body["time"]) - real_now()).total_seconds()) < 60


def test_the_manual_is_one_page_without_scripts(db: object, client: Client) -> None:
    answer = client.get("/api/v1/docs")
    page = answer.content.decode()
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
    assert "reportFeedbackBatch" in page and "FeedbackIn" in page
    assert "<script" not in page and "style=" not in page
