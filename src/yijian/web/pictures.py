"""图片: how a kept picture is answered with, so that no browser keeps it or takes it for more."""

from django.http import HttpResponse

from yijian.web.pages import KEEP_NOTHING

PICTURE_TYPE = "image/jpeg"


def shown(data: bytes) -> HttpResponse:
    """A picture that is shown and never kept, and that no browser takes for anything else."""
    response = HttpResponse(data, content_type=PICTURE_TYPE)
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = KEEP_NOTHING
    return response
