"""陈静 at the window: a scheme whose hospital has one, and families who come to it."""

import copy
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from PIL import Image, ImageDraw

from tests.actions.cast import answer_of, clerk
from tests.web.cast import ORDINARY
from yijian.actions import cases, contexts, tasks, verification, window, window_filling
from yijian.actions.window import Card
from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.events import TaskKey
from yijian.domain.handling import OfficeDecision
from yijian.domain.routing import Office
from yijian.domain.states import TaskState
from yijian.packs.building import build, load_folder
from yijian.packs.canonical import Document, canonical
from yijian.packs.families import FamilyFacts, facts_of, parse
from yijian.packs.offices import load_directory
from yijian.records import cases as case_records
from yijian.records import pack_versions, people
from yijian.records.people import StaffRole

PAGE = "household_page"
STROKES = "300x190|10,10 20,20 30,30|40,10 40,50 40,80 41,90 42,95 50,100 60,110"


@cache
def _node() -> tuple[Document, tuple[Office, ...]]:
    """The node's first scheme with a window in the hospital, which scans a household page."""
    folder, code = settings.YIJIAN.packs_dir, "340000-anhui"
    document, _pack = load_folder(folder, code)
    document = copy.deepcopy(document)
    document["pack"]["channels"] = ["online", "counter", "hospital_window"]
    for item in document["items"]:
        if item["id"] in ("hukou_registration", "social_security_card"):
            scan = {
                "id": PAGE,
                "title": {"zh": "户口簿", "en": "Household book"},
                "hint": {"zh": "首页、户主页、本人页", "en": "First page, head, own page"},
                "kind": "scan",
                "waived": False,
                "basis": {"document": "ah-2024", "clause": "附2 序号3"},
            }
            item["materials"] = [*item.get("materials", []), scan]
    offices = {office.code: office for office in reversed(load_directory(folder, code).offices)}
    return document, tuple(offices.values())


def publish(now: datetime, *more: Office, code: str = "") -> Context:
    """The scheme and the offices, as set-up leaves them; `more` replace or add offices.

    With a code it is that pack as it is, and the node runs no other.
    """
    document, offices = _node() if not code else _as_it_is(code)
    pack = build(document)
    pack_versions.keep(
        code=pack.code,
        version=pack.version,
        digest=pack.digest,
        canonical=canonical(document),
        in_force_from=pack.in_force_from,
        now=now,
    )
    people.put_offices([*offices, *more])
    contexts.forget()
    return contexts.current_context()


@cache
def _as_it_is(code: str) -> tuple[Document, tuple[Office, ...]]:
    folder = settings.YIJIAN.packs_dir
    document, _pack = load_folder(folder, code)
    offices = {office.code: office for office in reversed(load_directory(folder, code).offices)}
    return document, tuple(offices.values())


@dataclass
class AtWindow:
    """A family before 陈静."""

    facts: FamilyFacts
    clerk: User
    now: datetime
    number: str = ""

    @property
    def case(self) -> Case:
        """The case as it is now."""
        return case_records.read(numbers=[self.number])[0].case

    @property
    def context(self) -> Context:
        """The policy the case stands on."""
        return contexts.context_of(self.case)

    def card(self, role: str, **other: str) -> Card:
        """The ID card of a parent."""
        person: dict[str, Any] = self.facts.family[role]
        values = {key: person[key] for key in ("name", "id_number", "phone")} | other
        return Card(**values)

    def open(self, **more: Any) -> "AtWindow":
        self.number = window.open_case(
            by=self.clerk, role="mother", card=self.card("mother"), present=True, now=self.now,
            **more,
        )  # fmt: skip
        return self

    def agree(self, role: str = "mother") -> "AtWindow":
        window_filling.agree(by=self.clerk, number=self.number, role=role, now=self.now)
        return self

    def father_comes(self) -> "AtWindow":
        window.identify(
            by=self.clerk, number=self.number, role="father", card=self.card("father"),
            present=True, now=self.now,
        )  # fmt: skip
        return self.agree("father")

    def answer(self) -> "AtWindow":
        """The registers answer as the family file says."""
        identifier = case_records.read(numbers=[self.number])[0].id
        for register, said in self.facts.registers.items():
            if register != "identity":
                verification.record(identifier, answer_of(said, register, self.now), now=self.now)
        return self

    def name(self, name: str = "李小满", **more: Any) -> Case:
        return window_filling.save(
            by=self.clerk, number=self.number, answers={("newborn_name", 1): name},
            now=self.now, **more,
        )  # fmt: skip

    def issue_certificate(self, officer: User) -> None:
        """The hospital's officer issues on the spot, and the ten seconds pass."""
        (loaded,) = case_records.read(numbers=[self.number])
        key = ("birth_certificate", 1)
        given = {"certificate_number": "Z340000001", "issued_on": "2026-11-21"}
        tasks.decide(
            by=officer, task_id=loaded.task_id(key), version=loaded.case.tasks[key].version,
            decision=OfficeDecision(TaskState.COMPLETED, result=given), now=self.now,
        )  # fmt: skip
        tasks.apply_due_decisions(now=self.now + timedelta(seconds=11))

    def task(self, key: TaskKey) -> UUID:
        """The identifier of one of its tasks."""
        return case_records.read(numbers=[self.number])[0].task_id(key)

    def digest(self, role: str) -> str:
        return cases.shown(self.case, role, self.context, self.now, "zh-hans").digest

    def sign(self, role: str, **more: Any) -> Case:
        given = {"method": "tablet", "strokes": STROKES, "digest": self.digest(role)} | more
        return window_filling.sign(
            by=self.clerk, number=self.number, role=role, now=self.now, **given
        )


def at_window(
    now: datetime, office: str | None = None, file: str = ORDINARY, code: str = ""
) -> AtWindow:
    """王芳 at the window of the hospital where she gave birth, or of another office."""
    context = publish(now, code=code)
    facts = facts_of(parse(file), context.pack)
    hospital = str(facts.family["delivery"]["institution"])
    return AtWindow(facts, clerk(office or hospital, StaffRole.WINDOW), now)


def page(lines: int = 24, size: tuple[int, int] = (1000, 1400), kind: str = "JPEG") -> bytes:
    """A clear page of a document."""
    picture = Image.new("RGB", size, (246, 244, 238))
    pen = ImageDraw.Draw(picture)
    for line in range(lines):
        pen.text((80, 80 + 50 * line), "HOUSEHOLD REGISTER 0123456789 " * 2, fill=(20, 20, 20))
        pen.rectangle((80, 100 + 50 * line, 900, 102 + 50 * line), fill=(20, 20, 20))
    made = io.BytesIO()
    picture.save(made, kind)
    return made.getvalue()
