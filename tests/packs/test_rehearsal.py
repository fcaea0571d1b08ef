"""A family goes through a pack in the pure core, to its end or to where it cannot go on."""

from datetime import timedelta

import pytest

from tests.packs.edited import town
from yijian.domain.context import Context
from yijian.domain.invariants import history_violations, time_violations, violations
from yijian.domain.states import Stage
from yijian.packs.examples import differences
from yijian.packs.explaining import ending, explanation, history, sent
from yijian.packs.families import Family, parse
from yijian.packs.rehearsal import Rehearsal, begun, play

HOME = 'mother: {hukou: {division: "110101"}}\nfather: {hukou: {division: "110101"}}\n'


@pytest.fixture(scope="module")
def context() -> Context:
    return town()


def family(text: str = "") -> Family:
    return parse("title: {zh: 一家人, en: A family}\n" + HOME + text)


def states(rehearsal: Rehearsal) -> dict[tuple[str, int], str]:
    return {key: task.state.value for key, task in rehearsal.case.tasks.items()}


def test_without_a_script_every_office_completes(context: Context) -> None:
    end = play(family("newborns: [{}, {}]\n"), context)
    assert end.refused is None
    assert end.case.stage is Stage.CLOSED
    assert set(states(end).values()) == {"completed"}
    assert len(end.case.results) == 4  # A certificate and a number for each twin.


def test_a_rehearsal_breaks_no_invariant(context: Context) -> None:
    script = (
        "newborns: [{}, {}]\nscript:\n"
        "  - {item: registration, newborn: 1, do: correction_needed, fields: [hukou_follows]}\n"
        "  - {item: card, newborn: 2, do: rejected}\n"
    )
    end = play(family(script), context)
    assert end.case.stage is Stage.CLOSED
    assert violations(end.case, context) == []
    assert history_violations(end.events) == []
    assert time_violations(end.events) == []


def test_a_refused_certificate_hands_the_rest_to_the_counter(context: Context) -> None:
    end = play(family("script: [{item: certificate, do: declined, reason: 不符}]\n"), context)
    assert states(end) == {
        ("certificate", 1): "declined",
        ("registration", 1): "offline",
        ("card", 1): "offline",
    }
    assert end.case.reasons["certificate", 1] == "不符"


def test_a_step_without_newborn_is_for_each_of_them(context: Context) -> None:
    end = play(family("newborns: [{}, {}]\nscript: [{item: card, do: rejected}]\n"), context)
    assert states(end)["card", 1] == states(end)["card", 2] == "rejected"


def test_a_correction_pauses_and_goes_on(context: Context) -> None:
    script = (
        "script: [{item: registration, do: correction_needed, fields: [hukou_follows]},"
        " {item: registration, do: offline}]\n"
    )
    end = play(family(script), context)
    assert end.case.tasks["registration", 1].round == 0 or end.refused is None
    moves = [row["to"] for row in history(end) if row.get("item") == "registration" and "to" in row]
    assert moves == [
        "queued",
        "accepted",
        "correction_needed",
        "in_review",
        "offline",
    ] or moves == [
        "queued",
        "correction_needed",
        "in_review",
        "offline",
    ]


def test_a_family_may_withdraw_on_the_way(context: Context) -> None:
    end = play(family("script: [{do: withdraw}]\n"), context)
    assert set(states(end).values()) == {"withdrawn"}


def test_a_family_that_is_not_eligible_never_signs(context: Context) -> None:
    different = parse(
        "title: 一家人\nmother: {ethnicity: '03', hukou: {division: '110101'}}\n"
        "father: {hukou: {division: '110101'}}\n"
    )
    end = play(different, context)
    assert end.refused == "not_eligible"
    assert end.case.stage is Stage.DRAFT
    assert not end.case.signatures


def test_a_late_record_wakes_the_family(context: Context) -> None:
    late = family("delivery: {recorded_at: null, appears_after_minutes: 30}\n")
    assert begun(late, context).case.newborns == 0
    assert play(late, context).case.stage is Stage.CLOSED


def test_a_place_without_an_office_waits_for_a_person(context: Context) -> None:
    elsewhere = parse(
        "title: 一家人\nmother: {hukou: {division: '120101'}}\n"
        "father: {hukou: {division: '120101'}}\ndelivery: {institution: H11010101}\n"
    )
    end = play(elsewhere, context)
    assert end.case.stage is Stage.SUBMITTED
    assert end.case.tasks["registration", 1].unrouted


def test_steps_that_never_come_to_pass_are_kept(context: Context) -> None:
    end = play(family("script: [{item: nothing, do: completed}]\n"), context)
    assert [step.item for step in end.unused] == ["nothing"]


def test_an_explanation_names_basis_office_limit_and_latest_day(context: Context) -> None:
    told = explanation(begun(family(), context))
    assert told["eligible"] == "yes"
    assert {verdict["answer"] for verdict in told["verdicts"]} == {"yes"}
    assert all(verdict["basis"][0]["heading"] for verdict in told["verdicts"])
    certificate, registration, card = told["tasks"]
    assert certificate["office"]["code"] == "H11010101"
    assert registration["limit"]["workdays"] == 2
    assert registration["limit"]["decision"] == "D1"
    assert registration["after"] == [["certificate", 1]]
    # Applied on Thursday the 19th: 1, then 2, then 4 working days, each from the end before.
    assert certificate["due_by"] == "2026-11-21T00:00:00+08:00"
    assert registration["due_by"] == "2026-11-25T00:00:00+08:00"
    assert card["due_by"] == "2026-12-02T00:00:00+08:00"
    assert [step["role"] for step in told["signing"]] == ["mother", "father"]
    assert told["custody"][0]["part"] == "stub"
    assert told["delivery"][0]["way"] == "collect"


def test_an_explanation_of_a_refusal_names_the_way_on(context: Context) -> None:
    collective = parse(
        "title: 一家人\nmother: {hukou: {division: '110101'}}\n"
        "father: {hukou: {division: '110101', household: collective}}\n"
    )
    told = explanation(begun(collective, context))
    failed = [verdict for verdict in told["verdicts"] if verdict["answer"] == "no"]
    assert [verdict["rule"] for verdict in failed] == ["family_household"]
    assert failed[0]["way_on"] == {"zh": "请到窗口", "en": "Go to the counter"}
    assert told["repairs"] == [
        {"fact": "hukou_follows", "value": "mother", "turns": ["family_household"]}
    ]


def test_an_item_that_is_not_needed_says_why(context: Context) -> None:
    told = explanation(begun(family("newborns: [{}, {}, {}]\n"), context))
    cards = [task for task in told["tasks"] if task["item"] == "card"]
    assert len(cards) == 3
    assert cards[0]["not_needed"] == {"zh": "三胞胎另办", "en": "Triplets go elsewhere"}


def test_what_happened_is_told_without_personal_values(context: Context) -> None:
    end = play(family(), context)
    told = str(history(end))
    for role in ("mother", "father"):
        assert end.facts.family[role]["id_number"] not in told
        assert end.facts.family[role]["name"] not in told
    assert ending(end)["stage"] == "closed"
    assert {row["notice"] for row in sent(end)} == {"invited", "registered"}
    assert end.now - end.facts.applied_at > timedelta(minutes=10)


@pytest.mark.parametrize(
    ("expect", "sentence"),
    [
        ("{eligible: 'no'}", "eligible 应为 no，得到 yes"),
        ("{failed: [in_time]}", "failed 应为 [in_time]，得到 []"),
        ("{tasks: {card: 2}}", "tasks 应为 {card: 2}，得到"),
        ("{not_needed: [card]}", "not_needed 应为 [card]，得到 []"),
        ("{offices: {card: X}}", "offices.card 应为 X，得到 110101510000"),
        ("{limits: {registration: 9}}", "limits.registration 应为 9，得到 2"),
        ("{values: {hukou_follows: mother}}", "values.hukou_follows 应为 mother，得到 father"),
        ("{values: {nobody: x}}", "没有叫“nobody”的事实"),
        ("{states: {card: rejected}}", "card 应为 rejected，得到 [completed]"),
        ("{stage: submitted}", "stage 应为 submitted，得到 closed"),
        ("{notices: [nothing]}", "没有发出“nothing”"),
    ],
)
def test_an_example_that_comes_out_otherwise_says_where(
    context: Context, expect: str, sentence: str
) -> None:
    found = [str(finding) for finding in differences(family(f"expect: {expect}\n"), context)]
    assert any(sentence in line for line in found), found


def test_what_goes_to_the_counter_is_told_with_the_place_and_no_values(context: Context) -> None:
    script = "script: [{item: registration, do: declined, reason: {code: moved, text: 请到窗口}}]\n"
    end = play(family(script), context)
    told = ending(end)["handed_over"]
    assert [part["item"] for part in told] == ["registration", "card"]
    assert told[0]["why"] == {"zh": "请到窗口", "en": "请到窗口"}
    assert told[0]["office"]["code"] == "110101510000"
    assert "newborn_certificate_number" in told[0]["known"]
    assert end.facts.family["mother"]["name"] not in str(told)
