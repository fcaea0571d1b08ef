"""A family that fits two schemes reads which leads and may choose; a refused one is shown a way."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache

import pytest
from django.conf import settings

from tests.web import cast
from tests.web.cast import Household
from yijian.actions import contexts, schemes, setup
from yijian.packs.building import load_folder
from yijian.packs.offices import load_directory
from yijian.records import people

pytestmark = pytest.mark.django_db

LOCAL, WIDER, WINDOW = "340000-anhui", "yangtze-delta", "431222-yuanling"
MIXED = """
title: 爸爸的户口在上海
applied_at: 2026-11-21T10:00:00+08:00
mother: {name: 王芳, hukou: {division: "340104"}}
father: {name: 李强, hukou: {division: "310104"}}
newborns: [{sex: "2", born_at: 2026-11-18T03:27:00+08:00}]
"""
_load_once = cache(load_folder)
_offices = cache(load_directory)


@pytest.fixture
def both(fixed_now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A node on which a province's scheme and that of its wider region run, and a third."""
    running = (LOCAL, WIDER, WINDOW)
    chosen = settings.YIJIAN.model_copy(update={"packs": ",".join(running)})
    monkeypatch.setattr(settings, "YIJIAN", chosen)
    monkeypatch.setattr(setup, "load_folder", _load_once)
    for code in running:
        setup.publish_pack(code, now=fixed_now)
    folder = settings.YIJIAN.packs_dir
    people.put_offices(setup.merged(o for c in running for o in _offices(folder, c).offices))
    contexts.forget()
    yield
    contexts.forget()


def begun(file: str, now: datetime, scheme: str = LOCAL) -> Household:
    """A family that has come through one scheme's door, with every register's answer."""
    family = cast.household(file, contexts.current_context(scheme), now)
    client = family.mother if scheme == LOCAL else family.father
    opened = client.post(f"/my/new/?scheme={scheme}")
    assert opened.status_code == 302, opened.content.decode()
    family.number = opened["Location"].split("/")[3]
    return family.answer()


def test_a_family_that_fits_two_schemes_is_led_and_reads_why(
    both: None, fixed_now: datetime
) -> None:
    family = begun(cast.ORDINARY, fixed_now)
    page = family.mother.get(family.url(), follow=True)
    assert page.redirect_chain[-1][0] == family.url("scheme/")
    text = page.content.decode()
    assert "两个方案都适合您家" in text
    local, wider = contexts.current_pack(LOCAL), contexts.current_pack(WIDER)
    said = schemes.reason(local, wider)
    assert said is not None and said.zh in text
    first, second = text.index(local.service_title.zh), text.index(wider.service_title.zh)
    assert first < second and text.index("先推荐") < first
    assert contexts.current_pack(WINDOW).service_title.zh not in text


def test_staying_is_asked_once_and_the_form_follows(both: None, fixed_now: datetime) -> None:
    family = begun(cast.ORDINARY, fixed_now)
    answer = family.mother.post(family.url("scheme/"), {"pack": LOCAL})
    assert answer["Location"] == family.url()
    page = family.mother.get(family.url(), follow=True)
    assert "/form/" in page.redirect_chain[-1][0]
    assert family.case.pack == LOCAL


def test_the_other_scheme_takes_over_what_is_known(both: None, fixed_now: datetime) -> None:
    family = begun(cast.ORDINARY, fixed_now)
    known = dict(family.case.verified)
    family.mother.post(family.url("scheme/"), {"pack": WIDER})
    case = family.case
    assert case.pack == WIDER
    assert case.pack_digest == contexts.current_pack(WIDER).digest
    assert known.items() <= dict(case.verified).items()
    assert family.mother.get(family.url(), follow=True).status_code == 200


def test_a_scheme_that_was_not_offered_cannot_be_taken(both: None, fixed_now: datetime) -> None:
    family = begun(cast.ORDINARY, fixed_now)
    for wanted in (WINDOW, "nothing", ""):
        family.mother.post(family.url("scheme/"), {"pack": wanted})
        assert family.case.pack == LOCAL
    assert "两个方案都适合您家" in family.mother.get(family.url(), follow=True).content.decode()


def test_a_refused_family_is_shown_the_scheme_that_fits_and_goes_on_there(
    both: None, fixed_now: datetime
) -> None:
    family = begun(MIXED, fixed_now)
    page = family.mother.get(family.url(), follow=True)
    assert page.redirect_chain[-1][0] == family.url("refused/")
    text = page.content.decode()
    assert "您家适合另一个方案" in text and "改用这个方案" in text
    assert text.index("您家适合另一个方案") < text.index(">原因和去处<")
    family.mother.post(family.url("scheme/"), {"pack": WIDER})
    assert family.case.pack == WIDER
    after = family.mother.get(family.url(), follow=True)
    assert "/refused/" not in after.redirect_chain[-1][0]


def test_a_node_of_one_scheme_asks_nothing(family: Household) -> None:
    family.open().answer()
    assert "/form/" in family.mother.get(family.url(), follow=True).redirect_chain[-1][0]
    assert family.mother.get(family.url("scheme/"))["Location"] == family.url()
    family.mother.post(family.url("scheme/"), {"pack": WIDER})
    assert family.case.pack == LOCAL


def test_nobody_else_sees_or_takes_the_choice(both: None, fixed_now: datetime) -> None:
    family = begun(cast.ORDINARY, fixed_now)
    stranger = cast.stranger(fixed_now)
    assert stranger.get(family.url("scheme/")).status_code == 404
    assert stranger.post(family.url("scheme/"), {"pack": WIDER}).status_code == 404
    assert family.case.pack == LOCAL
