"""哪个方案适合一个家庭: a family file held against every pack of a folder."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from yijian.domain.context import Context
from yijian.domain.eligibility import Answer
from yijian.domain.matching import Matching, match
from yijian.packs.families import Family
from yijian.packs.rehearsal import begun

Json = dict[str, Any]


def match_family(family: Family, contexts: Sequence[Context]) -> Matching:
    """Which packs fit the family when every register of every pack has answered."""
    starts = [begun(family, context) for context in contexts]
    first = starts[0].case
    case = replace(
        first,
        verified={key: fact for start in starts for key, fact in start.case.verified.items()},
        answers={key: fact for start in starts for key, fact in start.case.answers.items()},
        newborns=max(start.case.newborns for start in starts),
    )
    return match(case, contexts, starts[0].now)


def as_json(found: Matching) -> Json:
    """The matching as plain values."""
    return {
        "leading": found.leading,
        "fits": list(found.fits),
        "choice": found.choice,
        "beside": [
            {
                "pack": other.pack,
                "choice": other.choice,
                "reason": other.reason and {"zh": other.reason.zh, "en": other.reason.en},
                "decision": other.decision,
            }
            for other in found.beside
        ],
        "packs": [
            {
                "pack": each.pack,
                "title": {"zh": each.title.zh, "en": each.title.en},
                "fits": each.fits,
                "served": each.served,
                "eligible": each.answer.value,
                "switched_off": each.switch.id if each.switch else None,
                "failed": [
                    {
                        "rule": verdict.rule.id,
                        "newborn": verdict.newborn,
                        "sentence": {"zh": verdict.sentence.zh, "en": verdict.sentence.en},
                    }
                    for verdict in each.failed
                ],
                "unknown": sorted(
                    {
                        verdict.rule.id
                        for verdict in each.eligibility.verdicts
                        if verdict.answer not in (Answer.YES, Answer.NO)
                    }
                ),
            }
            for each in found.matches
        ],
    }
