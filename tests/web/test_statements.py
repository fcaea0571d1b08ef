"""Papers signed beside the form: read before signing, printed with what was drawn, bound by it."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache

import pytest
from django.conf import settings

from tests.web import cast
from tests.web.cast import Household
from yijian.actions import cases, contexts, setup
from yijian.domain.documents import Signatures, SignedBy
from yijian.domain.states import Stage
from yijian.ops import setting
from yijian.packs.building import load_folder
from yijian.packs.offices import load_directory
from yijian.records import cases as case_records
from yijian.records import documents, people

pytestmark = pytest.mark.django_db

CITY = "450000-guangxi-city"
PAPER = "ethnicity_confirmation"
TITLE = "宝宝民族确认书"
TWO_GROUPS = """
title: 爸爸妈妈民族不一样
applied_at: 2026-11-21T10:00:00+08:00
mother: {name: 王芳, hukou: {division: "450102"}}
father: {name: 李强, ethnicity: "08", hukou: {division: "450102"}}
newborns: [{sex: "2", born_at: 2026-11-18T03:27:00+08:00}]
"""
ONE_GROUP = TWO_GROUPS.replace('ethnicity: "08", ', "")
_load_once = cache(load_folder)
_offices = cache(load_directory)


@pytest.fixture
def city(fixed_now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A node whose scheme asks both parents to confirm the child's ethnic group."""
    chosen = settings.YIJIAN.model_copy(update={"packs": CITY})
    monkeypatch.setattr(settings, "YIJIAN", chosen)
    monkeypatch.setattr(setup, "load_folder", _load_once)
    setup.publish_pack(CITY, now=fixed_now)
    people.put_offices(setup.merged(_offices(settings.YIJIAN.packs_dir, CITY).offices))
    contexts.forget()
    yield
    contexts.forget()


def filled(file: str, now: datetime) -> Household:
    """The mother has filled in everything and may check it."""
    family = cast.household(file, contexts.current_context(), now).open().answer()
    chosen = {("newborn_ethnicity", 1): "01"}
    cases.save_answers(by=family.mother_user, number=family.number, answers=chosen, now=now)
    return family.fill()


def signatures(family: Household) -> list[SignedBy]:
    """The boxes at the foot of the paper as it stands."""
    (loaded,) = case_records.read(numbers=[family.number])
    found = next(d for d in documents.of_case(loaded.id) if d.kind == PAPER)
    assert loaded.key is not None
    content = documents.said(key=loaded.key, ids=[found.id])[found.id]
    return [
        one for block in content.blocks if isinstance(block, Signatures) for one in block.signed_by
    ]


def test_a_paper_stands_beside_the_form_before_and_while_signing(
    city: None, fixed_now: datetime
) -> None:
    family = filled(TWO_GROUPS, fixed_now)
    check = family.mother.get(family.url("check/"))
    assert [card.id for card in check.context["papers"]] == [PAPER]
    family.freeze()
    page = family.mother.get(family.url("sign/"))
    assert [card.id for card in page.context["papers"]] == [PAPER]
    assert "李小满" in page.context["papers"][0].text + str(page.context["papers"][0].rows)


def test_the_printed_paper_bears_the_drawings_of_those_who_signed(
    city: None, fixed_now: datetime
) -> None:
    family = filled(TWO_GROUPS, fixed_now).freeze()
    setting.set_documents()
    page = family.mother.get(family.url("sign/"))
    assert [one["title"] for one in page.context["files"]][1:] == [TITLE]
    assert all(one["ready"] for one in page.context["files"])
    assert [one.strokes for one in signatures(family)] == [(), ()]
    family.sign(family.mother)
    family.meet_father().sign(family.father)
    assert family.case.stage is Stage.SUBMITTED
    assert all(one.strokes and one.on for one in signatures(family))
    setting.set_documents()
    assert TITLE in family.father.get(family.url("documents/")).content.decode()


def test_where_nothing_differs_there_is_no_paper_and_nobody_else_signs(
    city: None, fixed_now: datetime
) -> None:
    family = filled(ONE_GROUP, fixed_now).freeze()
    page = family.mother.get(family.url("sign/"))
    assert page.context["papers"] == []
    assert page.context["button"] == "签名并提交"
    assert TITLE not in [one["title"] for one in page.context["files"]]
    family.sign(family.mother)
    assert family.case.stage is Stage.SUBMITTED
