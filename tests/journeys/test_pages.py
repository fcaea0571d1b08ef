"""每一页: every page of the parents' door is looked at, in both modes and both languages."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from urllib.parse import urljoin

import httpx
import pytest

from tests.journeys.conftest import PACK, Town, until
from yijian.ops.screenshots_person import Person

pytestmark = pytest.mark.timeout(300)
Somebody = Callable[..., Person]
FIRST_PAGE_MAX_BYTES = 30 * 1024


def test_pages_that_anybody_may_open(town: Town, somebody: Somebody) -> None:
    visitor = somebody()
    for address in ("/", "/guide/", "/demo/", "/not-a-page/"):
        visitor.go(address)
    visitor.go(f"/guide/{PACK}/")
    visitor.tap(visitor.main.locator(".btn").first)
    assert visitor.where == f"/guide/{PACK}/answer/"


def test_the_first_page_weighs_at_most_30_kilobytes(town: Town) -> None:
    with httpx.Client(
        base_url=town.address, headers={"Accept-Encoding": "gzip"}, timeout=30
    ) as client:
        page = client.get("/")
        parts = re.findall(r'<(?:link|script)[^>]+(?:href|src)="(/static/[^"]+)"', page.text)
        assert any(part.endswith(".css") for part in parts)
        assert any(part.endswith(".js") for part in parts)
        total = 0
        for address in ("/", *parts):
            answer = client.get(urljoin(town.address, address)).raise_for_status()
            total += len(gzip.compress(answer.content, 6))
            if address.endswith((".css", ".js")):
                assert answer.headers.get("content-encoding") == "gzip", address
    assert total <= FIRST_PAGE_MAX_BYTES, total


def test_every_page_of_a_draft(town: Town, somebody: Somebody) -> None:
    guest = town.family(2)
    mother = somebody().log_in(f"{guest.id}/mother")
    mother.proceed(name="", until=lambda where: where == "form/name")
    mother.press("保存并继续")
    assert mother.main.locator("[data-errors]").is_visible()
    mother.proceed(name="梁一诺", until=lambda where: where == "check")
    assert {"/my/", "notice", "form/baby", "form/name", "name"} <= set(mother.visited) | {"notice"}
    mother.of_case("form/baby/")
    mother.tap(mother.main.get_by_text("信息不对？").first)
    assert mother.where == "dispute"
    mother.of_case("withdraw/")
    mother.of_case().proceed(until=lambda where: where == "sign")
    mother.main.locator("button.btn").last.click()
    mother.page.wait_for_load_state()
    mother.look()
    assert mother.main.locator("[data-errors], .error").first.is_visible()
    mother.proceed()
    assert mother.where == "waiting"
    mother.press("还要改一下")
    assert mother.where == "reopen"
    mother.go("/leave/").go("/my/")


def test_every_page_of_a_running_case_until_all_seven_items_are_finished(
    town: Town, somebody: Somebody
) -> None:
    guest, parent = town.submitted()
    mother = somebody().log_in(f"{guest.id}/mother", then=f"{parent.home}progress/")
    assert "7 项中已办好" in mother.text
    for part in ("letters/", "documents/", "packet/", "withdraw/", "deadlines.ics"):
        if part == "deadlines.ics":
            calendar = mother.page.request.get(f"{town.address}{parent.home}{part}")
            assert calendar.ok and b"BEGIN:VCALENDAR" in calendar.body()
        else:
            mother.of_case(part)
    clerks = [town.clerk(guest, office) for office in guest.desks]
    asked: set[str] = set()

    def finished() -> bool:
        for clerk in clerks:
            clerk.work(parent.number)
        mother.of_case("progress/")
        for link in mother.main.locator("section.act a.btn").all():
            asked.add(answer(mother, link.get_attribute("href") or "", town))
            return False
        return "7 项中已办好 7 项" in mother.text

    until(finished, seconds=120)
    assert len(asked) > 1 and any("/pay_" in address for address in asked), asked
    assert mother.main.locator(".stage--done").count() >= 6
    mother.of_case("letters/").go("/my/")
    assert mother.page.get_by_text("回执和全部文书").count() == 0


def answer(mother: Person, address: str, town: Town) -> str:
    """Do what a card on the progress page asks: confirm, or pay at the sandbox's tax page."""
    mother.go(address)
    payment = mother.main.locator(f"a[href^='{town.sandbox}/payment']")
    if payment.count():
        mother.tap(payment.first)
        button = mother.page.locator("form button")
        if button.count():  # not yet paid
            button.first.click()
            mother.page.wait_for_load_state()
    else:
        mother.tap(mother.main.locator("form .btn").first)
    return address
