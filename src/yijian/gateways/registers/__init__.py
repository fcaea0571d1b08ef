"""登记库: what other offices already know. One module for each register; `ask` is the door.

Each answer becomes values by fact id and a receipt. An answer that is late, malformed or impossible
is a failed check with a reason; one that contradicts the identity is a conflict for a person.
"""

from __future__ import annotations

from datetime import datetime

from yijian.domain.cases import CheckState
from yijian.gateways.calls import CallFailedError
from yijian.gateways.registers import certificates, delivery, hukou, marriage, maternity
from yijian.gateways.registers.answers import (
    Answer,
    Person,
    Poster,
    Query,
    Receipt,
    Triple,
)
from yijian.gateways.registers.reading import Reader, WrongShapeError

__all__ = [
    "REGISTERS",
    "Answer",
    "Person",
    "Poster",
    "Query",
    "Receipt",
    "Triple",
    "ask",
    "read_delivery",
]

REGISTERS = ("delivery", "hukou", "marriage", "certificates", "maternity")
"""Every register that can be asked; the delivery register first, because it names the father."""

_OTHERS = {
    "hukou": hukou.ask,
    "marriage": marriage.ask,
    "certificates": certificates.ask,
    "maternity": maternity.ask,
}


def ask(register: str, query: Query, *, caller: Poster, url: str, now: datetime) -> Answer:
    """Ask one register about a family. Never raises for anything the other side does."""
    headers = {"Purpose": query.purpose, "Consent": query.consent}
    try:
        if register == delivery.REGISTER:
            return delivery.ask(query, caller, url, headers, now)
        return _OTHERS[register](query, caller, url, headers)
    except CallFailedError as failure:
        return Answer(register, CheckState.FAILED, reason=failure.reason)
    except WrongShapeError as fault:
        return Answer(register, CheckState.FAILED, reason=f"wrong_{fault.field}")


def read_delivery(record: dict[str, object], now: datetime) -> tuple[tuple[Triple, ...], int]:
    """The facts of a delivery record that a hospital reported itself, and how many newborns.

    Errors: WrongShapeError with the field at fault.
    """
    return delivery.read(Reader(record), now)
