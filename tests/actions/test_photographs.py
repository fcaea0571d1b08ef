"""Photographs: rows are put back where they are true, and nowhere else."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from tests.photographs import kept

pytestmark = pytest.mark.django_db
made: list[str] = []


def make() -> str:
    made.append(User.objects.create(username="陈静").username)
    return made[-1]


@pytest.mark.parametrize("test", ["one", "another"])
def test_a_step_is_taken_once_and_its_rows_are_put_back(test: str) -> None:
    assert kept("photographed", make) == "陈静"
    assert User.objects.get().username == "陈静"
    assert made == ["陈静"]


def test_where_something_else_was_written_the_step_is_taken_anew() -> None:
    User.objects.create(username="赵敏")
    steps: list[User] = []
    for name in ("王芳", "李强"):
        kept("anew", lambda name=name: steps.append(User.objects.create(username=name)))
    assert len(steps) == 2
    assert User.objects.count() == 3


@pytest.mark.parametrize("stands", [True, False])
def test_a_step_that_was_rolled_back_stands_no_more(stands: bool) -> None:
    def first() -> None:
        kept("first", lambda: User.objects.create(username="王芳"))

    if stands:
        first()
    else:
        with pytest.raises(RuntimeError), transaction.atomic():
            first()
            raise RuntimeError
    kept("second", lambda: User.objects.create(username="李强"))
    assert User.objects.count() == (2 if stands else 1)
