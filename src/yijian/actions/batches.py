"""Many decisions about many locked cases in one commit: each builds on what the last one made."""

from collections.abc import Iterable
from uuid import UUID

from yijian.actions.changes import Decided
from yijian.domain.cases import Case
from yijian.domain.events import Event, TaskKey
from yijian.domain.history import apply_all
from yijian.records import cases as case_records
from yijian.records.cases import Change
from yijian.records.identifiers import task_id
from yijian.records.mapping import LoadedCase


class Batch:
    """The locked cases of a batch as they become, decision by decision."""

    def __init__(self, loaded: Iterable[LoadedCase]) -> None:
        self._loaded = {case.id: case for case in loaded}
        self._cases = {id: case.case for id, case in self._loaded.items()}
        self._events: dict[UUID, list[Event]] = {}
        self._begun: dict[UUID, Change] = {}
        self._places: dict[UUID, tuple[UUID, TaskKey]] = {}
        for case_id, case in self._cases.items():
            self._place(case_id, case.tasks)

    def case(self, case_id: UUID) -> Case:
        """The case after everything decided so far. KeyError when it is not of the batch."""
        return self._cases[case_id]

    def find(self, case_id: UUID) -> Case | None:
        """The same, or None when the batch does not hold it."""
        return self._cases.get(case_id)

    def is_forgotten(self, case_id: UUID) -> bool:
        """Whether the case is held without the key to what it knew: nothing can be added to it."""
        loaded = self._loaded.get(case_id)
        return loaded is not None and loaded.key is None

    def of_task(self, identifier: UUID) -> LoadedCase | None:
        """The case that was loaded and has a task with this identifier by now; None without one."""
        found = self._places.get(identifier)
        return None if found is None else self._loaded.get(found[0])

    def place_of(self, identifier: UUID) -> tuple[UUID, TaskKey] | None:
        """The case and the place in it of a task with this identifier; None when none has it."""
        return self._places.get(identifier)

    def key_of(self, case_id: UUID, identifier: UUID) -> TaskKey:
        """The place in its case of a task with this identifier. KeyError when it has none."""
        return self._places[identifier][1]

    def begin(self, case: Case, first: list[Event]) -> None:
        """Let a case begin in this batch; it is written with everything else of it."""
        case_id = UUID(case.id)
        self._cases[case_id] = case
        self._begun[case_id] = Change(None, first, case)

    def add(self, case_id: UUID, events: list[Event]) -> None:
        """What was decided about one case."""
        self._cases[case_id] = apply_all(self._cases[case_id], events)
        self._events.setdefault(case_id, []).extend(events)
        self._place(case_id, [event.task for event in events if event.task is not None])

    def decided(self) -> list[Decided]:
        """Everything decided, one entry per case, for `changes.commit`.

        The cases that have begun are written first, all in one statement.
        """
        for made in case_records.save(self._begun.values()):
            self._loaded[made.id] = made
        self._begun.clear()
        return [Decided(self._loaded[id], events) for id, events in self._events.items()]

    def _place(self, case_id: UUID, keys: Iterable[TaskKey]) -> None:
        for key in keys:
            self._places[task_id(case_id, key)] = (case_id, key)
