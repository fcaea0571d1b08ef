"""Which schemes fit a family, which one leads, and what the family may choose."""

from dataclasses import replace
from datetime import date

import pytest

from tests.domain.cast import FAMILY_HOUSEHOLD, context, filled, later, rule, when, words
from yijian.domain.context import Context
from yijian.domain.matching import candidates, match, serves
from yijian.domain.policy import Alongside, Switch
from yijian.domain.states import Stage

TODAY = date(2026, 11, 20)
NEVER = rule("never", when("household_kind", that=lambda f: f["household_kind"] == "collective"))
REASON = words("本省多联办两项")


def scheme(code: str, **more: object) -> Context:
    own = {"code": code, "divisions": ("340000",), "place_fact": "station", "rules": ()}
    return context(**{**own, **more})


def off(**more: object) -> Switch:
    defaults = {
        "id": "later",
        "items": (),
        "divisions": (),
        "from_on": date(2026, 1, 1),
        "until_on": None,
        "text": words("还没开通"),
    }
    return Switch(**{**defaults, **more})  # type: ignore[arg-type]


def test_the_scheme_that_says_so_leads_whatever_the_precedence():
    province = scheme(
        "province", alongside={"delta": Alongside("delta", True, True, REASON, "H24")}
    )
    delta = scheme("delta", precedence=90)
    found = match(filled(), (delta, province), later())
    assert found.fits == ("province", "delta")
    assert found.leading == "province"
    assert found.choice
    assert (found.beside[0].pack, found.beside[0].reason) == ("delta", REASON)
    assert found.beside[0].decision == "H24"


def test_the_other_schemes_word_counts_where_one_says_nothing():
    province = scheme("province", precedence=90)
    delta = scheme("delta", alongside={"province": Alongside("province", True, False, REASON)})
    found = match(filled(), (province, delta), later())
    assert found.fits == ("delta", "province")
    assert not found.choice


def test_precedence_leads_where_nobody_says_anything():
    found = match(filled(), (scheme("a", precedence=1), scheme("b", precedence=2)), later())
    assert found.fits == ("b", "a")
    assert found.beside[0].reason is None


def test_what_fails_in_the_others_is_said():
    found = match(filled(), (scheme("open"), scheme("closed", rules=(NEVER,))), later())
    assert found.fits == ("open",)
    assert [verdict.rule.id for verdict in found.why["closed"]] == ["never"]
    assert found.beside == ()


def test_nothing_fits_a_family_that_every_scheme_refuses():
    found = match(filled(), (scheme("closed", rules=(NEVER,)),), later())
    assert found.leading is None
    assert found.fits == ()


def test_matching_changes_nothing_of_the_case():
    case = filled()
    match(case, (scheme("other", rules=(FAMILY_HOUSEHOLD,)),), later())
    assert case.pack == "test"
    assert case.stage is Stage.DRAFT


@pytest.mark.parametrize(
    ("more", "division", "served"),
    [
        ({}, "340104", True),
        ({}, "350302", False),
        ({"in_force_from": date(2026, 11, 21)}, "340104", False),
        ({"in_force_from": TODAY}, "340104", True),
        ({"in_force_until": TODAY}, "340104", False),
        ({"switches": (off(),)}, "340104", False),
        ({"switches": (off(divisions=("340100",)),)}, "340104", False),
        ({"switches": (off(divisions=("340200",)),)}, "340104", True),
        ({"switches": (off(until_on=TODAY),)}, "340104", True),
        ({"switches": (off(items=("card",)),)}, "340104", True),
    ],
)
def test_a_place_is_served_in_force_inside_and_not_switched_off(more, division, served):
    pack = scheme("place", **more).pack
    assert serves(pack, division, TODAY) is served
    assert candidates((pack,), division, TODAY) == ((pack,) if served else ())


def test_a_scheme_that_is_switched_off_where_the_family_is_does_not_fit():
    case = filled()
    station = case.verified["station", 0]
    case = replace(
        case, verified={**case.verified, ("station", 0): replace(station, value="340104")}
    )
    switched = scheme("switched", switches=(off(divisions=("340100",)),))
    found = match(case, (switched, scheme("open")), later())
    assert found.fits == ("open",)
    assert found.matches[0].switch is not None
    assert found.why["switched"] == ()
