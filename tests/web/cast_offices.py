"""What offices do in the page tests: one decision at a time, through the real core."""

from typing import Any

from django.db import transaction

from tests.web.cast import Household
from yijian.actions import changes
from yijian.domain.handling import OfficeDecision, decide
from yijian.domain.numbers import check_character
from yijian.domain.states import TaskState


def office(
    family: Household, item: str, to: TaskState, newborn: int = 1, **decision: Any
) -> Household:
    """An office moves one task to a state, with whatever the decision carries."""
    said = OfficeDecision(to, **decision)
    with transaction.atomic():
        changes.change(
            lambda case, context: decide(
                case, (item, newborn), said, "office", context, family.now
            ),
            changes.load_one(family.id),
            now=family.now,
        )
    return family


def certificate(number: int = 1) -> dict[str, str]:
    """The result of a birth certificate."""
    return {"certificate_number": f"Z34{number:07d}", "issued_on": "2026-11-21"}


def registration(sex: str = "2", order: int = 1) -> dict[str, str]:
    """The result of a registration: a number that fits a child born on 18 November 2026."""
    first = f"34010420261118{order:02d}{sex}"
    return {"citizen_id_number": first + check_character(first), "registered_on": "2026-11-21"}


def finish_certificate(family: Household, newborn: int = 1) -> Household:
    """The hospital issues the certificate."""
    done = certificate(newborn)
    return office(family, "birth_certificate", TaskState.COMPLETED, newborn, result=done)
