"""取政策包: the version of a pack that a task came with is fetched from the node that sent it.

The task waits as a parked message meanwhile; whoever takes it up again asks for the pack again, so
nothing is retried here.
"""

from __future__ import annotations

import logging

from django.utils import timezone

from yijian.actions import contexts, envelopes, received_packs
from yijian.gateways.calls import CallFailedError
from yijian.gateways.nodes import base_of
from yijian.ops.outside import caller, rests
from yijian.records import exchange

_log = logging.getLogger(__name__)


def fetch_pack(upstream: str, digest: str) -> bool:
    """Fetch and keep one version, and take up what waited for it; whether it is known now."""
    if _is_known(digest):
        return True
    partner = exchange.partner(upstream)
    if partner is None or not partner.endpoint or rests.resting(upstream):
        return False
    address = f"{base_of(partner.endpoint)}/packs/{digest}"
    try:
        text = caller().get_bytes(address)
    except CallFailedError as failure:
        _log.warning("%s does not give pack %s: %s", upstream, digest, failure.reason)
        return False
    now = timezone.now()
    code = received_packs.keep(text, digest=digest, now=now)
    _log.info("pack %s (%s) came from %s", code, digest, upstream)
    envelopes.replay_waiting(now=now)
    return True


def _is_known(digest: str) -> bool:
    try:
        contexts.pack_of(digest)
    except contexts.NoPackError:
        return False
    return True
