"""转来的办件 of a parent: which cases of other nodes this visitor stands in as a person of the event.

Only the list needs them: their pages are at the node they came from.
"""

from typing import Any

from yijian.actions import contexts
from yijian.domain.cases import Case
from yijian.domain.facts import FAMILY
from yijian.records import cases as case_records
from yijian.records import people, received_cases


def cases_of(*, by: Any) -> list[Case]:
    """The received cases of this user, newest first; nothing but a read for everybody else."""
    identity = people.identity_of(by)
    found = received_cases.found_by(identity.id_number) if identity else []
    if identity is None or not found:
        return []
    loaded = {one.id: one.case for one in case_records.read(ids=found)}
    return [
        loaded[case_id]
        for case_id in found
        if case_id in loaded and _stands_in(loaded[case_id], identity.id_number)
    ]


def _stands_in(case: Case, id_number: str) -> bool:
    """Whether the number is that of a person of the event, and not of the child."""
    for role in contexts.context_of(case).pack.roles:
        place = (f"{role}_id_number", FAMILY)
        known = case.verified.get(place) or case.answers.get(place)
        if known is not None and str(known.value).upper() == id_number.upper():
            return True
    return False
