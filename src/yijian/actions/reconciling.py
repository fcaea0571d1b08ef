"""对账: what an office's stock and policy expect of paper, beside what its ledger has."""

from datetime import date, datetime
from typing import Any

from yijian.actions.number_stock import keeper
from yijian.domain.clocks import end_of
from yijian.domain.custody_rules import Sheet
from yijian.domain.number_stock import NumberState
from yijian.domain.reconciling import Difference, ExpectedSheet, FoundSheet, differences
from yijian.records import custody as ledger
from yijian.records import number_stock as stock


def differences_of(*, by: Any, on: date, now: datetime) -> tuple[tuple[Difference, ...], int]:
    """Every sheet of the office that is not where it must be on a day, and how many there are.

    Numbers that left the shelf without a sheet in the ledger are missing with all three.
    Errors: access.Refused.
    """
    _who, office = keeper(by)
    lines = ledger.issued_by(office=office.code, until=end_of(on))
    expected = [
        ExpectedSheet(line.number, line.paper.sheet, line.issuer, line.plan.to, line.plan.due_on)
        for line in lines
    ]
    found = [
        FoundSheet(line.number, line.paper.sheet, line.paper.holder, line.paper.state)
        for line in lines
    ]
    states = stock.states_of(office=office.code)
    issued = [number for number, state in states.items() if state is NumberState.ISSUED]
    without = stock.numbers_without_sheets(issued)
    expected += [
        ExpectedSheet(number, sheet, office.code, office.code, None)
        for number in without
        for sheet in Sheet
    ]
    return differences(expected, found, on), len(expected)
