"""证号库存页: an office's runs as bars, what is out of order first, and every change of the stock.

One address takes all changes: `do` says which. Whatever is refused comes back with what was typed.
"""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import number_stock as actions
from yijian.domain.number_stock import (
    Allotment,
    NumberState,
    StockCount,
    StockRefusedError,
    counted,
    next_free,
    runs,
)
from yijian.domain.numbers import certificate_number
from yijian.domain.routing import Office
from yijian.records import access, books
from yijian.records import number_stock as rows
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_moment, worded
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.paper_words import (
    BOOK_LINES,
    REASONS,
    place_words,
    refusal_words,
    runs_words,
    typed_numbers,
)

LOW = 50
"""Fewer numbers than that on a shelf, and the page says so."""
BAR = 1000
DRAWN = (
    (NumberState.ISSUED, "bar-issued"),
    (NumberState.VOID, "bar-void"),
    (NumberState.LOST, "bar-lost"),
)
DONE = {
    "take_in": _("号段已入库。"),
    "allot": _("号段已下拨，对方验收后生效。"),
    "accept": _("号段已验收入库。"),
    "void": _("已申请作废，等另一位库管员复核。"),
    "confirm": _("已作废。"),
    "withdraw": _("作废申请已撤回，编号可以继续使用。"),
    "lost": _("已登记遗失。"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One run as it is drawn: its parts as (class, start, width) of a thousand."""

    run: Allotment
    parts: tuple[tuple[str, float, float], ...]
    count: StockCount | None
    free: str
    left: int
    children: tuple[dict[str, object], ...] = ()

    def _of(self, state: NumberState) -> int:
        return self.count.of(state) if self.count else 0

    @property
    def stock(self) -> int:
        """How many are in stock."""
        return self._of(NumberState.IN_STOCK)

    @property
    def issued(self) -> int:
        """How many were issued."""
        return self._of(NumberState.ISSUED)

    @property
    def void(self) -> int:
        """How many are void."""
        return self._of(NumberState.VOID)

    @property
    def lost(self) -> int:
        """How many are lost."""
        return self._of(NumberState.LOST)


@desk_page("GET", "POST", roles=(StaffRole.STOCK,))
def stock(desk: Desk) -> HttpResponse:
    """The office's stock; POST changes it."""
    if desk.request.method == "POST":
        return _change(desk)
    return _page(desk)


def _page(desk: Desk, problem: str = "", status: int = 200) -> HttpResponse:
    office = _office(desk)
    held = rows.runs_of(office=office.code)
    below = actions.below(office)
    states = rows.states_of(office=office.code)
    bars = _bars(held, states)
    voids = rows.open_voids(office=office.code)
    gaps = [gap for bar in bars if bar.count for gap in bar.count.gaps]
    following = rows.next_number(office=office.code, task=None, now=desk.now)
    in_stock = sum(state is NumberState.IN_STOCK for state in states.values())
    allotting = next((bar for bar in bars if bar.free), None)
    return desk.page(
        "desk/stock.html",
        {
            "bars": bars,
            "institution": actions.holder_of(office).institution,
            "to_accept": [_waiting(run) for run in held if not run.accepted],
            "voids": [_void(desk, line) for line in voids],
            "gaps": runs_words(gaps),
            "next": following or "",
            "in_stock": in_stock,
            "low": bool(states) and in_stock < LOW,
            "allotting": allotting,
            "below": [(one.code, worded(one.title)) for one in below],
            "may_take_in": actions.may_take_in(office),
            "reasons": REASONS.items(),
            "lines": _book(office.code),
            "typed": desk.request.POST if problem else {},
            "problem": problem,
        },
        current="stock",
        status=status,
    )


def _office(desk: Desk) -> Office:
    if desk.office is None:
        raise access.Refused
    return desk.office


def _bars(held: Iterable[Allotment], states: Mapping[str, NumberState]) -> list[Bar]:
    accepted = [run for run in held if run.accepted]
    given = rows.runs_from(parents=[run.id for run in accepted])
    shelf = rows.in_stock_counts(offices={child.holder for child in given})
    bars = []
    for run in accepted:
        children = [child for child in given if child.parent == run.id]
        count = counted(run.run, states) if any(run.run.holds(n) for n in states) else None
        free = None if count else next_free(run, children)
        parts = _state_parts(run, states) if count else _child_parts(run, children)
        left = run.run.last - free + 1 if free is not None else 0
        number = certificate_number(run.run.prefix, free) if free is not None else ""
        told = tuple(_child(child, shelf) for child in children)
        bars.append(Bar(run, tuple(parts), count, number, left, told))
    return bars


def _part(run: Allotment, style: str, first: int, last: int) -> tuple[str, float, float]:
    scale = BAR / run.run.size
    return style, round((first - run.run.first) * scale, 2), round((last - first + 1) * scale, 2)


def _state_parts(
    run: Allotment, states: Mapping[str, NumberState]
) -> Iterable[tuple[str, float, float]]:
    for state, style in DRAWN:
        numbers = [n for n, s in states.items() if s is state and run.run.holds(n)]
        for part in runs(numbers):
            yield _part(run, style, part.first, part.last)


def _child_parts(
    run: Allotment, children: Iterable[Allotment]
) -> Iterable[tuple[str, float, float]]:
    for place, child in enumerate(children):
        style = "bar-waiting" if not child.accepted else ("bar-given", "bar-given-too")[place % 2]
        yield _part(run, style, child.run.first, child.run.last)


def _child(child: Allotment, shelf: Mapping[str, int]) -> dict[str, object]:
    left = shelf.get(child.holder)
    return {
        "office": place_words(child.holder),
        "run": str(child.run),
        "size": child.run.size,
        "accepted": child.accepted,
        "left": left,
        "low": left is not None and left < LOW,
    }


def _waiting(run: Allotment) -> dict[str, object]:
    return {"id": run.id, "run": str(run.run), "size": run.run.size}


def _void(desk: Desk, line: rows.VoidLine) -> dict[str, object]:
    return {
        "id": line.id,
        "numbers": gettext("、").join(line.numbers),
        "reason": REASONS[line.reason],
        "at": shown_moment(line.proposed_at),
        "own": line.proposed_by == desk.visitor.staff,
    }


def _book(office: str) -> list[dict[str, object]]:
    """The newest lines of the office's book, as sentences."""
    found: list[dict[str, object]] = []
    for entry in books.latest(book=rows.book_of(office), limit=8):
        body = entry.event_body
        numbers = body.get("numbers") or body.get("lost") or ()
        said = [str(body[name]) for name in ("first", "last") if name in body]
        if isinstance(numbers, list):
            said += [str(number) for number in numbers[:4]]
        to = place_words(str(body["to"])) if "to" in body else ""
        found.append(
            {
                "at": shown_moment(entry.at),
                "what": BOOK_LINES.get(entry.kind, entry.kind),
                "about": " ".join([*said, to]).strip(),
                "seq": entry.seq,
            }
        )
    return found


def _change(desk: Desk) -> HttpResponse:
    word = desk.request.POST.get("do", "")
    act = CHANGES.get(word)
    if act is None:
        return _page(desk, gettext("没有这个操作，什么也没有改变。"), 422)
    try:
        act(desk, desk.request.POST)
    except StockRefusedError as refusal:
        return _page(desk, refusal_words(refusal), 422)
    messages.success(desk.request, str(DONE[word]))
    return HttpResponseRedirect(reverse("desk_stock"))


def _take_in(desk: Desk, sent: Mapping[str, Any]) -> None:
    actions.take_in(
        by=desk.user, first=sent.get("first", ""), last=sent.get("last", ""), now=desk.now
    )


def _allot(desk: Desk, sent: Mapping[str, Any]) -> None:
    actions.allot(
        by=desk.user,
        parent=str(_id(sent.get("parent", ""))),
        to=sent.get("to", ""),
        first=sent.get("first", ""),
        last=sent.get("last", ""),
        now=desk.now,
    )


def _accept(desk: Desk, sent: Mapping[str, Any]) -> None:
    missing = typed_numbers(sent.get("missing", ""))
    actions.accept(by=desk.user, run=str(_id(sent.get("run", ""))), missing=missing, now=desk.now)


def _propose(desk: Desk, sent: Mapping[str, Any]) -> None:
    actions.propose_void(
        by=desk.user,
        numbers=typed_numbers(sent.get("numbers", "")),
        reason=sent.get("reason", ""),
        now=desk.now,
    )


def _settle(confirmed: bool) -> Callable[[Desk, Mapping[str, Any]], None]:
    def settle(desk: Desk, sent: Mapping[str, Any]) -> None:
        actions.settle_void(
            by=desk.user, request=_id(sent.get("void", "")), confirmed=confirmed, now=desk.now
        )

    return settle


def _lost(desk: Desk, sent: Mapping[str, Any]) -> None:
    actions.report_lost(by=desk.user, numbers=typed_numbers(sent.get("numbers", "")), now=desk.now)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise access.Refused from None


CHANGES: Mapping[str, Callable[[Desk, Mapping[str, Any]], None]] = {
    "take_in": _take_in,
    "allot": _allot,
    "accept": _accept,
    "void": _propose,
    "confirm": _settle(True),
    "withdraw": _settle(False),
    "lost": _lost,
}


@desk_page("GET", roles=(StaffRole.STOCK,))
def report(desk: Desk) -> HttpResponse:
    """断号报告 as CSV: every number that is void, lost or was passed over."""
    office = _office(desk)
    states = rows.states_of(office=office.code)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="stock-{office.code}.csv"'
    out = csv.writer(response)
    out.writerow([gettext("情况"), gettext("起号"), gettext("止号"), gettext("张数")])
    for bar in _bars(rows.runs_of(office=office.code), states):
        if bar.count is None:
            continue
        for words, found in (
            (gettext("断号"), bar.count.gaps),
            (gettext("作废"), bar.count.void),
            (gettext("遗失"), bar.count.lost),
        ):
            for run in found:
                out.writerow([words, run.first_number, run.last_number, run.size])
    return response
