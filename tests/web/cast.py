"""The cast of the page tests: a family of a pack's example, its parents, a stranger, an officer.

王芳 the mother, 李强 the father and their child come from `ordinary` below; 赵敏 is the stranger who
must see nothing; 陈静 is an officer. Everything goes through the real actions and real rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.photographs import kept
from yijian.actions import contexts, live_checks, verification
from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.routing import Office
from yijian.gateways.registers import Answer
from yijian.gateways.registers.answers import Receipt
from yijian.packs.building import build, load_folder
from yijian.packs.canonical import Document, canonical
from yijian.packs.families import Family, FamilyFacts, facts_of, load, parse
from yijian.packs.offices import load_directory
from yijian.records import access, pack_versions, people
from yijian.records.people import Identity, StaffRole

ORDINARY = """
title: 王芳、李强和他们的女儿
applied_at: 2026-11-21T10:00:00+08:00
mother: {name: 王芳, hukou: {division: "340104"}}
father: {name: 李强, hukou: {division: "340104"}}
newborns: [{sex: "2", born_at: 2026-11-18T03:27:00+08:00}]
"""
TWINS = """
title: 双胞胎
applied_at: 2026-11-21T10:00:00+08:00
mother: {name: 王芳}
father: {name: 李强}
newborns:
  - {sex: "1", born_at: 2026-11-18T03:27:00+08:00}
  - {sex: "2", born_at: 2026-11-18T03:39:00+08:00}
"""
TRIPLETS = """
title: 三胞胎
applied_at: 2026-11-21T10:00:00+08:00
newborns:
  - {sex: "1", born_at: 2026-11-18T03:27:00+08:00}
  - {sex: "2", born_at: 2026-11-18T03:39:00+08:00}
  - {sex: "2", born_at: 2026-11-18T03:41:00+08:00}
"""
STROKES = "300x190|10,10 20,20 30,30|40,10 40,50 40,80 41,90 42,95 50,100 60,110"


@cache
def _node() -> tuple[Document, tuple[Office, ...]]:
    """The node's pack and directory, read from their folder once for all tests."""
    folder, code = settings.YIJIAN.packs_dir, settings.YIJIAN.pack_codes[0]
    document, _pack = load_folder(folder, code)
    offices = {office.code: office for office in reversed(load_directory(folder, code).offices)}
    return document, tuple(offices.values())


def publish(now: datetime) -> Context:
    """The node's pack and offices, as set-up leaves them."""
    kept(("published", now), lambda: _publish(now))
    contexts.forget()
    return contexts.current_context()


def _publish(now: datetime) -> None:
    document, offices = _node()
    pack = build(document)
    pack_versions.keep(
        code=pack.code,
        version=pack.version,
        digest=pack.digest,
        canonical=canonical(document),
        in_force_from=pack.in_force_from,
        now=now,
    )
    people.put_offices(offices)


@dataclass
class Household:
    """A family whose registers can answer, with its two parents logged in."""

    facts: FamilyFacts
    mother: Client
    father: Client
    mother_user: User
    father_user: User | None
    now: datetime
    number: str = ""

    @property
    def case(self) -> Case:
        """The case as it is now."""
        opened = access.access_case(
            by=self.mother_user, number=self.number, purpose="test", now=self.now
        )
        return opened.case

    @property
    def id(self) -> UUID:
        """The case's key."""
        return UUID(self.case.id)

    def url(self, page: str = "") -> str:
        """The address of a page of this case."""
        return f"/my/cases/{self.number}/{page}"

    def open(self) -> "Household":
        """The mother agrees to the notice and has a case; no register has answered yet."""
        response = self.mother.post("/my/new/")
        assert response.status_code == 302, response.content.decode()
        self.number = response["Location"].split("/")[3]
        return self

    def answer(self, registers: Iterable[str] | None = None) -> "Household":
        """The registers answer as the family file says."""
        for register, said in self.facts.registers.items():
            if register == "identity" or (registers is not None and register not in registers):
                continue
            receipt = Receipt(f"r-{register}-{self.number}", register, self.now, "test", "0" * 64)
            given = Answer(
                register,
                said.state,
                values=said.values,
                receipts=(receipt,),
                newborns=said.newborns,
            )
            verification.record(self.id, given, now=self.now)
        return self

    def fill(self, *, name: str = "李小满") -> "Household":
        """The mother presses through every page of the form with what is proposed."""
        for _ in range(20):
            page = self.mother.get(self.url(), follow=True)
            address = page.redirect_chain[-1][0]
            if "/form/" not in address:
                break
            form = page.context["form"]
            data = posted(form)
            for field in form.fields:
                if field.startswith("newborn_name"):
                    data[field] = name + "一二三"[int(field[-1]) - 1] * (field[-1] > "1")
            data["form_version"] = str(page.context["form_version"])
            saved = self.mother.post(address, data)
            assert saved.status_code == 302, saved.content.decode()[-3000:]
        return self

    def freeze(self) -> "Household":
        """The mother has checked everything and goes to sign."""
        assert self.mother.post(self.url("check/")).status_code == 302
        return self

    def sign(self, client: Client) -> "Household":
        """A parent draws a signature under what is shown."""
        page = client.get(self.url("sign/"))
        assert page.status_code == 200, page
        digest = page.context["form"]["digest"].value()
        signed = client.post(self.url("sign/"), {"signature_drawn": STROKES, "digest": digest})
        assert signed.status_code == 302, signed.content.decode()
        return self

    def meet_father(self) -> "Household":
        """The father agrees and his live-person check passes."""
        self.father.post(self.url("notice/"))
        live_checks.answered(
            case_id=self.id, role="father", passed=True, receipt="live-1", now=self.now
        )
        return self

    def submit(self) -> "Household":
        """The whole way to a submitted case."""
        at_the_doors = timezone.now()  # noqa: TID251 (the clock that the doors read)
        told = (repr(self.facts), self.mother_user.pk, self.now, at_the_doors)
        self.number, *cookies = kept(("pages", told), self._submit)
        self.mother.cookies, self.father.cookies = cookies
        return self

    def _submit(self) -> tuple[str, SimpleCookie, SimpleCookie]:
        self.open().answer().fill().freeze().sign(self.mother)
        self.meet_father().sign(self.father)
        return self.number, self.mother.cookies, self.father.cookies


def posted(form: Any) -> dict[str, Any]:
    """What a browser sends when nothing is touched."""
    data: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if value is not None:
            shown = bound.field.prepare_value(value)
            data[bound.html_name] = shown if isinstance(shown, list) else str(shown)
    return data


def user_of(parent: Mapping[str, Any], now: datetime) -> User:
    """A logged-in person's account, as the first login leaves it."""
    user = User.objects.create(username=f"test:{parent['id_number'][-6:]}:{parent['name']}")
    identity = Identity(
        parent["name"], parent["id_type"], parent["id_number"], parent.get("phone") or ""
    )
    people.remember_person(by=user, identity=identity, now=now)
    return user


def client_of(user: User) -> Client:
    """A browser in which this user is logged in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def household(family: Family | str, context: Context, now: datetime) -> Household:
    """A family from its file, with both parents at their browsers."""
    read = parse(family) if isinstance(family, str) else family
    facts = facts_of(read, context.pack)

    def log_in() -> tuple[User, SimpleCookie, User | None, SimpleCookie]:
        mother = user_of(facts.family["mother"], now)
        father = user_of(facts.family["father"], now) if facts.family.get("father") else None
        at_home = client_of(father) if father else Client()
        return mother, client_of(mother).cookies, father, at_home.cookies

    mother, hers, father, his = kept(("parents", repr(facts), now), log_in)
    house = Household(facts, Client(), Client(), mother, father, now)
    house.mother.cookies, house.father.cookies = hers, his
    return house


def example(name: str) -> Family:
    """One of the pack's own example families."""
    return load(settings.YIJIAN.packs_dir / "340000-anhui" / "examples" / f"{name}.yaml")


def stranger(now: datetime) -> Client:
    """赵敏: a verified person who has nothing to do with any case."""
    person = {"name": "赵敏", "id_type": "111", "id_number": "110105199003078888", "phone": ""}
    return client_of(user_of(person, now))


def officer(now: datetime) -> Client:
    """陈静: a certificate officer; the parents' door is not hers."""
    user = User.objects.create(username="test:officer")
    people.appoint(
        by=user,
        office="H34010401",
        staff_number="T-1",
        roles=[StaffRole.CLERK, StaffRole.WINDOW],
        name="陈静",
    )
    return client_of(user)
