"""生效: on a version's day its offices reach the directory, and the log says that it counts.

Which version a family meets follows from the calendar alone (`records.pack_versions`); nothing
here has to run for that.
"""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from psycopg_pool import PoolTimeout

from yijian.actions import contexts
from yijian.actions.setup import merged
from yijian.actions.workshop_reading import packs_dir
from yijian.domain.clocks import local_day
from yijian.domain.routing import Office
from yijian.packs import overlay
from yijian.packs.offices import load_directory
from yijian.records import people, workshop
from yijian.records.models import PackDraft
from yijian.records.workshop import NOT_TAKEN_IN

SYSTEM = "system"
_log = logging.getLogger(__name__)


def come_into_force(*, now: datetime) -> int:
    """Note every version whose day has come, with the offices it changed; how many there were.

    One that cannot be taken in stops no other: it is said once in the log, stands on the page of
    packs, and is tried again.
    """
    done = 0
    for row in workshop.into_force(on=local_day(now)):
        try:
            done += _take_in(row, now)
        except (OperationalError, InterfaceError, PoolTimeout):
            raise
        except Exception as error:
            _not_taken_in(row, error, now)
    if done:
        contexts.forget()
    return done


def _take_in(row: PackDraft, now: datetime) -> bool:
    with transaction.atomic():
        workshop.lock_pack(code=row.code)
        if workshop.entries(draft=row.id, what="in_force"):
            return False
        changed = changed_offices(row.code, row.based_on, row.files)
        people.put_offices(changed)
        _note(row, "in_force", " ".join(one.code for one in changed), now)
    return True


def _not_taken_in(row: PackDraft, error: Exception, now: datetime) -> None:
    _log.error(
        "version %s of %s is in force, but its offices cannot be taken in",
        row.version_published, row.code, exc_info=error,
    )  # fmt: skip
    with transaction.atomic():
        workshop.lock_pack(code=row.code)
        if not workshop.entries(draft=row.id, what=NOT_TAKEN_IN):
            _note(row, NOT_TAKEN_IN, f"{type(error).__name__}: {error}", now)


def _note(row: PackDraft, what: str, note: str, now: datetime) -> None:
    workshop.note(
        actor=SYSTEM, what=what, code=row.code, version=row.version_published, draft=row.id,
        digest=row.digest, note=note[:2000], now=now,
    )  # fmt: skip


def changed_offices(code: str, before: str, files: Mapping[str, str]) -> list[Office]:
    """Offices that are new in these files, or differ from those of the version before."""
    old_files = workshop.source_files(code=code, version=before)
    if old_files is None:
        return []
    old = {one.code: one for one in _offices(code, old_files)}
    return [one for one in _offices(code, files) if old.get(one.code) != one]


def _offices(code: str, files: Mapping[str, str]) -> list[Office]:
    with overlay.laid_over(packs_dir(), {code: files}) as folder:
        return merged(load_directory(folder, code).offices)
