"""Reading one object of a register's answer: every value typed, normalised and within bounds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from yijian.domain.numbers import normal_id_number

LONGEST_TEXT = 200
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


class WrongShapeError(ValueError):
    """An answer does not have the agreed shape; `field` names the place, never the value."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def normal_text(text: str) -> str:
    """The text in Unicode NFC, without invisible characters, inner spaces single.

    >>> normal_text(" 王\\u200b芳 ")
    '王芳'
    """
    visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFC", " ".join(visible.split()))


@dataclass(frozen=True, slots=True)
class Reader:
    """One JSON object and the path that leads to it."""

    values: Mapping[str, object]
    path: str = ""

    def wrong(self, name: str) -> WrongShapeError:
        """The error that names this field."""
        return WrongShapeError(self.path + name)

    def text(self, name: str, *, longest: int = LONGEST_TEXT) -> str:
        """A text that is not empty."""
        found = self.optional_text(name, longest=longest)
        if found is None:
            raise self.wrong(name)
        return found

    def optional_text(self, name: str, *, longest: int = LONGEST_TEXT) -> str | None:
        """A text, or None when it is absent, null or empty."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > 4 * longest:
            raise self.wrong(name)
        text = normal_text(value)
        if len(text) > longest or any(unicodedata.category(c) == "Cc" for c in text):
            raise self.wrong(name)
        return text or None

    def number_of(self, name: str) -> str:
        """An ID or certificate number: half width, upper case, without spaces."""
        return normal_id_number(self.text(name, longest=40))

    def optional_number_of(self, name: str) -> str | None:
        """An ID or certificate number, or None."""
        return normal_id_number(self.text(name, longest=40)) if self.optional_text(name) else None

    def code(self, name: str, allowed: Collection[str]) -> str:
        """One of the agreed codes."""
        value = self.values.get(name)
        if not isinstance(value, str) or value not in allowed:
            raise self.wrong(name)
        return value

    def matching(self, name: str, pattern: str) -> str:
        """A code of an agreed form."""
        found = self.optional_matching(name, pattern)
        if found is None:
            raise self.wrong(name)
        return found

    def optional_matching(self, name: str, pattern: str) -> str | None:
        """A code of an agreed form, or None when it is absent, null or empty."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise self.wrong(name)
        return value

    def yes_no(self, name: str) -> bool:
        """A JSON boolean; 0, 1 and "true" are not."""
        value = self.values.get(name)
        if not isinstance(value, bool):
            raise self.wrong(name)
        return value

    def optional_yes_no(self, name: str) -> bool | None:
        """True or false, or None when it is not there."""
        return None if self.values.get(name) is None else self.yes_no(name)

    def number(self, name: str, low: int, high: int) -> int:
        """A whole number within bounds, both included."""
        found = self.optional_number(name, low, high)
        if found is None:
            raise self.wrong(name)
        return found

    def optional_number(self, name: str, low: int, high: int) -> int | None:
        """A whole number within bounds, or None."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(name)
        return value

    def day(self, name: str) -> date:
        """A date as YYYY-MM-DD."""
        found = self.optional_day(name)
        if found is None:
            raise self.wrong(name)
        return found

    def optional_day(self, name: str) -> date | None:
        """A date as YYYY-MM-DD, or None."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise self.wrong(name)
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise self.wrong(name) from None
        if found.year < 1900:
            raise self.wrong(name)
        return found

    def moment(self, name: str) -> datetime:
        """A date and time with an offset; a time without one could be anybody's."""
        value = self.values.get(name)
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise self.wrong(name)
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            raise self.wrong(name) from None
        if not 1900 < found.year < 2200:
            raise self.wrong(name)
        return found

    def part(self, name: str) -> Reader:
        """An object inside this one."""
        found = self.optional_part(name)
        if found is None:
            raise self.wrong(name)
        return found

    def optional_part(self, name: str) -> Reader | None:
        """An object inside this one, or None."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(name)
        return Reader(value, f"{self.path}{name}.")

    def parts(self, name: str, *, most: int) -> Iterator[Reader]:
        """The objects of a list inside this one."""
        value = self.values.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(name)
        for position, item in enumerate(value):
            if not isinstance(item, dict):
                raise self.wrong(f"{name}.{position}")
            yield Reader(item, f"{self.path}{name}.{position}.")
