"""An outside world that answers what a test tells it to, and a node that asks it.

The recorded answers below have the shape of the wire contract; `test_sandbox.py` holds them against
the pretend world that runs as a process of its own.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yijian.gateways.calls import Caller
from yijian.gateways.registers import Person, Query

URL = "http://registers.test/registers"
MOTHER = Person("王芳", "111", "340103199505012224")
FATHER = Person("李强", "111", "320106199402031231")
QUERY = Query(MOTHER, FATHER, "newborn_joint_service", "consent-1")
RECEIPT = {
    "id": "0191c7f0-7e7b-7c3e-9d6e-2b1f5a0c4d11",
    "service": "delivery",
    "at": "2026-11-20T09:30:00+08:00",
    "source": "省妇幼健康信息平台",
}
NEWBORN: dict[str, Any] = {
    "order": 1, "population_code": "34000000000001", "parity": 1, "sex": "1",
    "born_at": "2026-11-18T03:27:00+08:00", "weeks": 39, "days": 2, "weight_g": 3280,
    "length_cm": 50, "healthy": "1", "blood_type": "6", "place_division": "340104",
    "place_text": "合肥示例医院", "alive": True, "certificate_number": None,
    "certificate_collected_on": None,
}  # fmt: skip
DELIVERY: dict[str, Any] = {
    "delivery_id": "D1", "institution_code": "H340104", "institution_name": "合肥示例医院",
    "division": "340104", "born_place": "institution", "in_patient_number": "2026110012",
    "midwife": "赵敏", "recorded_at": "2026-11-18T08:00:00+08:00",
    "mother": {
        "name": "王芳", "id_type": "111", "id_number": "340103199505012224", "nationality": "CHN",
        "ethnicity": "01", "birth_date": "1995-05-01", "phone": "19900000001", "address": "庐阳区",
    },
    "father": {
        "name": "李强", "id_type": "111", "id_number": "320106199402031231", "nationality": "CHN",
        "ethnicity": "01", "birth_date": "1994-02-03", "phone": "19900000002", "address": "鼓楼区",
    },
    "newborns": [NEWBORN],
}  # fmt: skip


def delivery(**changes: Any) -> dict[str, Any]:
    """A delivery record with changes."""
    return {**copy.deepcopy(DELIVERY), **changes}


def found(name: str, value: Any) -> dict[str, Any]:
    """An answer that found something."""
    return {"receipt": RECEIPT, "found": True, name: value}


NOTHING = {"receipt": RECEIPT, "found": False}


class _Bytes(httpx.SyncByteStream):
    """A body that is read as it arrives, like one from a socket."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self.content), 65_536):
            yield self.content[start : start + 65_536]


def reply(status: int, body: Any, **headers: str) -> httpx.Response:
    """A response with this body: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=names, stream=_Bytes(content))


@dataclass
class Outside:
    """Answers by path; what was asked is kept."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers[request.url.path.rpartition("/")[2]]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, httpx.Response):
            return answer
        if isinstance(answer, Exception):
            raise answer
        return reply(200, answer)

    def body(self, number: int = -1) -> Any:
        """What was asked, as JSON."""
        return json.loads(self.asked[number].content)


def make_pair() -> tuple[bytes, bytes]:
    """A private and a public key as PEM."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public


@pytest.fixture(scope="session")
def pair() -> tuple[bytes, bytes]:
    return make_pair()


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def caller(outside: Outside, pair: tuple[bytes, bytes], now: datetime) -> Iterator[Caller]:
    with httpx.Client(transport=httpx.MockTransport(outside.handle)) as client:
        yield Caller(client, "340000-anhui", pair[0], lambda: now)


Values = dict[tuple[str, int], object]
Asker = Callable[..., Any]


def values_of(answer: Any) -> Values:
    """The values of an answer by fact and subject."""
    return {(fact, subject): value for fact, subject, value in answer.values}
