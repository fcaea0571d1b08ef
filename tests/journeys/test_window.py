"""窗口: one family from the card to the notice by keyboard, and a ward without network."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.actions.cast_window import page as scanned
from tests.journeys.conftest import HASTE, PACKS, PATIENCE_SECONDS, Town, until
from yijian.ops.acquaint import send_families
from yijian.ops.running import Platform
from yijian.ops.screenshots_person import DESK, Person
from yijian.ops.walk_families import Guest, invite
from yijian.packs.examples import example_files, load_example
from yijian.packs.loading import load_context

pytestmark = pytest.mark.timeout(300)
YUANLING = "431222-yuanling"
TABLET = (820, 1180)
_marks = itertools.count(1)
Somebody = Callable[..., Person]


def guest_of(town: Town, code: str, stem: str) -> Guest:
    """A family like an example of a pack, of new people, known to every register."""
    path = next(p for p in example_files(PACKS, code) if p.stem.startswith(stem))
    guest = invite(
        load_example(PACKS, path), load_context(PACKS, code), datetime.now(UTC),
        mark=f"w{next(_marks)}",
    )  # fmt: skip
    with httpx.Client(base_url=town.sandbox, timeout=PATIENCE_SECONDS) as client:
        send_families(client, [guest.family])
    return guest


@dataclass
class Window:
    """A clerk at a window with a family before her."""

    clerk: Person
    guest: Guest
    number: str = ""

    @property
    def step(self) -> str:
        """The step of the case that is on the screen."""
        return self.clerk.page.url.rstrip("/").rsplit("/", 1)[-1]

    def key(self, key: str) -> None:
        """Press a key that leads to another page."""
        self.clerk.page.keyboard.press("Escape")
        with self.clerk.page.expect_navigation():
            self.clerk.page.keyboard.press(key)
        self.clerk.look()

    def go(self, step: str = "") -> None:
        self.clerk.go(f"/desk/window/{self.number}/{step}")

    def type_card(self, role: str, prefix: str = "") -> None:
        person = self.guest.family[role]
        for field in ("name", "id_number", "phone"):
            self.clerk.page.fill(f"[name={prefix}{field}]", str(person[field]))
        self.clerk.page.check(f"[name={prefix}original_seen]")

    def opens(self) -> None:
        """N, the card, S."""
        self.key("n")
        self.type_card("mother")
        self.key("s")
        self.number = self.clerk.page.url.split("/")[5]
        self.key("s")

    def hears_the_registers(self) -> None:
        def answered() -> bool:
            self.go()
            return self.step != "findings"

        until(answered)

    def second_parent(self, role: str = "father") -> None:
        self.go("people/")
        card = self.clerk.main.locator(f"#{role}")
        card.locator("summary").click()
        self.type_card(role, f"{role}-")
        self.clerk.tap(card.locator("button[value=identify]"))
        self.clerk.tap(self.clerk.main.locator(f"#{role} button[value=agree]"))

    def names(self, name: str) -> None:
        self.clerk.page.locator("input.input--name").first.fill(name)

    def scans_everything(self) -> None:
        self.go("materials/")
        while self.clerk.main.locator(".tag--bad").count() > 1:
            missing = self.clerk.main.locator(".material", has=self.clerk.page.locator(".tag--bad"))
            box = missing.first.locator("input[type=file]")
            file = {"name": "scan.jpg", "mimeType": "image/jpeg", "buffer": scanned()}
            with self.clerk.page.expect_navigation():
                box.set_input_files([file])
            self.clerk.look()

    def signs(self) -> None:
        self.clerk.sign()
        self.clerk.tap(self.clerk.main.locator("[data-signature] .btn:not(.btn--link)").first)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A county whose only door is the window in the hospital."""
    with Platform(
        tmp_path_factory.mktemp("window"), port=0, sandbox_port=0, web_processes=1,
        durable=False, sandbox_options=HASTE, packs=YUANLING,
    ) as platform:  # fmt: skip
        yield Town(platform)


@pytest.fixture
def at_window(somebody: Somebody, town: Town) -> Iterator[Callable[..., Window]]:
    """Sits a clerk of the family's hospital (or another office) at its window."""

    def seated(
        code: str = YUANLING, stem: str = "01", office: str = "", size: tuple[int, int] = DESK
    ) -> Window:
        guest = guest_of(town, code, stem)
        where = office or str(guest.family["delivery"]["institution"])
        staff: list[dict[str, Any]] = [
            s for s in town.staff if s["office"] == where and "window" in s["roles"]
        ]
        assert staff, f"nobody works at the window of {where}"
        clerk = somebody(size=size).log_in(staff[0]["sub"], then="/desk/window/")
        return Window(clerk, guest)

    yield seated


def keep(window: Window, name: str) -> None:
    """A picture for whoever wants to look (YIJIAN_LOOK names a folder)."""
    folder = os.environ.get("LOOK_AT_WINDOW")
    if folder:
        window.clerk.page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=False)


def test_a_family_is_done_at_the_window_from_the_card_to_the_notice(
    at_window: Callable[..., Window],
) -> None:
    window = at_window()
    keep(window, "01-queue")
    window.key("n")
    keep(window, "02-new")
    window.clerk.page.go_back()
    window.opens()
    keep(window, "03-after-consent")
    window.hears_the_registers()
    window.go("findings/")
    keep(window, "04-findings")
    window.second_parent()
    keep(window, "05-people")
    window.go("form/")
    window.names("向小满")
    keep(window, "06-form")
    window.key("s")
    keep(window, "07-materials")
    window.scans_everything()
    keep(window, "08-materials-done")
    window.key("s")
    keep(window, "09-read-back")
    window.key("s")
    keep(window, "10-sign")
    while window.step == "sign":
        window.signs()
    keep(window, "11-after")
    assert "已提交" in window.clerk.text
    window.key("p")
    keep(window, "12-notice")
    assert f"{window.number}-A" in window.clerk.text


def test_a_ward_without_network_neither_loses_nor_doubles_what_was_typed(
    at_window: Callable[..., Window],
) -> None:
    window = at_window(size=TABLET)
    window.opens()
    window.hears_the_registers()
    window.second_parent()
    window.go("form/")
    page = window.clerk.page
    sign = page.locator("[data-bedside-state]")
    window.clerk.context.set_offline(True)
    window.names("向小满")
    sign.filter(has_text="没有网络").wait_for()
    keep(window, "20-offline")
    page.locator("[data-key=s]").click()
    assert page.url.endswith("/form/"), "nobody is led away before it is saved"
    with page.expect_navigation(timeout=40_000):
        window.clerk.context.set_offline(False)
    window.clerk.look()
    assert window.step == "materials"
    window.go("form/")
    name = window.clerk.main.locator("input.input--name").first
    assert name.input_value() == "向小满"


def test_a_reload_in_the_ward_brings_back_what_the_server_never_got(
    at_window: Callable[..., Window],
) -> None:
    window = at_window(size=TABLET)
    window.opens()
    window.hears_the_registers()
    window.second_parent()
    window.go("form/")
    page = window.clerk.page
    page.route("**/form/", lambda route: (
        route.abort() if route.request.method == "POST" else route.continue_()
    ))  # fmt: skip
    window.names("向大满")
    page.locator("[data-bedside-state]").filter(has_text="没有网络").wait_for()
    page.unroute("**/form/")
    page.reload()
    name = window.clerk.main.locator("input.input--name").first
    assert name.input_value() == "向大满"
    page.locator("[data-bedside-state]").filter(has_text="已保存").wait_for()
    window.go("form/")
    assert name.input_value() == "向大满"
    assert page.evaluate("sessionStorage.length") == 0


def test_an_upload_that_is_no_scan_is_refused_with_a_sentence(
    at_window: Callable[..., Window],
) -> None:
    window = at_window()
    window.opens()
    window.hears_the_registers()
    window.go("materials/")
    box = window.clerk.main.locator("input[type=file]").first
    picture = {"name": "x.svg", "mimeType": "image/svg+xml", "buffer": b"<svg onload='alert(1)'/>"}
    with window.clerk.page.expect_navigation():
        box.set_input_files([picture])
    window.clerk.look()
    assert "不是照片或扫描件" in window.clerk.text
