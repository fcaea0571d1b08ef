"""One platform for all journeys, one Chromium for each file, families that nobody has met."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Error

from tests.journeys.looking import Looking
from yijian.domain.context import Context
from yijian.ops.acquaint import send_families
from yijian.ops.running import Platform
from yijian.ops.screenshots_person import DESK, Person, chromium
from yijian.ops.walk_desk import Clerk, clerk_of
from yijian.ops.walk_families import Guest, invite
from yijian.ops.walk_parents import Parent
from yijian.packs.examples import example_files, load_example
from yijian.packs.loading import load_context

PACKS, PACK = Path("packs"), "340000-anhui"
HASTE = ("--delay", "0.1-0.3")
PATIENCE_SECONDS = 40.0
Found = TypeVar("Found")
FAILED = pytest.StashKey[bool]()
MOST_LETTERS = 1_500
LINK = re.compile(r"https?://[^\s，。]+")


def say_nothing(_who: str, _what: str) -> None:
    """A walk whose steps nobody reads."""


@dataclass
class Town:
    """The running product with the people in it."""

    platform: Platform
    looking: Looking = field(default_factory=Looking)
    marks: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    outside: list[Parent | Clerk] = field(default_factory=list)
    """Who has come without a browser window, to be sent home at the end."""
    context: Context = field(default_factory=lambda: load_context(PACKS, PACK))

    @property
    def address(self) -> str:
        return self.platform.address

    @property
    def sandbox(self) -> str:
        return self.platform.sandbox_address

    @cached_property
    def staff(self) -> list[dict[str, Any]]:
        return list(httpx.get(f"{self.sandbox}/staff", timeout=30).raise_for_status().json())

    def family(self, number: int) -> Guest:
        """A family like an example of the pack, of new people, known to every register."""
        path = next(p for p in example_files(PACKS, PACK) if p.stem.startswith(f"{number:02d}-"))
        guest = invite(
            load_example(PACKS, path), self.context, datetime.now(UTC), mark=f"j{next(self.marks)}"
        )
        with httpx.Client(base_url=self.sandbox, timeout=PATIENCE_SECONDS) as client:
            send_families(client, [guest.family])
        return guest

    def messages(self, guest: Guest, role: str) -> list[str]:
        """The text messages a parent has received, the newest first."""
        phone = guest.family[role]["phone"]
        answer = httpx.get(f"{self.sandbox}/sms.json", params={"to": phone}, timeout=30).json()
        return [one["text"] for one in answer["messages"]]

    def invitation(self, guest: Guest, number: str) -> str:
        """The address in the father's text message."""

        def found() -> str:
            texts = " ".join(self.messages(guest, "father"))
            return next((link for link in LINK.findall(texts) if number in link), "")

        return until(found)

    def record_delivery(self, guest: Guest) -> None:
        """The lever of the sandbox: the hospital records a delivery late."""
        httpx.post(f"{self.sandbox}/families/{guest.id}/record").raise_for_status()

    def submitted(self, number: int = 1) -> tuple[Guest, Parent]:
        """A family whose parents have both signed; without a browser, because that is quicker."""
        guest = self.family(number)
        parents = [
            Parent(role, guest.family, self.address, self.sandbox, say_nothing, time.sleep)
            for role in ("mother", "father")
        ]
        mother, father = parents
        mother.proceed(mother.enter())
        query = urlencode({"login_hint": father.hint, "next": mother.home})
        father.proceed(father.browser.get(f"/enter/?{query}"))
        self.outside += parents
        return guest, mother

    def clerk(self, guest: Guest, office: str) -> Clerk:
        """Who works on the family's tasks at an office, without a browser."""
        clerk = Clerk(clerk_of(self.staff, office), guest, self.address, say_nothing)
        self.outside.append(clerk)
        return clerk


def until(found: Callable[[], Found], seconds: float = PATIENCE_SECONDS) -> Found:
    """What is found at last; an assertion when it never is."""
    end = time.monotonic() + seconds
    while True:
        result = found()
        if result:
            return result
        assert time.monotonic() < end, "it never came"
        time.sleep(0.3)


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("journeys")
    with Platform(
        folder,
        port=0,
        sandbox_port=0,
        packs=PACK,
        web_processes=1,
        durable=False,
        sandbox_options=HASTE,
    ) as platform:
        town = Town(platform)
        yield town
        for person in town.outside:
            person.browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file: while Playwright runs, Django lets nobody else use the database."""
    with chromium() as found:
        yield found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Whoever puts the windows away knows whether the journey failed."""
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


def tell(people: list[Person], platform: Platform) -> None:
    """What stood in every window, and what the platform thought of it, for the report."""
    for place, person in enumerate(people):
        with suppress(Error):
            print(f"--- window {place}: {person.visited[-3:]} {urlsplit(person.page.url).path}")
            print(person.page.locator("body").inner_text()[:MOST_LETTERS])
    for log in ("web", "worker"):
        lines = (platform.var_dir / "logs" / f"{log}.log").read_text().splitlines()
        print(f"--- {log}:", *[one for one in lines if '"error"' in one][-3:], sep="\n")


@pytest.fixture
def somebody(
    town: Town, browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Person]]:
    """Opens browser windows; every page that comes up in them is looked at."""
    people: list[Person] = []

    def opened(**options: Any) -> Person:
        person = Person(browser, town.address, **{"seen": town.looking, **options})
        people.append(person)
        return person

    yield opened
    if request.node.stash.get(FAILED, False):
        tell(people, town.platform)
    for person in people:
        person.close()


@pytest.fixture
def at_desk(somebody: Callable[..., Person], town: Town) -> Callable[[str], Person]:
    """Somebody of an office at the work desk."""

    def seated(office: str) -> Person:
        person = somebody(size=DESK)
        return person.log_in(clerk_of(town.staff, office)["sub"], then="/desk/")

    return seated
