"""答复通知: whoever came with an order learns that it is answered; what was answered stands there.

No message says what it was about: a phone may lie open on a table.
"""

from datetime import datetime

from django.conf import settings

from yijian.actions import contexts, waking
from yijian.actions.rating_rules import rules_of
from yijian.domain.work_orders import OrderKind
from yijian.records import cases, order_news
from yijian.records.mapping import value_of
from yijian.records.work_orders import Opened

FAMILY, PUBLIC, SMS = "family", "public", "sms"
PAGES = {OrderKind.BAD_RATING: "ratings/"}
"""Where a family reads the answer; everything else stands with its complaints."""


def tell(*, found: Opened, now: datetime) -> None:
    """Tell the family, or whoever has left a phone, inside the caller's transaction."""
    case_id, key = found.row.case_id, found.key
    if key is None:
        return
    if case_id is None:
        role, channels, phone = PUBLIC, [SMS], found.words.get("phone", "")
        link = f"{settings.YIJIAN.public_url}/speak/follow/"
        if not phone:
            return
    else:
        case = cases.read(ids=[case_id])[0].case
        role, channels = found.words.get("role", case.applicant), [SMS, "message"]
        phone = str(value_of(case, f"{role}_phone") or "")
        link = contexts.case_link(case) + PAGES.get(found.order.kind, "complaints/")
    words = rules_of(found.words.get("pack", "")).answered[FAMILY if case_id else PUBLIC]
    number = found.row.number
    order_news.tell(
        case_id=case_id, key=key, role=role, channels=channels, phone=phone,
        text=words.zh.format(number=number, link=link),
        order_id=found.row.id, rounds=found.row.rounds, now=now,
    )  # fmt: skip
    waking.wake_messenger()
