"""A submitted family through the real actions, and the officers who act on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from tests.photographs import kept
from tests.web.cast import ORDINARY, publish, user_of
from yijian.actions import cases, contexts, live_checks, tasks, verification
from yijian.domain.cases import Case
from yijian.domain.clocks import local_day
from yijian.domain.events import TaskKey
from yijian.domain.handling import OfficeDecision
from yijian.domain.numbers import check_character
from yijian.domain.states import TaskState
from yijian.gateways.registers import Answer
from yijian.gateways.registers.answers import Receipt
from yijian.packs.families import FamilyFacts, facts_of, parse
from yijian.records import cases as case_records
from yijian.records import people
from yijian.records.people import StaffRole

CERTIFICATE = ("birth_certificate", 1)
REGISTRATION = ("hukou_registration", 1)
CARD = ("social_security_card", 1)
ENROLMENT = ("medical_insurance_enrolment", 1)


@dataclass
class Household:
    """A family whose registers answer as its file says."""

    facts: FamilyFacts
    mother: User
    father: User
    now: datetime
    number: str = ""

    @property
    def id(self) -> UUID:
        """The case's key."""
        return UUID(self.case.id)

    @property
    def case(self) -> Case:
        """The case as it is now."""
        return case_records.read(numbers=[self.number])[0].case

    def task(self, key: TaskKey) -> UUID:
        """The identifier of one of its tasks."""
        return case_records.read(numbers=[self.number])[0].task_id(key)

    def version(self, key: TaskKey) -> int:
        """The version of one of its tasks."""
        return self.case.tasks[key].version

    def open(self) -> "Household":
        self.number = cases.open_case(by=self.mother, now=self.now)
        cases.agree_to_notice(by=self.mother, number=self.number, now=self.now)
        return self

    def answer(self, registers: Iterable[str] | None = None) -> "Household":
        for register, said in self.facts.registers.items():
            if register == "identity" or (registers is not None and register not in registers):
                continue
            verification.record(self.id, answer_of(said, register, self.now), now=self.now)
        return self

    def name(self, *names: str) -> "Household":
        answers: dict[tuple[str, int], object] = {
            ("newborn_name", n): name for n, name in enumerate(names or ("李小满",), start=1)
        }
        cases.save_answers(by=self.mother, number=self.number, answers=answers, now=self.now)
        return self

    def sign(self, who: User, role: str) -> Case:
        digest = cases.shown(
            self.case, role, contexts.context_of(self.case), self.now, "zh-hans"
        ).digest
        return cases.sign(
            by=who, number=self.number, digest=digest, method="drawn", strokes="1,1 2,2",
            now=self.now,
        )  # fmt: skip

    def submit(self) -> "Household":
        """The whole way to a submitted case."""

        def numbered() -> str:
            return self.open().answer().name().signed().number

        told = (repr(self.facts), self.mother.pk, self.now)
        self.number = kept(("actions", told), numbered)
        return self

    def signed(self) -> "Household":
        """Both sign what has been filled in."""
        cases.open_signing(by=self.mother, number=self.number, now=self.now)
        self.sign(self.mother, "mother")
        cases.agree_to_notice(by=self.father, number=self.number, now=self.now)
        live_checks.answered(
            case_id=self.id, role="father", passed=True, receipt="r-live", now=self.now
        )
        self.sign(self.father, "father")
        return self

    def decide(self, clerk: User, key: TaskKey, to: TaskState, **more: Any) -> None:
        """A clerk decides, and the ten seconds pass."""
        tasks.decide(
            by=clerk, task_id=self.task(key), version=self.version(key),
            decision=OfficeDecision(to, **more), now=self.now,
        )  # fmt: skip
        tasks.apply_due_decisions(now=self.now + timedelta(seconds=11))


def answer_of(said: Any, register: str, now: datetime) -> Answer:
    """What a register's gateway makes of the file's answer."""
    receipt = Receipt(f"r-{register}", register, now, "test", "0" * 64)
    return Answer(
        register, said.state, values=said.values, receipts=(receipt,), newborns=said.newborns
    )


def household(now: datetime, file: str = ORDINARY) -> Household:
    """王芳 and 李强, with the node's pack published."""
    context = publish(now)
    facts = facts_of(parse(file), context.pack)
    roles = ("mother", "father")
    mother, father = kept(
        ("users", repr(facts), now), lambda: [user_of(facts.family[role], now) for role in roles]
    )
    return Household(facts, mother, father, now)


def clerk(office: str, *roles: StaffRole) -> User:
    """陈静, at an office."""
    user = User.objects.create(username=f"clerk:{office}:{User.objects.count()}")
    people.appoint(
        by=user, office=office, staff_number=f"T-{user.pk}",
        roles=roles or (StaffRole.CLERK,), name="陈静",
    )  # fmt: skip
    return user


def clerk_of(family: Household, key: TaskKey) -> User:
    """A clerk of the office that has the task."""
    office = family.case.tasks[key].office
    assert office is not None
    return clerk(office)


def newborn_id(family: Household, newborn: int = 1) -> str:
    """A citizen number that fits the child."""
    case = family.case
    born_at = case.verified["newborn_born_at", newborn].value
    sex = case.verified["newborn_sex", newborn].value
    assert isinstance(born_at, datetime)
    body = f"340104{local_day(born_at):%Y%m%d}00{'1' if sex == '1' else '2'}"
    return body + check_character(body)
