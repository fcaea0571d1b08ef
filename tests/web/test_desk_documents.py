"""文书待处理: an office makes by hand what no machine could; a window takes what its family has."""

import io
import re
from datetime import datetime

import pytest
from django.test import Client
from django.utils.datastructures import MultiValueDict
from PIL import Image, ImageDraw

from tests.web import cast
from tests.web.test_documents import LINK, set_files
from yijian.documents import scans
from yijian.records import access, documents, fetches, journal, people
from yijian.records import cases as case_records
from yijian.records.models import DocumentRow
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db


def clerk(office: str, *roles: StaffRole) -> Client:
    """陈静, at an office."""
    user = cast.User.objects.create(username=f"test:{office}:{cast.User.objects.count()}")
    people.appoint(
        by=user, office=office, staff_number=f"T-{user.pk}",
        roles=roles or (StaffRole.CLERK,), name="陈静",
    )  # fmt: skip
    return cast.client_of(user)


def scan() -> io.BytesIO:
    picture = Image.new("RGB", (1200, 1700), "white")
    draw = ImageDraw.Draw(picture)
    for line in range(100, 1600, 40):
        draw.line((100, line, 1100, line), fill="black", width=3)
    made = io.BytesIO()
    picture.save(made, "JPEG")
    made.seek(0)
    made.name = "scan.jpg"
    return made


@pytest.fixture
def in_need(family: cast.Household) -> documents.Document:
    """A notice of a submitted family that no font can show."""
    family.submit()
    set_files()
    found = next(d for d in documents.of_case(family.id) if d.kind == "acceptance_notice")
    DocumentRow.objects.filter(id=found.id).update(
        state="needs_person", problem="missing_glyph", sealed_pdf=None, sealed_ofd=None,
        pdf_sha256=None, pdf_sm3=None, ofd_sha256=None, ofd_sm3=None, source="set",
    )  # fmt: skip
    (again,) = (d for d in documents.of_case(family.id) if d.id == found.id)
    return again


def test_only_the_office_that_answers_for_it_sees_a_document_in_need(
    family: cast.Household, in_need: documents.Document
) -> None:
    mine, other = clerk(in_need.office), clerk("H34010401")
    assert in_need.office != "H34010401"
    address = f"/desk/documents/{in_need.id}/"
    page = mine.get("/desk/documents/").content.decode()
    assert address in page and "有字库里没有的字" in page
    assert address not in other.get("/desk/documents/").content.decode()
    for method in ("get", "post"):
        assert getattr(other, method)(address).status_code == 404
        assert getattr(mine, method)(f"/desk/documents/{family.id}/").status_code == 404
    text = mine.get(address).content.decode()
    assert "这份文书要写的内容" in text and in_need.number in text
    assert any(
        entry.what == "document" and entry.purpose == "make_document"
        for entry in access.reads_of(family.id)
    )


def test_a_scan_of_a_document_made_by_hand_takes_its_place(
    family: cast.Household, in_need: documents.Document
) -> None:
    mine = clerk(in_need.office)
    address = f"/desk/documents/{in_need.id}/"
    answer = mine.post(address, {"do": "attach", "file": scan()})
    assert (answer.status_code, answer["Location"]) == (302, "/desk/documents/")
    (found,) = (d for d in documents.of_case(family.id) if d.id == in_need.id)
    assert (found.state, found.source, found.formats, found.pages) == ("ready", "scan", ("pdf",), 1)
    (loaded,) = case_records.read(numbers=[family.number])
    assert loaded.key is not None
    pdf = documents.file_of(key=loaded.key, document_id=found.id, format="pdf")
    assert pdf is not None and len(scans.read(pdf)) == 1
    entry = journal.entries_of(family.id)[-1]
    assert entry.kind == "document_issued" and entry.event.public["source"] == "scan"
    assert entry.actor != "system"
    assert mine.post(address, {"do": "attach", "file": scan()}).status_code == 404


@pytest.mark.parametrize("upload", [b"", b"no picture", b"%PDF-1.7 nothing"])
def test_what_is_no_scan_is_refused_with_a_sentence(
    in_need: documents.Document, upload: bytes
) -> None:
    file = io.BytesIO(upload)
    file.name = "x.pdf"
    answer = clerk(in_need.office).post(
        f"/desk/documents/{in_need.id}/", MultiValueDict({"do": ["attach"], "file": [file]})
    )
    assert answer.status_code == 422 and "没有做成" in answer.content.decode()


def test_a_clerk_lets_a_document_be_made_once_more(
    family: cast.Household, in_need: documents.Document
) -> None:
    answer = clerk(in_need.office).post(f"/desk/documents/{in_need.id}/", {"do": "again"})
    assert answer.status_code == 302
    set_files()
    (found,) = (d for d in documents.of_case(family.id) if d.id == in_need.id)
    assert (found.state, found.source) == ("ready", "set")


def test_the_office_of_a_task_takes_what_its_item_lists_and_nothing_else(
    family: cast.Household, now: datetime
) -> None:
    family.submit()
    set_files()
    (loaded,) = case_records.read(numbers=[family.number])
    key = ("birth_certificate", 1)
    office = loaded.case.tasks[key].office
    assert office is not None
    page = clerk(office).get(f"/desk/tasks/{loaded.task_id(key)}/")
    assert page.status_code == 200
    text = page.content.decode()
    titles = re.findall(r'<li>([^<]+)<a|<li>([^<]+?) <a href="/files', text)
    assert any("申请表" in "".join(title) for title in titles), titles
    assert "申请回执" not in "".join(map("".join, titles))
    before = len(access.reads_of(family.id))
    client = clerk(office)
    link = LINK.findall(client.get(f"/desk/tasks/{loaded.task_id(key)}/").content.decode())[0]
    assert client.get(link).content.startswith(b"%PDF")
    assert len(access.reads_of(family.id)) > before
    (fetch,) = fetches.of_case(family.id)
    assert fetch.office == office
    assert clerk("H34010401").get(link).status_code == 404
