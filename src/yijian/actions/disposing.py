"""处置: destroying a package whose retention is over takes two archivists and leaves its trace.

What stays for ever: that there was a package, its number and digests, who proposed, who decided.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from yijian.actions.transferring import fonds_of
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.records import archive, archive_disposals, reading_room
from yijian.records.access import Refused
from yijian.records.archive import Package
from yijian.records.people import Visitor


def propose(*, by: Any, package_id: UUID, reason: str, now: datetime) -> None:
    """Propose that a package be destroyed.

    Errors: Refused; RefusedError `no_reason`, `not_due` while its time is not over.
    """
    who = reading_room.archivist(by)
    _own(who, archive.one(package_id))
    if not reason:
        raise RefusedError("no_reason")
    if not archive_disposals.propose(
        package_id=package_id, reason=reason, by=who.staff or "", on=today(now), now=now
    ):
        raise RefusedError("not_due")


def decide(*, by: Any, disposal_id: UUID, verdict: str, now: datetime) -> None:
    """Destroy what another archivist proposed, or keep it on.

    Errors: Refused; RefusedError `same_person`.
    """
    who = reading_room.archivist(by)
    found = archive_disposals.one(disposal_id)
    _own(who, found.package if found else None)
    if not archive_disposals.decide(
        disposal_id=disposal_id, verdict=verdict, by=who.staff or "", now=now
    ):
        raise RefusedError("same_person")


def _own(who: Visitor, package: Package | None) -> None:
    fonds = fonds_of(who)
    if package is None or (fonds is not None and package.fonds not in fonds):
        raise Refused


def today(now: datetime) -> date:
    """The local day."""
    return local_day(now)
