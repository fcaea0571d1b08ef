"""算好的结果: what was worked out from packs, kept under the digest of all that it follows from."""

import json
import zlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from yijian.records.models import PackResult

KEPT = timedelta(days=14)
"""For how long a result is kept; what is asked for later is worked out once more."""


def found(*, keys: Collection[str]) -> dict[str, Any]:
    """The values that are kept, by key."""
    rows = PackResult.objects.filter(key__in=list(keys)).values_list("key", "value")
    return {key: json.loads(zlib.decompress(value)) for key, value in rows}


def keep(*, kind: str, values: Mapping[str, Any]) -> None:
    """Keep values by key; one that is kept already stays."""
    rows = [
        PackResult(key=key, kind=kind, value=_packed(value))
        for key, value in sorted(values.items())
    ]
    PackResult.objects.bulk_create(rows, ignore_conflicts=True)


def _packed(value: Any) -> bytes:
    told = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(told.encode(), 1)


def forget(*, now: datetime) -> int:
    """Drop results that are old; how many there were."""
    return PackResult.objects.filter(kept_at__lt=now - KEPT).delete()[0]
