"""共享登记的提供: a partner asks one of our registers, within its right and its budget of the day.

Every question leaves a receipt, whatever comes of it. What a partner may not ask is answered like
what does not exist; only the end of a day's budget is told, because it says nothing about anybody.
Whoever asked about a delivery too early is told when the record has come.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from yijian.actions import waking
from yijian.actions.own_registers import known_here, same_name
from yijian.domain.clocks import local_day
from yijian.domain.envelopes import REGISTER_CHANGED
from yijian.domain.numbers import normal_id_number
from yijian.domain.registers import EVERYTHING, REGISTERS, Register, Right, refusal, shown
from yijian.gateways.calls import CallFailedError
from yijian.gateways.registers.reading import normal_text
from yijian.records import cases as case_records
from yijian.records import rights
from yijian.records.rights import Asked

NEWS_FOR = timedelta(days=30)
NO_SUCH = frozenset({"status_404", "no_provider"})
"""A register behind this node that does not exist knows nothing about anybody."""

Relay = Callable[[str, Mapping[str, str]], Mapping[str, object]]
"""Asks the register behind this node; raises CallFailedError."""


class OverBudgetError(Exception):
    """The partner has used up its questions of the day."""


class NotAnsweredError(Exception):
    """The register behind this node gave no usable answer; the same question may succeed later."""


@dataclass(frozen=True, slots=True)
class Told:
    """答复: the receipt of a question, and what was found; `part` is None when nothing was."""

    receipt: UUID
    part: object | None = field(repr=False)


class NotARightError(ValueError):
    """A right that cannot be given; `field` names what is wrong with it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def check_right(right: Right) -> None:
    """Whether such a right could be given. Errors: NotARightError."""
    register = REGISTERS.get(right.register)
    if register is None:
        raise NotARightError("register")
    if not right.purposes:
        raise NotARightError("purposes")
    if not right.fields <= register.optional | {EVERYTHING}:
        raise NotARightError("fields")
    if right.daily_budget < 1:
        raise NotARightError("daily_budget")
    if right.ends_at is not None and right.ends_at <= right.begins_at:
        raise NotARightError("ends_at")


def grant(*, by: str, right: Right, now: datetime) -> None:
    """Let a partner ask a register; the right it had before ends, unless it is the same.

    Errors: NotARightError.
    """
    check_right(right)
    with transaction.atomic():
        standing = rights.of(partner=right.partner, register=right.register)
        if standing is not None and standing.begins_at <= right.begins_at <= now:
            if replace(standing, begins_at=right.begins_at) == right:
                return
        rights.grant(by=by, right=right, now=now)


def end(*, by: str, partner: str, register: str, now: datetime) -> bool:
    """End a partner's right at once; whether there was one."""
    return rights.end(by=by, partner=partner, register=register, now=now)


def answer(
    *,
    partner: str,
    register: str,
    question: Mapping[str, str],
    purpose: str,
    consent: str,
    relay: Relay,
    now: datetime,
) -> Told:
    """Answer one question of a partner. Errors: OverBudgetError, NotAnsweredError."""
    asking = REGISTERS[register]
    asked = _asked(asking, partner, question, purpose, consent)
    right = rights.of(partner=partner, register=register)
    receipt, allowed = _admitted(asked, right, now)
    if not allowed or right is None:
        return Told(receipt, None)
    try:
        found = _found(asking, asked.question, relay)
    except CallFailedError as failure:
        rights.settle(receipt, outcome="failed", answer=None, reason=failure.reason)
        raise NotAnsweredError from None
    part = shown(asking, found, right.fields) if found is not None else None
    rights.settle(receipt, outcome="absent" if part is None else "found", answer=part)
    return Told(receipt, part)


def _asked(
    register: Register, partner: str, question: Mapping[str, str], purpose: str, consent: str
) -> Asked:
    """The question with names and numbers as registers write them."""
    plain = {
        name: normal_text(said) if name in ("name", "type") else normal_id_number(said)
        for name, said in question.items()
    }
    person = plain.get(register.person, "")
    return Asked(partner, register.name, purpose, consent, plain, person)


def _admitted(asked: Asked, right: Right | None, now: datetime) -> tuple[UUID, bool]:
    """The receipt of the question, and whether it is to be answered. Errors: OverBudgetError."""
    why = refusal(right, purpose=asked.purpose, consent=asked.consent, now=now)
    if why is not None or right is None:
        return rights.note(asked, outcome="refused", reason=why or "no_right", now=now), False
    with transaction.atomic():
        within = rights.spend(
            partner=asked.partner,
            register=asked.register,
            day=local_day(now),
            budget=right.daily_budget,
        )
        receipt = rights.note(asked, outcome="asked" if within else "over_budget", now=now)
    if not within:
        raise OverBudgetError
    return receipt, True


def _found(register: Register, question: Mapping[str, str], relay: Relay) -> object | None:
    """What is known here, else what the register behind this node says about the very person."""
    here = known_here(register.name, question)
    if here is not None or not register.relayed:
        return here
    try:
        answered = relay(register.name, question)
    except CallFailedError as failure:
        if failure.reason in NO_SUCH:
            return None
        raise
    if not isinstance(answered.get("found"), bool):
        raise CallFailedError("wrong_found")
    part = answered.get(register.part)
    if not answered["found"]:
        return None
    if isinstance(part, list):
        return [one for one in part if _is_about(one, question)] or None
    return part if _is_about(part, question) else None


def _is_about(part: object, question: Mapping[str, str]) -> bool:
    """Whether the answer names nobody but the person who was asked about, as far as it names one.

    Registers that answer by number alone would otherwise let a name be guessed.
    """
    if not isinstance(part, Mapping):
        return False
    data = part.get("data")
    holder = data if isinstance(data, Mapping) else part.get("mother", part)
    if not isinstance(holder, Mapping):
        return False
    named = holder.get("holder_name", holder.get("name"))
    return named is None or same_name(named, question["name"])


def tell_of_delivery(*, mother_id_number: str, mother_name: str, now: datetime) -> int:
    """A delivery record has come: tell the partners that had asked for just it; how many.

    In the transaction that keeps the record. The message names the receipt of their own question;
    whoever had asked for the number with another name learns nothing.
    """
    register = REGISTERS["delivery"]
    question = {"mother_id_number": mother_id_number, "name": mother_name}
    asked = _asked(register, "", question, "", "")
    waiting = rights.asked_in_vain(
        register=register.name,
        question=asked.question,
        person=asked.person,
        since=now - NEWS_FOR,
    )
    told = [(partner, receipt) for partner, receipt in waiting if _may_still_ask(partner, now)]
    rights.tell(kind=REGISTER_CHANGED, told=told, now=now)
    for partner in sorted({partner for partner, _ in told}):
        waking.wake_deliverer(partner)
    return len(told)


def _may_still_ask(partner: str, now: datetime) -> bool:
    right = rights.of(partner=partner, register="delivery")
    if right is None or now < right.begins_at:
        return False
    return right.ends_at is None or now < right.ends_at


def times_told_about_case(number: str) -> int | None:
    """How often partners were told something about the people of a case; None for no such case."""
    loaded = next(iter(case_records.read(numbers=[number])), None)
    return rights.times_told_about(case_id=loaded.id) if loaded else None
