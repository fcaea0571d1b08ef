"""窗口上的人: a clerk who does everything for a family that has come to the window.

The cards are read, what is not known is asked, materials are photographed, everybody signs on the
tablet. What the family does afterwards it does at home.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from yijian.ops.walk_families import ROLES, Guest, Outcome
from yijian.ops.walk_pages import Browser, Form, Page, WalkError
from yijian.ops.walk_parents import (
    LOOK_EVERY_SECONDS,
    MOST_PAGES,
    UNPROCESSABLE,
    HeldError,
    Parent,
    Pause,
    Tell,
    picture,
    titles_of,
)

Json = dict[str, Any]

CASE = re.compile(r"^/desk/window/([0-9A-Za-z]{10,})/([a-z]*)")
STROKES = "300x190|10,10 20,20 30,30|40,10 40,50 40,80 41,90 42,95 50,100 60,110"
CLERKS = {"hospital_window": "hospital_window_clerk", "counter": "window_clerk"}
SETTLE_SECONDS = 20.0
RECORD_AFTER_SECONDS = 4.0


def window_clerk_of(staff: list[Json], guest: Guest) -> Json:
    """Who sits at the window where the family goes: its hospital's, else any that may do it all."""
    role = CLERKS[guest.channel]
    known = {o.code: o for o in guest.context.directory.offices if o.issues_certificates}
    there = [one for one in staff if one["role"] == role and one["office"] in known]
    born = (guest.family.get("delivery") or {}).get("institution")
    there.sort(key=lambda one: (one["office"] != born, one["office"]))
    if not there:
        raise WalkError(f"没有这样的窗口 no window of this kind: {guest.channel}")
    return there[0]


@dataclass
class WindowClerk:
    """A clerk at a window with one family before her."""

    person: Json
    guest: Guest
    node: str
    tell: Tell
    pause: Pause
    family: Parent
    record: Callable[[], None]
    browser: Browser = field(init=False)
    number: str = field(default="", init=False)
    _waited: float = field(default=0.0, init=False)
    _recorded: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.browser = Browser(self.node)

    def serve(self) -> Outcome | None:
        """Everything up to the last signature; an outcome when it does not get that far."""
        page = self._everybody(self._opened())
        for _ in range(MOST_PAGES):
            where = self._where(page)
            if where == "after":
                return None
            if where == "findings":
                outcome = self._findings(page)
                if outcome is not None:
                    return outcome
                page = self._home()
                continue
            page = self._step(where, page)
        raise WalkError(f"窗口办不完 the window does not come to an end: {page.said()}")

    def _where(self, page: Page) -> str:
        found = CASE.match(page.path)
        if found is None:
            raise WalkError(f"走到了别处 led astray: {page.said()}")
        self.number = found[1]
        return found[2]

    def _home(self) -> Page:
        return self.browser.get(f"/desk/window/{self.number}/")

    def _opened(self) -> Page:
        query = urlencode({"login_hint": self.person["sub"], "next": "/desk/window/new/"})
        page = self.browser.get(f"/enter/?{query}")
        role = self.guest.roles[0]
        values = self._card(role) | {"role": role, "present": "on"}
        form = page.main_form()
        if "pack" in form.controls:
            values["pack"] = self.guest.context.pack.code
        self._say(f"{page.title}：{role}")
        return self._sent(form, values)

    def _step(self, where: str, page: Page) -> Page:
        if where == "people":
            raise WalkError(f"还在等谁 somebody is still awaited: {page.said()}")
        if where == "materials":
            return self._materials(page)
        if where == "sign":
            return self._sign(page)
        form = page.main_form()
        after = self._sent(form, self.family.answers_for(form))
        self._say(f"{page.title}：{form.button}")
        return after

    def _everybody(self, page: Page) -> Page:
        """Everybody who has come is looked at before anything else."""
        for _ in range(MOST_PAGES):
            self._where(page)
            people = self.browser.get(f"/desk/window/{self.number}/people/")
            after = self._people(people)
            if after is None:
                return self._home()
        raise WalkError(f"人来不完 people do not come to an end: {page.said()}")

    def _people(self, page: Page) -> Page | None:
        """The next card is read, or the next one agrees; None when that is done."""
        for form in page.forms:
            role = next(iter(form.controls["role"].value), "") if "role" in form.controls else ""
            if not role or role not in self._expected():
                continue
            if f"{role}-name" in form.controls and not self._is_known(page, role):
                card = {f"{role}-{name}": value for name, value in self._card(role).items()}
                present = {f"{role}-present": "on"} if role in self.guest.roles else {}
                self._say(f"{page.title}：{role}")
                return self._sent(form, card | present | {f"{role}-original_seen": "on"})
            if any(button.get("value") == "agree" for button in form.buttons):
                self._say(f"{role} agrees")
                return self.browser.submit(form, press="agree")
        return None

    def _expected(self) -> tuple[str, ...]:
        """Whose card is read: those who act, and the mother whose birth it is."""
        family = self.guest.family
        there = {*self.guest.roles, "mother"}
        return tuple(role for role in ROLES if role in there and family.get(role))

    def _is_known(self, page: Page, role: str) -> bool:
        card = next((s for s in page.root.find_all("section", "card") if s.get("id") == role), None)
        tag = card.find("span", "tag") if card is not None else None
        return tag is not None and "tag--good" in tag.get("class").split()

    def _card(self, role: str) -> dict[str, str]:
        person = self.guest.family[role]
        return {
            "name": str(person["name"]),
            "id_number": str(person["id_number"]),
            "id_type": str(person.get("id_type") or "111"),
            "phone": str(person.get("phone") or ""),
            "original_seen": "on",
        }

    def _findings(self, page: Page) -> Outcome | None:
        """Wait for the registers; then every reason, or None when it may go on."""
        wanted = self.guest.expected
        while True:
            refused = titles_of(page.root, "sign--no")
            # Which conditions a person must look at stands on the desk's own page.
            waits = wanted.reasons if wanted.kind == "parked" else ()
            outcome = Outcome("refused", refused) if refused else Outcome("parked", waits)
            if wanted.kind == outcome.kind and wanted == outcome:
                return outcome
            if self._waited > SETTLE_SECONDS:
                return outcome
            if self.guest.late and not self._recorded and self._waited > RECORD_AFTER_SECONDS:
                self.record()
                self._recorded, self._waited = True, 0.0
                self.browser.submit(page.main_form())
            self.pause(LOOK_EVERY_SECONDS)
            self._waited += LOOK_EVERY_SECONDS
            page = self._home()
            if self._where(page) != "findings":
                return None

    def _materials(self, page: Page) -> Page:
        for form in page.forms:
            if "file" in form.controls and "/materials/" in form.action:
                after = self.browser.submit(form, files={"file": picture(form.action)})
                self._say(f"{page.title}：{form.button}")
                if self._where(self._home()) != "materials":
                    return self._home()
                page = after
        return self._home()

    def _sign(self, page: Page) -> Page:
        for form in page.forms:
            if any(button.get("value") == "open" for button in form.buttons):
                self._say(f"{page.title}：{form.button}")
                return self._sent(form, {}, press="open")
            if form.controls.get("method") and form.controls["method"].value == ("tablet",):
                self._say(f"{page.title}：{form.button}")
                return self._sent(form, {"strokes": STROKES})
        raise WalkError(f"没有可以签的 nothing to sign: {page.said()}")

    def _sent(self, form: Form, values: Any, *, press: str = "") -> Page:
        after = self.browser.submit(form, values, press=press, also=(UNPROCESSABLE,))
        if after.status == UNPROCESSABLE:
            raise HeldError(after)
        return after

    def _say(self, what: str) -> None:
        self.tell(str(self.person["role"]), what)
