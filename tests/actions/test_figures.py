"""Whatever happens to families, and however it is cut into batches: followed is recounted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from tests.actions.cast import clerk
from tests.actions.cast_window import AtWindow, at_window, page, publish
from tests.records.families import NOW, SCHEME, decide, family, finished, later, saved, submitted
from tests.records.families import decided as decided_change
from tests.web.cast import user_of
from yijian.actions import cases as online_cases
from yijian.actions import contexts, figures, materials, window, window_filling
from yijian.domain import handling
from yijian.domain.cases import Case
from yijian.domain.context import RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.handling import AlreadyDoneError, TooLateError
from yijian.domain.history import apply_all
from yijian.domain.measures import Measure
from yijian.domain.reports import Month
from yijian.domain.states import Stage, TaskState
from yijian.records import cases, figure_counting, forgetting, journal, monthly, people
from yijian.records import figures as reads
from yijian.records.cases import Change
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
KEY = Ed25519PrivateKey.generate()
EVER = {"since": NOW.date() - timedelta(days=400), "until": date.max}
ORDINARY = [
    Event(EventKind.DOCUMENT_ISSUED, NOW, "system", ("certificate", 1), {"document": "d"}),
    Event(EventKind.CERTIFICATE_KEPT, NOW, "system", ("certificate", 1), {"type": "birth"}),
    Event(
        EventKind.PAPER_MOVED, NOW, "H01", ("certificate", 1),
        {"sheet": "main_page", "state": "held", "step": 1, "holder": "H01", "cut": False},
    ),
    Event(
        EventKind.PARCEL_MOVED, NOW, "system", ("certificate", 1),
        {"from": None, "to": "ready", "mover": "system", "option": "collect"},
    ),
    *(
        Event(
            EventKind.RATED, NOW, "mother", None,
            {"level": level, "item": item, "newborn": 1 if item else 0, "office": "",
             "channel": "mobile", "reasons": ["too_slow"] * (level > 3)},
        )
        for level, item in ((1, "certificate"), (5, "certificate"), (4, "card"), (2, ""), (5, ""))
    ),
    *(
        Event(
            EventKind.RATING_EXCLUDED, NOW, "staff:1", None,
            {"level": 5, "item": item, "newborn": 1 if item else 0},
        )
        for item in ("certificate", "card", "")
    ),
]  # fmt: skip
REFUSALS = (RefusedError, AlreadyDoneError, TooLateError)


@pytest.fixture(autouse=True)
def _offices(db: None) -> None:
    people.put_offices(SCHEME.directory.offices)


def happens(case_id: UUID, events: Sequence[Event]) -> None:
    """Save events of one case as they are."""
    with transaction.atomic():
        (loaded,) = cases.load(ids=[case_id])
        cases.save([Change(loaded, events, apply_all(loaded.case, events))])


def received(number: str) -> UUID:
    """A case of another node with one task, which comes without an office."""
    blank = Case(str(uuid4()), number, "test", "1", "d" * 64, "online", NOW)
    task = {
        "origin": "hub", "goes_on": False, "message": "m", "intent": "dispatched", "named": None,
        "round": 0, "office": None, "newborns": 1, "answered": [], "due_at": None,
        "due_provisional": False,
    }  # fmt: skip
    events = [
        Event(EventKind.CASE_RECEIVED, NOW, "node:hub", public={"origin": "hub"}),
        Event(EventKind.TASK_RECEIVED, NOW, "node:hub", ("registration", 1), public=task),
    ]
    with transaction.atomic():
        return cases.save([Change(None, events, apply_all(blank, events))])[0].id


class World:
    """A handful of families to whom something happens, as a seed says."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.now = NOW
        self.ids: list[UUID] = []

    def step(self) -> None:
        """One thing happens, or the journal is sealed, or a part of it is counted."""
        self.now += timedelta(minutes=self.draw.randint(1, 4000))
        self.draw.choice(
            [self.begins, self.comes, self.decides, self.decides, self.decides, self.decides,
             self.moves, self.withdraws, self.notes, self.judges, self.seals, self.seals,
             self.counts]
        )()  # fmt: skip

    def begins(self) -> None:
        number = f"3401032026112{len(self.ids):08d}"
        make = self.draw.choice([family, submitted, submitted])
        babies = self.draw.randint(1, 2)
        self.ids.append(saved(make(number, delivery=f"D{len(self.ids)}", babies=babies))[0].id)

    def comes(self) -> None:
        self.ids.append(received(f"3201032026112{len(self.ids):08d}"))

    def decides(self) -> None:
        self._change(self._decision)

    def moves(self) -> None:
        self._change(
            lambda loaded: handling.transfer(
                loaded.case, self._task(loaded.case), self.draw.choice(["P01", "P02", "H01"]),
                "staff:1", SCHEME, self.now,
            )
        )  # fmt: skip

    def withdraws(self) -> None:
        self._change(lambda loaded: handling.withdraw(loaded.case, "mother", SCHEME, self.now))

    def notes(self) -> None:
        self._change(lambda loaded: [replace(self.draw.choice(ORDINARY), at=self.now)])

    def judges(self) -> None:
        """Rules keep a family out that has not applied yet, or do so no more."""
        drafts = [row.id for row in cases.read(ids=self.ids) if row.case.stage is Stage.DRAFT]
        if not drafts:
            return
        rules = self.draw.sample(["in_time", "married", "of_age"], self.draw.randint(0, 3))
        public: dict[str, object] = {"pack": "test", "version": "1"}
        if rules:
            public |= {"rules": rules, "place": "340100"}
        kind = EventKind.TURNED_AWAY if rules else EventKind.REFUSAL_LIFTED
        happens(self.draw.choice(drafts), [Event(kind, self.now, "system", public=public)])

    def seals(self) -> None:
        journal.seal_journal(now=self.now, key=KEY)

    def counts(self) -> None:
        figures.follow(now=self.now, at_once=self.draw.choice([1, 3, 20, 10_000]))

    def _task(self, case: Case) -> tuple[str, int]:
        return self.draw.choice(sorted(case.tasks))

    def _decision(self, loaded: cases.LoadedCase) -> Sequence[Event]:
        to = self.draw.choice(list(TaskState))
        correct = ("newborn_name",) if to is TaskState.CORRECTION_NEEDED else ()
        key = self._task(loaded.case)
        reason = self.draw.choice(["records_differ", "photo_unclear"])
        return decided_change(loaded, key, to, self.now, reason=reason, correct=correct).events

    def _change(self, decide_on) -> None:
        if not self.ids:
            return
        with transaction.atomic():
            (loaded,) = cases.load(ids=[self.draw.choice(self.ids)])
            if loaded.case.stage in (Stage.DRAFT, Stage.SIGNING, Stage.WITHDRAWN):
                return
            try:
                events = decide_on(loaded)
            except REFUSALS:
                return
            cases.save([Change(loaded, events, apply_all(loaded.case, events))])


@pytest.mark.parametrize("seed", range(12))
def test_what_was_followed_is_what_a_recount_finds(seed: int) -> None:
    world = World(seed)
    for _ in range(70):
        world.step()
    world.seals()
    assert figures.recount(repair=False, now=world.now) == []
    figures.follow_all(now=world.now)
    assert figures.recount(repair=False, now=world.now) == []
    assert how_many(Measure.STARTED) + how_many(Measure.RECEIVED) == len(world.ids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM task WHERE under_way")
        assert how_many(Measure.OPEN) == cursor.fetchone()[0]


@pytest.mark.parametrize("seed", range(100, 105))
def test_the_monthly_report_and_the_figures_say_the_same(seed: int) -> None:
    world = World(seed)
    world.comes = world.begins  # what comes from elsewhere is dated otherwise there
    for _ in range(70):
        world.step()
    everything_is_counted()
    for month in (Month(2026, 11), Month(2026, 12), Month(2027, 1)):
        start, until = month.starts_at, month.ends_at
        told = monthly.counts(pack="test", start=start, until=until)
        span = {"since": start.date(), "until": until.date()}

        def of(measure: Measure, *details: str, scope: str = "", item: str = "", span=span) -> int:
            return sum(
                one.count
                for one in reads.totals(scopes=[scope], measures=[measure], **span)
                if one.item == item and (not details or one.detail in details)
            )

        assert told.submitted == of(Measure.SUBMITTED)
        assert told.closed == of(Measure.CLOSED, "done", "partly", "undone")
        assert told.withdrawn == of(Measure.CLOSED, "withdrawn")
        for one in told.tasks:
            if one.office:
                at = {"scope": one.office, "item": one.item}
                late, kept = of(Measure.ENDED_LATE, **at), of(Measure.ENDED_IN_TIME, **at)
                assert (one.received, one.late, one.limited) == (
                    of(Measure.QUEUED, **at), late, late + kept,
                )  # fmt: skip
                assert one.done == of(Measure.ENDED, "completed", **at)
                assert one.not_done == of(Measure.ENDED, "declined", "rejected", "offline", **at)
        for (item, code), (times, _) in told.reasons.items():
            assert times == of(Measure.REFUSED, code, item=item)


def how_many(measure: Measure, scope: str = "", **more: object) -> int:
    return sum(one.count for one in reads.read(scopes=[scope], measures=[measure], **EVER, **more))


def counted(measure: Measure, scope: str = "") -> dict[tuple[str, str], int]:
    found = reads.totals(scopes=[scope], measures=[measure], **EVER)
    return {(one.item, one.detail): one.count for one in found}


def everything_is_counted() -> None:
    journal.seal_journal(now=NOW, key=KEY)
    figures.follow_all(now=NOW)


def test_a_finished_family_is_counted_as_by_hand() -> None:
    finished("34010320261121000001X")
    everything_is_counted()
    assert counted(Measure.CLOSED) == {("", "done"): 1}
    assert counted(Measure.FUNNEL) == {
        ("", step): 1
        for step in ("opened", "eligible", "signed", "submitted", "certificate", "registration",
                     "card", "closed")
    }  # fmt: skip
    assert counted(Measure.ENDED, "P01") == {
        ("registration", "completed"): 1, ("card", "completed"): 1,
    }  # fmt: skip
    assert counted(Measure.ZERO_TRIP) == {("", "no"): 1}
    assert counted(Measure.ASKED)["delivery", "found"] == 1
    assert counted(Measure.OPEN) == {}


def test_what_is_open_stands_under_the_day_it_is_due() -> None:
    (loaded,) = saved(submitted("34010320261121000001X"))
    everything_is_counted()
    (one,) = reads.read(scopes=["H01"], measures=[Measure.OPEN], **EVER)
    due_at = loaded.case.tasks["certificate", 1].due_at
    assert due_at is not None
    assert (one.item, one.detail, one.count) == ("certificate", "queued", 1)
    assert one.day == (due_at - timedelta(microseconds=1)).astimezone(NOW.tzinfo).date()
    decide([loaded.id], ("certificate", 1), TaskState.COMPLETED, now=later(hours=1))
    everything_is_counted()
    assert reads.read(scopes=["H01"], measures=[Measure.OPEN], **EVER) == []


def test_a_task_that_moves_counts_for_its_new_office_alone() -> None:
    (loaded,) = saved(submitted("34010320261121000001X"))
    decide([loaded.id], ("certificate", 1), TaskState.COMPLETED, now=later(hours=1))
    everything_is_counted()
    assert how_many(Measure.QUEUED, "P01") == 1
    happens(loaded.id, [
        Event(EventKind.TASK_ROUTED, later(hours=2), "staff:1", ("registration", 1),
              {"office": "P02", "from": "P01"})
    ])  # fmt: skip
    everything_is_counted()
    assert (how_many(Measure.QUEUED, "P01"), how_many(Measure.QUEUED, "P02")) == (0, 1)


@pytest.fixture
def at_hospital(now: datetime) -> Iterator[AtWindow]:
    """A family at the window of its hospital, under a scheme that is in force."""
    yield at_window(now)
    contexts.forget()


def turned_away_once(family: AtWindow) -> None:
    """What eligibility has said of the family is counted where the case lies now."""
    refused = {"rules": ["in_time"], "pack": "test", "version": "1", "place": "340100"}
    happens(UUID(family.case.id), [Event(EventKind.TURNED_AWAY, NOW, "system", public=refused)])
    everything_is_counted()


def goes_on_to_sign(family: AtWindow) -> None:
    """The clerk does all that is left until both may sign, which makes the family eligible."""
    family.father_comes().name()
    materials.bring(
        by=family.clerk, number=family.number, material="household_page", data=page(),
        now=family.now,
    )  # fmt: skip
    window_filling.open_signing(by=family.clerk, number=family.number, now=family.now)
    everything_is_counted()


def test_a_case_begun_online_counts_at_the_window_that_takes_it_up(at_hospital: AtWindow) -> None:
    family = at_hospital
    hospital = family.facts.family["delivery"]["institution"]
    mother = user_of(family.facts.family["mother"], family.now)
    family.number = online_cases.open_case(by=mother, now=family.now)
    turned_away_once(family)
    assert (how_many(Measure.STARTED), how_many(Measure.STARTED, hospital)) == (1, 0)
    family.open().agree().answer()
    assert figures.recount(repair=False, now=NOW) == [], "nothing of the window is sealed yet"
    everything_is_counted()
    assert (how_many(Measure.STARTED), how_many(Measure.STARTED, hospital)) == (1, 1)
    goes_on_to_sign(family)
    assert counted(Measure.ELIGIBLE, hospital) == {("", "yes"): 1}
    assert figures.recount(repair=False, now=NOW) == []


def test_a_case_handed_to_another_window_counts_there_alone(at_hospital: AtWindow) -> None:
    family = at_hospital
    hospital = contexts.directory().office(family.facts.family["delivery"]["institution"])
    assert hospital is not None
    desk = replace(hospital, code="DESK01", issues_certificates=False, hands_over_to=hospital.code)
    publish(family.now, desk)
    issuing, family.clerk = family.clerk, clerk("DESK01", StaffRole.WINDOW)
    family.open().agree().answer()
    turned_away_once(family)
    assert counted(Measure.ELIGIBLE, "DESK01") == {("", "no"): 1}
    window.hand_over(by=family.clerk, number=family.number, now=family.now)
    assert figures.recount(repair=False, now=NOW) == [], "the hand-over is not sealed yet"
    everything_is_counted()
    assert counted(Measure.ELIGIBLE, "DESK01") == {}
    assert counted(Measure.ELIGIBLE, hospital.code) == {("", "no"): 1}
    family.clerk = issuing
    goes_on_to_sign(family)
    assert counted(Measure.ELIGIBLE, hospital.code) == {("", "yes"): 1}
    assert figures.recount(repair=False, now=NOW) == []


def test_what_was_interrupted_is_neither_lost_nor_counted_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saved(submitted("34010320261121000001X"))
    journal.seal_journal(now=NOW, key=KEY)

    def fails(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(figure_counting, "advance", fails)
        with pytest.raises(KeyboardInterrupt):
            figures.follow(now=NOW)
    assert how_many(Measure.SUBMITTED) == 0
    figures.follow_all(now=NOW)
    assert how_many(Measure.SUBMITTED) == 1
    assert figures.recount(repair=False, now=NOW) == []


def test_a_forgotten_family_still_counts() -> None:
    loaded = finished("34010320261121000001X")
    everything_is_counted()
    before = counted(Measure.ENDED)
    assert forgetting.forget_case(case_id=loaded.id, now=later(days=400))
    everything_is_counted()
    assert counted(Measure.ENDED) == before
    assert figures.recount(repair=False, now=NOW) == []


def test_what_is_not_sealed_is_not_counted_yet() -> None:
    saved(submitted("34010320261121000001X"))
    figures.follow_all(now=NOW)
    assert how_many(Measure.SUBMITTED) == 0


def test_who_looks_from_before_somebody_counted_takes_nothing_back() -> None:
    saved(submitted("34010320261121000001X"))
    everything_is_counted()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE figure_cursor SET number = number + 100 RETURNING number")
        (ahead,) = cursor.fetchone()
        assert figures.follow(now=NOW) == 0
        cursor.execute("SELECT number FROM figure_cursor")
        assert cursor.fetchone() == (ahead,)
    assert how_many(Measure.SUBMITTED) == 1


def test_a_cell_that_somebody_changed_is_found_and_put_right() -> None:
    saved(submitted("34010320261121000001X"))
    everything_is_counted()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE figure SET count = 7 WHERE measure = 'submitted' AND scope = ''")
        cursor.execute("DELETE FROM figure_month WHERE measure = 'started' AND scope = ''")
    found = figures.recount(repair=True, now=NOW)
    assert {(one.table, one.figure.measure, one.stored, one.counted) for one in found} == {
        ("figure", "submitted", 7, 1), ("figure_month", "started", 0, 1),
    }  # fmt: skip
    assert figures.recount(repair=False, now=NOW) == []
    assert how_many(Measure.SUBMITTED) == 1


def test_an_office_that_moves_is_counted_anew_only_when_it_is_put_right() -> None:
    (loaded,) = saved(submitted("34010320261121000001X"))
    everything_is_counted()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE office SET division = '350302' WHERE code = 'H01'")
    decide([loaded.id], ("certificate", 1), TaskState.ACCEPTED, now=later(hours=1))
    everything_is_counted()
    assert figures.recount(repair=False, now=NOW) == []
    assert how_many(Measure.ACCEPTED, "35") == 0
    figures.recount(repair=True, now=NOW)
    assert how_many(Measure.ACCEPTED, "35") == 1


def test_an_office_is_seen_from_its_place_whatever_its_code_begins_with() -> None:
    saved(submitted("34010320261121000001X"))
    everything_is_counted()
    for prefix, office, seen in (
        ("", "H01", True), ("34", "H01", True), ("340103", "H01", True), ("340104", "H01", False),
        ("35", "H01", False), ("34", "nowhere", False),
    ):  # fmt: skip
        assert reads.Scope(prefix).may_see(office) is seen, (prefix, office)
    for scope, seen in (("3401", True), ("340103", True), ("34", False), ("", False)):
        assert reads.Scope("3401").may_see(scope) is seen, scope
    assert reads.Scope(None, "H01").may_see("H01") and not reads.Scope(None, "H01").may_see("P01")


def test_totals_over_any_days_are_the_days_added_up() -> None:
    for n, days in enumerate((0, 9, 10, 40, 41, 70)):
        (loaded,) = saved(submitted(f"340103202611210000{n:02d}X", delivery=f"D{n}"))
        decide([loaded.id], ("certificate", 1), TaskState.COMPLETED, now=later(days=days))
    everything_is_counted()
    for since, until in ((0, 10), (1, 80), (9, 45), (5, 6), (10, 10)):
        span = {"since": later(days=since).date(), "until": later(days=until).date()}
        days = reads.read(scopes=["", "H01"], measures=[Measure.ENDED], **span)
        whole = reads.totals(scopes=["", "H01"], measures=[Measure.ENDED], **span)
        assert sum(one.count for one in whole) == sum(one.count for one in days)
        assert {one.day for one in whole} <= {span["since"]}
