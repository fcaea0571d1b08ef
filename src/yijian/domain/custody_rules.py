"""保管规则: what a pack says about a paper part: which sheet, who keeps it, where it must go, when.

Values only; what follows from them for one certificate on one day is in `custody`.
"""

from dataclasses import dataclass
from enum import StrEnum

from yijian.domain.wording import Basis, Condition, Text


class Sheet(StrEnum):
    """联: the three numbered sheets of one birth certificate, printed as one page."""

    MAIN_PAGE = "main_page"
    COUNTERFOIL = "counterfoil"
    STUB = "stub"


class Place(StrEnum):
    """去处: what kind of place a sheet goes to."""

    ISSUER = "issuer"
    """It stays with the institution that issued it."""
    FAMILY = "family"
    ARCHIVE = "archive"
    """An archive outside the platform, which signs on paper."""
    OFFICE = "office"
    """The office of a kind that is nearest to the issuer."""
    TASK = "task"
    """The office that did another item for the same newborn."""


@dataclass(frozen=True, slots=True)
class Destination:
    """去向: where a sheet must go. `kind` for an office, `item` for the office of a task."""

    place: Place
    kind: str | None = None
    item: str | None = None


class Every(StrEnum):
    """周期: how often sheets of a kind leave the house."""

    ONCE = "once"
    MONTH = "month"
    QUARTER = "quarter"
    NEVER = "never"


LAST_DAY = 31
"""A month that is shorter ends on its own last day."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """移交时间: on which day of the month, or of a quarter's last month, sheets are handed over.

    `on_workday` moves the day back to the last working day on or before it. For `ONCE`, `workdays`
    is how many working days there are from the day the rule begins to hold; None sets no date.
    """

    every: Every
    day: int = LAST_DAY
    on_workday: bool = False
    workdays: int | None = None


@dataclass(frozen=True, slots=True)
class CustodyRule:
    """保管规则: where a paper part of the certificate is kept and must go.

    `when` says in which case, `mark` what is written on it, `cut` whether it is cut off (None:
    not said), `cut_after` the material that must have been scanned before anything is cut.
    `sheet`, `to` and `schedule` say for the ledger what the words say to people; a paper without
    a number of its own is no sheet.
    """

    part: str
    title: Text
    holder: Text
    goes_to: Text
    every: Text
    basis: Basis
    when: Condition | None = None
    mark: Text | None = None
    cut: bool | None = None
    sheet: Sheet | None = None
    to: Destination | None = None
    schedule: Schedule | None = None
    cut_after: str | None = None
