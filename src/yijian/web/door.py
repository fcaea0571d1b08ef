"""来处: which province's door a family came through, so that every page knows the way back.

A page of another node links here with `?from=CODE`. Only the code of a node that is known here is
remembered, and the way back is the address this node knows: whatever else a link says, leads nobody
anywhere.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from yijian.actions import neighbours
from yijian.domain.wording import Text

FROM, KEPT = "from", "door"
LONGEST_CODE = 64


class RememberDoor:
    """Keeps the door a visitor came through for as long as the visit lasts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Remember the door, when there is one to remember."""
        code = request.GET.get(FROM, "") if request.method == "GET" else ""
        if 0 < len(code) <= LONGEST_CODE and "/api/" not in request.path:
            found = neighbours.neighbour(code)
            if found is not None:
                request.session[KEPT] = {
                    "zh": found.title.zh,
                    "en": found.title.en,
                    "url": found.page("/"),
                }
        return self._get_response(request)


def door_of(request: HttpRequest) -> dict[str, str] | None:
    """The name and address of the door, in the language of the page; None without one."""
    session = getattr(request, "session", None)
    kept = session.get(KEPT) if session is not None else None
    if not isinstance(kept, dict):
        return None
    name = Text(kept["zh"], kept["en"]).in_language(get_language() or "zh-hans")
    return {"name": name, "url": kept["url"]}
