"""词句与依据: sentences in two languages, the clause a value rests on, and compiled expressions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence for people: Chinese first, English second."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The sentence in `language` ("zh…" or anything else for English)."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Basis:
    """依据: the clause of the document that a value rests on."""

    document: str
    clause: str


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """An official document: number, issuers, date, outline of clauses, digest of its text."""

    id: str
    title: str
    number: str
    issuers: tuple[str, ...]
    issued_on: date
    clauses: Mapping[str, str]
    sha256: str


@dataclass(frozen=True, slots=True)
class Decision:
    """An open decision on a contradiction or gap of the documents."""

    id: str
    on: date
    question: Text
    decided: Text


class Expression(Protocol):
    """A policy expression over named facts, compiled by `yijian.packs`."""

    @property
    def source(self) -> str:
        """The expression as the pack writes it."""

    @property
    def needs(self) -> frozenset[str]:
        """The facts it looks at."""

    def value(self, facts: Mapping[str, object]) -> object | None:
        """The expression's value; None when a fact it needs is not known."""


class Condition(Protocol):
    """A policy condition over named facts, compiled by `yijian.packs`."""

    @property
    def source(self) -> str:
        """The condition as the pack writes it."""

    @property
    def needs(self) -> frozenset[str]:
        """The facts it looks at."""

    def holds(self, facts: Mapping[str, object]) -> bool | None:
        """True, False, or None when a fact it needs is not known."""
