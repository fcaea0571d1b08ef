"""What page tests stand on: the published pack, one fixed now at the doors, a family."""

from datetime import datetime

import pytest

from tests.web import cast
from yijian.domain.context import Context


@pytest.fixture
def fixed_now(monkeypatch: pytest.MonkeyPatch, now: datetime) -> datetime:
    """Every door reads this instant from the clock."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return now


@pytest.fixture
def published(db: None, fixed_now: datetime) -> Context:
    """The node's pack and offices are in the database."""
    return cast.publish(fixed_now)


@pytest.fixture
def family(published: Context, fixed_now: datetime) -> cast.Household:
    """王芳 and 李强, before they have done anything."""
    return cast.household(cast.ORDINARY, published, fixed_now)
