"""表格: CSV that a spreadsheet opens as it was meant, and that comes back as it was written.

A cell that begins like a formula, and a long number that a spreadsheet would round, is written with
an apostrophe before it, which is taken away again when it is read.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

MARK = "\ufeff"
_FORMULA = re.compile(r"[=+\-@\t\r]")
_LONG_NUMBER = re.compile(r"[0-9]{11,}[0-9Xx]", re.ASCII)
_DAY = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2})(:\d{2}.*))?", re.ASCII
)
_ROUNDED = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+", re.ASCII | re.IGNORECASE)


def guarded(text: str) -> str:
    """The text of a cell, harmless and whole in any spreadsheet.

    >>> guarded("=1+1"), guarded("340100202611210011"), guarded("李小满"), guarded("")
    ("'=1+1", "'340100202611210011", '李小满', '')
    """
    if text and (_FORMULA.match(text) or _LONG_NUMBER.fullmatch(text)):
        return f"'{text}"
    return text


def unguarded(text: str) -> str:
    """What was written, from the cell that came back.

    >>> unguarded("'=1+1"), unguarded(" 办结 "), unguarded("'tis")
    ('=1+1', '办结', "'tis")
    """
    plain = text.strip(" \u3000")
    if plain.startswith("'") and guarded(plain[1:]) == plain:
        return plain[1:]
    return plain


def is_rounded(text: str) -> bool:
    """Whether a spreadsheet has made a rounded number of what was a number of many digits.

    >>> is_rounded("3.40101E+17"), is_rounded("340101199003072818")
    (True, False)
    """
    return _ROUNDED.fullmatch(text) is not None


def spelt(text: str) -> str:
    """A day, and a time after it, as ISO 8601 spells them; other text as it is.

    >>> spelt("2026/3/9"), spelt("2026.3.9 8:05"), spelt("明天")
    ('2026-03-09', '2026-03-09 08:05', '明天')
    """
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    year, month, day, hour, rest = found.groups()
    spelt_day = f"{year}-{int(month):02d}-{int(day):02d}"
    return spelt_day if hour is None else f"{spelt_day} {int(hour):02d}{rest}"


def written(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as a CSV file for spreadsheets: UTF-8 with its mark, every cell guarded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
    return (MARK + out.getvalue()).encode()
