"""事实的来处: whether anything can ever make a fact known, and which item's office gives it."""

from collections.abc import Iterable

from yijian.domain.policy import FactKind
from yijian.packs.compiling import language_of
from yijian.packs.schema import DocumentSchema

INJECTED = frozenset(
    {
        "today",
        "chosen_items",
        "newborn_count",
        "applicant",
        "channel",
        "items_completed",
        "items_failed",
    }
)
"""What the core itself says about every case."""


class FactSources:
    """Where each fact of a document comes from; built once per check."""

    def __init__(self, model: DocumentSchema) -> None:
        self.fields = frozenset(
            fact for section in model.sections.values() for fact in section.fields
        )
        self.given_by: dict[str, str] = {}
        for code, item in model.items.items():
            for result in item.results.values():
                if result.fact is not None:
                    self.given_by[result.fact] = code
        words = language_of(model.facts)
        self.derived: dict[str, frozenset[str]] = {}
        for id_, fact in model.facts.items():
            if fact.derive is not None:
                self.derived[id_] = words.expression(fact.derive, FactKind(fact.kind)).needs
        registered = {id_ for id_, fact in model.facts.items() if fact.register_id is not None}
        self._first_hand = INJECTED | self.fields | self.given_by.keys() | registered

    def can_be_known(self, fact: str) -> bool:
        """Whether a register, the family, an office or a derivation can make it known."""
        if fact in self._first_hand:
            return True
        return fact in self.derived and all(self.can_be_known(need) for need in self.derived[fact])

    def with_origins(self, facts: Iterable[str]) -> frozenset[str]:
        """The facts and everything they are derived from."""
        found: set[str] = set()
        waiting = list(facts)
        while waiting:
            fact = waiting.pop()
            if fact not in found:
                found.add(fact)
                waiting.extend(self.derived.get(fact, ()))
        return frozenset(found)
