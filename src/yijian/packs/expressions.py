"""条件与表达式: CEL over typed facts, checked when a pack is loaded, three-valued when asked.

A fact that is not known is simply absent: `false && absent` is false, `true && absent` is unknown.
Results of the engine are values, not exceptions, so each one's type is looked at. What lives here
is the only code that knows which CEL engine is used.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from yijian.domain.clocks import SHANGHAI
from yijian.domain.policy import FactKind
from yijian.packs import functions
from yijian.packs.expression_complaints import Problem, problems_in, wrong_result
from yijian.packs.functions import midnight

Kinds = Mapping[str, FactKind]

_TYPES = {
    FactKind.TEXT: cel.Type.STRING,
    FactKind.NAME: cel.Type.STRING,
    FactKind.CODE: cel.Type.STRING,
    FactKind.NUMBER: cel.Type.INT,
    FactKind.YES_NO: cel.Type.BOOL,
    FactKind.DATE: cel.Type.TIMESTAMP,
    FactKind.MOMENT: cel.Type.TIMESTAMP,
    FactKind.CODES: cel.Type.List(cel.Type.STRING),
}
_STRINGS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
_NAMES = re.compile(r"(?<![\w.])([a-z_][a-z0-9_]*)\b(?!\s*\()")
_UNKNOWN = re.compile(r"\bunknown\(\s*([a-z][a-z0-9_]*)\s*\)")
_ABSENT = "No value with name"


_memory: ContextVar[dict[tuple[object, ...], Any] | None] = ContextVar("memory", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Inside, an expression asked twice about the same values is evaluated once.

    For tools that take one made-up family through a pack: nothing is kept afterwards, and a server,
    whose families are real, never remembers.
    """
    if _memory.get() is not None:
        yield
        return
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def _hashable(value: object) -> object:
    return tuple(value) if isinstance(value, list | set | frozenset) else value


class ExpressionError(ValueError):
    """An expression cannot be compiled; `problems` says why, by line and column within it."""

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        self.source = source
        self.problems = problems
        super().__init__("；".join(problem.sentence for problem in problems))


class EvaluationError(ArithmeticError):
    """An expression failed on known facts: a wrong policy or a fact of the wrong type."""


@dataclass(frozen=True, slots=True)
class CompiledExpression:
    """A compiled expression whose value has the type of `kind`; fills `wording.Expression`."""

    source: str
    needs: frozenset[str]
    kind: FactKind
    _sees_unknown: frozenset[str] = field(compare=False, repr=False)
    _readers: tuple[tuple[str, Callable[[object], object]], ...] = field(compare=False, repr=False)
    _program: Any = field(compare=False, repr=False)

    def value(self, facts: Mapping[str, object]) -> object | None:
        """The expression's value; None when a fact it needs is not known."""
        answer = self._answer(facts)
        return None if answer is None else _PLAIN[self.kind](answer)

    def _answer(self, facts: Mapping[str, object]) -> Any:
        memory = _memory.get()
        if memory is None:
            return self._evaluated(facts)
        key = (id(self), *(_hashable(facts.get(name)) for name in self.needs))
        if key not in memory:
            memory[key] = self._evaluated(facts)
        return memory[key]

    def _evaluated(self, facts: Mapping[str, object]) -> Any:
        data = {}
        for name, read in self._readers:
            value = facts.get(name)
            if value is not None:
                try:
                    data[name] = read(value)
                except (TypeError, ValueError) as error:
                    raise EvaluationError(f"{name}: {error}") from None
        for name in self._sees_unknown:
            data[f"unknown__{name}"] = facts.get(name) is None
        try:
            answer = self._program.eval(data=data)
        except RuntimeError as error:
            raise EvaluationError(f"{self.source}: {error}") from None
        if answer.type() == cel.Type.ERROR:
            said = str(answer.value())
            if _ABSENT in said:
                return None
            raise EvaluationError(f"{self.source}: {said}")
        return answer.plain_value()


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """A compiled condition; fills `wording.Condition`."""

    source: str
    needs: frozenset[str]
    _expression: CompiledExpression = field(compare=False, repr=False)

    def holds(self, facts: Mapping[str, object]) -> bool | None:
        """True, False, or None when a fact it needs is not known."""
        answer = self._expression._answer(facts)
        return None if answer is None else bool(answer)


class Language:
    """The typed language of one fact schema; compiling the same source twice costs once."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = dict(kinds)
        self._env = _environment(tuple(sorted((name, kind) for name, kind in kinds.items())))
        self._compiled: dict[tuple[str, FactKind], CompiledExpression] = {}

    def condition(self, source: str) -> CompiledCondition:
        """The condition `source`; ExpressionError unless it is well typed and yes or no."""
        expression = self.expression(source, FactKind.YES_NO)
        return CompiledCondition(source, expression.needs, expression)

    def expression(self, source: str, kind: FactKind) -> CompiledExpression:
        """The expression `source` of a value of `kind`; ExpressionError unless well typed."""
        found = self._compiled.get((source, kind))
        if found is None:
            found = self._compiled[(source, kind)] = self._compile(source, kind)
        return found

    def _compile(self, source: str, kind: FactKind) -> CompiledExpression:
        sees_unknown = frozenset(_UNKNOWN.findall(_without_strings(source)))
        rewritten = _rewritten(source)
        try:
            program = self._env.compile(rewritten)
        except RuntimeError as error:
            raise ExpressionError(source, problems_in(str(error), self._kinds)) from None
        result = program.return_type()
        if result != _TYPES[kind] and not (kind is FactKind.CODES and _is_list(result)):
            raise ExpressionError(source, (wrong_result(_TYPES[kind].name(), result.name()),))
        wrong = _wrong_dates(source)
        if wrong:
            raise ExpressionError(source, wrong)
        named = frozenset(_NAMES.findall(_without_strings(rewritten))) & self._kinds.keys()
        readers = tuple((name, _READERS[self._kinds[name]]) for name in sorted(named))
        return CompiledExpression(
            source, named | sees_unknown, kind, sees_unknown, readers, program
        )


@lru_cache(maxsize=32)
def language(kinds: tuple[tuple[str, FactKind], ...]) -> Language:
    """The language of a fact schema given as sorted pairs; made once per schema."""
    return Language(dict(kinds))


@lru_cache(maxsize=8)
def _environment(kinds: tuple[tuple[str, FactKind], ...]) -> Any:
    variables = {name: _TYPES[kind] for name, kind in kinds}
    variables |= {f"unknown__{name}": cel.Type.BOOL for name, _ in kinds}
    return cel.NewEnv(variables=variables, functions=_declarations())


def _declarations() -> list[Any]:
    moment, whole, text, yes_no = (
        cel.Type.TIMESTAMP,
        cel.Type.INT,
        cel.Type.STRING,
        cel.Type.BOOL,
    )
    signatures: dict[str, tuple[list[Any], Any]] = {
        "date": ([text], moment),
        "days_between": ([moment, moment], whole),
        "months_between": ([moment, moment], whole),
        "years_between": ([moment, moment], whole),
        "year_of": ([moment], whole),
        "add_days": ([moment, whole], moment),
        "add_months": ([moment, whole], moment),
        "id_valid": ([text], yes_no),
        "surname": ([text], text),
    }
    return [
        cel.FunctionDecl(
            name,
            [
                cel.Overload(
                    f"yijian_{name}",
                    return_type=result,
                    parameters=parameters,
                    impl=functions.FUNCTIONS[name],
                )
            ],
        )
        for name, (parameters, result) in signatures.items()
    ]


def _without_strings(source: str) -> str:
    return _STRINGS.sub(lambda found: " " * len(found.group()), source)


def _rewritten(source: str) -> str:
    """`unknown(fact)` as the variable that answers it, at the same place and length."""
    text = source
    for found in _UNKNOWN.finditer(_without_strings(source)):
        variable = f"unknown__{found.group(1)}".ljust(len(found.group()))
        text = text[: found.start()] + variable + text[found.end() :]
    return text


def _is_list(result: Any) -> bool:
    return str(result.name()) in ("LIST<STRING>", "LIST<DYN>")


def _wrong_dates(source: str) -> tuple[Problem, ...]:
    problems = []
    for found in re.finditer(r"\bdate\(\s*([\"'])(.*?)\1\s*\)", source):
        try:
            date.fromisoformat(found.group(2))
        except ValueError:
            line = source.count("\n", 0, found.start()) + 1
            column = found.start() - (source.rfind("\n", 0, found.start()) + 1) + 1
            problems.append(Problem(line, column, f"“{found.group(2)}”不是日期，写成 2024-06-07"))
    return tuple(problems)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"should be text, not {type(value).__name__}")
    return value


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"should be a whole number, not {type(value).__name__}")
    return value


def _yes_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"should be true or false, not {type(value).__name__}")
    return value


def _moment(value: object) -> datetime:
    if isinstance(value, str):
        value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value
    if isinstance(value, date):
        return midnight(value)
    raise TypeError(f"should be a date, not {type(value).__name__}")


def _day(value: object) -> datetime:
    """A date's midnight in Asia/Shanghai, whatever moment of that day was given."""
    moment = _moment(value)
    return midnight(moment.astimezone(SHANGHAI).date())


def _codes(value: object) -> list[str]:
    if not isinstance(value, list | tuple | set | frozenset):
        raise TypeError(f"should be a list of codes, not {type(value).__name__}")
    return [_text(code) for code in (value if isinstance(value, list | tuple) else sorted(value))]


_READERS: Mapping[FactKind, Callable[[object], object]] = {
    FactKind.TEXT: _text,
    FactKind.NAME: _text,
    FactKind.CODE: _text,
    FactKind.NUMBER: _number,
    FactKind.YES_NO: _yes_no,
    FactKind.DATE: _day,
    FactKind.MOMENT: _moment,
    FactKind.CODES: _codes,
}
_PLAIN: Mapping[FactKind, Callable[[Any], object]] = {
    FactKind.TEXT: str,
    FactKind.NAME: str,
    FactKind.CODE: str,
    FactKind.NUMBER: int,
    FactKind.YES_NO: bool,
    FactKind.DATE: lambda moment: moment.astimezone(SHANGHAI).date(),
    FactKind.MOMENT: lambda moment: moment.astimezone(SHANGHAI),
    FactKind.CODES: lambda codes: tuple(str(code) for code in codes),
}

__all__ = [
    "CompiledCondition",
    "CompiledExpression",
    "EvaluationError",
    "ExpressionError",
    "Language",
    "language",
    "remembering",
]
