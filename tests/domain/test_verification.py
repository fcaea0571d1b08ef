"""Which registers are asked, and when they are asked again."""

from datetime import timedelta

from tests.domain.cast import NOW, context, draft, later, submitted
from yijian.domain.applying import give_consent, register_answered
from yijian.domain.cases import CheckState
from yijian.domain.history import apply_all
from yijian.domain.verification import next_try, registers_to_ask


def agreed():
    case = draft()
    return apply_all(case, give_consent(case, "mother", "notice", "n", NOW))


def answered(case, register, state, now=NOW):
    return apply_all(case, register_answered(case, register, state, [], now))


def test_nobody_is_asked_before_the_family_has_agreed():
    assert registers_to_ask(draft(), context(), NOW) == ()


def test_the_register_that_names_the_father_is_asked_first():
    assert registers_to_ask(agreed(), context(), NOW) == ("delivery", "hukou")


def test_a_found_register_is_not_asked_again():
    case = answered(answered(agreed(), "delivery", CheckState.FOUND), "hukou", CheckState.FOUND)
    assert registers_to_ask(case, context(), later(minutes=1)) == ()
    assert next_try(case, context(), NOW) is None


def test_a_failed_register_is_tried_again_with_growing_pauses():
    case = answered(agreed(), "delivery", CheckState.FAILED)
    first = next_try(case, context(), NOW)
    assert registers_to_ask(case, context(), NOW) == ("hukou",)
    assert registers_to_ask(case, context(), NOW, again=True) == ("delivery", "hukou")
    assert registers_to_ask(case, context(), first) == ("delivery", "hukou")
    for _ in range(3):
        case = answered(case, "delivery", CheckState.FAILED)
    assert next_try(case, context(), NOW) - NOW == 8 * (first - NOW)


def test_pauses_never_grow_beyond_half_an_hour():
    case = agreed()
    for _ in range(30):
        case = answered(case, "delivery", CheckState.FAILED)
    assert next_try(case, context(), NOW) - NOW == timedelta(minutes=30)


def test_a_missing_delivery_is_looked_for_again_and_a_missing_registration_is_an_answer():
    case = answered(answered(agreed(), "delivery", CheckState.EMPTY), "hukou", CheckState.EMPTY)
    assert registers_to_ask(case, context(), later(minutes=29)) == ()
    assert registers_to_ask(case, context(), later(minutes=30)) == ("delivery",)


def test_who_asks_about_the_father_is_asked_again_once_he_is_known():
    case = answered(agreed(), "delivery", CheckState.EMPTY)
    case = answered(case, "hukou", CheckState.FOUND, later(seconds=1))
    case = answered(case, "delivery", CheckState.FOUND, later(hours=1))
    assert registers_to_ask(case, context(), later(hours=1)) == ("hukou",)


def test_a_submitted_case_asks_nobody():
    assert registers_to_ask(submitted(), context(), later(days=30)) == ()
    assert next_try(submitted(), context(), later(days=30)) is None
