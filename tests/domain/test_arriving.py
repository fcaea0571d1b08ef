"""Who opens a case, who must come before the form opens, and who fills it in."""

import pytest

from tests.domain.cast import BASIS, NOW, context, verified
from yijian.domain.applying import (
    give_consent,
    live_checked,
    open_signing,
    register_answered,
    save_answers,
    sign,
    start,
)
from yijian.domain.arriving import awaited, filler, may_fill, noting_arrivals
from yijian.domain.cases import Case, CheckState
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import EventKind
from yijian.domain.history import apply_all
from yijian.domain.journey import Page, next_place
from yijian.domain.roles import Arrival
from yijian.domain.states import Stage
from yijian.domain.verification import registers_to_ask

FATHER_FIRST = context(
    applicants=("father",),
    fills=("mother",),
    arrivals=(
        Arrival("mother", True, ("father",), BASIS),
        Arrival("father", True, (), BASIS),
    ),
    channels=("online", "counter"),
)


def opened() -> Case:
    blank = Case("c1", "N1", "test", "1", "d" * 64, "online", NOW)
    return apply_all(blank, start(blank, "father", FATHER_FIRST, NOW))


def agreed(case: Case, role: str, *, witness: str | None = None) -> Case:
    return apply_all(case, give_consent(case, role, "notice", "n", NOW, witness=witness))


def seen(case: Case, role: str) -> Case:
    return apply_all(case, live_checked(case, role, CheckState.FOUND, NOW, receipt="r"))


def page(case: Case, role: str, ctx: Context = FATHER_FIRST) -> Page:
    return next_place(case, role, ctx, NOW, seen=frozenset({"name", "home"})).page


def test_the_case_remembers_which_role_opened_it():
    assert opened().applicant == "father"


def test_the_one_who_may_not_open_is_refused():
    with pytest.raises(RefusedError, match="not_an_applicant"):
        start(opened(), "mother", FATHER_FIRST, NOW)


def test_the_father_comes_then_the_mother_fills_and_signs_then_he_signs():
    case, pages = opened(), []
    pages.append((page(case, "father"), page(case, "mother")))
    case = agreed(case, "father")
    pages.append((page(case, "father"), page(case, "mother")))
    case = verified(seen(case, "father"))
    pages.append((page(case, "father"), page(case, "mother")))
    case = seen(agreed(case, "mother"), "mother")
    names = {("newborn_name", 1): "李小满"}
    case = apply_all(case, save_answers(case, "mother", names, FATHER_FIRST, NOW))
    pages.append((page(case, "father"), page(case, "mother")))
    case = apply_all(case, open_signing(case, "mother", FATHER_FIRST, NOW))
    case = apply_all(case, sign(case, "mother", "s", "drawn", FATHER_FIRST, NOW))
    pages.append((page(case, "father"), page(case, "mother")))
    case = apply_all(case, sign(case, "father", "s", "drawn", FATHER_FIRST, NOW))
    waits = Page.WAITING_FOR_OTHER
    assert pages == [
        (Page.NOTICE, waits),
        (Page.LIVE_CHECK, waits),
        (waits, Page.NOTICE),
        (waits, Page.CHECK),
        (Page.SIGN, waits),
    ]
    assert case.stage is Stage.SUBMITTED


def test_nobody_fills_in_before_everybody_needed_has_come():
    case = verified(seen(agreed(opened(), "father"), "father"))
    assert [step.role for step in awaited(case, FATHER_FIRST)] == ["mother"]
    assert not may_fill(case, "mother", FATHER_FIRST)
    with pytest.raises(RefusedError, match="not_arrived"):
        open_signing(agreed(case, "mother"), "mother", FATHER_FIRST, NOW)


def test_whoever_can_come_at_once_is_awaited_first():
    assert [step.role for step in awaited(opened(), FATHER_FIRST)] == ["father", "mother"]


def test_a_clerk_who_sees_somebody_stands_for_the_live_check():
    case = agreed(opened(), "father", witness="S-0042")
    assert [step.role for step in awaited(case, FATHER_FIRST)] == ["mother"]
    assert case.consents[0].witnessed
    assert case.witnesses == {"father": "S-0042"}


def test_the_form_is_filled_in_by_the_applicant_where_nobody_else_is_named():
    assert filler(opened(), FATHER_FIRST) == "mother"
    assert filler(opened(), context(applicants=("mother", "father"))) == "father"


def test_an_arrival_is_told_once_the_family_is_known_to_be_fit():
    case = agreed(opened(), "father")
    passed = live_checked(case, "father", CheckState.FOUND, NOW)
    assert "arrived_role" not in noting_arrivals(case, passed, FATHER_FIRST, NOW)[-1].public
    case = apply_all(case, passed)
    known = verified(case)
    answer = register_answered(
        case,
        "hukou",
        CheckState.FOUND,
        [(f, n, fact.value) for (f, n), fact in known.verified.items()],
        NOW,
        newborns=1,
    )
    told = noting_arrivals(case, answer, FATHER_FIRST, NOW)
    assert told[-1].public["arrived_role"] == "father"
    assert apply_all(case, told) == apply_all(case, answer)
    assert noting_arrivals(known, answer, FATHER_FIRST, NOW) == answer


def test_who_logged_in_stays_who_he_is_whatever_another_register_says():
    case = opened()
    me = [("father_name", 0, "李强"), ("father_id_number", 0, "1"), ("father_phone", 0, "138")]
    case = apply_all(case, register_answered(case, "identity", CheckState.FOUND, me, NOW))
    same = [("father_id_number", 0, "1"), ("father_phone", 0, "139"), ("hospital", 0, "H01")]
    known = apply_all(case, register_answered(case, "delivery", CheckState.FOUND, same, NOW))
    assert known.verified["father_phone", 0].value == "138"
    assert known.verified["hospital", 0].value == "H01"
    other = [("father_id_number", 0, "2"), ("hospital", 0, "H01")]
    (event,) = register_answered(case, "delivery", CheckState.FOUND, other, NOW, newborns=1)
    assert event.public["state"] == "conflict"
    assert event.sealed["values"] == [] and "newborns" not in event.public


def test_a_father_who_came_first_has_the_mother_looked_up_before_anything_else():
    ctx = context(
        applicants=("father",),
        facts={
            **FATHER_FIRST.pack.facts,
            "wedding": _fact("wedding", "marriage"),
            "father_id_number": _fact("father_id_number", "identity"),
            "mother_id_number": _fact("mother_id_number", "identity"),
        },
    )
    case = agreed(opened(), "father")
    me = [("father_id_number", 0, "1")]
    case = apply_all(case, register_answered(case, "identity", CheckState.FOUND, me, NOW))
    asked = [registers_to_ask(case, ctx, NOW)]
    unmarried = apply_all(case, register_answered(case, "marriage", CheckState.EMPTY, [], NOW))
    asked.append(registers_to_ask(unmarried, ctx, NOW))
    wife = [("mother_id_number", 0, "2")]
    case = apply_all(case, register_answered(case, "marriage", CheckState.FOUND, wife, NOW))
    asked.append(registers_to_ask(case, ctx, NOW))
    assert asked == [("marriage",), ("hukou",), ("delivery", "hukou")]


def _fact(name: str, register: str):
    from yijian.domain.policy import FactKind, FactType, Scope
    from yijian.domain.wording import Text

    return FactType(name, FactKind.TEXT, Scope.FAMILY, Text(name, name), register=register)


def test_what_a_clerk_does_for_a_family_is_public_and_who_it_was_is_not():
    case = verified(agreed(agreed(opened(), "father", witness="S-1"), "mother", witness="S-2"))
    names = {("newborn_name", 1): "李小满"}
    saved = save_answers(case, "mother", names, FATHER_FIRST, NOW, witness="S-2")
    case = apply_all(case, saved)
    case = apply_all(case, open_signing(case, "mother", FATHER_FIRST, NOW, witness="S-2"))
    signed = sign(
        case, "mother", "s", "tablet", FATHER_FIRST, NOW, drawing="9x9|1,1 2,2", witness="S-2"
    )
    assert saved[0].by == "mother" and saved[0].public["witnessed"] is True
    assert "S-2" not in str([event.public for event in [*saved, *signed]])
    case = apply_all(case, signed)
    assert case.signatures["mother"].witnessed and case.signatures["mother"].method == "tablet"
    assert (case.drawings, case.witnesses["mother"]) == ({"mother": "9x9|1,1 2,2"}, "S-2")


def test_a_scheme_without_a_window_knows_no_witness():
    ctx = context()
    blank = Case("c1", "N1", "test", "1", "d" * 64, "online", NOW)
    with pytest.raises(RefusedError, match="no_window"):
        start(blank, "mother", ctx, NOW, witness="S-1")


def test_a_drawing_without_end_is_no_signature():
    case = verified(agreed(agreed(opened(), "father", witness="S-1"), "mother", witness="S-2"))
    names = {("newborn_name", 1): "李小满"}
    case = apply_all(case, save_answers(case, "mother", names, FATHER_FIRST, NOW))
    case = apply_all(case, open_signing(case, "mother", FATHER_FIRST, NOW))
    with pytest.raises(RefusedError, match="signature_missing"):
        sign(case, "mother", "s", "drawn", FATHER_FIRST, NOW, drawing="1" * 40_001)
    assert EventKind.SIGNED not in {
        e.kind for e in sign(case, "mother", "s", "drawn", FATHER_FIRST, NOW)[1:]
    }
