"""Offices change by two, from a day on, and running tasks follow."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User

from tests.actions.cast import CARD, Household
from tests.actions.test_channels import office_of, way
from tests.actions.test_feedback import registered
from yijian.actions import contexts, offices, proposals, setup
from yijian.actions.proposing import ProposalRefusedError
from yijian.domain.clocks import local_day
from yijian.domain.routing import Office
from yijian.domain.states import TaskState
from yijian.domain.wording import Text
from yijian.records import offices as rows
from yijian.records import people
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
__all__ = ["registered"]


def admin(role: StaffRole = StaffRole.SYSTEM_ADMIN) -> User:
    user = User.objects.create(username=f"admin:{role}")
    people.appoint(by=user, office="340100WJ", staff_number=role, roles=[role], name="周敏")
    return user


@pytest.fixture
def pair(registered: Household) -> tuple[User, User]:
    return admin(), admin(StaffRole.SECURITY_ADMIN)


def propose(family: Household, by: User, code: str, **payload: Any) -> UUID:
    day = payload.pop("starts_on", local_day(family.now))
    asked = {"code": code, "starts_on": day.isoformat(), **payload}
    return proposals.propose(by=by, kind="office", payload=asked, now=family.now)


def decided(family: Household, pair: tuple[User, User], code: str, **payload: Any) -> None:
    made = propose(family, pair[0], code, **payload)
    digest = proposals.records.one(made).digest
    proposals.accept(by=pair[1], proposal_id=made, digest=digest, now=family.now)


def values(code: str, **changed: object) -> dict[str, object]:
    listed = rows.one(code)
    assert listed is not None
    return rows.values_of(listed.office) | changed


def test_tasks_nobody_accepted_follow_an_office_to_its_new_way(
    registered: Household, pair: tuple[User, User]
) -> None:
    code = office_of(registered)
    assert way(registered) == "system:hr-340000"
    decided(registered, pair, code, values=values(code, channel="desk", participant=""))
    assert offices.follow(now=registered.now) == 1
    assert way(registered) == "desk"
    assert offices.follow(now=registered.now) == 0


def test_a_change_waits_for_its_day_and_no_folder_overwrites_it(
    registered: Household, pair: tuple[User, User]
) -> None:
    code = office_of(registered)
    day = local_day(registered.now) + timedelta(days=3)
    changed = values(code, title_zh="新名称", also_for=["340122"])
    decided(registered, pair, code, values=changed, starts_on=day)
    offices.follow(now=registered.now)
    assert contexts.directory().office(code).title.zh != "新名称"
    with pytest.raises(ProposalRefusedError, match="change_waits"):
        propose(registered, pair[0], code, values=changed)
    offices.follow(now=registered.now + timedelta(days=3))
    people.put_offices(list(setup.own_packs()[0].offices))
    contexts.forget()
    office = contexts.directory().office(code)
    assert office.title.zh == "新名称"
    assert contexts.directory().nearest(office.kind, "340122") == office


def test_everything_of_an_ended_office_goes_to_its_successor(
    registered: Household, pair: tuple[User, User]
) -> None:
    code = office_of(registered)
    kind = contexts.directory().office(code).kind
    people.write_offices([Office("HR-NEW", kind, Text("接办机构", "New"), "340102")])
    contexts.forget()
    decided(registered, pair, code, ends=True, successor="HR-NEW")
    assert contexts.directory().office(code) is None
    assert offices.follow(now=registered.now) == 1
    task = registered.case.tasks[CARD]
    assert (task.office, task.state) == ("HR-NEW", TaskState.QUEUED)
    assert way(registered) == "desk"
    assert rows.one(code).ends_on == local_day(registered.now)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"division": "999999"}, "unknown_place"),
        ({"also_for": ["nowhere"]}, "unknown_place"),
        ({"kind": "police_station"}, "another_kind"),
        ({"channel": "system", "participant": "nobody"}, "unknown_participant"),
        ({"phone": "call me"}, "wrong_phone"),
        ({"title_zh": ""}, "title_needed"),
    ],
)
def test_a_wrong_entry_is_refused_when_it_is_proposed(
    registered: Household, pair: tuple[User, User], changed: dict[str, object], code: str
) -> None:
    office = office_of(registered)
    with pytest.raises(ProposalRefusedError, match=code):
        propose(registered, pair[0], office, values=values(office, **changed))


def test_the_last_office_of_its_kind_does_not_end_without_a_successor(
    registered: Household, pair: tuple[User, User]
) -> None:
    code = office_of(registered)
    kind = contexts.directory().office(code).kind
    for other in list(contexts.directory().of_kind(kind)):
        if other.code != code:
            rows.OfficeRow.objects.filter(code=other.code).update(active=False)
    with pytest.raises(ProposalRefusedError, match="successor_needed"):
        propose(registered, pair[0], code, ends=True)


def test_only_a_system_administrator_proposes_and_never_decides_alone(
    registered: Household, pair: tuple[User, User]
) -> None:
    code = office_of(registered)
    with pytest.raises(ProposalRefusedError, match="not_yours"):
        propose(registered, pair[1], code, values=values(code, phone="1"))
    made = propose(registered, pair[0], code, values=values(code, phone="1"))
    with pytest.raises(ProposalRefusedError, match="own_proposal"):
        proposals.decline(by=pair[0], proposal_id=made, now=registered.now)
    proposals.withdraw(by=pair[0], proposal_id=made, now=registered.now)
    with pytest.raises(ProposalRefusedError, match="decided"):
        proposals.decline(by=pair[1], proposal_id=made, now=registered.now)
