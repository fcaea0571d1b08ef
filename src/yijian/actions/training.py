"""演练: a training node begins anew, and what it writes is marked."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from yijian.documents.marking import practised
from yijian.domain.documents import Content
from yijian.gateways import starter
from yijian.gateways.starter import Reset
from yijian.records import access, administration, people
from yijian.records.people import StaffRole

MESSAGE_MARK = "【演练】"


def is_training() -> bool:
    """Whether staff practise on this node."""
    return bool(settings.YIJIAN.training)


def marked(content: Content) -> Content:
    """A document as it leaves this node: on a training node it says so."""
    return practised(content) if is_training() else content


def marked_text(text: str) -> str:
    """A text message as it leaves this node."""
    return f"{MESSAGE_MARK}{text}" if is_training() else text


def reset(*, by: Any, now: datetime) -> None:
    """Ask for the node to begin anew. Errors: access.Refused on any other node or for others."""
    who = people.visitor(by)
    if not is_training() or not who.works_as(StaffRole.OPERATOR) or who.staff is None:
        raise access.Refused
    with transaction.atomic():
        administration.note(by=who.staff, what="training_reset", now=now)
        starter.ask(settings.YIJIAN.var_dir, by=people.staff_number(by), now=now)


def asked() -> Reset | None:
    """The reset that is about to happen."""
    return starter.asked(settings.YIJIAN.var_dir)


def resets() -> list[Reset]:
    """Every reset of this node, the last first."""
    return starter.resets(settings.YIJIAN.var_dir)
