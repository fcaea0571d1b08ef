"""打印: the papers a pack writes itself, as pages anybody may open and print on A4. No login."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from yijian.actions import contexts
from yijian.domain.clocks import local_day
from yijian.packs import guides
from yijian.web.pages import show


@require_safe
def printed(request: HttpRequest, pack: str, kind: str) -> HttpResponse:
    """One paper of one pack: one-time notice, service guide, work guide, questions, messages."""
    if kind not in guides.KINDS:
        raise Http404
    try:
        policy = contexts.current_pack(pack)
    except contexts.NoPackError:
        raise Http404 from None
    paper = guides.make(policy, kind, get_language() or "zh-hans", local_day(timezone.now()))
    others = [
        (other, name.in_language(get_language() or "zh-hans"))
        for other, (name, _) in guides.KINDS.items()
        if other != kind
    ]
    return show(
        request, "guide/printed.html", {"paper": paper, "pack_code": pack, "others": others}
    )
