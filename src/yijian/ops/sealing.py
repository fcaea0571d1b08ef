"""印章服务: the provider this node seals with, as its settings say."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from yijian.documents.seals import SealProvider
from yijian.documents.seals.self_hosted import SelfHostedSeals
from yijian.records import crypto


@cache
def provider() -> SealProvider:
    """The one provider of this process: the node's own test seals, shared by all its workers."""
    chosen = settings.YIJIAN
    return SelfHostedSeals(chosen.seals_folder, crypto.installation_key("seals"))
