"""坐在浏览器前的人: a person at a real browser, for pictures and for the journeys of the tests.

What lives here: Chromium as Debian ships it, logging in as a synthetic person, pressing the one
button of a page, signing with a finger, and counting what that costs: every press and every typed
field on the node's own pages, seen by the browser itself. What does not: what a page must say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Locator,
    Page,
    sync_playwright,
)

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--disable-lcd-text", "--font-render-hinting=none",
]  # fmt: skip
PHONE = (390, 844)
DESK = (1280, 800)
PATIENCE_MILLISECONDS = 20_000
LOOK_EVERY_MILLISECONDS = 300
MOST_PAGES = 40
LEAVING = ("checking", "live-check")
"""Pages that go on by themselves; the first asks again by itself as well."""
TRIES = 8
LEFT = ("ERR_ABORTED", "interrupted by another navigation")
"""How a browser says that the page before went on by itself at that moment."""
SIBLINGS = "一二三四"
CASE = re.compile(r"/my/cases/([0-9A-Za-z]+)/([a-z-]*)/?([a-z-]*)")
RESTS = frozenset({"parked", "refused", "waiting", "progress"})
"""Pages on which a parent has nothing to do at this moment."""

# Presses and typing as the browser itself sees them; a script's own clicks are not trusted ones.
COUNTER = """
addEventListener('pointerdown', (event) => event.isTrusted && window.wasPressed(
  location.host, (event.target.textContent || '').trim().slice(0, 20)), true);
addEventListener('input', (event) => event.target.matches('input:not([type]), [type=text], '
  + '[type=search], [type=date], [type=tel], textarea') && window.wasTyped(
  location.host, event.target.name), true);
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, gone at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Person:
    """Somebody at a browser; `seen` is called with every state of a page that comes up."""

    browser: Browser
    address: str
    size: tuple[int, int] = PHONE
    script: bool = True
    scale: float = 1
    seen: Callable[[Person], None] = field(default=lambda _person: None)
    signature: str = ""
    """How the person signs where there is no finger: the own name."""
    presses: list[str] = field(default_factory=list, init=False)
    typed: set[str] = field(default_factory=set, init=False)
    visited: list[str] = field(default_factory=list, init=False)
    context: BrowserContext = field(init=False)
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        width, height = self.size
        self.context = self.browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=self.script,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            device_scale_factor=self.scale,
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(PATIENCE_MILLISECONDS)
        if self.script:
            self.context.expose_function("wasPressed", self._was_pressed)
            self.context.expose_function("wasTyped", self._was_typed)
            self.context.add_init_script(COUNTER)
        self.page = self.context.new_page()

    def close(self) -> None:
        """Put the browser window away."""
        self.context.close()

    def _was_pressed(self, host: str, what: str) -> None:
        if host == urlsplit(self.address).netloc:
            self.presses.append(what)

    def _was_typed(self, host: str, name: str) -> None:
        if host == urlsplit(self.address).netloc:
            self.typed.add(name)

    # --- where the person is --------------------------------------------------------------

    @property
    def where(self) -> str:
        """The kind of page: `notice`, `form/name`, `sign`, … or the path outside a case."""
        path = urlsplit(self.page.url).path
        found = CASE.match(path)
        if found is None:
            return path
        return f"form/{found[3]}" if found[2] == "form" else found[2]

    @property
    def number(self) -> str:
        """The case's number in the address."""
        found = CASE.search(self.page.url)
        return found[1] if found else ""

    @property
    def main(self) -> Locator:
        """The page's own part, below the header."""
        return self.page.locator("#main")

    @property
    def text(self) -> str:
        """What stands in the main part."""
        return self.main.inner_text()

    # --- what the person does -------------------------------------------------------------

    def log_in(self, hint: str, then: str = "/my/") -> Person:
        """Log in at the identity provider; presses count from here on."""
        self.page.goto(f"{self.address}/enter/?{urlencode({'login_hint': hint, 'next': then})}")
        self.presses.clear()
        self.typed.clear()
        return self.look()

    def go(self, address: str) -> Person:
        """Open an address of the node (or a whole one), also from a page that leaves by itself."""
        whole = address if "://" in address else f"{self.address}{address}"
        for left in reversed(range(TRIES)):
            try:
                self.page.goto(whole)
                break
            except Error as fault:
                if not left or not any(words in fault.message for words in LEFT):
                    raise
                self.page.wait_for_timeout(LOOK_EVERY_MILLISECONDS)
        return self.look()

    def of_case(self, part: str = "") -> Person:
        """Open another page of the same case."""
        return self.go(f"/my/cases/{self.number}/{part}")

    def look(self) -> Person:
        """Look at what has come up."""
        self.page.wait_for_load_state()
        self.visited.append(self.where)
        self.seen(self)
        return self

    def press(self, words: str) -> Person:
        """Press the button or link with these words."""
        one = self.main.get_by_role("button", name=words).or_(
            self.main.get_by_role("link", name=words)
        )
        return self.tap(one.first)

    def tap(self, what: Locator) -> Person:
        """Press something that leads to another page."""
        with self.page.expect_navigation():
            what.click()
        return self.look()

    def sign(self) -> None:
        """Write a name: one stroke with a finger; typed letters where scripts are off."""
        if not self.script:
            return
        pad = self.page.locator("canvas").first
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        mouse, left, top = self.page.mouse, box["x"], box["y"]
        mouse.move(left + 60, top + 60)
        mouse.down()
        for x, y in ((90, 50), (75, 110), (115, 65), (150, 120), (185, 60), (215, 105), (250, 75)):
            mouse.move(left + x, top + y, steps=4)
        mouse.up()

    def fill_name(self, name: str) -> None:
        """The one field that is typed, for every child."""
        for number, box in enumerate(self.main.locator("input[name^=newborn_name]").all()):
            box.fill(name if not number else f"{name[0]}{SIBLINGS[number]}安")

    def proceed(self, *, name: str = "", until: Callable[[str], bool] | None = None) -> Person:
        """Do what the pages ask until one has nothing to ask, or until the one that is wanted."""
        for _ in range(MOST_PAGES):
            where = self.where
            if where in RESTS or (until is not None and until(where)):
                return self
            if where in LEAVING and self._waits(where):
                self._await_change(where)
                continue
            if where == "form/name" and name:
                self.fill_name(name)
            if where == "sign":
                self._sign_here()
            self.tap(self._forward())
        raise AssertionError(f"the pages do not come to an end: {self.visited}")

    def _sign_here(self) -> None:
        if self.script:
            self.sign()
            return
        box = self.main.locator("input[name$=_typed]")
        if not box.is_visible():
            self.main.locator("summary", has=self.page.locator("visible=true")).last.click()
        box.fill(self.signature)

    def _waits(self, where: str) -> bool:
        """Whether this page has nothing to press, or is no longer the one that is open."""
        asks = self.page.locator("#main form[method=post]").count() > 0
        return where == "checking" or not asks or self.where != where

    def _forward(self) -> Locator:
        if self.where == "/face":
            return self.page.locator("button[value=pass]")
        primary = "#main .btn:not(.btn--second):not(.btn--link):not([type=button])"
        return self.page.locator(primary).first

    def _await_change(self, where: str) -> None:
        """A waiting page leaves by itself; without scripts it is asked for again."""
        for _ in range(PATIENCE_MILLISECONDS // LOOK_EVERY_MILLISECONDS):
            self.page.wait_for_timeout(LOOK_EVERY_MILLISECONDS)
            if not self.script:
                self.page.goto(f"{self.address}/my/cases/{self.number}/")
            if self.where != where or not self._waits(where):
                self.look()
                return
        raise AssertionError(f"still waiting: {self.text}")
