"""Where the seals of an OFD stand: what each vouches for, and what that leaves open."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from bench.ofd_schemas import complaints
from tests.documents.papers import paper
from yijian.documents.ofd.checking import faults
from yijian.documents.ofd.package import OfdError, packed, parts
from yijian.documents.ofd.reading import text_of
from yijian.documents.ofd.signing import (
    SM3,
    Provider,
    StampPlace,
    ofd_with_signature,
    signature_parts,
    uncovered,
)
from yijian.documents.ofd.writing import ofd_of
from yijian.documents.typesetting import typeset

SCHEMAS = Path(__file__).resolve().parents[2] / "../shared/data/ofd-xsd"
AT = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
SIGNATURE = "Doc_0/Signs/Sign_0/Signature.xml"
PLACE = StampPlace(1, 120.5, 200.0, 40.0, 40.0)


@cache
def plain() -> bytes:
    content = paper("notice")
    return ofd_of(typeset(content).pdf, content)


def signed(ofd: bytes, *places: StampPlace) -> tuple[bytes, list[tuple[bytes, str]]]:
    asked: list[tuple[bytes, str]] = []

    def sign(xml: bytes, path: str) -> bytes:
        asked.append((xml, path))
        return b"value of " + path.encode()

    provider = Provider("测试", "Yijian", "1")
    made = ofd_with_signature(ofd, places, provider=provider, seal=b"seal", at=AT, sign=sign)
    return made, asked


def test_a_seal_vouches_for_every_part_of_the_document() -> None:
    ofd, asked = signed(plain(), PLACE)
    (found,) = signature_parts(ofd)
    assert asked == [(found.xml, "/" + SIGNATURE)]
    assert {each.path for each in found.references} == set(parts(plain()))
    assert all(each.expected == each.actual for each in found.references)
    assert (found.check_method, found.at) == (SM3, "20261120103000Z")
    assert (found.provider.name, found.stamps) == ("测试", (PLACE,))
    assert (found.seal, found.signed_value) == (b"seal", b"value of /" + SIGNATURE.encode())
    assert uncovered(ofd) == ()
    assert faults(ofd) == ()
    assert text_of(ofd) == text_of(plain())


def test_a_second_seal_vouches_for_the_first_and_changes_nothing_of_it() -> None:
    once, _ = signed(plain(), PLACE)
    ofd, _ = signed(once)
    first, second = signature_parts(ofd)
    assert (first.id, second.id) == ("s001", "s002")
    assert all(each.expected == each.actual for each in (*first.references, *second.references))
    assert {SIGNATURE, *first.files} < {each.path for each in second.references}
    assert uncovered(ofd) == ()
    assert faults(ofd) == ()


def test_signed_files_keep_to_the_schemas_of_the_standard() -> None:
    if not SCHEMAS.is_dir():
        pytest.skip("the schemas of GB/T 33190 do not lie in ../shared/data/ofd-xsd")
    assert list(complaints(SCHEMAS, signed(signed(plain(), PLACE)[0])[0])) == []


@pytest.mark.parametrize("name", sorted(parts(plain())))
def test_every_changed_part_differs_from_what_was_vouched_for(name: str) -> None:
    held = parts(signed(plain(), PLACE)[0])
    if name == "OFD.xml":
        held[name] = held[name].replace("新生儿".encode(), "新生兒".encode())
    else:
        held[name] += b" "
    try:
        (found,) = signature_parts(packed(held))
    except OfdError:
        pytest.fail("a space at the end of a part is still readable")
    assert [each.path for each in found.references if each.expected != each.actual] == [name]


def test_a_part_that_is_gone_or_new_is_named() -> None:
    held = parts(signed(plain(), PLACE)[0])
    gone = {name: data for name, data in held.items() if not name.endswith("Annotation.xml")}
    (found,) = signature_parts(packed(gone))
    assert [each.path for each in found.references if each.actual is None] == [
        "Doc_0/Pages/Page_0/Annotation.xml"
    ]
    assert any("Annotation.xml” is not there" in fault for fault in faults(packed(gone)))
    more = packed({**held, "Doc_0/Pages/Page_1/Content.xml": b"<Page/>"})
    assert uncovered(more) == ("Doc_0/Pages/Page_1/Content.xml",)


def test_an_unsigned_document_is_vouched_for_by_nobody() -> None:
    assert signature_parts(plain()) == ()
    assert uncovered(plain()) == tuple(parts(plain()))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<ofd:CheckValue>", "<ofd:CheckValue>*", "is not a digest"),
        ('Boundary="120.5', 'Boundary="here', "does not say where it stands"),
        ('PageRef="', 'PageRef="7', "a page that is not there"),
        ("ofd:References", "ofd:Nothing", "does not say what it vouches for"),
        ("<ofd:SignedInfo>", "<!DOCTYPE a><ofd:SignedInfo>", "not well-formed"),
    ],
)
def test_a_signature_that_makes_no_sense_is_refused(old: str, new: str, said: str) -> None:
    held = parts(signed(plain(), PLACE)[0])
    held[SIGNATURE] = held[SIGNATURE].decode().replace(old, new).encode()
    with pytest.raises(OfdError, match=said):
        signature_parts(packed(held))
    assert any(said in fault for fault in faults(packed(held)))


def test_a_thousand_signatures_are_not_examined() -> None:
    held = parts(signed(plain(), PLACE)[0])
    name = "Doc_0/Signs/Signatures.xml"
    listed = held[name].decode()
    one = listed[listed.index("<ofd:Signature ") : listed.index("</ofd:Signatures>")]
    held[name] = listed.replace(one, one * 1000).encode()
    with pytest.raises(OfdError, match="64 are the most"):
        signature_parts(packed(held))


def test_an_unknown_digest_method_is_no_digest() -> None:
    held = parts(signed(plain(), PLACE)[0])
    held[SIGNATURE] = held[SIGNATURE].replace(SM3.encode(), b"MD5")
    (found,) = signature_parts(packed(held))
    assert {each.actual for each in found.references} == {None}


def test_a_stamp_needs_a_page_that_is_there() -> None:
    with pytest.raises(ValueError, match="no page 3"):
        signed(plain(), StampPlace(3, 0, 0, 40, 40))
