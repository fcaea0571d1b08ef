"""工作台上的人: what a clerk does with one family's tasks, as the family's script says.

What no script mentions is completed. A result is made up: right by its checksum, nobody's number.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from yijian.domain.clocks import SHANGHAI
from yijian.domain.numbers import check_character
from yijian.ops.walk_families import Guest, scripted
from yijian.ops.walk_pages import Browser, Form, Page, WalkError

Json = dict[str, Any]
Tell = Callable[[str, str], None]

ATTEMPTS = 6
TAKEN = ("已经用在另一份申请上", "另一位同事刚刚用了", "编号已经用过了")
"""What the page says of a number that somebody else has; the walk then takes another one."""
CHILD = re.compile(r"第 ?(\d+) ?个宝宝")
ROLES = frozenset({"certificate_officer", "police_officer", "health_clerk"})
"""Who works on tasks at an office where several people have different work."""
WORDS = {
    "accepted": "accept",
    "approved": "approve",
    "completed": "complete",
    "correction_needed": "correct",
    "declined": "decline",
    "rejected": "reject",
    "offline": "offline",
}
FIRST_ACCEPT = frozenset({"reject"})


def clerk_of(staff: list[Json], office: str) -> Json:
    """Who decides at an office; WalkError when the sandbox knows nobody there."""
    there = [person for person in staff if person["office"] == office]
    there.sort(key=lambda person: person["role"] not in ROLES)
    if not there:
        raise WalkError(f"模拟环境里没有这个机构的工作人员 nobody works in office {office}")
    return there[0]


@dataclass
class Clerk:
    """A clerk at the desk, looking after one family's tasks."""

    person: Json
    guest: Guest
    node: str
    tell: Tell
    patient: bool = False
    browser: Browser = field(init=False)
    _entered: bool = field(default=False, init=False)
    _script: dict[tuple[str, int], list[Json]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.browser = Browser(self.node, patient=self.patient)

    def work(self, number: str) -> int:
        """Decide what can be decided about this case now; how many decisions were made."""
        if not self._entered:
            query = urlencode({"login_hint": self.person["sub"], "next": "/desk/"})
            self.browser.get(f"/enter/?{query}")
            self._entered = True
        page = self.browser.get(f"/desk/tasks/?{urlencode({'group': 'open', 'q': number})}")
        self._entered = page.path.startswith("/desk/")
        links = [a.get("href") for a in page.root.find_all("a", "open")]
        return sum(self._decide(self.browser.get(link, also=(404,))) for link in links)

    def _decide(self, page: Page) -> bool:
        forms = _decisions(page)
        if not forms or page.status != httpx.codes.OK:
            return False
        item, newborn = self._about(page)
        step = self._next(item, newborn)
        word = WORDS.get(step["do"], "") if step else ""
        if word in FIRST_ACCEPT and word not in forms:
            word, step = "accept", None
        elif not word:
            word = "complete" if "complete" in forms else "approve"
            step = None
        if word not in forms:
            return False
        values, after = self._sent(forms[word], word, step, newborn)
        if after.status == httpx.codes.CONFLICT:
            return False  # Somebody or something was faster, and the page said so.
        if after.status != httpx.codes.OK:
            raise WalkError(f"{item}: {after.said()}")
        if step is not None:
            self._script[item, newborn].remove(step)
        self._report(page, word, values, step)
        return True

    def _sent(
        self, form: Form, word: str, step: Json | None, newborn: int
    ) -> tuple[dict[str, str | list[str]], Page]:
        """What was sent and the page that came; a number somebody else has is made up anew."""
        for attempt in range(ATTEMPTS):
            values = self._values(form, word, step, newborn, attempt)
            after = self.browser.submit(form, values, press=word, also=(409, 422))
            if after.status != httpx.codes.UNPROCESSABLE_ENTITY or not any(
                words in after.said() for words in TAKEN
            ):
                break
            form = _decisions(self.browser.get(form.action.removesuffix("decide/")))[word]
        return values, after

    def _about(self, page: Page) -> tuple[str, int]:
        """Which item of the pack and which newborn the sheet is about."""
        items = self.guest.context.pack.items.values()
        item = next((i.code for i in items if i.title.zh == page.title), "")
        if not item:
            raise WalkError(f"看不出是哪个事项 which item is it: {page.said()}")
        heading = page.root.find("", "review-head") or page.root
        child = CHILD.search(heading.text)
        return item, int(child[1]) if child else 1

    def _next(self, item: str, newborn: int) -> Json | None:
        steps = self._script.setdefault(
            (item, newborn), scripted(self.guest.family["script"], item, newborn)
        )
        # Looking at a task is no press at the desk: it lies between accepting and deciding.
        steps[:] = [step for step in steps if step["do"] in WORDS]
        return steps[0] if steps else None

    def _values(
        self, form: Form, word: str, step: Json | None, newborn: int, attempt: int
    ) -> dict[str, str | list[str]]:
        values: dict[str, str | list[str]] = {}
        if word == "complete":
            given = (step or {}).get("result") or {}
            for name in form.controls:
                field_ = name.removeprefix("result_")
                if field_ == "certificate_number" and any(form.controls[name].value):
                    continue  # The page proposes the next one in stock, and no other will do.
                if field_ != name:
                    value = given.get(field_) or self._made_up(field_, newborn, attempt)
                    if value is not None:
                        values[name] = str(value)
        elif step is not None:
            reason = step.get("reason") or "需要核对"
            values["text"] = reason if isinstance(reason, str) else str(reason["text"])
            if word == "correct":
                values["correct"] = [str(fact) for fact in step.get("fields", ())]
        return values

    def _made_up(self, result: str, newborn: int, attempt: int) -> str | None:
        """A result that stands for the office's own; None leaves what the page proposes."""
        seed = f"{self.guest.id}/{newborn}/{result}/{attempt}"
        number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
        if result == "certificate_number":
            return f"T34{number % 10**7:07d}"
        if result == "citizen_id_number":
            return self._citizen_id(newborn, number)
        return None

    def _citizen_id(self, newborn: int, number: int) -> str:
        child = self.guest.family["newborns"][newborn - 1]
        born = datetime.fromisoformat(child["born_at"]).astimezone(SHANGHAI)
        sequence = number % 500 * 2 + (1 if child["sex"] == "1" else 0)
        first_17 = f"{self._place()}{born:%Y%m%d}{sequence:03d}"
        return first_17 + check_character(first_17)

    def _place(self) -> str:
        """Where the child is registered: the followed parent's hukou, or the one there is."""
        followed = str(self.guest.family["answers"].get("hukou_follows") or "")
        parents = [self.guest.family.get(role) or {} for role in (followed, *self.guest.roles)]
        places = [parent["hukou"]["division"] for parent in parents if parent.get("hukou")]
        return str(places[0]) if places else "340104"

    def _report(
        self, page: Page, word: str, values: dict[str, str | list[str]], step: Json | None
    ) -> None:
        child = CHILD.search((page.root.find("", "review-head") or page.root).text)
        what = f"{page.title}{child[0] if child else ''}：{word}"
        said = "、".join(v for v in values.values() if isinstance(v, str))
        self.tell(str(self.person["role"]), what + (f"（{said}）" if step or said else ""))


def _decisions(page: Page) -> dict[str, Form]:
    """The decisions that the sheet offers, by the word its form sends."""
    found: dict[str, Form] = {}
    for form in page.forms:
        if not form.action.endswith("/decide/"):
            continue
        hidden = form.controls.get("do")
        words = hidden.value if hidden else [b.get("value") for b in form.buttons]
        for word in words:
            found[word] = form
    return found
