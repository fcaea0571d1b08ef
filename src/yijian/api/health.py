"""状况: that this node is up, who it is, and what time it has, for every partner that asks.

It needs no signature: a partner whose clock is wrong cannot sign and must be able to find out.
"""

from __future__ import annotations

from importlib.metadata import version

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

router = Router(tags=["events"])
VERSION = version("yijian")


@router.get("/health", auth=None, include_in_schema=False)
def show_health(request: HttpRequest) -> dict[str, str]:
    """The node's code, its version and its time."""
    del request
    now = timezone.now()
    return {"node": settings.YIJIAN.node, "version": VERSION, "time": now.isoformat()}
