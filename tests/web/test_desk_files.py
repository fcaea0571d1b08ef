"""文件包 at the desk: an office without a network works with packages, and only with its own."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from tests.web import cast, cast_desk
from yijian.actions import channels, contexts
from yijian.domain.clocks import local_day
from yijian.domain.routing import Channel
from yijian.domain.states import TaskState
from yijian.records.models import AccessEntry, FilePackage, OutboxMessage

pytestmark = pytest.mark.django_db
PAGE, FETCH = "/desk/files/", "/desk/files/fetch/"
ITEM = "birth_certificate"


@dataclass
class Carried:
    """A hospital without a network has the first task of a family."""

    family: cast.Household
    clerk: Client
    office: str

    def fetch(self) -> bytes:
        self.clerk.post(PAGE, {"do": "make"})
        answer = self.clerk.post(FETCH, {"participant": "h", "number": "1"})
        assert answer["Content-Disposition"].endswith('-h-000001.zip"')
        return bytes(answer.content)

    def table(self, state: str) -> bytes:
        with zipfile.ZipFile(io.BytesIO(self.fetch())) as archive:
            head, *lines = archive.read("results.csv").decode("utf-8-sig").splitlines()
        place = next(n for n, cell in enumerate(head.split(",")) if cell.endswith(" state"))
        filled = []
        for line in lines:
            cells = line.split(",")
            cells[place] = state
            filled.append(",".join(cells))
        return "\n".join([head, *filled]).encode("utf-8-sig")

    def give(self, data: bytes, name: str = "results.csv") -> str:
        file = io.BytesIO(data)
        file.name = name
        answer = self.clerk.post(PAGE, {"do": "take", "participant": "h", "file": file})
        if answer.status_code == 302:
            return str(answer["Location"])
        assert answer.status_code == 422
        return answer.content.decode()


@pytest.fixture
def carried(family: cast.Household, fixed_now: datetime) -> Iterator[Carried]:
    family.submit()
    office = cast_desk.office_of(family, ITEM)
    rule = Channel("file", "h", local_day(fixed_now), office=office)
    channels.set_rule(rule, by="operator:test", now=fixed_now)
    channels.follow(now=fixed_now)
    yield Carried(family, cast_desk.clerk(office), office)
    contexts.forget()


def test_a_clerk_fetches_the_package_and_hands_the_results_in(carried: Carried) -> None:
    assert "有新的办件还没打包" in carried.clerk.get(PAGE).content.decode()
    address = carried.give(carried.table("受理"))
    page = carried.clerk.get(address).content.decode()
    assert "没有退回的行" in page
    assert cast_desk.task_of(carried.family, ITEM).state is TaskState.ACCEPTED
    assert address in carried.clerk.get(PAGE).content.decode()


def test_wrong_lines_come_back_on_the_page_and_as_a_table(carried: Carried) -> None:
    address = carried.give(carried.table("办妥了"))
    page = carried.clerk.get(address).content.decode()
    assert "办理结果不认识" in page and "退回" in page
    carried.clerk.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "unknown result" in carried.clerk.get(address).content.decode()
    table = carried.clerk.get(address.rstrip("/") + ".csv")
    assert table.content.decode("utf-8-sig").splitlines()[1].startswith("2,state,")
    assert cast_desk.task_of(carried.family, ITEM).state is TaskState.QUEUED


def test_a_file_that_is_none_is_told_in_a_sentence(carried: Carried) -> None:
    for data, said in (
        (b"\x89PNG not a table", "表头不对"),
        (b"PK\x03\x04 torn", "不是结果包"),
        (b"x" * (8 * 2**20 + 1), "文件太大"),
    ):
        assert said in carried.give(data)
    nothing = carried.clerk.post(PAGE, {"do": "take", "participant": "h"})
    assert "请先选择文件" in nothing.content.decode()


def test_every_download_is_logged_with_the_clerk_and_the_purpose(carried: Carried) -> None:
    carried.fetch()
    reads = AccessEntry.objects.filter(what="file_package", case_id=carried.family.case.id)
    assert {read.office for read in reads} == {carried.office}
    assert all(read.staff.startswith("staff:") and read.purpose for read in reads)
    assert FilePackage.objects.get().fetched_by.startswith("staff:")
    assert not OutboxMessage.objects.filter(destination="file:h", state="waiting").exists()


def test_the_task_is_not_at_the_desk_while_it_is_carried(carried: Carried) -> None:
    assert carried.clerk.get(cast_desk.url_of(carried.family, ITEM)).status_code == 404
    assert carried.family.number not in carried.clerk.get("/desk/tasks/").content.decode()


def test_another_office_finds_no_page_no_package_and_no_result(carried: Carried) -> None:
    address = carried.give(carried.table("受理"))
    other = cast_desk.clerk("H34010201", name="外院")
    assert PAGE not in other.get("/desk/").content.decode()
    assert other.get(PAGE).status_code == other.get(address).status_code == 404
    sent = {"participant": "h", "number": "1"}
    assert other.post(FETCH, sent).status_code == 404
    assert carried.clerk.post(FETCH, sent | {"number": "9"}).status_code == 404
    assert carried.clerk.post(FETCH, sent | {"participant": "x"}).status_code == 404
    assert carried.clerk.get(f"{PAGE}results/{uuid4()}/").status_code == 404
