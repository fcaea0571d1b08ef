"""Partners, what they may ask, and how offices are reached: proposed by one, decided by another."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from tests.actions.cast import publish
from tests.conftest import PARTNERS
from yijian.actions import proposals
from yijian.actions.proposing import ProposalRefusedError
from yijian.domain.clocks import local_day
from yijian.records import administration, channels, exchange, people, rights
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db


def key_of(code: str) -> str:
    return (settings.YIJIAN.keys_folder / f"{code}.pub.pem").read_text(encoding="ascii")


def somebody(role: StaffRole) -> User:
    user = User.objects.create(username=f"admin:{role}")
    people.appoint(by=user, office="340100WJ", staff_number=role, roles=[role], name="周敏")
    return user


@pytest.fixture
def pair(now: datetime, db: None) -> tuple[User, User]:
    publish(now)
    return somebody(StaffRole.SYSTEM_ADMIN), somebody(StaffRole.SECURITY_ADMIN)


def decided(
    pair: tuple[User, User], kind: str, payload: Mapping[str, object], now: datetime
) -> None:
    made = proposals.propose(by=pair[0], kind=kind, payload=payload, now=now)
    found = proposals.records.one(made)
    assert found is not None
    proposals.accept(by=pair[1], proposal_id=made, digest=found.digest, now=now)


def partner(**changed: object) -> dict[str, object]:
    return {
        "do": "add", "code": "new-bureau", "kind": "department", "endpoint": "",
        "items": ["birth_certificate"], "public_key": key_of(PARTNERS[0]), "name_zh": "新部门",
    } | changed  # fmt: skip


def test_a_partner_counts_after_the_second_person_and_is_stopped_by_two(
    pair: tuple[User, User], now: datetime
) -> None:
    made = proposals.propose(by=pair[0], kind="partner", payload=partner(), now=now)
    assert exchange.partner("new-bureau") is None
    digest = proposals.records.one(made).digest
    proposals.accept(by=pair[1], proposal_id=made, digest=digest, now=now)
    assert exchange.partner("new-bureau") is not None
    decided(pair, "partner", {"do": "stop", "code": "new-bureau"}, now)
    assert exchange.partner("new-bureau") is None
    acts = [act.what for act in administration.acts(subject="partner:new-bureau")]
    assert acts == [
        "partner_stopped", "partner_accepted", "partner_proposed",
        "partner_added", "partner_accepted", "partner_proposed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"code": "a b"}, "wrong_code"),
        ({"public_key": "no key"}, "wrong_key"),
        ({"items": ["pension"]}, "unknown_item"),
        ({"endpoint": "http://10.0.0.1/x"}, "not_an_events_address"),
        ({"do": "stop"}, "unknown_partner"),
    ],
)
def test_a_wrong_partner_is_refused_before_anybody_decides(
    pair: tuple[User, User], now: datetime, changed: dict[str, object], code: str
) -> None:
    with pytest.raises(ProposalRefusedError, match=code):
        proposals.propose(by=pair[0], kind="partner", payload=partner(**changed), now=now)


def test_a_training_node_knows_nobody_but_its_sandbox(
    pair: tuple[User, User], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = settings.YIJIAN.model_copy(update={"training": True})
    monkeypatch.setattr(settings, "YIJIAN", node)
    for changed in ({"kind": "node"}, {"endpoint": "https://example.org/events"}):
        with pytest.raises(ProposalRefusedError, match="only_the_sandbox"):
            proposals.propose(by=pair[0], kind="partner", payload=partner(**changed), now=now)
    own = f"{settings.YIJIAN.sandbox_url}/departments/x/events"
    proposals.propose(by=pair[0], kind="partner", payload=partner(endpoint=own), now=now)


def test_a_right_is_granted_and_ended_by_two(pair: tuple[User, User], now: datetime) -> None:
    wanted = {
        "do": "grant", "partner": "new-bureau", "register": "hukou", "purposes": ["check"],
        "consent": True, "daily_budget": 5, "ends_on": "2027-01-01",
    }  # fmt: skip
    decided(pair, "partner", partner(), now)
    decided(pair, "register_right", wanted, now)
    right = rights.of(partner="new-bureau", register="hukou")
    assert right is not None and right.daily_budget == 5 and right.consent
    decided(pair, "register_right", {**wanted, "do": "end"}, now)
    assert rights.of(partner="new-bureau", register="hukou") is None


def test_a_channel_rule_is_made_and_ended_by_two(pair: tuple[User, User], now: datetime) -> None:
    today = local_day(now)
    rule = {"do": "set", "division": "34", "channel": "desk", "starts_on": today.isoformat()}
    decided(pair, "channel", rule, now)
    (standing,) = channels.standing()
    assert (standing.rule.division, standing.rule.channel) == ("34", "desk")
    tomorrow = (today + timedelta(days=1)).isoformat()
    decided(pair, "channel", {"do": "end", "rule": str(standing.id), "on": tomorrow}, now)
    assert channels.standing()[0].rule.ends_on == today + timedelta(days=1)
    with pytest.raises(ProposalRefusedError, match="office_or_place"):
        proposals.propose(
            by=pair[0], kind="channel", payload=rule | {"office": "340100WJ"}, now=now
        )
