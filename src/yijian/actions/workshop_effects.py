"""生效: on a version's day its offices reach the directory, and the log says that it counts.

Which version a family meets follows from the calendar alone (`records.pack_versions`); nothing
here has to run for that.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from yijian.actions import contexts
from yijian.actions.setup import merged
from yijian.actions.workshop_reading import packs_dir
from yijian.domain.clocks import local_day
from yijian.domain.routing import Office
from yijian.packs import overlay
from yijian.packs.offices import load_directory
from yijian.records import people, workshop

SYSTEM = "system"


def come_into_force(*, now: datetime) -> int:
    """Note every version whose day has come, with the offices it changed; how many there were."""
    waiting = workshop.into_force(on=local_day(now))
    for row in waiting:
        with transaction.atomic():
            workshop.lock_pack(code=row.code)
            if workshop.entries(draft=row.id, what="in_force"):
                continue
            changed = _changed_offices(row.code, row.based_on, row.files)
            people.put_offices(changed)
            workshop.note(
                actor=SYSTEM, what="in_force", code=row.code, version=row.version_published,
                draft=row.id, digest=row.digest, note=" ".join(one.code for one in changed)[:2000],
                now=now,
            )  # fmt: skip
    if waiting:
        contexts.forget()
    return len(waiting)


def _changed_offices(code: str, before: str, files: Mapping[str, str]) -> list[Office]:
    """Offices that are new in these files, or differ from those of the version before."""
    old_files = workshop.source_files(code=code, version=before)
    if old_files is None:
        return []
    old = {one.code: one for one in _offices(code, old_files)}
    return [one for one in _offices(code, files) if old.get(one.code) != one]


def _offices(code: str, files: Mapping[str, str]) -> list[Office]:
    with overlay.laid_over(packs_dir(), {code: files}) as folder:
        return merged(load_directory(folder, code).offices)
