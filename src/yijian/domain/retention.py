"""保管期限: how long what an item has left behind is kept, and what says so."""

from dataclasses import dataclass
from datetime import date

from yijian.domain.wording import Basis


@dataclass(frozen=True, slots=True)
class Retention:
    """保管期限: `years` counted from the first day of the year after the end; None for ever.

    It rests on a clause, or on a decision where no document says anything.
    """

    years: int | None
    basis: Basis | None = None
    decision: str | None = None

    @property
    def code(self) -> str:
        """The code in archive numbers.

        >>> Retention(30).code, Retention(None).code
        ('D30', 'Y')
        """
        return "Y" if self.years is None else f"D{self.years}"

    @property
    def title(self) -> str:
        """The words for people."""
        return "永久" if self.years is None else f"{self.years}年"

    @property
    def ground(self) -> str:
        """The clause or the decision it rests on."""
        if self.basis is not None:
            return f"{self.basis.document} {self.basis.clause}"
        return f"决定 {self.decision}" if self.decision else "未定期限，按永久保管"

    def until(self, ended_on: date) -> date | None:
        """The first day on which it need not be kept any longer; None: there is none.

        >>> Retention(10).until(date(2026, 11, 21))
        datetime.date(2037, 1, 1)
        """
        return None if self.years is None else date(ended_on.year + 1 + self.years, 1, 1)


FOR_EVER = Retention(None)
"""What is kept of an item whose policy does not say how long: nothing is lost by not knowing."""
