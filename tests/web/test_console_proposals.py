"""Proposals are seen by who may decide them, by whose own they are, and by those who read all."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.test import Client

from tests.web.cast_console import OFFICE, at_console, staff_row, user_with
from yijian.actions import proposals
from yijian.records import proposals as records
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ELSEWHERE = "340104510000"
ABSENT = "00000000-0000-7000-8000-000000000000"
READERS = [
    StaffRole.AUDITOR, StaffRole.SYSTEM_ADMIN, StaffRole.SECURITY_ADMIN, StaffRole.AUDIT_ADMIN,
]  # fmt: skip


def appointment(number: str, *roles: StaffRole, office: str = OFFICE) -> UUID:
    by = user_with(StaffRole.SECURITY_ADMIN, number=f"for-{number}")
    payload: dict[str, object] = {"number": number, "office": office, "roles": list(roles)}
    return proposals.propose(by=by, kind="appointment", payload=payload, reason="调令", now=NOW)


def seen(client: Client, *made: UUID) -> list[bool]:
    """Which of them the list names; what it names opens, what it does not is absent."""
    page = client.get("/console/proposals/").content.decode()
    found = [str(each) in page for each in made]
    for each, there in zip(made, found, strict=True):
        answer = client.get(f"/console/proposals/{each}/")
        assert answer.status_code == (200 if there else 404)
        assert ("调令" in answer.content.decode()) == there
    return found


def test_a_supervisor_sees_what_the_own_place_decides_and_nothing_else(published: object) -> None:
    here = appointment("3401990001", StaffRole.CLERK)
    below = appointment("3401990002", StaffRole.CLERK, office=ELSEWHERE)
    wide = appointment("3401990003", StaffRole.CLERK, StaffRole.OPERATOR)
    about = at_console(StaffRole.SUPERVISOR, number="S-9")
    own = appointment("S-9", StaffRole.CLERK)
    assert seen(about, here, below, wide, own) == [True, True, False, False]
    elsewhere = at_console(StaffRole.SUPERVISOR, office=ELSEWHERE, number="S-8")
    assert seen(elsewhere, here, below, wide, own) == [False, True, False, False]


def test_who_reads_everything_and_whose_own_it_is_see_it(published: object) -> None:
    made = appointment("3401990001", StaffRole.OPERATOR)
    for role in READERS:
        assert seen(at_console(role), made) == [True], role
    assert seen(at_console(StaffRole.OPERATOR), made) == [False]
    rule = {"do": "set", "division": "34", "channel": "desk", "starts_on": "2026-11-22"}
    operator = user_with(StaffRole.OPERATOR, number="O-2")
    channel = proposals.propose(by=operator, kind="channel", payload=rule, reason="调令", now=NOW)
    assert seen(at_console(StaffRole.OPERATOR, number="O-3"), channel) == [True]
    assert seen(at_console(StaffRole.SUPERVISOR), channel) == [False]


def test_who_has_proposed_or_decided_sees_it_in_any_later_role(published: object) -> None:
    here = appointment("3401990001", StaffRole.CLERK)
    deciding = user_with(StaffRole.SUPERVISOR, number="S-7")
    proposals.decline(by=deciding, proposal_id=here, now=NOW)
    for number in ("S-7", "for-3401990001"):
        row = staff_row(number)
        row.roles, row.office_id = [StaffRole.OPERATOR], ELSEWHERE
        row.save()
        client = Client()
        client.force_login(row.user)
        assert seen(client, here) == [True]


def test_what_is_forbidden_answers_as_what_is_absent(published: object) -> None:
    wide = appointment("3401990003", StaffRole.OPERATOR)
    supervisor = at_console(StaffRole.SUPERVISOR)
    for address in (f"/console/proposals/{wide}/", f"/console/proposals/{ABSENT}/"):
        for answer in (supervisor.get(address), supervisor.post(address, {"do": "decline"})):
            assert answer.status_code == 404
            assert "调令" not in answer.content.decode()
    who = user_with(StaffRole.SUPERVISOR, number="S-6")
    for key in (wide, UUID(ABSENT)):
        with pytest.raises(proposals.ProposalRefusedError, match="absent"):
            proposals.decline(by=who, proposal_id=key, now=NOW)
    found = records.one(wide)
    assert found is not None and found.state == records.OPEN


def test_what_others_decide_takes_no_place_in_the_list(
    published: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in range(3):
        appointment(f"340199000{count}", StaffRole.OPERATOR)
    here = appointment("3401990009", StaffRole.CLERK)
    monkeypatch.setattr(records, "WAITING_AT_ONCE", 2)
    assert seen(at_console(StaffRole.SUPERVISOR), here) == [True]


def test_a_list_that_is_cut_says_so(published: object, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = at_console(StaffRole.AUDITOR)
    appointment("J1", StaffRole.CLERK)
    assert "只列" not in reader.get("/console/proposals/").content.decode()
    monkeypatch.setattr(records, "WAITING_AT_ONCE", 1)
    assert "只列最早的 1 条" in reader.get("/console/proposals/").content.decode()
