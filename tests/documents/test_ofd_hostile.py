"""OFD files made to hurt their reader: every one is named, none crashes it or takes its memory."""

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from functools import cache

import pytest

from tests.documents.papers import paper
from yijian.documents.ofd.checking import faults
from yijian.documents.ofd.markup import NAMESPACE, MarkupError, parsed
from yijian.documents.ofd.package import OfdError, packed, parts
from yijian.documents.ofd.reading import step_list, text_of
from yijian.documents.ofd.writing import ofd_of
from yijian.documents.typesetting import typeset

CONTENT = "Doc_0/Pages/Page_0/Content.xml"
BILLION = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><ofd:OFD xmlns:ofd="' + NAMESPACE + '">&c;</ofd:OFD>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE l SYSTEM "file:///etc/passwd">'
    '<ofd:OFD xmlns:ofd="' + NAMESPACE + '"/>'
)


@cache
def sound() -> bytes:
    content = paper("notice")
    return ofd_of(typeset(content).pdf, content)


def with_part(name: str, data: bytes) -> bytes:
    return packed({**parts(sound()), name: data})


def changed(name: str, old: str, new: str) -> bytes:
    said = parts(sound())[name].decode()
    assert old in said
    return with_part(name, said.replace(old, new, 1).encode())


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return file.getvalue()


def named_link() -> zipfile.ZipInfo:
    link = zipfile.ZipInfo("OFD.xml")
    link.external_attr = 0o120777 << 16
    return link


def renamed(data: bytes, old: str, new: str) -> bytes:
    assert len(old) == len(new)
    return data.replace(old.encode(), new.encode())


def twice() -> bytes:
    return renamed(zipped(("OFD.xml", b"<a/>"), ("OFE.xml", b"<b/>")), "OFE.xml", "OFD.xml")


def lying_about_size() -> bytes:
    data = zipped(("OFD.xml", b"x" * 5000))
    return data.replace(struct.pack("<I", 5000), struct.pack("<I", 400))


def damaged() -> bytes:
    data = bytearray(sound())
    at = data.index(b"OFD.xml") + len("OFD.xml") + 40
    data[at : at + 20] = bytes(20)
    return bytes(data)


def encrypted() -> bytes:
    data = bytearray(zipped(("OFD.xml", b"<a/>")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    data[6] |= 1
    return bytes(data)


def overlapping() -> bytes:
    data = bytearray(zipped(("OFD.xml", b"a" * 90), ("b.xml", b"a" * 90)))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(data)


def hiding() -> bytes:
    """Bytes between two parts, which no directory lists and no seal covers."""
    data = zipped(("OFD.xml", b"<a/>"), ("b.xml", b"<b/>"))
    at = data.rindex(b"PK\x03\x04")
    hidden = bytearray(data[:at] + b"hidden" + data[at:])
    second = hidden.rindex(b"PK\x01\x02")
    hidden[second + 42 : second + 46] = struct.pack("<I", at + 6)
    (directory,) = struct.unpack("<I", hidden[-6:-2])
    hidden[-6:-2] = struct.pack("<I", directory + 6)
    return bytes(hidden)


PACKAGES: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not a package"),
    "noise": (lambda: b"PK\x03\x04" + bytes(range(256)) * 40, "not a package"),
    "a bomb": (lambda: zipped(("OFD.xml", bytes(20_000_000))), "grow more than"),
    "a claim of too much": (lambda: zipped(("OFD.xml", bytes(34_000_000))), "are the most"),
    "a crowd": (lambda: zipped(*((f"{n}", b"") for n in range(4_100))), "parts; 4000 are the most"),
    "a way out": (lambda: zipped(("OFD.xml", b""), ("../../etc/x", b"")), "leads out"),
    "an absolute path": (lambda: zipped(("OFD.xml", b""), ("/etc/x", b"")), "leads out"),
    "a drive": (lambda: zipped(("OFD.xml", b""), ("C:/x", b"")), "not a name"),
    "another slash": (
        lambda: renamed(zipped(("OFD.xml", b""), ("a/b", b"")), "a/b", "a\\b"),
        "not a name",
    ),
    "a link": (lambda: zipped((named_link(), b"/etc/passwd")), "is a link"),
    "a name twice": (twice, "is there twice"),
    "a name twice in other letters": (lambda: zipped(("OFD.xml", b""), ("ofd.XML", b"")), "twice"),
    "a lying size": (lying_about_size, "damaged"),
    "a damaged part": (damaged, "damaged"),
    "a secret part": (encrypted, "is encrypted"),
    "parts over parts": (overlapping, "overlap"),
    "bytes between parts": (hiding, "hides"),
    "words in front": (lambda: b"#!/bin/sh\n" + sound(), "before or after"),
    "words behind": (lambda: sound() + b"<script>", "before or after"),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_hostile_package_is_named_and_never_opened(name: str) -> None:
    make, said = PACKAGES[name]
    data = make()
    tracemalloc.start()
    try:
        found = faults(data)
        with pytest.raises(OfdError):
            text_of(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert any(said in fault for fault in found), found
    assert peak < 30_000_000


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (BILLION, "it declares a document type"),
        (OUTSIDE, "it declares a document type"),
        ("<a>" * 60 + "</a>" * 60, "nest deeper"),
        ("<a>" + "".join(f"<b{n}/>" for n in range(60_001)) + "</a>", "more than 60000 elements"),
        ("<a><b></a>", "not well-formed"),
        ("<a>&who;</a>", "not well-formed"),
        ('<?xml version="1.0" encoding="utf-7"?><a/>', "encoding"),
        ("<a>\x00</a>", "not well-formed"),
        ("", "not well-formed"),
    ],
    ids=["billion", "outside", "deep", "wide", "unclosed", "unknown", "encoding", "nul", "empty"],
)
def test_hostile_xml_is_refused_by_what_is_wrong_with_it(data: str, said: str) -> None:
    with pytest.raises(MarkupError, match=said):
        parsed(data.encode())
    assert any(said in fault for fault in faults(with_part("OFD.xml", data.encode())))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: changed("OFD.xml", NAMESPACE, "http://blog.example.cn"), "name space"),
        (lambda: changed(CONTENT, NAMESPACE, ""), "not well-formed"),
        (lambda: changed("OFD.xml", "Doc_0/Document.xml", "../Document.xml"), "is not there"),
        (lambda: changed("OFD.xml", "Doc_0/Document.xml", "http://x.cn/a"), "is not there"),
        (
            lambda: changed("OFD.xml", "<ofd:DocID>", "<ofd:Author>x</ofd:Author><ofd:Doc>"),
            "formed",
        ),
        (lambda: changed("Doc_0/Document.xml", "Page_0/", "Page_7/"), "“Doc_0/Pages/Page_7"),
        (lambda: changed("Doc_0/Document.xml", "<ofd:MaxUnitID>", "<ofd:MaxUnitID>-"), "largest"),
        (lambda: changed(CONTENT, 'ID="2"', 'ID="1"'), "the number 1 is used twice"),
        (lambda: changed(CONTENT, 'ID="2"', 'ID="two"'), "has no number"),
        (lambda: changed(CONTENT, ' Font="', ' Font="9'), "refers to a Font"),
        (lambda: changed("Doc_0/PublicRes.xml", "font_0.ttf", "font_9.ttf"), "font_9.ttf”: not"),
        (lambda: changed("Doc_0/Annotations.xml", 'PageID="', 'PageID="8'), "annotates a page"),
        (lambda: with_part("Doc_0/Res/extra.bin", b"MZ"), "belongs to nothing"),
        (lambda: with_part("OFD.xml", b"<Other/>"), "is a Other, not a OFD"),
        (lambda: packed({"readme.txt": b"hello"}), "“OFD.xml” is not there"),
    ],
)
def test_a_broken_document_is_named(make: Callable[[], bytes], said: str) -> None:
    found = faults(make())
    assert any(said in fault for fault in found), found


def test_our_own_file_has_no_fault() -> None:
    assert faults(sound()) == ()


def test_another_name_space_is_a_fault_but_its_text_is_read() -> None:
    other = packed(
        {
            name: data.replace(NAMESPACE.encode(), b"http://www.ofdspec.org")
            for name, data in parts(sound()).items()
        }
    )
    assert text_of(other) == text_of(sound())
    assert any("name space" in fault for fault in faults(other))


def test_many_full_pages_are_together_too_much() -> None:
    full = "".join(f"<ofd:L{n}/>" for n in range(30_000))
    page = f'<ofd:Page xmlns:ofd="{NAMESPACE}">{full}</ofd:Page>'.encode()
    said = parts(sound())["Doc_0/Document.xml"].decode()
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="{n}.xml"/>' for n in range(1_000, 1_010))
    crowded = packed(
        {
            **parts(sound()),
            "Doc_0/Document.xml": said.replace("<ofd:Pages>", "<ofd:Pages>" + listed).encode(),
            **{f"Doc_0/{n}.xml": page for n in range(1_000, 1_010)},
        }
    )
    assert any("elements" in fault for fault in faults(crowded))
    with pytest.raises(OfdError, match="elements"):
        text_of(crowded)


def test_what_stands_in_a_template_is_read_with_every_page() -> None:
    held = parts(sound())
    said = held["Doc_0/Document.xml"].decode()
    template = '<ofd:TemplatePage ID="9001" BaseLoc="Tpls/Content.xml"/>'
    held["Doc_0/Document.xml"] = said.replace(
        "</ofd:CommonData>", template + "</ofd:CommonData>"
    ).encode()
    held["Doc_0/Tpls/Content.xml"] = (
        f'<ofd:Page xmlns:ofd="{NAMESPACE}"><ofd:Content><ofd:Layer ID="9002"><ofd:TextObject '
        'ID="9003" Boundary="1 1 9 9" Font="5" Size="4"><ofd:TextCode X="0" Y="4">信笺'
        "</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>"
    ).encode()
    page = held[CONTENT].decode()
    used = '<ofd:Template TemplateID="9001"/><ofd:Area>'
    held[CONTENT] = page.replace("<ofd:Area>", used, 1).encode()
    assert text_of(packed(held)) == "信笺\n" + text_of(sound())


def test_numbers_beyond_reason_change_nothing() -> None:
    said = parts(sound())[CONTENT].decode()
    huge = said.replace('DeltaX="', 'DeltaX="g 99999999 1e999 g 999999999999999999999 1 ')
    huge = huge.replace('Boundary="', 'Boundary="nan inf -1e400 ')
    assert "申请人提出" in text_of(with_part(CONTENT, huge.encode()))
    assert step_list("g 1000000 2", 5) == [2.0] * 5
    assert step_list("1 g 2 3 4", 9) == [1.0, 3.0, 3.0, 4.0]


def test_every_single_damaged_byte_leaves_the_reader_standing() -> None:
    data = sound()
    for at in range(0, len(data), 211):
        broken = bytearray(data)
        broken[at] ^= 0x55
        found = faults(bytes(broken))
        assert all(isinstance(fault, str) for fault in found)
        try:
            assert isinstance(text_of(bytes(broken)), str)
        except OfdError as fault:
            assert str(fault)
