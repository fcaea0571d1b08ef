"""人脸识别: the live-person check. The browser goes there; the result is asked server to server.

What a browser brings back proves nothing by itself: it carries a code that can be spent once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from yijian.gateways.calls import Caller, CallFailedError
from yijian.gateways.registers.reading import Reader, WrongShapeError


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """What the provider saw; `receipt` is its proof. Only `is_person` lets somebody sign."""

    passed: bool
    id_number_matches: bool
    at: datetime
    receipt: str

    @property
    def is_person(self) -> bool:
        """Whether the right person was seen alive."""
        return self.passed and self.id_number_matches


def page_address(face_url: str, *, state: str, subject: str, return_to: str) -> str:
    """Where to send the browser. `subject` is the identity provider's name of the person.

    >>> page_address("https://face.example/c", state="s", subject="p1", return_to="https://a/b")
    'https://face.example/c?state=s&subject=p1&return_to=https%3A%2F%2Fa%2Fb'
    """
    query = urlencode({"state": state, "subject": subject, "return_to": return_to})
    return f"{face_url}?{query}"


def result(code: str, state: str, *, caller: Caller, url: str) -> LiveCheck:
    """The result behind a code, which is used up by asking.

    Errors: CallFailedError; not `passing` when the code is unknown, used or of another check.
    """
    answer = Reader(caller.post(f"{url}/result", {"code": code, "state": state}))
    try:
        return LiveCheck(
            passed=answer.yes_no("passed"),
            id_number_matches=answer.yes_no("id_number_matches"),
            at=answer.moment("at"),
            receipt=answer.part("receipt").text("id", longest=64),
        )
    except WrongShapeError as fault:
        raise CallFailedError(f"wrong_{fault.field}", passing=False) from None
