"""邮政快递: certificates and cards sent by post. The courier knows an order by our id."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from urllib.parse import quote

from yijian.gateways.calls import Caller, CallFailedError
from yijian.gateways.registers.reading import Reader, WrongShapeError

STATES = ("ordered", "collected", "delivered", "returned")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent by whom to whom; `order_id` stays the same for ever.

    `paid_by` is recipient or sender.
    """

    order_id: str
    what: str
    recipient: str
    phone: str
    address: str
    sender: str = ""
    sender_phone: str = ""
    sender_address: str = ""
    paid_by: str = "recipient"


def order(parcel: Parcel, *, caller: Caller, url: str) -> str:
    """Order a delivery and return its tracking number; a repeated order changes nothing.

    Errors: CallFailedError.
    """
    body = asdict(parcel)
    answer = Reader(caller.post(f"{url}/orders", body, expected=frozenset({200, 202})))
    try:
        return answer.matching("tracking_number", r"[A-Z0-9]{6,40}")
    except WrongShapeError as fault:
        raise CallFailedError(f"wrong_{fault.field}") from None


def state(order_id: str, *, caller: Caller, url: str) -> str:
    """Where an order stands: ordered, collected, delivered or returned. Errors: CallFailedError."""
    answer = Reader(caller.get(f"{url}/orders/{quote(order_id, safe='')}"))
    try:
        return answer.code("state", STATES)
    except WrongShapeError as fault:
        raise CallFailedError(f"wrong_{fault.field}") from None
