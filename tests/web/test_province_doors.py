"""One door at the birthplace: what is applied for at another node leads there, and back again."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client

from tests.actions.cast_nodes import HUB, Sent, neighbour
from tests.web import cast
from tests.web.test_received_cases import hub
from yijian.actions import contexts
from yijian.domain.context import Context
from yijian.records.models import Partner

pytestmark = pytest.mark.django_db
__all__ = ["hub"]
PACK = "340000-anhui"
THERE = f"https://{HUB}.test"


@pytest.fixture
def province(published: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node whose only pack came from the hub."""
    changed = settings.YIJIAN.model_copy(update={"packs": "none", "receives": PACK})
    monkeypatch.setattr(settings, "YIJIAN", changed)
    contexts.forget()
    known(HUB)


def known(code: str) -> None:
    if not Partner.objects.filter(code=code).exists():
        neighbour(code)
    Partner.objects.filter(code=code).update(name_zh="长三角平台", name_en="The delta")


def test_the_provinces_first_page_leads_to_the_hubs_application(province: None) -> None:
    page = Client().get("/").content.decode()
    assert f'href="{THERE}/at/{PACK}/?from={settings.YIJIAN.node}"' in page
    assert "由长三角平台统一受理" in page
    assert "这里只办理其他平台转来的事项" not in page


def test_the_entrance_of_a_received_scheme_goes_on_to_the_hub_and_no_other_does(
    province: None,
) -> None:
    answer = Client().get(f"/at/{PACK}/?at=340100&next=https://evil.test/")
    assert answer.status_code == 302
    to = urlsplit(answer["Location"])
    assert (f"{to.scheme}://{to.netloc}", to.path) == (THERE, f"/at/{PACK}/")
    assert parse_qs(to.query) == {"from": [settings.YIJIAN.node], "at": ["340100"]}
    assert Client().get("/at/no-such-pack/").status_code == 404


def test_the_hub_shows_the_door_a_family_came_through_on_every_page(
    published: Context, client: Client
) -> None:
    known("province")
    assert "返回" not in door_in(client.get("/").content.decode())
    first = client.get("/?from=province").content.decode()
    assert 'href="https://province.test/"' in first and "返回长三角平台" in first
    assert "返回长三角平台" in client.get("/guide/").content.decode()


def door_in(page: str) -> str:
    return page.partition('class="banner door"')[2]


@pytest.mark.parametrize(
    "said", ["nobody", "hr-340000", "https://evil.test", "//evil.test", "province' OR '1", ""]
)
def test_a_door_that_nobody_here_knows_is_not_remembered(
    published: Context, client: Client, said: str
) -> None:
    known("province")
    page = client.get("/", {"from": said}).content.decode()
    assert door_in(page) == ""
    assert not [to for to in re.findall('href="([^"]*)"', page) if to.startswith(("http", "//"))]
    assert "door" not in client.session


def test_a_parent_finds_the_way_to_the_hubs_page_of_a_received_case(
    hub: Sent, family: cast.Household, fixed_now: datetime
) -> None:
    page = family.mother.get("/my/").content.decode()
    number = hub.case.number
    assert f'href="{THERE}/my/cases/{number}/?from={settings.YIJIAN.node}"' in page
    assert "本地办理 1 项，已办好 0 项" in page and "李小满" in page
    assert family.mother.get(f"/my/cases/{number}/").status_code == 404
    absent = family.mother.get("/my/cases/34000020990101S000001X/")
    assert absent.status_code == 404


def test_a_stranger_finds_nothing_of_it(
    hub: Sent, family: cast.Household, fixed_now: datetime
) -> None:
    page = cast.stranger(fixed_now).get("/my/").content.decode()
    assert hub.case.number not in page and "李小满" not in page
