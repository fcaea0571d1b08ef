"""Test seals: made once for all workers, sealed at rest, told to be tests everywhere."""

from __future__ import annotations

import io
import multiprocessing
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509
from asn1crypto.algos import DSASignature
from PIL import Image, ImageChops, ImageDraw

from tests.documents.seal_cast import AT, HOSPITAL, POLICE, openssl_sm2, openssl_trusts
from yijian.documents.seals import Holder, Seal, SealRefusedError, sm2
from yijian.documents.seals.picture import draw
from yijian.documents.seals.self_hosted import SelfHostedSeals
from yijian.documents.seals.structures import SignedSeal
from yijian.records.crypto import Key, SealBroken

KEY = Key(b"k" * 32)


@pytest.fixture
def provider(tmp_path: Path) -> SelfHostedSeals:
    return SelfHostedSeals(tmp_path, KEY)


def public_part(seal: Seal) -> tuple[bytes, ...]:
    return (*seal.pdf_certificates, seal.ofd_certificate, seal.eseal)


def made_elsewhere(folder: str) -> tuple[bytes, ...]:
    return public_part(SelfHostedSeals(Path(folder), KEY).seal_of(HOSPITAL, AT))


def test_workers_that_start_together_make_one_seal(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as workers:
        found = workers.map(made_elsewhere, [str(tmp_path)] * 8)
    assert len(set(found)) == 1
    assert not list(tmp_path.glob(".making-*"))


def test_a_node_that_starts_again_seals_with_the_same_keys(
    provider: SelfHostedSeals, tmp_path: Path
) -> None:
    before = provider.seal_of(HOSPITAL, AT)
    again = SelfHostedSeals(tmp_path, KEY)
    assert public_part(again.seal_of(HOSPITAL, AT)) == public_part(before)
    assert again.sign_pdf(HOSPITAL, b"x", AT) == provider.sign_pdf(HOSPITAL, b"x", AT)


def test_no_private_key_lies_open(tmp_path: Path) -> None:
    opened: list[bytes] = []

    class Watched:
        def seal(self, plain: bytes, place: str) -> bytes:
            opened.append(plain)
            return KEY.seal(plain, place)

        def open(self, sealed: bytes, place: str) -> bytes:
            return KEY.open(sealed, place)

    SelfHostedSeals(tmp_path, Watched()).seal_of(HOSPITAL, AT)
    files = list(tmp_path.iterdir())
    assert len(opened) == 2, "the authority and the hospital"
    for path in files:
        content = path.read_bytes()
        assert b"PRIVATE" not in content
        assert not any(plain[:64] in content for plain in opened)
        if path.suffix == ".seal":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keys_open_only_with_the_key_they_were_sealed_with(
    provider: SelfHostedSeals, tmp_path: Path
) -> None:
    provider.seal_of(HOSPITAL, AT)
    with pytest.raises(SealBroken):
        SelfHostedSeals(tmp_path, Key(b"o" * 32)).seal_of(HOSPITAL, AT)


def test_keys_of_one_organisation_do_not_open_as_anothers(
    provider: SelfHostedSeals, tmp_path: Path
) -> None:
    provider.seal_of(HOSPITAL, AT)
    provider.seal_of(POLICE, AT)
    hospital = next(tmp_path.glob(f"TEST-{HOSPITAL.code}-*"))
    next(tmp_path.glob(f"TEST-{POLICE.code}-*")).write_bytes(hospital.read_bytes())
    with pytest.raises(SealBroken):
        SelfHostedSeals(tmp_path, KEY).seal_of(POLICE, AT)


def test_openssl_trusts_the_sm2_signer_and_the_seal_itself(
    provider: SelfHostedSeals, tmp_path: Path
) -> None:
    seal, (_, authority) = provider.seal_of(HOSPITAL, AT), provider.authorities()
    assert openssl_trusts(seal.ofd_certificate, authority, tmp_path)
    made = SignedSeal.load(seal.eseal)
    information, signature = made["eseal_info"].dump(), made["signed_value"].native
    assert openssl_sm2(authority, information, signature, tmp_path)
    assert not openssl_sm2(authority, information + b"x", signature, tmp_path)


def test_everything_a_reader_sees_says_it_is_a_test(provider: SelfHostedSeals) -> None:
    seal = provider.seal_of(HOSPITAL, AT)
    for der in (*seal.pdf_certificates, seal.ofd_certificate):
        assert "测试" in x509.Certificate.load(der).subject.native["common_name"]
    stated = SignedSeal.load(seal.eseal)["eseal_info"]
    assert stated["property"]["name"].native == "合肥市示例妇幼保健院（测试）"
    assert stated["header"].native == {"id": "ES", "version": 4, "vid": "YIJIAN-TEST"}
    assert seal.is_test
    assert "测试" in provider.name


def test_a_seal_serves_five_years_and_the_next_five_have_another(
    provider: SelfHostedSeals,
) -> None:
    now, last = provider.seal_of(HOSPITAL, AT), datetime(2029, 12, 31, 23, 59, tzinfo=UTC)
    assert provider.seal_of(HOSPITAL, last) == now
    following = provider.seal_of(HOSPITAL, last + timedelta(minutes=1))
    assert following.valid_from == now.valid_until
    assert following.ofd_certificate != now.ofd_certificate


def test_an_organisation_that_is_renamed_gets_another_seal(provider: SelfHostedSeals) -> None:
    renamed = Holder(HOSPITAL.code, "合肥市示例第二妇幼保健院")
    assert provider.seal_of(renamed, AT).number != provider.seal_of(HOSPITAL, AT).number


@pytest.mark.parametrize("year", [1999, 2019, 2049])
def test_there_is_no_seal_outside_the_authoritys_years(
    provider: SelfHostedSeals, year: int
) -> None:
    with pytest.raises(SealRefusedError, match="time_without_seal"):
        provider.seal_of(HOSPITAL, datetime(year, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "title", ["院", "合肥市示例妇幼保健院", "南宁市青秀区示例妇幼保健院出生医学证明管理办公室" * 2]
)
def test_a_title_of_any_length_stays_inside_the_ring(title: str) -> None:
    picture = Image.open(io.BytesIO(draw(title, "340100H1"))).convert("RGBA")
    ink = picture.getchannel("A")
    outside = Image.new("L", ink.size, 255)
    width = ink.width
    inside = Image.new("L", (width, width), 0)
    ImageDraw.Draw(inside).ellipse((12, 12, width - 12, width - 12), fill=255)
    beyond = ImageChops.multiply(ink, ImageChops.subtract(outside, inside))
    assert beyond.getextrema()[1] < 40


def test_the_picture_is_the_same_each_time_and_another_for_each_name() -> None:
    assert draw("甲院", "1") == draw("甲院", "1")
    assert len({draw("甲院", "1"), draw("乙院", "1"), draw("甲院", "2")}) == 3


def test_sm2_and_sm3_agree_with_the_vectors_of_the_standard() -> None:
    public = bytes.fromhex(
        "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
        "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
    )
    r = int("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3", 16)
    s = int("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA", 16)
    signature = DSASignature({"r": r, "s": s}).dump()
    assert sm2.verify(public, b"message digest", signature)
    assert not sm2.verify(public, b"message digesT", signature)
    assert sm2.sm3(b"abc").hex().startswith("66c7f0f462eeedd9")


@pytest.mark.parametrize(
    "public, signature",
    [
        (b"", b"\x30\x06\x02\x01\x01\x02\x01\x01"),
        (b"\x01" * 64, b"\x30\x06\x02\x01\x01\x02\x01\x01"),
        (b"\x00" * 64, b"\x30\x06\x02\x01\x00\x02\x01\x00"),
        (b"\x04" * 65, b"\x30\x06\x02\x01\x01\x02\x01\x01"),
        (b"\x01" * 64, b""),
        (b"\x01" * 64, b"\x30" * 72),
    ],
)
def test_no_malformed_key_or_signature_verifies(public: bytes, signature: bytes) -> None:
    assert sm2.verify(public, b"x", signature) is False
