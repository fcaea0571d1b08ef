"""职责分离: which roles one person may not have together. The database refuses the same."""

from collections.abc import Iterable
from enum import StrEnum

from yijian.records.people import StaffRole

ADMINISTRATORS = frozenset(
    {StaffRole.SYSTEM_ADMIN, StaffRole.SECURITY_ADMIN, StaffRole.AUDIT_ADMIN}
)
"""三员: each is nothing else, and none of them sees a case."""
BESIDE_AUDITING = frozenset({StaffRole.AUDITOR, StaffRole.SUPERVISOR})
"""Whoever audits may see counts, and does nothing that is audited."""


class Clash(StrEnum):
    """冲突: why roles do not go together."""

    ADMINISTRATORS = "administrators"
    """Two of the three administrators in one person."""
    ADMINISTRATOR = "administrator"
    """An administrator with another role."""
    AUDITOR = "auditor"
    """An auditor who handles what is audited."""


def clashes(roles: Iterable[StaffRole]) -> tuple[Clash, ...]:
    """Everything that forbids these roles together; empty when they go together."""
    given = frozenset(roles)
    found = []
    administrating = given & ADMINISTRATORS
    if len(administrating) > 1:
        found.append(Clash.ADMINISTRATORS)
    if administrating and given - ADMINISTRATORS:
        found.append(Clash.ADMINISTRATOR)
    if StaffRole.AUDITOR in given and given - BESIDE_AUDITING - ADMINISTRATORS:
        found.append(Clash.AUDITOR)
    return tuple(found)
