"""核验: asking the registers about one family, and keeping each answer as soon as it is there.

The delivery register is asked first, because it names the father; the others are asked at the
same time. Who is asked follows from the routes: the provider of a place, and while the place is not
known one provider after the other until one has it. Nothing is asked inside a transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils import timezone

from yijian.actions import verification
from yijian.actions.changes import CaseMissingError
from yijian.domain.cases import CheckState
from yijian.domain.registers import Route, Whereabouts
from yijian.gateways.calls import Caller
from yijian.gateways.registers import Answer, Query, ask
from yijian.gateways.registers.joining import best, joined, parts, still_wanted
from yijian.ops import providers
from yijian.ops.outside import caller, rests
from yijian.ops.providers import Reached

AT_ONCE = 4
MOST_ROUNDS = 3
"""The delivery register, then the others with the father known, then what became stale by it."""
TOLERATED = 5
"""A failure now and then is normal; so many in a row, from any family, are an outage."""
SILENCE = ("timeout", "unreachable", "status_5")
STUMBLED = ("unreachable", "status_5")
"""Fast failures: the family is looking at the page, so it is worth trying again at once."""
AGAIN_AFTER_SECONDS = (0.2, 0.6)
NOWHERE = Whereabouts()
_log = logging.getLogger(__name__)


def ask_registers(case_id: UUID, *, again: bool = False) -> int:
    """Ask what is to be asked about a case now; how many answers were kept.

    `again` asks in the first round those too whose next try is not due yet.
    """
    kept = 0
    for number in range(MOST_ROUNDS):
        question = verification.question(case_id, now=timezone.now(), again=again and number == 0)
        if question is None:
            break
        first = [r for r in question.registers if r == "delivery"]
        for answer in _answers(first or question.registers, question.query):
            if answer.reason:
                _log.warning("%s: %s (%s)", answer.register, answer.state, answer.reason)
            try:
                verification.record(case_id, answer, now=timezone.now())
            except CaseMissingError:
                return kept
            kept += 1
    return kept


def _answers(registers: Sequence[str], query: Query) -> Iterator[Answer]:
    """The answers in the order in which they come."""
    routes, call = providers.routes_of_today(), caller()
    plans = [_plan(register, query, routes, call) for register in registers]
    if len(plans) == 1:
        yield plans[0].answer()
        return
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in as_completed([pool.submit(plan.answer) for plan in plans]):
            yield done.result()


@dataclass(frozen=True, slots=True)
class _Plan:
    """Whom one register is asked of about one family. It is made before any thread begins."""

    register: str
    parts: list[tuple[Query, list[list[Reached]]]]

    def answer(self) -> Answer:
        return joined([_of_a_part(self.register, query, groups) for query, groups in self.parts])


def _plan(register: str, query: Query, routes: Sequence[Route], call: Caller) -> _Plan:
    if not any(route.register == register for route in routes):
        # The one register of this node knows everybody, so the family is not taken apart.
        return _Plan(register, [(query, providers.groups((), register, NOWHERE, caller=call))])
    asked = [
        (part.query, providers.groups(routes, register, part.where, caller=call))
        for part in parts(register, query)
    ]
    return _Plan(register, asked)


def _of_a_part(register: str, query: Query, groups: list[list[Reached]]) -> Answer:
    """One group of providers after the other, until one has it."""
    answers: list[Answer] = []
    for group in groups:
        if len(group) == 1:
            answers.append(_answer(register, query, group[0]))
        else:
            with ThreadPoolExecutor(len(group)) as pool:
                asked = [pool.submit(_answer, register, query, one) for one in group]
                answers += [one.result() for one in asked]
        query = still_wanted(register, query, answers, timezone.now())
        if query.facts == frozenset():
            break
    return best(register, answers)


def _answer(register: str, query: Query, provider: Reached) -> Answer:
    """What the provider says; one that has been silent for a while is not even asked.

    Many families at a dead register would otherwise keep every hand of the worker busy waiting.
    """
    system = f"{register}@{provider.name}" if provider.name else register
    if rests.resting(system):
        return Answer(register, CheckState.FAILED, reason="resting")
    answer = _asked(register, query, provider)
    for pause in AGAIN_AFTER_SECONDS:
        if not (answer.reason or "").startswith(STUMBLED):
            break
        time.sleep(pause)
        answer = _asked(register, query, provider)
    # An answer that makes no sense is that family's affair; silence is everybody's.
    if (answer.reason or "").startswith(SILENCE):
        rests.failed(system, tolerated=TOLERATED)
    else:
        rests.answered(system)
    return answer


def _asked(register: str, query: Query, provider: Reached) -> Answer:
    if provider.poster is None:
        return Answer(register, CheckState.FAILED, reason=provider.why)
    put = replace(query, named=provider.named)
    answer = ask(register, put, caller=provider.poster, url=provider.url, now=timezone.now())
    vain = answer.state is CheckState.EMPTY
    receipts = tuple(
        replace(receipt, provider=provider.name, vain=vain) for receipt in answer.receipts
    )
    return replace(answer, receipts=receipts)
