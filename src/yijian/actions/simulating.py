"""推演: a draft is held against the version in force, family by family, and only counts are kept.

Past cases are opened inside the worker and nowhere else. A simulation goes on in small steps, each
of which is written before the next: it can be cancelled between two, and a worker that dies loses
no more than one.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias
from uuid import UUID

from django.conf import settings
from django.db import transaction

from yijian.actions import contexts, waking, workshop_reading
from yijian.domain.context import Context, RefusedError
from yijian.domain.policy import Pack
from yijian.domain.simulated import exact, protected
from yijian.domain.simulating import (
    Counted,
    applying_on,
    as_applied,
    counted,
    held_on,
    outcome,
    with_new_items,
)
from yijian.packs.building import build
from yijian.packs.canonical import canonical
from yijian.packs.expressions import remembering
from yijian.packs.families import Family, parse
from yijian.packs.overlay import files_of
from yijian.packs.population import population
from yijian.packs.rehearsal import begun
from yijian.records import access, administration, people, simulations
from yijian.records import cases as case_records
from yijian.records import workshop as workshop_records
from yijian.records.models import PackDraft, SimulationRow
from yijian.records.people import StaffRole
from yijian.records.simulations import MADE_UP, PAST, AlreadySimulatedError

FAMILIES_A_STEP = 40
MOST = {PAST: 200_000, MADE_UP: 20_000}
ASKERS = frozenset({StaffRole.POLICY_EDITOR, StaffRole.POLICY_APPROVER})
READERS = ASKERS | {StaffRole.SUPERVISOR, StaffRole.OPERATOR, StaffRole.AUDITOR}
EXAMPLES = "examples/"

Draft: TypeAlias = PackDraft
Simulation: TypeAlias = SimulationRow


def begin(
    *,
    by: Any,
    draft: UUID,
    source: str,
    families: int,
    on_day: date,
    now: datetime,
    since: datetime | None = None,
    seed: str = "1",
) -> UUID:
    """A worker shall hold the draft as it is now against the version in force; the run's id.

    Errors: access.Refused, PackError for a draft with errors, RefusedError `nothing_in_force`,
    `already_simulated`, `unknown_source`, `too_many_families`.
    """
    actor = _actor(by, ASKERS)
    row = workshop_reading.draft(by=by, draft=draft)
    if source not in MOST:
        raise RefusedError("unknown_source")
    if not 1 <= families <= MOST[source]:
        raise RefusedError("too_many_families")
    document, pack = workshop_reading.built(row)
    try:
        against = contexts.current_pack(row.code)
    except contexts.NoPackError:
        raise RefusedError("nothing_in_force") from None
    with transaction.atomic():
        try:
            begun_id = simulations.begin(
                draft=row.pk,
                code=row.code,
                against_version=against.version,
                against=against.digest,
                digest=pack.digest,
                canonical=canonical(document),
                on_day=on_day,
                source=source,
                since=since if source == PAST else None,
                wanted=families,
                seed=seed if source == MADE_UP else "",
                by=actor,
                now=now,
            )
        except AlreadySimulatedError:
            raise RefusedError("already_simulated") from None
        workshop_records.note(
            actor=actor, what="simulated", code=row.code, draft=row.pk, digest=pack.digest,
            note=source, now=now,
        )  # fmt: skip
        waking.wake_simulator(begun_id)
    return begun_id


def cancel(*, by: Any, simulation: UUID, now: datetime) -> bool:
    """It stops before its next step; False when it has ended already. Errors: access.Refused."""
    actor = _actor(by, ASKERS)
    with transaction.atomic():
        ended = simulations.end(simulation=simulation, state="cancelled", now=now)
        if ended:
            subject = f"simulation:{simulation}"
            administration.note(by=actor, what="simulation_cancelled", subject=subject, now=now)
    return ended


def of_draft(*, by: Any, draft: UUID) -> list[SimulationRow]:
    """The simulations of a draft, the last first. Errors: access.Refused."""
    _actor(by, READERS)
    return simulations.of_draft(draft=draft)


def one(*, by: Any, draft: UUID, simulation: UUID) -> SimulationRow:
    """One simulation of a draft. Errors: access.Refused."""
    _actor(by, READERS)
    row = simulations.find(simulation=simulation)
    if row is None or row.draft != draft:
        raise access.Refused
    return row


def may_ask(by: Any) -> bool:
    """Whether this person may begin and cancel simulations."""
    return bool(people.visitor(by).roles & ASKERS)


def packs_of(row: SimulationRow) -> tuple[Pack, Pack]:
    """The version in force then, and the draft as it was."""
    return _packs(row.pk)


def advance(simulation: UUID, *, now: datetime) -> bool:
    """One step of the simulation; whether there is more to do.

    Errors: whatever a family's facts or a draft's conditions raise; nothing was counted then.
    """
    row = simulations.find(simulation=simulation)
    if row is None or row.state not in simulations.RUNNING:
        return False
    if row.total is None:
        return simulations.go_on(row, total=_total(row), state="running", now=now)
    before, after = (
        Context(held_on(pack, row.on_day), contexts.directory(), contexts.calendar())
        for pack in packs_of(row)
    )
    if row.source == PAST:
        found, done, reached = _past_step(row, before, after)
    else:
        found, done, reached = _made_up_step(row, before, after)
    counts = simulations.counts_of(row) + found
    if done and row.done + done < row.total:
        return simulations.go_on(
            row,
            done=row.done + done,
            reached=reached,
            counted=simulations.as_json(counts),
            now=now,
        )
    _finish(row, counts, row.done + done, now)
    return False


def failed(simulation: UUID, *, problem: str, now: datetime) -> None:
    """It cannot go on; `problem` is a kind of error, never what it was about."""
    simulations.end(simulation=simulation, state="failed", problem=problem, now=now)


def _finish(row: SimulationRow, counts: Counted, done: int, now: datetime) -> None:
    """What may be shown is kept; the exact counts of real families leave with this statement."""
    simulations.go_on(
        row,
        state="finished",
        done=done,
        total=done,
        counted=[],
        result=simulations.as_json(protected(counts) if row.source == PAST else exact(counts)),
        ended_at=now,
        now=now,
    )


def _total(row: SimulationRow) -> int:
    if row.source == MADE_UP:
        return row.wanted
    return simulations.count_past_cases(code=row.code, since=row.since, limit=row.wanted)


def _past_step(row: SimulationRow, before: Context, after: Context) -> tuple[Counted, int, str]:
    """The next past families, opened and counted here; nothing of them leaves but the counts."""
    ids = simulations.past_cases(
        code=row.code,
        since=row.since,
        before=UUID(row.reached) if row.reached else None,
        limit=min(FAMILIES_A_STEP, (row.total or 0) - row.done),
    )
    found = Counted()
    for loaded in case_records.read(ids=ids):
        if loaded.key is None:
            continue
        case = loaded.case
        on = applying_on(case)
        one_way = outcome(as_applied(case, before.pack), before, on)
        other = as_applied(with_new_items(case, before.pack, after.pack), after.pack)
        found += counted(one_way, outcome(other, after, on), on)
    return found, len(ids), str(ids[-1]) if ids else row.reached


def _made_up_step(row: SimulationRow, before: Context, after: Context) -> tuple[Counted, int, str]:
    found = Counted()
    done = 0
    for family in islice(_made_up(row, before, after), row.done, row.done + FAMILIES_A_STEP):
        with remembering():
            starts = [(begun(family, context), context) for context in (before, after)]
            one_way, other = (outcome(start.case, ctx, start.now) for start, ctx in starts)
            found += counted(one_way, other, starts[0][0].now)
        done += 1
    return found, done, str(row.done + done)


def _made_up(row: SimulationRow, before: Context, after: Context) -> Iterator[Family]:
    ordinary = _ordinary(row.code, row.against_version)
    packs = (before.pack, after.pack)
    for _name, family in population(packs, ordinary, row.wanted, row.seed):
        yield family


@lru_cache(maxsize=4)
def _ordinary(code: str, version: str) -> tuple[Family, ...]:
    """The families of the version's examples that fit it: what made-up ones start from."""
    files = workshop_records.source_files(code=code, version=version)
    if files is None:
        files = files_of(settings.YIJIAN.packs_dir, code)
    texts = sorted((n, text) for n, text in files.items() if n.startswith(EXAMPLES))
    families = (parse(text, f"{code}/{name}") for name, text in texts)
    return tuple(family for family in families if family.model.expect.eligible == "yes")


@lru_cache(maxsize=4)
def _packs(simulation: UUID) -> tuple[Pack, Pack]:
    row = simulations.find(simulation=simulation)
    if row is None:
        raise access.Refused
    return contexts.pack_of(row.against), build(json.loads(row.canonical))


def _actor(by: Any, roles: frozenset[StaffRole]) -> str:
    visitor = people.visitor(by)
    if visitor.staff is None or not visitor.roles & roles:
        raise access.Refused
    return visitor.staff
