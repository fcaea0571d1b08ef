"""走一遍: one family through the whole product over HTTP, played by its parents and the clerks.

Pages are used as a browser without scripts uses them. The only other doors are the sandbox's own:
the text messages somebody receives, and the hospital's button for a late delivery record.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from yijian.ops.walk_desk import Clerk, clerk_of
from yijian.ops.walk_families import Guest, Outcome
from yijian.ops.walk_pages import Browser, Page, WalkError
from yijian.ops.walk_parents import Parent, progress_of, refusals_of, waits_of

Json = dict[str, Any]
Tell = Callable[[str, str], None]

TURN_SECONDS = 0.7
STANDSTILL_SECONDS = 75.0
"""Longer than a held decision, a department's slowest step and a restarted process together."""
SETTLE_SECONDS = 20.0
MESSAGE_SECONDS = 60.0
LINK = re.compile(r"https?://[^\s，。]+")


class Interrupted(Exception):
    """Somebody asked the walk to stop."""


@dataclass
class Walk:
    """One family's way; `tell` gets every step as it happens: who, what.

    With `patience` somebody who meets an error tries again, so many times: for drills in which
    processes are killed. Without it the first error ends the walk.
    """

    guest: Guest
    node: str
    sandbox: str
    staff: list[Json]
    tell: Tell
    stop: threading.Event = field(default_factory=threading.Event)
    patience: int = 0
    _outside: Browser = field(init=False)
    _people: list[Browser] = field(default_factory=list, init=False)

    def run(self) -> Outcome:
        """Walk to the end; what it came to. WalkError when it cannot go on."""
        self._outside = Browser(self.sandbox, patient=self.patience > 0)
        self._people.append(self._outside)
        try:
            return self._run()
        finally:
            for browser in self._people:
                browser.close()

    def _run(self) -> Outcome:
        mother = self._parent("mother")
        page = mother.enter()
        page = mother.proceed(page)
        if page.path.endswith("/parked/") and self.guest.late:
            page = self._late_record(mother, page)
        if page.path.endswith("/refused/"):
            return self._settled(mother, page, "refused")
        if page.path.endswith("/parked/"):
            return self._settled(mother, page, "parked")
        if page.path.endswith("/waiting/"):
            self._father_signs(mother)
            page = self._signed(mother)
        return self._worked(mother, page)

    def _parent(self, role: str) -> Parent:
        parent = Parent(
            role,
            self.guest.family,
            self.node,
            self.sandbox,
            self.tell,
            self._pause,
            self.patience,
        )
        self._people.append(parent.browser)
        return parent

    def _pause(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise Interrupted

    def _settled(self, mother: Parent, page: Page, kind: str) -> Outcome:
        """The page with every reason; the registers may still be answering."""
        read = refusals_of if kind == "refused" else waits_of
        until = time.monotonic() + SETTLE_SECONDS
        wanted = self.guest.expected
        while True:
            outcome = Outcome(kind, read(page) if page.path.endswith(f"/{kind}/") else ())
            if outcome == wanted or time.monotonic() > until:
                self.tell("mother", f"{page.title}：{'、'.join(outcome.reasons)}")
                return outcome
            self._pause(TURN_SECONDS)
            page = mother.look()

    def _late_record(self, mother: Parent, page: Page) -> Page:
        """Nothing is recorded yet: the case is kept; the hospital records; the case goes on."""
        self.tell("mother", f"{page.title}：医院还没有录入分娩信息 the case is kept and waits")
        self._outside.post(f"/families/{self.guest.id}/record")
        self.tell("hospital", "补录分娩信息 records the delivery late")
        self._pause(1.0)
        page = mother.look()
        if page.path.endswith("/parked/"):
            page = mother.press(page, "/recheck/")
            self.tell("mother", "再查一次 asks once more")
        until = time.monotonic() + MESSAGE_SECONDS
        while page.path.endswith("/parked/"):
            if time.monotonic() > until:
                raise WalkError(f"录入后没有醒来 not woken by the late record: {page.said()}")
            self._pause(TURN_SECONDS)
            page = mother.look()
        return mother.proceed(page)

    def _father_signs(self, mother: Parent) -> None:
        father = self._parent("father")
        address = self._invitation(father, mother)
        page = father.proceed(father.follow_invitation(address))
        if page.path.endswith("/waiting/") or page.path.endswith("/progress/"):
            return
        raise WalkError(f"父亲没有签完 the father did not finish: {page.said()}")

    def _invitation(self, father: Parent, mother: Parent) -> str:
        """The address in the text message to the father."""
        until = time.monotonic() + MESSAGE_SECONDS
        phone = father.person["phone"]
        while time.monotonic() < until:
            for message in self.messages(phone):
                found = LINK.search(message["text"])
                if found and mother.home in found[0]:
                    self.tell("father", f"收到短信 gets a text message: {message['text'][:24]}…")
                    return found[0]
            self._pause(TURN_SECONDS)
        raise WalkError(
            f"父亲没有收到短信 no text message to the father within {MESSAGE_SECONDS} s"
        )

    def messages(self, phone: str) -> list[Json]:
        """The text messages to a number."""
        answer = cast(Json, self._outside.json(f"/sms.json?to={phone}"))
        return list(answer["messages"])

    def _signed(self, mother: Parent) -> Page:
        until = time.monotonic() + MESSAGE_SECONDS
        while True:
            page = mother.proceed(mother.look())
            if page.path.endswith("/progress/"):
                return page
            if time.monotonic() > until:
                raise WalkError(f"签完没有提交 signed, not submitted: {page.said()}")
            self._pause(TURN_SECONDS)

    def _worked(self, mother: Parent, page: Page) -> Outcome:
        """Offices work and the family does what it is asked, until it is as it must be."""
        self.tell("mother", f"{page.title} submitted, number {mother.number}")
        if self.guest.withdraws:
            self._withdraw(mother)
        clerks = [self._clerk(office) for office in self.guest.desks]
        wanted, before, since = self.guest.expected, None, time.monotonic()
        while True:
            outcome = _done(page)
            if outcome != before:
                self._tell_changes(before, outcome)
                before, since = outcome, time.monotonic()
            if outcome == wanted or time.monotonic() - since > STANDSTILL_SECONDS:
                return outcome
            if self._turn(mother, page, clerks):
                since = time.monotonic()
            self._pause(TURN_SECONDS)
            page = mother.look()

    def _turn(self, mother: Parent, page: Page, clerks: list[Clerk]) -> int:
        """Everybody does once what can be done now; how much that was."""
        try:
            done = 0 if self.guest.withdraws else sum(c.work(mother.number) for c in clerks)
            return done + self._answers(mother, page)
        except WalkError:
            if self.patience <= 0:
                raise
            self.patience -= 1
            return 0

    def _clerk(self, office: str) -> Clerk:
        person = clerk_of(self.staff, office)
        clerk = Clerk(person, self.guest, self.node, self.tell, patient=self.patience > 0)
        self._people.append(clerk.browser)
        return clerk

    def _tell_changes(self, before: Outcome | None, now: Outcome) -> None:
        known = dict(before.lines) if before else {}
        for title, tag in now.lines:
            if known.get(title) != tag and before is not None:
                self.tell("progress", f"{title}：{tag}")

    def _withdraw(self, mother: Parent) -> None:
        mother.browser.submit(mother.browser.get(f"{mother.home}withdraw/").main_form())
        self.tell("mother", "撤回申请 withdraws")

    def _answers(self, mother: Parent, page: Page) -> int:
        """What the family is asked to do now: corrections, confirmations, payments."""
        done = 0
        for card in page.root.find_all("section", "act"):
            link = next((a.get("href") for a in card.find_all("a", "btn")), "")
            if link:
                done += self._answer(mother, link)
        return done

    def _answer(self, mother: Parent, link: str) -> bool:
        page = mother.browser.get(link)
        if "/correct/" in page.path:
            form = page.main_form()
            mother.browser.submit(form, mother.answers_for(form))
            mother.tell("mother", f"{page.title}：{form.button}")
            return True
        if "/asks/" not in page.path:
            return False
        payment = page.link(f"{self.sandbox}/payment")
        if payment:
            return self._pay(mother, payment)
        form = page.main_form()
        mother.browser.submit(form)
        mother.tell("mother", f"{page.title}：{form.button}")
        return True

    def _pay(self, mother: Parent, address: str) -> bool:
        page = mother.browser.get(address)
        if not page.forms:
            return False
        mother.browser.submit(page.forms[0])
        mother.tell("mother", f"{page.title}：{page.forms[0].button}")
        return True


def _done(page: Page) -> Outcome:
    finished, items, lines = progress_of(page)
    return Outcome("done", lines=lines, finished=finished, items=items)


def difference(wanted: Outcome, got: Outcome) -> str:
    """What came out otherwise than it had to; "" when nothing did."""
    if wanted == got:
        return ""
    if wanted.kind != got.kind:
        return f"expected {wanted.last_line}; got {got.last_line}"
    missing = [f"{title}：{tag}" for title, tag in wanted.lines if (title, tag) not in got.lines]
    beyond = [f"{title}：{tag}" for title, tag in got.lines if (title, tag) not in wanted.lines]
    missing += [reason for reason in wanted.reasons if reason not in got.reasons]
    beyond += [reason for reason in got.reasons if reason not in wanted.reasons]
    counts = f"{wanted.finished}/{wanted.items} finished expected, {got.finished}/{got.items} got"
    return f"expected {'; '.join(missing)} · got {'; '.join(beyond)} · {counts}"
