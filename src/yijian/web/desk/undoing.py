"""撤回: what was just decided can be taken back for a moment. The session remembers what."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import tasks
from yijian.actions.tasks import LARGEST_BATCH, Held
from yijian.domain.context import RefusedError

SESSION_KEY = "desk_undo"


def remember(request: HttpRequest, held: Iterable[Held], words: str) -> None:
    """The next page shows what was decided, with the way back. Words name no person."""
    kept = list(held)
    request.session[SESSION_KEY] = {
        "held": [str(one.id) for one in kept],
        "words": words,
        "until": max(one.due_at for one in kept).isoformat(),
    }


def toast_of(request: HttpRequest, now: datetime) -> Mapping[str, object] | None:
    """What the toast says while there is still time; None afterwards."""
    kept = request.session.get(SESSION_KEY)
    if not kept:
        return None
    left = (datetime.fromisoformat(kept["until"]) - now).total_seconds()
    if left <= 0:
        request.session.pop(SESSION_KEY)
        return None
    address = f"{reverse('desk_undo')}?{urlencode([('held', one) for one in kept['held']])}"
    return {"message": kept["words"], "undo_url": address, "seconds": max(1, int(left))}


def take_back(request: HttpRequest, now: datetime) -> HttpResponse:
    """Take back the named decisions of this clerk, each for itself."""
    back: list[UUID] = []
    named = request.GET.getlist("held")[:LARGEST_BATCH]
    for text in named:
        try:
            back.append(tasks.undo(by=request.user, held_id=UUID(text), now=now))
        except (RefusedError, ValueError):
            continue
    request.session.pop(SESSION_KEY, None)
    if back:
        messages.success(request, gettext("已撤回，和处理之前一样。"))
    if len(back) < len(named) or not named:
        messages.warning(request, gettext("已经过了可以撤回的时间，决定已生效。"))
    if len(back) == 1:
        return HttpResponseRedirect(reverse("desk_task", args=[back[0]]))
    return HttpResponseRedirect(reverse("desk"))
