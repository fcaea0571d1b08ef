"""Roles are given by two and taken by one; both hold at the next click of whom they are about."""

import pytest
from django.test import Client

from tests.web import cast_desk
from tests.web.cast_console import OFFICE, at_console, staff_row
from yijian.records import administration
from yijian.records.models import ProposalRow
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
CLERK, WINDOW = StaffRole.CLERK.value, StaffRole.WINDOW.value


def propose(client: Client, number: str, *roles: str, office: str = OFFICE) -> str:
    data = {"number": number, "office": office, "roles": list(roles), "reason": "调令"}
    return client.post("/console/staff/new/", data).content.decode()


def waiting() -> ProposalRow:
    return ProposalRow.objects.get(state="open")


def decide(client: Client, do: str = "accept", *, status: int = 200) -> str:
    row = waiting()
    sent = {"do": do, "digest": bytes(row.digest).hex()}
    answer = client.post(f"/console/proposals/{row.id}/", sent, follow=True)
    assert answer.status_code == status
    return answer.content.decode()


def test_one_proposes_another_agrees_and_the_login_takes_the_appointment_over(
    published: object,
) -> None:
    security = at_console(StaffRole.SECURITY_ADMIN)
    supervisor = at_console(StaffRole.SUPERVISOR)
    propose(security, "3401990001", CLERK)
    assert "自己提出的要由另一个人决定" in decide(security)
    decide(supervisor)
    row = staff_row("3401990001")
    assert (row.active, row.kept_here, row.user_id, row.roles) == (True, True, None, [CLERK])
    (act,) = administration.acts(subject=f"staff:{row.id}")
    assert act.what == "staff_appointed" and "proposed_by" in act.details


def test_a_supervisor_of_another_place_cannot_be_the_second_person(published: object) -> None:
    propose(at_console(StaffRole.SECURITY_ADMIN), "3401990001", CLERK)
    elsewhere = at_console(StaffRole.SUPERVISOR, office="340104510000")
    decide(elsewhere, status=404)
    assert waiting().state == "open"


@pytest.mark.parametrize(
    "role",
    [
        "auditor", "operator", "policy_editor", "policy_approver", "complaints", "system_admin",
        "security_admin", "audit_admin",
    ],
)  # fmt: skip
def test_roles_for_the_whole_node_need_a_second_security_administrator(
    published: object, role: str
) -> None:
    propose(at_console(StaffRole.SECURITY_ADMIN), "3401990001", role)
    decide(at_console(StaffRole.SUPERVISOR), status=404)
    assert waiting().state == "open"
    decide(at_console(StaffRole.SECURITY_ADMIN, number="S-2"))
    assert staff_row("3401990001").roles == [role]


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        (("system_admin", "security_admin"), "不能是同一个人"),
        (("audit_admin", "supervisor"), "管理员不能再有别的岗位"),
        (("auditor", "clerk"), "没有人审计自己"),
    ],
)
def test_roles_that_do_not_go_together_are_refused_in_words(
    published: object, roles: tuple[str, ...], words: str
) -> None:
    assert words in propose(at_console(StaffRole.SECURITY_ADMIN), "3401990001", *roles)
    assert not ProposalRow.objects.exists()


def test_what_was_decided_here_holds_at_the_next_click_and_over_any_claim(
    published: object,
) -> None:
    clerk = cast_desk.clerk("H34010401", username="claimed")
    assert clerk.get("/desk/tasks/").status_code == 200
    row = staff_row(f"T-{clerk.session['_auth_user_id']}")
    security = at_console(StaffRole.SECURITY_ADMIN)
    security.post(f"/console/staff/{row.id}/", {"do": "end"})
    assert clerk.get("/desk/tasks/").status_code == 404
    (act,) = administration.acts(subject=f"staff:{row.id}")
    assert (act.what, act.details) == ("staff_ended", {"roles": [CLERK]})


def test_fewer_roles_hold_at_once_and_more_wait_for_a_second_person(published: object) -> None:
    client = cast_desk.clerk("H34010401", StaffRole.CLERK, StaffRole.WINDOW)
    row = staff_row(f"T-{client.session['_auth_user_id']}")
    security = at_console(StaffRole.SECURITY_ADMIN)
    address = f"/console/staff/{row.id}/"
    fewer = {"do": "propose", "office": "H34010401", "roles": [WINDOW]}
    security.post(address, fewer)
    row.refresh_from_db()
    assert row.roles == [WINDOW] and not ProposalRow.objects.exists()
    security.post(address, fewer | {"roles": [CLERK, WINDOW, "deliveries"]})
    row.refresh_from_db()
    assert row.roles == [WINDOW] and waiting().kind == "appointment"


def test_nobody_changes_the_own_roles(published: object) -> None:
    security = at_console(StaffRole.SECURITY_ADMIN, number="S-1")
    second = at_console(StaffRole.SECURITY_ADMIN, number="S-2")
    own = staff_row("S-1")
    assert "不能改变自己的岗位" in security.get(f"/console/staff/{own.id}/").content.decode()
    security.post(f"/console/staff/{own.id}/", {"do": "end"})
    assert staff_row("S-1").active
    propose(security, "S-1", "clerk")
    assert "不能给自己" in decide(second)
    assert staff_row("S-1").roles == ["security_admin"]


def test_an_accepted_proposal_is_the_one_that_was_shown(published: object) -> None:
    propose(at_console(StaffRole.SECURITY_ADMIN), "3401990001", CLERK)
    row = waiting()
    supervisor = at_console(StaffRole.SUPERVISOR)
    sent = {"do": "accept", "digest": "00" * 32}
    page = supervisor.post(f"/console/proposals/{row.id}/", sent).content.decode()
    assert "内容与您看到的不同" in page and waiting().state == "open"
    assert "调令" in supervisor.get(f"/console/proposals/{row.id}/").content.decode()
    assert b"\xe8\xb0\x83" not in bytes(row.sealed or b"")


def test_an_audit_administrator_sees_the_directory_and_changes_nothing(published: object) -> None:
    audit = at_console(StaffRole.AUDIT_ADMIN)
    row = staff_row("C-audit_admin")
    other = at_console(StaffRole.SECURITY_ADMIN)
    assert "C-security_admin" in audit.get("/console/staff/").content.decode()
    assert audit.get("/console/staff/new/").status_code == 404
    audit.post(f"/console/staff/{staff_row('C-security_admin').id}/", {"do": "end"})
    assert staff_row("C-security_admin").active
    other.post(f"/console/staff/{row.id}/", {"do": "end"})
    assert audit.get("/console/staff/").status_code == 404


@pytest.mark.parametrize("page", ["staff", "offices"])
def test_a_list_that_is_cut_says_so(
    published: object, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    security = at_console(StaffRole.SECURITY_ADMIN)
    at_console(StaffRole.AUDIT_ADMIN)
    cut = "太多了，这里只列出前 1 个"
    few = security.get(f"/console/{page}/", {"words": OFFICE}).content.decode()
    assert "data-row" in few and "太多了" not in few
    monkeypatch.setattr(f"yijian.web.console.{page}.MOST", 1)
    assert cut in security.get(f"/console/{page}/").content.decode()
