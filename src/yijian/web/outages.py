"""停办通告 in words: what pages of families and of staff show while something does not work."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import get_language, gettext

from yijian.actions import contexts, outages
from yijian.domain.cases import Task
from yijian.domain.clocks import SHANGHAI
from yijian.domain.states import UNDER_WAY
from yijian.domain.wording import Text
from yijian.records.outages import Outage


def _titled(title: Text) -> str:
    return title.in_language(get_language() or "zh") or title.zh


def _moment(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return gettext("%(month)s月%(day)s日 %(time)s") % {
        "month": local.month,
        "day": local.day,
        "time": f"{local:%H:%M}",
    }


def place_of(outage: Outage) -> str:
    """Where, and of which item."""
    where = gettext("全部")
    if outage.office:
        office = contexts.directory().office(outage.office)
        where = _titled(office.title) if office else outage.office
    elif outage.division:
        where = contexts.places().get(outage.division.ljust(6, "0"), outage.division)
    title = next(
        (_titled(p.items[outage.item].title) for p in contexts.packs() if outage.item in p.items),
        "",
    )
    return f"{where} {title}".strip()


def time_of(outage: Outage) -> str:
    """From when until when."""
    begins = _moment(outage.starts_at)
    if outage.ends_at is None:
        return gettext("%(begins)s起") % {"begins": begins}
    return gettext("%(begins)s到%(ends)s") % {
        "begins": begins,
        "ends": _moment(outage.ends_at),
    }


def sentence_of(outage: Outage, language: str | None = None) -> str:
    """The words in the reader's language; in Chinese where there are no others."""
    english = (language or get_language() or "").startswith("en")
    return outage.words_en if english and outage.words_en else outage.words_zh


def banners(*, now: datetime) -> list[dict[str, str]]:
    """What every page says: outages of the node and of places."""
    told = outages.shown(now=now)
    return _worded(o for o in told if not o.office)


def of_task(task: Task, *, now: datetime) -> list[str]:
    """What a family reads below an item that is under way at an office where something is out."""
    if task.state not in UNDER_WAY:
        return []
    return [
        f"{time_of(one)} {sentence_of(one)}"
        for one in outages.shown(now=now)
        if one.office and one.office == task.office and one.item in ("", task.item)
    ]


def _worded(told: Iterable[Outage]) -> list[dict[str, str]]:
    return [
        {"where": place_of(one), "time": time_of(one), "words": sentence_of(one)} for one in told
    ]
