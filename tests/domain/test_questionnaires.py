"""Questionnaires: typed as lines, answered in their period, every mistake named."""

from __future__ import annotations

from datetime import date

import pytest

from yijian.domain.context import RefusedError
from yijian.domain.questionnaires import Questionnaire, check_answers, read_questions
from yijian.domain.wording import Text

DAY = date(2026, 11, 21)
ASKED = Questionnaire(
    Text("问卷", ""),
    DAY,
    date(2026, 11, 30),
    read_questions("方便吗 | 方便 | 不方便\n还来吗｜来｜不来"),
)


def test_one_line_is_one_question_with_its_answers() -> None:
    assert [len(question.answers) for question in ASKED.questions] == [2, 2]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("  \n ", "no_questions"),
        ("方便吗", "answers_missing"),
        ("方便吗 | 方便", "answers_missing"),
        ("| 方便 | 不方便", "answers_missing"),
        ("好吗 | " + " | ".join("一二三四五六七八九"), "too_many_answers"),
        ("\n".join(["好吗 | 好 | 不好"] * 11), "too_many_questions"),
        ("好" * 121 + " | 好 | 不好", "words_too_long"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(typed: str, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        read_questions(typed)


@pytest.mark.parametrize(
    ("given", "day", "said"),
    [
        ({0: 0}, date(2026, 11, 20), "questionnaire_closed"),
        ({0: 0}, date(2026, 12, 1), "questionnaire_closed"),
        ({2: 0}, DAY, "unknown_answer"),
        ({0: 2}, DAY, "unknown_answer"),
        ({0: -1}, DAY, "unknown_answer"),
        ({}, DAY, "nothing_answered"),
    ],
)
def test_an_answer_fits_the_question_and_the_day(
    given: dict[int, int], day: date, said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        check_answers(ASKED, given, day)


def test_a_question_may_be_left_out_and_both_ends_of_the_period_count() -> None:
    for day in (DAY, date(2026, 11, 30)):
        assert check_answers(ASKED, {1: 1}, day) == [(1, 1)]
