"""Whose pages of the console these are, and what a node on which staff practise shows."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.web import cast, cast_desk
from tests.web.cast_console import at_console
from yijian.gateways import starter
from yijian.records import administration
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
SYSTEM, SECURITY, AUDIT, AUDITOR, OPERATOR, SUPERVISOR = (
    StaffRole.SYSTEM_ADMIN,
    StaffRole.SECURITY_ADMIN,
    StaffRole.AUDIT_ADMIN,
    StaffRole.AUDITOR,
    StaffRole.OPERATOR,
    StaffRole.SUPERVISOR,
)
DIRECTORY = {SYSTEM, SECURITY, AUDIT, OPERATOR}
PAGES = {
    "staff/": {SECURITY, AUDIT},
    "staff/new/": {SECURITY},
    "offices/": DIRECTORY,
    "offices/new/": {SYSTEM},
    "offices/340100WJ/": DIRECTORY,
    "partners/": DIRECTORY,
    "channels/": DIRECTORY,
    "proposals/": {*DIRECTORY, SUPERVISOR, AUDITOR},
    "audit/": {AUDIT, AUDITOR},
    "training/": set(),
}
"""Who gets which page; everybody else meets what does not exist."""


def test_every_role_finds_its_pages_and_no_other(published: object) -> None:
    for role in StaffRole:
        client = at_console(role)
        found = {page for page in PAGES if client.get(f"/console/{page}").status_code == 200}
        assert found == {page for page, roles in PAGES.items() if role in roles}, role


def test_a_parent_and_a_passer_by_find_none_of_them(family: cast.Household) -> None:
    for page in PAGES:
        assert family.mother.get(f"/console/{page}").status_code == 404
        assert Client().get(f"/console/{page}")["Location"].startswith("/accounts/")


def test_partners_and_channels_are_proposed_on_their_pages(published: object) -> None:
    admin, operator = at_console(SYSTEM), at_console(OPERATOR)
    sent = {"do": "set", "division": "34", "channel": "desk", "starts_on": "2026-11-21"}
    page = admin.post("/console/channels/", sent, follow=True).content.decode()
    assert "提出来了" in page and "安徽省" not in page.split("<main")[0]
    again = operator.post("/console/channels/", sent).content.decode()
    assert "同一件事已经有一条在等人决定" in again
    wrong = admin.post("/console/partners/", {"do": "stop", "code": "nobody"}).content.decode()
    assert "没有登记过这个参与方" in wrong
    bad = {"do": "partner", "code": "x", "kind": "department", "public_key": "-"}
    assert "这不是 Ed25519 公钥" in admin.post("/console/partners/", bad).content.decode()


@pytest.fixture
def practising(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """This node is one for training."""
    changed = {"training": True, "var_dir": tmp_path}
    monkeypatch.setattr(settings, "YIJIAN", settings.YIJIAN.model_copy(update=changed))
    return tmp_path


def test_every_page_of_a_training_node_says_so(family: cast.Household, practising: Path) -> None:
    family.submit()
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    answers = [
        Client().get("/"),
        Client().get("/nowhere"),
        family.mother.get(family.url("progress/")),
        clerk.get(cast_desk.url_of(family, "birth_certificate")),
    ]
    for answer in answers:
        page = answer.content.decode()
        assert "<title>演练 · " in page and "一律无效" in page


def test_an_operator_lets_a_training_node_begin_anew(published: object, practising: Path) -> None:
    operator = at_console(OPERATOR)
    assert "重置演练" in operator.get("/console/training/").content.decode()
    operator.post("/console/training/")
    assert starter.asked(practising) is None
    operator.post("/console/training/", {"sure": "yes"})
    asked = starter.asked(practising)
    assert asked is not None and asked.by == "C-operator"
    assert "正在重置" in operator.get("/console/training/").content.decode()
    assert [act.what for act in administration.acts()] == ["training_reset"]
    assert at_console(SUPERVISOR).get("/console/training/").status_code == 404


def test_the_desk_leads_to_where_staff_practise(
    published: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = cast_desk.clerk("H34010401")
    assert "演练" not in clerk.get("/desk/tasks/").content.decode()
    changed = {"training_url": "https://training.example.org"}
    monkeypatch.setattr(settings, "YIJIAN", settings.YIJIAN.model_copy(update=changed))
    page = clerk.get("/desk/tasks/").content.decode()
    assert '<a href="https://training.example.org">演练</a>' in page
