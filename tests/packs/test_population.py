"""Made-up families: the same for one seed, different in what rules look at, fit for any pack."""

from datetime import datetime

from tests.packs.edited import SMALL, TOWN, town
from yijian.domain.clocks import SHANGHAI
from yijian.domain.eligibility import Answer
from yijian.packs.examples import load_example
from yijian.packs.families import Family
from yijian.packs.population import dimensions, population
from yijian.packs.rehearsal import begun

NOW = datetime(2026, 11, 19, 9, 30, tzinfo=SHANGHAI)


def ordinary() -> list[Family]:
    return [load_example(SMALL, SMALL / TOWN / "examples" / "ordinary.yaml")]


def families(count: int, seed: str = "1") -> list[tuple[str, Family]]:
    return list(population([town().pack], ordinary(), count, seed))


def test_one_seed_gives_the_same_families_and_another_gives_others() -> None:
    def facts(seed: str) -> list[object]:
        return [family.model.facts for _, family in families(20, seed)]

    assert facts("1") == facts("1")
    assert facts("1") != facts("2")


def test_dimensions_are_the_facts_that_rules_look_at() -> None:
    wide = dimensions([town().pack], NOW)
    assert set(wide) == {
        "mother_ethnicity",
        "father_ethnicity",
        "mother_household_kind",
        "father_household_kind",
        "newborn_born_at",
        "hukou_follows",
    }
    assert set(wide["hukou_follows"]) == {"father", "mother"}
    assert set(wide["mother_household_kind"]) == {"family", "collective"}
    born = {datetime.fromisoformat(str(value)).date() for value in wide["newborn_born_at"]}
    assert {(NOW.date() - day).days for day in born} >= {29, 30, 31}


def test_every_rule_is_answered_both_ways_by_a_population() -> None:
    context = town()
    answers: dict[str, set[Answer]] = {}
    for _, family in families(80):
        start = begun(family, context)
        for verdict in context.judge(start.case, start.now).verdicts:
            answers.setdefault(verdict.rule.id, set()).add(verdict.answer)
    assert len(answers) == len(context.pack.rules)
    for rule, found in answers.items():
        assert {Answer.YES, Answer.NO} <= found, rule
