"""核验: asking the registers about one family, and keeping each answer as soon as it is there.

The delivery register is asked first, because it names the father; the others are asked at the
same time. Nothing is asked inside a transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from yijian.actions import verification
from yijian.actions.changes import CaseMissingError
from yijian.domain.cases import CheckState
from yijian.gateways.registers import Answer, Query, ask
from yijian.ops.outside import caller, rests

AT_ONCE = 4
MOST_ROUNDS = 3
"""The delivery register, then the others with the father known, then what became stale by it."""
TOLERATED = 5
"""A failure now and then is normal; so many in a row, from any family, are an outage."""
SILENCE = ("timeout", "unreachable", "status_5")
STUMBLED = ("unreachable", "status_5")
"""Fast failures: the family is looking at the page, so it is worth trying again at once."""
AGAIN_AFTER_SECONDS = (0.2, 0.6)
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
    if len(registers) == 1:
        yield _answer(registers[0], query)
        return
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [pool.submit(_answer, register, query) for register in registers]
        for done in as_completed(asked):
            yield done.result()


def _answer(register: str, query: Query) -> Answer:
    """What the register says; one that has been silent for a while is not even asked.

    Many families at a dead register would otherwise keep every hand of the worker busy waiting.
    """
    if rests.resting(register):
        return Answer(register, CheckState.FAILED, reason="resting")
    answer = _asked(register, query)
    for pause in AGAIN_AFTER_SECONDS:
        if not (answer.reason or "").startswith(STUMBLED):
            break
        time.sleep(pause)
        answer = _asked(register, query)
    # An answer that makes no sense is that family's affair; silence is everybody's.
    if (answer.reason or "").startswith(SILENCE):
        rests.failed(register, tolerated=TOLERATED)
    else:
        rests.answered(register)
    return answer


def _asked(register: str, query: Query) -> Answer:
    url, now = settings.YIJIAN.registers_url, timezone.now()
    return ask(register, query, caller=caller(), url=url, now=now)
