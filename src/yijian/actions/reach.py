"""管辖: for which offices and places somebody acts, by where the directory has them now."""

from collections.abc import Collection

from yijian.actions import contexts
from yijian.records import figures
from yijian.records.people import StaffRole, Visitor


def reaches(
    who: Visitor, roles: Collection[StaffRole], *, office: str = "", division: str = ""
) -> bool:
    """Whether somebody acts in one of `roles` for an office, or for a place with all below it.

    Who runs the node reaches everything; a supervisor the own place and what lies below it.
    """
    prefix = figures.scope_of(who, roles).prefix
    if not prefix:
        return prefix == ""
    if office:
        found = contexts.directory().office(office)
        return found is not None and found.division.startswith(prefix)
    return division.startswith(prefix)
