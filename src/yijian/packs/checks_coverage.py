"""样例够不够: every rule is answered both ways by the examples, every time limit on both its sides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from yijian.domain.context import Context
from yijian.domain.eligibility import Answer
from yijian.domain.policy import FactKind, Pack, Rule, RuleKind
from yijian.packs.examples import example_files, load_example
from yijian.packs.expressions import remembering
from yijian.packs.findings import Finding, PackError, Severity
from yijian.packs.reading import Source
from yijian.packs.rehearsal import begun

ONE_DAY = timedelta(days=1)


@dataclass
class _Tried:
    """What the examples have shown of one rule."""

    answers: set[Answer] = field(default_factory=set)
    last_inside: bool = False
    first_outside: bool = False


def check_coverage(packs_dir: Path, source: Source, context: Context) -> Iterator[Finding]:
    """Findings about rules that no example answers yes, or no, or only far from their limit."""
    tried = {rule.id: _Tried() for rule in context.pack.rules}
    paths = example_files(packs_dir, context.pack.code)
    for path in paths:
        try:
            family = load_example(packs_dir, path)
        except PackError:
            continue
        with remembering():
            start = begun(family, context)
            for verdict in context.judge(start.case, start.now).verdicts:
                seen = tried[verdict.rule.id]
                seen.answers.add(verdict.answer)
                if verdict.rule.kind is RuleKind.WINDOW:
                    values = context.filled(start.case, verdict.newborn, start.now)
                    _note_limit(seen, verdict.rule, context.pack, values)
    for rule in context.pack.rules if paths else ():
        yield from _untried(source, rule, tried[rule.id])


def _untried(source: Source, rule: Rule, seen: _Tried) -> Iterator[Finding]:
    place = source.place("rules", rule.id)
    for answer, said in ((Answer.YES, "符合"), (Answer.NO, "不符合")):
        if answer not in seen.answers:
            sentence = f"没有一个样例{said}规则“{rule.id}”，加一个"
            yield Finding(place, sentence, Severity.WARNING)
    if rule.kind is not RuleKind.WINDOW:
        return
    for tried, said in ((seen.last_inside, "最后一天"), (seen.first_outside, "过了一天")):
        if not tried:
            sentence = f"没有一个样例正好在“{rule.id}”的{said}，加一个"
            yield Finding(place, sentence, Severity.WARNING)


def _note_limit(seen: _Tried, rule: Rule, pack: Pack, values: Mapping[str, object]) -> None:
    """Notes an example that stands right at the limit: one day more or less turns it."""
    now = rule.condition.holds(values)
    if now is None:
        return
    for fact in sorted(rule.condition.needs):
        if pack.facts[fact].kind not in (FactKind.DATE, FactKind.MOMENT):
            continue
        value = values.get(fact)
        if not isinstance(value, date | datetime):
            continue
        for moved in (value + ONE_DAY, value - ONE_DAY):
            then = rule.condition.holds({**values, fact: moved})
            if then is (not now):
                seen.last_inside |= now
                seen.first_outside |= not now
