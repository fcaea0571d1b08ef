"""How old a fact is that a register has told."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.domain.cast import pack
from yijian.domain.clocks import SHANGHAI
from yijian.domain.facts import Fact, Origin, stale_facts

FRESH_DAYS = 7


@pytest.mark.parametrize(("days", "stale"), [(FRESH_DAYS, False), (FRESH_DAYS + 1, True)])
@pytest.mark.parametrize("hour", [0, 7, 8, 23])
def test_a_fact_grows_old_by_the_days_of_this_place(days: int, stale: bool, hour: int) -> None:
    asked_at = datetime(2026, 11, 20, hour, 30, tzinfo=SHANGHAI)
    fact = Fact("family", Origin.VERIFIED, "hukou", asked_at.astimezone(UTC))
    on = asked_at.date() + timedelta(days=days)
    found = stale_facts(pack(), {("household_kind", 0): fact}, on)
    assert found == ({"household_kind"} if stale else set())
