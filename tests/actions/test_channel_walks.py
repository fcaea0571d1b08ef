"""渠道切换 in any order: however often a task changes its way, one place has it and knows it."""

from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from django.db.models import Q

from tests.actions.cast import CARD, Household
from tests.actions.test_channels import make, way
from tests.actions.test_feedback import KEY, outcomes, registered, report
from yijian.actions import channels
from yijian.domain.envelopes import TASK_DISPATCHED
from yijian.domain.routing import Reach, read_reach
from yijian.domain.states import TaskState
from yijian.records import exchange
from yijian.records.models import OutboxMessage, Partner

pytestmark = pytest.mark.django_db
__all__ = ["registered"]

WAYS = (
    Reach("desk"), Reach("system", "hr-340000"), Reach("system", "hr-new"), Reach("file", "c"),
)  # fmt: skip
STEPS = 25


def told(family: Household) -> dict[str, list[str]]:
    """What each destination has heard, may have heard or will hear of the task, in order."""
    found: dict[str, list[str]] = {}
    rows = OutboxMessage.objects.filter(task_id=family.task(CARD))
    sure = Q(state__in=["waiting", "sending", "delivered"])
    perhaps = Q(state="cancelled", attempts__gt=0, kind=TASK_DISPATCHED)
    for row in rows.filter(sure | perhaps).order_by("id"):
        found.setdefault(row.destination, []).append(row.kind.split(".")[2])
    return found


def check(family: Household) -> None:
    here = read_reach(str(way(family))).destination
    for destination, said in told(family).items():
        assert said[-1] == ("dispatched" if destination == here else "withdrawn")
        assert all(a != b for a, b in pairwise(said)), "told twice"
    assert here is None or here in told(family)


@pytest.mark.parametrize("seed", [5, 17])
def test_a_task_that_changes_its_way_at_random_is_never_in_two_places(
    registered: Household, seed: int
) -> None:
    Partner.objects.create(code="hr-new", public_key=KEY, items=[CARD[0]])
    random = Random(seed)
    for _ in range(STEPS):
        registered.now += timedelta(minutes=3)
        to = random.choice(WAYS)
        if random.random() < 0.6:
            make(registered, to.channel, to.participant, everything=random.random() < 0.5)
        for _ in range(random.randrange(3)):
            channels.follow(now=registered.now)
        if to.channel == "system" and random.random() < 0.5:
            claimed = exchange.claim_messages(
                destination=str(to.participant), limit=9, now=registered.now
            )
            lost = {m.id: registered.now for m in claimed if random.random() < 0.3}
            done = [m.id for m in claimed if m.id not in lost]
            exchange.settle_messages(delivered=done, retry=lost, now=registered.now)
        check(registered)
        before, version = way(registered), registered.case.version
        sender = random.choice(("hr-340000", "hr-new"))
        if random.random() < 0.3:
            said = outcomes(registered, report(registered, TaskState.ACCEPTED), sender=sender)
            if before != f"system:{sender}":
                assert said == ["refused"] and registered.case.version == version
        assert way(registered) == before
