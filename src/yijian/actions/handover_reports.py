"""送达反馈: an office with its own system tells what became of a result on paper.

The same rules hold as at our desk: only a person of the case collects, against the card, with
receipt confirmed on paper. Every report is kept in the inbox for ever by its sender and its id.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from yijian.actions import feedback, parcels
from yijian.domain.cases import ParcelState
from yijian.domain.context import RefusedError
from yijian.domain.routing import NODE, read_reach
from yijian.domain.signing import canonical_json
from yijian.records import cases as case_records
from yijian.records import crypto, exchange
from yijian.records.exchange import Received
from yijian.records.mapping import LoadedCase
from yijian.records.models import Partner

SAYABLE = (
    ParcelState.READY,
    ParcelState.POSTING,
    ParcelState.DELIVERED,
    ParcelState.RETURNED,
)
"""What an office may say; the courier says the rest."""


@dataclass(frozen=True, slots=True)
class Handover:
    """送达反馈: one report; who collected is personal."""

    handover_id: str
    task_id: UUID
    state: ParcelState
    name: str = field(default="", repr=False)
    id_number: str = field(default="", repr=False)
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a report: applied, duplicate or refused, with a code."""

    outcome: str
    code: str = ""
    field: str | None = None


def receive(sender: str, report: Handover, *, now: datetime) -> Outcome:
    """Take in one report. Errors: RefusedError `unknown_sender`."""
    with transaction.atomic():
        partner = exchange.partner(sender)
        if partner is None:
            raise RefusedError("unknown_sender")
        loaded = next(iter(case_records.load(task_ids=[report.task_id])), None)
        digest = _digest(report)
        message = Received(report.handover_id, digest, report.task_id)
        if not exchange.receive(sender=sender, messages=[message], now=now):
            return _repeated(sender, report, digest)
        outcome = _taken(partner, report, loaded, now)
        settled = {report.handover_id: (outcome.outcome, outcome.code)}
        exchange.set_outcomes(sender=sender, outcomes=settled)
        return outcome


def _repeated(sender: str, report: Handover, digest: bytes) -> Outcome:
    known = exchange.received(sender=sender, message_ids=[report.handover_id])
    before, outcome, code = known[report.handover_id]
    if before != digest:
        return Outcome("refused", "id_used_for_another_report")
    return Outcome("refused", code) if outcome == "refused" else Outcome("duplicate")


def _taken(partner: Partner, report: Handover, loaded: LoadedCase | None, now: datetime) -> Outcome:
    if loaded is None:
        return Outcome("refused", "unknown_task")
    key = loaded.task_key(report.task_id)
    kept = loaded.channels.get(key)
    if kept and read_reach(kept).channel == NODE:
        return Outcome("refused", "unknown_task")
    if not feedback.is_with(partner, loaded, loaded.case, key, now):
        return Outcome("refused", "unknown_task")
    try:
        with transaction.atomic():
            done = parcels.reported_by_office(
                loaded=loaded,
                key=key,
                to=report.state,
                by=f"partner:{partner.code}",
                now=now,
                name=report.name,
                id_number=report.id_number,
                proof=report.proof,
            )
    except RefusedError as refused:
        return Outcome("refused", refused.code, refused.field)
    return Outcome("applied" if done else "duplicate")


def _digest(report: Handover) -> bytes:
    said = {
        "task": str(report.task_id),
        "state": report.state.value,
        "collector": [report.name, report.id_number],
        "proof": report.proof,
    }
    return crypto.answer_digest([("handover", 0, canonical_json(said).decode())])
