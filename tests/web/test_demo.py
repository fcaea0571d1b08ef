"""The demo's front page: who can be tried. It does not exist in production."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from yijian.domain.context import Context

pytestmark = pytest.mark.django_db


def a_family(id: str, eligible: str, **people: str) -> dict[str, Any]:
    return {
        "id": id,
        "title": {"zh": f"家庭{id}", "en": f"Family {id}"},
        "eligible": eligible,
        "people": {r: {"name": n, "login_hint": f"{id}/{r}"} for r, n in people.items()},
    }


def a_clerk(sub: str, kind: str, role: str) -> dict[str, Any]:
    return {
        "name": f"陈{sub}",
        "office_name": {"zh": "示例机构", "en": "Sample office"},
        "kind": kind,
        "role": role,
        "title": {"zh": "经办", "en": "Clerk"},
        "login_hint": f"staff-{sub}",
    }


PEOPLE = {
    "schemes": [
        {
            "pack": "340000-anhui",
            "families": [
                *(a_family(f"y{n}", "yes", mother="王芳", father="李强") for n in range(6)),
                a_family("w", "unknown", mother="周敏", representative="周奶奶"),
                a_family("n", "no", father="孙明"),
            ],
            "staff": [
                a_clerk("a", "police_station", "police_officer"),
                a_clerk("b", "police_station", "police_officer"),
                a_clerk("c", "service_centre", "window_clerk"),
            ],
        },
        {"pack": "elsewhere", "families": [a_family("x", "yes", mother="某人")], "staff": []},
    ]
}


@pytest.fixture
def demo_file() -> Any:
    """What `yijian run` writes."""
    path = settings.YIJIAN.var_dir / "demo.json"
    yield path
    path.unlink(missing_ok=True)


def test_the_demo_lists_each_scheme_with_its_families_and_staff(
    published: Context, client: Client, demo_file: Any
) -> None:
    demo_file.write_text(json.dumps(PEOPLE), encoding="utf-8")
    text = client.get("/demo/").content.decode()
    assert "安徽省新生儿出生“一件事”" in text and "8 个家庭" in text
    assert "妈妈 王芳" in text and "爸爸 李强" in text and "代办人 周奶奶" in text
    assert "/enter/?login_hint=y0%2Fmother&amp;next=%2Fmy%2F%3Fscheme%3D340000-anhui" in text
    assert "/enter/?login_hint=staff-a&amp;next=%2Fdesk%2F" in text
    assert "http://127.0.0.1:9" in text
    assert "家庭x" not in text, "a scheme that the node does not run"
    client.cookies["language"] = "en"
    assert "Family y0" in client.get("/demo/").content.decode()


def test_what_stands_first_is_short_and_the_rest_is_folded(
    published: Context, client: Client, demo_file: Any
) -> None:
    demo_file.write_text(json.dumps(PEOPLE), encoding="utf-8")
    text = client.get("/demo/").content.decode()
    first, rest = text.split("另外 2 个家庭")
    assert [n for n in range(6) if f"家庭y{n}<" in first] == [0, 1, 2, 3]
    assert [n for n in range(6) if f"家庭y{n}<" in rest] == [4, 5]
    assert first.index("家庭w") < first.index("家庭n")
    first, rest = text.split("另外 1 位工作人员")
    assert "陈a" in first and "陈b" not in first and "陈b" in rest
    assert first.index("派出所") < first.index("陈a") < first.index("陈c")


@pytest.mark.parametrize("content", [None, "", "not json", "[]", "{}"])
def test_the_demo_page_survives_a_missing_or_broken_list(
    published: Context, client: Client, demo_file: Any, content: str | None
) -> None:
    if content is not None:
        demo_file.write_text(content, encoding="utf-8")
    page = client.get("/demo/")
    assert page.status_code == 200
    assert "还没有演示家庭" in page.content.decode()


def test_production_has_no_demo_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "YIJIAN", settings.YIJIAN.model_copy(update={"demo": False}))
    assert client.get("/demo/").status_code == 404
