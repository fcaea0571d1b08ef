"""Where the delta's and Anhui's schemes meet: who leads, what a family may choose, who fits one."""

from functools import cache

import pytest

from tests.packs.edited import PACKS
from yijian.domain.context import Context
from yijian.domain.matching import Matching, candidates, match
from yijian.packs.examples import example_files, load_example
from yijian.packs.loading import load_context
from yijian.packs.rehearsal import begun

DELTA, ANHUI = "yangtze-delta", "340000-anhui"


@cache
def context_of(code: str) -> Context:
    return load_context(PACKS, code)


def matched(begun_in: str, name: str) -> Matching:
    """An example of the delta, known to the registers as the scheme it begins with asks them."""
    path = next(p for p in example_files(PACKS, DELTA) if p.stem.partition("-")[2] == name)
    rehearsal = begun(load_example(PACKS, path), context_of(begun_in))
    return match(rehearsal.case, (context_of(DELTA), context_of(ANHUI)), rehearsal.now)


@pytest.mark.parametrize("begun_in", [DELTA, ANHUI])
def test_a_family_wholly_in_anhui_is_led_by_anhui_and_may_choose(begun_in: str) -> None:
    found = matched(begun_in, "anhui-couple-fits-both")
    assert found.fits == (ANHUI, DELTA)
    (beside,) = found.beside
    assert (beside.pack, beside.choice, beside.decision) == (DELTA, True, "H24")
    assert beside.reason is not None and beside.reason.zh


@pytest.mark.parametrize("begun_in", [DELTA, ANHUI])
def test_after_day_30_only_the_delta_is_left_and_says_so(begun_in: str) -> None:
    found = matched(begun_in, "day-31-in-anhui")
    assert found.fits == (DELTA,)
    assert [verdict.rule.id for verdict in found.why[ANHUI]] == ["within_30_days"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("born-shanghai-hukou-anhui", ["born_in_anhui"]),
        ("born-anhui-hukou-zhejiang", ["mother_hukou_in_anhui", "father_hukou_in_anhui"]),
        ("born-jiangsu-hukou-shanghai", None),
    ],
)
def test_across_provinces_only_the_delta_fits(name: str, why: list[str] | None) -> None:
    found = matched(DELTA, name)
    assert found.fits == (DELTA,)
    assert not found.choice
    failed = [verdict.rule.id for verdict in found.why[ANHUI]]
    assert failed == (why or ["born_in_anhui", "mother_hukou_in_anhui", "father_hukou_in_anhui"])


def test_different_ethnic_groups_fit_neither_and_both_say_why() -> None:
    found = matched(DELTA, "two-minorities")
    assert found.fits == ()
    assert {verdict.rule.id for code in (DELTA, ANHUI) for verdict in found.why[code]} == {
        "same_ethnic_group"
    }


def test_the_entrance_offers_the_schemes_of_a_place_the_leading_one_first() -> None:
    packs = [context_of(DELTA).pack, context_of(ANHUI).pack]
    day = begun(load_example(PACKS, example_files(PACKS, DELTA)[0]), context_of(DELTA)).now.date()
    in_hefei = candidates(packs, "340104", day)
    in_ningbo = candidates(packs, "330212", day)
    assert [pack.code for pack in in_hefei] == [ANHUI, DELTA]
    assert [pack.code for pack in in_ningbo] == [DELTA]
    assert candidates(packs, "350302", day) == ()


@pytest.mark.parametrize(
    ("name", "served"),
    [("pilot-jiashan", True), ("pilot-xuhui", False), ("before-the-pilot", False)],
)
def test_a_family_outside_the_pilot_is_not_served_though_it_is_eligible(
    name: str, served: bool
) -> None:
    found = matched(DELTA, name)
    assert (DELTA in found.fits) is served
    assert found.why.get(DELTA, ()) == ()
