"""What action tests stand on: a family, before it has done anything and after it has submitted."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.actions import cast
from yijian.actions import contexts, workshop_kept


@pytest.fixture(autouse=True)
def another_process() -> None:
    """Nothing is remembered that an earlier test has worked out from packs."""
    workshop_kept._remembered.clear()


@pytest.fixture
def family(db: None, now: datetime) -> Iterator[cast.Household]:
    """王芳 and 李强 before their first step."""
    yield cast.household(now)
    contexts.forget()


@pytest.fixture
def submitted(family: cast.Household) -> cast.Household:
    """The same family after both have signed."""
    return family.submit()
