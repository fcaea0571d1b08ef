"""Answers of families are shown as every other count of them: never so that one stands alone."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests.web.cast_console import at_console
from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.domain.questionnaires import Questionnaire, read_questions
from yijian.domain.wording import Text
from yijian.records import questionnaires
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
ANSWERED = (0, 4, 5, 7, 8)
SHOWN = ("不足 5", "不足 5", "5", "5", "10")


@pytest.fixture
def asked(fixed_now: datetime) -> UUID:
    """A question whose five answers were given none, four, five, seven and eight times."""
    today = local_day(fixed_now)
    made = questionnaires.create(
        asked=Questionnaire(
            Text("使用感受", "How was it"), today, today + timedelta(days=9),
            read_questions("方便吗 | 甲 | 乙 | 丙 | 丁 | 戊"),
        ),
        by="staff:1", now=fixed_now,
    )  # fmt: skip
    for answer, times in enumerate(ANSWERED):
        for taker in range(times):
            assert questionnaires.take(
                questionnaire_id=made, taker=f"{answer} {taker}", answers=[(0, answer)]
            )
    return made


def test_answers_are_counted_in_steps_of_five_and_few_look_like_none(
    published: Context, asked: UUID
) -> None:
    editor = at_console(StaffRole.POLICY_EDITOR)
    address = f"/console/questionnaires/{asked}/"
    table = editor.get(address, {"csv": "1"}).content.decode("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[2] for line in table] == list(SHOWN)
    page = editor.get(address).content.decode()
    assert "不足 5" in page and "按 5 取整" in page
    for exact in ("4", "7", "8"):
        assert f">{exact}<" not in page
