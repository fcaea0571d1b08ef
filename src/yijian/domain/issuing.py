"""证照签发: an office's result becomes a certificate, is linked, and serves the next items.

Everything is decided from the case after what happened; identifiers and salts are handed in.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from yijian.domain.cases import Case
from yijian.domain.certificates import (
    Certificate,
    CertificateReference,
    CertificateState,
    CertificateType,
    Holder,
    Identifier,
    Issuer,
    content_of,
    stands_for,
)
from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.facts import FAMILY
from yijian.domain.notices import plain_value
from yijian.domain.policy import Pack, ServiceItem
from yijian.domain.sheet import value_text
from yijian.domain.states import TaskState
from yijian.domain.wording import Text

DIVISION = "division"
Places = Callable[[str], str]
"""The full name of a division, by its code."""


def types_of(pack: Pack, item: str) -> tuple[CertificateType, ...]:
    """The certificates that a result of this item becomes."""
    return tuple(one for one in pack.certificates.values() if one.item == item)


def number_type(pack: Pack, item: str, field: str, check: str) -> str:
    """Among which numbers a result's number is unique: its certificate's, else its check's."""
    named = (one.id for one in types_of(pack, item) if one.number == field)
    return next(named, check)


def completed(events: Iterable[Event]) -> Iterator[tuple[TaskKey, Event]]:
    """The tasks that the events complete."""
    for event in events:
        done = event.public.get("to") == TaskState.COMPLETED.value
        if event.kind is EventKind.TASK_MOVED and event.task is not None and done:
            yield event.task, event


def certificate(
    case: Case,
    key: TaskKey,
    type_: CertificateType,
    context: Context,
    *,
    id_: str,
    serial: str,
    salt: str,
    places: Places,
    now: datetime,
) -> Certificate | None:
    """The first version of a certificate; None when nobody knows which office has issued it."""
    office = context.directory.office(case.tasks[key].office or "")
    if office is None:
        return None
    code = type_.issuer or office.division
    issuer = Issuer(office.code, code, office.title.zh, office.division)
    identifier = Identifier(type_.type_code, code, serial)
    return _filled(case, key, type_, context, id_, identifier, issuer, salt, places, now)


def next_version(
    before: Certificate,
    case: Case,
    key: TaskKey,
    type_: CertificateType,
    context: Context,
    *,
    id_: str,
    salt: str,
    places: Places,
    now: datetime,
) -> Certificate:
    """The version that replaces a certificate, with what is known of the case today."""
    made = _filled(
        case, key, type_, context, id_, before.identifier.next, before.issuer, salt, places, now
    )
    return replace(made, supersedes=str(before.identifier), issued_on=local_day(now))


def _filled(
    case: Case,
    key: TaskKey,
    type_: CertificateType,
    context: Context,
    id_: str,
    identifier: Identifier,
    issuer: Issuer,
    salt: str,
    places: Places,
    now: datetime,
) -> Certificate:
    result = case.results.get(key, {})
    values = context.values(case, key[1], now) | dict(result)
    issued_on = result.get(type_.issued_on or "")
    if isinstance(issued_on, str):
        issued_on = date.fromisoformat(issued_on)
    return Certificate(
        id=id_,
        type=type_.id,
        title=type_.title.zh,
        identifier=identifier,
        number=str(values.get(type_.number or "") or ""),
        holder=Holder(
            str(values.get(type_.holder_name) or ""), str(values.get(type_.holder_number) or "")
        ),
        issuer=issuer,
        issued_on=issued_on if isinstance(issued_on, date) else local_day(now),
        salt=salt,
        shown={name: _said(context.pack, name, values.get(name), places) for name in type_.shows},
    )


def _said(pack: Pack, name: str, value: object, places: Places) -> str:
    fact = pack.facts.get(name)
    if fact is None:
        return plain_value(value)
    if fact.code_list == DIVISION and value is not None:
        return places(str(value))
    return value_text(pack, name, value, "zh-hans")


def label_of(pack: Pack, type_: CertificateType, name: str) -> Text:
    """What a value on a face is called."""
    item = pack.items.get(type_.item)
    for field in item.results if item else ():
        if field.id == name:
            return field.title
    fact = pack.facts.get(name)
    return fact.title if fact else Text(name, name)


def kept(made: Certificate, key: TaskKey, by: str, at: datetime) -> Event:
    """The event of keeping a certificate. Its journal line has nothing personal."""
    public: dict[str, object] = {
        "certificate": made.id,
        "type": made.type,
        "identifier": str(made.identifier),
        "version": made.identifier.version,
        "digest": made.digest,
    }
    if made.supersedes:
        public["supersedes"] = made.supersedes
    sealed = {"content": content_of(made), "holder_number": made.holder.number}
    return Event(EventKind.CERTIFICATE_KEPT, at, by, key, public, sealed)


def given_numbers(events: Iterable[Event], pack: Pack) -> Iterator[tuple[int, str, Event]]:
    """The holder numbers that the events make known: the newborn, the number, the event."""
    facts = {one.holder_number for one in pack.certificates.values()}
    for event in events:
        given = event.sealed.get("gives")
        for fact, subject, value in given if isinstance(given, list | tuple) else ():
            if fact in facts and subject != FAMILY and value:
                yield int(subject), str(value), event


def for_item(
    references: Iterable[CertificateReference], item: ServiceItem, newborn: int, pack: Pack
) -> tuple[CertificateReference, ...]:
    """The certificates an item's office may know of: results of what it needs, and its materials.

    What the item issues itself is not among them, nor what is another child's.
    """
    listed = [material.id for material in item.materials]
    found = []
    for one in references:
        if not one.role and newborn != FAMILY and one.newborn not in (FAMILY, newborn):
            continue
        type_ = None if one.role else pack.certificates.get(one.type)
        if type_ is not None and type_.item == item.code:
            continue
        needed = type_ is not None and type_.item in item.needs
        if needed or stands_for(one, listed, pack.certificates, pack.fetched):
            found.append(one)
    return tuple(found)


def reference_of(event: Event, pack: Pack) -> CertificateReference:
    """The reference to a certificate that an event has just kept."""
    type_ = pack.certificates[str(event.public["type"])]
    return CertificateReference(
        id=str(event.public["certificate"]),
        type=type_.id,
        title=type_.title,
        identifier=str(event.public["identifier"]),
        state=CertificateState.VALID,
        digest=str(event.public["digest"]),
        source=type_.item,
        version=int(str(event.public["version"])),
        newborn=event.task[1] if event.task else FAMILY,
    )


def users_of(type_: CertificateType, pack: Pack) -> tuple[str, ...]:
    """The items whose offices may see a certificate of this type."""
    return tuple(
        item.code
        for item in pack.items.values()
        if item.code != type_.item
        and (type_.item in item.needs or any(m.id in type_.materials for m in item.materials))
    )


def concerned(case: Case, type_: CertificateType, newborn: int, pack: Pack) -> Sequence[TaskKey]:
    """The tasks whose offices have been told of a certificate and must hear what became of it."""
    users = users_of(type_, pack)
    told = []
    for key, task in case.tasks.items():
        mine = newborn in (FAMILY, key[1]) or key[1] == FAMILY
        if mine and task.item in users and task.state not in _UNTOLD:
            told.append(key)
    return told


_UNTOLD = frozenset({TaskState.WAITING, TaskState.NOT_NEEDED, TaskState.WITHDRAWN})
