"""问卷 as rows: what is asked, how often each answer was given, and who has answered already.

Who answered and what was answered stand in two tables that nothing joins.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.db import connection

from yijian.domain.questionnaires import Question, Questionnaire
from yijian.domain.wording import Text
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import QuestionnaireCount, QuestionnaireRow, QuestionnaireTaken


@dataclass(frozen=True, slots=True)
class Kept:
    """问卷 with its key."""

    id: UUID
    asked: Questionnaire


def create(*, asked: Questionnaire, by: str, now: datetime) -> UUID:
    """A new questionnaire; its id."""
    row = QuestionnaireRow(
        title_zh=asked.title.zh,
        title_en=asked.title.en,
        opens_on=asked.opens_on,
        closes_on=asked.closes_on,
        questions=[
            {"text": _pair(q.text), "answers": [_pair(a) for a in q.answers]}
            for q in asked.questions
        ],
        made_by=by,
        made_at=now,
    )
    row.save(force_insert=True)
    return row.id


def listed() -> list[Kept]:
    """Every questionnaire, the one that closes last first."""
    return [_kept(row) for row in QuestionnaireRow.objects.order_by("-closes_on", "-id")[:100]]


def open_on(day: date) -> list[Kept]:
    """What is asked on a day."""
    rows = QuestionnaireRow.objects.filter(opens_on__lte=day, closes_on__gte=day)
    return [_kept(row) for row in rows.order_by("id")[:5]]


def one(*, questionnaire_id: UUID) -> Kept | None:
    """One questionnaire; None when there is none."""
    row = QuestionnaireRow.objects.filter(pk=questionnaire_id).first()
    return None if row is None else _kept(row)


def taken(*, questionnaire_ids: Iterable[UUID], taker: str) -> set[UUID]:
    """Which of these questionnaires this taker has answered."""
    found = set()
    for identifier in questionnaire_ids:
        digest = _taker(identifier, taker)
        if QuestionnaireTaken.objects.filter(
            questionnaire_id=identifier, taker_hash=digest
        ).exists():
            found.add(identifier)
    return found


def take(*, questionnaire_id: UUID, taker: str, answers: Iterable[tuple[int, int]]) -> bool:
    """Count the answers of a taker who has not answered yet; whether they were counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO questionnaire_taken (id, questionnaire_id, taker_hash)"
            " VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [new_id(), questionnaire_id, _taker(questionnaire_id, taker)],
        )
        if cursor.rowcount != 1:
            return False
        for question, answer in answers:
            cursor.execute(
                "INSERT INTO questionnaire_count (id, questionnaire_id, question, answer, count)"
                " VALUES (%s, %s, %s, %s, 1) ON CONFLICT (questionnaire_id, question, answer)"
                " DO UPDATE SET count = questionnaire_count.count + 1",
                [new_id(), questionnaire_id, question, answer],
            )
    return True


def counts(*, questionnaire_id: UUID) -> dict[tuple[int, int], int]:
    """How often each answer was given."""
    rows = QuestionnaireCount.objects.filter(questionnaire_id=questionnaire_id)
    return {(row.question, row.answer): row.count for row in rows}


def _taker(questionnaire_id: UUID, taker: str) -> bytes:
    return crypto.blind_index("questionnaire", f"{questionnaire_id}\n{taker}")


def _kept(row: QuestionnaireRow) -> Kept:
    questions = cast(list[dict[str, Any]], row.questions)
    asked = Questionnaire(
        Text(row.title_zh, row.title_en),
        row.opens_on,
        row.closes_on,
        tuple(
            Question(Text(*each["text"]), tuple(Text(*answer) for answer in each["answers"]))
            for each in questions
        ),
    )
    return Kept(row.id, asked)


def _pair(text: Text) -> list[str]:
    return [text.zh, text.en]
