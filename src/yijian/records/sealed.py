"""Rows of a case that carry a sealed document of their own."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from yijian.records import crypto


def opened(
    table: str, row: UUID, case_id: UUID, sealed: bytes | None, wrapped: bytes | None
) -> Mapping[str, Any]:
    """The row's document; empty when the case was forgotten. Errors: SealBroken."""
    if sealed is None or wrapped is None:
        return {}
    key = crypto.unwrap(bytes(wrapped), case_id)
    where = crypto.place(table, "sealed", row)
    return cast(Mapping[str, Any], crypto.open_document(key, bytes(sealed), where))
