"""问卷: a few questions asked in a period, each with a few answers; only counts are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yijian.domain.context import RefusedError
from yijian.domain.wording import Text

MOST_QUESTIONS, MOST_ANSWERS, LEAST_ANSWERS, LONGEST = 10, 8, 2, 120


@dataclass(frozen=True, slots=True)
class Question:
    """问题: its words and its answers, in the order they are offered."""

    text: Text
    answers: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """问卷: what is asked, from the first day to the last one."""

    title: Text
    opens_on: date
    closes_on: date
    questions: tuple[Question, ...]

    def is_open(self, today: date) -> bool:
        """Whether it is asked on this day; both ends count."""
        return self.opens_on <= today <= self.closes_on


def read_questions(text: str) -> tuple[Question, ...]:
    """Questions as they are typed: one a line, `question | answer | answer`, English after `/`.

    Errors: RefusedError `no_questions`, `too_many_questions`, `answers_missing`,
    `too_many_answers`, `words_too_long`.

    >>> read_questions("方便吗/Easy? | 方便/Yes | 不方便/No")[0].answers[1]
    Text(zh='不方便', en='No')
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise RefusedError("no_questions", "questions")
    if len(lines) > MOST_QUESTIONS:
        raise RefusedError("too_many_questions", "questions")
    return tuple(_question(line) for line in lines)


def check_answers(
    asked: Questionnaire, given: Mapping[int, int], today: date
) -> Sequence[tuple[int, int]]:
    """The answers as question and answer, in order; a question may be left out.

    Errors: RefusedError `questionnaire_closed`, `unknown_answer`, `nothing_answered`.
    """
    if not asked.is_open(today):
        raise RefusedError("questionnaire_closed")
    for question, answer in given.items():
        if not 0 <= question < len(asked.questions):
            raise RefusedError("unknown_answer")
        if not 0 <= answer < len(asked.questions[question].answers):
            raise RefusedError("unknown_answer")
    if not given:
        raise RefusedError("nothing_answered")
    return sorted(given.items())


def _question(line: str) -> Question:
    words = [_text(part) for part in line.replace("｜", "|").split("|")]
    answers = tuple(word for word in words[1:] if word.zh)
    if not words[0].zh or len(answers) < LEAST_ANSWERS:
        raise RefusedError("answers_missing", "questions")
    if len(answers) > MOST_ANSWERS:
        raise RefusedError("too_many_answers", "questions")
    if any(len(word.zh) > LONGEST or len(word.en) > LONGEST for word in words):
        raise RefusedError("words_too_long", "questions")
    return Question(words[0], answers)


def _text(part: str) -> Text:
    zh, _slash, en = part.strip().partition("/")
    return Text(zh.strip(), en.strip())
