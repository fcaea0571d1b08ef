"""月报: the reports of the last twelve months of the schemes that the visitor supervises."""

import re

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts, reports, training
from yijian.documents.making import make
from yijian.domain.policy import Pack
from yijian.domain.reports import Month, last_months
from yijian.records import access
from yijian.records.people import StaffRole
from yijian.web.applicant.values import language, worded
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.reasons import words_of

MONTHS = 12
MONTH = re.compile(r"\d{4}-\d\d", re.ASCII)
FIRST_YEAR = 2000
TYPES = {"pdf": "application/pdf", "ofd": "application/ofd"}
SYSTEM_REASONS = {
    "prerequisite_not_met": _("前面的事项没有办成"),
    "stopped_by": _("另一个事项没有办成，其余转窗口办理"),
    "switched_off": _("当地还没有开通"),
}


@desk_page("GET", roles=(StaffRole.SUPERVISOR,))
def overview(desk: Desk) -> HttpResponse:
    """The last twelve months of every scheme whose reports the visitor may have."""
    schemes = [
        {
            "title": worded(pack.service_title),
            "months": [_line(pack, month) for month in last_months(desk.now, MONTHS)],
        }
        for pack in reports.packs_supervised(by=desk.user)
    ]
    return desk.page("desk/reports.html", {"schemes": schemes}, current="reports")


def _line(pack: Pack, month: Month) -> dict[str, str]:
    return {
        "month": str(month),
        "pdf": reverse("desk_report", args=[pack.code, str(month), "pdf"]),
        "ofd": reverse("desk_report", args=[pack.code, str(month), "ofd"]),
    }


@desk_page("GET", roles=(StaffRole.SUPERVISOR,))
def report(desk: Desk, pack: str, month: str, form: str) -> HttpResponse:
    """The report of one month as a file; every question for one is in the access log."""
    asked = _month(month)
    if asked is None or form not in TYPES:
        raise access.Refused
    content = reports.monthly_report(
        by=desk.user,
        pack=pack,
        month=asked,
        worded=lambda item, code: _words(pack, item, code),
        language=language(),
        now=desk.now,
    )
    made = make(training.marked(content), fonts=settings.YIJIAN.fonts_dir)
    if form not in made.files:
        raise access.Refused
    response = HttpResponse(made.files[form], content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{content.number}.{form}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _month(text: str) -> Month | None:
    """The month written as 2026-10; None for what is none."""
    if MONTH.fullmatch(text) is None:
        return None
    month = Month(int(text[:4]), int(text[5:]))
    return month if FIRST_YEAR <= month.year and 1 <= month.number <= 12 else None


def _words(pack: str, item: str, code: str) -> str:
    """A reason in words; the same words for all that an office's own system calls its own way."""
    kind, _dash, place = code.partition("_")
    own = contexts.current_pack(pack).words.get(f"{kind}_{item}_{place}")
    known = SYSTEM_REASONS.get(code.partition(":")[0])
    return worded(own) or (str(known) if known else words_of(code)) or gettext("其他原因")
