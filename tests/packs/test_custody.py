"""What the shipped packs tell the paper ledger: which sheet goes where, and by which day."""

from collections.abc import Mapping
from datetime import date
from functools import cache

import pytest
from django.conf import settings

from yijian.domain.clocks import Calendar
from yijian.domain.custody import due_on, rule_for
from yijian.domain.custody_rules import CustodyRule, Place, Sheet
from yijian.domain.policy import Pack
from yijian.packs import calendar as calendars
from yijian.packs.building import load_folder

DONE: Mapping[str, object] = {
    "chosen_items": ["birth_certificate", "hukou_registration"],
    "items_completed": ["birth_certificate", "hukou_registration"],
    "items_failed": [],
    "newborn_certificate_collected": False,
}
FAILED = {
    **DONE, "items_completed": ["birth_certificate"], "items_failed": ["hukou_registration"],
}  # fmt: skip
PACKS = (
    "340000-anhui", "350300-putian", "431222-yuanling", "450000-guangxi-city", "yangtze-delta",
)  # fmt: skip


@cache
def pack(code: str) -> Pack:
    return load_folder(settings.YIJIAN.packs_dir, code)[1]


@cache
def calendar() -> Calendar:
    return calendars.load(settings.YIJIAN.packs_dir)


def rule(code: str, sheet: Sheet, facts: Mapping[str, object]) -> CustodyRule:
    found = rule_for(pack(code), sheet, facts)
    assert found is not None and found.to is not None and found.schedule is not None
    return found


def goes(code: str, sheet: Sheet, facts: Mapping[str, object] = DONE) -> Place:
    to = rule(code, sheet, facts).to
    assert to is not None
    return to.place


def due(code: str, sheet: Sheet, since: date) -> date | None:
    schedule = rule(code, sheet, DONE).schedule
    assert schedule is not None
    return due_on(schedule, since, calendar())


@pytest.mark.parametrize("code", PACKS)
def test_the_main_page_always_goes_to_the_family(code: str) -> None:
    for facts in (DONE, FAILED):
        assert goes(code, Sheet.MAIN_PAGE, facts) is Place.FAMILY


@pytest.mark.parametrize("code", PACKS)
def test_the_counterfoil_goes_to_the_family_where_registration_failed(code: str) -> None:
    assert goes(code, Sheet.COUNTERFOIL, FAILED) is Place.FAMILY
    assert goes(code, Sheet.COUNTERFOIL, DONE) is not Place.FAMILY


@pytest.mark.parametrize("code", ["340000-anhui", "yangtze-delta"])
def test_counterfoil_and_stub_go_to_the_archive_at_the_end_of_each_quarter(code: str) -> None:
    for sheet in (Sheet.COUNTERFOIL, Sheet.STUB):
        assert goes(code, sheet) is Place.ARCHIVE
        assert due(code, sheet, date(2026, 11, 21)) == date(2026, 12, 31)
        assert due(code, sheet, date(2026, 4, 1)) == date(2026, 6, 30)


def test_guangxi_sends_the_counterfoil_to_the_issuers_station_on_the_30th() -> None:
    to = rule("450000-guangxi-city", Sheet.COUNTERFOIL, DONE).to
    assert to is not None and (to.place, to.kind) == (Place.OFFICE, "police_station")
    days = [date(2026, 1, 5), date(2026, 3, 30), date(2026, 3, 31), date(2026, 12, 31)]
    found = [due("450000-guangxi-city", Sheet.COUNTERFOIL, day) for day in days]
    assert found == [date(2026, 3, 30), date(2026, 3, 30), date(2026, 6, 30), date(2027, 3, 30)]


def test_putian_keeps_counterfoil_and_stub_without_a_date() -> None:
    for sheet in (Sheet.COUNTERFOIL, Sheet.STUB):
        assert goes("350300-putian", sheet) is Place.ISSUER
        assert due("350300-putian", sheet, date(2026, 11, 21)) is None


def test_yuanling_posts_the_household_part_on_the_last_workday_of_the_month() -> None:
    to = rule("431222-yuanling", Sheet.COUNTERFOIL, DONE).to
    assert to is not None and (to.place, to.item) == (Place.TASK, "hukou_registration")
    found = [due("431222-yuanling", Sheet.COUNTERFOIL, date(2026, m, 1)) for m in (2, 5, 10)]
    assert found == [date(2026, 2, 28), date(2026, 5, 29), date(2026, 10, 30)]


def test_yuanling_cuts_nothing_before_the_whole_page_was_scanned() -> None:
    for sheet in Sheet:
        assert rule("431222-yuanling", sheet, DONE).cut_after == "uncut_certificate"


@pytest.mark.parametrize("code", PACKS)
def test_words_and_ledger_of_a_rule_say_the_same(code: str) -> None:
    spoken = {
        Place.FAMILY: ("家", "妈妈"), Place.ARCHIVE: ("档案馆",), Place.ISSUER: ("留",),
        Place.OFFICE: ("派出所",), Place.TASK: ("派出所",),
    }  # fmt: skip
    for one in pack(code).custody:
        if one.to is not None:
            assert any(words in one.goes_to.zh for words in spoken[one.to.place]), one.part
