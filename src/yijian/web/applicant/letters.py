"""消息: what was written to a parent about their case, as the page's list reads it."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

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
        words, url = _without_address(message.text, case_address(sitting.number))
        link = gettext("去评价") if url else ""
        letter = Letter(channel, words, message.at, url=url, link=link)
        found.setdefault((message.notice, message.text), letter)
    return sorted(found.values(), key=lambda letter: letter.at, reverse=True)


def _without_address(text: str, address: str) -> tuple[str, str]:
    """The words without the address of the case, and the page for ratings that they lead to."""
    found = re.search(rf"[：:]?\s*{re.escape(address)}(rat(?:e|ings)/\S*)", text)
    if found is None:
        return text.replace(address, gettext("办理进度页")), ""
    words = f"{text[: found.start()]}{text[found.end() :]}".strip()
    return words, f"{urlsplit(address).path}{found[1]}"
