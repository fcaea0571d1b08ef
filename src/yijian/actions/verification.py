"""核验: which register is asked about which family, and what its answer does to the case."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from yijian.actions import changes, contexts, fetched_certificates, waking
from yijian.domain.applying import register_answered
from yijian.domain.arriving import noting_arrivals
from yijian.domain.cases import Case, CheckState
from yijian.domain.context import Context
from yijian.domain.events import Event
from yijian.domain.facts import FAMILY, Fact, Origin
from yijian.domain.receiving import same_newborn
from yijian.domain.verification import facts_in_use, next_try, registers_to_ask
from yijian.gateways.registers import Answer, Person, Query, read_delivery
from yijian.gateways.registers.joining import BORN, INSURED, WINDOW
from yijian.records import cases as case_records
from yijian.records import crypto, deliveries, federation, register_routes
from yijian.records.models import VerificationReceipt
from yijian.records.register_routes import Vain

PURPOSE = "newborn_joint_service"


@dataclass(frozen=True, slots=True)
class Question:
    """What the worker has to ask now: the registers and what they are asked with."""

    case_id: UUID
    registers: tuple[str, ...]
    query: Query


def question(case_id: UUID, *, now: datetime, again: bool = False) -> Question | None:
    """What is to be asked about a case now; None when nothing is.

    `again` includes the registers whose next try is not due yet.
    """
    found = case_records.read(ids=[case_id])
    if not found or found[0].key is None:
        return None
    case = found[0].case
    context = contexts.context_of(case)
    registers = registers_to_ask(case, context, now, again=again)
    if not registers:
        return None
    return Question(case_id, registers, query_of(case, context, window=found[0].window))


def query_of(case: Case, context: Context, *, window: str | None = None) -> Query:
    """The parents as registers are asked about them, with purpose, consent and what is needed."""
    office = context.directory.office(window) if window else None
    places = {
        BORN: _said(case, "born_division"),
        INSURED: _said(case, "maternity_division"),
        WINDOW: office.division if office else "",
    }
    return Query(
        mother=_person(case, "mother"),
        father=_person(case, "father"),
        purpose=PURPOSE,
        consent=_consent(case),
        facts=facts_in_use(context.pack),
        places=places,
    )


def record(case_id: UUID, answer: Answer, *, now: datetime) -> Case:
    """Keep a register's answer with its receipts; when another try is due, say when."""

    def decide(case: Case, context: Context) -> list[Event]:
        known = _with_own_delivery_record(case, answer, now)
        if _known_elsewhere(case, known):
            known = replace(known, state=CheckState.CONFLICT, values=(), newborns=None)
        events = register_answered(
            case,
            known.register,
            known.state,
            known.values,
            now,
            receipt=known.receipt,
            newborns=known.newborns,
            record_hours=context.pack.delivery_record_hours,
        )
        kept = fetched_certificates.events(fetched, now)
        return noting_arrivals(case, [*events, *kept], context, now)

    with transaction.atomic():
        loaded = changes.load_one(case_id)
        fetched = fetched_certificates.to_fetch(loaded, answer)
        case = changes.change(decide, loaded, now=now)
        fetched_certificates.keep(loaded, fetched, now=now)
        _keep_receipts(case, answer, now)
        _keep_vain(case, answer, now)
        again = next_try(case, contexts.context_of(case), now)
        if again is not None:
            waking.wake_asker(case_id, at=again)
        return case


def _with_own_delivery_record(case: Case, answer: Answer, now: datetime) -> Answer:
    """An empty delivery register does not hide what the hospital entered here."""
    if answer.register != "delivery" or answer.state is not CheckState.EMPTY:
        return answer
    number = str(case.verified["mother_id_number", 0].value)
    for own in deliveries.of_mother(number):
        if own.recorded_at is not None:
            values, newborns = read_delivery(dict(own.document), now)
            return replace(answer, state=CheckState.FOUND, values=values, newborns=newborns)
    return answer


def _known_elsewhere(case: Case, answer: Answer) -> bool:
    """Whether another case of this node has the newborns in hand or has given them something."""
    if answer.newborns is None or answer.newborns == case.newborns:
        return False
    values = {fact: value for fact, subject, value in answer.values if subject == FAMILY}
    mother = str(case.verified["mother_id_number", FAMILY].value)
    uids = [
        crypto.newborn_uid(mother, str(values.get("delivery_id")), order)
        for order in range(1, answer.newborns + 1)
    ]
    if deliveries.newborns_known_elsewhere(uids=uids, other_than=UUID(case.id)):
        return True
    return _known_to_another_node(case, answer, mother)


def _known_to_another_node(case: Case, answer: Answer, mother: str) -> bool:
    """Whether a part of another node's case about these newborns is being handled here."""
    near = federation.submitted_of(id_numbers=[mother])
    sent = [each.case for each in case_records.read(ids={i for _, i in near}) if each.case.origin]
    born = {
        (fact, subject): Fact(value, Origin.VERIFIED, answer.register, case.started_at)
        for fact, subject, value in answer.values
    }
    here = replace(case, verified={**case.verified, **born})
    newborns = range(1, (answer.newborns or 0) + 1)
    return any(same_newborn(here, number, other) for other in sent for number in newborns)


def _person(case: Case, role: str) -> Person | None:
    """Somebody whose name and number are known; whom a spouse's record names has no ID type yet."""
    name, id_type, number, division = (
        _said(case, f"{role}_{part}") for part in ("name", "id_type", "id_number", "hukou_division")
    )
    return Person(name, id_type, number, division) if name and number else None


def _said(case: Case, fact: str) -> str:
    """What a register has said about the family; empty when none has."""
    known = case.verified.get((fact, FAMILY))
    return str(known.value) if known and known.value else ""


def _consent(case: Case) -> str:
    return case.consents[0].digest[:32] if case.consents else ""


def _keep_vain(case: Case, answer: Answer, now: datetime) -> None:
    """Which nodes had no delivery record: their news of it wakes the case."""
    if answer.register != "delivery" or answer.state is CheckState.FOUND:
        return
    vain = [Vain(one.provider, one.id) for one in answer.receipts if one.provider and one.vain]
    if vain:
        register_routes.keep_vain(
            case_id=UUID(case.id), register=answer.register, vain=vain, now=now
        )


def _keep_receipts(case: Case, answer: Answer, now: datetime) -> None:
    VerificationReceipt.objects.bulk_create(
        [
            VerificationReceipt(
                case_id=UUID(case.id),
                register=answer.register,
                receipt=receipt.id,
                purpose=PURPOSE,
                consent=_consent(case),
                source=receipt.source,
                asked_at=now,
                answered_at=receipt.at,
                digest=crypto.answer_digest(answer.values),
            )
            for receipt in answer.receipts
        ],
        ignore_conflicts=True,
    )
