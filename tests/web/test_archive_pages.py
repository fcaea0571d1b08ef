"""档案室: archivists find a package for a purpose they name; nobody else knows that it is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from tests.actions.archive_cast import archived, lead_office
from tests.actions.cast import CERTIFICATE
from tests.actions.cast import Household as ActingFamily
from tests.web import cast, cast_desk
from yijian.records import archive_batches
from yijian.records.archive import Package
from yijian.records.models import AccessEntry
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
PURPOSE = "家属补办，核对出生证明"


@pytest.fixture
def package(family: cast.Household, monkeypatch: pytest.MonkeyPatch) -> Package:
    family.submit()
    later = family.now + timedelta(minutes=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert family.father_user is not None
    acting = ActingFamily(
        family.facts, family.mother_user, family.father_user, family.now, family.number
    )
    return archived(acting)


@pytest.fixture
def keeper(package: Package) -> Client:
    return cast_desk.clerk(lead_office(), StaffRole.ARCHIVIST, name="周兰")


def search(client: Client, **asked: str) -> str:
    sent = {"purpose": PURPOSE, **asked}
    return client.post("/desk/archive/", sent).content.decode()


def url(package: Package, page: str = "") -> str:
    return f"/desk/archive/packages/{package.id}/{page}"


@pytest.mark.parametrize(
    "asked",
    [{"name": "李小满"}, {"name": "王芳"}, {"certificate": "Y340000001"}, {"case_number": "own"}],
)
def test_an_archivist_finds_a_package_by_an_exact_name_or_number(
    package: Package, keeper: Client, asked: dict[str, str]
) -> None:
    if asked.get("case_number"):
        asked = {"case_number": package.case_number}
    assert url(package) in search(keeper, **asked)
    assert url(package) in search(keeper, **asked, year="2026", item="birth_certificate")
    assert url(package) not in search(keeper, **asked, year="2025")


def test_half_a_name_and_no_purpose_find_nothing(package: Package, keeper: Client) -> None:
    assert "没有查到" in search(keeper, name="李小")
    refused = keeper.post("/desk/archive/", {"purpose": " ", "name": "李小满"})
    assert refused.status_code == 422
    assert url(package) not in refused.content.decode()
    everything = keeper.post("/desk/archive/", {"purpose": PURPOSE, "year": "2026"})
    assert everything.status_code == 422


def test_what_is_looked_for_stands_in_no_address(package: Package, keeper: Client) -> None:
    page = search(keeper, name="李小满")
    assert 'href="?' not in page
    assert "name=%E6" not in page


def test_a_package_shows_its_checks_and_files_and_each_read_is_written_down(
    package: Package, keeper: Client
) -> None:
    search(keeper, name="李小满")
    page = keeper.get(url(package)).content.decode()
    assert "四性检测通过" in page
    for said in ("真实性", "完整性", "可用性", "安全性", "CQ1-4", package.sha256, package.sm3):
        assert said in page
    assert "01-" in page
    file = keeper.get(url(package, "files/2/"))
    assert file["Content-Disposition"] == 'attachment; filename="02.xml"'
    assert "sandbox" in file["Content-Security-Policy"]
    whole = keeper.get(url(package, "zip/"))
    assert len(whole.content) == package.size
    assert "四性检测报告" in keeper.get(url(package, "report/")).content.decode()
    reads = AccessEntry.objects.filter(what__startswith="archive_").order_by("id")
    assert {entry.purpose for entry in reads} == {PURPOSE}
    assert [entry.what for entry in reads] == [
        "archive_search", "archive_list", "archive_package", "archive_package", "archive_file",
        "archive_package", "archive_package",
    ]  # fmt: skip


def test_a_package_is_not_opened_before_a_purpose_is_said(package: Package, keeper: Client) -> None:
    assert keeper.get(url(package))["Location"] == "/desk/archive/"
    assert keeper.get(url(package, "zip/")).status_code == 404


def test_nobody_else_finds_the_archive(package: Package, family: cast.Household) -> None:
    office = family.case.tasks[CERTIFICATE].office or ""
    officer, stranger = cast_desk.clerk(office), cast.stranger(family.now)
    for address in ("/desk/archive/", "/desk/archive/batches/", "/desk/archive/disposals/",
                    url(package), url(package, "zip/"), url(package, "files/1/")):  # fmt: skip
        for who in (officer, stranger):
            assert who.get(address).status_code == 404, address
        assert Client().get(address).status_code == 302


def test_what_another_keeps_and_what_does_not_exist_look_the_same(
    package: Package, family: cast.Household
) -> None:
    police = family.case.tasks["hukou_registration", 1].office or ""
    other = cast_desk.clerk(police, StaffRole.ARCHIVIST, name="外所档案员")
    assert url(package) not in search(other, name="李小满")
    hidden, absent = other.get(url(package)), other.get(f"/desk/archive/packages/{uuid4()}/")
    assert hidden.status_code == absent.status_code == 404
    assert not AccessEntry.objects.filter(what="archive_package", shown=True).exists()


def test_a_package_that_was_changed_where_it_lies_says_so(package: Package, keeper: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE archive_package SET sealed = set_byte(sealed, 99, 0)"
                       " || '\\x00'")  # fmt: skip
        cursor.execute("SET LOCAL session_replication_role = origin")
    search(keeper, name="李小满")
    page = keeper.get(url(package))
    assert page.status_code == 409
    assert "这件档案打不开" in page.content.decode()


def test_a_batch_is_drawn_up_carried_and_its_receipt_refused_when_it_is_none(
    package: Package, keeper: Client
) -> None:
    page = keeper.get("/desk/archive/batches/?year=2026").content.decode()
    assert str(package.id) in page
    nothing = keeper.post("/desk/archive/batches/", {"year": "2026", "way": "carried"})
    assert nothing.status_code == 422
    sent = {"package": [str(package.id)], "way": "carried", "year": "2026"}
    address = keeper.post("/desk/archive/batches/", sent)["Location"]
    (batch,) = archive_batches.batches()
    assert address == f"/desk/archive/batches/{batch.id}/"
    assert batch.number in keeper.get(address).content.decode()
    medium = keeper.get(f"{address}medium/")
    assert medium["Content-Disposition"] == f'attachment; filename="{batch.number}.zip"'
    wrong = SimpleUploadedFile("receipt.json", b"{}")
    after = keeper.post(address, {"receipt": wrong}, follow=True).content.decode()
    assert "这不是档案馆为本批次签发的回执" in after
    assert archive_batches.batch(batch.id) == batch
    assert keeper.get("/desk/archive/batches/?year=2026").status_code == 200


def test_nothing_is_overdue_and_nothing_can_be_proposed_in_its_time(
    package: Package, keeper: Client, fixed_now: datetime
) -> None:
    assert "没有保管期满的档案" in keeper.get("/desk/archive/disposals/").content.decode()
    sent = {"do": "propose", "subject": str(package.id), "reason": "期满"}
    after = keeper.post("/desk/archive/disposals/", sent, follow=True).content.decode()
    assert "还在保管期内" in after
