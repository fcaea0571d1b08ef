"""Families as rows see them, built by the core's own functions over the small test scheme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from tests.domain.cast import BORN_AT, NEWBORN_ID, NOW, context
from yijian.domain import applying, handling
from yijian.domain.cases import Case, CheckState
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.handling import OfficeDecision
from yijian.domain.history import apply_all
from yijian.domain.notices import messages
from yijian.domain.states import TaskState
from yijian.records import cases, crypto, parcels
from yijian.records.cases import Change, Outgoing
from yijian.records.identifiers import new_id
from yijian.records.mapping import LoadedCase

__all__ = ["BORN_AT", "NEWBORN_ID", "NOW", "SCHEME"]

SCHEME = context(channels=("online", "counter"))
MOTHER_ID = "340103199505012220"
FATHER_ID = "110101199003070011"
MOTHER, FATHER, BABY = "王芳", "李强", "李小满"
PHONE = "13800138000"
ADDRESS = "合肥市庐阳区测试路一号"
RESULTS: Mapping[str, Mapping[str, object]] = {
    "certificate": {"number": "Y340000001"},
    "registration": {"id_number": NEWBORN_ID},
}


@dataclass
class Family:
    """A case that grows by events until it is saved."""

    case: Case
    events: list[Event] = field(default_factory=list)
    now: datetime = NOW

    def happens(self, events: Sequence[Event]) -> Family:
        self.events += events
        self.case = apply_all(self.case, events)
        return self


def family(
    number: str = "N1",
    *,
    mother: str = MOTHER_ID,
    delivery: str = "D1",
    babies: int = 1,
    hospital: str = "H01",
) -> Family:
    """A draft in which every register has answered and everything is filled in."""
    blank = Case(str(new_id()), number, "test", "1", "d" * 64, "online", NOW)
    made = Family(blank).happens(applying.start(blank, "mother", SCHEME, NOW))
    known = [
        ("mother_id_number", 0, mother),
        ("mother_phone", 0, PHONE),
        ("father_name", 0, FATHER),
        ("father_id_number", 0, FATHER_ID),
        ("delivery_id", 0, delivery),
        ("institution_code", 0, hospital),
        ("hospital", 0, hospital),
    ]
    for baby in range(1, babies + 1):
        known += [
            ("newborn_sex", baby, "2"),
            ("newborn_born_at", baby, BORN_AT),
            ("newborn_order", baby, baby),
        ]
    made.happens(
        applying.register_answered(
            made.case, "delivery", CheckState.FOUND, known, NOW, receipt="r1", newborns=babies
        )
    )
    home = [
        ("mother_name", 0, MOTHER),
        ("household_kind", 0, "family"),
        ("station", 0, "P01"),
        ("residence_address", 0, ADDRESS),
        ("codes", 0, ("a", "b")),
        ("mother_birth_date", 0, date(1995, 5, 1)),
    ]
    made.happens(
        applying.register_answered(made.case, "hukou", CheckState.FOUND, home, NOW, receipt="r2")
    )
    made.happens(applying.give_consent(made.case, "mother", "notice", "n" * 64, NOW))
    names = {("newborn_name", baby): BABY + "一二三四"[baby - 1] for baby in range(1, babies + 1)}
    return made.happens(applying.save_answers(made.case, "mother", names, SCHEME, NOW))


def submitted(number: str = "N1", **more: object) -> Family:
    """The same family after both parents have signed."""
    made = family(number, **more)
    brought = {"material": "id_card", "digest": ["d" * 64], "pages": 1}
    made.happens([Event(EventKind.MATERIAL_KEPT, NOW, "mother", public=brought)])
    refused = {"rules": ["in_time"], "pack": "test", "version": "1", "place": "340100"}
    made.happens([Event(EventKind.TURNED_AWAY, NOW, "system", public=refused)])
    made.happens(applying.open_signing(made.case, "mother", SCHEME, NOW))
    made.happens(
        applying.sign(
            made.case,
            "mother",
            "s" * 64,
            "drawn",
            SCHEME,
            NOW,
            drawing="9x9|1,1 2,2",
            documents=[("01890000-0000-7000-8000-000000000000", "a" * 64)],
            evidence={"device": "a phone", "live_check": None},
        )
    )
    made.happens(applying.give_consent(made.case, "father", "notice", "n" * 64, NOW))
    made.happens(applying.live_checked(made.case, "father", CheckState.FOUND, NOW, receipt="live"))
    signed = applying.sign(made.case, "father", "s" * 64, "tablet", SCHEME, NOW, witness="S-0042")
    return made.happens(signed)


def new_change(made: Family, **more: object) -> Change:
    """The change that saves a new family."""
    people = {
        "mother": crypto.blind_index(
            "person", str(made.case.verified["mother_id_number", 0].value)
        ),
        "father": crypto.blind_index("person", FATHER_ID),
    }
    written = messages(made.case, made.events, SCHEME, NOW)
    return Change(None, made.events, made.case, parties=people, messages=written, **more)


def saved(*made: Family) -> list[LoadedCase]:
    """The families, saved in one statement."""
    with transaction.atomic():
        return cases.save([new_change(each) for each in made])


def decided(
    loaded: LoadedCase, key: TaskKey, to: TaskState, now: datetime = NOW, **more: object
) -> Change:
    """An office's decision about one task, with a message to its system."""
    result = RESULTS.get(key[0]) if to is TaskState.COMPLETED else None
    decision = OfficeDecision(to, result=result, **more)
    events = handling.decide(loaded.case, key, decision, "clerk:1", SCHEME, now)
    after = apply_all(loaded.case, events)
    note = Outgoing("hr-340000", "test", f"note-{to}", {"name": BABY, "on": date(2026, 1, 1)}, key)
    return Change(loaded, events, after, outbox=[note])


def decide(ids: Sequence[UUID], key: TaskKey, to: TaskState, **more: object) -> list[LoadedCase]:
    """The same decision about many cases: one read, one write."""
    with transaction.atomic():
        return cases.save([decided(loaded, key, to, **more) for loaded in cases.load(ids=ids)])


def finished(number: str = "N1", **more: object) -> LoadedCase:
    """A family whose every task has been completed, as saved."""
    (loaded,) = saved(submitted(number, **more))
    ids = [loaded.id]
    decide(ids, ("certificate", 1), TaskState.COMPLETED, now=later(hours=1))
    decide(ids, ("registration", 1), TaskState.APPROVED, now=later(hours=2))
    with transaction.atomic():
        (loaded,) = cases.load(ids=ids)
        events = handling.answer_ask(
            loaded.case, ("registration", 1), "confirm", "mother", "x", SCHEME, later(hours=3)
        )
        cases.save([Change(loaded, events, apply_all(loaded.case, events))])
    decide(ids, ("registration", 1), TaskState.COMPLETED, now=later(hours=4))
    lies = {"from": None, "to": "ready", "mover": "system", "option": "collect"}
    moved = Event(EventKind.PARCEL_MOVED, later(hours=4), "system", ("certificate", 1), lies)
    with transaction.atomic():
        (loaded,) = cases.load(ids=ids)
        (kept,) = cases.save([Change(loaded, [moved], apply_all(loaded.case, [moved]))])
        (parcel,) = kept.case.parcels.values()
        parcels.keep([parcels.Moved(loaded.id, parcel, "H01", False)])
    (loaded,) = decide(ids, ("card", 1), TaskState.COMPLETED, now=later(hours=5))
    return loaded


def later(**more: float) -> datetime:
    return NOW + timedelta(**more)
