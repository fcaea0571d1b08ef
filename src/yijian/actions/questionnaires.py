"""问卷: a policy officer asks a few questions in a period; parties answer once, if at all."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.questionnaires import LONGEST, Questionnaire, check_answers, read_questions
from yijian.domain.wording import Text
from yijian.records import access, administration, people
from yijian.records import questionnaires as records
from yijian.records.people import StaffRole
from yijian.records.questionnaires import Kept

ASKING = (StaffRole.POLICY_EDITOR, StaffRole.COMPLAINTS)


def ask(
    *, by: Any, title: str, opens_on: date, closes_on: date, questions: str, now: datetime
) -> UUID:
    """A new questionnaire; it is never changed, only its end is known from the start.

    Errors: Refused; RefusedError `words_missing`, `days_in_disorder`, and those of
    `read_questions`.
    """
    who = people.visitor(by)
    if not who.roles & set(ASKING) or who.staff is None:
        raise access.Refused
    zh, _slash, en = title.strip().partition("/")
    if not zh.strip() or len(title) > LONGEST:
        raise RefusedError("words_missing", "title")
    if closes_on < opens_on or closes_on < local_day(now):
        raise RefusedError("days_in_disorder", "closes_on")
    asked = Questionnaire(
        Text(zh.strip(), en.strip()), opens_on, closes_on, read_questions(questions)
    )
    with transaction.atomic():
        made = records.create(asked=asked, by=who.staff, now=now)
        administration.note(
            by=who.staff,
            office=who.office or "",
            what="questionnaire_asked",
            subject=f"questionnaire:{made}",
            now=now,
        )
    return made


def open_for(*, case_id: str, role: str, now: datetime) -> list[Kept]:
    """What this party of a case is asked today and has not answered. The case is open already."""
    found = records.open_on(local_day(now))
    done = records.taken(questionnaire_ids=[one.id for one in found], taker=f"{case_id} {role}")
    return [one for one in found if one.id not in done]


def answer(
    *, by: Any, number: str, questionnaire_id: UUID, answers: Mapping[int, int], now: datetime
) -> None:
    """A party of a case answers, once.

    Errors: Refused; RefusedError `answered_already`, and those of `check_answers`.
    """
    with transaction.atomic():
        opened = access.access_case(by=by, number=number, purpose="own_case", now=now)
        found = records.one(questionnaire_id=questionnaire_id)
        if opened.role == "staff" or found is None:
            raise access.Refused
        given = check_answers(found.asked, answers, local_day(now))
        taker = f"{opened.case.id} {opened.role}"
        if not records.take(questionnaire_id=found.id, taker=taker, answers=given):
            raise RefusedError("answered_already")
