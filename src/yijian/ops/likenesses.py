"""演练办件: the same life once more on another day, with other people, as far as it has come by now.

A life that was played through once stands for many: its events move by whole weeks, so that they
fall on the same weekdays; deadlines are computed again over the calendar of the new days; names,
numbers and phones become those of somebody else. What would lie in the future is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from yijian.actions.certificates import OF_CERTIFICATES
from yijian.domain.clocks import SHANGHAI, Calendar, end_of, local_day
from yijian.domain.events import Event, EventKind, TaskKey, moment_in
from yijian.domain.numbers import check_character
from yijian.ops.certified import Copied
from yijian.ops.living import Lifetime

NUMBER = re.compile(r"\d{17}[\dX]")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
CERTIFICATE = re.compile(r"[A-Z]\d{9}")
LONG_BEFORE = timedelta(days=60)
"""What is older than that when a family applies is part of who they are, and stays."""
_SURNAMES = "江陆沈顾林程苏叶许宋唐梁韩方谢邵温夏柳秦董萧徐冯曹袁邓贺"
_GIVEN = (
    "知夏 晚舟 青禾 若溪 听雨 语桐 疏影 念真 照晴 采薇 云舒 望舒 清越 静姝 书瑶 云帆 星河 景行 远山 "
    "明川 鸿渐 承宇 怀瑾 牧野 天阔 思齐 修远 长风 行舟 北辰 一诺 沐晨 予安 清和 嘉树 初晴 景明 以宁"
).split()


@dataclass
class Likeness:
    """演练办件: how one copy of a life differs: `nth` of its life, so many weeks later.

    `sequence` gives the order number of a newborn's ID number, by place with birthday, and sex.
    """

    life: Lifetime
    nth: int
    weeks: int
    certificates: int
    calendar: Calendar
    sequence: Callable[[str, int], int]
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by = timedelta(weeks=self.weeks)
        self.since = self.life.facts.applied_at - LONG_BEFORE
        self.draw = Random(f"{self.life.case.id}/{self.nth}")  # noqa: S311 (made-up people)
        for role in self.life.context.pack.roles:
            self._renames(role)
        for (fact, _), fact_value in self.life.case.answers.items():
            if fact == "newborn_name" and fact_value.value:
                name = str(fact_value.value)
                self.names.setdefault(name, name[:1] + self.draw.choice(_GIVEN))

    def _renames(self, role: str) -> None:
        known = self.life.facts.verified
        old = str(known.get((f"{role}_name", 0)) or "")
        if old:
            self.names[old] = self.draw.choice(_SURNAMES) + self.draw.choice(_GIVEN)
        phone = str(known.get((f"{role}_phone", 0)) or "")
        if phone:
            self.names[phone] = f"139{self.draw.randrange(10**8):08d}"

    def events(self, *, until: datetime) -> list[Event]:
        """The events of this copy that have happened by then."""
        told: list[Event] = []
        due: dict[TaskKey | None, datetime] = {}
        certificates = Copied(self._value, self.by)
        for event in self.life.events:
            at = event.at + self.by
            if at > until:
                break
            if event.kind in OF_CERTIFICATES:
                told.append(certificates.event(event, at))
                continue
            public = event.public
            before = moment_in(public, "due_at", None)
            if before is not None:
                if event.kind is not EventKind.TASK_URGED:
                    due[event.task] = self._due(event.at, before)
                elif event.by == "system" and due[event.task] != before + self.by:
                    # With another deadline the office would have been told at another time.
                    continue
                public = {**public, "due_at": due[event.task].isoformat()}
            sealed = {name: self._value(value) for name, value in event.sealed.items()}
            told.append(replace(event, at=at, public=public, sealed=sealed))
        return told

    def _due(self, at: datetime, due_at: datetime) -> datetime:
        """As many working days after the event as before."""
        last = local_day(due_at - timedelta(microseconds=1))
        moved = due_at + self.by
        if due_at == end_of(last):
            start = local_day(at)
            workdays = self.calendar.between(start, last)
            if workdays > 0:
                moved = end_of(self.calendar.after(start + self.by, workdays))
        return moved.astimezone(SHANGHAI)

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, datetime):
            return value + self.by if value >= self.since else value
        if isinstance(value, date):
            return value + self.by if value >= self.since.date() and value.year < 2100 else value
        if isinstance(value, Mapping):
            return {name: self._value(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self._value(one) for one in value)
        return value

    def _text(self, text: str) -> str:
        if text in self.names:
            return self.names[text]
        if NUMBER.fullmatch(text):
            self.names[text] = self._number(text)
        elif CERTIFICATE.fullmatch(text):
            self.certificates += 1
            self.names[text] = f"{text[:3]}{self.certificates % 10**7:07d}"
        elif text == f"D{self.life.facts.family['id']}":
            self.names[text] = f"{text}-{self.nth}"
        elif DAY.fullmatch(text) and date.fromisoformat(text) >= self.since.date():
            return (date.fromisoformat(text) + self.by).isoformat()
        return self.names.get(text, text)

    def _number(self, number: str) -> str:
        """Another ID number of the same place and sex; a newborn's is of its new birthday."""
        try:
            born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        except ValueError:
            return number
        if born_on >= self.since.date():
            born_on += self.by
            sequence = self.sequence(f"{number[:6]}{born_on:%Y%m%d}", int(number[16]) % 2)
        else:
            sequence = (int(number[14:17]) + self.nth * 2) % 1000
        first_17 = f"{number[:6]}{born_on:%Y%m%d}{sequence:03d}"
        return first_17 + check_character(first_17)
