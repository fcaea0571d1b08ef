"""Two versions of a policy on the same family: what is counted, and what it is counted under."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

from tests.domain.cast import (
    BASIS,
    BORN_AT,
    IN_TIME,
    NOW,
    context,
    draft,
    filled,
    item,
    rule,
    submitted,
    verified,
    when,
    words,
)
from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.facts import Fact, Origin
from yijian.domain.policy import Choice, Limit
from yijian.domain.schemes import Switch
from yijian.domain.simulated import (
    by_move,
    clauses,
    families,
    half_within,
    kinds,
    months,
    protected,
    workdays,
    works,
)
from yijian.domain.simulating import (
    BEHIND,
    Counted,
    Outcome,
    applying_on,
    as_applied,
    counted,
    held_on,
    outcome,
    promised_workdays,
    with_new_items,
)

LATE = BORN_AT - timedelta(days=60)
WITHOUT_LIMIT = context(rules=tuple(r for r in context().pack.rules if r is not IN_TIME))


def simulated(case: Case, before: Context, after: Context) -> Counted:
    one, other = as_applied(case, before.pack), as_applied(case, after.pack)
    on = applying_on(case)
    return counted(outcome(one, before, on), outcome(other, after, on), on)


def test_a_dropped_rule_lets_in_whom_it_alone_kept_out() -> None:
    found = by_move(simulated(verified(draft(), born_at=LATE), context(), WITHOUT_LIMIT))
    assert dict(families(found))["lets_in"] == 1
    (clause,) = clauses(found)
    assert (clause.rule, clause.refuses.before, clause.refuses.after) == ("in_time", 1, 0)
    assert (clause.lets_in, clause.lets_in_alone, clause.keeps_out) == (1, 1, 0)
    assert clause.changes


def test_a_new_rule_keeps_out_by_its_own_name() -> None:
    found = by_move(simulated(verified(draft()), context(), _closed_station()))
    assert dict(families(found))["keeps_out"] == 1
    (clause,) = clauses(found)
    assert (clause.rule, clause.keeps_out, clause.keeps_out_alone) == ("elsewhere", 1, 1)


def _closed_station() -> Context:
    elsewhere = rule("elsewhere", when("station", that=lambda f: f["station"] != "P01"), "hukou")
    return context(rules=(*context().pack.rules, elsewhere))


def test_a_family_that_two_rules_refuse_is_let_in_by_none_of_them_alone() -> None:
    case = verified(draft(), born_at=LATE)
    both = context(rules=(*_closed_station().pack.rules,))
    found = simulated(case, both, context(rules=()))
    assert found["rule", "in_time", "lets_in"] == found["rule", "elsewhere", "lets_in"] == 1
    assert found["rule", "in_time", "lets_in_alone"] == 0
    assert found["rule", "in_time", "alone", "before"] == 0


def test_a_family_that_is_kept_out_makes_no_work() -> None:
    told = outcome(as_applied(verified(draft(), born_at=LATE), context().pack), context(), NOW)
    assert told == Outcome("no", ("in_time",))


def test_a_fact_that_nobody_asked_for_leaves_the_verdict_open() -> None:
    asks = rule("insured", when("insured", that=lambda f: bool(f["insured"])))
    after = context(rules=(*context().pack.rules, asks))
    found = by_move(simulated(verified(draft()), context(), after))
    assert dict(families(found)) == {
        "lets_in": 0, "keeps_out": 0, "stays_in": 0, "stays_out": 0, "opens": 1, "settles": 0,
        "stays_open": 0,
    }  # fmt: skip


def test_a_closed_case_is_judged_as_it_was_when_it_applied() -> None:
    """What offices gave it since is unknown again, and no task of it is done."""
    case = submitted()
    given = {("citizen_id", 1): Fact("x", Origin.RESULT, "registration", NOW)}
    case = replace(case, verified={**case.verified, **given})
    then = as_applied(case, context().pack)
    assert ("citizen_id", 1) not in then.verified
    assert not then.tasks
    assert then.answers == case.answers
    assert outcome(then, context(), applying_on(case)).answer == "yes"


def test_loads_are_counted_by_item_and_kind_of_office() -> None:
    no_card = {code: i for code, i in context().pack.items.items() if code != "card"}
    found = simulated(submitted(babies=2), context(), context(items=no_card))
    acts = {work.item: (work.acts.before, work.acts.after) for work in works(found)}
    assert acts == {"certificate": (2, 2), "registration": (2, 2), "card": (2, 0)}
    assert {k.key: (k.before, k.after, k.difference) for k in kinds(found)} == {
        "hospital": (2, 2, 0),
        "station": (4, 2, -2),
    }


def test_an_item_that_is_new_and_proposed_counts_as_chosen() -> None:
    new = {**context().pack.items, "photo": item("photo", choice=Choice.DEFAULT)}
    asked = {**new, "extra": item("extra", choice=Choice.OPTIONAL)}
    after = context(items=asked)
    case = with_new_items(submitted(), context().pack, after.pack)
    assert case.items == ("certificate", "registration", "card", "photo")
    assert with_new_items(draft(), context().pack, after.pack).items == ()


def test_promised_days_are_those_of_the_longest_chain() -> None:
    found = simulated(submitted(), context(), _with_limit(7))
    assert [(d.key, d.before, d.after) for d in workdays(found)] == [("6", 1, 0), ("11", 0, 1)]
    half = half_within(found)
    assert (half.before, half.after, half.difference) == (6, 11, 5)


def _with_limit(days: int) -> Context:
    items = dict(context().pack.items)
    limit = Limit(BASIS, date(2020, 1, 1), workdays=days)
    items["registration"] = replace(items["registration"], limits=(limit,))
    return context(items=items)


def test_an_item_done_at_the_counter_promises_nothing_here() -> None:
    off = Switch("soon", ("registration",), (), date(2020, 1, 1), None, words("还没有开通"))
    told = outcome(as_applied(submitted(), context().pack), context(switches=(off,)), NOW)
    assert ("registration", "station", "at_counter") in told.works
    assert told.workdays == 2
    assert promised_workdays(()) == 0


def test_what_comes_into_force_later_is_judged_on_families_of_before() -> None:
    soon = NOW.date() + timedelta(days=30)
    strict = replace(IN_TIME, id="strict", from_on=soon)
    items = dict(context().pack.items)
    limits = (Limit(BASIS, date(2020, 1, 1), workdays=2), Limit(BASIS, soon, workdays=9))
    items["registration"] = replace(items["registration"], limits=limits)
    changed = context(rules=(strict,), items=items).pack
    now, then = held_on(changed, NOW.date()), held_on(changed, soon)
    assert (now.rules, [r.id for r in then.rules]) == ((), ["strict"])
    assert then.rules[0].in_force(date(2000, 1, 1))
    old_day = date(2021, 5, 4)
    limits = [pack.items["registration"].limit_on(old_day) for pack in (now, then)]
    assert [limit.workdays for limit in limits if limit is not None] == [2, 9]


def test_a_switch_that_ends_before_the_day_does_not_hold_on_it() -> None:
    ended = Switch("was", (), (), date(2020, 1, 1), NOW.date(), words("还没有开通"))
    pack = context(switches=(ended,)).pack
    assert held_on(pack, NOW.date()).switches == ()
    (kept,) = held_on(pack, NOW.date() - timedelta(days=1)).switches
    assert kept.is_on(date(2019, 1, 1))


def test_families_counted_in_any_order_give_the_same_counts() -> None:
    cases = [verified(draft(), born_at=LATE), filled(), verified(draft(), 2), draft(), submitted()]
    each = [simulated(case, context(), WITHOUT_LIMIT) for case in cases]
    there, back = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for one in each:
        there += one
    for one in reversed(each):
        back += one
    assert there == back
    assert there["families",] == len(cases)
    assert sum(count for _, count in families(by_move(there))) == len(cases)


def test_a_month_is_the_one_in_which_the_family_applied() -> None:
    case = replace(submitted(), started_at=datetime(2026, 9, 1, tzinfo=NOW.tzinfo))
    ((month, all_of_it, fit, tasks),) = months(simulated(case, context(), context()))
    assert (month, all_of_it, fit.before, tasks.after) == ("2026-11", 1, 1, 3)


def test_nothing_in_a_count_says_who() -> None:
    found = simulated(submitted(), context(), WITHOUT_LIMIT)
    said = " ".join(word for key in found for word in key)
    assert not any(name in said for name in ("王芳", "李", "N1", "c1", "P01", "H01"))


def test_tasks_of_fewer_than_five_families_are_hidden_however_many_they_are() -> None:
    """Four families of twins make eight certificates, which would tell that they are four."""
    one = simulated(submitted(babies=2), context(), context())
    few, enough = (
        protected(Counter({key: n * count for key, count in one.items()})) for n in (4, 5)
    )
    for key in (
        ("item", "certificate", "acts", "before"),
        ("kind", "station", "after"),
        ("month", "2026-11", "tasks", "before"),
    ):
        assert few[key] is None
        assert enough[key]
    assert not any(key[0] == BEHIND for key in enough)
