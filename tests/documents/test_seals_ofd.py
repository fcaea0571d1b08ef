"""OFD seals: GB/T 38540 as OpenSSL sees it, and every part somebody could tamper with."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.documents.seal_cast import (
    AT,
    HOSPITAL,
    POLICE,
    Otherwise,
    notice,
    ofd_notice,
    openssl_sm2,
    tool,
)
from yijian.documents.ofd.package import packed, parts
from yijian.documents.seals import Box, SealRefusedError, sm2
from yijian.documents.seals.findings import Fault, Finding
from yijian.documents.seals.ofd import examine_ofd, seal_ofd
from yijian.documents.seals.self_hosted import SelfHostedSeals
from yijian.documents.seals.structures import SealSignature, SignedSeal
from yijian.records.crypto import Key

SIGN = "Doc_0/Signs/Sign_0"
XML, VALUE, SEAL = f"{SIGN}/Signature.xml", f"{SIGN}/SignedValue.dat", f"{SIGN}/Seal.esl"
PAGE = "Doc_0/Pages/Page_0/Content.xml"
Change = Callable[[dict[str, bytes]], object]


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> SelfHostedSeals:
    return SelfHostedSeals(tmp_path_factory.mktemp("seals"), Key(b"k" * 32))


def sealed_by(provider: SelfHostedSeals | Otherwise) -> bytes:
    spot = notice().seal_places[0]
    return seal_ofd(ofd_notice(), holder=HOSPITAL, provider=provider, at=AT, spot=spot)


@pytest.fixture(scope="module")
def sealed(provider: SelfHostedSeals) -> bytes:
    return sealed_by(provider)


@pytest.fixture
def faults(provider: SelfHostedSeals) -> Callable[[bytes], set[tuple[Fault, str]]]:
    def found(ofd: bytes) -> set[tuple[Fault, str]]:
        examined = examine_ofd(ofd, trusted=provider.authorities())
        return {(each.fault, each.where) for each in examined.findings}

    return found


def with_change(ofd: bytes, change: Change) -> bytes:
    held = parts(ofd)
    change(held)
    return packed(held)


def test_a_sealed_package_is_sound_and_says_who_sealed_it(
    sealed: bytes, provider: SelfHostedSeals
) -> None:
    examined = examine_ofd(sealed, trusted=provider.authorities())
    assert examined.findings == ()
    (seal,) = examined.seals
    assert seal.signer == "合肥市示例妇幼保健院（测试）"
    assert (seal.signed_at, seal.algorithm, seal.is_test) == (AT, "SM2", True)


def test_openssl_verifies_the_holders_signature(
    sealed: bytes, provider: SelfHostedSeals, tmp_path: Path
) -> None:
    signed = SealSignature.load(parts(sealed)[VALUE])
    tbs, value = signed["to_sign"].dump(), signed["signature"].native
    certificate = bytes(signed["cert"].native)
    assert certificate == provider.seal_of(HOSPITAL, AT).ofd_certificate
    assert openssl_sm2(certificate, tbs, value, tmp_path)
    assert not openssl_sm2(certificate, tbs[:-1] + b"?", value, tmp_path)


def test_openssl_finds_the_digest_that_was_signed_is_that_of_the_signature_file(
    sealed: bytes, tmp_path: Path
) -> None:
    held = parts(sealed)
    (tmp_path / "Signature.xml").write_bytes(held[XML])
    printed = tool("openssl", "dgst", "-sm3", "-r", tmp_path / "Signature.xml").stdout
    tbs = SealSignature.load(held[VALUE])["to_sign"]
    assert printed.split()[0].decode() == tbs["data_hash"].native.hex()
    assert tbs["property_info"].native == f"/{XML}"


def test_the_structure_is_that_of_the_standard_read_by_another_parser(
    sealed: bytes, tmp_path: Path
) -> None:
    """The outline of SES_Signature version 4, as OpenSSL prints it."""
    (tmp_path / "value").write_bytes(parts(sealed)[VALUE])
    printed = tool(
        "openssl", "asn1parse", "-inform", "der", "-in", tmp_path / "value"
    ).stdout.decode()
    outline = [
        (int(line.split("d=")[1].split()[0]), re.split(r"[:\[]", line.split(": ")[1])[0].strip())
        for line in printed.splitlines()
    ]
    assert [kind for depth, kind in outline if depth == 1] == [
        "SEQUENCE", "OCTET STRING", "OBJECT", "BIT STRING",
    ]  # fmt: skip
    assert [kind for depth, kind in outline if depth == 2] == [
        "INTEGER", "SEQUENCE", "GENERALIZEDTIME", "BIT STRING", "IA5STRING",
    ]  # fmt: skip
    assert [kind for depth, kind in outline if depth == 4] == [
        "SEQUENCE", "IA5STRING", "SEQUENCE", "SEQUENCE",
    ]  # fmt: skip
    assert [kind for depth, kind in outline if depth == 5] == [
        "IA5STRING", "INTEGER", "IA5STRING",
        "INTEGER", "UTF8STRING", "INTEGER", "SEQUENCE", *["GENERALIZEDTIME"] * 3,
        "IA5STRING", "OCTET STRING", "INTEGER", "INTEGER",
    ]  # fmt: skip


def test_without_a_trusted_authority_its_issuer_is_a_fault(sealed: bytes, tmp_path: Path) -> None:
    stranger = SelfHostedSeals(tmp_path, Key(b"s" * 32))
    for trusted in ((), stranger.authorities()):
        found = examine_ofd(sealed, trusted=trusted).findings
        assert {each.fault for each in found} == {Fault.UNKNOWN_ISSUER}


CHANGES: dict[str, tuple[Change, set[tuple[Fault, str]]]] = {
    "a page": (
        lambda held: held.update({PAGE: held[PAGE].replace(b"ofd:Page", b"ofd:Pagf", 1)}),
        {(Fault.CHANGED, PAGE)},
    ),
    "a missing page": (lambda held: held.pop(PAGE), {(Fault.MISSING_FILE, PAGE)}),
    "an added part": (
        lambda held: held.update({"Doc_0/Res/more.png": b"x"}),
        {(Fault.NOT_COVERED, "Doc_0/Res/more.png")},
    ),
    "a missing signed value": (
        lambda held: held.pop(VALUE),
        {(Fault.MISSING_FILE, f"{XML} SignedValue")},
    ),
    "a missing seal": (lambda held: held.pop(SEAL), {(Fault.MISSING_FILE, f"{XML} Seal")}),
    "a signed value that is none": (
        lambda held: held.update({VALUE: b"0" * 40}),
        {(Fault.BROKEN, XML)},
    ),
    "a signed value with more behind it": (
        lambda held: held.update({VALUE: held[VALUE] + b"\x00"}),
        {(Fault.BROKEN, XML)},
    ),
    "the stated time": (
        lambda held: held.update({XML: held[XML].replace(b"20261121", b"20261120")}),
        {(Fault.CHANGED, XML), (Fault.TIME_DIFFERS, XML)},
    ),
    "the place of the stamp": (
        lambda held: held.update({XML: held[XML].replace(b'Boundary="1', b'Boundary="2')}),
        {(Fault.CHANGED, XML)},
    ),
    "a weaker digest": (
        lambda held: held.update({XML: held[XML].replace(b"1.2.156.10197.1.401", b"MD5")}),
        {(Fault.WEAK_ALGORITHM, XML), (Fault.CHANGED, XML)},
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_tampering_is_named(
    what: str, sealed: bytes, faults: Callable[[bytes], set[tuple[Fault, str]]]
) -> None:
    change, wanted = CHANGES[what]
    assert faults(with_change(sealed, change)) == wanted


def test_a_page_exchanged_together_with_its_digest_is_found(
    sealed: bytes, faults: Callable[[bytes], set[tuple[Fault, str]]]
) -> None:
    def exchanged(held: dict[str, bytes]) -> None:
        old = base64.b64encode(sm2.sm3(held[PAGE]))
        held[PAGE] = held[PAGE].replace(b"ofd:Page", b"ofd:Pagf", 1)
        held[XML] = held[XML].replace(old, base64.b64encode(sm2.sm3(held[PAGE])))

    assert faults(with_change(sealed, exchanged)) == {(Fault.CHANGED, XML)}


def test_a_seal_taken_from_another_document_is_found(
    sealed: bytes, provider: SelfHostedSeals, faults: Callable[[bytes], set[tuple[Fault, str]]]
) -> None:
    other = parts(
        seal_ofd(sealed, holder=POLICE, provider=provider, at=AT, spot=Box(1, 20, 20, 42, 42))
    )
    moved = with_change(
        sealed, lambda held: held.update({VALUE: other[VALUE.replace("Sign_0", "Sign_1")]})
    )
    found = faults(moved)
    assert {(Fault.CHANGED, XML), (Fault.ELSEWHERE, XML), (Fault.SEAL_DIFFERS, XML)} <= found


def test_the_seal_that_is_shown_is_the_one_that_signed(
    sealed: bytes, provider: SelfHostedSeals, faults: Callable[[bytes], set[tuple[Fault, str]]]
) -> None:
    shown = provider.seal_of(POLICE, AT).eseal
    assert faults(with_change(sealed, lambda held: held.update({SEAL: shown}))) == {
        (Fault.SEAL_DIFFERS, XML)
    }


def test_a_seal_whose_list_is_gone_is_no_seal(
    sealed: bytes, faults: Callable[[bytes], set[tuple[Fault, str]]]
) -> None:
    def unlisted(held: dict[str, bytes]) -> None:
        before, _, rest = held["OFD.xml"].partition(b"<ofd:Signatures>")
        held["OFD.xml"] = before + rest.partition(b"</ofd:Signatures>")[2]

    assert faults(with_change(sealed, unlisted)) == {(Fault.NOT_SEALED, "")}
    assert faults(ofd_notice()) == {(Fault.NOT_SEALED, "")}


def test_somebody_elses_key_under_the_hospitals_seal_is_found(provider: SelfHostedSeals) -> None:
    police = provider.seal_of(POLICE, AT).ofd_certificate
    forger = Otherwise(provider, signs_as=POLICE, when=AT, ofd_certificate=police)
    found = examine_ofd(sealed_by(forger), trusted=provider.authorities()).findings
    assert found == (Finding(Fault.WRONG_CERTIFICATE, XML),)


def test_a_picture_exchanged_in_the_seal_is_found(provider: SelfHostedSeals) -> None:
    real = provider.seal_of(HOSPITAL, AT)
    made = SignedSeal.load(real.eseal)
    picture = made["eseal_info"]["picture"]["data"].native
    forged = real.eseal.replace(picture, picture[:-1] + b"?")
    forger = Otherwise(provider, signs_as=HOSPITAL, when=AT, eseal=forged)
    found = examine_ofd(sealed_by(forger), trusted=provider.authorities()).findings
    assert found == (Finding(Fault.SEAL_FORGED, XML),)


def test_a_seal_used_after_it_ended_is_found(provider: SelfHostedSeals) -> None:
    real = provider.seal_of(HOSPITAL, AT)
    late = real.valid_until + timedelta(days=1)
    forger = Otherwise(provider, signs_as=HOSPITAL, when=AT, valid_until=late + timedelta(days=1))
    made = seal_ofd(
        ofd_notice(), holder=HOSPITAL, provider=forger, at=late, spot=notice().seal_places[0]
    )
    found = {each.fault for each in examine_ofd(made, trusted=provider.authorities()).findings}
    assert found == {Fault.SEAL_NOT_VALID_THEN, Fault.CERTIFICATE_NOT_VALID_THEN}


def test_a_seal_is_not_used_outside_its_time(provider: SelfHostedSeals) -> None:
    ended = Otherwise(provider, signs_as=HOSPITAL, when=AT, valid_until=AT)
    with pytest.raises(SealRefusedError, match="seal_not_valid_then"):
        sealed_by(ended)


def test_a_provider_that_signs_with_another_key_is_refused(provider: SelfHostedSeals) -> None:
    with pytest.raises(SealRefusedError, match="wrong_signature") as refused:
        sealed_by(Otherwise(provider, signs_as=POLICE, when=AT))
    assert refused.value.passing


def test_a_second_seal_vouches_for_the_first(
    sealed: bytes, provider: SelfHostedSeals, faults: Callable[[bytes], set[tuple[Fault, str]]]
) -> None:
    both = seal_ofd(
        sealed,
        holder=POLICE,
        provider=provider,
        at=AT + timedelta(days=1),
        spot=Box(1, 20, 200, 42, 42),
    )
    examined = examine_ofd(both, trusted=provider.authorities())
    assert examined.findings == ()
    assert [each.signer[:6] for each in examined.seals] == ["合肥市示例妇", "合肥市公安局"]
    assert (Fault.CHANGED, VALUE) in faults(
        with_change(both, lambda held: held.update({VALUE: held[VALUE][:-1] + b"?"}))
    )


def test_no_changed_byte_of_the_signed_value_goes_unseen(
    sealed: bytes, provider: SelfHostedSeals
) -> None:
    held = parts(sealed)
    value, trusted = held[VALUE], provider.authorities()
    for position in range(0, len(value), len(value) // 150):
        changed = bytearray(value)
        changed[position] ^= 0x21
        found = examine_ofd(packed({**held, VALUE: bytes(changed)}), trusted=trusted).findings
        assert found, f"byte {position} of the signed value"


@pytest.mark.parametrize("length", range(0, 30_000, 1_500))
def test_a_package_cut_short_is_broken_and_nothing_else_happens(sealed: bytes, length: int) -> None:
    (found,) = examine_ofd(sealed[:length]).findings
    assert found.fault is Fault.BROKEN


def test_what_is_no_package_gets_no_seal(provider: SelfHostedSeals) -> None:
    with pytest.raises(SealRefusedError, match="ofd_unreadable"):
        seal_ofd(
            b"PK\x03\x04", holder=HOSPITAL, provider=provider, at=AT, spot=Box(1, 0, 0, 42, 42)
        )


def test_a_seal_without_certificates_is_refused(provider: SelfHostedSeals) -> None:
    real = provider.seal_of(HOSPITAL, AT)
    for wrong in (b"", b"x", real.pdf_certificates[0]):
        with pytest.raises(SealRefusedError, match="wrong_seal"):
            sealed_by(Otherwise(provider, signs_as=HOSPITAL, when=AT, ofd_certificate=wrong))
