"""管辖: for which offices and places somebody acts, by where the directory has them."""

from collections.abc import Collection

from yijian.actions import contexts
from yijian.records import figures, offices
from yijian.records.figures import Scope
from yijian.records.people import StaffRole, Visitor


def scope_of(who: Visitor, roles: Collection[StaffRole] | None = None) -> Scope:
    """What somebody sees of the figures, and how far `roles` reach when something is done.

    At which kinds of office supervisors watch the own desk alone is what the packs say.
    """
    desk_kinds = {kind for pack in contexts.packs() for kind in pack.desk_kinds}
    return figures.scope_of(who, roles, desk_kinds=desk_kinds)


def reaches(
    who: Visitor, roles: Collection[StaffRole], *, office: str = "", division: str = ""
) -> bool:
    """Whether somebody acts in one of `roles` for an office, or for a place with all below it.

    Who runs the node reaches everything; a supervisor the own place and what lies below it.
    """
    if office:
        return office in reached(who, roles, [office])
    prefix = scope_of(who, roles).prefix
    return prefix is not None and division.startswith(prefix)


def reached(who: Visitor, roles: Collection[StaffRole], codes: Collection[str]) -> frozenset[str]:
    """Those of these offices for which somebody acts; one that has ended belongs to its place."""
    scope = scope_of(who, roles)
    if scope.prefix is None:
        return frozenset(code for code in codes if code and code == scope.office)
    return frozenset(
        code for code, place in offices.divisions(codes).items() if place.startswith(scope.prefix)
    )


def offices_of(scope: Scope) -> list[str] | None:
    """The codes of the offices within a scope, standing or ended; None for all of them."""
    if scope.prefix is None:
        return [scope.office] if scope.office else []
    return offices.below(scope.prefix) if scope.prefix else None
