"""Many decisions about many locked cases in one commit: each builds on what the last one made."""

from collections.abc import Iterable
from uuid import UUID

from yijian.actions.changes import Decided
from yijian.domain.cases import Case
from yijian.domain.events import Event, TaskKey
from yijian.domain.history import apply_all
from yijian.records.identifiers import task_id
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

    def find(self, case_id: UUID) -> Case | None:
        """The same, or None when the batch does not hold it."""
        return self._cases.get(case_id)

    def loaded(self, case_id: UUID) -> LoadedCase | None:
        """The case as it was loaded; None when the batch does not hold it."""
        return self._loaded.get(case_id)

    def of_task(self, identifier: UUID) -> LoadedCase | None:
        """The case that has a task with this identifier by now; None when none has."""
        for case_id, case in self._cases.items():
            if any(task_id(case_id, key) == identifier for key in case.tasks):
                return self._loaded[case_id]
        return None

    def key_of(self, case_id: UUID, identifier: UUID) -> TaskKey:
        """The place in its case of a task with this identifier. KeyError when it has none."""
        for key in self._cases[case_id].tasks:
            if task_id(case_id, key) == identifier:
                return key
        raise KeyError(str(identifier))

    def admit(self, loaded: LoadedCase) -> None:
        """Take in a case that has begun in this very batch."""
        self._loaded[loaded.id] = loaded
        self._cases[loaded.id] = loaded.case

    def add(self, case_id: UUID, events: list[Event]) -> None:
        """What was decided about one case."""
        self._cases[case_id] = apply_all(self._cases[case_id], events)
        self._events.setdefault(case_id, []).extend(events)

    def decided(self) -> list[Decided]:
        """Everything decided, one entry per case, for `changes.commit`."""
        return [Decided(self._loaded[id], events) for id, events in self._events.items()]
