"""短信: text messages. The gateway knows a message by its id and sends each id once."""

from __future__ import annotations

from yijian.gateways.calls import Caller, CallFailedError

LONGEST_TEXT = 500


def send(message_id: str, to: str, text: str, *, caller: Caller, url: str) -> None:
    """Hand one message over; repeating it with the same id sends nothing twice.

    Errors: CallFailedError.
    """
    if len(text) > LONGEST_TEXT:
        raise CallFailedError("text_too_long", passing=False)
    body = {"message_id": message_id, "to": to, "text": text}
    answer = caller.post(url, body, expected=frozenset({200, 202}))
    if answer.get("message_id") != message_id:
        raise CallFailedError("wrong_message_id")
