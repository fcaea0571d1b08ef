"""A province's seal platform: what is asked, what is believed, and a document sealed through it."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.documents.seal_cast import AT, HOSPITAL, notice, ofd_notice, pdfsig
from tests.gateways.conftest import Outside, reply
from yijian.documents.seals import SealRefusedError
from yijian.documents.seals.ofd import examine_ofd, seal_ofd
from yijian.documents.seals.pdf import seal_pdf
from yijian.documents.seals.self_hosted import SelfHostedSeals
from yijian.gateways import seals
from yijian.gateways.calls import Caller, CallFailedError
from yijian.ops.sealing import PlatformSeals
from yijian.records.crypto import Key

URL = "https://seals.test"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture
def behind(tmp_path: Path) -> SelfHostedSeals:
    """Who really seals behind the platform's door."""
    return SelfHostedSeals(tmp_path, Key(b"k" * 32))


@pytest.fixture
def platform(outside: Outside, behind: SelfHostedSeals, caller: Caller) -> PlatformSeals:
    """The platform as it answers by the contract in docs/reference/seals.md."""

    def query(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        seal = behind.seal_of(HOSPITAL, datetime.fromisoformat(asked["at"]))
        if asked["holder"] != {"code": HOSPITAL.code, "title": HOSPITAL.title}:
            return reply(404, {"reason": "no_seal"})
        return reply(
            200,
            {
                "number": seal.number,
                "picture": b64(seal.picture),
                "width_mm": seal.width_mm,
                "height_mm": seal.height_mm,
                "valid_from": seal.valid_from.isoformat(),
                "valid_until": seal.valid_until.isoformat(),
                "pdf_certificates": [{"der": b64(each)} for each in seal.pdf_certificates],
                "ofd_certificate": b64(seal.ofd_certificate),
                "eseal": b64(seal.eseal),
                "is_test": seal.is_test,
            },
        )

    def sign(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        at, to_sign = datetime.fromisoformat(asked["at"]), base64.b64decode(asked["to_sign"])
        signing = {"pdf": behind.sign_pdf, "ofd": behind.sign_ofd}[asked["form"]]
        return reply(200, {"signature": b64(signing(HOSPITAL, to_sign, at))})

    outside.answers |= {"query": query, "signatures": sign}
    return PlatformSeals(caller, URL)


def test_a_pdf_sealed_through_the_platform_is_valid(
    platform: PlatformSeals, tmp_path: Path
) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(seal_pdf(notice().pdf, holder=HOSPITAL, provider=platform, at=AT))
    (found,) = pdfsig(path)
    assert found["Signature Validation"] == "Signature is Valid."


def test_an_ofd_sealed_through_the_platform_is_sound(
    platform: PlatformSeals, behind: SelfHostedSeals
) -> None:
    spot = notice().seal_places[0]
    made = seal_ofd(ofd_notice(), holder=HOSPITAL, provider=platform, at=AT, spot=spot)
    assert examine_ofd(made, trusted=behind.authorities()).findings == ()


def test_no_document_and_no_name_of_a_person_leaves_for_the_platform(
    platform: PlatformSeals, outside: Outside
) -> None:
    seal_pdf(notice().pdf, holder=HOSPITAL, provider=platform, at=AT, reason="王芳")
    asked = [json.loads(request.content) for request in outside.asked]
    assert [set(each) for each in asked] == [{"holder", "at"}, {"number", "form", "to_sign", "at"}]
    assert len(base64.b64decode(asked[1]["to_sign"])) < 500
    assert all("王芳".encode() not in request.content for request in outside.asked)


def test_every_request_is_signed(platform: PlatformSeals, outside: Outside) -> None:
    platform.seal_of(HOSPITAL, AT)
    assert outside.asked[0].headers["signature-input"].startswith("sig1=")


def test_a_seal_is_described_once_an_hour(platform: PlatformSeals, outside: Outside) -> None:
    for _ in range(3):
        platform.sign_ofd(HOSPITAL, b"x", AT)
    assert [each.url.path for each in outside.asked] == [
        "/seals/query", "/signatures", "/signatures", "/signatures",
    ]  # fmt: skip
    platform.seal_of(HOSPITAL, AT.replace(hour=AT.hour + 1))
    assert outside.asked[-1].url.path == "/seals/query"


def test_an_organisation_without_a_seal_needs_a_person(
    outside: Outside, platform: PlatformSeals
) -> None:
    outside.answers["query"] = reply(404, {"reason": "no_seal"})
    with pytest.raises(SealRefusedError, match="no_seal") as refused:
        platform.seal_of(HOSPITAL, AT)
    assert not refused.value.passing


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_platform_that_is_down_is_asked_again_later(
    status: int, outside: Outside, platform: PlatformSeals
) -> None:
    outside.answers["query"] = reply(status, {})
    with pytest.raises(SealRefusedError) as refused:
        platform.seal_of(HOSPITAL, AT)
    assert refused.value.passing


def test_a_signature_that_is_not_the_seals_goes_into_no_document(
    outside: Outside, platform: PlatformSeals
) -> None:
    wrong = {"signature": b64(b"\x30\x06\x02\x01\x01\x02\x01\x01")}
    outside.answers["signatures"] = lambda _request: reply(200, wrong)
    with pytest.raises(SealRefusedError, match="wrong_signature"):
        seal_pdf(notice().pdf, holder=HOSPITAL, provider=platform, at=AT)
    with pytest.raises(SealRefusedError, match="wrong_signature"):
        seal_ofd(
            ofd_notice(),
            holder=HOSPITAL,
            provider=platform,
            at=AT,
            spot=notice().seal_places[0],
        )


GOOD: dict[str, Any] = {
    "number": "3401-1", "picture": "AAAA", "width_mm": 40, "height_mm": 40,
    "valid_from": "2026-01-01T00:00:00+08:00", "valid_until": "2027-01-01T00:00:00+08:00",
    "pdf_certificates": [{"der": "AAAA"}], "ofd_certificate": "AAAA", "eseal": "AAAA",
    "is_test": False,
}  # fmt: skip


@pytest.mark.parametrize(
    "name, value",
    [
        ("number", "../1"),
        ("picture", "not base64"),
        ("picture", ""),
        ("width_mm", 0),
        ("width_mm", 900),
        ("valid_from", "2026-01-01"),
        ("pdf_certificates", ["AAAA"]),
        ("pdf_certificates", [{"der": "AAAA"}] * 9),
        ("ofd_certificate", None),
        ("eseal", 7),
        ("is_test", "no"),
    ],
)
def test_an_answer_of_another_shape_is_a_failed_call(
    name: str, value: object, outside: Outside, caller: Caller
) -> None:
    outside.answers["query"] = {**GOOD, name: value}
    with pytest.raises(CallFailedError, match=f"wrong_{name}"):
        seals.seal_of(HOSPITAL.code, HOSPITAL.title, AT, caller=caller, url=URL)


def test_an_answer_of_the_agreed_shape_is_a_seal(outside: Outside, caller: Caller) -> None:
    outside.answers["query"] = GOOD
    seal = seals.seal_of(HOSPITAL.code, HOSPITAL.title, AT, caller=caller, url=URL)
    assert (seal.number, seal.eseal, seal.is_test) == ("3401-1", b"\0\0\0", False)
    assert seal.pdf_certificates == (b"\0\0\0",)


def test_certificates_that_are_none_give_no_seal(outside: Outside, platform: PlatformSeals) -> None:
    outside.answers["query"] = GOOD
    with pytest.raises(SealRefusedError, match="wrong_seal"):
        seal_pdf(notice().pdf, holder=HOSPITAL, provider=platform, at=AT)
