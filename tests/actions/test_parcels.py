"""Results on paper: handed over against a card, posted, returned; nobody else gets them."""

from uuid import UUID

import pytest

from tests.actions.cast import CERTIFICATE, REGISTRATION, Household, clerk, clerk_of
from tests.actions.test_tasks import issue
from yijian.actions import cases, parcels
from yijian.actions.contexts import context_of
from yijian.domain.cases import ParcelState
from yijian.domain.context import RefusedError
from yijian.domain.custody import PaperSheet, SheetState
from yijian.domain.custody_rules import Sheet
from yijian.domain.invariants import violations
from yijian.gateways import courier
from yijian.gateways.calls import CallFailedError
from yijian.ops import sending, verify_sheets
from yijian.records import access, custody, journal
from yijian.records.models import AccessEntry, NotificationRow, OutboxMessage, ParcelRow

pytestmark = pytest.mark.django_db


def parcel_of(family: Household) -> UUID:
    return ParcelRow.objects.get(case_id=family.id, item="birth_certificate").id


def state_of(family: Household) -> ParcelState:
    return family.case.parcels[CERTIFICATE].state


@pytest.fixture
def issued(submitted: Household) -> Household:
    """The certificate is ready at the hospital, to be collected."""
    issue(submitted)
    return submitted


@pytest.fixture
def mailed(family: Household) -> Household:
    """The certificate is to be mailed, and the courier is being ordered."""
    family.open().answer().name()
    chosen = {
        "certificate_delivery": "mail",
        "recipient_name": "王芳",
        "recipient_phone": "19900000001",
        "recipient_address": "合肥市示例路1号",
    }
    answers: dict[tuple[str, int], object] = {(fact, 0): said for fact, said in chosen.items()}
    cases.save_answers(by=family.mother, number=family.number, answers=answers, now=family.now)
    issue(family.signed())
    return family


def hand(family: Household, name: str, number: str, **more: str) -> None:
    parcels.hand_over(
        by=clerk_of(family, CERTIFICATE), parcel_id=parcel_of(family), name=name,
        id_number=number, proof=more.pop("proof", "signed_paper"), now=family.now, **more,
    )  # fmt: skip


def test_what_is_done_lies_ready_and_the_row_says_the_same_as_the_case(issued: Household) -> None:
    assert state_of(issued) is ParcelState.READY
    row = ParcelRow.objects.get(id=parcel_of(issued))
    assert (row.state, row.mailed) == ("ready", False)
    assert row.office == issued.case.tasks[CERTIFICATE].office
    assert not violations(issued.case, context_of(issued.case))
    assert journal.replay(issued.case).parcels == issued.case.parcels


def test_a_parent_collects_with_the_card_and_the_asking_is_answered(issued: Household) -> None:
    mother = issued.facts.family["mother"]
    hand(
        issued, mother["name"], mother["id_number"].lower(), proof="signed_here", strokes="1,1 2,2"
    )
    assert state_of(issued) is ParcelState.DELIVERED
    assert issued.case.tasks[CERTIFICATE].open_asks == ()
    row = ParcelRow.objects.get(id=parcel_of(issued))
    assert mother["id_number"].encode() not in bytes(row.sealed or b"")
    bodies = " ".join(str(e.event.public) for e in journal.entries_of(issued.id))
    assert mother["name"] not in bodies and mother["id_number"] not in bodies


@pytest.mark.parametrize("which", ["another name", "another number", "a stranger"])
def test_nobody_else_is_given_a_childs_papers(issued: Household, which: str) -> None:
    mother = issued.facts.family["mother"]
    shown = {
        "another name": ("赵敏", mother["id_number"]),
        "another number": (mother["name"], "340104199001011240"),
        "a stranger": ("赵敏", "340104199001011240"),
    }[which]
    with pytest.raises(RefusedError, match="not_a_collector"):
        hand(issued, *shown)
    assert state_of(issued) is ParcelState.READY


def test_without_a_signature_nothing_is_handed_over(issued: Household) -> None:
    mother = issued.facts.family["mother"]
    with pytest.raises(RefusedError, match="proof_missing"):
        hand(issued, mother["name"], mother["id_number"], proof="signed_here")


def test_another_office_meets_the_same_wall_as_for_what_does_not_exist(issued: Household) -> None:
    stranger = clerk(issued.case.tasks[REGISTRATION].office or "340100ZW")
    for parcel_id in (parcel_of(issued), UUID(int=1)):
        with pytest.raises(access.Refused):
            parcels.open_parcel(by=stranger, parcel_id=parcel_id, now=issued.now)
    assert not AccessEntry.objects.filter(what="parcel", shown=True).exists()


def test_a_family_that_says_it_has_it_ends_the_parcel(issued: Household) -> None:
    cases.answer_ask(
        by=issued.mother, number=issued.number, item=CERTIFICATE[0], newborn=1,
        ask="collect_certificate", now=issued.now,
    )  # fmt: skip
    assert state_of(issued) is ParcelState.DELIVERED
    assert issued.case.parcels[CERTIFICATE].proof == "said"
    assert ParcelRow.objects.get(id=parcel_of(issued)).state == "delivered"


class Courier:
    """A courier that takes orders and says what it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.orders: list[courier.Parcel] = []
        self.says = "ordered"
        self.refuses: CallFailedError | None = None
        monkeypatch.setattr(sending.courier, "order", self.order)
        monkeypatch.setattr(sending.courier, "state", lambda *_a, **_k: self.says)
        monkeypatch.setattr(sending, "caller", lambda: None)

    def order(self, parcel: courier.Parcel, **_: object) -> str:
        if self.refuses:
            raise self.refuses
        self.orders.append(parcel)
        return "YJ000000001CN"


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Courier:
    return Courier(monkeypatch)


def test_the_courier_is_ordered_through_the_outbox_and_followed_home(
    mailed: Household, post: Courier
) -> None:
    assert state_of(mailed) is ParcelState.POSTING
    message = OutboxMessage.objects.get(destination="courier")
    assert "示例路".encode() not in bytes(message.sealed or b"")
    assert sending.deliver("courier") == 1
    assert [one.address for one in post.orders] == ["合肥市示例路1号"]
    assert post.orders[0].sender and post.orders[0].paid_by == "recipient"
    assert state_of(mailed) is ParcelState.ORDERED
    post.says = "collected"
    assert sending.follow_parcels() == 1
    assert state_of(mailed) is ParcelState.UNDER_WAY
    assert NotificationRow.objects.filter(template="parcel_sent", channel="sms").count() == 1
    assert sending.follow_parcels() == 0, "asked about again only after a while"
    ParcelRow.objects.update(looked_at=None)
    post.says = "delivered"
    sending.follow_parcels()
    assert state_of(mailed) is ParcelState.DELIVERED
    assert mailed.case.tasks[CERTIFICATE].open_asks == ()


def test_what_comes_back_is_collected_or_posted_once_more_under_a_new_order(
    mailed: Household, post: Courier
) -> None:
    sending.deliver("courier")
    post.says = "returned"
    sending.follow_parcels()
    assert state_of(mailed) is ParcelState.RETURNED
    officer = clerk_of(mailed, CERTIFICATE)
    parcels.step(by=officer, parcel_id=parcel_of(mailed), to=ParcelState.POSTING, now=mailed.now)
    sending.deliver("courier")
    first, second = (one.order_id for one in post.orders)
    assert first != second and first[:-1] == second[:-1]


def test_what_the_courier_never_takes_goes_back_to_the_office(
    mailed: Household, post: Courier
) -> None:
    post.refuses = CallFailedError("wrong_address", passing=False)
    sending.deliver("courier")
    assert state_of(mailed) is ParcelState.READY
    assert mailed.case.parcels[CERTIFICATE].proof == "courier_refused"


def test_a_courier_that_does_not_answer_is_asked_again(mailed: Household, post: Courier) -> None:
    post.refuses = CallFailedError("timeout", passing=True)
    sending.deliver("courier")
    sending.rests.answered("courier")
    assert state_of(mailed) is ParcelState.POSTING
    assert OutboxMessage.objects.get(destination="courier").state == "waiting"


def main_page(family: Household) -> PaperSheet:
    """The sheet that the parcel is about."""
    sheets = {line.paper.sheet: line.paper for line in custody.sheets_of(family.id)}
    assert sheets[Sheet.STUB].state is SheetState.HELD
    return sheets[Sheet.MAIN_PAGE]


def test_the_sheet_leaves_its_issuer_with_the_parcel(issued: Household) -> None:
    assert main_page(issued).state is SheetState.HELD
    mother = issued.facts.family["mother"]
    hand(issued, mother["name"], mother["id_number"])
    assert (main_page(issued).holder, main_page(issued).state) == ("family", SheetState.DELIVERED)
    assert list(verify_sheets.sheet_faults()) == []


def test_the_sheet_travels_with_the_courier_and_comes_back_with_the_parcel(
    mailed: Household,
) -> None:
    issuer = main_page(mailed).holder
    for to in (ParcelState.ORDERED, ParcelState.UNDER_WAY):
        parcels.reported(case_id=mailed.id, key=CERTIFICATE, to=to, now=mailed.now)
    assert main_page(mailed).holder == "family"
    parcels.reported(case_id=mailed.id, key=CERTIFICATE, to=ParcelState.RETURNED, now=mailed.now)
    assert (main_page(mailed).holder, main_page(mailed).state) == (issuer, SheetState.HELD)
    assert list(verify_sheets.sheet_faults()) == []
