"""Certificate numbers: runs go down without hole or overlap, and a number is used once."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yijian.domain.number_stock import (
    NEXT,
    Allotment,
    Holder,
    Level,
    NumberRange,
    NumberState,
    StockRefusedError,
    check_allotment,
    check_second_person,
    check_step,
    check_taken_in,
    counted,
    next_free,
    number_range,
    replayed,
    runs,
)

PROVINCE = Holder("340000WJ", "340000", institution=False)
CITY = Holder("340100WJ", "340100", institution=False)
OTHER_CITY = Holder("340200WJ", "340200", institution=False)
COUNTY = Holder("340104WJ", "340104", institution=False)
HOSPITAL = Holder("H34010401", "340104", institution=True)
RUN = number_range("T340000001", "T340001000")


def refused(code: str, call: object, *args: object) -> StockRefusedError:
    assert callable(call)
    with pytest.raises(StockRefusedError) as refusal:
        call(*args)
    assert refusal.value.code == code
    return refusal.value


def test_a_run_is_two_numbers_of_one_letter_and_province() -> None:
    assert number_range(" t340000001", "T340000001").size == 1
    refused("number_format", number_range, "T34000001", "T340000002")
    refused("number_format", number_range, "T340000001", "T99000000２")
    refused("range_mixed", number_range, "T340000001", "T350000002")
    refused("range_mixed", number_range, "S340000001", "T340000002")
    refused("range_backwards", number_range, "T340000002", "T340000001")
    refused("range_too_large", number_range, "T340000000", "T342000000")


def test_a_run_holds_its_own_numbers_and_no_others() -> None:
    assert RUN.holds("T340000001") and RUN.holds("T340001000")
    for other in ("T340001001", "S340000001", "T350000001", "T34abcdefg", "", "T340000000"):
        assert not RUN.holds(other)


def test_levels_follow_from_the_place() -> None:
    levels = [one.level for one in (PROVINCE, CITY, COUNTY, HOSPITAL)]
    assert levels == [Level.PROVINCE, Level.CITY, Level.COUNTY, Level.INSTITUTION]


def test_numbers_go_down_and_never_sideways_or_up() -> None:
    downwards = {(a.office, b.office) for a, b in product(
        (PROVINCE, CITY, OTHER_CITY, COUNTY, HOSPITAL), repeat=2) if a.is_above(b)}  # fmt: skip
    assert downwards == {
        ("340000WJ", "340100WJ"), ("340000WJ", "340200WJ"), ("340000WJ", "340104WJ"),
        ("340000WJ", "H34010401"), ("340100WJ", "340104WJ"), ("340100WJ", "H34010401"),
        ("340104WJ", "H34010401"),
    }  # fmt: skip


def test_a_place_that_ends_in_zero_is_not_cut_in_the_middle() -> None:
    bureau = Holder("341000WJ", "341000", institution=False)
    assert bureau.is_above(Holder("H34100201", "341002", institution=True))
    assert not bureau.is_above(Holder("H34110201", "341102", institution=True))


def test_a_run_from_outside_is_of_the_province_and_new() -> None:
    check_taken_in(RUN, PROVINCE, [])
    refused("range_of_another_province", check_taken_in, number_range("T350000001", "T350000009"),
            PROVINCE, [])  # fmt: skip
    known = Allotment("a", "340000WJ", number_range("T340001000", "T340002000"))
    assert "T340001000" in refused("range_overlaps", check_taken_in, RUN, PROVINCE, [known]).number


def test_an_allotment_follows_the_last_one_without_a_hole() -> None:
    parent = Allotment("p", "340000WJ", RUN, accepted=True)
    first = number_range("T340000001", "T340000400")
    check_allotment(first, parent, PROVINCE, CITY, [])
    given_out = [Allotment("c", "340100WJ", first, "p")]
    assert next_free(parent, given_out) == 401
    hole = refused("range_leaves_a_hole", check_allotment,
                   number_range("T340000402", "T340000500"), parent, PROVINCE, CITY,
                   given_out)  # fmt: skip
    assert hole.number == "T340000401"
    refused("range_overlaps", check_allotment, number_range("T340000400", "T340000500"),
            parent, PROVINCE, CITY, given_out)  # fmt: skip
    refused("range_outside", check_allotment, number_range("T340000401", "T340001001"),
            parent, PROVINCE, CITY, given_out)  # fmt: skip
    check_allotment(number_range("T340000401", "T340001000"), parent, PROVINCE, CITY, given_out)


def test_only_an_accepted_run_of_ones_own_is_allotted() -> None:
    part = number_range("T340000001", "T340000010")
    not_accepted = Allotment("p", "340000WJ", RUN)
    refused("range_not_accepted", check_allotment, part, not_accepted, PROVINCE, CITY, [])
    accepted = Allotment("p", "340000WJ", RUN, accepted=True)
    refused("range_not_accepted", check_allotment, part, accepted, CITY, HOSPITAL, [])
    own = Allotment("p", "340100WJ", RUN, accepted=True)
    refused("not_below", check_allotment, part, own, CITY, OTHER_CITY, [])


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12))
def test_whatever_is_allotted_the_parent_has_no_hole_and_no_overlap(sizes: list[int]) -> None:
    parent = Allotment("p", "340000WJ", NumberRange("T34", 1, 300), accepted=True)
    children: list[Allotment] = []
    for place, size in enumerate(sizes):
        start = next_free(parent, children)
        if start is None or start + size - 1 > 300:
            break
        run = NumberRange("T34", start, start + size - 1)
        check_allotment(run, parent, PROVINCE, CITY, children)
        children.append(Allotment(str(place), "340100WJ", run, "p"))
    covered = [n for child in children for n in child.run.numbers()]
    assert len(covered) == len(set(covered))
    assert len(runs(covered)) <= 1


def test_nothing_leads_back_into_stock_and_an_issued_number_stays_issued() -> None:
    allowed = {(a, b) for a, b in product(NumberState, repeat=2) if b in NEXT[a]}
    stock, issued = NumberState.IN_STOCK, NumberState.ISSUED
    void, lost = NumberState.VOID, NumberState.LOST
    assert allowed == {(stock, issued), (stock, void), (stock, lost), (lost, void)}
    for now, to in product(NumberState, repeat=2):
        if (now, to) in allowed:
            check_step("T340000001", now, to)
    refused("number_used", check_step, "T340000001", issued, void)
    refused("number_void", check_step, "T340000001", void, issued)
    refused("number_lost", check_step, "T340000001", lost, issued)


def test_nobody_voids_alone() -> None:
    refused("second_person_needed", check_second_person, "staff:1", "staff:1")
    check_second_person("staff:1", "staff:2")


def test_the_gap_report_names_what_was_passed_over() -> None:
    run = number_range("T340000001", "T340000010")
    states = dict.fromkeys(run.numbers(), NumberState.IN_STOCK)
    states |= {"T340000001": NumberState.ISSUED, "T340000006": NumberState.ISSUED,
               "T340000003": NumberState.VOID, "T340000008": NumberState.LOST}  # fmt: skip
    report = counted(run, states | {"T340000999": NumberState.ISSUED})
    assert [str(gap) for gap in report.gaps] == ["T340000002–T340000002", "T340000004–T340000005"]
    assert [report.of(s) for s in NumberState] == [6, 2, 1, 1]
    assert report.void[0].first_number == "T340000003"
    assert report.lost[0].first_number == "T340000008"


def test_the_books_rebuild_the_stock() -> None:
    entries: list[tuple[str, str, dict[str, object]]] = [
        ("H1", "range_accepted", {"range": "b", "lost": ["T340000002"]}),
        ("P", "range_taken_in", {"range": "a", "first": "T340000001", "last": "T340000009"}),
        ("P", "range_allotted", {"range": "b", "parent": "a", "to": "H1",
                                 "first": "T340000001", "last": "T340000003"}),
        ("P", "range_allotted", {"range": "c", "parent": "a", "to": "H1",
                                 "first": "T340000004", "last": "T340000009"}),
        ("H1", "void_proposed", {"void": "v", "numbers": ["T340000003"]}),
        ("H1", "numbers_voided", {"void": "v", "numbers": ["T340000002", "T340000003"]}),
    ]  # fmt: skip
    stock = replayed(entries)
    assert {id: one.accepted for id, one in stock.runs.items()} == {
        "a": True,
        "b": True,
        "c": False,
    }
    assert stock.expected(["H1"]) == {
        "T340000001": ("H1", NumberState.IN_STOCK),
        "T340000002": ("H1", NumberState.VOID),
        "T340000003": ("H1", NumberState.VOID),
    }
