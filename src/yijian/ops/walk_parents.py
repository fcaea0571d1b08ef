"""父母: what a family's people do at the product's pages, one press after the other."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from PIL import Image, ImageDraw

from yijian.ops.walk_pages import Browser, Control, Element, Form, Page, WalkError

Json = dict[str, Any]
Tell = Callable[[str, str], None]
Pause = Callable[[float], None]

CASE = re.compile(r"^(/my/cases/([0-9A-Za-z]+)/)([a-z-]*)")
LOOK_EVERY_SECONDS = 0.4
CHECKING_SECONDS = 60
MOST_PAGES = 40
UNPROCESSABLE = 422
RESTS = frozenset({"parked", "refused", "waiting", "progress"})
"""Pages on which a parent has nothing to do at this moment."""


class HeldError(WalkError):
    """A form that will not be left as the family wants it; `code` is what the page says."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.said())
        self.code = page.said()


@dataclass
class Parent:
    """A parent at a browser: who it is, what the family wants, where the case is."""

    role: str
    family: Json
    node: str
    sandbox: str
    tell: Tell
    pause: Pause
    patience: int = 0
    browser: Browser = field(init=False)
    home: str = field(default="", init=False)
    number: str = field(default="", init=False)
    has_moved: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.browser = Browser(self.node, patient=self.patience > 0)

    @property
    def person(self) -> Json:
        """The parent in the family file."""
        found: Json = self.family[self.role]
        return found

    @property
    def hint(self) -> str:
        """How the identity provider knows the parent."""
        return f"{self.family['id']}/{self.role}"

    def enter(self) -> Page:
        """Log in at the identity provider and come to a new application."""
        new = f"/my/new/?{urlencode({'scheme': self.family['pack']})}"
        query = urlencode({"login_hint": self.hint, "next": new})
        page = self.again(lambda: self._entered(f"/enter/?{query}"))
        self.tell(self.role, f"登录 logs in as {self.person['name']}")
        return page

    def _entered(self, address: str) -> Page:
        page = self.browser.get(address)
        self._where(page)
        return page

    def follow_invitation(self, address: str) -> Page:
        """Open the link of a text message and log in on the way."""
        page = self.again(lambda: self._logged_in_at(address))
        self.tell(self.role, f"打开短信里的链接，登录 opens the link, logs in: {page.title}")
        return page

    def _logged_in_at(self, address: str) -> Page:
        page = self.browser.get(address)
        if page.url.startswith(f"{self.sandbox}/identity/authorize"):
            page = self.browser.get(f"{page.url}&{urlencode({'login_hint': self.hint})}")
        self._where(page)
        return page

    def proceed(self, page: Page) -> Page:
        """Do what the pages ask until one has nothing to ask; that page."""
        self.has_moved = False
        for _ in range(MOST_PAGES):
            where = self._where(page)
            if where in RESTS or (where == "check" and not _posts(page)):
                return page
            self.has_moved = True
            try:
                page = self._checked(page) if where == "checking" else self._step(where, page)
            except HeldError:
                raise
            except WalkError as failure:
                self._endure(failure)
                page = self.look() if self.home else self.enter()
        raise WalkError(f"页面没有尽头 the pages do not come to an end: {page.said()}")

    def repaired(self, page: Page) -> Page:
        """Where a refusal offers the very choice that the family makes, it is pressed."""
        for form in page.forms:
            fact, value = form.controls.get("fact"), form.controls.get("value")
            if fact is None or value is None or not page.path.endswith("/refused/"):
                continue
            wanted = self.family["answers"].get(fact.value[0])
            if wanted is not None and value.value == (str(wanted),):
                self.tell(self.role, f"{page.title}：{form.button}")
                return self.proceed(self.browser.submit(form))
        return page

    def look(self) -> Page:
        """The page this parent needs now."""
        return self.again(lambda: self.browser.get(self.home))

    def again(self, do: Callable[[], Page]) -> Page:
        """Do it, and do it again as long as patience lasts: a login may be cut off half-way."""
        while True:
            try:
                return do()
            except WalkError as failure:
                self._endure(failure)

    def _endure(self, failure: WalkError) -> None:
        """Lose a little patience; without any left the error goes on."""
        if self.patience <= 0:
            raise failure
        self.patience -= 1
        self.pause(1.0)

    def press(self, page: Page, action: str) -> Page:
        """Press the button of a form that goes to another address of the case."""
        return self.browser.submit(page.form(action=action))

    def _where(self, page: Page) -> str:
        found = CASE.match(page.path)
        if found is None:
            if page.path.startswith("/my/"):
                return "notice"
            if page.url.startswith(f"{self.sandbox}/face"):
                return "face"
            raise WalkError(f"走到了别处 led astray: {page.said()}")
        self.home, self.number = found[1], found[2]
        return found[3]

    def _checked(self, page: Page) -> Page:
        self.tell(self.role, f"{page.title} the registers are asked")
        waited = 0.0
        while self._where(page) == "checking":
            if waited > CHECKING_SECONDS:
                raise WalkError(f"一直在核验 still checking: {page.said()}")
            self.pause(LOOK_EVERY_SECONDS)
            waited += LOOK_EVERY_SECONDS
            page = self.look()
        return page

    def _step(self, where: str, page: Page) -> Page:
        """One page with one button: what is known of the family is put in, then it is pressed."""
        if where == "face":
            self.tell(self.role, "人脸核验通过 passes the live-person check")
            return self.browser.submit(page.forms[0], press="pass")
        if where == "materials":
            return self._brought(page)
        if where == "live-check" and not _posts(page):
            self.pause(LOOK_EVERY_SECONDS)
            return self.look()
        form = self._own_scheme(page) if where == "scheme" else page.main_form()
        values = self._signature(form) if where == "sign" else self.answers_for(form)
        after = self.browser.submit(form, values, also=(UNPROCESSABLE,))
        if after.status == UNPROCESSABLE:
            raise HeldError(after)
        said = "、".join(_short(value) for value in values.values())
        self.tell(self.role, f"{page.title}：{form.button}" + (f"（{said}）" if said else ""))
        return after

    def _own_scheme(self, page: Page) -> Form:
        """Where two schemes fit, the form of the one that this family walks."""
        own = str(self.family["pack"])
        for form in page.forms:
            if "pack" in form.controls and form.controls["pack"].value == (own,):
                return form
        raise WalkError(f"不能留在 {own} cannot stay there: {page.said()}")

    def _brought(self, page: Page) -> Page:
        """Every picture that is still asked for, one after the other."""
        for form in page.forms:
            if "file" in form.controls:
                self.tell(self.role, f"{page.title}：{form.button}")
                after = self.browser.submit(form, files={"file": picture(form.action)})
                if not CASE.match(after.path) or self._where(after) != "materials":
                    return after
        return self.look()

    def _signature(self, form: Form) -> Mapping[str, str]:
        name = next((name for name in form.controls if name.endswith("_typed")), "")
        if not name:
            raise WalkError(f"没有键入姓名的地方 no box for a typed name: {sorted(form.controls)}")
        return {name: str(self.person["name"])}

    def answers_for(self, form: Form) -> dict[str, str | list[str]]:
        """The family's answers to a form's fields, where they differ from what stands there."""
        found: dict[str, str | list[str]] = {}
        for control in form.controls.values():
            value = self._answer(control)
            chosen = value if isinstance(value, list) else [value]
            if value is not None and chosen != list(control.value):
                found[control.name] = value
        return found

    def _answer(self, control: Control) -> str | list[str] | None:
        fact, _, subject = control.name.partition("__")
        answers = self.family["answers"]
        if fact not in answers:
            return None
        value = answers[fact]
        if fact == "items":
            return [code for code in control.offered if code in value]
        if isinstance(value, list) and subject:
            value = value[int(subject) - 1] if int(subject) <= len(value) else None
        if value is None:
            return None
        if isinstance(value, bool):
            return "yes" if value else "no"
        return [str(one) for one in value] if isinstance(value, list) else str(value)


def picture(about: str) -> bytes:
    """A clear photograph of a sheet of paper with lines of writing; every `about` has its own."""
    sheet = Image.new("L", (1000, 1400), 250)
    pen = ImageDraw.Draw(sheet)
    seed = zlib.crc32(about.encode())
    for row in range(60, 1340, 28):
        for column in range(60, 940, 14):
            seed = seed * 1103515245 + 12345 & 0x7FFFFFFF
            if seed % 5:
                pen.rectangle((column, row, column + seed % 9, row + 12), fill=20)
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=85)
    return file.getvalue()


def _posts(page: Page) -> bool:
    """Whether the page has something to press."""
    return any(f.method == "post" and f.action.split("?")[0].endswith(page.path)
               for f in page.forms)  # fmt: skip


def _short(value: object) -> str:
    return "、".join(value) if isinstance(value, list) else str(value)


def refusals_of(page: Page) -> tuple[str, ...]:
    """The titles of the conditions that say no; on the quiet page its one sentence."""
    quiet = [card.find("p") for card in page.root.find_all("section", "card")]
    said = tuple(sentence.text for sentence in quiet if sentence is not None)
    return titles_of(page.root, "sign--no") or said


def waits_of(page: Page) -> tuple[str, ...]:
    """The titles of the conditions that a person is looking at, on the page of a parked case."""
    for card in page.root.find_all("section"):
        heading = card.find("h2")
        if heading is not None and heading.text == "工作人员正在核对":
            return titles_of(card, "sign")
    return ()


def titles_of(element: Element, sign: str) -> tuple[str, ...]:
    """The titles of the conditions that bear this sign."""
    found = []
    for verdict in element.find_all("li", "verdict"):
        title = verdict.find("p", "verdict-title")
        if title is not None and verdict.find("i", sign) is not None:
            found.append("".join(c for c in title.children if isinstance(c, str)).strip())
    return tuple(sorted(set(found)))


def progress_of(page: Page) -> tuple[int, int, tuple[tuple[str, str], ...]]:
    """What the progress page says: finished, items, and each line with its state."""
    bar = page.root.find("progress")
    done, total = (int(bar.get("value")), int(bar.get("max"))) if bar else (0, 0)
    lines = []
    for stage in page.root.find_all("li", "stage"):
        title = stage.find("p", "stage-title")
        if title is not None:
            tag = title.find("span", "tag")
            first = title.find("span")
            lines.append((first.text if first else "", tag.text if tag else ""))
    return done, total, tuple(sorted(lines))
