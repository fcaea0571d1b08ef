"""工单消息: messages to whoever came with an order, sealed with the order's own key."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from yijian.records import crypto
from yijian.records.cases import SENT
from yijian.records.identifiers import new_id
from yijian.records.models import NotificationRow

PURPOSE = "work_order"


def tell(
    *, case_id: UUID | None, key: crypto.Key, role: str, channels: Sequence[str], text: str,
    phone: str, order_id: UUID, rounds: int, now: datetime,
) -> None:  # fmt: skip
    """Keep a message for each channel; a worker sends those that leave the house.

    The row does not say which order it was: it would tell who came with it.
    """
    for channel in channels:
        about = crypto.keyed_digest("order answered", f"{order_id}\n{rounds}\n{role}\n{channel}")
        identifier = new_id()
        where = crypto.place("notification", "sealed", identifier)
        NotificationRow.objects.create(
            id=identifier,
            case_id=case_id,
            to_role=role,
            channel=channel,
            template="order_answered",
            about=f"order_answered:{about.hex()}",
            sealed=crypto.seal_document(key, {"text": text, "phone": phone}, where),
            state="waiting" if channel in SENT else "delivered",
            not_before=now,
            created_at=now,
        )


def opened(notice: UUID, sealed: bytes) -> Mapping[str, Any]:
    """The words of a message to somebody without a case."""
    where = crypto.place("notification", "sealed", notice)
    key = crypto.installation_key(PURPOSE)
    return cast(Mapping[str, Any], crypto.open_document(key, sealed, where))


def forget(ended: Iterable[UUID]) -> None:
    """Nothing is kept of a message to somebody without a case once it has left or is given up."""
    NotificationRow.objects.filter(pk__in=list(ended), case_id__isnull=True).delete()
