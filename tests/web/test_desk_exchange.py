"""The desk's page of messages that stand still: in plain words, with three ways on."""

from __future__ import annotations

import pytest

from tests.records.families import NOW
from tests.web import cast, cast_desk
from yijian.domain.envelopes import TASK_DISPATCHED
from yijian.records import convergence
from yijian.records.identifiers import new_id
from yijian.records.models import DeadLetter, OutboxMessage
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
LIST = "/desk/exchange/"


@pytest.fixture
def parked(family: cast.Household) -> OutboxMessage:
    """The message about the family's first task, given up by the worker."""
    family.submit()
    item = "birth_certificate"
    return OutboxMessage.objects.create(
        id=new_id(), destination="hospital-1", kind=TASK_DISPATCHED, case_id=family.id,
        task_id=cast_desk.id_of(family, item), item=item, newborn=1, intent="dispatched",
        state="parked", problem="timeout", attempts=60, not_before=family.now,
        created_at=family.now, settled_at=family.now,
    )  # fmt: skip


def address() -> str:
    return f"{LIST}{DeadLetter.objects.get().id}/"


def test_whoever_routes_reads_what_stands_still_and_why(
    family: cast.Household, parked: OutboxMessage
) -> None:
    router = cast_desk.clerk("340000WJ", StaffRole.ROUTING)
    page = router.get(LIST).content.decode()
    for words in (family.number, "分发子办件", "hospital-1", "对方一直没有回应"):
        assert words in page, words
    opened = router.get(address()).content.decode()
    for words in ("再试一次", "转到工作台办", "放弃并记下原因", "60"):
        assert words in opened, words
    name = str(family.facts.family["mother"]["name"])
    assert name not in page + opened


def test_nobody_else_finds_the_page_or_the_letter(parked: OutboxMessage) -> None:
    for role in (StaffRole.CLERK, StaffRole.SUPERVISOR, StaffRole.WINDOW):
        clerk = cast_desk.clerk("340000WJ", role, username=role)
        assert clerk.get(LIST).status_code == clerk.get(address()).status_code == 404
        assert clerk.post(address(), {"do": "again"}).status_code == 404
    router = cast_desk.clerk("340000WJ", StaffRole.ROUTING)
    assert router.get(f"{LIST}{new_id()}/").status_code == 404
    assert DeadLetter.objects.get().state == "open"


def test_one_press_lets_it_go_once_more(parked: OutboxMessage) -> None:
    router = cast_desk.clerk("340000WJ", StaffRole.ROUTING)
    page = router.post(address(), {"do": "again"}, follow=True)
    assert page.redirect_chain == [(LIST, 302)] and "没有停在路上的报文" in page.content.decode()
    parked.refresh_from_db()
    assert parked.state == "waiting"


def test_giving_up_asks_for_the_reason(parked: OutboxMessage) -> None:
    router = cast_desk.clerk("340000WJ", StaffRole.ROUTING)
    empty = router.post(address(), {"do": "give_up", "reason": ""})
    assert empty.status_code == 422 and DeadLetter.objects.get().state == "open"
    assert router.post(address(), {"do": "give_up", "reason": "家庭已撤回"}).status_code == 302
    assert DeadLetter.objects.get().state == "given_up"


def test_the_office_may_do_it_at_the_desk(parked: OutboxMessage) -> None:
    router = cast_desk.clerk("340000WJ", StaffRole.ROUTING)
    assert router.post(address(), {"do": "desk"}).status_code == 302
    assert DeadLetter.objects.get().state == "handed_over"


def test_an_unreadable_place_in_the_list_shows_its_beginning(parked: OutboxMessage) -> None:
    router = cast_desk.clerk("340000WJ", StaffRole.ROUTING)
    for after in ("x", "2026-01-01~y", "~"):
        assert "hospital-1" in router.get(LIST, {"after": after}).content.decode()


def differ(owner: str) -> str:
    convergence.raise_disagreement(
        partner="province-1", side="sent", kind="conflict", task_id=new_id(), owner=owner,
        case_number="34000020261122S000001X", item="birth_certificate", ours="completed",
        theirs="rejected", found_at=NOW, due_at=NOW,
    )  # fmt: skip
    (row,) = convergence.open_disagreements()
    return f"{LIST}disagreements/{row.id}/"


def test_what_two_sides_do_not_agree_about_is_settled_by_a_person(published: object) -> None:
    router = cast_desk.clerk("340000WJ", StaffRole.ROUTING)
    url = differ("H34010401")
    page = router.get(LIST).content.decode()
    assert "双方都已办结，结果不一样" in page and "province-1" in page
    opened = router.get(url).content.decode()
    assert "completed" in opened and "rejected" in opened
    assert router.post(url, {"reason": ""}).status_code == 422
    assert router.post(url, {"reason": "电话核实，以对方为准"}).status_code == 302
    assert convergence.open_disagreements() == []
    assert router.get(url).status_code == 404


def test_an_office_with_its_own_routing_staff_settles_for_itself(published: object) -> None:
    lead = cast_desk.clerk("340000WJ", StaffRole.ROUTING)
    there = cast_desk.clerk("H34010401", StaffRole.ROUTING, username="there")
    url = differ("H34010401")
    assert lead.get(url).status_code == 404 and "province-1" not in lead.get(LIST).content.decode()
    assert there.get(url).status_code == 200
    assert cast_desk.clerk("H34010401", username="other").get(url).status_code == 404
