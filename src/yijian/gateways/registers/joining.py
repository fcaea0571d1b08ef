"""合并核验: one question about a family put to several providers, and their answers made one.

Parents can be registered in different places, so some registers are asked about each by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from yijian.domain.cases import CheckState
from yijian.domain.registers import Whereabouts
from yijian.gateways.registers import certificates, delivery, hukou, maternity
from yijian.gateways.registers.answers import (
    RESIDENT_CARD,
    Answer,
    GivenCertificate,
    Person,
    Query,
)

BORN, WINDOW, INSURED = "born", "window", "insured"
"""The places of a question: of the birth, of the window where it was begun, of the insurance."""
RECENT = timedelta(days=365)
"""A birth longer ago may be an elder child's: then others are asked, too, and the latest counts."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a question that goes to one place."""

    query: Query
    where: Whereabouts


def parts(register: str, query: Query) -> list[Part]:
    """The question by the people it is about, each with the place to ask in."""
    if register == hukou.REGISTER:
        alone = (replace(query, father=None), replace(query, mother=None))
        return [
            Part(one, Whereabouts(person.division, _number_place(person)))
            for one, person in zip(alone, (query.mother, query.father), strict=True)
            if person is not None
        ]
    if register == certificates.REGISTER:
        return _by_holder(query)
    person = query.mother or query.father
    likely = (person.division or _number_place(person)) if person else ""
    where = {
        delivery.REGISTER: Whereabouts(query.places.get(BORN, ""), query.places.get(WINDOW, "")),
        maternity.REGISTER: Whereabouts(query.places.get(INSURED, ""), likely),
    }.get(register, Whereabouts("", likely))
    return [Part(query, where)]


def _number_place(person: Person) -> str:
    """Where a citizen was first registered: the first digits of the number."""
    return person.id_number[:6] if person.id_type == RESIDENT_CARD else ""


def _by_holder(query: Query) -> list[Part]:
    found = []
    for holder, of in (
        (query.mother, certificates.OF_THE_MOTHER),
        (query.father, certificates.OF_THE_FATHER),
    ):
        wanted = frozenset(fact for fact in of.values() if query.wants(fact))
        if holder is not None and wanted:
            where = Whereabouts("", holder.division or _number_place(holder))
            found.append(Part(replace(query, facts=wanted), where))
    return found or [Part(query, Whereabouts())]


def still_wanted(register: str, query: Query, answers: Sequence[Answer], now: datetime) -> Query:
    """What the next provider is asked after these answers; without facts: nothing more."""
    found = [answer for answer in answers if answer.state is CheckState.FOUND]
    enough = replace(query, facts=frozenset())
    if register == certificates.REGISTER:
        held = {fact for answer in found for fact, _, value in answer.values if value is True}
        return replace(
            query, facts=frozenset(fact for fact in query.facts or () if fact not in held)
        )
    if any(answer.state is CheckState.CONFLICT for answer in answers):
        return enough
    if not found:
        # Of whom nobody can be asked, as of foreigners in a household register, nothing was asked.
        unasked = any(a.state is CheckState.EMPTY and not a.receipts for a in answers)
        return enough if unasked else query
    if register == delivery.REGISTER and max(map(_born_at, found)) < now - RECENT:
        return query
    return enough


def best(register: str, answers: Sequence[Answer]) -> Answer:
    """The one answer of several providers to the same part.

    What one of them contradicts is a conflict; what one has is found; while one has not answered
    nobody knows that there is nothing. Every receipt is kept.
    """
    receipts = tuple(receipt for answer in answers for receipt in answer.receipts)
    by_state = {
        state: [answer for answer in answers if answer.state is state] for state in CheckState
    }
    found = by_state[CheckState.FOUND]
    if by_state[CheckState.CONFLICT]:
        chosen = by_state[CheckState.CONFLICT][0]
    elif found and register == certificates.REGISTER:
        return _held(answers, by_state[CheckState.FAILED])
    elif found and register == delivery.REGISTER:
        chosen = max(found, key=_born_at)
    else:
        order = (CheckState.FOUND, CheckState.FAILED, CheckState.EMPTY)
        chosen = next(by_state[state][0] for state in order if by_state[state])
    own = chosen.receipts
    return replace(chosen, receipts=(*own, *(one for one in receipts if one not in own)))


def _held(answers: Sequence[Answer], failed: Sequence[Answer]) -> Answer:
    """Certificates from several libraries: held is whatever one of them holds."""
    values: dict[tuple[str, int], object] = {}
    for answer in answers:
        for fact, subject, value in answer.values:
            values[fact, subject] = values.get((fact, subject)) is True or value
    if failed and not all(value is True for value in values.values()):
        receipts = tuple(receipt for answer in answers for receipt in answer.receipts)
        return replace(failed[0], receipts=receipts)
    return Answer(
        certificates.REGISTER,
        CheckState.FOUND,
        tuple((fact, subject, value) for (fact, subject), value in values.items()),
        tuple(receipt for answer in answers for receipt in answer.receipts),
        certificates=_once(answers),
    )


def _once(answers: Sequence[Answer]) -> tuple[GivenCertificate, ...]:
    """Every certificate once: several libraries may know the same paper, the first one counts."""
    known: dict[tuple[str, str], GivenCertificate] = {}
    for given in (given for answer in answers for given in answer.certificates):
        known.setdefault((given.role, given.type), given)
    return tuple(known.values())


def joined(answers: Sequence[Answer]) -> Answer:
    """The one answer about a family from the answers to its parts, in their order."""
    if len(answers) == 1:
        return answers[0]
    receipts = tuple(receipt for answer in answers for receipt in answer.receipts)
    for state in (CheckState.CONFLICT, CheckState.FAILED):
        for answer in answers:
            if answer.state is state:
                return replace(answer, values=(), certificates=(), receipts=receipts)
    found = any(answer.state is CheckState.FOUND for answer in answers)
    return Answer(
        answers[0].register,
        CheckState.FOUND if found else CheckState.EMPTY,
        tuple(value for answer in answers for value in answer.values),
        receipts,
        certificates=_once(answers),
    )


def _born_at(answer: Answer) -> datetime:
    """The latest birth that a delivery register tells of."""
    return max(
        value
        for fact, _, value in answer.values
        if fact == "newborn_born_at" and isinstance(value, datetime)
    )
