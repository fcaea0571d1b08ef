"""数据共享网关: registers that stand behind a government data-sharing gateway.

One module for each signature scheme. A gateway wraps every answer in `{code, message, data}`; what
is handed on is `data` alone, so that a register behind a gateway is read like any other.
"""

from __future__ import annotations

from collections.abc import Mapping

from yijian.gateways.calls import CallFailedError

LONGEST_CODE = 20


def unwrapped(answer: Mapping[str, object]) -> dict[str, object]:
    """The `data` of a gateway's answer. Errors: CallFailedError `gateway_CODE`.

    >>> unwrapped({"code": 0, "message": "成功", "data": {"found": False}})
    {'found': False}
    >>> unwrapped({"code": "401", "message": "签名错误"})
    Traceback (most recent call last):
    yijian.gateways.calls.CallFailedError: gateway_401
    """
    code = answer.get("code")
    plain = str(code) if isinstance(code, int | str) and not isinstance(code, bool) else ""
    if not plain or len(plain) > LONGEST_CODE or not plain.lstrip("-").isalnum():
        raise CallFailedError("wrong_gateway_code")
    if plain != "0":
        raise CallFailedError(f"gateway_{plain}")
    data = answer.get("data")
    if not isinstance(data, dict):
        raise CallFailedError("wrong_gateway_data")
    return data
