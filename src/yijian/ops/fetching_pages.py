"""取材料页: the scanned pages of received cases are fetched from the node that lists them.

Each page is fetched outside any transaction and kept by one action. What does not come is tried
again later; a page that never comes stays on the office's list without its picture.
"""

from __future__ import annotations

import logging
from uuid import UUID

from django.utils import timezone

from yijian.actions import received_pages, waking
from yijian.actions.received_pages import NotThePageError
from yijian.gateways.calls import Caller, CallFailedError
from yijian.gateways.nodes import base_of
from yijian.ops.outside import caller, next_attempt, rests
from yijian.records import exchange

MOST_ATTEMPTS = 60
LARGEST_PAGE = 12 * 1024 * 1024
_log = logging.getLogger(__name__)


def fetch_pages(case_id: UUID, *, attempts: int = 0, ours: Caller | None = None) -> int:
    """Fetch what is missing of one case; how many pages came. The rest is tried again later."""
    origin, pages = received_pages.missing(case_id)
    if not pages:
        return 0
    partner, came = exchange.partner(origin), 0
    if partner is not None and partner.endpoint and not rests.resting(origin):
        base = base_of(partner.endpoint)
        for page in pages:
            address = f"{base}/tasks/{page.task_id}/files/{page.id}"
            try:
                data = (ours or caller()).get_bytes(address, largest=LARGEST_PAGE)
                came += received_pages.take(case_id, page, data, now=timezone.now())
            except CallFailedError as failure:
                _log.warning("%s does not give page %s: %s", origin, page.id, failure.reason)
                if failure.passing:
                    rests.failed(origin)
                    break
            except NotThePageError:
                _log.error("%s gave another page than it lists as %s", origin, page.id)
            else:
                rests.answered(origin)
    if came < len(pages):
        _again(case_id, attempts + 1)
    return came


def _again(case_id: UUID, attempts: int) -> None:
    if attempts >= MOST_ATTEMPTS:
        _log.error("pages of case %s do not come", case_id)
        return
    at = next_attempt(attempts, timezone.now())
    waking.wake_page_fetcher(case_id, attempts=attempts, at=at)
