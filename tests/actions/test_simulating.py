"""A draft is held against the version in force inside the node, and nothing but counts leaves."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connection
from procrastinate.contrib.django.models import ProcrastinateJob
from psycopg_pool import PoolTimeout

from tests.actions import cast_simulations as cast
from yijian.actions import contexts, simulating, workshop
from yijian.domain.context import RefusedError
from yijian.domain.simulated import Found, clauses, families, half_within, months, works
from yijian.ops import jobs
from yijian.packs import PackError
from yijian.records import access, administration, people, simulations
from yijian.records import workshop as workshop_records
from yijian.records.models import PackDraft, SimulationRow
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
FIT, LATE = 7, 8


@pytest.fixture
def draft(db: None, now: datetime) -> Any:
    """A changed policy that nobody has simulated yet."""
    cast.open_workshop(now)
    yield cast.drafted(cast.editor(), now)
    contexts.forget()


def begin(draft: PackDraft, now: datetime, source: str = "past", **more: Any) -> UUID:
    asked = {"families": 1000 if source == "past" else 60, "on_day": now.date(), **more}
    return simulating.begin(by=cast.editor(), draft=draft.id, source=source, now=now, **asked)


def run(simulation: UUID, now: datetime) -> SimulationRow:
    for _step in range(50):
        if not simulating.advance(simulation, now=now):
            break
    row = simulations.find(simulation=simulation)
    assert row is not None
    return row


def found(row: SimulationRow) -> Found:
    assert row.state == "finished", (row.state, row.problem)
    return simulations.found_of(row)


def test_past_families_are_counted_in_steps_of_five(draft: PackDraft, now: datetime) -> None:
    cast.past(FIT, LATE)
    told = found(run(begin(draft, now), now))
    moved = dict(families(told))
    assert (moved["stays_in"], moved["lets_in"], moved["keeps_out"]) == (5, 10, 0)
    assert told["families",] == 15
    widened = clauses(told)[0]
    assert (widened.rule, widened.refuses.before, widened.refuses.after) == (cast.RULE, 10, 0)
    assert (widened.lets_in, widened.lets_in_alone) == (10, 10)
    registration = {w.item: w for w in works(told)}["hukou_registration"]
    assert (registration.acts.before, registration.acts.after) == (5, 15)
    half = half_within(told)
    assert half.difference == 5
    assert [(m, n) for m, n, _, _ in months(told)] == [("2026-11", 15)]


def test_fewer_than_five_families_are_hidden(draft: PackDraft, now: datetime) -> None:
    cast.past(FIT, 2)
    told = found(run(begin(draft, now), now))
    assert dict(families(told))["lets_in"] is None
    assert clauses(told)[0].lets_in is None
    assert clauses(told)[0].changes


def test_exact_counts_and_families_leave_with_the_end(draft: PackDraft, now: datetime) -> None:
    (case, *_) = cast.past(1, 2)
    simulation = begin(draft, now)
    run(simulation, now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT counted::text, result::text FROM simulation")
        counted, result = cursor.fetchone()
    assert json.loads(counted) == []
    assert {count for *_, count in json.loads(result)} <= {None, 0}
    mother = str(case.verified["mother_id_number", 0].value)
    assert mother not in result
    assert case.id not in result


def test_a_simulation_goes_on_where_a_killed_worker_left_it(
    draft: PackDraft, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulating, "FAMILIES_A_STEP", 4)
    cast.past(FIT, LATE)
    simulation = begin(draft, now)
    assert simulating.advance(simulation, now=now)
    assert simulating.advance(simulation, now=now)
    row = simulations.find(simulation=simulation)
    assert row is not None
    assert (row.state, row.total, row.done) == ("running", FIT + LATE, 4)
    after_the_kill = run(simulation, now)
    at_once = run(begin(draft, now), now)
    assert found(after_the_kill) == found(at_once)
    assert after_the_kill.done == FIT + LATE


def waiting_jobs(simulation: UUID) -> int:
    return ProcrastinateJob.objects.filter(
        task_name="simulate", status="todo", args={"simulation": str(simulation)}
    ).count()


def breaking(error: Exception) -> Callable[..., bool]:
    def advance(*_args: object, **_more: object) -> bool:
        raise error

    return advance


@pytest.mark.parametrize("away", [OperationalError, InterfaceError, PoolTimeout])
def test_a_database_that_is_away_for_a_moment_ends_no_simulation(
    draft: PackDraft, now: datetime, monkeypatch: pytest.MonkeyPatch, away: type[Exception]
) -> None:
    cast.past(FIT, LATE)
    simulation = begin(draft, now)
    ProcrastinateJob.objects.all().delete()
    with monkeypatch.context() as broken:
        broken.setattr(simulating, "advance", breaking(away("the server is gone")))
        jobs.simulate(str(simulation))
    row = simulations.find(simulation=simulation)
    assert row is not None and (row.state, row.problem) == ("waiting", "")
    assert waiting_jobs(simulation) == 1
    jobs.simulate(str(simulation))
    row = simulations.find(simulation=simulation)
    assert row is not None and found(row)["families",] == 15


def test_what_would_fail_again_ends_a_simulation(
    draft: PackDraft, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = begin(draft, now)
    ProcrastinateJob.objects.all().delete()
    monkeypatch.setattr(simulating, "advance", breaking(ZeroDivisionError("王芳")))
    jobs.simulate(str(simulation))
    row = simulations.find(simulation=simulation)
    assert row is not None and (row.state, row.problem) == ("failed", "ZeroDivisionError")
    assert waiting_jobs(simulation) == 0


def test_a_simulation_that_nobody_takes_further_is_found_and_woken(
    draft: PackDraft, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = begin(draft, now)
    ProcrastinateJob.objects.all().delete()
    for after, woken in ((1, 0), (3, 1), (4, 1)):
        later = now + timedelta(minutes=after)
        monkeypatch.setattr("django.utils.timezone.now", lambda at=later: at)
        jobs.sweep(timestamp=0)
        assert waiting_jobs(simulation) == woken
    simulating.cancel(by=cast.editor(), simulation=simulation, now=now)
    ProcrastinateJob.objects.all().delete()
    jobs.sweep(timestamp=0)
    assert waiting_jobs(simulation) == 0


def test_two_workers_at_the_same_step_count_it_once(draft: PackDraft, now: datetime) -> None:
    cast.past(1, 1)
    simulation = begin(draft, now)
    simulating.advance(simulation, now=now)
    row = simulations.find(simulation=simulation)
    assert row is not None
    assert simulations.go_on(row, done=1, total=2, now=now)
    assert not simulations.go_on(row, done=1, total=2, now=now)


def test_a_cancelled_simulation_stops_and_keeps_no_count(draft: PackDraft, now: datetime) -> None:
    cast.past(2, 2)
    simulation = begin(draft, now)
    simulating.advance(simulation, now=now)
    editor = cast.editor()
    assert simulating.cancel(by=editor, simulation=simulation, now=now)
    assert not simulating.advance(simulation, now=now)
    row = run(simulation, now)
    assert (row.state, row.counted, row.result) == ("cancelled", [], None)
    assert not simulating.cancel(by=cast.editor(), simulation=simulation, now=now)
    (act,) = administration.acts(subject=f"simulation:{simulation}")
    assert (act.what, act.by) == ("simulation_cancelled", people.visitor(editor).staff)


def test_made_up_families_are_counted_exactly_and_alike(draft: PackDraft, now: datetime) -> None:
    first = found(run(begin(draft, now, "made_up"), now))
    again = found(run(begin(draft, now, "made_up"), now))
    assert first == again
    assert first["families",] == 60
    assert sum(count or 0 for _, count in families(first)) == 60


def test_a_later_change_of_the_draft_does_not_disturb_it(draft: PackDraft, now: datetime) -> None:
    cast.past(0, 5)
    simulation = begin(draft, now)
    by = cast.editor()
    workshop.save_file(
        by=by, draft=draft.id, name="rules.yaml", text="nonsense: [", lock=draft.lock, now=now
    )
    assert dict(families(found(run(simulation, now))))["lets_in"] == 5
    with pytest.raises(PackError):
        begin(draft, now)


def test_a_draft_is_simulated_once_at_a_time(draft: PackDraft, now: datetime) -> None:
    begin(draft, now)
    with pytest.raises(RefusedError, match="already_simulated"):
        begin(draft, now)
    assert begin(draft, now, "made_up")


def test_what_makes_no_sense_is_refused(draft: PackDraft, now: datetime) -> None:
    for wrong, code in (
        ({"source": "guessed"}, "unknown_source"),
        ({"families": 0}, "too_many_families"),
        ({"families": 10**9}, "too_many_families"),
    ):
        asked: dict[str, Any] = {"source": "past", **wrong}
        with pytest.raises(RefusedError, match=code):
            begin(draft, now, **asked)


def test_only_who_makes_policy_begins_or_cancels(draft: PackDraft, now: datetime) -> None:
    simulation = begin(draft, now)
    for role in (StaffRole.CLERK, StaffRole.SUPERVISOR, StaffRole.AUDITOR):
        other: User = cast.editor(role)
        with pytest.raises(access.Refused):
            simulating.begin(
                by=other, draft=draft.id, source="past", families=10, on_day=now.date(), now=now
            )
        with pytest.raises(access.Refused):
            simulating.cancel(by=other, simulation=simulation, now=now)


def test_who_supervises_reads_and_a_clerk_does_not(draft: PackDraft, now: datetime) -> None:
    simulation = begin(draft, now)
    supervisor = cast.editor(StaffRole.SUPERVISOR)
    assert simulating.one(by=supervisor, draft=draft.id, simulation=simulation).pk == simulation
    for ask in (
        lambda: simulating.of_draft(by=cast.editor(StaffRole.CLERK), draft=draft.id),
        lambda: simulating.one(by=supervisor, draft=UUID(int=1), simulation=simulation),
    ):
        with pytest.raises(access.Refused):
            ask()


def test_who_simulated_what_stands_in_the_policy_log(draft: PackDraft, now: datetime) -> None:
    begin(draft, now)
    (entry,) = workshop_records.entries(draft=draft.id, what="simulated")
    row = SimulationRow.objects.get()
    assert (entry.digest, entry.actor, entry.note) == (row.digest, row.by, "past")
