"""印章服务: the provider this node seals with, as its settings say."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TypeVar

from django.conf import settings

from yijian.documents.seals import Holder, Seal, SealProvider, SealRefusedError
from yijian.documents.seals.self_hosted import SelfHostedSeals
from yijian.gateways import seals
from yijian.gateways.calls import Caller, CallFailedError
from yijian.ops import outside
from yijian.records import crypto

KEPT_AT_MOST = 512
_T = TypeVar("_T")


@cache
def provider() -> SealProvider:
    """The one provider of this process: the province's platform, or this node's test seals."""
    chosen = settings.YIJIAN
    if chosen.seals_url:
        return PlatformSeals(outside.caller(), chosen.seals_url)
    return SelfHostedSeals(chosen.seals_folder, crypto.installation_key("seals"))


class PlatformSeals:
    """印章平台 as a `SealProvider`. What a seal looks like is asked once an hour, not each time."""

    def __init__(self, caller: Caller, url: str) -> None:
        self._caller = caller
        self._url = url
        self._kept: OrderedDict[tuple[Holder, str], Seal] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return "电子印章平台"

    def seal_of(self, holder: Holder, at: datetime) -> Seal:
        key = (holder, at.strftime("%Y%m%d%H"))
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None:
            return kept
        found = _answered(
            lambda: seals.seal_of(holder.code, holder.title, at, caller=self._caller, url=self._url)
        )
        seal = Seal(
            holder=holder,
            number=found.number,
            picture=found.picture,
            width_mm=found.width_mm,
            height_mm=found.height_mm,
            valid_from=found.valid_from,
            valid_until=found.valid_until,
            pdf_certificates=found.pdf_certificates,
            ofd_certificate=found.ofd_certificate,
            eseal=found.eseal,
            is_test=found.is_test,
        )
        with self._lock:
            self._kept[key] = seal
            while len(self._kept) > KEPT_AT_MOST:
                self._kept.popitem(last=False)
        return seal

    def sign_pdf(self, holder: Holder, attributes: bytes, at: datetime) -> bytes:
        return self._signed(holder, "pdf", attributes, at)

    def sign_ofd(self, holder: Holder, to_sign: bytes, at: datetime) -> bytes:
        return self._signed(holder, "ofd", to_sign, at)

    def _signed(self, holder: Holder, form: str, to_sign: bytes, at: datetime) -> bytes:
        number = self.seal_of(holder, at).number
        return _answered(
            lambda: seals.sign(number, form, to_sign, at, caller=self._caller, url=self._url)
        )


def _answered(call: Callable[[], _T]) -> _T:
    """What the platform answers; its failures in the words of sealing."""
    try:
        return call()
    except CallFailedError as failed:
        raise SealRefusedError(failed.reason, passing=failed.passing) from None
