"""管辖: for which offices and places somebody acts, by where the directory has them."""

from collections.abc import Collection

from yijian.records import figures, offices
from yijian.records.people import StaffRole, Visitor


def reaches(
    who: Visitor, roles: Collection[StaffRole], *, office: str = "", division: str = ""
) -> bool:
    """Whether somebody acts in one of `roles` for an office, or for a place with all below it.

    Who runs the node reaches everything; a supervisor the own place and what lies below it.
    """
    if office:
        return office in reached(who, roles, [office])
    prefix = figures.scope_of(who, roles).prefix
    return prefix is not None and division.startswith(prefix)


def reached(who: Visitor, roles: Collection[StaffRole], codes: Collection[str]) -> frozenset[str]:
    """Those of these offices for which somebody acts; one that has ended belongs to its place."""
    prefix = figures.scope_of(who, roles).prefix
    if prefix is None:
        return frozenset()
    return frozenset(
        code for code, place in offices.divisions(codes).items() if place.startswith(prefix)
    )
