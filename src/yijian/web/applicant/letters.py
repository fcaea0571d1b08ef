"""消息: what was written to a parent about their case, as the page's list reads it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from yijian.records import queries
from yijian.web.applicant.doors import Sitting
from yijian.web.applicant.signing import case_address


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: when, what about, and its words."""

    title: str
    text: str
    at: datetime
    new: bool = False
    url: str = ""
    link: str = ""


def letters_of(sitting: Sitting) -> list[Letter]:
    """The messages to this parent, the newest first; the same words over two channels once."""
    found: dict[tuple[str, str], Letter] = {}
    for message in queries.messages_of(case_id=sitting.case.id, role=sitting.role):
        channel = gettext("短信") if message.channel == "sms" else gettext("消息")
        words = message.text.replace(case_address(sitting.number), gettext("办理进度页"))
        found.setdefault((message.notice, message.text), Letter(channel, words, message.at))
    return sorted(found.values(), key=lambda letter: letter.at, reverse=True)
