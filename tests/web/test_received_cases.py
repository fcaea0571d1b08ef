"""A case of another node at this one: its office works on it, and nobody else sees anything."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from tests.actions.cast_nodes import HUB, Sent, neighbour, str_of
from tests.web import cast, cast_desk
from yijian.actions import contexts
from yijian.actions.dispatching import dispatch_payload
from yijian.domain.context import Context
from yijian.domain.states import TaskState
from yijian.records import access, queries
from yijian.records.models import CaseRow, Partner
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
CERTIFICATE = ("birth_certificate", 1)


@pytest.fixture
def hub(family: cast.Household, fixed_now: datetime) -> Sent:
    """王芳 has applied at the hub; the part of it that this node handles has come."""
    with transaction.atomic():
        family.submit()
        context = contexts.context_of(family.case)
        payload = dispatch_payload(family.case, CERTIFICATE, context, fixed_now)
        sent = Sent({CERTIFICATE: json.loads(json.dumps(payload, default=str_of))}, fixed_now)
        transaction.set_rollback(True)
    neighbour(HUB)
    Partner.objects.filter(code=HUB).update(name_zh="长三角平台", name_en="The delta")
    assert sent.take(sent.event(CERTIFICATE)) == [("applied", "")]
    return sent


def page_of(sent: Sent, client: Client) -> tuple[int, str]:
    task = UUID(str(sent.payloads[CERTIFICATE]["task_id"]))
    answer = client.get(f"/desk/tasks/{task}/")
    return answer.status_code, answer.content.decode()


def office_of(sent: Sent) -> str:
    return str(sent.case.tasks[CERTIFICATE].office)


def test_the_clerk_of_its_office_sees_what_was_sent_and_where_it_comes_from(hub: Sent) -> None:
    status, page = page_of(hub, cast_desk.clerk(office_of(hub)))
    assert status == 200
    assert "由长三角平台转来" in page and "李小满" in page
    assert "母亲签名" not in page, "it was signed at the hub"
    assert str(hub.case.number) in page


def test_the_list_of_its_office_shows_it_like_any_other(hub: Sent) -> None:
    clerk = cast_desk.clerk(office_of(hub))
    assert hub.case.number in clerk.get("/desk/tasks/").content.decode()


def test_a_clerk_decides_at_the_desk_and_the_task_moves(hub: Sent) -> None:
    clerk = cast_desk.clerk(office_of(hub))
    task = hub.payloads[CERTIFICATE]["task_id"]
    version = hub.case.tasks[CERTIFICATE].version
    clerk.post(f"/desk/tasks/{task}/decide/", {"do": "approve", "version": version})
    cast_desk.pass_time(hub.now + timedelta(minutes=1))
    assert hub.case.tasks[CERTIFICATE].state is TaskState.APPROVED


def test_a_clerk_of_another_office_and_a_stranger_meet_the_same_wall(hub: Sent) -> None:
    for client in (cast_desk.clerk("340100HR"), Client()):
        status, page = page_of(hub, client)
        assert status in (302, 403, 404)
        assert hub.case.number not in page and "李小满" not in page


def test_a_parent_finds_nothing_of_it_among_the_own_cases(
    hub: Sent, family: cast.Household
) -> None:
    assert queries.my_cases(by=family.mother_user) == []
    assert access.cases_of(by=family.mother_user) == []
    for path in ("", "progress/", "reads/"):
        answer = family.mother.get(f"/my/cases/{hub.case.number}/{path}")
        assert answer.status_code in (302, 404)
        assert "李小满" not in answer.content.decode()
    with pytest.raises(access.Refused):
        access.access_case(
            by=family.mother_user, number=hub.case.number, purpose="look", now=hub.now
        )


def test_even_a_window_at_which_it_lay_would_not_open_it(hub: Sent) -> None:
    office = office_of(hub)
    CaseRow.objects.filter(id=hub.id).update(window=office)
    clerk = cast_desk.clerk(office, StaffRole.WINDOW, name="赵敏")
    assert hub.case.number not in clerk.get("/window/").content.decode()
    user = User.objects.get(pk=clerk.session["_auth_user_id"])
    for door in (access.access_case, access.access_window_case):
        with pytest.raises(access.Refused):
            door(by=user, number=hub.case.number, purpose="look", now=hub.now)


def test_a_node_that_offers_nothing_says_so_on_its_first_page(
    published: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = settings.YIJIAN.model_copy(update={"packs": "none", "receives": "340000-anhui"})
    monkeypatch.setattr(settings, "YIJIAN", changed)
    contexts.forget()
    assert contexts.offered() == ()
    assert [pack.code for pack in contexts.packs()] == ["340000-anhui"]
    page = Client().get("/").content.decode()
    assert "这里只办理其他平台转来的事项" in page
    assert Client().get("/guides/340000-anhui/").status_code == 404
