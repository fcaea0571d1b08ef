"""对账: comparing with every partner what both tell of the tasks they share, and healing.

What was pushed is a hint that makes it fast; what is asked here makes it true. Reports are read
from a partner's feed, digests are compared bucket by bucket, and every difference has one way to
heal. What no message heals becomes a person's task. Nothing is asked inside a transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from yijian.actions import parity, waking
from yijian.actions.envelopes import take_in
from yijian.domain.context import RefusedError
from yijian.domain.envelopes import DEPARTMENT, CloudEvent, source_of
from yijian.domain.parity import (
    COARSE,
    FINE,
    FOR_A_PERSON,
    Standing,
    ToldTask,
    differing,
    standing,
)
from yijian.gateways import nodes
from yijian.gateways.calls import Caller, CallFailedError
from yijian.ops.outside import caller, rests
from yijian.records import convergence
from yijian.records.convergence import OPPOSITE, RECEIVED, SENT, Partner

STUCK = timedelta(hours=6)
"""A difference as old as this was not healed by the messages that were sent again for it."""
UNDER_WAY = timedelta(minutes=2)
"""A difference younger than this may be a message that is on its way."""
MOST_PAGES = 2_000
NOT_OFFERED = frozenset({"status_404", "status_405", "status_501"})
"""A partner of an earlier version, or a department: it has no such address."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """One difference: what it means, what each side tells, and what has become of it."""

    task: str
    standing: Standing
    ours: str
    theirs: str
    case_number: str = ""
    item: str = ""
    outcome: str = ""


@dataclass(slots=True)
class Comparison:
    """What one comparison with one partner on one side has found."""

    partner: str
    side: str
    buckets: int = 0
    compared: int = 0
    same: int = 0
    healed: int = 0
    waiting: int = 0
    found: list[Found] = field(default_factory=list)
    unsettled: set[str] = field(default_factory=set)
    problem: str = ""

    @property
    def open(self) -> int:
        """How many differences wait for a person."""
        return sum(1 for each in self.found if each.outcome == "open")


@dataclass(frozen=True, slots=True)
class Pair:
    """A partner and one side of what is shared with it; how to call it, and whether to heal."""

    partner: Partner
    side: str
    caller: Caller
    repair: bool
    everything: bool

    @property
    def endpoint(self) -> str:
        """Where the partner's events go."""
        return str(self.partner.endpoint)


def converge(
    *,
    only: str | None = None,
    repair: bool = True,
    everything: bool = False,
    ours: Caller | None = None,
) -> list[Comparison]:
    """Compare with every partner, or `only` one. `everything`: also what may be under way."""
    compared: list[Comparison] = []
    for partner in convergence.pairs():
        if only is not None and partner.code != only:
            continue
        if rests.resting(partner.code) and not everything:
            continue
        if repair:
            _read_reports_safely(partner, ours or caller())
        if partner.kind == DEPARTMENT:
            continue
        for side in (SENT, RECEIVED):
            pair = Pair(partner, side, ours or caller(), repair, everything)
            compared.append(_compare(pair))
    return compared


def read_all_reports(*, ours: Caller | None = None) -> int:
    """Read what is new in every partner's feed of reports; how many were taken in."""
    return sum(
        _read_reports_safely(partner, ours or caller())
        for partner in convergence.pairs()
        if not rests.resting(partner.code)
    )


def _read_reports_safely(partner: Partner, ours: Caller) -> int:
    try:
        return read_reports(partner, ours=ours)
    except CallFailedError as failure:
        if failure.reason not in NOT_OFFERED:
            _log.warning("the reports of %s cannot be read: %s", partner.code, failure.reason)
        return 0


def read_reports(partner: Partner, *, ours: Caller) -> int:
    """Take in everything the partner has reported since the last time, as if it were pushed.

    Errors: CallFailedError; what was taken in before stays.
    """
    taken = 0
    after = convergence.cursor_of(partner=partner.code)
    for _ in range(MOST_PAGES):
        reports, following = nodes.reports(str(partner.endpoint), after, caller=ours)
        now = timezone.now()
        events = [_event(partner.code, report, now) for report in reports]
        last = str(reports[-1].get("cursor", "")) if reports else after
        reached = following or last
        with transaction.atomic():
            if events:
                take_in(partner.code, events, now=now)
            if reached != after:
                convergence.set_cursor(partner=partner.code, cursor=reached, now=now)
        taken += len(events)
        if following is None or reached == after:
            return taken
        after = reached
    return taken


def _event(sender: str, report: Mapping[str, object], now: datetime) -> CloudEvent:
    data = report.get("data")
    said = cast(Mapping[str, object], data if isinstance(data, dict) else {})
    subject = str(report.get("subject") or said.get("task_id") or "")
    kind, id = str(report.get("type", "")), str(report.get("id", ""))[:100]
    return CloudEvent(id, source_of(sender), kind, now, subject, said)


def _compare(pair: Pair) -> Comparison:
    """One comparison, kept for the report whatever comes of it."""
    begun = timezone.now()
    result = Comparison(pair.partner.code, pair.side)
    try:
        for prefix in _different_buckets(pair, result):
            _compare_bucket(pair, prefix, result)
        if pair.repair:
            # Whatever was asked and is the same now has gone away by itself.
            convergence.close_healed(
                partner=result.partner,
                side=result.side,
                still=[UUID(task) for task in result.unsettled],
                now=timezone.now(),
            )
    except CallFailedError as failure:
        result.problem = "not_offered" if failure.reason in NOT_OFFERED else failure.reason
    convergence.keep_run(
        partner=result.partner,
        side=result.side,
        at=begun,
        ended_at=timezone.now(),
        buckets=result.buckets,
        compared=result.compared,
        same=result.same,
        healed=result.healed,
        waiting=result.waiting,
        open=result.open,
        problem=result.problem[:200],
    )
    return result


def _different_buckets(pair: Pair, result: Comparison) -> Iterator[str]:
    """The fine buckets in which something differs; equal ones count as the same."""
    for coarse in _differing(pair, COARSE, "", result):
        yield from _differing(pair, FINE, coarse, result)


def _differing(pair: Pair, width: int, within: str, result: Comparison) -> list[str]:
    theirs = nodes.buckets(pair.endpoint, OPPOSITE[pair.side], width, within, caller=pair.caller)
    ours = convergence.buckets(
        partner=pair.partner.code, side=pair.side, width=width, within=within
    )
    found = differing(ours, theirs)
    result.buckets += len({*ours, *theirs})
    equal = sum(bucket.count for prefix, bucket in ours.items() if prefix not in found)
    result.same += equal
    result.compared += equal
    return found


def _compare_bucket(pair: Pair, prefix: str, result: Comparison) -> None:
    """Every task of one bucket: what it means and what heals it."""
    theirs = {
        told.line.task: told
        for told in nodes.lines(pair.endpoint, OPPOSITE[pair.side], prefix, caller=pair.caller)
    }
    ours = {told.line.task: told for told in _our_lines(pair, prefix)}
    now = timezone.now()
    for task in sorted({*ours, *theirs}):
        mine, other = ours.get(task), theirs.get(task)
        result.compared += 1
        found = _standing(pair.side, mine, other)
        if found is Standing.SAME:
            result.same += 1
            continue
        changed = [each.changed_at for each in (mine, other) if each is not None]
        if not pair.everything and max(changed) > now - UNDER_WAY:
            result.waiting += 1
            result.unsettled.add(task)
            continue
        known = mine or other
        difference = Found(
            task,
            found,
            _words(mine),
            _words(other),
            known.case_number if known else "",
            known.item if known else "",
        )
        outcome = _heal(pair, difference, now) if pair.repair else "seen"
        if outcome == "asked" and max(changed) < now - STUCK:
            outcome = _for_a_person(pair, difference, found, now)
        if outcome != "healed":
            result.unsettled.add(task)
        result.healed += outcome == "healed"
        result.waiting += outcome == "asked"
        result.found.append(replace(difference, outcome=outcome))


def _our_lines(pair: Pair, prefix: str) -> Iterator[ToldTask]:
    after: UUID | None = None
    while True:
        page = convergence.lines(
            partner=pair.partner.code, side=pair.side, within=prefix, after=after
        )
        yield from page
        if len(page) < convergence.LINES_AT_ONCE:
            return
        after = UUID(page[-1].line.task)


def _standing(side: str, mine: ToldTask | None, other: ToldTask | None) -> Standing:
    ours, theirs = mine.line if mine else None, other.line if other else None
    return standing(ours, theirs) if side == SENT else standing(theirs, ours)


def _words(told: ToldTask | None) -> str:
    return "" if told is None else f"{told.line.state.value}/{told.line.round}"


def _heal(pair: Pair, told: Found, now: datetime) -> str:
    """What becomes of one difference: `healed`, `asked` (a message goes again) or `open`."""
    if told.standing in FOR_A_PERSON:
        return _for_a_person(pair, told, told.standing, now)
    task = UUID(told.task)
    if pair.side == RECEIVED and told.standing is not Standing.UPSTREAM_BEHIND:
        return _take_over(pair, told, now)
    upwards = told.standing is Standing.UPSTREAM_BEHIND
    if upwards and pair.side == SENT:
        return "asked"  # The partner sees the same and reports again.
    again = convergence.send_again(
        partner=pair.partner.code, task_ids=[task], upwards=upwards, now=now
    )
    if again:
        waking.wake_deliverer(pair.partner.code)
        return "asked"
    if upwards and not convergence.on_its_way(partner=pair.partner.code, task_id=task):
        return _for_a_person(pair, told, told.standing, now)
    return "asked"


def _take_over(pair: Pair, told: Found, now: datetime) -> str:
    """Downstream takes what upstream has recorded."""
    try:
        recorded = parity.read_record(nodes.record(pair.endpoint, told.task, caller=pair.caller))
        parity.adopt(pair.partner.code, recorded, now=now)
    except CallFailedError as failure:
        _log.warning("task %s cannot be asked of %s: %s", told.task, pair.partner.code, failure)
        return "asked"
    except (RefusedError, ValueError) as refused:
        _log.warning("task %s cannot be taken over: %s", told.task, refused)
        return _for_a_person(pair, told, Standing.CONFLICT, now)
    return "healed"


def _for_a_person(pair: Pair, told: Found, kind: Standing, now: datetime) -> str:
    parity.differs(
        pair.partner.code,
        pair.side,
        kind,
        task_id=UUID(told.task),
        case_number=told.case_number,
        item=told.item,
        ours=told.ours,
        theirs=told.theirs,
        now=now,
    )
    return "open"


def missed(compared: Iterable[Comparison]) -> list[Found]:
    """What a restored node had missed: everything that was not the same, in order."""
    return sorted(
        (found for each in compared for found in each.found),
        key=lambda found: (found.case_number, found.task),
    )
