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
from yijian.ops.lively import example_of, lively, lives_outside
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
class Scheme:
    """What one pack brings along: the offices it lists, and its example families."""

    code: str
    offices: tuple[Office, ...]
    examples: tuple[Family, ...]


def schemes(packs_dir: Path, packs: str) -> tuple[Scheme, ...]:
    """The offices and the families of the packs in a comma list, or of all in the folder.

    Errors: PackError.
    """
    listed = [code.strip() for code in packs.split(",") if code.strip()]
    return tuple(
        Scheme(
            code,
            load_directory(packs_dir, code).offices,
            tuple(
                family
                for path in example_files(packs_dir, code)
                if path.stem not in CALENDAR
                and lives_outside(family := load_example(packs_dir, path))
            ),
        )
        for code in listed or running_codes(packs_dir)
    )


def acquaint(known: Sequence[Scheme], sandbox: str, var_dir: Path) -> int:
    """Make everybody known to the sandbox and to the demonstration's page; how many families."""
    now = datetime.now(UTC)
    try:
        with httpx.Client(base_url=sandbox, timeout=PATIENCE_SECONDS) as client:
            client.post("/offices", json=_directory(known)).raise_for_status()
            families = _introduced(client, known, now)
            staff = _answer(client.get("/staff"))
    except httpx.HTTPError as refused:
        raise NotAcquaintedError(f"the demonstration's families: {refused}") from refused
    write_demo(var_dir, known, families, staff)
    return len(families)


def _directory(known: Iterable[Scheme]) -> list[Json]:
    """Every office once, as the sandbox gives it staff or a system."""
    offices: dict[str, Office] = {}
    for scheme in known:
        for office in scheme.offices:
            offices.setdefault(office.code, office)
    return [
        {
            "code": office.code,
            "kind": office.kind,
            "title": {"zh": office.title.zh, "en": office.title.en},
            "division": office.division,
            "channel": office.channel,
            "participant": office.participant,
            "issues_certificates": office.issues_certificates,
        }
        for office in offices.values()
    ]


def _introduced(
    client: httpx.Client, known: Iterable[Scheme], now: datetime
) -> dict[tuple[str, str], Json]:
    """The examples as families of today, by pack and name; those of an earlier start stay."""
    alive = _alive(_answer(client.get("/families")), now)
    today = now.astimezone(SHANGHAI).date().isoformat()
    wanted = {(scheme.code, one.name): one for scheme in known for one in scheme.examples}
    added = {
        key: as_json(lively(family, now, mark=f"{key[0]}{SINCE}{today}"))
        for key, family in wanted.items()
        if key not in alive
    }
    send_families(client, list(added.values()))
    return {key: added.get(key) or alive[key] for key in wanted}


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
    """The families of an earlier start that can still be tried: the youngest of each example."""
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
    var_dir: Path,
    known: Iterable[Scheme],
    families: Mapping[tuple[str, str], Json],
    staff: Sequence[Json],
) -> None:
    """Write who can be tried; a reader sees the whole file or the one before it."""
    people = {"schemes": [_scheme(scheme, families, staff) for scheme in known]}
    path = var_dir / FILE
    new = path.with_suffix(".new")
    new.write_text(json.dumps(people, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(new, path)


def _scheme(
    scheme: Scheme, families: Mapping[tuple[str, str], Json], staff: Sequence[Json]
) -> Json:
    kinds = {office.code: office.kind for office in scheme.offices}
    return {
        "pack": scheme.code,
        "families": [_family(one, families[scheme.code, one.name]) for one in scheme.examples],
        "staff": [
            _worker(person, kinds[person["office"]])
            for person in staff
            if person["office"] in kinds
        ],
    }


def _family(example: Family, family: Json) -> Json:
    people = {
        role: {"name": one["name"], "login_hint": f"{family['id']}/{role}"}
        for role, one in family.items()
        if isinstance(one, dict) and one.get("id_number") and one.get("name")
    }
    eligible = example.model.expect.eligible or "yes"
    return {
        "id": family["id"], "title": family["title"], "eligible": eligible, "people": people,
    }  # fmt: skip


def _worker(person: Json, kind: str) -> Json:
    return {
        "name": person["name"],
        "office": person["office"],
        "office_name": person["office_name"],
        "kind": kind,
        "role": person["role"],
        "title": {"zh": person["role_zh"], "en": person["role"].replace("_", " ").capitalize()},
        "login_hint": person["sub"],
    }
