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
from yijian.ops.walk_families import ONLINE, Guest, Outcome
from yijian.ops.walk_pages import Browser, Page, WalkError
from yijian.ops.walk_parents import HeldError, Parent, progress_of, refusals_of, waits_of
from yijian.ops.walk_release import Release
from yijian.ops.walk_window import WindowClerk, window_clerk_of

Json = dict[str, Any]
Tell = Callable[[str, str], None]

TURN_SECONDS = 0.7
STANDSTILL_SECONDS = MESSAGE_SECONDS = 150.0
"""Longer than a held decision, a department's slowest step and a restarted process together, and
than what a killed sender had in hand stays its own (`records.exchange.CLAIM_LASTS`)."""
SETTLE_SECONDS = 20.0
MOST_TURNS = 8
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
    release: Release | None = None
    _outside: Browser = field(init=False)
    _people: list[Browser] = field(default_factory=list, init=False)
    _family: dict[str, Parent] = field(default_factory=dict, init=False)

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
        if self.guest.channel != ONLINE:
            return self._at_the_window()
        opener = self._parent(self.guest.roles[0])
        try:
            page = opener.repaired(opener.proceed(opener.enter()))
            if page.path.endswith("/parked/") and self.guest.late:
                page = self._late_record(opener, page)
            who, page = self._together(opener, page)
        except HeldError as held:
            return self._held(held)
        for kind, rest in (
            ("refused", "/refused/"),
            ("parked", "/parked/"),
            ("refused", "/check/"),
        ):
            if page.path.endswith(rest):
                return self._settled(who, page, kind, rest)
        lead = self._family.get(self.guest.lead, opener)
        return self._worked(lead, self._submitted(lead))

    def _at_the_window(self) -> Outcome:
        """The clerk does everything up to the signatures; then the family looks on at home."""
        lead = self._parent(self._at_home())
        person = window_clerk_of(self.staff, self.guest)
        clerk = WindowClerk(
            person, self.guest, self.node, self.tell, self._pause, lead, self._record
        )
        self._people.append(clerk.browser)
        try:
            outcome = clerk.serve()
        except HeldError as held:
            return self._held(held)
        if outcome is not None:
            self.tell(str(person["role"]), outcome.last_line)
            return outcome
        page = lead.follow_invitation(f"/my/cases/{clerk.number}/")
        return self._worked(lead, page)

    def _held(self, held: HeldError) -> Outcome:
        self.tell("form", held.code)
        return Outcome("held")

    def _at_home(self) -> str:
        """Who looks after the case later: whoever filled it in, if that is a parent."""
        parents = [role for role in ("mother", "father") if self.guest.family.get(role)]
        return self.guest.lead if self.guest.lead in parents else parents[0]

    def _together(self, who: Parent, page: Page) -> tuple[Parent, Page]:
        """Everybody does what is theirs, one after the other, until nobody waits for anybody."""
        for _ in range(MOST_TURNS):
            if not page.path.endswith("/waiting/"):
                return who, page
            others = [role for role in self.guest.roles if role != who.role]
            if not others:
                break
            # Whoever has not come yet is the one that is awaited; else the first who can go on.
            others.sort(key=lambda role: role in self._family)
            for role in others:
                who, page = self._turn_of(role, opener=who)
                if not page.path.endswith("/waiting/") or who.has_moved:
                    break
        raise WalkError(f"大家都在等 everybody waits for somebody: {page.said()}")

    def _turn_of(self, role: str, *, opener: Parent) -> tuple[Parent, Page]:
        known = self._family.get(role)
        if known is None:
            somebody = self._parent(role)
            address = self._invitation(somebody, opener)
            return somebody, somebody.proceed(somebody.follow_invitation(address))
        return known, known.proceed(known.look())

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
        self._family[role] = parent
        return parent

    def _pause(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise Interrupted

    def _settled(self, who: Parent, page: Page, kind: str, rest: str) -> Outcome:
        """The page with every reason; the registers may still be answering."""
        read = refusals_of if kind == "refused" else waits_of
        until = time.monotonic() + SETTLE_SECONDS
        wanted = self.guest.expected
        while True:
            outcome = Outcome(kind, read(page) if page.path.endswith(rest) else ())
            if outcome == wanted or time.monotonic() > until:
                self.tell(who.role, f"{page.title}：{'、'.join(outcome.reasons)}")
                return outcome
            self._pause(TURN_SECONDS)
            page = who.look()

    def _late_record(self, lead: Parent, page: Page) -> Page:
        """Nothing is recorded yet: the case is kept; the hospital records; the case goes on."""
        self.tell(lead.role, f"{page.title}：医院还没有录入分娩信息 the case is kept and waits")
        self._record()
        self._pause(1.0)
        page = lead.look()
        if page.path.endswith("/parked/"):
            page = lead.press(page, "/recheck/")
            self.tell(lead.role, "再查一次 asks once more")
        until = time.monotonic() + MESSAGE_SECONDS
        while page.path.endswith("/parked/"):
            if time.monotonic() > until:
                raise WalkError(f"录入后没有醒来 not woken by the late record: {page.said()}")
            self._pause(TURN_SECONDS)
            page = lead.look()
        return lead.proceed(page)

    def _invitation(self, somebody: Parent, opener: Parent) -> str:
        """The address in the text message to somebody; without one the code they are shown."""
        if not self._is_texted(somebody.role):
            self.tell(somebody.role, "扫家人手机上的码 scans the code on the other's phone")
            return opener.home
        until = time.monotonic() + MESSAGE_SECONDS
        phone = somebody.person["phone"]
        while time.monotonic() < until:
            for message in self.messages(phone):
                found = LINK.search(message["text"])
                if found and opener.home in found[0]:
                    said = f"收到短信 gets a text message: {message['text'][:24]}…"
                    self.tell(somebody.role, said)
                    return found[0]
            self._pause(TURN_SECONDS)
        raise WalkError(
            f"没有收到短信 no text message to {somebody.role} within {MESSAGE_SECONDS} s"
        )

    def _is_texted(self, role: str) -> bool:
        """Whether the pack sends this role a text message once somebody has come or signed."""
        return any(
            notice.on.startswith(("arrived:", "signed:"))
            and role in notice.to
            and "sms" in notice.channels
            for notice in self.guest.context.pack.notices
        )

    def messages(self, phone: str) -> list[Json]:
        """The text messages to a number."""
        answer = cast(Json, self._outside.json(f"/sms.json?to={phone}"))
        return list(answer["messages"])

    def _record(self) -> None:
        """The hospital presses its button: the delivery is recorded."""
        self._outside.post(f"/families/{self.guest.id}/record")
        self.tell("hospital", "补录分娩信息 records the delivery late")

    def _submitted(self, lead: Parent) -> Page:
        until = time.monotonic() + MESSAGE_SECONDS
        while True:
            page = lead.proceed(lead.look())
            if page.path.endswith("/progress/"):
                return page
            if time.monotonic() > until:
                raise WalkError(f"签完没有提交 signed, not submitted: {page.said()}")
            self._pause(TURN_SECONDS)

    def _worked(self, lead: Parent, page: Page) -> Outcome:
        """Offices work and the family does what it is asked, until it is as it must be."""
        self.tell(lead.role, f"{page.title} submitted, number {lead.number}")
        if self.guest.withdraws:
            self._withdraw(lead)
        clerks = [self._clerk(office) for office in self.guest.desks]
        wanted, before, since = self.guest.expected, None, time.monotonic()
        while True:
            outcome = _done(page)
            if outcome != before:
                self._tell_changes(before, outcome)
                before, since = outcome, time.monotonic()
            if outcome == wanted or time.monotonic() - since > STANDSTILL_SECONDS:
                self._take_files(lead)
                return outcome
            if self._turn(lead, page, clerks):
                since = time.monotonic()
            self._pause(TURN_SECONDS)
            page = lead.look()

    def _take_files(self, lead: Parent) -> None:
        """Everything in writing goes into the release folder, when there is one."""
        if self.release is not None:
            family = f"{self.guest.context.pack.code}-{self.guest.name}"
            taken = self.release.take(family, lead.home, lead.browser, self._pause)
            self.tell(lead.role, f"下载文书 takes {taken} files")

    def _turn(self, lead: Parent, page: Page, clerks: list[Clerk]) -> int:
        """Everybody does once what can be done now; how much that was."""
        try:
            done = 0 if self.guest.withdraws else sum(c.work(lead.number) for c in clerks)
            return done + self._answers(lead, page)
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

    def _withdraw(self, lead: Parent) -> None:
        lead.browser.submit(lead.browser.get(f"{lead.home}withdraw/").main_form())
        self.tell(lead.role, "撤回申请 withdraws")

    def _answers(self, lead: Parent, page: Page) -> int:
        """What the family is asked to do now: corrections, confirmations, payments."""
        done = 0
        for card in page.root.find_all("section", "act"):
            link = next((a.get("href") for a in card.find_all("a", "btn")), "")
            if link:
                done += self._answer(lead, link)
        return done

    def _answer(self, lead: Parent, link: str) -> bool:
        page = lead.browser.get(link)
        if "/correct/" in page.path:
            form = page.main_form()
            lead.browser.submit(form, lead.answers_for(form))
            lead.tell(lead.role, f"{page.title}：{form.button}")
            return True
        if "/asks/" not in page.path:
            return False
        payment = page.link(f"{self.sandbox}/payment")
        if payment:
            return self._pay(lead, payment)
        form = page.main_form()
        lead.browser.submit(form)
        lead.tell(lead.role, f"{page.title}：{form.button}")
        return True

    def _pay(self, lead: Parent, address: str) -> bool:
        page = lead.browser.get(address)
        if not page.forms:
            return False
        lead.browser.submit(page.forms[0])
        lead.tell(lead.role, f"{page.title}：{page.forms[0].button}")
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
