"""不顺利的时候: going back, pressing twice, two at once, refusals, late records, corrections."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.conftest import Town, until
from yijian.ops.screenshots_person import Person

pytestmark = pytest.mark.timeout(300)
Somebody = Callable[..., Person]


def test_the_back_button_shows_what_was_saved_and_the_way_on_is_the_same(
    town: Town, somebody: Somebody
) -> None:
    guest = town.family(1)
    mother = somebody().log_in(f"{guest.id}/mother")
    mother.proceed(name="方一诺", until=lambda where: where == "form/items")
    number = mother.number
    for _ in range(3):
        mother.page.go_back()
    mother.look()
    assert mother.where == "form/name"
    assert mother.main.locator("input[name^=newborn_name]").input_value() == "方一诺"
    mother.proceed(name="方一诺")
    assert (mother.where, mother.number) == ("waiting", number)
    assert mother.go("/my/").main.locator("section.card").count() == 1


def test_signing_twice_in_two_tabs_signs_once(town: Town, somebody: Somebody) -> None:
    guest = town.family(1)
    mother = somebody().log_in(f"{guest.id}/mother")
    mother.proceed(name="方一诺", until=lambda where: where == "sign")
    again = somebody()
    again.context.add_cookies(mother.context.cookies())  # type: ignore[arg-type]
    again.go(f"/my/cases/{mother.number}/sign/")
    mother.proceed()
    assert mother.where == "waiting"
    again.sign()
    again.tap(again.main.locator("button.btn").last)
    assert again.where == "waiting"
    assert "还没有签好" not in again.text
    father = [text for text in town.messages(guest, "father") if mother.number in text]
    assert len(father) <= 1


def test_one_parent_on_two_phones_has_one_draft_and_the_last_word_stands(
    town: Town, somebody: Somebody
) -> None:
    """Two parents who fill the same page are told: tests/web; here the mother alone fills."""
    guest = town.family(1)
    mother = somebody().log_in(f"{guest.id}/mother")
    mother.proceed(name="方一诺", until=lambda where: where == "form/choices")
    other = somebody().log_in(f"{guest.id}/mother", then=f"/my/cases/{mother.number}/form/choices/")
    phone = "input[name*=phone]"
    mother.main.locator(phone).first.fill("19900001111")
    mother.press("保存并继续")
    other.main.locator(phone).first.fill("19900002222")
    other.press("保存并继续")
    for person in (mother, other):
        person.of_case("form/choices/")
        assert person.main.locator(phone).first.input_value() == "19900002222"
    assert other.go("/my/").main.locator("section.card").count() == 1


def test_the_second_parent_waits_for_the_first_and_edits_nothing(
    town: Town, somebody: Somebody
) -> None:
    guest = town.family(1)
    mother = somebody().log_in(f"{guest.id}/mother")
    mother.proceed(name="方一诺", until=lambda where: where == "form/items")
    father = somebody().log_in(f"{guest.id}/father", then=f"/my/cases/{mother.number}/")
    father.proceed().of_case("form/household/")
    assert father.where == "waiting"
    assert "妈妈还在填写" in father.text
    mother.proceed()
    father.of_case().proceed()
    assert father.where == "progress"


def test_a_refused_family_sees_every_reason_and_takes_a_printed_packet_along(
    town: Town, somebody: Somebody
) -> None:
    guest = town.family(66)
    mother = somebody().log_in(f"{guest.id}/mother").proceed()
    assert mother.where == "refused"
    assert len(guest.expected.reasons) > 3
    reasons = mother.main.locator("section.card").filter(has_text="原因和去处")
    for reason in guest.expected.reasons:
        verdict = reasons.locator(".verdict").filter(has_text=reason)
        assert verdict.locator(".way-on").inner_text().strip(), reason
        assert verdict.locator(".basis").inner_text().strip(), reason
    mother.press("打印窗口办理清单")
    assert mother.where == "packet"
    for reason in guest.expected.reasons:
        assert reason in mother.text
    assert guest.family["mother"]["name"] in mother.text
    mother.page.emulate_media(media="print")
    assert not mother.page.locator(".no-print").first.is_visible()
    assert mother.page.pdf(format="A4").startswith(b"%PDF")


def test_a_choice_that_refuses_is_turned_with_one_tap(town: Town, somebody: Somebody) -> None:
    guest = town.family(32)
    mother = somebody().log_in(f"{guest.id}/mother")
    mother.proceed(name="方一诺", until=lambda where: where == "form/household")
    mother.main.locator("input[name^=hukou_follows][value=father]").check()
    mother.press("保存并继续")
    mother.proceed(name="方一诺", until=lambda where: where in ("refused", "check"))
    assert mother.where == "refused"
    mother.tap(mother.main.locator("section.act .btn").first)
    mother.proceed(name="方一诺")
    assert mother.where == "waiting"


def test_a_late_record_parks_the_case_and_it_goes_on_after_the_hospital_recorded(
    town: Town, somebody: Somebody
) -> None:
    guest = town.family(8)
    mother = somebody().log_in(f"{guest.id}/mother").proceed()
    assert mother.where == "parked"
    number = mother.number
    assert "打印窗口办理清单" in mother.text
    town.record_delivery(guest)
    mother.press("再查一次")
    until(lambda: mother.of_case().where.startswith("form/"))
    assert mother.number == number
    mother.proceed(name="方一诺")
    assert mother.where == "waiting"


def test_a_family_withdraws_and_what_has_not_begun_stops(town: Town, somebody: Somebody) -> None:
    guest, parent = town.submitted()
    mother = somebody().log_in(f"{guest.id}/mother", then=f"{parent.home}progress/")
    mother.press("撤回申请")
    assert mother.where == "withdraw"
    mother.press("确认撤回")
    assert "已经撤回" in mother.text
    mother.go(f"{parent.home}progress/")
    assert mother.main.get_by_role("link", name="撤回申请").count() == 0
    tags = mother.main.locator(".stage .tag").all_inner_texts()
    assert "已撤回" in tags
    assert set(tags) <= {"已撤回", "无需办理", "已办结"}


def test_a_correction_comes_to_the_family_and_goes_back_to_the_same_desk(
    town: Town, somebody: Somebody, at_desk: Callable[[str], Person]
) -> None:
    guest, parent = town.submitted()
    clerk = at_desk(guest.family["delivery"]["institution"])
    clerk.go(f"/desk/tasks/?group=open&q={parent.number}")
    clerk.tap(clerk.main.locator("[data-row]", has_text="出生医学证明").locator("[data-open]"))
    clerk.page.keyboard.press("r")
    clerk.page.keyboard.press("1")
    panel = clerk.page.locator("details[open] form")
    box = panel.get_by_label("姓名").first
    if not box.is_checked():
        box.check()
    clerk.tap(panel.get_by_role("button", name="发给家庭"))

    mother = somebody().log_in(f"{guest.id}/mother", then=f"{parent.home}progress/")
    until(lambda: mother.of_case("progress/").main.locator("section.act").count())
    mother.tap(mother.main.locator("section.act a.btn").first)
    assert mother.where == "correct"
    boxes = mother.main.locator("form input[name^=newborn_name]")
    assert boxes.count() == 1
    boxes.fill("")
    mother.press("提交补正")
    assert mother.where == "correct"
    assert mother.main.locator("[data-errors]").is_visible()
    boxes.fill("方一宁")
    mother.press("提交补正")
    assert mother.where == "progress"
    assert mother.main.locator("section.act").count() == 0
    assert "方一宁" in mother.text

    clerk.go(f"/desk/tasks/?group=open&q={parent.number}")
    clerk.tap(clerk.main.locator("[data-row]", has_text="出生医学证明").locator("[data-open]"))
    assert "方一宁" in clerk.text
