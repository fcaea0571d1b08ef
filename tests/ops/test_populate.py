"""Made-up families on a demonstration: as true as any other, and nobody twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from tests.actions.cast import household
from tests.conftest import NOW
from yijian.actions import contexts, figures, populating
from yijian.actions.populating import NotADemonstrationError, Played
from yijian.actions.rating_rules import rules_of
from yijian.domain.certificates import certificate_of
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import Context
from yijian.domain.events import Event, EventKind, moment_in
from yijian.domain.figures import contributions
from yijian.domain.history import apply_all
from yijian.domain.invariants import history_violations, time_violations, violations
from yijian.domain.measures import CaseFacts, Measure
from yijian.domain.states import UNDER_WAY, Stage
from yijian.ops.populating import Population, scheme
from yijian.ops.verify import verify
from yijian.packs.loading import load_context
from yijian.records import figures as reads
from yijian.records import journal
from yijian.records.models import CertificateRow, DocumentRow, RatingRow, UrgingRow

KEY = Ed25519PrivateKey.generate()
ANHUI = "340000-anhui"


@pytest.fixture(scope="module")
def context() -> Context:
    return load_context(settings.YIJIAN.packs_dir, ANHUI)


def population(context: Context, cases: int = 40, now: datetime = NOW) -> Population:
    known = scheme(settings.YIJIAN.packs_dir, context)
    assert known is not None
    return Population([known], cases=cases, days=28, now=now, seed="test")


@pytest.fixture(scope="module")
def made(context: Context) -> list[Played]:
    return list(population(context, 120).played(count(1)))


def test_no_rule_of_a_case_is_broken_by_any_of_them(made: list[Played], context: Context) -> None:
    assert len(made) > 100
    for one in made:
        after = apply_all(one.blank, one.events)
        assert list(time_violations(one.events)) == []
        assert list(history_violations(one.events)) == []
        assert violations(after, context) == []


def test_they_differ_in_place_fate_and_way(made: list[Played]) -> None:
    stages = {apply_all(one.blank, one.events).stage for one in made}
    assert stages >= {Stage.CLOSED, Stage.DRAFT, Stage.SUBMITTED}
    kinds = {event.kind for one in made for event in one.events}
    assert EventKind.TURNED_AWAY in kinds
    offices = {str(e.public["office"]) for one in made for e in one.events if "office" in e.public}
    assert len(offices) > 20
    assert {one.blank.channel for one in made} == {"online", "counter"}


def test_nothing_lies_in_the_future_and_nobody_lives_twice(made: list[Played]) -> None:
    assert max(event.at for one in made for event in one.events) <= NOW
    assert min(one.events[0].at for one in made) > NOW - timedelta(days=36)
    mothers = [
        value
        for one in made
        for event in one.events
        for fact, _, value in event.sealed.get("values", ())
        if fact == "mother_id_number" and event.by == "identity"
    ]
    assert len(set(mothers)) == len(mothers) > 100
    assert len({one.blank.number for one in made}) == len(made)


def test_deadlines_of_a_copy_are_those_of_its_own_days(
    made: list[Played], context: Context
) -> None:
    queued = [
        (event, datetime.fromisoformat(str(event.public["due_at"])))
        for one in made
        for event in one.events
        if event.kind is EventKind.TASK_MOVED and event.public["to"] == "queued"
        if event.public.get("due_at")
    ]
    assert len(queued) > 100
    for _, due_at in queued:
        last = (due_at - timedelta(microseconds=1)).date()
        assert context.calendar.is_workday(last)


def test_every_urging_is_of_the_deadline_that_its_task_has_then(context: Context) -> None:
    after_holidays = datetime(2026, 10, 21, 12, tzinfo=SHANGHAI)
    urged: Counter[str] = Counter()
    for one in population(context, 80, after_holidays).played(count(1)):
        case = one.blank
        for event in one.events:
            if event.kind is EventKind.TASK_URGED and event.task is not None:
                due_at = case.tasks[event.task].due_at
                assert moment_in(event.public, "due_at", None) == due_at
                assert due_at is not None
                assert event.public["why"] != "limit_100" or event.at >= due_at
                urged[str(event.public["why"])] += 1
            case = apply_all(case, [event])
    assert set(urged) == {"limit_80", "limit_100", "urged"}


def counted(made: list[Played], context: Context) -> Counter[tuple[str, str]]:
    """How often they count for every measure on the whole node, by detail without its type."""
    places = {office.code: office.division for office in context.directory.offices}
    found: Counter[tuple[str, str]] = Counter()
    for one in made:
        about = CaseFacts(one.blank.number[:6], one.blank.pack, places, one.window or "")
        for figure, times in contributions(one.events, about).items():
            if figure.scope == "":
                found[figure.measure, figure.detail.partition(":")[0]] += times
    return found


def test_every_panel_of_the_console_has_something_to_show(
    made: list[Played], context: Context
) -> None:
    found = counted(made, context)
    measures = {measure for measure, _ in found}
    # Nothing is received from another node, nobody rates without a scheme's rules, and who was
    # turned away does not come back with other facts.
    ratings = {Measure.RATED, Measure.RATED_VIA, Measure.RATED_FOR}
    assert measures >= set(Measure) - ratings - {Measure.RECEIVED, Measure.MET_LATER}
    assert {detail for measure, detail in found if measure == Measure.CERTIFICATE} == {
        "kept",
        "linked",
    }
    assert found[Measure.ZERO_TRIP, "yes"] > 10 < found[Measure.ZERO_TRIP, "no"]
    assert {detail for measure, detail in found if measure == Measure.CLOSED} > {"done", "partly"}
    assert {detail for measure, detail in found if measure == Measure.URGED} == {
        "limit_80",
        "limit_100",
        "urged",
    }


def test_the_same_seed_counts_the_same(context: Context) -> None:
    once, again = (
        counted(list(population(context, 30).played(count(1))), context) for _ in range(2)
    )
    assert once == again


def test_certificates_of_two_families_are_never_the_same(made: list[Played]) -> None:
    kept = [e for one in made for e in one.events if e.kind is EventKind.CERTIFICATE_KEPT]
    for name in ("certificate", "identifier", "digest"):
        assert len({event.public[name] for event in kept}) == len(kept) > 100
    for event in kept:
        content = event.sealed["content"]
        assert isinstance(content, dict)
        made_one = certificate_of(str(event.public["certificate"]), content)
        assert made_one.digest == event.public["digest"]
        assert made_one.issued_on <= NOW.date()


def test_the_same_seed_makes_the_same_families_in_any_parts(
    made: list[Played], context: Context
) -> None:
    whole = {(one.events[0].at, len(one.events)) for one in made}
    part = [
        (one.events[0].at, len(one.events))
        for one in population(context, 120).played(count(1), part=1, parts=8)
    ]
    assert part == sorted(part)
    assert set(part) <= whole
    assert len(part) > 10


@pytest.mark.django_db
def test_what_was_written_is_true_sealed_and_counted(context: Context) -> None:
    household(NOW)
    known = scheme(settings.YIJIAN.packs_dir, contexts.current_context(ANHUI), rules_of(ANHUI))
    assert known is not None
    families = Population([known], cases=40, days=14, now=NOW, seed="1")
    played = list(families.played(iter(populating.numbers(50))))
    assert populating.write(played, now=NOW) == len(played) > 30
    journal.seal_journal(now=NOW, key=KEY)
    figures.follow_all(now=NOW)
    assert figures.recount(repair=False, now=NOW) == []
    kept = sum(e.kind is EventKind.CERTIFICATE_KEPT for one in played for e in one.events)
    identified = CertificateRow.objects.exclude(identifier=None)
    assert identified.count() == kept > 30
    assert not DocumentRow.objects.exists()
    rated = sum(event.kind is EventKind.RATED for one in played for event in one.events)
    span = {"since": NOW.date() - timedelta(days=60), "until": date.max}
    cells = reads.read(scopes=[""], measures=[Measure.RATED], **span)
    assert sum(one.count for one in cells) == RatingRow.objects.count() == rated > 5
    report = verify(public_keys={journal.fingerprint(KEY.public_key()): KEY.public_key()})
    assert report.faults == []
    assert report.cases == len(played)
    more = Population([known], cases=8, days=14, now=NOW, seed="2")
    assert populating.write(list(more.played(iter(populating.numbers(8)))), now=NOW) > 4
    contexts.forget()


@pytest.mark.django_db
def test_an_urging_stands_at_the_office_that_was_told(made: list[Played], context: Context) -> None:
    household(NOW)
    one, urged = next(
        (one, event)
        for one in made
        for event in one.events
        if event.kind is EventKind.TASK_URGED and event.task is not None
        if apply_all(one.blank, one.events).tasks[event.task].state in UNDER_WAY
    )
    told = context.directory.office(str(urged.public["office"]))
    assert told is not None
    other = next(
        office
        for office in context.directory.offices
        if office.kind == told.kind and office.division != told.division
    )
    routed = Event(EventKind.TASK_ROUTED, NOW, "system", urged.task, {"office": other.code})
    assert populating.write([replace(one, events=[*one.events, routed])], now=NOW) == 1
    assert UrgingRow.objects.filter(item=urged.task[0]).exists()
    for row in UrgingRow.objects.filter(item=urged.task[0]):
        assert (row.office, row.division) == (told.code, told.division)


def test_a_node_in_earnest_is_never_populated(monkeypatch: pytest.MonkeyPatch) -> None:
    earnest = SimpleNamespace(YIJIAN=SimpleNamespace(demo=False))
    monkeypatch.setattr(populating, "settings", earnest)
    with pytest.raises(NotADemonstrationError):
        populating.write([], now=NOW)
