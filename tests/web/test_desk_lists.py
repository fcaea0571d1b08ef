"""The worklist: what stands in it, in which order, how it is found, and what it costs."""

import gzip
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web import cast, cast_desk, cast_offices
from yijian.actions import contexts
from yijian.domain.states import TaskState
from yijian.records.people import StaffRole
from yijian.web.desk import lists

pytestmark = pytest.mark.django_db


def numbers(client: Client, query: str = "") -> list[str]:
    """The tasks of a list in its order: their addresses."""
    page = client.get(f"/desk/tasks/{query}").content.decode()
    return re.findall(r'href="/desk/tasks/([0-9a-f-]{36})/" data-open', page)


def test_names_are_masked_and_numbers_lead_to_the_review(family: cast.Household) -> None:
    family.submit()
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    page = clerk.get("/desk/tasks/").content.decode()
    assert family.number in page and "王*" in page and "李**" in page
    assert "王芳" not in page and "李小满" not in page
    assert family.facts.family["mother"]["id_number"] not in page


def test_the_number_of_statements_does_not_grow_with_the_rows(
    family: cast.Household,
) -> None:
    family.submit()
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    with CaptureQueriesContext(connection) as few:
        assert len(numbers(clerk)) == 2
    twins_family = cast.ORDINARY.replace("王芳", "孙丽").replace("李强", "周伟")
    more = cast.household(twins_family, contexts.current_context(), family.now).submit()
    assert more.number != family.number
    with CaptureQueriesContext(connection) as many:
        assert len(numbers(clerk)) == 4
    assert len(many) == len(few)


def found(client: Client, text: str) -> list[str]:
    """The tasks that a search gives."""
    page = client.post("/desk/tasks/", {"q": text, "group": "open"}, follow=True).content.decode()
    return re.findall(r'href="/desk/tasks/([0-9a-f-]{36})/" data-open', page)


def test_a_task_is_found_by_number_name_and_id_number_and_by_nothing_else(
    family: cast.Household,
) -> None:
    family.submit()
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    mother = family.facts.family["mother"]
    for text in (family.number, family.number[:14], "王芳", "李小满", mother["id_number"]):
        assert len(found(clerk, text)) == 2, text
    for text in ("王", "赵敏", "110105199003078888", "%", "34990020"):
        assert found(clerk, text) == [], text


def test_a_name_or_an_id_number_never_becomes_part_of_an_address(
    family: cast.Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    family.submit()
    monkeypatch.setattr(lists, "PAGE_SIZE", 1)
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    number = family.facts.family["mother"]["id_number"]
    for text in ("王芳", number, number[:14]):
        answer = clerk.post("/desk/tasks/", {"q": text})
        page = answer.content.decode()
        assert answer.status_code == 200
        links = re.findall(r'(?:href|action)="([^"]*)"', page)
        assert not [link for link in links if quote(text) in link or text in link], text
        assert '<button class="btn btn--second">下一页</button>' in page or not found(clerk, text)
    assert len(numbers(clerk, f"?q={number}")) == len(numbers(clerk))
    sent = clerk.post("/desk/tasks/", {"q": family.number})
    assert sent["Location"] == f"/desk/tasks/?group=open&q={family.number}"


def test_the_item_filter_keeps_one_item(family: cast.Household) -> None:
    family.submit()
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    assert numbers(clerk, "?item=birth_certificate") == [
        str(cast_desk.id_of(family, "birth_certificate"))
    ]
    assert len(numbers(clerk, "?item=nonsense&group=nonsense&after=nonsense")) == 2


def test_the_earliest_deadline_stands_first_and_late_work_is_red(
    family: cast.Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    family.submit()
    cast_offices.office(family, "birth_certificate", TaskState.ACCEPTED)
    office = cast_desk.office_of(family, "birth_certificate")
    clerk = cast_desk.clerk(office)
    calm = clerk.get("/desk/tasks/").content.decode()
    assert calm.count("light--green") == 2 and "超期" not in calm
    due = cast_desk.task_of(family, "birth_certificate").due_at
    assert due is not None
    monkeypatch.setattr("django.utils.timezone.now", lambda: due - timedelta(hours=2))
    today = cast_desk.clerk(office, name="王医生").get("/desk/tasks/").content.decode()
    assert "今日到期 2" in today and today.count("light--yellow") == 2 and "2 小时" in today
    monkeypatch.setattr("django.utils.timezone.now", lambda: due + timedelta(hours=3))
    late = cast_desk.clerk(office, name="张医生").get("/desk/tasks/").content.decode()
    assert "超期 2" in late and late.count("light--red") == 2 and "超 3 小时" in late


def test_the_groups_count_what_stands_where(family: cast.Household) -> None:
    family.submit()
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    cast_offices.office(family, "vaccination_booklet", TaskState.COMPLETED)
    cast_offices.office(
        family,
        "birth_certificate",
        TaskState.CORRECTION_NEEDED,
        reason="name",
        reason_text="请核对姓名",
        correct=("newborn_name",),
    )
    assert len(numbers(clerk, "?group=with_family")) == 1
    assert len(numbers(clerk, "?group=ended")) == 1
    assert numbers(clerk, "?group=to_accept") == []
    page = clerk.get("/desk/tasks/?group=ended").content.decode()
    assert "已办结" in page and 'name="task"' not in page


def test_long_lists_come_in_pages_without_a_gap(
    family: cast.Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    family.submit()
    monkeypatch.setattr(lists, "PAGE_SIZE", 1)
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    first = clerk.get("/desk/tasks/").content.decode()
    link = re.search(r'class="more" href="/desk/tasks/([^"]+)"', first)
    assert link is not None
    second = numbers(clerk, link[1].replace("&amp;", "&"))
    assert len(second) == 1 and second != numbers(clerk)
    last = clerk.get("/desk/tasks/" + link[1].replace("&amp;", "&")).content.decode()
    assert 'class="more"' not in last


def test_every_action_of_the_list_works_without_a_script(family: cast.Household) -> None:
    family.submit()
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    page = clerk.get("/desk/tasks/").content.decode()
    assert '<form method="get" action="/desk/batch/">' in page
    assert re.search(r"<noscript>.*<button.*</noscript>", page)
    assert " onclick" not in page and " style=" not in page


def test_the_list_and_the_review_are_light(family: cast.Household) -> None:
    family.submit()
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    for address, most in (("/desk/tasks/", 6), (cast_desk.url_of(family, "birth_certificate"), 12)):
        assert len(gzip.compress(clerk.get(address).content)) <= most * 1024, address


def test_english_pages_have_no_chinese_of_ours(family: cast.Household) -> None:
    family.submit()
    office = cast_desk.office_of(family, "birth_certificate")
    clerk = cast_desk.clerk(
        office, StaffRole.CLERK, StaffRole.DELIVERIES, StaffRole.WINDOW, StaffRole.ROUTING,
        StaffRole.SUPERVISOR, name="Chen",
    )  # fmt: skip
    clerk.cookies["language"] = "en"
    registers = family.facts.registers.values()
    known = [value for said in registers for _, _, value in said.values if isinstance(value, str)]
    invented = ["中文", "李小满", "王*", "李**", "安徽省合肥市蜀山区", *known]
    invented.sort(key=len, reverse=True)
    for address in (
        "/desk/tasks/", "/desk/unrouted/", "/desk/window/", "/desk/counts/",
        "/desk/deliveries/", "/desk/deliveries/new/",
        cast_desk.url_of(family, "birth_certificate"),
        f"/desk/batch/?task={cast_desk.id_of(family, 'birth_certificate')}",
    ):  # fmt: skip
        text = re.sub(r"<[^>]+>", " ", clerk.get(address).content.decode())
        for word in invented:
            text = text.replace(word, "")
        assert re.findall(r"[\u4e00-\u9fff]+", text) == [], address
