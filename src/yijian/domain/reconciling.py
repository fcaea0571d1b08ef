"""对账: every sheet by its number: where policy says it must be, and where the ledger has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from yijian.domain.custody import FAMILY, SheetState
from yijian.domain.custody_rules import Sheet

Name = tuple[str, Sheet]
"""A sheet's name: the certificate's number and which sheet it is."""


class DifferenceKind(StrEnum):
    """差异: how a sheet is not where it must be."""

    MISSING = "missing"
    OVERDUE = "overdue"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class ExpectedSheet:
    """应在: a sheet that must exist. It stays with `issuer`, or goes `to` somebody by `due_on`."""

    number: str
    sheet: Sheet
    issuer: str
    to: str | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class FoundSheet:
    """实在: a sheet that the ledger has, or that was counted on a shelf."""

    number: str
    sheet: Sheet
    holder: str
    state: SheetState


@dataclass(frozen=True, slots=True)
class Difference:
    """一处差异, with where the sheet must be and where it is; None: nowhere."""

    number: str
    sheet: Sheet
    kind: DifferenceKind
    must_be: str | None
    is_at: str | None
    state: SheetState | None = None
    due_on: date | None = None


def differences(
    expected: Iterable[ExpectedSheet], found: Iterable[FoundSheet], on: date
) -> tuple[Difference, ...]:
    """Every sheet that is not where it must be at the end of the day `on`: missing ones first.

    A sheet on its way to where it must go is no difference. A sheet that a rule keeps with the
    issuer, or that no rule holds for yet, must be with the issuer.
    """
    wanted = {(one.number, one.sheet): one for one in expected}
    there = {(one.number, one.sheet): one for one in found}
    named = [_difference(wanted.get(name), there.get(name), on) for name in {*wanted, *there}]
    order = list(DifferenceKind)
    return tuple(
        sorted(
            (one for one in named if one is not None),
            key=lambda one: (order.index(one.kind), one.number, one.sheet),
        )
    )


def _difference(
    wanted: ExpectedSheet | None, there: FoundSheet | None, on: date
) -> Difference | None:
    if wanted is None:
        assert there is not None
        return Difference(
            there.number, there.sheet, DifferenceKind.UNEXPECTED, None, there.holder, there.state
        )
    due = wanted.to is not None and wanted.due_on is not None and wanted.due_on <= on
    must_be = wanted.to if due else wanted.issuer
    kind = _kind(wanted, there, due)
    if kind is None:
        return None
    return Difference(
        wanted.number,
        wanted.sheet,
        kind,
        must_be,
        there.holder if there else None,
        there.state if there else None,
        wanted.due_on,
    )


def _kind(wanted: ExpectedSheet, there: FoundSheet | None, due: bool) -> DifferenceKind | None:
    if there is None or there.state in (SheetState.MISSING, SheetState.LOST):
        return DifferenceKind.MISSING
    if there.holder not in (wanted.issuer, wanted.to):
        return DifferenceKind.UNEXPECTED
    if there.holder == FAMILY and wanted.to != FAMILY:
        return DifferenceKind.UNEXPECTED
    if due and there.holder != wanted.to and there.state is not SheetState.ON_THE_WAY:
        return DifferenceKind.OVERDUE
    return None
