"""核验: asking the registers about one family, and keeping each answer as soon as it is there.

The delivery register is asked first, because it names the father; the others are asked at the
same time. Nothing is asked inside a transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from yijian.actions import verification
from yijian.actions.changes import CaseMissingError
from yijian.gateways.registers import Answer, Query, ask
from yijian.ops.outside import caller

AT_ONCE = 4
MOST_ROUNDS = 3
"""The delivery register, then the others with the father known, then what became stale by it."""
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
    voice, url = caller(), settings.YIJIAN.registers_url
    if len(registers) == 1:
        yield ask(registers[0], query, caller=voice, url=url, now=timezone.now())
        return
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [
            pool.submit(ask, register, query, caller=voice, url=url, now=timezone.now())
            for register in registers
        ]
        for done in as_completed(asked):
            yield done.result()
