"""纸面: what a family prints or keeps beside its documents: packet for the counter, a calendar."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.http import Http404, HttpResponse
from django.utils.translation import gettext

from yijian.domain.clocks import local_day
from yijian.domain.facts import FAMILY
from yijian.domain.handover import handover
from yijian.domain.insurance import last_day_for_birth_cover
from yijian.domain.plan import chosen_items, custody_of, make_plan
from yijian.domain.policy import Material, ServiceItem
from yijian.domain.routing import Office
from yijian.domain.states import TaskState
from yijian.domain.wording import Text
from yijian.web.applicant.checking import rows_of
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.progress import titled
from yijian.web.applicant.signing import case_address, counter_of
from yijian.web.applicant.summary import sections_of
from yijian.web.applicant.values import shown_moment, worded
from yijian.web.pages import show

CALENDAR_TYPE = "text/calendar; charset=utf-8"


@family_page("GET")
def packet(sitting: Sitting) -> HttpResponse:
    """窗口材料单: why, where to go, what to bring, and everything that is already filled in."""
    case, context = sitting.case, sitting.context
    submitted = case.submitted_at is not None
    failed = () if submitted else context.judge(case, sitting.now).failed
    places = list(_handed_over(sitting)) if submitted else list(_everything(sitting))
    return show(
        sitting.request,
        "applicant/packet.html",
        {
            "number": sitting.number,
            "service": worded(context.pack.service_title),
            "failed": rows_of(failed, context),
            "places": places,
            "done": list(_done(sitting)) if submitted else [],
            "sheets": list(_sheets(sitting)) if submitted else [],
            "sections": sections_of(sitting),
            "counter": counter_of(context),
            "printed_at": shown_moment(sitting.now),
        },
    )


def _everything(sitting: Sitting) -> Iterator[dict[str, object]]:
    """Every chosen item, for a family that cannot go on online at all."""
    case, context = sitting.case, sitting.context
    values = context.filled(case, FAMILY, sitting.now)
    for item in chosen_items(context, case):
        if item.way_offline is not None:
            office = context.directory.route(item, values)
            yield _place(worded(item.title), "", item.way_offline, office, item.materials)


def _handed_over(sitting: Sitting) -> Iterator[dict[str, object]]:
    """What was not done online after submission, each with its reason."""
    case, context = sitting.case, sitting.context
    for one in handover(case, context, sitting.now).items:
        title = titled(case, one.item, case.tasks[one.item.code, one.newborn])
        yield _place(title, worded(one.why), one.way, one.office, one.bring)


def _place(
    title: str,
    why: str,
    way: Text | None,
    office: Office | None,
    bring: Iterable[Material],
) -> dict[str, object]:
    return {
        "title": title,
        "why": why,
        "way": worded(way),
        "office": worded(office.title) if office else "",
        "phone": office.phone if office else "",
        "address": office.address if office else "",
        "bring": [worded(material.title) for material in bring],
    }


def _done(sitting: Sitting) -> Iterator[str]:
    """What is done already stays done."""
    for task in sitting.case.tasks.values():
        if task.state is TaskState.COMPLETED:
            item = sitting.context.pack.items[task.item]
            yield titled(sitting.case, item, task)


def _sheets(sitting: Sitting) -> Iterator[str]:
    """Where each paper part of the certificate goes, as things stand, each said once."""
    if not any(_done(sitting)):
        return
    case, context = sitting.case, sitting.context
    said = (
        gettext("%(part)s：%(place)s（%(when)s）")
        % {"part": worded(rule.title), "place": worded(rule.goes_to), "when": worded(rule.every)}
        for newborn in range(1, case.newborns + 1)
        for rule in custody_of(context, case, newborn, sitting.now)
    )
    yield from dict.fromkeys(said)


@family_page("GET")
def deadlines(sitting: Sitting) -> HttpResponse:
    """The family's own dates as a calendar file; no name and no number is in it."""
    if sitting.case.submitted_at is None:
        raise Http404
    response = HttpResponse(_calendar(sitting), content_type=CALENDAR_TYPE)
    response["Content-Disposition"] = 'attachment; filename="yijian.ics"'
    return response


def _calendar(sitting: Sitting) -> str:
    stamp = sitting.now.strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//yijian//case//ZH", "CALSCALE:GREGORIAN"]
    for index, (day, title) in enumerate(_dates(sitting)):
        lines += [
            "BEGIN:VEVENT",
            f"UID:{sitting.case.id}-{index}@yijian",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(title)}",
            f"URL:{case_address(sitting.number)}",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_escaped(title)}",
            "TRIGGER:-P3D",
            "END:VALARM",
            "END:VEVENT",
        ]
    return "\r\n".join([*(_folded(line) for line in lines), "END:VCALENDAR", ""])


def _dates(sitting: Sitting) -> list[tuple[date, str]]:
    """What this family should not miss: the premium, and each item's promised day."""
    case, context = sitting.case, sitting.context
    found: list[tuple[date, str]] = []
    rule = context.pack.insurance
    pays = any(
        any(a.kind == "pay" for a in item.asks) and _is_open(sitting, item)
        for item in chosen_items(context, case)
    )
    if rule is not None and pays:
        for newborn in range(1, max(case.newborns, 1) + 1):
            born = context.filled(case, newborn, sitting.now).get("newborn_born_at")
            if isinstance(born, datetime):
                last = last_day_for_birth_cover(rule, local_day(born))
                found.append((last, gettext("宝宝医保缴费的最后一天（从出生起享受）")))
    for planned in make_plan(context, case, sitting.now):
        task = case.tasks.get(planned.key)
        if task is not None and task.due_at is not None and not task.ended:
            last = local_day(task.due_at - timedelta(microseconds=1))
            title = worded(planned.item.title)
            found.append((last, gettext("%(item)s应办结") % {"item": title}))
    return sorted(dict.fromkeys(found))


def _is_open(sitting: Sitting, item: ServiceItem) -> bool:
    return any(not task.ended for task in sitting.case.tasks_of(item.code))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of a calendar file hold at most 75 bytes; the rest follows after a space."""
    pieces: list[str] = []
    piece = ""
    for character in line:
        if len((piece + character).encode()) > 73:
            pieces.append(piece)
            piece = ""
        piece += character
    return "\r\n ".join([*pieces, piece])
