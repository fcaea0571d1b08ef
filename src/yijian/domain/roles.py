"""角色: the persons of a life event, who comes when, and who signs in which order."""

from dataclasses import dataclass

from yijian.domain.wording import Basis, Condition, Text


@dataclass(frozen=True, slots=True)
class Role:
    """角色: a person of this life event; the facts about it are `<role>_name` and so on.

    `sex` is the code that such a person has; None when it may be anybody.
    """

    id: str
    title: Text
    short: Text
    sex: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """到场: a role that must have logged in and agreed before the form opens, and after whom."""

    role: str
    live_check: bool
    after: tuple[str, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class SigningStep:
    """Who signs, whether a live-person check comes first, and which step must come before.

    `when` says in which case the step is needed; None in every case.
    """

    role: str
    live_check: bool
    after: tuple[str, ...]
    text: Text
    basis: Basis
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the facts of scope `newborn` are about: the word for one, and the fact that names it."""

    title: Text
    name: str | None = None
