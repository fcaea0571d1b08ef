"""Many decisions about many locked cases in one commit: each builds on what the last one made."""

from collections.abc import Iterable
from uuid import UUID

from yijian.actions.changes import Decided
from yijian.domain.cases import Case
from yijian.domain.events import Event
from yijian.domain.history import apply_all
from yijian.records.mapping import LoadedCase


class Batch:
    """The locked cases of a batch as they become, decision by decision."""

    def __init__(self, loaded: Iterable[LoadedCase]) -> None:
        self._loaded = {case.id: case for case in loaded}
        self._cases = {id: case.case for id, case in self._loaded.items()}
        self._events: dict[UUID, list[Event]] = {}

    def case(self, case_id: UUID) -> Case:
        """The case after everything decided so far. KeyError when it is not of the batch."""
        return self._cases[case_id]

    def add(self, case_id: UUID, events: list[Event]) -> None:
        """What was decided about one case."""
        self._cases[case_id] = apply_all(self._cases[case_id], events)
        self._events.setdefault(case_id, []).extend(events)

    def decided(self) -> list[Decided]:
        """Everything decided, one entry per case, for `changes.commit`."""
        return [Decided(self._loaded[id], events) for id, events in self._events.items()]
