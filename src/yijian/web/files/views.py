"""取件: one door for every file, for families, windows and offices; the right is judged anew."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from yijian.actions import fetching
from yijian.records import access
from yijian.web.files.links import BadLinkError, ExpiredLinkError, read
from yijian.web.pages import KEEP_NOTHING, go

TYPES = {"pdf": "application/pdf", "ofd": "application/ofd"}


@require_safe
def file(request: HttpRequest, link: str) -> HttpResponse:
    """The file itself, as a download that nothing on the way keeps."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    try:
        wanted = read(link, request.user)
        taken = fetching.fetch(
            by=request.user,
            door=wanted.door,
            where=wanted.where,
            document_id=wanted.document_id,
            format=wanted.format,
            now=timezone.now(),
        )
    except ExpiredLinkError as expired:
        messages.info(request, gettext("下载链接只有效几分钟，已经过期。请在这一页重新打开。"))
        return go(expired.back)
    except (BadLinkError, access.Refused):
        raise Http404 from None
    document = taken.document
    name = f"{document.number or document.id}.{wanted.format}"
    response = HttpResponse(taken.data, content_type=TYPES[wanted.format])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = KEEP_NOTHING
    return response
