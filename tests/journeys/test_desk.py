"""工作台: a clerk works with the keyboard alone, sees differences first, and loses nothing typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.conftest import Town, until
from yijian.ops.screenshots_person import Person
from yijian.ops.walk_families import Guest
from yijian.ops.walk_parents import Parent

pytestmark = pytest.mark.timeout(300)
Seated = Callable[[str], Person]
CERTIFICATE, REGISTRATION = "《出生医学证明》签发", "出生登记"


def hospital_of(guest: Guest) -> str:
    return str(guest.family["delivery"]["institution"])


def opened(clerk: Person, parent: Parent, title: str) -> Person:
    """The family's task of this title, opened from the list."""
    clerk.go(f"/desk/tasks/?group=open&q={parent.number}")
    return clerk.tap(clerk.main.locator("[data-row]", has_text=title).locator("[data-open]"))


def keyed(clerk: Person, key: str) -> Person:
    """Press a key that leads to another page."""
    with clerk.page.expect_navigation():
        clerk.page.keyboard.press(key)
    return clerk.look()


def test_a_clerk_opens_approves_and_takes_back_with_the_keyboard_alone(
    town: Town, at_desk: Seated
) -> None:
    families = [town.submitted() for _ in range(2)]
    clerk = at_desk(hospital_of(families[0][0]))
    clerk.presses.clear()
    rows = clerk.main.locator("[data-row]")
    numbers = rows.locator("[data-open]").all_inner_texts()
    assert len(numbers) >= 4
    for key in "jj":
        clerk.page.keyboard.press(key)
    keyed(clerk, "Enter")
    assert numbers[1] in clerk.text
    first = clerk.page.url
    keyed(clerk, "a")
    assert clerk.page.url != first, "the next one is open already"
    assert "/desk/tasks/" in clerk.page.url
    assert clerk.page.locator(".toast").is_visible()
    keyed(clerk, "z")
    clerk.go(first)
    assert clerk.page.locator(".dock [data-key=a]").is_visible(), "it can be decided again"
    keyed(clerk, "a")
    clerk.page.keyboard.press("/")
    assert clerk.presses == [], "no mouse was used"


def test_differences_come_first_and_show_the_differing_characters(
    town: Town, somebody: Callable[..., Person], at_desk: Seated
) -> None:
    guest = town.family(1)
    mother = somebody().log_in(f"{guest.id}/mother")
    mother.proceed(name="方一诺", until=lambda where: where == "form/baby")
    mother.tap(mother.main.get_by_role("link", name="信息不对？").first)
    mother.main.locator("input[name=fact][value^=newborn_weight]").first.check()
    mother.main.locator("textarea").fill("3350")
    mother.press("提交")
    assert "已经记下" in mother.text
    mother.proceed(name="方一诺")
    father = somebody().log_in(f"{guest.id}/father", then=f"/my/cases/{mother.number}/").proceed()
    assert father.where == "progress"
    clerk = at_desk(hospital_of(guest))
    clerk.go(f"/desk/tasks/?group=open&q={mother.number}")
    clerk.tap(clerk.main.locator("[data-row]", has_text=CERTIFICATE).locator("[data-open]"))
    row = clerk.main.locator(".compare tbody tr").first
    assert "is-different" in (row.get_attribute("class") or "")
    assert "3350" in row.inner_text()
    assert row.locator("mark").count() > 0


def test_a_wrong_citizen_number_is_named_beside_the_field_and_nothing_typed_is_lost(
    town: Town, somebody: Callable[..., Person], at_desk: Seated
) -> None:
    guest, parent = town.submitted()
    hospital = town.clerk(guest, hospital_of(guest))
    station = guest.family["mother"]["hukou"]["police_station"]
    police = town.clerk(guest, station)
    mother = somebody().log_in(f"{guest.id}/mother", then=f"{parent.home}progress/")
    clerk = at_desk(station)

    def may_complete() -> bool:
        hospital.work(parent.number)
        mother.of_case("progress/")
        asks = mother.main.locator("section.act a.btn")
        if asks.count():
            mother.tap(asks.first)
            mother.tap(mother.main.locator("form .btn").first)
        clerk.go(f"/desk/tasks/?group=open&q={parent.number}")
        rows = clerk.main.locator("[data-row]", has_text=REGISTRATION)
        if not rows.count():
            return False
        clerk.tap(rows.locator("[data-open]").first)
        if clerk.main.locator("[name=result_citizen_id_number]").count():
            return True
        police.work(parent.number)
        return False

    until(may_complete, seconds=90)
    number = clerk.main.locator("[name=result_citizen_id_number]")
    number.fill("340104202611210014")
    clerk.tap(clerk.main.locator("button[value=complete]"))
    assert number.input_value() == "340104202611210014"
    beside = clerk.main.locator(".field--error", has=clerk.page.locator("[name^=result_citizen]"))
    assert "号码" in beside.locator(".error").inner_text()
    assert clerk.page.locator("[data-errors], .errors").first.is_visible()
    assert police.work(parent.number), "the right number is taken"


def test_every_page_of_the_hospitals_desk(town: Town, at_desk: Seated) -> None:
    guest, parent = town.submitted()
    clerk = at_desk(hospital_of(guest))
    for address in ("/desk/tasks/?group=ended", "/desk/tasks/?q=nobody", "/desk/deliveries/",
                    "/desk/deliveries/new/"):  # fmt: skip
        clerk.go(address)
    opened(clerk, parent, CERTIFICATE)
    clerk.page.keyboard.press("r")
    clerk.look()
    clerk.go(f"/desk/tasks/?group=open&q={parent.number}")
    clerk.page.keyboard.press("j")
    clerk.page.keyboard.press("x")
    clerk.tap(clerk.page.locator(".batch button"))
    assert clerk.where == "/desk/batch/"
