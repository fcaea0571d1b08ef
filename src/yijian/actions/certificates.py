"""证照号码: numbers given to newborns, each used once in the whole node (invariant I1).

A number is remembered by its keyed digest; the certificate itself lies sealed beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yijian.actions.happened import Happened
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.policy import ResultField
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import CertificateRow


@dataclass(frozen=True, slots=True)
class _Given:
    """A checked number that one event gives to one newborn."""

    event: Event
    newborn: int
    field: ResultField
    number: str

    @property
    def digest(self) -> bytes:
        return crypto.blind_index("certificate", self.number)


def check_unused(events: Iterable[Event], context: Context) -> None:
    """Errors: RefusedError `result_taken` for a number that another newborn of this node has."""
    given = list(_given(events, context))
    if not given:
        return
    used = CertificateRow.objects.filter(number_hash__in=[g.digest for g in given])
    taken = {(row.type, bytes(row.number_hash)) for row in used}
    for each in given:
        if (str(each.field.check), each.digest) in taken:
            raise RefusedError("result_taken", each.field.id)


def keep(happened: Sequence[Happened], now: datetime) -> None:
    """Remember every number that the events give, in their transaction."""
    rows = [row for each in happened for row in _rows(each)]
    if rows:
        CertificateRow.objects.bulk_create(rows)


def _rows(happened: Happened) -> Iterable[CertificateRow]:
    key = happened.loaded.key
    if key is None:
        return
    for each in _given(happened.events, happened.context):
        row = CertificateRow(
            id=new_id(),
            case_id=UUID(happened.after.id),
            newborn=each.newborn,
            type=str(each.field.check),
            number_hash=each.digest,
            issued_at=each.event.at,
        )
        document = {"number": each.number, "item": each.event.task and each.event.task[0]}
        where = crypto.place("certificate", "sealed", row.id)
        row.sealed = crypto.seal_document(key, document, where)
        yield row


def _given(events: Iterable[Event], context: Context) -> Iterable[_Given]:
    for event in events:
        result = event.sealed.get("result")
        if event.kind is not EventKind.TASK_MOVED or event.task is None:
            continue
        if not isinstance(result, dict):
            continue
        item, newborn = event.task
        for field in context.pack.items[item].results:
            if field.check is not None and field.id in result:
                yield _Given(event, newborn, field, str(result[field.id]))
