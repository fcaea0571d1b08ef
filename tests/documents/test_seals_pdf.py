"""PDF seals as poppler, OpenSSL and qpdf see them, and what sealing leaves alone."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageChops

from tests.documents.seal_cast import AT, HOSPITAL, POLICE, notice, openssl_trusts, pdfsig, tool
from yijian.documents.seals import Box, Holder, SealRefusedError
from yijian.documents.seals.pdf import seal_pdf
from yijian.documents.seals.self_hosted import SelfHostedSeals
from yijian.records.crypto import Key


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> SelfHostedSeals:
    return SelfHostedSeals(tmp_path_factory.mktemp("seals"), Key(b"k" * 32))


@pytest.fixture(scope="module")
def sealed(provider: SelfHostedSeals) -> bytes:
    made = notice()
    return seal_pdf(made.pdf, holder=HOSPITAL, provider=provider, at=AT, spot=made.seal_places[0])


def test_poppler_finds_the_seal_valid_over_the_whole_document(
    sealed: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    (found,) = pdfsig(path)
    assert found["Signature Validation"] == "Signature is Valid."
    assert "Total document signed" in found
    assert found["Signature Type"] == "ETSI.CAdES.detached"
    assert found["Signing Hash Algorithm"] == "SHA-256"
    assert found["Signer Certificate Common Name"] == "合肥市示例妇幼保健院（测试）"


def test_the_signing_time_is_the_time_that_was_given(sealed: bytes) -> None:
    file = pikepdf.open(io.BytesIO(sealed))
    assert str(file.Root.AcroForm.Fields[0].V.M) == "D:20261121100000+08'00'"


def test_openssl_trusts_the_signer_by_the_test_authority(
    provider: SelfHostedSeals, tmp_path: Path
) -> None:
    signer, authority = provider.seal_of(HOSPITAL, AT).pdf_certificates
    assert openssl_trusts(signer, authority, tmp_path)
    assert not openssl_trusts(signer, provider.authorities()[1], tmp_path)


def test_openssl_verifies_the_signature_taken_out_of_the_file(
    sealed: bytes, provider: SelfHostedSeals, tmp_path: Path
) -> None:
    found = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]", sealed)
    assert found is not None
    before, start, after = (int(found[n]) for n in (2, 3, 4))
    der = bytes.fromhex(sealed[before + 1 : start - 1].decode())
    (tmp_path / "cms").write_bytes(der)
    (tmp_path / "covered").write_bytes(sealed[:before] + sealed[start : start + after])
    authority = tmp_path / "authority.pem"
    tool("openssl", "x509", "-inform", "der", "-in", _der(provider, tmp_path), "-out", authority)
    judged = tool(
        "openssl",
        *("cms", "-verify", "-binary", "-inform", "der", "-in", tmp_path / "cms"),
        *("-content", tmp_path / "covered", "-CAfile", authority, "-purpose", "any"),
        *("-attime", str(int(AT.timestamp())), "-out", tmp_path / "out"),
    )
    assert judged.returncode == 0, judged.stderr
    assert b"Verification successful" in judged.stderr


def _der(provider: SelfHostedSeals, folder: Path) -> Path:
    (folder / "authority.der").write_bytes(provider.authorities()[0])
    return folder / "authority.der"


def test_what_was_there_before_stays_byte_for_byte(sealed: bytes) -> None:
    assert sealed.startswith(notice().pdf)


def test_the_same_seal_at_the_same_time_gives_the_same_bytes(
    sealed: bytes, provider: SelfHostedSeals
) -> None:
    made = notice()
    again = seal_pdf(made.pdf, holder=HOSPITAL, provider=provider, at=AT, spot=made.seal_places[0])
    assert again == sealed


def test_the_picture_stands_in_the_middle_of_its_place(sealed: bytes, tmp_path: Path) -> None:
    place = notice().seal_places[0]
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    # At 254 dots an inch a dot is a tenth of a millimetre.
    tool("pdftoppm", "-r", "254", "-singlefile", "-png", path, tmp_path / "page")
    page = Image.open(tmp_path / "page.png").convert("RGB")
    redness = ImageChops.subtract(page.getchannel("R"), page.getchannel("B"))
    found = redness.point(lambda depth: 255 if depth > 100 else 0).getbbox()
    assert found is not None, "nothing red on the page"
    left, top, right, bottom = (each / 10 for each in found)
    wanted = (place.x_mm + place.width_mm / 2, place.y_mm + place.height_mm / 2)
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx(wanted, abs=0.5)
    assert (right - left, bottom - top) == pytest.approx((37.6, 37.6), abs=0.5)


def test_qpdf_finds_the_sealed_file_in_order(sealed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    checked = tool("qpdf", "--check", path)
    assert checked.returncode == 0, checked.stderr
    assert b"No syntax or stream encoding errors" in checked.stdout


def test_the_marks_of_pdf_a_and_pdf_ua_survive_the_seal(sealed: bytes) -> None:
    before, after = pikepdf.open(io.BytesIO(notice().pdf)), pikepdf.open(io.BytesIO(sealed))
    assert after.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
    assert after.docinfo == before.docinfo
    assert after.Root.OutputIntents[0].S == "/GTS_PDFA1"
    field = after.Root.AcroForm.Fields[0]
    assert field.F == 4 | 128, "printed and locked, neither hidden nor invisible"
    assert "/A" not in field and "/AA" not in field
    assert "/NeedAppearances" not in after.Root.AcroForm
    assert field.AP.N.Resources.XObject.Seal.SMask.ColorSpace == "/DeviceGray"
    assert str(after.trailer.ID[0]) == str(before.trailer.ID[0])


def test_a_screen_reader_finds_the_seal_in_the_structure(sealed: bytes) -> None:
    file = pikepdf.open(io.BytesIO(sealed))
    field = file.Root.AcroForm.Fields[0]
    numbers = list(file.Root.StructTreeRoot.ParentTree.Nums)
    element = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))[int(field.StructParent)]
    assert element.S == "/Form"
    assert str(element.Alt) == "合肥市示例妇幼保健院（测试）"
    assert element.K.Obj.objgen == field.objgen
    assert element.objgen in [
        kid.objgen for kid in element.P.K if isinstance(kid, pikepdf.Dictionary)
    ]


def test_a_second_organisation_seals_beside_the_first(
    sealed: bytes, provider: SelfHostedSeals, tmp_path: Path
) -> None:
    both = seal_pdf(sealed, holder=POLICE, provider=provider, at=AT + timedelta(days=1))
    path = tmp_path / "both.pdf"
    path.write_bytes(both)
    assert both.startswith(sealed)
    assert [each["Signature Validation"] for each in pdfsig(path)] == ["Signature is Valid."] * 2
    assert ["Total document signed" in each for each in pdfsig(path)] == [False, True]


def test_a_seal_without_a_place_stands_in_the_lower_right_corner(
    provider: SelfHostedSeals,
) -> None:
    made = seal_pdf(notice().pdf, holder=HOSPITAL, provider=provider, at=AT)
    file = pikepdf.open(io.BytesIO(made))
    left, bottom, right, top = map(int, file.Root.AcroForm.Fields[0].Rect)
    assert (595 - right, bottom) == pytest.approx((57, 57), abs=1)
    assert (right - left, top - bottom) == (113, 113)


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7\n%%EOF", b"PK\x03\x04" + b"0" * 40])
def test_what_is_no_document_gets_no_seal(pdf: bytes, provider: SelfHostedSeals) -> None:
    with pytest.raises(SealRefusedError, match="pdf_unreadable"):
        seal_pdf(pdf, holder=HOSPITAL, provider=provider, at=AT)


def test_a_page_that_is_not_there_gets_no_seal(provider: SelfHostedSeals) -> None:
    with pytest.raises(SealRefusedError, match="no_such_page"):
        seal_pdf(notice().pdf, holder=HOSPITAL, provider=provider, at=AT, spot=Box(2, 0, 0, 42, 42))


def test_nobody_seals_for_an_organisation_without_a_code(provider: SelfHostedSeals) -> None:
    with pytest.raises(SealRefusedError, match="no_such_holder"):
        seal_pdf(notice().pdf, holder=Holder("../x", "某院"), provider=provider, at=AT)
