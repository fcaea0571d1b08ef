"""对账页: on one day, every sheet the office issued that is not where it must be, by number."""

import csv
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext

from yijian.actions import reconciling
from yijian.domain.clocks import local_day
from yijian.domain.reconciling import Difference, DifferenceKind
from yijian.records import access
from yijian.records import custody as rows
from yijian.records.people import StaffRole
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.paper_words import DIFFERENCES, SHEETS, STATES, place_words

MOST_SHOWN = 500


@desk_page("GET", roles=(StaffRole.STOCK,))
def reconciliation(desk: Desk) -> HttpResponse:
    """Differences first; nothing else is on the page but how much was looked at."""
    on = _day(desk)
    found, looked_at = _differences(desk, on)
    kinds = [
        (DIFFERENCES[kind][0], DIFFERENCES[kind][1], sum(one.kind is kind for one in found))
        for kind in DifferenceKind
    ]
    return desk.page(
        "desk/reconciliation.html",
        {
            "on": on.isoformat(),
            "kinds": [kind for kind in kinds if kind[2]],
            "looked_at": looked_at,
            "rows": [_row(one) for one in found[:MOST_SHOWN]],
            "more": max(0, len(found) - MOST_SHOWN),
            "csv": urlencode({"on": on.isoformat()}),
        },
        current="papers",
    )


@desk_page("GET", roles=(StaffRole.STOCK,))
def as_csv(desk: Desk) -> HttpResponse:
    """The same differences, all of them, for a spreadsheet."""
    on = _day(desk)
    found, _looked_at = _differences(desk, on)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    name = f"reconciliation-{desk.visitor.office}-{on.isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    out = csv.writer(response)
    out.writerow(
        [
            gettext("证号"), gettext("联"), gettext("差异"), gettext("应在"), gettext("实在"),
            gettext("状态"), gettext("最晚"),
        ]
    )  # fmt: skip
    for one in found:
        row = _row(one)
        out.writerow(
            [row[name] for name in ("number", "sheet", "kind", "must", "is", "state", "due")]
        )
    return response


def _day(desk: Desk) -> date:
    """The day asked for, never later than today."""
    today = local_day(desk.now)
    try:
        return min(date.fromisoformat(desk.request.GET.get("on", "")), today)
    except ValueError:
        return today


def _differences(desk: Desk, on: date) -> tuple[tuple[Difference, ...], int]:
    access.note_read(by=desk.user, what="papers", case_id=None, purpose=rows.PURPOSE, now=desk.now)
    now: datetime = desk.now
    return reconciling.differences_of(by=desk.user, on=on, now=now)


def _row(one: Difference) -> dict[str, Any]:
    words, tone = DIFFERENCES[one.kind]
    return {
        "number": one.number,
        "sheet": str(SHEETS[one.sheet]),
        "kind": str(words),
        "tone": tone,
        "must": place_words(one.must_be) if one.must_be else gettext("不应有"),
        "is": place_words(one.is_at) if one.is_at else gettext("台账里没有"),
        "state": str(STATES[one.state][0]) if one.state else "",
        "due": one.due_on.isoformat() if one.due_on else "",
    }
