"""An archive with one kept package, and those who work in it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User

from tests.actions.cast import Household, clerk
from tests.actions.test_tasks import issue
from tests.photographs import kept
from yijian.actions import contexts, packing
from yijian.ops import setting
from yijian.records import archive, journal
from yijian.records.archive import Package
from yijian.records.people import StaffRole


def archived(family: Household) -> Package:
    """The birth certificate's package of a family that has submitted."""
    return kept(("archived", family.number, family.now), lambda: _archived(family))


def _archived(family: Household) -> Package:
    issue(family)
    setting.set_documents()
    journal.seal_journal(now=family.now)
    packing.make_packages(now=family.now + timedelta(minutes=1))
    (package,) = archive.of_case(family.id)
    assert package.state == archive.KEPT, package.problem
    return package


def lead_office() -> str:
    """The office that leads the scheme in the province."""
    pack = contexts.packs()[0]
    (code,) = [
        office.code
        for office in contexts.directory().of_kind(pack.lead_office_kind)
        if office.division == pack.divisions[0]
    ]
    return code


def archivist(office: str = "") -> User:
    """周兰, who keeps the archive of the lead office, or of another one."""
    return clerk(office or lead_office(), StaffRole.ARCHIVIST)
