"""`yijian screenshots`: the pictures of the README, taken from the running product.

What lives here: which picture shows what, and what has to happen before it can be taken. What does
not: how a person uses a browser (`screenshots_person`). Needs Debian's Chromium and playwright.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from urllib.parse import urlencode

import httpx
import typer
from playwright.sync_api import Browser

from yijian.documents.typesetting import png_of
from yijian.domain.context import Context
from yijian.ops.acquaint import send_families
from yijian.ops.running import Platform
from yijian.ops.screenshots_person import DESK, Person, chromium
from yijian.ops.screenshots_png import side_by_side, small
from yijian.ops.walk_desk import Clerk, clerk_of
from yijian.ops.walk_families import Guest, invite
from yijian.ops.walk_parents import Parent
from yijian.ops.walk_release import Release
from yijian.packs.examples import example_files, load_example
from yijian.packs.loading import load_context

PACKS, PACK = Path("packs"), "340000-anhui"
HASTE = ("--delay", "0.1-0.3")
PATIENCE_SECONDS = 60.0
MOST_BYTES = 150 * 1024
ORDINARY, TWINS, REFUSED = 1, 2, 66
NEIGHBOURS = (TWINS, 4, 54, 5)
GIVEN_NAME = "一诺"
CERTIFICATE = "《出生医学证明》签发"
PAPERS = ("申请表", "正页")
"""Two papers whose first pages are shown, by words of their names."""


@dataclass
class Studio:
    """A platform, a browser, and a folder for the pictures."""

    address: str
    sandbox: str
    browser: Browser
    folder: Path
    mark: str
    context: Context
    staff: list[dict[str, Any]]

    def family(self, number: int) -> Guest:
        """New people like an example of the pack."""
        path = next(p for p in example_files(PACKS, PACK) if p.stem.startswith(f"{number:02d}-"))
        now = datetime.now(UTC)
        guest = invite(load_example(PACKS, path), self.context, now, mark=self.mark)
        with httpx.Client(base_url=self.sandbox, timeout=PATIENCE_SECONDS) as client:
            send_families(client, [guest.family])
        return guest

    def person(self, hint: str, then: str = "/my/", *, desk: bool = False) -> Person:
        """Somebody at a browser, logged in."""
        size = DESK if desk else (390, 844)
        return Person(self.browser, self.address, size=size).log_in(hint, then)

    def take(self, person: Person, name: str) -> None:
        """A picture of what the window shows, small enough for a page of a repository."""
        person.page.mouse.move(0, 0)
        person.page.wait_for_timeout(200)
        picture = small(person.page.screenshot(animations="disabled", caret="hide"))
        if len(picture) > MOST_BYTES:
            raise typer.BadParameter(f"{name} has {len(picture)} bytes; at most {MOST_BYTES}")
        (self.folder / f"{name}.png").write_bytes(picture)
        typer.echo(f"{name}.png  {len(picture) // 1024} KB")


def command(
    to: Annotated[Path, typer.Option(help="放到哪个文件夹 Folder of the pictures.")] = Path(
        "docs/pictures"
    ),
    url: Annotated[str, typer.Option(help="已在运行的平台 A running platform's address.")] = "",
    sandbox: Annotated[str, typer.Option(help="它的模拟环境 Its sandbox.")] = "",
) -> None:
    """拍截图 · Take the pictures of the README from the running product.

    Without --url everything is started on free ports with an empty database, and stopped again.
    """
    to.mkdir(parents=True, exist_ok=True)
    with _place(url, sandbox) as (address, outside, mark), chromium() as browser:
        staff = httpx.get(f"{outside}/staff", timeout=PATIENCE_SECONDS).raise_for_status().json()
        context = load_context(PACKS, PACK)
        studio = Studio(address, outside, browser, to, mark, context, staff)
        guest, number = take_form(studio)
        take_refusal(studio)
        take_desk(studio, guest, number)
        take_progress(studio, guest, number)
        take_papers(studio, guest, number)
        take_sandbox(studio)


@contextmanager
def _place(url: str, sandbox: str) -> Iterator[tuple[str, str, str]]:
    """Node, sandbox, and a mark for the families; the same mark gives the same people."""
    if url:
        yield url.rstrip("/"), sandbox.rstrip("/"), secrets.token_hex(4)
        return
    with TemporaryDirectory(prefix="yijian-pictures-") as folder:
        platform = Platform(
            Path(folder),
            port=0,
            sandbox_port=0,
            packs=PACK,
            durable=False,
            sandbox_options=HASTE,
        )
        with platform:
            yield platform.address, platform.sandbox_address, "pictures"


def take_form(studio: Studio) -> tuple[Guest, str]:
    """The mother's sitting: what is known, what she types, how it looks enlarged."""
    guest = studio.family(ORDINARY)
    mother = studio.person(f"{guest.id}/mother")
    baby = f"{guest.family['father']['name'][0]}{GIVEN_NAME}"
    mother.proceed(until=lambda where: where == "form/baby")
    studio.take(mother, "phone-form")
    _dispute(mother)
    mother.proceed(name=baby, until=lambda where: where == "name")
    studio.take(mother, "phone-name")
    mother.proceed(until=lambda where: where == "form/items")
    _read(mother, "elder")
    studio.take(mother, "phone-elder")
    _read(mother, "normal")
    mother.proceed()
    number = mother.number
    mother.close()
    father = studio.person(f"{guest.id}/father", f"/my/cases/{number}/")
    father.proceed().close()
    return guest, number


def _dispute(mother: Person) -> None:
    """“Not right?”: so that the desk has something to compare."""
    mother.tap(mother.main.get_by_role("link", name="信息不对？").first)
    mother.main.locator("input[name=fact][value^=newborn_weight]").first.check()
    mother.main.locator("textarea").fill("3450")
    mother.press("提交")


def _read(person: Person, mode: str) -> None:
    where = person.page.url.removeprefix(person.address)
    person.go(f"/preferences?{urlencode({'mode': mode, 'next': where})}")


def take_refusal(studio: Studio) -> None:
    """Every reason at once, each with the way on."""
    guest = studio.family(REFUSED)
    mother = studio.person(f"{guest.id}/mother").proceed()
    studio.take(mother, "phone-refused")
    mother.close()


def take_desk(studio: Studio, guest: Guest, number: str) -> None:
    """A hospital's worklist, and one task with what the family disputes on top."""
    for other in NEIGHBOURS:
        _submit(studio, studio.family(other))
    office = guest.family["delivery"]["institution"]
    clerk = studio.person(clerk_of(studio.staff, office)["sub"], "/desk/", desk=True)
    clerk.page.keyboard.press("j")
    clerk.page.keyboard.press("j")
    studio.take(clerk, "desk-list")
    clerk.go(f"/desk/tasks/?group=open&q={number}")
    clerk.tap(clerk.main.locator("[data-row]", has_text=CERTIFICATE).locator("[data-open]"))
    studio.take(clerk, "desk-review")
    clerk.close()


def _submit(studio: Studio, guest: Guest) -> None:
    mother, father = (_parent(studio, guest, role) for role in ("mother", "father"))
    mother.proceed(mother.enter())
    query = urlencode({"login_hint": father.hint, "next": mother.home})
    father.proceed(father.browser.get(f"/enter/?{query}"))
    for parent in (mother, father):
        parent.browser.close()


def _parent(studio: Studio, guest: Guest, role: str) -> Parent:
    return Parent(role, guest.family, studio.address, studio.sandbox, _say_nothing, time.sleep)


def _say_nothing(_who: str, _what: str) -> None:
    return None


def take_progress(studio: Studio, guest: Guest, number: str) -> None:
    """Some items finished, some under way, some waiting; and what the family has to do now."""
    office = guest.family["delivery"]["institution"]
    station = guest.family["mother"]["hukou"]["police_station"]
    clerks = [
        Clerk(clerk_of(studio.staff, code), guest, studio.address, _say_nothing)
        for code in (office, station)
    ]
    mother = studio.person(f"{guest.id}/mother", f"/my/cases/{number}/progress/")
    end = time.monotonic() + PATIENCE_SECONDS
    while mother.of_case("progress/").main.locator("section.act").count() == 0:
        for clerk in clerks:
            clerk.work(number)
        if time.monotonic() > end:
            raise typer.BadParameter("the offices did not come so far")
        mother.page.wait_for_timeout(500)
    mother.page.locator(".timeline").evaluate("one => scrollTo(0, one.offsetTop - 115)")
    studio.take(mother, "phone-progress")
    mother.close()
    for clerk in clerks:
        clerk.browser.close()


def take_papers(studio: Studio, guest: Guest, number: str) -> None:
    """The form as it was signed and the certificate as it was sealed, side by side."""
    mother = _parent(studio, guest, "mother")
    mother.enter()
    with TemporaryDirectory(prefix="yijian-papers-") as folder:
        release = Release(Path(folder))
        release.take("family", f"/my/cases/{number}/", mother.browser, time.sleep)
        files = sorted((Path(folder) / "family").glob("*.pdf"))
        pages = [
            png_of(next(f for f in files if words in f.name).read_bytes(), 1, dots_per_inch=72)
            for words in PAPERS
        ]
    mother.browser.close()
    picture = small(side_by_side(pages))
    (studio.folder / "papers.png").write_bytes(picture)
    typer.echo(f"papers.png  {len(picture) // 1024} KB")


def take_sandbox(studio: Studio) -> None:
    """The pretend outside world's own page."""
    visitor = Person(studio.browser, studio.address, size=DESK)
    visitor.page.goto(studio.sandbox)
    studio.take(visitor, "sandbox")
    visitor.close()
