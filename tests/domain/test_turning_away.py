"""A family that a rule keeps out is noted once, by clause and city, and by nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.domain.cast import BORN_AT, NOW, context, draft, verified, when
from tests.domain.cast import rule as rule_of
from yijian.domain.applying import register_answered, save_answers
from yijian.domain.cases import Case, CheckState
from yijian.domain.context import Context
from yijian.domain.eligibility import Answer
from yijian.domain.events import Event, EventKind
from yijian.domain.history import apply_all
from yijian.domain.policy import FactType, Rule
from yijian.domain.states import Stage
from yijian.domain.turning_away import noting_refusals, turned_away

TOO_LATE = BORN_AT - timedelta(days=60)


def late() -> Case:
    """A family whose child was born too long ago."""
    return verified(draft(), born_at=TOO_LATE)


def household(case: Case, kind: str) -> Case:
    return apply_all(
        case,
        register_answered(case, "hukou", CheckState.FOUND, [("household_kind", 0, kind)], NOW),
    )


def collective(case: Case) -> Case:
    return household(case, "collective")


def test_a_family_that_fits_is_not_noted() -> None:
    assert turned_away(verified(draft()), context(), NOW) == []


def test_a_refusal_names_the_rules_the_version_and_nobody() -> None:
    (event,) = turned_away(late(), context(), NOW)
    assert event.kind is EventKind.TURNED_AWAY
    assert event.public == {"rules": ["in_time"], "pack": "test", "version": "1", "place": ""}
    assert not event.sealed


def test_a_refusal_names_the_city_and_not_the_district() -> None:
    case = late()
    case = apply_all(
        case, register_answered(case, "hukou", CheckState.FOUND, [("station", 0, "340103")], NOW)
    )
    (event,) = turned_away(case, context(place_fact="station"), NOW)
    assert event.public["place"] == "340100"


def test_the_same_rules_are_noted_once_and_others_anew() -> None:
    once = apply_all(late(), turned_away(late(), context(), NOW))
    assert turned_away(once, context(), NOW) == []
    (event,) = turned_away(collective(once), context(), NOW)
    assert event.public["rules"] == ["family_household", "in_time"]


def test_a_rule_that_comes_back_is_noted_once_more() -> None:
    both = collective(apply_all(late(), turned_away(late(), context(), NOW)))
    noted = apply_all(both, turned_away(both, context(), NOW))
    back = household(noted, "family")
    (event,) = turned_away(back, context(), NOW)
    assert event.public["rules"] == ["in_time"]


def in_time_after_all(case: Case) -> Case:
    """The hospital corrects the day of birth."""
    return verified(case)


def test_a_refusal_that_no_rule_upholds_any_more_is_lifted_once() -> None:
    once = apply_all(late(), turned_away(late(), context(), NOW))
    case = in_time_after_all(once)
    (event,) = turned_away(case, context(), NOW)
    assert event.kind is EventKind.REFUSAL_LIFTED
    assert event.public == {"pack": "test", "version": "1"}
    lifted = apply_all(case, [event])
    assert turned_away(lifted, context(), NOW) == []
    again = verified(lifted, born_at=TOO_LATE)
    assert [e.kind for e in turned_away(again, context(), NOW)] == [EventKind.TURNED_AWAY]


def test_a_rule_that_nobody_can_judge_any_more_goes_on_to_refuse() -> None:
    once = apply_all(late(), turned_away(late(), context(), NOW))
    forgot = replace(
        once, verified={k: v for k, v in once.verified.items() if k[0] != "newborn_born_at"}
    )
    assert context().judge(forgot, NOW).answer is Answer.UNKNOWN
    assert turned_away(forgot, context(), NOW) == []


def scheme_chosen(case: Case, pack: str) -> Event:
    (saved,) = save_answers(case, "mother", {("newborn_name", 1): "李小满"}, context(), NOW)
    public = {
        "pack": pack, "version": "2", "digest": "d", "dropped": [], "items": [],
        "form_version": 1, "consents_void": False,
    }  # fmt: skip
    return replace(saved, kind=EventKind.SCHEME_CHOSEN, public=public)


def test_another_scheme_that_is_chosen_begins_anew() -> None:
    once = apply_all(late(), turned_away(late(), context(), NOW))
    chosen = scheme_chosen(once, "test")
    elsewhere = replace(once, pack="other")
    kinds = [[e.kind for e in noting_refusals(case, [chosen], context(), NOW)]
             for case in (once, elsewhere)]  # fmt: skip
    assert kinds == [
        [EventKind.SCHEME_CHOSEN],
        [EventKind.SCHEME_CHOSEN, EventKind.TURNED_AWAY],
    ]


def test_a_family_that_leaves_a_scheme_and_comes_back_is_refused_anew() -> None:
    """Nothing is known of it when it comes back; it is refused when it has said the same again."""
    case = apply_all(late(), turned_away(late(), context(), NOW))
    unsaid = replace(
        case, verified={k: v for k, v in case.verified.items() if k[0] != "newborn_born_at"}
    )
    for pack in ("other", "test"):
        events = noting_refusals(unsaid, [scheme_chosen(unsaid, pack)], context(code=pack), NOW)
        assert [e.kind for e in events] == [EventKind.SCHEME_CHOSEN]
        unsaid = apply_all(unsaid, events)
    said = verified(unsaid, born_at=TOO_LATE)
    assert [e.kind for e in turned_away(said, context(), NOW)] == [EventKind.TURNED_AWAY]


def test_the_same_rules_of_another_scheme_are_noted_too() -> None:
    once = apply_all(late(), turned_away(late(), context(), NOW))
    (event,) = turned_away(once, context(code="other"), NOW)
    assert event.public["pack"] == "other"


def test_a_family_that_still_waits_for_a_register_is_not_noted() -> None:
    """It would be told half of the reasons; and what is unknown is no refusal."""
    case = draft()
    assert turned_away(case, context(), NOW) == []
    waits = Context(
        replace(context().pack, rules=(*context().pack.rules, _asks_insurance())),
        context().directory,
        context().calendar,
    )
    waits = replace(waits, pack=replace(waits.pack, facts=_with_insurance(waits)))
    assert turned_away(late(), waits, NOW) == []
    heard = apply_all(late(), register_answered(late(), "insurance", CheckState.FAILED, [], NOW))
    assert [e.public["rules"] for e in turned_away(heard, waits, NOW)] == [["in_time"]]


def _asks_insurance() -> Rule:
    return rule_of("insured", when("insured", that=lambda f: f["insured"]), "insurance")


def _with_insurance(waits: Context) -> dict[str, FactType]:
    facts = waits.pack.facts
    return {**facts, "insured": replace(facts["hospital"], id="insured", register="insurance")}


@pytest.mark.parametrize("stage", [Stage.SUBMITTED, Stage.CLOSED, Stage.WITHDRAWN])
def test_who_has_applied_is_no_longer_turned_away(stage: Stage) -> None:
    assert turned_away(replace(late(), stage=stage), context(), NOW) == []


def test_a_case_of_another_node_is_counted_there() -> None:
    assert turned_away(replace(late(), origin="hub"), context(), NOW) == []


def test_only_what_can_change_a_verdict_is_followed_by_a_note() -> None:
    case = late()
    saved = save_answers(case, "mother", {("newborn_name", 1): "李小满"}, context(), NOW)
    noted = noting_refusals(case, saved, context(), NOW)
    assert [e.kind for e in noted] == [EventKind.ANSWERS_SAVED, EventKind.TURNED_AWAY]
    consent = [replace(saved[0], kind=EventKind.CONSENT_GIVEN, public={})]
    assert noting_refusals(case, consent, context(), NOW) == consent


def test_replaying_the_public_bodies_knows_who_was_turned_away() -> None:
    events = turned_away(late(), context(), NOW)
    assert apply_all(late(), events).turned_away == (("test", ("in_time",)),)
