"""实人核验: the live-person check, from sending the browser there to believing the server's answer.

What the browser brings back is only a code. It waits in the outbox until a worker has asked the
provider about it, so that no answer is lost and nothing outward happens in a request.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction

from yijian.actions import changes, contexts
from yijian.actions.changes import Decided
from yijian.domain.applying import live_checked
from yijian.domain.arriving import noting_arrivals
from yijian.domain.cases import CheckState
from yijian.domain.context import RefusedError
from yijian.gateways.face import page_address
from yijian.records import access
from yijian.records.cases import Outgoing

DESTINATION = "face"
KIND = "yijian.live_check.v1"
PURPOSE = "own_case"
STATE_LIFE_SECONDS = 1800
_SALT = "yijian.live_check"


def start_live_check(*, by: Any, number: str, subject: str, return_to: str, now: datetime) -> str:
    """Where to send the browser of a parent. `subject` is the provider's name of the person."""
    opened = access.access_case(by=by, number=number, purpose=PURPOSE, now=now)
    case = opened.loaded.case
    state = signing.dumps([number, opened.role, case.form_version], salt=_SALT)
    return page_address(settings.YIJIAN.face_url, state=state, subject=subject, return_to=return_to)


def report_live_check(*, by: Any, number: str, state: str, code: str, now: datetime) -> None:
    """Keep the code that a browser brought back; a worker asks the provider what it means.

    Errors: RefusedError `live_check_failed` for a state that is not this person's own and fresh.
    """
    with transaction.atomic():
        opened = access.access_case(by=by, number=number, purpose=PURPOSE, now=now, locking=True)
        try:
            meant = signing.loads(state, salt=_SALT, max_age=STATE_LIFE_SECONDS)
        except signing.BadSignature:
            raise RefusedError("live_check_failed") from None
        if meant[:2] != [number, opened.role] or not code:
            raise RefusedError("live_check_failed")
        asking = Outgoing(
            DESTINATION, KIND, code[:64], {"code": code, "state": state, "role": opened.role}
        )
        events = live_checked(opened.loaded.case, opened.role, CheckState.EMPTY, now)
        changes.commit([Decided(opened.loaded, events, [asking])], now=now)


def answered(*, case_id: UUID, role: str, passed: bool, receipt: str, now: datetime) -> None:
    """The provider has said whether the live person of this role was seen."""
    state = CheckState.FOUND if passed else CheckState.FAILED
    with transaction.atomic():
        loaded = changes.load_one(case_id)
        events = live_checked(loaded.case, role, state, now, receipt=receipt)
        context = contexts.context_of(loaded.case)
        events = noting_arrivals(loaded.case, events, context, now)
        changes.commit([Decided(loaded, events)], now=now)
