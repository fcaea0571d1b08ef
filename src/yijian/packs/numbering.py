"""版本号: year, month and a running number, as `2026.11.3`; other spellings are left alone."""

import re
from collections.abc import Iterable
from datetime import date

from yijian.packs.findings import PackError
from yijian.packs.nodes import read_text

_NUMBER = re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,4})")


def next_number(taken: Iterable[str], today: date) -> str:
    """The next free number of the month.

    >>> next_number(["2026.11.3", "2026.10.9", "later"], date(2026, 11, 22))
    '2026.11.4'
    >>> next_number([], date(2026, 12, 1))
    '2026.12.1'
    """
    found = [match for each in taken if (match := _NUMBER.fullmatch(each))]
    month = (today.year, today.month)
    running = [int(m[3]) for m in found if (int(m[1]), int(m[2])) == month]
    return f"{today.year}.{today.month}.{max(running, default=0) + 1}"


def version_of(text: str) -> str:
    """The version that a pack.yaml names; empty for one that cannot be read."""
    try:
        node = read_text(text, "pack.yaml").find(["version"])
    except PackError:
        return ""
    return "" if node is None or node.value is None else str(node.value)
