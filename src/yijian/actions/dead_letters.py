"""交换异常: what a person decides about a message that stands still: once more, at our desk, or no.

Whatever is decided about a message of a case stands in that case's journal.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import changes, channels, envelopes, waking
from yijian.domain.context import RefusedError
from yijian.domain.envelopes import TASK_DISPATCHED
from yijian.domain.events import Event, EventKind
from yijian.records import access, dead_letters, exchange, parked, people
from yijian.records.dead_letters import DeadLetterLine
from yijian.records.people import Visitor

TRIED_AGAIN, HANDED_OVER, GIVEN_UP = "tried_again", "handed_over", "given_up"
LONGEST_REASON = 500


def open_letter(*, by: Any, letter: UUID) -> DeadLetterLine:
    """One letter that this member of staff decides about. Errors: Refused."""
    found = dead_letters.opened(who=people.visitor(by), letter=letter)
    if found is None:
        raise access.Refused
    return found


def may_be_handed_over(line: DeadLetterLine) -> bool:
    """Whether the office could do at our desk what its system was to be told."""
    return (
        line.direction == "out"
        and line.kind == TASK_DISPATCHED
        and line.under_way
        and bool(line.office)
    )


def try_again(*, by: Any, letter: UUID, now: datetime) -> bool:
    """Let the message go once more; of one that came in, whether it was taken in at last.

    Errors: Refused.
    """
    with transaction.atomic():
        who, line = _locked(by, letter)
        if line.direction == "in":
            return _taken_in(who, line, now)
        dead_letters.settle(letter=letter, state=TRIED_AGAIN, by=_name(who), words="", now=now)
        exchange.release_message(message=line.message_id, now=now)
        _note(who, line, TRIED_AGAIN, {}, now)
        waking.wake_deliverer(line.partner)
        return True


def _taken_in(who: Visitor, line: DeadLetterLine, now: datetime) -> bool:
    """Take in what could not be: the letter is settled only when that succeeds."""
    if not envelopes.replay_one(line.message_id, now=now):
        return False
    dead_letters.name_settler(letter=line.id, by=_name(who))
    return True


def hand_over(*, by: Any, letter: UUID, now: datetime) -> None:
    """The office does this task at our desk; its system is told nothing more of it.

    Errors: Refused, RefusedError `step_not_allowed`.
    """
    with transaction.atomic():
        who, line = _locked(by, letter)
        if not may_be_handed_over(line) or line.task_id is None:
            raise RefusedError("step_not_allowed")
        dead_letters.settle(letter=letter, state=HANDED_OVER, by=_name(who), words="", now=now)
        exchange.give_up_message(message=line.message_id, problem=HANDED_OVER, now=now)
        _note(who, line, HANDED_OVER, {}, now)
        channels.bring_to_desk([line.task_id], by=_name(who), now=now)


def give_up(*, by: Any, letter: UUID, reason: str, now: datetime) -> None:
    """The message goes nowhere, for a reason that stays with it.

    Errors: Refused, RefusedError `reason_missing`.
    """
    words = " ".join(reason.split())[:LONGEST_REASON]
    if len(words) < 2:
        raise RefusedError("reason_missing", "reason")
    with transaction.atomic():
        who, line = _locked(by, letter)
        dead_letters.settle(letter=letter, state=GIVEN_UP, by=_name(who), words=words, now=now)
        if line.direction == "in":
            parked.unpark(
                message=line.message_id, state=GIVEN_UP, outcome="refused", detail=GIVEN_UP
            )
        else:
            exchange.give_up_message(message=line.message_id, problem=GIVEN_UP, now=now)
        _note(who, line, GIVEN_UP, {"words": words}, now)


def _locked(by: Any, letter: UUID) -> tuple[Visitor, DeadLetterLine]:
    who = people.visitor(by)
    line = dead_letters.opened(who=who, letter=letter, locking=True)
    if line is None:
        raise access.Refused
    return who, line


def _note(
    who: Visitor, line: DeadLetterLine, did: str, sealed: Mapping[str, object], now: datetime
) -> None:
    """The decision in the journal of its case; a message of no case leaves only its letter."""
    if line.case_id is None:
        return
    loaded = changes.load_one(line.case_id)
    if loaded.key is None:
        return
    key = next((key for key in loaded.case.tasks if loaded.task_id(key) == line.task_id), None)
    public: dict[str, object] = {
        "did": did,
        "message": str(line.message_id),
        "to": line.partner,
        "problem": line.problem.partition(":")[0],
    }
    event = Event(
        EventKind.EXCHANGE_SETTLED, now, _name(who), task=key, public=public, sealed=sealed
    )
    changes.change(lambda _case, _context: [event], loaded, now=now)


def _name(who: Visitor) -> str:
    return who.staff or who.user
