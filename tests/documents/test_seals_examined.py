"""Tampering with a sealed PDF, byte by byte and cleverly, and files made to break a reader."""

from __future__ import annotations

import io
import random
import re
import zlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import cms, x509
from asn1crypto.core import Sequence
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from tests.documents import archive_cast
from tests.documents.seal_cast import AT, HOSPITAL, POLICE, Otherwise, notice, ofd_notice
from yijian.documents.archive.holdings import ArchivedFile, Folder
from yijian.documents.archive.packing import pack_item
from yijian.documents.examining import Kind, Trusted, examine, kind_of
from yijian.documents.seals import SealRefusedError
from yijian.documents.seals.checking_pdf import examine_pdf
from yijian.documents.seals.findings import SAYS, Fault
from yijian.documents.seals.ofd import seal_ofd
from yijian.documents.seals.pdf import record_of, seal_pdf
from yijian.documents.seals.self_hosted import SelfHostedSeals
from yijian.records.crypto import Key

RANGE = re.compile(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]( *)")


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> SelfHostedSeals:
    return SelfHostedSeals(tmp_path_factory.mktemp("seals"), Key(b"k" * 32))


@pytest.fixture(scope="module")
def sealed(provider: SelfHostedSeals) -> bytes:
    made = notice()
    return seal_pdf(made.pdf, holder=HOSPITAL, provider=provider, at=AT, spot=made.seal_places[0])


@pytest.fixture(scope="module")
def trusted(provider: SelfHostedSeals) -> tuple[bytes, bytes]:
    return provider.authorities()


def faults(pdf: bytes, trusted: tuple[bytes, ...], record: bytes | None = None) -> set[Fault]:
    return {each.fault for each in examine_pdf(pdf, trusted=trusted, record=record).findings}


def gap(pdf: bytes) -> tuple[int, int]:
    """Where the digits of the signature stand."""
    found = RANGE.search(pdf)
    assert found is not None
    return int(found[1]) + 1, int(found[2]) - 1


def with_cms(pdf: bytes, content: cms.ContentInfo) -> bytes:
    """The same file with another signature in its place."""
    start, end = gap(pdf)
    digits = content.dump(force=True).hex().encode()
    return pdf[:start] + digits.ljust(end - start, b"0") + pdf[end:]


def cms_of(pdf: bytes) -> cms.ContentInfo:
    start, end = gap(pdf)
    return cms.ContentInfo.load(bytes.fromhex(pdf[start:end].decode()))


def stated(structure: Sequence) -> dict[str, object]:
    """The fields of a structure that are there."""
    return {name: structure[name] for name in structure if structure[name].native is not None}


def test_a_sealed_pdf_is_sound_and_says_who_sealed_it(
    sealed: bytes, trusted: tuple[bytes, ...]
) -> None:
    examined = examine_pdf(sealed, trusted=trusted)
    assert examined.findings == ()
    (seal,) = examined.seals
    assert seal.signer == "合肥市示例妇幼保健院（测试）"
    assert (seal.signed_at, seal.algorithm, seal.is_test) == (AT, "EC", True)


def test_no_changed_byte_of_the_document_goes_unseen(
    sealed: bytes, trusted: tuple[bytes, ...]
) -> None:
    start, end = gap(sealed)
    places = [*range(0, start, start // 120), *range(end, len(sealed), 13)]
    for position in places:
        changed = bytearray(sealed)
        changed[position] ^= 0x11
        assert faults(bytes(changed), trusted), f"byte {position} of {len(sealed)}"


def test_no_changed_byte_of_the_signature_goes_unseen(
    sealed: bytes, trusted: tuple[bytes, ...]
) -> None:
    start, end = gap(sealed)
    used = len(sealed[start:end].rstrip(b"0"))
    for position in range(start, start + used, 12):
        changed = bytearray(sealed)
        changed[position] = ord("7") if changed[position] != ord("7") else ord("A")
        assert faults(bytes(changed), trusted), f"digit {position - start} of {used}"


def test_a_changed_word_is_named_a_change(sealed: bytes, trusted: tuple[bytes, ...]) -> None:
    changed = sealed.replace(b"/OutputConditionIdentifier", b"/OutputConditionIdentifieR", 1)
    assert changed != sealed
    assert faults(changed, trusted) == {Fault.CHANGED}


def test_a_rewritten_file_is_no_longer_the_sealed_one(
    sealed: bytes, trusted: tuple[bytes, ...]
) -> None:
    rewritten = io.BytesIO()
    with pikepdf.open(io.BytesIO(sealed)) as file:
        file.save(rewritten)
    assert faults(rewritten.getvalue(), trusted) & {Fault.CHANGED, Fault.NOT_COVERED}


def test_an_annotation_laid_over_the_page_afterwards_is_found(
    sealed: bytes, trusted: tuple[bytes, ...]
) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    page = writer.find_page_for_modification(0)[0].get_object()
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
            generic.pdf_name("/Rect"): generic.ArrayObject(
                [generic.NumberObject(each) for each in (10, 10, 200, 60)]
            ),
            generic.pdf_name("/Contents"): generic.pdf_string("已办结"),
        }
    )
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page["/Annots"])
    made = io.BytesIO()
    writer.write(made)
    assert faults(made.getvalue(), trusted) == {Fault.UPDATED_AFTER}


def test_even_an_empty_signature_field_added_afterwards_is_found(
    sealed: bytes, trusted: tuple[bytes, ...]
) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    append_signature_field(writer, SigFieldSpec("Later"))
    made = io.BytesIO()
    writer.write(made)
    assert faults(made.getvalue(), trusted) == {Fault.UPDATED_AFTER}


@pytest.mark.parametrize("more", [b"\n", b"%x\n", b"\x00" * 9, b"\n1 0 obj\n<<>>\nendobj\n"])
def test_bytes_behind_the_end_are_found(
    more: bytes, sealed: bytes, trusted: tuple[bytes, ...]
) -> None:
    assert faults(sealed + more, trusted) & {Fault.UPDATED_AFTER, Fault.NOT_COVERED}


def test_what_changed_before_a_second_seal_is_found_at_the_first(
    sealed: bytes, provider: SelfHostedSeals, trusted: tuple[bytes, ...]
) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    page = writer.find_page_for_modification(0)[0].get_object()
    page[generic.pdf_name("/Rotate")] = generic.NumberObject(90)
    writer.update_container(page)
    turned = io.BytesIO()
    writer.write(turned)
    both = seal_pdf(turned.getvalue(), holder=POLICE, provider=provider, at=AT + timedelta(days=1))
    found = examine_pdf(both, trusted=trusted).findings
    assert [(each.fault, each.where) for each in found] == [(Fault.UPDATED_AFTER, "Seal1")]


def test_two_honest_seals_are_sound(
    sealed: bytes, provider: SelfHostedSeals, trusted: tuple[bytes, ...]
) -> None:
    both = seal_pdf(sealed, holder=POLICE, provider=provider, at=AT + timedelta(days=1))
    examined = examine_pdf(both, trusted=trusted)
    assert examined.findings == ()
    assert [each.where for each in examined.seals] == ["Seal1", "Seal2"]


def test_a_signature_that_leaves_out_a_part_is_found(
    sealed: bytes, trusted: tuple[bytes, ...]
) -> None:
    found = RANGE.search(sealed)
    assert found is not None
    before, start, after = (int(found[n]) for n in (1, 2, 3))
    for ranges in ((before, start + 20, after - 20), (before - 10, start, after)):
        said = b"/ByteRange [0 %d %d %d]" % ranges
        changed = sealed.replace(found[0], said.ljust(len(found[0])), 1)
        assert Fault.NOT_COVERED in faults(changed, trusted)


def test_anothers_certificate_beside_the_signature_is_found(
    sealed: bytes, provider: SelfHostedSeals, trusted: tuple[bytes, ...]
) -> None:
    old = cms_of(sealed)["content"]
    police = x509.Certificate.load(provider.seal_of(POLICE, AT).pdf_certificates[0])
    info = stated(old["signer_infos"][0]) | {
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number",
            cms.IssuerAndSerialNumber(
                {"issuer": police.issuer, "serial_number": police.serial_number}
            ),
        )
    }
    signed = stated(old) | {"certificates": [police], "signer_infos": [info]}
    changed = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})
    assert faults(with_cms(sealed, changed), trusted) == {Fault.WRONG_CERTIFICATE}


def test_a_signature_of_other_attributes_is_found(
    sealed: bytes, trusted: tuple[bytes, ...]
) -> None:
    content = cms_of(sealed)
    signature = bytearray(content["content"]["signer_infos"][0]["signature"].native)
    signature[-1] ^= 1
    content["content"]["signer_infos"][0]["signature"] = bytes(signature)
    assert faults(with_cms(sealed, content), trusted) == {Fault.FORGED}


def test_a_signature_without_its_attributes_is_not_believed(
    sealed: bytes, trusted: tuple[bytes, ...]
) -> None:
    content = cms_of(sealed)
    info = content["content"]["signer_infos"][0]
    for kept in (2, 0):
        info["signed_attrs"] = cms.CMSAttributes(list(info["signed_attrs"])[:kept])
        assert faults(with_cms(sealed, content), trusted)


def test_a_seal_used_after_it_ended_is_found(
    provider: SelfHostedSeals, trusted: tuple[bytes, ...]
) -> None:
    late = provider.seal_of(HOSPITAL, AT).valid_until + timedelta(days=1)
    forger = Otherwise(provider, signs_as=HOSPITAL, when=AT, valid_until=late + timedelta(days=1))
    made = seal_pdf(notice().pdf, holder=HOSPITAL, provider=forger, at=late)
    assert faults(made, trusted) == {Fault.CERTIFICATE_NOT_VALID_THEN}


def test_an_authority_that_nobody_trusts_is_named(sealed: bytes, tmp_path: Path) -> None:
    stranger = SelfHostedSeals(tmp_path, Key(b"s" * 32))
    assert faults(sealed, ()) == {Fault.UNKNOWN_ISSUER}
    assert faults(sealed, stranger.authorities()) == {Fault.UNKNOWN_ISSUER}


def test_a_holder_cannot_issue_certificates_itself(
    sealed: bytes, provider: SelfHostedSeals
) -> None:
    """Trusting one holder's certificate trusts that holder, and nobody below it."""
    hospital, police = (
        provider.seal_of(each, AT).pdf_certificates[0] for each in (HOSPITAL, POLICE)
    )
    assert faults(sealed, (hospital,)) == set()
    assert faults(sealed, (police,)) == {Fault.UNKNOWN_ISSUER}


def test_the_record_beside_a_pdf_is_examined_with_it(
    sealed: bytes, provider: SelfHostedSeals, trusted: tuple[bytes, ...]
) -> None:
    record = record_of(sealed, holder=HOSPITAL, provider=provider, at=AT)
    examined = examine_pdf(sealed, trusted=trusted, record=record)
    assert examined.findings == ()
    assert [each.algorithm for each in examined.seals] == ["EC", "SM2"]


def test_a_record_of_another_file_is_named(
    sealed: bytes, provider: SelfHostedSeals, trusted: tuple[bytes, ...]
) -> None:
    other = record_of(notice().pdf, holder=HOSPITAL, provider=provider, at=AT)
    assert faults(sealed, trusted, other) == {Fault.RECORD_DIFFERS}
    assert faults(sealed, trusted, other[:-3]) == {Fault.BROKEN}


def test_a_provider_that_signs_with_another_key_is_refused(provider: SelfHostedSeals) -> None:
    wrong = Otherwise(provider, signs_as=POLICE, when=AT)
    with pytest.raises(SealRefusedError, match="wrong_signature"):
        seal_pdf(notice().pdf, holder=HOSPITAL, provider=wrong, at=AT)


def test_a_stream_that_would_fill_the_memory_is_not_unpacked(sealed: bytes) -> None:
    bomb = zlib.compress(b"\x00" * (160 * 1024 * 1024), 9)
    body = b"\n9 0 obj\n<</Filter/FlateDecode/Length %d>>stream\n" % len(bomb)
    hostile = sealed + body + bomb + b"\nendstream\nendobj\n"
    assert faults(hostile, ()) == {Fault.BROKEN}


@pytest.mark.parametrize("seed", range(25))
def test_scrambled_files_are_refused_and_nothing_else_happens(seed: int, sealed: bytes) -> None:
    chance = random.Random(seed)
    changed = bytearray(sealed)
    for _ in range(40):
        place = chance.randrange(len(changed))
        changed[place : place + chance.randrange(30)] = chance.randbytes(chance.randrange(30))
    assert not examine(bytes(changed)).is_sound


@pytest.mark.parametrize("parts_of_ten", range(10))
def test_files_cut_short_are_refused_and_nothing_else_happens(
    parts_of_ten: int, sealed: bytes
) -> None:
    assert not examine(sealed[: len(sealed) * parts_of_ten // 10]).is_sound


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"PK\x03\x04OFD.xml", b"%PDF-", b"%PDF-1.7\ntrailer<</Root 1 0 R>>", b"\0"]
)
def test_whatever_else_it_is_it_is_not_sound(data: bytes) -> None:
    assert not examine(data).is_sound


def test_a_file_is_what_it_holds_whatever_it_is_called(
    sealed: bytes, provider: SelfHostedSeals
) -> None:
    place = notice().seal_places[0]
    ofd = seal_ofd(ofd_notice(), holder=HOSPITAL, provider=provider, at=AT, spot=place)
    assert [kind_of(each) for each in (sealed, ofd, b"text")] == [
        Kind.PDF,
        Kind.OFD,
        Kind.UNKNOWN,
    ]
    for each in (sealed, ofd):
        assert examine(each, trusted=Trusted(provider.authorities())).is_sound
        assert not examine(each).is_sound


def test_every_fault_has_its_words_in_both_languages() -> None:
    assert set(SAYS) == set(Fault)
    assert all(zh and en and zh != en for zh, en in SAYS.values())


def package_with(document: bytes) -> bytes:
    holding = archive_cast.item()
    file = ArchivedFile(Folder.RESULT, "办结通知书", "pdf", document)
    return pack_item(replace(holding, files=(*holding.files, file)), archive_cast.NODE).data


def test_an_archive_package_is_examined_with_the_seals_in_it(
    sealed: bytes, trusted: tuple[bytes, ...]
) -> None:
    everybody = Trusted(trusted, archive_cast.NODE.keys)
    found = examine(package_with(sealed), trusted=everybody)
    assert (found.kind, found.complaints) == (Kind.PACKAGE, ())
    assert [each.where.partition("/")[0] for each in found.seals] == ["办理结果"]
    plain = examine(package_with(notice().pdf), trusted=everybody)
    assert (plain.seals, plain.complaints) == ((), ())


def test_a_tampered_document_in_a_sound_package_is_named(
    sealed: bytes, trusted: tuple[bytes, ...]
) -> None:
    changed = sealed.replace(b"/OutputConditionIdentifier", b"/OutputConditionIdentifieR", 1)
    everybody = Trusted(trusted, archive_cast.NODE.keys)
    (found,) = examine(package_with(changed), trusted=everybody).complaints
    assert found.name == Fault.CHANGED.value
    assert found.where.startswith("办理结果/")


def test_a_package_without_a_known_packer_is_never_passed(sealed: bytes) -> None:
    package = package_with(notice().pdf)
    assert [each.name for each in examine(package).complaints] == [Fault.UNKNOWN_ISSUER.value]
    stranger = examine(package, trusted=Trusted(keys=archive_cast.Node(7).keys))
    assert not stranger.is_sound


def test_a_changed_file_in_a_package_fails_its_checks(trusted: tuple[bytes, ...]) -> None:
    files = archive_cast.unpacked(package_with(notice().pdf))
    name = next(each for each in files if each.endswith(".json"))
    changed = archive_cast.repacked({**files, name: b'{"a": 2}'})
    assert not examine(changed, trusted=Trusted(trusted, archive_cast.NODE.keys)).is_sound
