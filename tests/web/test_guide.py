"""The guide: what anybody may know without logging in, generated from the pack in force."""

import gzip

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from yijian.domain.context import Context
from yijian.web.guide import situations

pytestmark = pytest.mark.django_db

FIRST_PAGE_BYTES = 30_000
GUIDE = "/guide/340000-anhui/"


def test_the_start_page_says_what_it_is_and_has_one_way_in(
    published: Context, client: Client
) -> None:
    page = client.get("/")
    text = page.content.decode()
    assert "安徽省新生儿出生“一件事”" in text and "7 件事" in text
    assert 'href="/my/new/?scheme=340000-anhui"' in text
    assert "18 个工作日" in text


def test_the_first_page_with_its_style_and_script_is_light(
    published: Context, client: Client
) -> None:
    parts = [client.get("/").content]
    for name in ("yijian/yijian.css", "yijian/applicant.js", "yijian/icon.svg"):
        path = finders.find(name)
        assert isinstance(path, str)
        with open(path, "rb") as file:
            parts.append(file.read())
    assert sum(len(gzip.compress(part)) for part in parts) <= FIRST_PAGE_BYTES


def test_the_questions_are_the_rules_that_a_family_can_answer(
    published: Context, client: Client
) -> None:
    page = client.get(GUIDE).content.decode()
    asked = situations.asked_rules(published)
    assert len(asked) >= 10
    for rule in asked:
        assert rule.title.zh in page
    assert "健在" not in page, "no family is asked whether its child lives"


def test_a_family_that_fits_gets_the_whole_notice(published: Context, client: Client) -> None:
    text = client.get(f"{GUIDE}answer/").content.decode()
    assert "可以在线上一起办" in text
    for item in published.pack.items.values():
        if item.part_of is None:
            assert item.title.zh in text
    assert "2 个工作日" in text and "免提交" in text and "皖卫妇幼秘〔2024〕51号" in text


@pytest.mark.parametrize("index", range(10))
def test_each_unfit_situation_is_told_why_and_where_to_go(
    published: Context, client: Client, index: int
) -> None:
    rule = situations.asked_rules(published)[index]
    text = client.get(f"{GUIDE}answer/", {"not": rule.id}).content.decode()
    assert "可以在线上一起办。登录后" not in text
    assert rule.failed.zh in text and rule.way_on.zh in text
    if rule.repair:
        assert rule.repair.zh in text


@pytest.mark.parametrize("query", ["not=nonsense", "not=", "not=<script>", "x=1", "not=a&not=a"])
def test_a_made_up_situation_is_ignored(published: Context, client: Client, query: str) -> None:
    page = client.get(f"{GUIDE}answer/?{query}")
    assert page.status_code == 200
    assert "<script>" not in page.content.decode()


def test_the_guide_reads_in_english(published: Context, client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    text = client.get(f"{GUIDE}answer/").content.decode()
    assert "Birth certificate" in text and "working days" in text
    page = client.get("/").content.decode()
    assert "Having a baby in Anhui" in page and "Start" in page


@pytest.mark.parametrize("address", ["/", GUIDE, f"{GUIDE}answer/", "/at/340000-anhui/"])
def test_public_pages_take_no_other_method(
    published: Context, client: Client, address: str
) -> None:
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200
