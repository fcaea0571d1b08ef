"""From the first page to submission: what is kept, what is refused, who signs when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.domain.cast import BORN_AT, NOW, context, draft, filled, later, submitted, verified
from yijian.domain.applying import (
    dispute,
    give_consent,
    live_checked,
    missing_answers,
    open_signing,
    register_answered,
    save_answers,
    sign,
    start,
)
from yijian.domain.cases import CheckState
from yijian.domain.context import RefusedError
from yijian.domain.eligibility import Answer
from yijian.domain.events import EventKind
from yijian.domain.history import apply_all
from yijian.domain.journey import Page, Place, next_place
from yijian.domain.signing import shown_digest, valid_signatures
from yijian.domain.states import Stage, TaskState


def test_only_an_applicant_of_the_scheme_may_start():
    with pytest.raises(RefusedError, match="not_an_applicant"):
        start(draft(), "father", context(), NOW)


def test_saving_the_same_answers_again_causes_nothing():
    case = filled()
    assert save_answers(case, "mother", {("newborn_name", 1): "李小一"}, context(), NOW) == []


@pytest.mark.parametrize(
    ("fact", "subject", "value", "code"),
    [
        ("nonsense", 0, "x", "unknown_field"),
        ("newborn_name", 2, "李小二", "unknown_field"),
        ("newborn_sex", 1, "1", "unknown_field"),
        ("follows", 0, "grandfather", "not_an_option"),
        ("newborn_name", 1, "Li", "name_not_allowed"),
        ("newborn_name", 1, "", "name_not_allowed"),
    ],
)
def test_an_answer_that_is_none_is_refused_with_its_field(fact, subject, value, code):
    with pytest.raises(RefusedError) as refused:
        save_answers(verified(draft()), "mother", {(fact, subject): value}, context(), NOW)
    assert (refused.value.code, refused.value.field) == (code, fact)


def test_items_that_always_belong_cannot_be_unticked():
    case = filled()
    case = apply_all(case, save_answers(case, "mother", {}, context(), NOW, items=()))
    assert case.items == ("certificate", "registration")


def test_an_unknown_item_is_refused():
    with pytest.raises(RefusedError, match="unknown_item"):
        save_answers(filled(), "mother", {}, context(), NOW, items=("passport",))


def test_defaults_become_answers_when_signing_opens():
    case = filled()
    case = apply_all(case, open_signing(case, "mother", context(), NOW))
    assert case.stage is Stage.SIGNING
    assert case.answers["follows", 0].value == "father"


def test_an_incomplete_form_cannot_be_signed():
    case = verified(draft())
    case = apply_all(case, give_consent(case, "mother", "notice", "n", NOW))
    assert missing_answers(case, context(), NOW) == [("newborn_name", 1)]
    with pytest.raises(RefusedError, match="incomplete"):
        open_signing(case, "mother", context(), NOW)


def test_without_consent_nothing_is_signed():
    case = verified(draft())
    with pytest.raises(RefusedError, match="no_consent"):
        open_signing(case, "mother", context(), NOW)


def test_what_no_register_has_answered_is_not_yet_verified():
    case = draft()
    case = apply_all(case, give_consent(case, "mother", "notice", "n", NOW))
    assert context().judge(case, NOW).answer is Answer.UNKNOWN
    with pytest.raises(RefusedError, match="not_verified_yet"):
        open_signing(case, "mother", context(), NOW)


def test_an_ineligible_family_cannot_sign():
    case = filled()
    values = [("household_kind", 0, "collective")]
    case = apply_all(case, register_answered(case, "hukou", CheckState.FOUND, values, NOW))
    with pytest.raises(RefusedError, match="not_eligible"):
        open_signing(case, "mother", context(), NOW)


def test_a_stale_verification_must_be_asked_again():
    case = filled()
    assert context().judge(case, later(days=8)).answer is Answer.STALE
    with pytest.raises(RefusedError, match="not_verified_yet"):
        open_signing(case, "mother", context(), later(days=8))


def test_a_contradicting_register_needs_a_person():
    case = filled()
    case = apply_all(case, register_answered(case, "hukou", CheckState.CONFLICT, [], NOW))
    assert context().judge(case, NOW).answer is Answer.NEEDS_PERSON


@pytest.mark.parametrize(("days", "answer"), [(30, Answer.YES), (31, Answer.NO)])
def test_the_window_closes_the_day_after_its_last_day(days, answer):
    born = NOW - timedelta(days=days)
    assert context().judge(verified(draft(), born_at=born), NOW).answer is answer


def test_the_father_signs_after_the_mother_and_after_his_live_check():
    ctx, case = context(), filled()
    case = apply_all(case, open_signing(case, "mother", ctx, NOW))
    with pytest.raises(RefusedError, match="not_your_turn"):
        sign(case, "father", "d", "drawn", ctx, NOW)
    case = apply_all(case, sign(case, "mother", "d", "drawn", ctx, NOW))
    case = apply_all(case, give_consent(case, "father", "notice", "n", NOW))
    with pytest.raises(RefusedError, match="live_check_missing"):
        sign(case, "father", "d", "drawn", ctx, NOW)
    case = apply_all(case, live_checked(case, "father", CheckState.FOUND, NOW, receipt="r"))
    events = sign(case, "father", "d", "drawn", ctx, NOW)
    assert [e.kind for e in events[:2]] == [EventKind.SIGNED, EventKind.CASE_SUBMITTED]


def test_waiting_for_the_father_does_not_cost_the_family_its_window():
    ctx = context()
    case = verified(draft(), born_at=NOW - timedelta(days=30))
    case = apply_all(case, give_consent(case, "mother", "notice", "n", NOW))
    case = apply_all(case, save_answers(case, "mother", {("newborn_name", 1): "李小满"}, ctx, NOW))
    case = apply_all(case, open_signing(case, "mother", ctx, NOW))
    case = apply_all(case, sign(case, "mother", "d", "drawn", ctx, NOW))
    assert ctx.judge(case, later(days=2)).answer is Answer.YES


def test_any_later_edit_voids_every_signature():
    ctx, case = context(), filled()
    case = apply_all(case, open_signing(case, "mother", ctx, NOW))
    case = apply_all(case, sign(case, "mother", "d", "drawn", ctx, NOW))
    case = apply_all(case, save_answers(case, "mother", {("newborn_name", 1): "李小满"}, ctx, NOW))
    assert case.stage is Stage.DRAFT
    assert valid_signatures(case) == frozenset()


def test_signing_twice_changes_nothing():
    ctx, case = context(), filled()
    case = apply_all(case, open_signing(case, "mother", ctx, NOW))
    case = apply_all(case, sign(case, "mother", "d", "drawn", ctx, NOW))
    assert sign(case, "mother", "d", "drawn", ctx, NOW) == []


def test_after_submission_the_form_is_closed():
    with pytest.raises(RefusedError, match="already_submitted"):
        save_answers(submitted(), "mother", {("newborn_name", 1): "李小满"}, context(), NOW)
    assert register_answered(submitted(), "hukou", CheckState.FOUND, [], NOW) == []


def test_a_disputed_value_is_kept_beside_the_register_not_instead_of_it():
    case = filled()
    case = apply_all(case, dispute(case, "mother", "newborn_sex", 1, "是男孩", NOW))
    assert case.disputes["newborn_sex", 1] == "是男孩"
    assert case.verified["newborn_sex", 1].value == "2"


def test_twins_give_one_certificate_registration_and_card_each_and_one_claim():
    case = submitted(2, items=("card", "claim"))
    counts = {code: len(case.tasks_of(code)) for code in ("certificate", "registration", "claim")}
    assert counts == {"certificate": 2, "registration": 2, "claim": 1}


def test_a_signature_binds_values_words_policy_and_form_version():
    ctx = context()
    digest = shown_digest(ctx.pack, {"a": "1"}, "words", 1)
    assert digest != shown_digest(ctx.pack, {"a": "2"}, "words", 1)
    assert digest != shown_digest(ctx.pack, {"a": "1"}, "wordz", 1)
    assert digest != shown_digest(ctx.pack, {"a": "1"}, "words", 2)
    assert digest != shown_digest(replace(ctx.pack, digest="e" * 64), {"a": "1"}, "words", 1)


def test_the_journey_asks_consent_then_checks_then_names_then_signs():
    ctx = context()
    case = draft()
    places = [next_place(case, "mother", ctx, NOW)]
    case = apply_all(case, give_consent(case, "mother", "notice", "n", NOW))
    places.append(next_place(case, "mother", ctx, NOW))
    case = verified(case)
    places.append(next_place(case, "mother", ctx, NOW))
    case = apply_all(case, save_answers(case, "mother", {("newborn_name", 1): "李小满"}, ctx, NOW))
    places.append(next_place(case, "mother", ctx, NOW, seen=frozenset({"name", "home"})))
    case = apply_all(case, open_signing(case, "mother", ctx, NOW))
    places.append(next_place(case, "mother", ctx, NOW))
    assert places == [
        Place(Page.NOTICE),
        Place(Page.CHECKING),
        Place(Page.FORM, "name"),
        Place(Page.CHECK),
        Place(Page.SIGN),
    ]


def test_a_register_that_answered_nothing_parks_the_case_instead_of_ending_it():
    case = draft()
    case = apply_all(case, give_consent(case, "mother", "notice", "n", NOW))
    for register in ("delivery", "hukou"):
        case = apply_all(case, register_answered(case, register, CheckState.EMPTY, [], NOW))
    assert next_place(case, "mother", context(), NOW) == Place(Page.PARKED)


def test_a_family_hears_every_reason_at_once_and_none_before_all_registers_answered():
    case = draft()
    case = apply_all(case, give_consent(case, "mother", "notice", "n", NOW))
    values = [("household_kind", 0, "collective")]
    case = apply_all(case, register_answered(case, "hukou", CheckState.FOUND, values, NOW))
    assert next_place(case, "mother", context(), NOW) == Place(Page.CHECKING)
    case = apply_all(case, register_answered(case, "delivery", CheckState.EMPTY, [], NOW))
    assert next_place(case, "mother", context(), NOW) == Place(Page.REFUSED)


def test_the_father_goes_from_consent_over_the_live_check_to_signing_and_progress():
    ctx, case = context(), filled()
    case = apply_all(case, open_signing(case, "mother", ctx, NOW))
    case = apply_all(case, sign(case, "mother", "d", "drawn", ctx, NOW))
    pages = [next_place(case, "father", ctx, NOW).page]
    case = apply_all(case, give_consent(case, "father", "notice", "n", NOW))
    pages.append(next_place(case, "father", ctx, NOW).page)
    case = apply_all(case, live_checked(case, "father", CheckState.FOUND, NOW, receipt="r"))
    pages.append(next_place(case, "father", ctx, NOW).page)
    case = apply_all(case, sign(case, "father", "d", "drawn", ctx, NOW))
    pages.append(next_place(case, "father", ctx, NOW).page)
    assert pages == [Page.NOTICE, Page.LIVE_CHECK, Page.SIGN, Page.PROGRESS]
    assert case.tasks["certificate", 1].state is TaskState.QUEUED


def test_the_mother_waits_while_the_father_has_not_signed():
    ctx, case = context(), filled()
    case = apply_all(case, open_signing(case, "mother", ctx, NOW))
    case = apply_all(case, sign(case, "mother", "d", "drawn", ctx, NOW))
    assert next_place(case, "mother", ctx, NOW) == Place(Page.WAITING_FOR_OTHER)


def test_a_choice_that_would_turn_the_verdict_is_offered_as_the_smallest_repair():
    from tests.domain.cast import field, rule, when, words
    from yijian.domain.forms import FormSection

    only_mother = rule("only_mother", when("follows", that=lambda f: f["follows"] == "mother"))
    section = FormSection(
        "home", words("落户"), "home", (field("follows", default=when(that=lambda f: "father")),)
    )
    ctx = context(rules=(only_mother,), form=(section,))
    eligibility = ctx.judge(verified(draft()), NOW)
    assert eligibility.answer is Answer.NO
    assert [(r.fact, r.value, r.turns) for r in eligibility.repairs] == [
        ("follows", "mother", ("only_mother",))
    ]


def test_the_birth_day_and_moment_are_those_of_the_register():
    case = verified(draft())
    assert context().values(case, 1, NOW)["newborn_born_at"] == BORN_AT
