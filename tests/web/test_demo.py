"""The demo's front page: who can be tried. It does not exist in production."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db

PEOPLE = {
    "families": [
        {
            "title": {"zh": "双胞胎", "en": "Twins"},
            "mother": {"name": "王芳", "login_hint": "02-twins/mother"},
            "father": {"name": "李强", "login_hint": "02-twins/father"},
        },
        {
            "title": {"zh": "单亲", "en": "One parent"},
            "mother": {"name": "周敏", "login_hint": "34/mother"},
            "father": None,
        },
    ],
    "staff": [
        {
            "name": "陈静",
            "office_name": {"zh": "示例医院", "en": "Sample hospital"},
            "title": {"zh": "签发员", "en": "Officer"},
            "login_hint": "staff-1",
        }
    ],
}


@pytest.fixture
def demo_file() -> Any:
    """What `yijian run` writes."""
    path = settings.YIJIAN.var_dir / "demo.json"
    yield path
    path.unlink(missing_ok=True)


def test_the_demo_lists_families_staff_and_the_pretend_world(
    client: Client, demo_file: Any
) -> None:
    demo_file.write_text(json.dumps(PEOPLE), encoding="utf-8")
    text = client.get("/demo/").content.decode()
    assert "双胞胎" in text and "妈妈 王芳" in text and "爸爸 李强" in text
    assert "/enter/?login_hint=02-twins%2Fmother&amp;next=%2Fmy%2F" in text
    assert "/enter/?login_hint=staff-1&amp;next=%2Fdesk%2F" in text
    assert "http://127.0.0.1:9" in text
    client.cookies["language"] = "en"
    assert "Twins" in client.get("/demo/").content.decode()


@pytest.mark.parametrize("content", [None, "", "not json", "[]", "{}"])
def test_the_demo_page_survives_a_missing_or_broken_list(
    client: Client, demo_file: Any, content: str | None
) -> None:
    if content is not None:
        demo_file.write_text(content, encoding="utf-8")
    page = client.get("/demo/")
    assert page.status_code == 200
    assert "还没有演示家庭" in page.content.decode()


def test_production_has_no_demo_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class InEarnest:
        demo: bool = False

    monkeypatch.setattr(settings, "YIJIAN", InEarnest())
    assert client.get("/demo/").status_code == 404
