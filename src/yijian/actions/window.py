"""综合窗口: a clerk at the window does everything for a family, on the same case as online.

Whoever stands there shows the original ID card; the clerk vouches for it, and what the clerk does
for a role is witnessed. A case lies at one window: where it was opened, or whereto it was handed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from yijian.actions import cases, changes, contexts
from yijian.domain import applying
from yijian.domain.cases import Case, CheckState
from yijian.domain.clocks import local_day
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.history import apply_all
from yijian.domain.numbers import case_number, citizen_id_fault, id_sex, normal_id_number
from yijian.domain.routing import Office
from yijian.records import access, people, queries
from yijian.records import cases as case_records
from yijian.records import window as records
from yijian.records.access import OpenedCase
from yijian.records.cases import Change
from yijian.records.identifiers import new_id
from yijian.records.people import Identity, StaffRole, Visitor

PURPOSE = "window_service"
INSTITUTION, COUNTER = "hospital_window", "counter"
NUMBER_LETTER = "W"

Decide = Callable[[Case, Context, str], list[Event]]
"""What happens to a case; the last argument is the clerk's number, who witnesses it."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the card reader, or the clerk's own reading, gives of an original ID card."""

    name: str
    id_number: str
    id_type: str = cases.CITIZEN
    phone: str = ""


def contexts_here(office: Office) -> tuple[Context, ...]:
    """The contexts of the schemes that this office's window may take families for."""
    serving = {pack.digest for pack in contexts.packs_at(office.division)}
    return tuple(
        context
        for context in contexts.current_contexts()
        if context.pack.digest in serving and channel_at(office, context) in context.pack.channels
    )


def channel_at(office: Office, context: Context) -> str:
    """An office that handles one of the items is the institution itself; any other a counter."""
    handles = {item.office_kind for item in context.pack.items.values()}
    return INSTITUTION if office.kind in handles else COUNTER


def open_case(
    *,
    by: Any,
    role: str,
    card: Card,
    present: bool,
    now: datetime,
    pack: str | None = None,
) -> str:
    """The case of the family whose member stands here, or a new one; its number.

    A case that the person has begun online is taken up here. Errors: access.Refused;
    RefusedError `no_window`, `not_an_applicant`, `card_wrong`, `at_another_window`,
    `not_seen_here` when somebody else's online case would be taken up.
    """
    with transaction.atomic():
        who, office = _clerk(by)
        context = _context(office, pack)
        card = checked(card, role, context, now)
        records.one_at_a_time(person=people.person_hash(card.id_number))
        found = _running(card, now)
        if found is not None:
            number = _taken_up(by, found, office, present, now)
        else:
            number = _opened(by, who, office, role, card, context, now)
        _identify(by, number, role, card, present, now)
        return number


def identify(*, by: Any, number: str, role: str, card: Card, present: bool, now: datetime) -> Case:
    """Another member of the family shows the original ID card, or somebody brings it.

    Errors: RefusedError `card_wrong`, `card_differs` from what is known already.
    """
    with transaction.atomic():
        return _identify(by, number, role, card, present, now)


def hand_over(*, by: Any, number: str, now: datetime, office: str | None = None) -> Office:
    """Give the case to another window: the one this office hands over to unless named.

    Errors: RefusedError `not_an_office`.
    """
    with transaction.atomic():
        opened = opened_here(by, number, now)
        here = contexts.directory().office(opened.visitor.office or "")
        wanted = office or (here.hands_over_to if here else None) or ""
        there = contexts.directory().office(wanted)
        if there is None or here is None or there.code == here.code:
            raise RefusedError("not_an_office")
        codes = {context.pack.code for context in contexts_here(there)}
        if opened.case.pack not in codes:
            raise RefusedError("not_an_office")
        _move(opened, here.code, there.code, now)
        return there


def checked(card: Card, role: str, context: Context, now: datetime) -> Card:
    """The card with its number normalised. Errors: RefusedError `card_wrong` with the field."""
    number = normal_id_number(card.id_number)
    name = " ".join(card.name.split())
    if not name:
        raise RefusedError("card_wrong", "name")
    if card.id_type == cases.CITIZEN:
        known = context.pack.roles.get(role)
        if citizen_id_fault(number, local_day(now)) is not None:
            raise RefusedError("card_wrong", "id_number")
        if known is not None and known.sex is not None and id_sex(number) != known.sex:
            raise RefusedError("card_wrong", "role")
    elif not number:
        raise RefusedError("card_wrong", "id_number")
    return Card(name, number, card.id_type, card.phone.strip())


def opened_here(by: Any, number: str, now: datetime) -> OpenedCase:
    """The case at this window, locked. Errors: access.Refused."""
    return access.access_window_case(by=by, number=number, purpose=PURPOSE, now=now, locking=True)


def change(by: Any, opened: OpenedCase, decide: Decide, now: datetime) -> Case:
    """Let `decide` say what happens to the case, with the clerk as its witness."""
    witness = people.staff_number(by)
    return changes.change(
        lambda case, context: decide(case, context, witness), opened.loaded, now=now
    )


def _clerk(by: Any) -> tuple[Visitor, Office]:
    """The clerk and the window's office. Errors: access.Refused for anybody else."""
    who = people.visitor(by)
    office = contexts.directory().office(who.office or "")
    if not who.works_as(StaffRole.WINDOW) or office is None:
        raise access.Refused
    return who, office


def _context(office: Office, pack: str | None) -> Context:
    found = [c for c in contexts_here(office) if pack is None or c.pack.code == pack]
    if not found:
        raise RefusedError("no_window")
    return max(found, key=lambda context: context.pack.precedence)


def _opened(
    by: Any, who: Visitor, office: Office, role: str, card: Card, context: Context, now: datetime
) -> str:
    number = case_number(
        office.division, local_day(now), NUMBER_LETTER, queries.next_case_sequence()
    )
    case = Case(
        id=str(new_id()),
        number=number,
        pack=context.pack.code,
        pack_version=context.pack.version,
        pack_digest=context.pack.digest,
        channel=channel_at(office, context),
        started_at=now,
    )
    events = applying.start(case, role, context, now, witness=people.staff_number(by))
    events += _identity(apply_all(case, events), role, card, now)
    after = apply_all(case, events)
    case_records.save(
        [Change(None, events, after, parties=changes.parties(None, after), window=who.office)]
    )
    return number


def _identity(case: Case, role: str, card: Card, now: datetime) -> list[Event]:
    identity = Identity(card.name, card.id_type, card.id_number, card.phone)
    values = cases.identity_values(identity, role)
    known = [case.verified.get((fact, subject)) for fact, subject, _ in values]
    if all(k is not None and k.value == v for k, (_, _, v) in zip(known, values, strict=True)):
        return []
    return applying.register_answered(case, applying.IDENTITY, CheckState.FOUND, values, now)


def _identify(by: Any, number: str, role: str, card: Card, present: bool, now: datetime) -> Case:
    opened = opened_here(by, number, now)
    context = contexts.context_of(opened.case)
    if role not in (context.pack.roles or context.pack.applicants):
        raise RefusedError("not_an_applicant")
    card = checked(card, role, context, now)
    for fact, value in ((f"{role}_id_number", card.id_number), (f"{role}_name", card.name)):
        known = opened.case.verified.get((fact, 0))
        if known is not None and known.value != value:
            raise RefusedError("card_differs")
    records.saw(
        loaded=opened.loaded,
        role=role,
        present=present,
        card={"name": card.name, "id_type": card.id_type, "id_number": card.id_number},
        staff=opened.visitor.staff or "",
        staff_name=people.staff_name(by),
        office=opened.visitor.office or "",
        now=now,
    )
    return change(by, opened, lambda case, _c, _w: _identity(case, role, card, now), now)


def _running(card: Card, now: datetime) -> records.RunningCase | None:
    return records.running_case_of(
        person=people.person_hash(card.id_number),
        stages=cases.RUNNING,
        since=now - cases.NEXT_BIRTH,
    )


def _taken_up(
    by: Any, found: records.RunningCase, office: Office, present: bool, now: datetime
) -> str:
    """The family's own case; one begun online comes to this window with the person who is here."""
    if found.window == office.code:
        return found.number
    if found.window is not None:
        raise RefusedError("at_another_window")
    if not present:
        raise RefusedError("not_seen_here")
    loaded = changes.load_one(found.case_id)
    who = people.visitor(by)
    _move(OpenedCase(loaded, "staff", who), records.BEGUN_ONLINE, office.code, now)
    return found.number


def _move(opened: OpenedCase, here: str, there: str, now: datetime) -> None:
    moved = Event(
        EventKind.CASE_HANDED_OVER,
        now,
        opened.visitor.staff or opened.visitor.user,
        public={"from": here, "to": there},
    )
    changes.commit([changes.Decided(opened.loaded, [moved])], now=now)
    records.move(case_id=opened.loaded.id, office=there)


def is_enquiry_desk(office: Office) -> bool:
    """Whether the office advises only and another one takes over."""
    return not office.issues_certificates and office.hands_over_to is not None
