"""核查账簿、证号与各联: whether books, stock, ledger and journal tell the same, and what does not.

Every book is a chain and is checked as one. The stock that the books tell is compared with the
rows number by number; the steps of every sheet are compared with the entries of its case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from yijian.actions import contexts
from yijian.actions.number_stock import issuing_kinds
from yijian.domain.custody_rules import Sheet
from yijian.domain.number_stock import NumberState, Stock, StockEventKind, replayed
from yijian.records import books, certificates, journal
from yijian.records import number_stock as rows

STOCK = "stock"
_KINDS = frozenset(StockEventKind)
Fault = tuple[str, str]
"""Where, and what is wrong."""


def book_faults() -> Iterator[Fault]:
    """What is wrong with the chain of every book."""
    for book in books.books():
        where = f"book {book.code}"
        for fault in journal.chain_faults(book.entries):
            yield where, fault
        if len(book.entries) != book.count:
            yield where, f"it counts {book.count} entries, its chain has {len(book.entries)}"


def stock_faults() -> Iterator[Fault]:
    """Where the rows of the stock differ from what the books tell."""
    told = [book for book in books.books() if book.code.partition(":")[0] == STOCK]
    lines = [(b.office, e.kind, e.event_body) for b in told for e in b.entries if e.kind in _KINDS]
    try:
        stock = replayed(lines)
    except (KeyError, ValueError) as unreadable:
        yield "stock", f"its books cannot be replayed: {unreadable!r}"
        return
    yield from _run_faults(stock)
    yield from _number_faults(stock)


def _run_faults(stock: Stock) -> Iterator[Fault]:
    kept = {run.id: run for run in rows.all_runs()}
    for identifier in sorted({*kept, *stock.runs}):
        there, told = kept.get(identifier), stock.runs.get(identifier)
        if there is None and told is not None:
            yield f"run {told.run}", "is told by a book and is not kept"
        elif there is not None and told is None:
            yield f"run {there.run}", f"lies with {there.holder} and no book tells of it"
        elif there is not None and told is not None and there != told:
            found = f"lies with {there.holder}, the books tell {told.holder}, {told.run}"
            yield f"run {there.run}", found


def _number_faults(stock: Stock) -> Iterator[Fault]:
    by_holder = rows.blanks_by_holder()
    told = stock.expected(_institutions(stock))
    there = {n: (holder, s) for holder, numbers in by_holder.items() for n, s in numbers.items()}
    issued = []
    for number in sorted({*told, *there}):
        where = f"number {number}"
        if number not in there:
            yield where, f"must lie at {told[number][0]} and is not kept"
            continue
        holder, state = there[number]
        if number not in told:
            yield where, f"lies at {holder} and no book tells of it"
            continue
        if holder != told[number][0]:
            yield where, f"lies at {holder}, the books tell {told[number][0]}"
        if state is NumberState.ISSUED and told[number][1] is NumberState.IN_STOCK:
            issued.append(number)
        elif state is not told[number][1]:
            yield where, f"is {state.value}, the books tell {told[number][1].value}"
    yield from _issued_faults(issued, there)


def _institutions(stock: Stock) -> frozenset[str]:
    """Who must have single numbers on a shelf, of those that the books tell of."""
    if not stock.runs:
        return frozenset()
    directory, kinds = contexts.directory(), issuing_kinds()
    known = {code: directory.office(code) for code in {run.holder for run in stock.runs.values()}}
    return frozenset(code for code, office in known.items() if office and office.kind in kinds)


def _issued_faults(
    issued: list[str], there: Mapping[str, tuple[str, NumberState]]
) -> Iterator[Fault]:
    """An issued number has its sheets, and a number with sheets is issued.

    The new paper of a replacement takes a number too; its sheets are not followed.
    """
    without_sheets = rows.numbers_without_sheets(issued)
    for number in sorted({*without_sheets} - certificates.of_later_versions(without_sheets)):
        yield f"number {number}", "was issued and the ledger has no sheet of it"
    free = [number for number, (_holder, state) in there.items() if state is not NumberState.ISSUED]
    without = set(rows.numbers_without_sheets(free))
    for number in free:
        if number not in without:
            state = there[number][1].value
            yield f"number {number}", f"is {state} and has {len(Sheet)} sheets in the ledger"
