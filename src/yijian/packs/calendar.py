"""工作日历: calendar.yaml of the base pack becomes the calendar that deadlines are counted on.

Each year names the weekdays that are days off and the weekend days that are worked. A year marked
`provisional: true` is our guess before its notice is published and is flagged wherever it counts.
"""

import json
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from yijian.domain.clocks import Calendar
from yijian.packs.complaints import findings_of
from yijian.packs.findings import Finding, PackError, Place
from yijian.packs.nodes import Node, plain, read_file, read_text
from yijian.packs.reading import line_of_bases
from yijian.packs.schema import Shape

NAME = "calendar.yaml"


class YearSchema(Shape):
    """One year's days off and worked weekend days, and the notice that announced them."""

    notice: str = ""
    provisional: bool = False
    off: list[date] = []
    worked: list[date] = []

    @model_validator(mode="after")
    def _sensible(self) -> "YearSchema":
        for day in self.off:
            if day.weekday() >= 5:
                raise ValueError(f"{day} 是周末，本来就休息，不写进 off")
        for day in self.worked:
            if day.weekday() < 5:
                raise ValueError(f"{day} 是周一至周五，本来就上班，不写进 worked")
        return self


class CalendarSchema(Shape):
    """calendar.yaml."""

    source: str
    years: dict[str, YearSchema] = Field(min_length=1)


class AnnouncedSchema(Shape):
    """One year's notice as it is taken in: every day off and every weekend day worked.

    Weekend days among those off may be named, as the notices do; they change nothing.
    """

    year: Annotated[int, Field(ge=2000, le=2100)]
    notice: Annotated[str, Field(min_length=4, max_length=200)]
    off: Annotated[list[date], Field(min_length=1, max_length=60)]
    worked: Annotated[list[date], Field(max_length=30)] = []

    @model_validator(mode="after")
    def _of_that_year(self) -> "AnnouncedSchema":
        for day in (*self.off, *self.worked):
            if day.year != self.year:
                raise ValueError(f"{day} 不在 {self.year} 年")
        for day in self.worked:
            if day.weekday() < 5:
                raise ValueError(f"{day} 是周一至周五，本来就上班，不写进 worked")
        both = set(self.off) & set(self.worked)
        if both:
            raise ValueError(f"{min(both)} 又放假又上班")
        return self

    @property
    def days_off(self) -> tuple[date, ...]:
        """The days off that would else be worked."""
        return tuple(sorted({day for day in self.off if day.weekday() < 5}))

    @property
    def days_worked(self) -> tuple[date, ...]:
        """The weekend days that are worked."""
        return tuple(sorted(set(self.worked)))


def read_year(text: str, name: str = "通知") -> AnnouncedSchema:
    """One year's notice from YAML, or from lines of `date,off|worked`; PackError when it is wrong.

    Lines may begin with `notice,…`; the year is that of the dates.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    tree = read_text(_as_yaml(text, name) if "," in first and ":" not in first else text, name)
    try:
        return AnnouncedSchema.model_validate_json(json.dumps(plain(tree)))
    except ValidationError as error:
        raise PackError(findings_of(error, tree, AnnouncedSchema)) from None


def _as_yaml(text: str, name: str) -> str:
    """The same as YAML: one list of dates for each word."""
    said: dict[str, list[str]] = {"notice": [], "off": [], "worked": []}
    for number, line in enumerate(text.splitlines(), start=1):
        one, _, other = (part.strip() for part in line.partition(","))
        key, value = (one, other) if one == "notice" else (other, one)
        if line.strip() and (key not in said or not value):
            place = Place(name, number)
            raise PackError([Finding(place, "每行写 日期,off（放假）或 日期,worked（上班）")])
        if line.strip():
            said[key].append(value)
    year = (said["off"] or said["worked"] or [""])[0][:4]
    days = "".join(f"{key}: [{', '.join(said[key])}]\n" for key in ("off", "worked"))
    return (
        f"year: {year}\nnotice: {json.dumps(''.join(said['notice']), ensure_ascii=False)}\n{days}"
    )


def load(packs_dir: Path, base: str = "000000-base") -> Calendar:
    """The working-day calendar of `packs_dir / base`; PackError when the file is wrong."""
    name = f"{base}/{NAME}"
    path = packs_dir / base / NAME
    if not path.is_file():
        raise PackError([Finding(Place(name), "没有工作日历这个文件")])
    tree = read_file(path, name)
    try:
        schema = CalendarSchema.model_validate_json(json.dumps(plain(tree)))
    except ValidationError as error:
        raise PackError(findings_of(error, tree, CalendarSchema)) from None
    _check_years(schema, tree)
    exceptions = {day: False for year in schema.years.values() for day in year.off}
    exceptions |= {day: True for year in schema.years.values() for day in year.worked}
    announced = {int(name) for name, year in schema.years.items() if not year.provisional}
    return Calendar(exceptions, frozenset(announced))


def load_for(packs_dir: Path, code: str) -> Calendar:
    """The calendar of the pack `code`: its own, or that of the nearest base which has one."""
    line = line_of_bases(packs_dir, code)
    own = next((name for name in reversed(line) if (packs_dir / name / NAME).is_file()), line[0])
    return load(packs_dir, own)


def _check_years(schema: CalendarSchema, tree: Node) -> None:
    findings = [
        Finding(tree.at(["years", name, key, index]), f"{day} 不在 {name} 年")
        for name, year in schema.years.items()
        for key, days in (("off", year.off), ("worked", year.worked))
        for index, day in enumerate(days)
        if str(day.year) != name
    ]
    announced = sorted(int(name) for name, year in schema.years.items() if not year.provisional)
    gaps = set(range(announced[0], announced[-1] + 1)) - set(announced) if announced else set()
    findings += [Finding(tree.at(["years"]), f"缺少 {year} 年的放假安排") for year in sorted(gaps)]
    if not announced:
        findings.append(Finding(tree.at(["years"]), "至少要有一年已公布的放假安排"))
    if findings:
        raise PackError(findings)
