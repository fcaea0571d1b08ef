"""Looking hard at a page: axe, and whether everything fits, in both modes and both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from yijian.ops.screenshots_person import Person

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
NARROW = 320
TASK = re.compile(r"/desk/tasks/[0-9a-f-]+/$")
NOT_A_PAGE = 405
"""The answer to a form: it came up by sending, and cannot be asked for again."""
READINGS = [("normal", "zh-hans"), ("elder", "zh-hans"), ("normal", "en"), ("elder", "en")]

# What a page is made of: two pages with the same parts are the same state to a stylesheet. All
# parts tell states apart for one look; the large ones tell apart what is looked at four times.
ANATOMY = """
(parts) => [...new Set([...document.querySelectorAll(parts)]
  .map((one) => one.tagName + '.' + (one.getAttribute('class') || '')))].sort().join(' ')
"""
ALL_PARTS, LARGE_PARTS = "body *", "#main > *, #main > * > section, table, form, ul, ol, details"


@dataclass
class Looking:
    """Remembers which states have been looked at, so that each is looked at once in a run."""

    known: set[tuple[str, str, str]] = field(default_factory=set)
    tab: Page | None = None

    def __call__(self, person: Person) -> None:
        """Every state of our own pages, as it came up and in the three other readings."""
        if not person.script or not person.page.url.startswith(person.address):
            return
        wide = person.where.startswith("/desk/")
        if self._is_new(person, ALL_PARTS):
            check(person.page, f"{person.where} as it came up", narrow=not wide)
        if self._is_new(person, LARGE_PARTS):
            self._in_every_reading(person, wide=wide)

    def _is_new(self, person: Person, parts: str) -> bool:
        """Whether nobody has looked at a page like this one; it counts as looked at from now on."""
        where = "/desk/tasks/…" if TASK.match(person.where) else person.where
        state = (where, parts, person.page.evaluate(ANATOMY, parts))
        fresh = state not in self.known
        self.known.add(state)
        return fresh

    def _in_every_reading(self, person: Person, *, wide: bool) -> None:
        """The same address in a browser of its own; a page that moved on is left out.

        It has the person's cookies and not the person's jar: a page that looks again by itself
        would otherwise come up in the reading that is being tried.
        """
        tab = self._tab_for(person)
        here = person.page.url.split("#")[0]
        for mode, language in READINGS[1:]:
            if wide and mode == "elder":
                continue
            # What the two switches in the header do.
            tab.context.add_cookies(
                [
                    {"name": "mode", "value": mode, "url": person.address},
                    {"name": "language", "value": language, "url": person.address},
                ]
            )
            response = tab.goto(here)
            if tab.url.split("#")[0] != here or response is None or response.status == NOT_A_PAGE:
                continue
            assert response.status < 500, (person.where, response.status)
            assert tab.get_attribute("html", "lang") == ("en" if language == "en" else "zh-Hans")
            assert (tab.get_attribute("html", "data-mode") == "elder") == (mode == "elder")
            # Letters and their size were looked at by then; together only the room is new.
            rules = (mode, language) != READINGS[-1]
            check(tab, f"{person.where} in {language}, {mode}", narrow=not wide, rules=rules)
        tab.goto("about:blank")

    def _tab_for(self, person: Person) -> Page:
        """One window for all who use a browser, with the cookies of this person."""
        if self.tab is None or self.tab.context.browser is not person.browser:
            other = person.browser.new_context(
                locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
            )
            self.tab = other.new_page()
        cookies: list[Any] = list(person.context.cookies())
        self.tab.context.clear_cookies()
        self.tab.context.add_cookies(cookies)
        assert person.page.viewport_size is not None
        self.tab.set_viewport_size(person.page.viewport_size)
        return self.tab


def check(page: Page, what: str, *, narrow: bool, rules: bool = True) -> None:
    """No finding of axe; nothing beyond the right edge, on a phone of 320 px either."""
    if rules:
        found = Axe().run(page, options=AXE)
        assert not found.violations_count, f"{what}: {found.generate_report()}"
    size = page.viewport_size
    assert size is not None
    for width in (size["width"], NARROW) if narrow else (size["width"],):
        page.set_viewport_size({"width": width, "height": size["height"]})
        reach = page.evaluate("document.documentElement.scrollWidth")
        assert reach <= width, f"{what} is {reach} px wide in a window of {width} px"
    page.set_viewport_size(size)


def uploads(page: Page) -> int:
    """How many files a page asks for."""
    return page.locator("input[type=file]").count()
