"""One change of one or many cases: events, rows, journal, messages and dispatches in one commit.

`change` and `change_many` are the only way an action touches a case. What a decision function
returns is applied, what follows outward is derived here, everything is saved together, and jobs
are deferred in the same transaction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from yijian.actions import (
    archiving,
    certificate_news,
    certificates,
    contexts,
    pairs,
    paper_ledger,
    paperwork,
    posting,
    received_pages,
    reporting,
    waking,
)
from yijian.actions.certificates import with_kept
from yijian.actions.dispatching import dispatches, intent_of, reached_by
from yijian.actions.happened import Happened
from yijian.domain.cases import Case
from yijian.domain.certificates import CertificateReference
from yijian.domain.context import Context
from yijian.domain.events import Event, EventKind
from yijian.domain.history import apply_all
from yijian.domain.notices import Message, messages
from yijian.domain.turning_away import noting_refusals
from yijian.records import cases as case_records
from yijian.records import materials as material_records
from yijian.records.cases import Change, Outgoing
from yijian.records.mapping import LoadedCase
from yijian.records.materials import MaterialPage
from yijian.records.people import person_hash

FOLLOWERS: tuple[Callable[[Sequence[Happened], datetime], None], ...] = (
    certificates.keep,
    paper_ledger.follow,
    paperwork.follow,
    posting.keep,
    archiving.follow,
    pairs.follow,
    received_pages.follow,
)
"""What follows from what happened in the same commit. Each writes its rows for the whole batch."""

Decide = Callable[[Case, Context], list[Event]]


class CaseMissingError(Exception):
    """No case with this id."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a batch decided about one case: its events, in order; an empty list changes nothing."""

    loaded: LoadedCase
    events: Sequence[Event]
    outbox: Sequence[Outgoing] = ()


def change(
    decide: Decide,
    loaded: LoadedCase,
    *,
    now: datetime,
    outbox: Sequence[Outgoing] = (),
) -> Case:
    """Let `decide` say what happens to one locked case, and make it so.

    Whatever `decide` raises goes through; then nothing has changed.
    """
    events = in_order(decide(loaded.case, contexts.context_of(loaded.case)), loaded)
    saved = commit([Decided(loaded, events, outbox)], now=now)
    return saved[0] if saved else loaded.case


def load_one(case_id: UUID) -> LoadedCase:
    """The one case, locked until the transaction ends. Errors: CaseMissingError."""
    found = case_records.load(ids=[case_id])
    if not found:
        raise CaseMissingError
    return found[0]


def commit(decided: Iterable[Decided], *, now: datetime) -> list[Case]:
    """Save what was decided about many locked cases, with everything that follows outward.

    The cases as they were saved, in the given order; those to which nothing happened are left out.
    """
    changes, followed, destinations, told = [], [], set(), False
    some = _with_refusals([each for each in decided if each.events], now)
    happened = _with_closings(_with_certificates(some, now))
    pages, shown = _pages_to_send(happened), _certificates_to_show(happened)
    for each in happened:
        case_id = each.loaded.id
        made = change_of(
            each, now=now, pages=pages.get(case_id, ()), certificates=shown.get(case_id, ())
        )
        context = contexts.context_of(made.after)
        followed.append(Happened(each.loaded, each.events, made.after, context))
        changes.append(made)
        destinations |= {message.destination for message in made.outbox}
        told = told or bool(made.messages)
    if not changes:
        return []
    case_records.save(changes)
    for follow in FOLLOWERS:
        follow(followed, now)
    for destination in sorted(destinations):
        waking.wake_deliverer(destination)
    if told:
        waking.wake_messenger()
    return [each.after for each in changes]


def _with_refusals(decided: Sequence[Decided], now: datetime) -> list[Decided]:
    """What was decided, with the note that a family was turned away by it."""
    return [
        replace(
            each,
            events=noting_refusals(each.loaded.case, each.events, _context_after(each), now),
        )
        for each in decided
    ]


def _with_certificates(decided: Sequence[Decided], now: datetime) -> list[Decided]:
    """What was decided, with the certificates that results become."""
    ordered = [replace(each, events=in_order(each.events, each.loaded)) for each in decided]
    issued = certificates.issue(
        [(each.loaded, each.events, _context_after(each)) for each in ordered], now
    )
    return [
        replace(
            each,
            events=[*each.events, *more],
            outbox=[*each.outbox, *certificates.collected([*each.events, *more])],
        )
        for each, more in zip(ordered, issued, strict=True)
    ]


def _with_closings(decided: list[Decided]) -> list[Decided]:
    """What was decided, with what other nodes hear of the cases that are closed by it."""
    closings = reporting.to_nodes([(each.loaded.case, each.events) for each in decided])
    return [
        replace(each, outbox=[*each.outbox, *closings.get(each.loaded.case.id, ())])
        for each in decided
    ]


def _context_after(decided: Decided) -> Context:
    """The context of a case after its events; most of them do not change its scheme."""
    case = decided.loaded.case
    rechosen = any(event.kind is EventKind.SCHEME_CHOSEN for event in decided.events)
    return contexts.context_of(apply_all(case, decided.events) if rechosen else case)


def _certificates_to_show(
    decided: Sequence[Decided],
) -> Mapping[UUID, Sequence[CertificateReference]]:
    """The certificates of every case of which a part may leave now; two statements."""
    cases = [
        (each.loaded.id, _context_after(each))
        for each in decided
        if any(
            intent_of(event) or event.kind is EventKind.CERTIFICATE_ENDED for event in each.events
        )
    ]
    return certificates.references_of(cases)


def in_order(events: Sequence[Event], loaded: LoadedCase) -> list[Event]:
    """The events, none earlier than what happened before (I24).

    Whoever waited for the lock of a case has looked at the clock before the one who held it wrote.
    """
    last = loaded.changed_at
    return [e if last is None or e.at >= last else replace(e, at=last) for e in events]


def _pages_to_send(decided: Iterable[Decided]) -> Mapping[UUID, Sequence[MaterialPage]]:
    """The pages of materials of every case of which a part may leave now; one statement."""
    cases = [d.loaded.id for d in decided if any(intent_of(event) for event in d.events)]
    return material_records.pages_of(case_ids=cases) if cases else {}


def change_of(
    decided: Decided,
    *,
    now: datetime,
    pages: Sequence[MaterialPage] = (),
    certificates: Sequence[CertificateReference] = (),
) -> Change:
    """The change that saving takes: the case after its events, dispatches, messages, parties."""
    before, known = decided.loaded.case, decided.loaded.channels
    after = apply_all(before, decided.events)
    context = contexts.context_of(after)
    shown = with_kept(certificates, decided.events, context)
    return Change(
        before=decided.loaded,
        events=decided.events,
        after=after,
        outbox=[
            *decided.outbox,
            *dispatches(after, decided.events, context, now, pages, shown, known),
            *posting.orders(after, decided.events, context, now),
            *reporting.to_origin(before, decided.events, after),
            *certificate_news.to_origin(after, decided.events),
            *certificate_news.to_issuer(after, decided.events),
            *certificate_news.to_offices(after, decided.events, context, now, shown, known),
        ],
        messages=told(after, decided.events, context, now),
        parties=parties(before, after),
        channels=reached_by(after, decided.events, context, known),
    )


def told(
    case: Case, events: Sequence[Event], context: Context, now: datetime
) -> tuple[Message, ...]:
    """The messages to the family that follow from the events; that of another node has its own."""
    if case.origin:
        return ()
    return messages(case, events, context, now, link=contexts.case_link(case))


def parties(before: Case | None, after: Case) -> dict[str, bytes]:
    """The people who newly stand in the case: each role whose ID number became known.

    Nobody stands in a case of another node: its family has its page there.
    """
    if after.origin:
        return {}
    roles = contexts.context_of(after).pack.roles
    now_known, was_known = _numbers(after, roles), _numbers(before, roles) if before else {}
    found = {role: n for role, n in now_known.items() if was_known.get(role) != n}
    # One person stands in a case once: as who opened it, else as who was known first.
    first = sorted(now_known, key=lambda role: (role not in was_known, role != after.applicant))
    stands_as = {now_known[role]: role for role in reversed(first)}
    return {role: person_hash(n) for role, n in found.items() if stands_as[n] == role}


def _numbers(case: Case, roles: Iterable[str]) -> dict[str, str]:
    """The ID numbers of the case's people, by role."""
    known = ((role, case.verified.get((f"{role}_id_number", 0))) for role in roles)
    return {role: str(fact.value) for role, fact in known if fact and fact.value}
