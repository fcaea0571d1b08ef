"""介绍认识: on a demonstration's start the pack's example families move into the sandbox.

They are moved in time so that they live today, and the demonstration's front page is told who can
be tried: `VAR_DIR/demo.json`. Families of an earlier start stay as long as they are young enough
to be tried; what somebody has begun with them is not lost.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from yijian.domain.clocks import SHANGHAI
from yijian.domain.routing import Office
from yijian.ops.lively import example_of, lively
from yijian.packs.examples import example_files, load_example
from yijian.packs.families import Family, as_json
from yijian.packs.loading import running_codes
from yijian.packs.offices import load_directory

Json = dict[str, Any]

FILE = "demo.json"
YOUNG = timedelta(days=10)
"""A family stays that long; a delivery that is older than 30 days cannot be tried any more."""
AT_ONCE = 10
PATIENCE_SECONDS = 20.0
SINCE = "~"
"""Between the code of a pack and the day since which a family lives."""
CALENDAR = (
    "57-born-31-august", "58-born-1-september", "59-born-31-december", "60-twins-across-the-line",
    "61-paid-on-day-90", "62-paid-on-day-91", "67-leap-day-parent", "68-leap-day-baby",
    "69-new-year-crossing", "70-spring-festival",
)  # fmt: skip
"""Their point is a day of the calendar, which a family that lives today no longer meets."""


class NotAcquaintedError(Exception):
    """The demonstration's families could not be made; the message says why."""


@dataclass(frozen=True)
class Acquaintances:
    """Who is to be made known: the offices of the node's packs, and their example families."""

    offices: tuple[Office, ...]
    examples: Mapping[str, tuple[Family, ...]]


def acquaintances(packs_dir: Path, packs: str) -> Acquaintances:
    """The offices and the families of the packs in a comma list, or of all in the folder.

    Errors: PackError.
    """
    listed = [code.strip() for code in packs.split(",") if code.strip()]
    offices: dict[str, Office] = {}
    examples: dict[str, tuple[Family, ...]] = {}
    for code in listed or running_codes(packs_dir):
        for office in load_directory(packs_dir, code).offices:
            offices.setdefault(office.code, office)
        examples[code] = tuple(
            load_example(packs_dir, path)
            for path in example_files(packs_dir, code)
            if path.stem not in CALENDAR
        )
    return Acquaintances(tuple(offices.values()), examples)


def acquaint(known: Acquaintances, sandbox: str, var_dir: Path) -> int:
    """Make everybody known to the sandbox and to the demonstration's page; how many families."""
    now = datetime.now(UTC)
    try:
        with httpx.Client(base_url=sandbox, timeout=PATIENCE_SECONDS) as client:
            families = _introduced(client, known.examples, now)
            staff = _answer(client.get("/staff"))
    except httpx.HTTPError as refused:
        raise NotAcquaintedError(f"the demonstration's families: {refused}") from refused
    write_demo(var_dir, families, staff)
    return sum(map(len, families.values()))


def _introduced(
    client: httpx.Client, examples: Mapping[str, Sequence[Family]], now: datetime
) -> dict[str, list[Json]]:
    """The examples as families of today, by pack; those of an earlier start stay who they are."""
    known = _alive(_answer(client.get("/families")), now)
    today = now.astimezone(SHANGHAI).date().isoformat()
    added = {
        (code, family.name): as_json(lively(family, now, mark=f"{code}{SINCE}{today}"))
        for code, families in examples.items()
        for family in families
        if (code, family.name) not in known
    }
    send_families(client, list(added.values()))
    known |= added
    return {
        code: [known[code, family.name] for family in families]
        for code, families in examples.items()
    }


def send_families(client: httpx.Client, families: Sequence[Json]) -> None:
    """Post complete families, a few at a time."""
    for start in range(0, len(families), AT_ONCE):
        some = families[start : start + AT_ONCE]
        answer = client.post("/families", json=some)
        refused = answer.json().get("refused", []) if answer.is_success else [answer.text[:300]]
        if refused:
            raise NotAcquaintedError(f"the sandbox refuses families: {refused}")


def _answer(response: httpx.Response) -> Any:
    return response.raise_for_status().json()


def _alive(families: Iterable[Json], now: datetime) -> dict[tuple[str, str], Json]:
    """The families of an earlier start that can still be tried, by pack and example, the youngest."""
    today = now.astimezone(SHANGHAI).date()
    found: dict[tuple[str, str], Json] = {}
    for family in families:
        name, mark = example_of(family["id"])
        code, _, day = mark.partition(SINCE)
        try:
            born = date.fromisoformat(day)
        except ValueError:
            continue
        if today - born <= YOUNG:
            found[code, name] = family
    return found


def write_demo(
    var_dir: Path, families: Mapping[str, Iterable[Json]], staff: Iterable[Json]
) -> None:
    """Write who can be tried; a reader sees the whole file or the one before it."""
    people = {
        "families": [_family(one, code) for code, some in families.items() for one in some],
        "staff": [_worker(person) for person in staff],
    }
    path = var_dir / FILE
    new = path.with_suffix(".new")
    new.write_text(json.dumps(people, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(new, path)


def _family(family: Json, pack: str) -> Json:
    parents = {
        role: {"name": family[role]["name"], "login_hint": f"{family['id']}/{role}"}
        for role in ("mother", "father")
        if family.get(role)
    }
    return {"id": family["id"], "pack": pack, "title": family["title"], **parents}


def _worker(person: Json) -> Json:
    return {
        "name": person["name"],
        "office": person["office"],
        "office_name": person["office_name"],
        "role": person["role"],
        "title": {"zh": person["role_zh"], "en": person["role"].replace("_", " ").capitalize()},
        "login_hint": person["sub"],
    }
