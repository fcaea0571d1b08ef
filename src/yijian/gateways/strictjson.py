"""JSON from strangers: one meaning or none.

Refused are duplicate keys, NaN and infinities, numbers beyond all use, text that no database can
keep (lone surrogates, NUL), depth, and everything that is not UTF-8.
"""

import json
import math
from collections.abc import Iterable

DEEPEST = 32
LONGEST_NUMBER = 18


class NotStrictJsonError(ValueError):
    """The bytes are not JSON with exactly one meaning; the text says why, without the content."""


def loads(raw: bytes) -> object:
    """The JSON value in `raw`.

    >>> loads(b'{"a": [1, true]}')
    {'a': [1, True]}
    >>> loads(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    yijian.gateways.strictjson.NotStrictJsonError: a key appears twice
    """
    try:
        value: object = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except NotStrictJsonError:
        raise
    except RecursionError:
        raise NotStrictJsonError("nested too deeply") from None
    except ValueError:
        raise NotStrictJsonError("not JSON in UTF-8") from None
    _check(value)
    return value


def _object(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise NotStrictJsonError("a key appears twice")
        found[key] = value
    return found


def _no_constant(_name: str) -> object:
    raise NotStrictJsonError("a number is not finite")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotStrictJsonError("a number is not finite")
    return number


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > LONGEST_NUMBER:
        raise NotStrictJsonError("a number is too long")
    return int(text)


def _check(value: object) -> None:
    level, left = 0, [value]
    while left:
        level += 1
        if level > DEEPEST:
            raise NotStrictJsonError("nested too deeply")
        deeper: list[object] = []
        for item in left:
            if isinstance(item, str):
                _check_text(item)
            elif isinstance(item, list):
                deeper.extend(item)
            elif isinstance(item, dict):
                deeper.extend(item)
                deeper.extend(item.values())
        left = deeper


def _check_text(text: str) -> None:
    if "\0" in text:
        raise NotStrictJsonError("a text contains NUL")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise NotStrictJsonError("a text contains half a character") from None
