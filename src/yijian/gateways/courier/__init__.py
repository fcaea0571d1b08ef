"""邮政快递: certificates and cards sent by post. The courier knows an order by our id."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from yijian.gateways.calls import Caller, CallFailedError
from yijian.gateways.registers.reading import Reader, WrongShapeError


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent to whom; `order_id` stays the same for ever."""

    order_id: str
    what: str
    recipient: str
    phone: str
    address: str


def order(parcel: Parcel, *, caller: Caller, url: str) -> str:
    """Order a delivery and return its tracking number; a repeated order changes nothing.

    Errors: CallFailedError.
    """
    body = {
        "order_id": parcel.order_id,
        "what": parcel.what,
        "recipient": parcel.recipient,
        "phone": parcel.phone,
        "address": parcel.address,
    }
    answer = Reader(caller.post(f"{url}/orders", body, expected=frozenset({200, 202})))
    try:
        return answer.matching("tracking_number", r"[A-Z0-9]{6,40}")
    except WrongShapeError as fault:
        raise CallFailedError(f"wrong_{fault.field}") from None


def state(order_id: str, *, caller: Caller, url: str) -> str:
    """Where an order stands: ordered, collected or delivered. Errors: CallFailedError."""
    answer = Reader(caller.get(f"{url}/orders/{quote(order_id, safe='')}"))
    try:
        return answer.code("state", ("ordered", "collected", "delivered"))
    except WrongShapeError as fault:
        raise CallFailedError(f"wrong_{fault.field}") from None
