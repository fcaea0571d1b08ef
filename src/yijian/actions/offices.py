"""机构名录: offices come, change and end from a day on, proposed by one person, decided by another.

On its day a change is made and the running tasks follow: what no office has accepted goes the new
way; of an office that has ended everything goes to its successor, accepted or not.
"""

import contextlib
import re
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from yijian.actions import changes, channels, contexts
from yijian.actions.changes import Decided
from yijian.actions.proposing import Deciding, Payload, ProposalKind, ProposalRefusedError
from yijian.domain import handling
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.events import Event
from yijian.domain.routing import DESK, FILE, WAYS, Directory, Office
from yijian.domain.states import UNDER_WAY
from yijian.records import administration, exchange, offices, people
from yijian.records import cases as case_records
from yijian.records import channels as channel_records
from yijian.records.mapping import LoadedCase
from yijian.records.offices import OfficeChange
from yijian.records.people import StaffRole

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,39}")
PHONE = re.compile(r"[0-9+() ;,-]{0,60}")
LONGEST = {"title_zh": 80, "title_en": 160, "address": 160}
MOST_DIVISIONS = 60
MOVED_AT_ONCE = 100


def kinds() -> tuple[str, ...]:
    """The kinds of office that items of this node's packs are done at, and that there are."""
    asked = {item.office_kind for pack in contexts.packs() for item in pack.items.values()}
    return tuple(sorted(asked | set(offices.kinds())))


def day_in(payload: Payload) -> date:
    """From which day on. Errors: ProposalRefusedError."""
    try:
        return date.fromisoformat(str(payload.get("starts_on", "")))
    except ValueError:
        raise ProposalRefusedError("wrong_day", "starts_on") from None


def _check(payload: Payload, now: datetime) -> str:
    """Which office the proposal is about. Errors: ProposalRefusedError."""
    code = str(payload.get("code", ""))
    if not CODE.fullmatch(code):
        raise ProposalRefusedError("wrong_code", "code")
    if day_in(payload) < local_day(now):
        raise ProposalRefusedError("in_the_past", "starts_on")
    if offices.waits(code):
        raise ProposalRefusedError("change_waits", "code")
    standing = offices.one(code)
    if payload.get("ends"):
        if standing is None or not standing.active:
            raise ProposalRefusedError("unknown_office", "code")
        successor = _successor(standing.office, str(payload.get("successor") or ""))
        if successor is None:
            raise ProposalRefusedError("successor_needed", "successor")
    else:
        _check_values(code, payload, standing.office if standing else None)
    return f"office:{code}"


def _check_values(code: str, payload: Payload, standing: Office | None) -> None:
    given = payload.get("values")
    values = given if isinstance(given, dict) else {}
    office = offices.office_in(code, values)
    if standing is not None and standing.kind != office.kind:
        raise ProposalRefusedError("another_kind", "kind")
    if office.kind not in kinds():
        raise ProposalRefusedError("unknown_kind", "kind")
    if not office.title.zh:
        raise ProposalRefusedError("title_needed", "title_zh")
    for name, longest in LONGEST.items():
        if len(str(values.get(name) or "")) > longest:
            raise ProposalRefusedError("too_long", name)
    if not PHONE.fullmatch(office.phone):
        raise ProposalRefusedError("wrong_phone", "phone")
    places = contexts.places()
    if office.division not in places:
        raise ProposalRefusedError("unknown_place", "division")
    if len(office.also_for) > MOST_DIVISIONS or not set(office.also_for) <= set(places):
        raise ProposalRefusedError("unknown_place", "also_for")
    _check_way(office)
    other = people.directory().office(office.hands_over_to or "")
    if office.hands_over_to and (other is None or other.code == code):
        raise ProposalRefusedError("unknown_office", "hands_over_to")


def _check_way(office: Office) -> None:
    if office.channel not in WAYS:
        raise ProposalRefusedError("unknown_channel", "channel")
    if office.channel == DESK and office.participant:
        raise ProposalRefusedError("no_participant_at_a_desk", "participant")
    if office.channel in (DESK, FILE):
        return
    if not office.participant or exchange.partner(office.participant) is None:
        raise ProposalRefusedError("unknown_participant", "participant")


def _successor(office: Office, named: str) -> Office | None:
    """Who takes over: the office that was named, else the nearest of its kind."""
    others = Directory(tuple(o for o in people.directory().offices if o.code != office.code))
    if named:
        found = others.office(named)
        return found if found is not None and found.kind == office.kind else None
    return others.nearest(office.kind, office.division)


def _apply(payload: Payload, deciding: Deciding) -> None:
    code, ends = str(payload["code"]), bool(payload.get("ends"))
    successor = ""
    if ends:
        standing = offices.one(code)
        assert standing is not None
        found = _successor(standing.office, str(payload.get("successor") or ""))
        assert found is not None
        successor = found.code
    values = payload.get("values")
    offices.add_change(
        code=code,
        starts_on=day_in(payload),
        ends=ends,
        successor=successor,
        values=values if isinstance(values, dict) and not ends else {},
        proposed_by=deciding.proposed_by,
        decided_by=deciding.decided_by,
        now=deciding.now,
    )
    make_due(now=deciding.now)


OFFICE = ProposalKind(
    code="office",
    proposers=frozenset({StaffRole.SYSTEM_ADMIN}),
    deciders=frozenset({StaffRole.SYSTEM_ADMIN, StaffRole.SECURITY_ADMIN, StaffRole.OPERATOR}),
    check=_check,
    apply=_apply,
)


def make_due(*, now: datetime) -> int:
    """Make every change whose day has come; how many."""
    with transaction.atomic():
        due = offices.due(on=local_day(now))
        for change in due:
            offices.apply(change, now=now)
            administration.note(
                by="system",
                what="office_ended" if change.ends else "office_changed",
                subject=f"office:{change.code}",
                details={"successor": change.successor} if change.ends else {},
                now=now,
            )
    if due:
        contexts.forget()
    return len(due)


def follow(*, by: str = "system", now: datetime) -> int:
    """Make what is due, and move the running tasks of changed offices; how many have moved.

    Repeatable: what has moved does not move again. A change is looked at until every process of
    the node must have seen it.
    """
    make_due(now=now)
    moved = 0
    for change in offices.to_follow():
        if change.ends:
            moved += _move_away(change, by, now)
        else:
            moved += channels.follow_own_way([change.code], by=by, now=now).moved
        if change.applied_at is not None and now - change.applied_at > channels.SEEN_EVERYWHERE:
            offices.followed(change.id, now=now)
    return moved


def _move_away(change: OfficeChange, by: str, now: datetime) -> int:
    """Send every task under way at an ended office to its successor, a hundred at a time."""
    ended = offices.one(change.code)
    to = people.directory().office(change.successor)
    if to is None and ended is not None:
        to = _successor(ended.office, "")  # The successor has ended meanwhile, too.
    moved, last = 0, None
    while to is not None:
        ids = channel_records.tasks_at(change.code, after=last, limit=MOVED_AT_ONCE)
        if not ids:
            break
        moved += _moved(ids, change.code, to.code, by, now)
        last = ids[-1]
    return moved


def _moved(ids: Iterable[UUID], ended: str, to: str, by: str, now: datetime) -> int:
    with transaction.atomic():
        decided = [
            Decided(loaded, _transfers(loaded, ended, to, by, now))
            for loaded in case_records.load(task_ids=ids)
            if loaded.key is not None
        ]
        changes.commit(decided, now=now)
    return sum(len(each.events) for each in decided)


def _transfers(loaded: LoadedCase, ended: str, to: str, by: str, now: datetime) -> list[Event]:
    """What happens to the tasks of one case; one that cannot go there waits for a person."""
    context = contexts.context_of(loaded.case)
    found: list[Event] = []
    for key, task in loaded.case.tasks.items():
        if task.office == ended and task.state in UNDER_WAY:
            with contextlib.suppress(RefusedError):
                found += handling.transfer(loaded.case, key, to, by, context, now)
    return found
