"""A father comes first, a mother fills in; drawings stay sealed; a draft changes its scheme."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction

from tests.actions.cast import answer_of
from tests.web.cast import ORDINARY, STROKES, user_of
from yijian.actions import cases, changes, contexts, live_checks, setup, verification
from yijian.actions.forgetting import forget
from yijian.domain import applying
from yijian.domain.cases import Case, CheckState, progress
from yijian.domain.context import RefusedError
from yijian.domain.journey import Page, next_place
from yijian.domain.states import Stage
from yijian.packs.building import load_folder
from yijian.packs.families import FamilyFacts, facts_of, parse
from yijian.packs.offices import load_directory
from yijian.records import access, journal, people, queries
from yijian.records import cases as case_records

pytestmark = pytest.mark.django_db

PROVINCE, REGION = "340000-anhui", "yangtze-delta"
_load_once = cache(load_folder)
_offices = cache(load_directory)


@dataclass
class Pair:
    """王芳 and 李强 under a scheme in which the father comes first."""

    facts: FamilyFacts
    mother: User
    father: User
    now: datetime
    number: str = ""

    @property
    def case(self) -> Case:
        return case_records.read(numbers=[self.number])[0].case

    def page(self, role: str) -> Page:
        return next_place(self.case, role, contexts.context_of(self.case), self.now).page

    def come(self, user: User, role: str) -> "Pair":
        cases.agree_to_notice(by=user, number=self.number, now=self.now)
        live_checks.answered(
            case_id=UUID(self.case.id), role=role, passed=True, receipt="r", now=self.now
        )
        return self

    def answer(self, *registers: str) -> "Pair":
        for register in registers:
            said = self.facts.registers[register]
            if register == "marriage":
                said = replace(said, values=(*said.values, *self.wife()))
            verification.record(
                UUID(self.case.id), answer_of(said, register, self.now), now=self.now
            )
        return self

    def wife(self) -> list[tuple[str, int, object]]:
        """Who the register names when a father has asked."""
        mother = self.facts.family["mother"]
        return [(f"mother_{part}", 0, mother[part]) for part in ("name", "id_number", "id_type")]

    def sign(self, user: User, role: str) -> Case:
        context = contexts.context_of(self.case)
        digest = cases.shown(self.case, role, context, self.now, "zh-hans").digest
        return cases.sign(
            by=user, number=self.number, digest=digest, method="drawn", strokes=STROKES,
            now=self.now,
        )  # fmt: skip


@pytest.fixture
def both_schemes(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    running = (PROVINCE, REGION)
    chosen = settings.YIJIAN.model_copy(update={"packs": ",".join(running)})
    monkeypatch.setattr(settings, "YIJIAN", chosen)
    monkeypatch.setattr(setup, "load_folder", _load_once)
    for code in running:
        setup.publish_pack(code, now=now)
    folder = settings.YIJIAN.packs_dir
    people.put_offices(setup.merged(o for c in running for o in _offices(folder, c).offices))
    contexts.forget()
    yield
    contexts.forget()


@pytest.fixture
def pair(both_schemes: None, now: datetime) -> Pair:
    facts = facts_of(parse(ORDINARY), contexts.current_context(REGION).pack)
    mother, father = (user_of(facts.family[role], now) for role in ("mother", "father"))
    return Pair(facts, mother, father, now)


@pytest.fixture
def opened(pair: Pair) -> Pair:
    pair.number = cases.open_case(by=pair.father, pack=REGION, now=pair.now)
    return pair


def test_the_scheme_says_who_may_open_a_case(pair: Pair) -> None:
    with pytest.raises(RefusedError, match="not_an_applicant"):
        cases.open_case(by=pair.mother, pack=REGION, now=pair.now)
    with pytest.raises(RefusedError, match="not_an_applicant"):
        cases.open_case(by=pair.father, pack=PROVINCE, now=pair.now)


def test_the_mother_sees_the_case_once_the_marriage_register_names_her(opened: Pair) -> None:
    assert access.cases_of(by=opened.mother) == []
    opened.come(opened.father, "father").answer("marriage")
    assert [held.role for held in access.cases_of(by=opened.mother)] == ["mother"]


def test_the_father_comes_the_mother_fills_and_signs_and_he_submits(opened: Pair) -> None:
    opened.come(opened.father, "father")
    opened.answer("marriage", "delivery", "hukou", "certificates", "maternity")
    assert opened.page("father") is Page.WAITING_FOR_OTHER
    told = [m.notice for m in queries.messages_of(case_id=opened.case.id, role="mother")]
    assert told, "the mother is told that it is her turn"
    opened.come(opened.mother, "mother")
    assert opened.case.verified["mother_phone", 0].source == "identity"
    names = {("newborn_name", 1): "李小满"}
    cases.save_answers(by=opened.mother, number=opened.number, answers=names, now=opened.now)
    cases.open_signing(by=opened.mother, number=opened.number, now=opened.now)
    opened.sign(opened.mother, "mother")
    case = opened.sign(opened.father, "father")
    assert case.stage is Stage.SUBMITTED
    assert opened.case.applicant == "father"


def test_drawn_signatures_are_kept_sealed_and_go_with_the_case(opened: Pair) -> None:
    opened.come(opened.father, "father")
    opened.answer("marriage", "delivery", "hukou", "certificates", "maternity")
    opened.come(opened.mother, "mother")
    names = {("newborn_name", 1): "李小满"}
    cases.save_answers(by=opened.mother, number=opened.number, answers=names, now=opened.now)
    cases.open_signing(by=opened.mother, number=opened.number, now=opened.now)
    opened.sign(opened.mother, "mother")
    assert opened.case.drawings == {"mother": STROKES}
    assert "300x190" not in _everything_that_lies_open(opened)
    cases.withdraw(by=opened.mother, number=opened.number, now=opened.now)
    forget(number=opened.number, now=opened.now)
    assert opened.case.drawings == {} and opened.case.answers == {}


def _everything_that_lies_open(pair: Pair) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT progress::text, encode(sealed, 'escape') FROM \"case\"")
        rows = str(cursor.fetchall())
        cursor.execute("SELECT body::text FROM journal")
        return rows + str(cursor.fetchall())


def test_a_draft_that_changes_its_scheme_is_pinned_to_the_other_pack(pair: Pair) -> None:
    pair.number = cases.open_case(by=pair.mother, pack=PROVINCE, now=pair.now)
    cases.agree_to_notice(by=pair.mother, number=pair.number, now=pair.now)
    cases.choose_scheme(by=pair.mother, number=pair.number, pack=REGION, now=pair.now)
    case, region = pair.case, contexts.current_context(REGION).pack
    assert (case.pack, case.pack_version, case.pack_digest) == (
        REGION,
        region.version,
        region.digest,
    )
    assert contexts.context_of(case).pack.code == REGION
    assert progress(journal.replay(case)) == progress(case)


def test_one_person_stands_in_a_case_once(pair: Pair) -> None:
    pair.number = cases.open_case(by=pair.mother, pack=PROVINCE, now=pair.now)
    with transaction.atomic():
        (loaded,) = case_records.load(numbers=[pair.number])
        same = str(loaded.case.verified["mother_id_number", 0].value)
        values = [("representative_id_number", 0, same), ("father_id_number", 0, "1" * 18)]
        events = applying.register_answered(
            loaded.case, "delivery", CheckState.FOUND, values, pair.now
        )
        changes.commit([changes.Decided(loaded, events)], now=pair.now)
    assert [held.role for held in access.cases_of(by=pair.mother)] == ["mother"]
