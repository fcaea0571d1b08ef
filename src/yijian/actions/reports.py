"""月报: the report of one scheme for one month, for the supervisors of its offices.

It belongs to no case and is not kept: whoever may have it gets it made anew, and a month that is
over gives the same file every time. It bears the lead office's name and date and waits for its
stamp; sealing asks a platform outside, which no request may wait for.
"""

from datetime import datetime
from typing import Any

from yijian.actions import contexts
from yijian.actions.contexts import NoPackError
from yijian.domain.documents import Content
from yijian.domain.paperwork import report_of
from yijian.domain.policy import Pack
from yijian.domain.reports import Month, Worded, given_of, made_at
from yijian.domain.routing import Office
from yijian.domain.schemes import covers
from yijian.records import access, monthly, people

KIND = "monthly_report"
PURPOSE = "statistics"


def packs_supervised(*, by: Any) -> tuple[Pack, ...]:
    """The schemes of this node whose reports the user may have."""
    who = people.visitor(by)
    return tuple(
        pack
        for pack in contexts.offered()
        if KIND in pack.documents and access.supervises(who, pack.divisions)
    )


def monthly_report(
    *, by: Any, pack: str, month: Month, worded: Worded, language: str = "zh", now: datetime
) -> Content:
    """What the report of a scheme says about a month, or about the current one until now.

    `worded` gives the code of a reason its words. Errors: access.Refused for whoever does not
    supervise an office of the scheme, a scheme this node does not run, a month to come.
    """
    scheme = _scheme(pack)
    divisions = scheme.divisions if scheme else ()
    who = access.access_report(by=by, divisions=divisions, purpose=PURPOSE, now=now)
    if scheme is None or month.starts_at > now:
        raise access.Refused
    counts = monthly.counts(pack=pack, start=month.starts_at, until=month.ends_at)
    directory, places = contexts.directory(), contexts.places()
    given = given_of(
        counts,
        scheme,
        month,
        now,
        language,
        place="、".join(places.get(code, code) for code in scheme.divisions),
        offices={office.code: office.title for office in directory.offices},
        worded=worded,
    )
    lead = _lead(scheme, who.office or "")
    return report_of(
        KIND,
        scheme,
        given,
        made_at(month, now),
        language,
        number=f"{pack}-{month}",
        office=lead.title.in_language(language) if lead else "",
    )


def _scheme(code: str) -> Pack | None:
    try:
        pack = contexts.current_pack(code) if code else None
    except NoPackError:
        return None
    return pack if pack is not None and KIND in pack.documents else None


def _lead(pack: Pack, office: str) -> Office | None:
    """The office that leads the scheme: the one of the scheme's division that the asker is in."""
    directory = contexts.directory()
    asker = directory.office(office)
    own = (code for code in pack.divisions if asker and covers([code], asker.division))
    return directory.nearest(pack.lead_office_kind, next(own, ""))
