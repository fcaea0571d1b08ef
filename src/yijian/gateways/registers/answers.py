"""核验: what a register is asked with and what its answer becomes: values by fact id, a receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from yijian.domain.cases import CheckState
from yijian.domain.facts import FAMILY
from yijian.domain.signing import canonical_json
from yijian.gateways.registers.reading import Reader, WrongShapeError

Triple = tuple[str, int, object]
"""A fact's id, its subject (0 the family, else the newborn's number) and its value."""

RESIDENT_CARD = "111"
"""The ID type of citizens; only they can have a household registration."""


class Poster(Protocol):
    """Whatever sends one question to a register and brings back the JSON object it answered."""

    def post(
        self, url: str, payload: object, *, headers: Mapping[str, str] | None = None
    ) -> dict[str, object]:
        """The answer. Errors: CallFailedError."""


@dataclass(frozen=True, slots=True)
class Person:
    """A parent as registers are asked about: name and document as far as they are known.

    `division` is where the household is registered, once a register has said so.
    """

    name: str
    id_type: str
    id_number: str
    division: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What is known before asking, and the lawful ground: purpose code and consent id.

    `father` is None while the delivery record is missing or names no father, `mother` while a
    father who came first has not been found married. `facts` are those that anybody needs; None
    means all. `named` asks for an answer only when name and number belong together, as other nodes
    require. `places` are the divisions that say who is to be asked.
    """

    mother: Person | None
    father: Person | None
    purpose: str
    consent: str
    facts: frozenset[str] | None = None
    named: bool = False
    places: Mapping[str, str] = field(default_factory=dict)

    def naming(self, person: Person) -> dict[str, str]:
        """The name that stands beside the number in the question; nothing where none is agreed."""
        return {"name": person.name} if self.named else {}

    def wants(self, fact: str) -> bool:
        """Whether anybody needs this fact."""
        return self.facts is None or fact in self.facts

    @property
    def numbers(self) -> frozenset[str]:
        """Every ID number in it, none of which may turn up in a receipt."""
        return frozenset(p.id_number for p in (self.mother, self.father) if p and p.id_number)


@dataclass(frozen=True, slots=True)
class Receipt:
    """核验回执: proof of one question; `digest` binds the exact answer.

    `provider` is the partner that gave it, empty for the node's own registers; `vain` says that it
    had nothing.
    """

    id: str
    service: str
    at: datetime
    source: str
    digest: str
    provider: str = ""
    vain: bool = False


@dataclass(frozen=True, slots=True)
class GivenCertificate:
    """取得的证照: one certificate of a parent as the library gave it, with its file when it has one.

    `content` are its values as they came, `digest` binds them, `receipt` the question.
    """

    type: str
    role: str
    receipt: str
    identifier: str
    digest: str
    content: Mapping[str, object] = field(repr=False)
    file: bytes | None = field(default=None, repr=False)
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a register said about a family.

    `newborns` is set by the delivery register alone. `reason` is a stable code for `failed` and
    `conflict`. What contradicts itself is not shown: a conflict says at most that it is one.
    """

    register: str
    state: CheckState
    values: tuple[Triple, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    newborns: int | None = None
    reason: str | None = None
    certificates: tuple[GivenCertificate, ...] = ()

    @property
    def receipt(self) -> str | None:
        """The ids of all receipts, or None when nothing was asked."""
        return " ".join(receipt.id for receipt in self.receipts) or None

    @property
    def source(self) -> str:
        """Which system answered, in its own words."""
        return self.receipts[0].source if self.receipts else self.register


def the_mother(query: Query) -> Person:
    """The mother, for registers that are asked about nobody else. Errors: ValueError."""
    if query.mother is None:
        raise ValueError("this register is asked with the mother's number")
    return query.mother


def family(values: dict[str, object]) -> tuple[Triple, ...]:
    """The values as facts of the family."""
    return tuple((fact, FAMILY, value) for fact, value in values.items())


def receipt_of(answer: Reader, query: Query) -> Receipt:
    """The receipt of one answer. It is journaled, so it may not carry a person's number."""
    given = answer.part("receipt")
    number = given.text("id", longest=64)
    if not number.isascii() or any(known in number for known in query.numbers):
        raise WrongShapeError("receipt.id")
    return Receipt(
        id=number,
        service=given.text("service", longest=64),
        at=given.moment("at"),
        source=given.text("source", longest=100),
        digest=hashlib.sha256(canonical_json(answer.values)).hexdigest(),
    )
