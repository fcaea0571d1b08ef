"""工单: opening, handling and closing of bad ratings, complaints, suggestions and questions.

The complaints desk assigns, calls back and closes; the supervisor of the office that it was
assigned to looks into it and answers, without being told who came with it. Whoever took a step of
the one side never takes one of the other in the same order, and nobody is the desk of an order
about, or with, the own office.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import changes, contexts, order_news
from yijian.actions.rating_rules import rules_of
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.ratings import LONGEST_WORDS, Level, Opinion, RatedThing, excluded
from yijian.domain.work_orders import (
    LAPSED,
    ORDER_STEPS,
    Finding,
    OrderActor,
    OrderKind,
    OrderState,
    OrderStep,
    WorkOrder,
    allowed,
    deadlines,
    extended_until,
    step_of,
)
from yijian.records import access, people
from yijian.records import cases as case_records
from yijian.records import ratings as rating_records
from yijian.records import work_orders as records
from yijian.records.access import OpenedCase
from yijian.records.mapping import LoadedCase, value_of
from yijian.records.people import StaffRole, Visitor
from yijian.records.work_orders import NewOrder, Opened

PURPOSE = "work_order"
PHONE_LIMIT, SENDER_LIMIT = 3, 20
LIMIT_TIME = timedelta(hours=24)
UNKNOWN_LIMIT, UNKNOWN_TIME = 60, timedelta(hours=1)
"""Orders of the whole node with neither phone nor sender: more than a desk reads in an hour, and
far fewer than a script sends. Whoever leaves a phone is not held up by it."""
FAMILY, PUBLIC = "family", "public"
_DESK_SIDE = frozenset(step.name for step in ORDER_STEPS if step.by is OrderActor.DESK)


def open_for_case(
    *,
    opened: OpenedCase,
    kind: OrderKind,
    words: Mapping[str, str],
    channel: str,
    now: datetime,
    item: str = "",
    newborn: int = 0,
    reasons: Sequence[str] = (),
    rating_id: UUID | None = None,
    named: bool = False,
) -> str:
    """Open an order about a case, or one of its tasks, inside the caller's transaction; its number.

    Errors: RefusedError `unknown_task` for a task that the case does not have.
    """
    context = contexts.context_of(opened.case)
    task = opened.case.tasks.get((item, newborn)) if item else None
    if item and task is None:
        raise RefusedError("unknown_task")
    basis = context.pack.items[item].basis if item else None
    office = context.directory.office(task.office) if task and task.office else None
    new = NewOrder(
        _order(kind, rules_of(opened.case.pack).limits, now, office.code if office else ""),
        channel,
        {**words, "pack": opened.case.pack},
        division=office.division if office else next(iter(context.pack.divisions), ""),
        case_id=opened.loaded.id,
        rating_id=rating_id,
        item=item,
        newborn=newborn,
        clause=f"{basis.document} {basis.clause}" if basis else "",
        reasons=reasons,
        named=named,
    )
    row, _code = records.create(new=new, key=opened.loaded.key, by=FAMILY)
    return row.number


def complain(
    *,
    by: Any,
    number: str,
    kind: OrderKind,
    text: str,
    now: datetime,
    item: str = "",
    newborn: int = 0,
    named: bool = False,
    channel: str = "mobile",
) -> str:
    """A parent complains, suggests or asks about the own case; the number of the order.

    Errors: Refused; RefusedError `words_missing`, `words_too_long`, `unknown_task`, `too_many`.
    """
    if kind is OrderKind.BAD_RATING:
        raise RefusedError("step_not_allowed")
    _check_words(text)
    with transaction.atomic():
        opened = access.access_case(by=by, number=number, purpose="own_case", now=now, locking=True)
        if opened.role == "staff":
            raise access.Refused
        known = records.of_case(case_id=opened.loaded.id)
        if sum(one.row.opened_at > now - LIMIT_TIME for one in known) >= PHONE_LIMIT * 2:
            raise RefusedError("too_many")
        return open_for_case(
            opened=opened,
            kind=kind,
            words={"text": text.strip(), "role": opened.role},
            channel=channel,
            item=item,
            newborn=newborn,
            named=named,
            now=now,
        )


def speak_up(
    *, kind: OrderKind, text: str, phone: str, office: str, sender: str, channel: str, now: datetime
) -> tuple[str, str]:
    """Somebody without an account complains, suggests or asks; the order's number and its code.

    Errors: RefusedError `words_missing`, `words_too_long`, `too_many`, `too_many_at_once`,
    `not_an_office`.
    """
    if kind is OrderKind.BAD_RATING:
        raise RefusedError("step_not_allowed")
    _check_words(text)
    about = contexts.directory().office(office) if office else None
    if office and about is None:
        raise RefusedError("not_an_office", "office")
    with transaction.atomic():
        _within_limits(phone, sender, now)
        new = NewOrder(
            _order(kind, rules_of().limits, now, about.code if about else ""),
            channel,
            {"text": text.strip(), "phone": phone},
            division=about.division if about else "",
            phone=phone,
            sender=sender,
            with_code=True,
        )
        row, secret = records.create(new=new, key=records.key_of(None), by=PUBLIC)
        return row.number, secret


def _within_limits(phone: str, sender: str, now: datetime) -> None:
    """Count what has come already, one after the other. Errors: RefusedError."""
    records.one_at_a_time(phone=phone, sender=sender, now=now)
    from_phone, from_sender = records.recent(
        phone=phone, sender=sender, since=now - LIMIT_TIME, now=now
    )
    if from_phone >= PHONE_LIMIT or from_sender >= SENDER_LIMIT:
        raise RefusedError("too_many")
    if phone or sender:
        return
    if records.unknown_since(since=now - UNKNOWN_TIME) >= UNKNOWN_LIMIT:
        raise RefusedError("too_many_at_once")


def forget_senders(*, now: datetime) -> int:
    """Forget the digests of network addresses once no limit counts them any more; how many."""
    return records.forget_senders(before=now - LIMIT_TIME)


def follow(*, number: str, code: str) -> Opened | None:
    """The order of somebody without an account, by its number and code; None for a wrong one."""
    if not number.strip() or not code.strip():
        return None
    return records.by_code(number=number.strip(), code=code)


def of_family(*, case_id: UUID | str) -> list[Opened]:
    """What a family has come with, newest first; its bad ratings stand with the ratings.

    The caller has opened the case.
    """
    found = records.of_case(case_id=UUID(str(case_id)))
    return [order for order in found if order.order.kind is not OrderKind.BAD_RATING]


def last_day(found: Opened) -> date:
    """The last day on which an order is to be answered."""
    return local_day(found.row.due_at - timedelta(microseconds=1))


def access_order(*, by: Any, order_id: UUID, now: datetime) -> tuple[Opened, OrderActor, Visitor]:
    """An order for who handles it, as which side; the look is logged. Errors: Refused."""
    who = people.visitor(by)
    found = records.one(order_id=order_id)
    actor = _actor(who, found)
    if found is None or actor is None:
        _note_refused(by, "work_order", found, now)
        raise access.Refused
    access.note_read(by=by, what="work_order", case_id=found.row.case_id, purpose=PURPOSE, now=now)
    return found, actor, who


def phone_of(*, by: Any, order_id: UUID, now: datetime) -> str:
    """The phone for a call back, for the complaints desk; asking is logged. "" without one.

    Errors: Refused.
    """
    found = records.one(order_id=order_id)
    if found is None or _actor(people.visitor(by), found) is not OrderActor.DESK:
        _note_refused(by, "phone", found, now)
        raise access.Refused
    case_id = found.row.case_id
    access.note_read(by=by, what="phone", case_id=case_id, purpose=PURPOSE, now=now)
    if case_id is None:
        return found.words.get("phone", "")
    fact = f"{found.words.get('role', '')}_phone"
    loaded = case_records.read(ids=[case_id])
    return str((value_of(loaded[0].case, fact) if loaded else None) or "")


def side_of(who: Visitor, about: str, handler: str) -> OrderActor | None:
    """The side of a visitor in an order about one office and with another; None for neither."""
    if who.works_as(StaffRole.COMPLAINTS) and who.office not in (about, handler):
        return OrderActor.DESK
    if who.works_as(StaffRole.SUPERVISOR) and who.office == handler:
        return OrderActor.HANDLER
    return None


def case_number_of(found: Opened) -> str:
    """The number of the case that an order is about; "" for one of no case."""
    if found.row.case_id is None:
        return ""
    loaded = case_records.read(ids=[found.row.case_id])
    return loaded[0].case.number if loaded else ""


def act(
    *, by: Any, order_id: UUID, step: str, given: Mapping[str, str], version: int, now: datetime
) -> OrderState:
    """Staff take one step of an order; the state it leads to.

    Errors: Refused; RefusedError `changed_meanwhile`, `second_person_needed`, `not_an_office`,
    `words_too_long`, and those of `step_of`.
    """
    who = people.visitor(by)
    with transaction.atomic():
        rated = _rated_case(order_id) if step == "uphold" else None
        found = records.one(order_id=order_id, locking=True)
        actor = _actor(who, found)
        if found is None or actor is None:
            raise access.Refused
        if found.row.version != version:
            raise RefusedError("changed_meanwhile")
        taken = step_of(found.order, step, actor, given)
        if any(len(text) > LONGEST_WORDS * 2 for text in given.values()):
            raise RefusedError("words_too_long")
        _two_persons(found, taken, who)
        changed, words = _made_of(found, taken, given, now)
        if rated is not None and found.row.rating_id:
            _exclude(found.row.rating_id, rated, who, now)
        note = given.get("reason") or given.get("reply") or given.get("note") or ""
        records.save_step(
            found=found, changed=changed, words=words, by=who.staff or "", step=taken.name,
            note=note.strip(), now=now,
        )  # fmt: skip
        if taken.after is OrderState.ANSWERED:
            order_news.tell(found=found, now=now)
        return taken.after


def _rated_case(order_id: UUID) -> LoadedCase | None:
    """The case whose rating has opened the order, locked: always before its order."""
    found = records.one(order_id=order_id)
    if found is None or found.row.case_id is None:
        return None
    return next(iter(case_records.load(ids=[found.row.case_id])), None)


def _exclude(rating_id: UUID, loaded: LoadedCase, who: Visitor, now: datetime) -> None:
    """Row and journal say that the rating counts no more. Errors: RefusedError."""
    if loaded.key is None:
        raise RefusedError("step_not_allowed")
    row = rating_records.one(rating_id=rating_id)
    thing = RatedThing(row.item, row.newborn, row.office, row.rated_at)
    event = excluded(who.staff or "", thing, Level(row.level), now)
    rating_records.exclude(rating_id=rating_id)
    changes.change(lambda _case, _context: [event], loaded, now=now)


def may(found: Opened, actor: OrderActor) -> tuple[OrderStep, ...]:
    """The steps that this side may take now."""
    return allowed(found.order, actor)


def rated_again(*, rating_id: UUID, opinion: Opinion, now: datetime) -> None:
    """The family's second grade ends the call back, inside the caller's transaction.

    Errors: RefusedError `step_not_allowed` while nothing was answered, or without an order.
    """
    found = records.of_rating(rating_id=rating_id, locking=True)
    if found is None:
        raise RefusedError("step_not_allowed")
    outcome = "unsatisfied" if opinion.level.is_bad else "satisfied"
    taken = step_of(found.order, "rate_again", OrderActor.PARTY, {"outcome": outcome})
    changed = {"state": taken.after.value, "outcome": outcome, "called_back_at": now}
    records.save_step(
        found=found, changed=changed, words={"again": opinion.words}, by=FAMILY, step=taken.name,
        note=opinion.words, now=now,
    )  # fmt: skip


def added(*, rating_id: UUID, words: str, now: datetime) -> None:
    """Words that the family added reach the order that its rating has opened, when it is open."""
    found = records.of_rating(rating_id=rating_id, locking=True)
    if found is None or found.order.state is OrderState.CLOSED:
        return
    records.save_step(
        found=found, changed={}, words={"added": words}, by=FAMILY, step="added", note=words,
        now=now,
    )  # fmt: skip


def _order(kind: OrderKind, limits: Mapping[str, Any], now: datetime, about: str) -> WorkOrder:
    assign, finish = deadlines(now, limits[kind.value], contexts.calendar())
    return WorkOrder(kind, OrderState.NEW, now, assign, finish, about=about)


def _actor(who: Visitor, found: Opened | None) -> OrderActor | None:
    """On which side the visitor stands; None for whom the order does not exist."""
    return None if found is None else side_of(who, found.row.about, found.row.handler)


def _note_refused(by: Any, what: str, found: Opened | None, now: datetime) -> None:
    case_id = found.row.case_id if found else None
    access.note_read(by=by, what=what, case_id=case_id, purpose=PURPOSE, now=now, shown=False)


def _two_persons(found: Opened, step: OrderStep, who: Visitor) -> None:
    """Who looked into it does not judge it, and the other way round."""
    for line in records.steps_of(found):
        on_desk = line.step in _DESK_SIDE
        if line.by == who.staff and on_desk is not (step.by is OrderActor.DESK):
            raise RefusedError("second_person_needed")


def _made_of(
    found: Opened, step: OrderStep, given: Mapping[str, str], now: datetime
) -> tuple[dict[str, Any], dict[str, str]]:
    """The columns and the words that a step changes."""
    changed: dict[str, Any] = {"state": step.after.value}
    words: dict[str, str] = {}
    limits = rules_of(found.words.get("pack", "")).limits[found.order.kind.value]
    assign, finish = deadlines(now, limits, contexts.calendar())
    if step.name in ("assign", "transfer"):
        office = contexts.directory().office(given["office"])
        if office is None:
            raise RefusedError("not_an_office", "office")
        changed |= {"handler": office.code, "assigned_at": now}
        words["brief"] = given.get("brief", "").strip()
    elif step.name == "send_back":
        changed |= {"handler": "", "assign_due_at": assign}
    elif step.name == "extend":
        until = extended_until(found.order.due_at, limits, contexts.calendar())
        changed |= {"extended": True, "due_at": until}
        words["extension"] = given["reason"].strip()
    elif step.after is OrderState.ANSWERED:
        changed |= {"answered_at": now, "finding": given.get("finding", "")}
        if step.name == "uphold":
            changed["finding"] = Finding.UNFOUNDED.value
        words["reply"] = given["reply"].strip()
    elif step.name == "call_back":
        changed |= {"called_back_at": now, "outcome": given["outcome"]}
    elif step.name == "redo":
        changed |= {"rounds": found.order.rounds + 1, "answered_at": None, "outcome": ""}
        changed["due_at"] = max(finish, found.order.due_at)
    elif step.after is OrderState.CLOSED:
        changed |= {"closed_at": now} | ({"outcome": LAPSED} if step.name == "lapse" else {})
    return changed, words


def _check_words(text: str) -> None:
    if len(text.strip()) < 2:
        raise RefusedError("words_missing", "text")
    if len(text) > LONGEST_WORDS:
        raise RefusedError("words_too_long", "text")
