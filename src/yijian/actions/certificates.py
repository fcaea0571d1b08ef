"""电子证照: results become certificates, numbers are used once, later items are told of both.

What an office gives back is kept as a certificate in the very commit that completes its task. A
number is remembered by its keyed digest (invariant I1), whether it becomes a certificate or not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from secrets import token_hex
from typing import cast
from uuid import UUID

from django.conf import settings

from yijian.actions import certificate_faces
from yijian.actions.happened import Happened
from yijian.domain import issuing
from yijian.domain.cases import Case
from yijian.domain.certificates import (
    Certificate,
    CertificateReference,
    CertificateState,
    certificate_of,
    metadata,
)
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.history import apply_all
from yijian.domain.policy import ResultField
from yijian.domain.routing import NODE, read_reach
from yijian.domain.wording import Text
from yijian.packs import divisions
from yijian.records import certificates as records
from yijian.records.cases import Outgoing
from yijian.records.certificates import Fetched, Kept, Standing, UsedNumber
from yijian.records.identifiers import new_id
from yijian.records.mapping import LoadedCase

LIBRARY = "certificate-library"
"""The destination of what the province's library collects."""
COLLECTED = "yijian.certificate.collected.v1"
OF_CERTIFICATES = frozenset(
    {EventKind.CERTIFICATE_KEPT, EventKind.CERTIFICATE_LINKED, EventKind.CERTIFICATE_ENDED}
)
ADDED, CHANGED, ENDED = "新增", "变更", "注销"
CaseEvents = tuple[LoadedCase, Sequence[Event], Context]


@dataclass(frozen=True, slots=True)
class _Given:
    """A checked number that one event gives to one newborn."""

    event: Event
    newborn: int
    field: ResultField
    number: str
    type: str

    @property
    def digest(self) -> bytes:
        return records.number_hash(self.number)


def check_unused(events: Iterable[Event], context: Context, case_id: UUID | None = None) -> None:
    """Errors: RefusedError `result_taken` for a number that another newborn of this node has.

    What came for the very case from another node does not stand in the way of its own number.
    """
    given = list(_given(events, context))
    if not given:
        return
    taken = records.taken((each.digest for each in given), received_for=case_id)
    for each in given:
        if (each.type, each.digest) in taken:
            raise RefusedError("result_taken", each.field.id)


def issue(batch: Sequence[CaseEvents], now: datetime) -> list[list[Event]]:
    """The certificate events that follow from what happens to each case, in the same order.

    One statement for the whole batch, and only when a holder's number has become known.
    """
    keys = {
        loaded.id: loaded.key
        for loaded, events, context in batch
        if loaded.key is not None and any(issuing.given_numbers(events, context.pack))
    }
    waiting = records.linkable(keys) if keys else {}
    return [
        [*_issued(loaded, events, context, now), *_linked(events, context, waiting.get(loaded.id))]
        for loaded, events, context in batch
    ]


def _issued(
    loaded: LoadedCase, events: Sequence[Event], context: Context, now: datetime
) -> Iterable[Event]:
    done = [(key, event) for key, event in issuing.completed(events) if _is_here(loaded, event)]
    if loaded.key is None or not any(issuing.types_of(context.pack, key[0]) for key, _ in done):
        return
    after = apply_all(loaded.case, events)
    for key, event in done:
        for type_ in issuing.types_of(context.pack, key[0]):
            identifier = new_id()
            made = issuing.certificate(
                after,
                key,
                type_,
                context,
                id_=str(identifier),
                serial=identifier.hex.upper(),
                salt=token_hex(16),
                places=place_name,
                now=event.at,
            )
            if made is not None:
                yield issuing.kept(made, key, event.by, events[-1].at)


def _is_here(loaded: LoadedCase, event: Event) -> bool:
    """Whether an office of this node acted: a certificate is issued once, where that happened."""
    if "taken_over_from" in event.public or event.task is None:
        return False
    kept = loaded.channels.get(event.task)
    return kept is None or read_reach(kept).channel != NODE


def _linked(
    events: Sequence[Event], context: Context, waiting: Sequence[records.Opened] | None
) -> Iterable[Event]:
    """What an earlier certificate of the same child learns: whose number it belongs to."""
    for newborn, number, event in issuing.given_numbers(events, context.pack):
        for one in waiting or ():
            if one.standing.newborn == newborn:
                yield linked(one, number, event.by, events[-1].at)


def linked(one: records.Opened, number: str, by: str, at: datetime) -> Event:
    """That a certificate belongs to the citizen with this number."""
    standing = one.standing
    made = replace(one.certificate, holder=replace(one.certificate.holder, number=number))
    public = {"certificate": str(standing.id), "type": standing.type}
    sealed: dict[str, object] = {"holder_number": number}
    if not standing.received_from:
        sealed["library"] = library_row(made, standing.state, CHANGED)
    else:
        public[certificate_faces.FROM] = standing.received_from
    return Event(
        EventKind.CERTIFICATE_LINKED, at, by, (standing.item, standing.newborn), public, sealed
    )


def keep(happened: Sequence[Happened], now: datetime) -> None:
    """Write what the certificate events say, and remember every number, in their transaction."""
    keep_rows(happened)
    certificate_faces.ask(happened, now)


def keep_rows(happened: Sequence[Happened]) -> None:
    """The same, and no face of a certificate is asked to be set as a file."""
    kept: list[Kept] = []
    numbers: list[UsedNumber] = []
    links: dict[UUID, str] = {}
    for each in happened:
        if each.loaded.key is None:
            continue
        kept += _kept(each)
        numbers += _numbers(each)
        for event in each.events:
            if event.kind is EventKind.CERTIFICATE_LINKED:
                links[UUID(str(event.public["certificate"]))] = str(event.sealed["holder_number"])
            revoked = event.public.get("state") == CertificateState.REVOKED.value
            if event.kind is EventKind.CERTIFICATE_ENDED and revoked:
                records.revoke(UUID(str(event.public["certificate"])), event.at)
    records.keep(kept, numbers)
    records.link(links)


def _kept(happened: Happened) -> Iterable[Kept]:
    key = happened.loaded.key
    assert key is not None
    for event, made in kept_in(happened.events):
        replaces = event.sealed.get("replaces")
        yield Kept(
            case_id=happened.loaded.id,
            key=key,
            newborn=event.task[1] if event.task else 0,
            item=event.task[0] if event.task else "",
            certificate=made,
            at=event.at,
            replaces=UUID(str(replaces)) if replaces else None,
            received_from=str(event.public.get(certificate_faces.FROM, "")),
        )


def kept_in(events: Iterable[Event]) -> Iterable[tuple[Event, Certificate]]:
    """The certificates that the events keep; those that registers gave are not among them."""
    for event in events:
        content = event.sealed.get("content")
        if event.kind is EventKind.CERTIFICATE_KEPT and isinstance(content, Mapping):
            identifier = str(event.public["certificate"])
            number = str(event.sealed.get("holder_number") or "")
            yield event, certificate_of(identifier, content, number)


def _numbers(happened: Happened) -> Iterable[UsedNumber]:
    """The numbers that no certificate of the same commit carries."""
    key = happened.loaded.key
    assert key is not None
    carried = {
        (made.type, event.task[1] if event.task else 0)
        for event, made in kept_in(happened.events)
        if made.number
    }
    for each in _given(happened.events, happened.context):
        if (
            not _is_here(happened.loaded, each.event)
            and each.type in happened.context.pack.certificates
        ):
            continue  # The certificate that carries it comes from the node that issued it.
        if (each.type, each.newborn) not in carried:
            item = each.event.task[0] if each.event.task else ""
            yield UsedNumber(
                happened.loaded.id, key, each.newborn, item, each.type, each.number, each.event.at
            )


def numbers_given(events: Iterable[Event], context: Context) -> frozenset[tuple[str, bytes]]:
    """The checked numbers that the events give: type and index, as `records.taken` names them."""
    return frozenset((each.type, each.digest) for each in _given(events, context))


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
                type_ = issuing.number_type(context.pack, item, field.id, field.check)
                yield _Given(event, newborn, field, str(result[field.id]), type_)


def references_of(
    cases: Iterable[tuple[UUID, Context]],
) -> Mapping[UUID, list[CertificateReference]]:
    """What may be told of the certificates of many cases: the valid ones, and those of registers.

    Two statements for all of them.
    """
    contexts = dict(cases)
    if not contexts:
        return {}
    issued, fetched = records.of_cases(contexts), records.fetched_of(contexts)
    return {
        case_id: [
            *(_reference(one, context) for one in issued.get(case_id, []) if _newest(one)),
            *(_fetched_reference(one, context) for one in fetched.get(case_id, [])),
        ]
        for case_id, context in contexts.items()
    }


def _newest(one: Standing) -> bool:
    return one.state is not CertificateState.REPLACED


def _reference(one: Standing, context: Context) -> CertificateReference:
    type_ = context.pack.certificates.get(one.type)
    return CertificateReference(
        id=str(one.id),
        type=one.type,
        title=type_.title if type_ else Text(one.type, one.type),
        identifier=one.identifier,
        state=one.state,
        digest=one.digest,
        source=one.item,
        version=one.version,
        newborn=one.newborn,
    )


def _fetched_reference(one: Fetched, context: Context) -> CertificateReference:
    type_ = context.pack.fetched.get(one.type)
    return CertificateReference(
        id=str(one.id),
        type=one.type,
        title=type_.title if type_ else Text(one.type, one.type),
        identifier=one.identifier,
        state=CertificateState.VALID,
        digest=one.digest,
        source="certificates",
        role=one.role,
        receipt=one.receipt,
    )


def with_kept(
    references: Iterable[CertificateReference], events: Iterable[Event], context: Context
) -> list[CertificateReference]:
    """The references, and those of certificates that the events have just kept."""
    made = [issuing.reference_of(event, context.pack) for event, _ in kept_in(events)]
    newer = {(one.type, one.newborn) for one in made}
    known = [one for one in references if one.role or (one.type, one.newborn) not in newer]
    return [*known, *made]


def told(
    case: Case,
    item: str,
    newborn: int,
    context: Context,
    references: Iterable[CertificateReference],
) -> list[dict[str, object]]:
    """The references that the office of one item may see, as plain values."""
    found = issuing.for_item(references, context.pack.items[item], newborn, context.pack)
    return [
        {
            "id": one.id,
            "type": one.type,
            "title": one.title.zh,
            "identifier": one.identifier,
            "version": one.version,
            "state": one.state.value,
            "digest": one.digest,
            "source": one.source,
            "role": one.role,
            "receipt": one.receipt,
        }
        for one in found
    ]


def collected(events: Iterable[Event]) -> list[Outgoing]:
    """What the province's library is told of certificate events; nothing where there is none."""
    if not settings.YIJIAN.library_url:
        return []
    found = [
        Outgoing(
            LIBRARY,
            COLLECTED,
            f"{event.kind.value}:{event.public['certificate']}",
            {"row": row},
            event.task,
        )
        for event, row in _library_rows(events)
    ]
    return found


def _library_rows(events: Iterable[Event]) -> Iterable[tuple[Event, Mapping[str, object]]]:
    """What was issued here and became of it; another node tells its own library."""
    events = list(events)
    for event, made in kept_in(events):
        if certificate_faces.FROM in event.public:
            continue
        did = CHANGED if made.supersedes else ADDED
        yield event, library_row(made, CertificateState.VALID, did)
    for event in events:
        row = event.sealed.get("library")
        if event.kind in OF_CERTIFICATES and isinstance(row, Mapping):
            yield event, cast(Mapping[str, object], row)


def library_row(made: Certificate, state: CertificateState, did: str) -> dict[str, str]:
    """One row of the collection table: the metadata, what was done, and the content's digest."""
    return {**metadata(made, state), "操作类型": did, "证照内容摘要": made.digest}


@lru_cache(maxsize=1)
def _places() -> divisions.Divisions:
    return divisions.load(settings.YIJIAN.packs_dir)


def place_name(code: str) -> str:
    """The full name of a division."""
    return _places().full_name(code)
