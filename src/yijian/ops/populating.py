"""填充演示节点: many made-up families over offices, days and hours, with the fates that families have.

A few thousand lives are played through in the pure core (`lifetimes`); each then stands for some
dozens of families on other days (`likenesses`). What is drawn here is where and when they apply.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from yijian.actions.populating import Played
from yijian.domain.cases import Case
from yijian.domain.clocks import SHANGHAI, local_day
from yijian.domain.context import Context
from yijian.domain.measures import prefix_of
from yijian.domain.numbers import case_number
from yijian.domain.plan import ONLINE
from yijian.domain.ratings import RatingRules
from yijian.domain.routing import Office
from yijian.ops.acquaint import CALENDAR
from yijian.ops.certified import id_at
from yijian.ops.lifetimes import lived
from yijian.ops.likenesses import Likeness
from yijian.ops.lively import lively
from yijian.ops.living import Lifetime
from yijian.packs.examples import example_files, load_example
from yijian.packs.families import Family
from yijian.packs.families.schema import (
    Answer,
    DeliverySchema,
    FamilySchema,
    HukouSchema,
    PersonSchema,
)

NUMBER_LETTER = "S"
COPIES = 25
"""How many families one life that was played through stands for."""
FEWEST_LIVES = 600
"""Unless that leaves each with too few families."""
FEWEST_COPIES = 2
AT_WINDOWS = 0.22
TURNED_AWAY = 0.07
UNUSUAL = 0.18
LATE_RECORDS = 0.06
FROM_ELSEWHERE = 0.07
BY_MAIL = 0.72
"""How many families have everything sent that can be sent."""
LESS_BEFORE = 0.45
"""How many fewer families applied in the first week than in the last: people hear of it."""
HOURS = [0, 0, 0, 0, 0, 1, 3, 8, 14, 20, 24, 18, 12, 14, 18, 18, 16, 14, 16, 22, 26, 18, 8, 2]
"""How families that apply are spread over the hours of a day."""
WEEKDAYS = [10, 10, 9, 9, 10, 7, 7]


@dataclass(frozen=True)
class Scheme:
    """方案: a pack as it runs here, and its example families by what becomes of them."""

    context: Context
    ordinary: Family
    unusual: tuple[Family, ...]
    refused: tuple[Family, ...]
    hospitals: tuple[Office, ...]
    rules: RatingRules | None = None


def scheme(packs_dir: Path, context: Context, rules: RatingRules | None = None) -> Scheme | None:
    """What can be made of a pack; None when no example of it goes through to its end.

    Nobody rates anything without `rules`.
    """
    found: dict[str, list[Family]] = {"yes": [], "no": []}
    for path in example_files(packs_dir, context.pack.code):
        family = load_example(packs_dir, path)
        answer = family.model.expect.eligible
        if path.stem not in CALENDAR and not family.model.facts and answer in found:
            found[answer].append(family)
    if not found["yes"]:
        return None
    ordinary, *unusual = found["yes"]
    return Scheme(context, ordinary, tuple(unusual), tuple(found["no"]), _hospitals(context), rules)


def _hospitals(context: Context) -> tuple[Office, ...]:
    """The scheme's own places of birth, in counties where the other offices are found too."""
    own = tuple(prefix_of(division) for division in context.pack.divisions)
    items = context.pack.items.values()
    births = {item.office_kind for item in items if item.office_fact == "institution_code"}
    county = {
        item.office_kind for item in items if item.office_fact == "hukou_police_station"
    } or births
    offices = context.directory.offices
    served = {office.division for office in offices if office.kind in county}
    return tuple(
        office
        for office in offices
        if office.kind in births and office.division in served and office.issues_certificates
        if office.division.startswith(own)
    )


@dataclass(frozen=True, slots=True, order=True)
class _Copy:
    """When a copy of a life begins, and which it is."""

    starts_at: datetime
    life: int
    nth: int
    weeks: int


class Population:
    """演练人群: families of some schemes who apply within so many days before a moment.

    The same seed makes the same lives and counts, whatever number of `parts` they are made in.
    Newborns' numbers depend on the parts, and ids are drawn anew each time.
    """

    def __init__(
        self, schemes: Sequence[Scheme], *, cases: int, days: int, now: datetime, seed: str
    ) -> None:
        self.schemes, self.cases, self.days, self.now, self.seed = schemes, cases, days, now, seed
        self.weight = [max(len(one.hospitals), 1) for one in schemes]
        self.draw = Random(seed)  # noqa: S311 (made-up families, and the same ones again)
        self.part, self.parts = 0, 1
        self.born: Counter[tuple[str, int]] = Counter()

    def played(self, numbers: Iterator[int], *, part: int = 0, parts: int = 1) -> Iterator[Played]:
        """The cases of one part of the lives, in the order in which they begin."""
        self.part, self.parts = part, parts
        count = max(min(FEWEST_LIVES, self.cases // FEWEST_COPIES), self.cases // COPIES, 1)
        lives: dict[int, tuple[Lifetime, str | None]] = {}
        copies: list[_Copy] = []
        for n in range(part, count, parts):
            of_life = self.cases * (n + 1) // count - self.cases * n // count
            if of_life:
                lives[n] = self._life(n)
                copies += self._copies(n, lives[n][0], of_life)
        for copy in sorted(copies):
            life, window = lives[copy.life]
            made = self._played(life, copy, window, numbers)
            if made is not None:
                yield made

    def _life(self, n: int) -> tuple[Lifetime, str | None]:
        seed = f"{self.seed}-{n}"
        self.draw = Random(seed)  # noqa: S311 (made-up families, and the same ones again)
        (chosen,) = self.draw.choices(self.schemes, self.weight)
        starts_at = self._applies_at()
        hospital = self._hospital(chosen)
        ways = chosen.context.pack.channels
        others = [one for one in ways if one != ONLINE]
        at_window = self.draw.random() < AT_WINDOWS or ONLINE not in ways
        channel = others[0] if others and at_window else ONLINE
        family = self._family(chosen, hospital, starts_at, seed)
        life = lived(
            family, chosen.context, channel=channel, number="-", seed=seed, rules=chosen.rules
        )
        window = hospital.code if hospital is not None and channel != ONLINE else None
        return life, window

    def _copies(self, n: int, life: Lifetime, count: int) -> Iterator[_Copy]:
        """On which weeks a life begins again; the week after it was played is the present one."""
        weeks = max(self.days // 7, 1)
        back = self.draw.choices(
            range(weeks + 1), [1 - LESS_BEFORE * n / weeks for n in range(weeks + 1)], k=count
        )
        for nth, by in enumerate(1 - n for n in back):
            yield _Copy(life.facts.applied_at + timedelta(weeks=by), n, nth, by)

    def _applies_at(self) -> datetime:
        """A moment of the past week but one, as families apply."""
        today = local_day(self.now)
        (back,) = self.draw.choices(
            range(7, 14), [WEEKDAYS[(today - timedelta(days=n)).weekday()] for n in range(7, 14)]
        )
        (hour,) = self.draw.choices(range(24), HOURS)
        day = today - timedelta(days=back)
        return datetime(
            day.year, day.month, day.day, hour, self.draw.randrange(60), tzinfo=SHANGHAI
        )

    def _hospital(self, chosen: Scheme) -> Office | None:
        if not chosen.hospitals:
            return None
        weights = [_size(office.code) for office in chosen.hospitals]
        (found,) = self.draw.choices(chosen.hospitals, weights)
        return found

    def _family(
        self, chosen: Scheme, hospital: Office | None, starts_at: datetime, seed: str
    ) -> Family:
        fate = self.draw.random()
        base = chosen.ordinary
        if chosen.refused and fate < TURNED_AWAY:
            base = self.draw.choice(chosen.refused)
        elif chosen.unusual and fate < TURNED_AWAY + UNUSUAL:
            base = self.draw.choice(chosen.unusual)
        family = lively(base, starts_at, mark=seed)
        if hospital is None or family.model.mother is None:
            return family
        anywhere = base is chosen.ordinary
        other = self.draw.choice(chosen.hospitals).division
        fathers = other if self.draw.random() < FROM_ELSEWHERE else hospital.division
        model = family.model
        changes: dict[str, object] = {
            "script": [],
            "answers": {**self._sent_home(chosen, model), **model.answers},
            "mother": _at_home(model, "mother", hospital.division, anywhere),
            "father": _at_home(model, "father", fathers, anywhere),
            "delivery": self._delivery(model, hospital, starts_at, anywhere),
        }
        return Family(model.model_copy(update=changes), family.tree)

    def _sent_home(self, chosen: Scheme, model: FamilySchema) -> Mapping[str, Answer]:
        """The answers of a family that has its results sent; none of one that collects them."""
        if model.mother is None or self.draw.random() >= BY_MAIL:
            return {}
        found: dict[str, Answer] = {
            "recipient_name": model.mother.name or "江知夏",
            "recipient_phone": "13900000000",
            "recipient_address": "示例市示例区示例路 1 号 2 幢 301 室",
        }
        for way in chosen.context.pack.delivery:
            sent = [one.code for one in way.options if one.needs_address]
            if way.fact and sent:
                found[way.fact] = sent[0]
        return {fact: said for fact, said in found.items() if fact in chosen.context.pack.facts}

    def _delivery(
        self, model: FamilySchema, hospital: Office, starts_at: datetime, anywhere: bool
    ) -> DeliverySchema | None:
        if model.delivery is None:
            return None
        update: dict[str, object] = {}
        if anywhere or "institution" not in model.delivery.model_fields_set:
            update["institution"] = hospital.code
        born = [one.born_at for one in model.newborns if one.born_at is not None]
        if "recorded_at" not in model.delivery.model_fields_set and born:
            hours = (
                self.draw.uniform(8.2, 20)
                if self.draw.random() < LATE_RECORDS
                else (min(7.8, 1.8 * self.draw.lognormvariate(0, 0.6)))
            )
            latest = starts_at - timedelta(minutes=20)
            update["recorded_at"] = min(max(born) + timedelta(hours=hours), latest)
        return model.delivery.model_copy(update=update)

    def _sequence(self, place_and_birthday: str, sex: int) -> int:
        """An order number that no other newborn of this run has; processes have their own."""
        self.born[place_and_birthday, sex] += 1
        first = zlib.crc32(f"{self.seed}{place_and_birthday}".encode()) % 500
        nth = self.born[place_and_birthday, sex] * self.parts + self.part
        return (first + nth) % 500 * 2 + sex

    def _played(
        self, life: Lifetime, copy: _Copy, window: str | None, numbers: Iterator[int]
    ) -> Played | None:
        number, calendar = next(numbers), life.context.calendar
        # Each family takes its certificates from a row of four numbers.
        likeness = Likeness(life, copy.nth, copy.weeks, number * 4, calendar, self._sequence)
        events = likeness.events(until=self.now)
        if not events:
            return None
        at = events[0].at
        division = (life.context.pack.divisions[0] + "000000")[:6]
        blank = Case(
            id=str(id_at(at)),
            number=case_number(division, local_day(at), NUMBER_LETTER, number),
            pack=life.case.pack,
            pack_version=life.case.pack_version,
            pack_digest=life.case.pack_digest,
            channel=life.case.channel,
            started_at=at,
        )
        return Played(blank, events, window)


def _size(code: str) -> float:
    """How many families an office sees compared with others: a few see many."""
    return float(0.25 + 3 * (zlib.crc32(f"size of {code}".encode()) % 1000 / 1000) ** 3)


def _at_home(model: FamilySchema, role: str, division: str, anywhere: bool) -> PersonSchema | None:
    """The parent with a hukou at this place, unless the family's file says where and means it."""
    person: PersonSchema | None = getattr(model, role)
    if person is None or ("hukou" in person.model_fields_set and not anywhere):
        return person
    return person.model_copy(update={"hukou": HukouSchema(division=division)})
