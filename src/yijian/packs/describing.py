"""格式文档: the reference of every key of a pack, written from the models that check it."""

import types
import typing
from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import BaseModel

from yijian.packs.families.schema import FamilySchema
from yijian.packs.reading import COLLECTIONS, FILES, OFFICES
from yijian.packs.schema import DocumentSchema, OfficesSchema

_WORDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    date: "date",
    type(None): "null",
}


def reference() -> str:
    """The reference as Markdown, the same for the same models."""
    lines = [
        "# Every key of a pack",
        "",
        "Written by `yijian packs schema` from the models that check packs;",
        "a test keeps it current.",
        "What the keys mean together is in [packs.md](packs.md) and [families.md](families.md).",
        "",
        "`{id: X}` is a mapping of ids to X. A key without “needed” may be left out.",
    ]
    described: dict[type[BaseModel], None] = {}
    for file, keys in _files():
        lines += ["", f"## {file}", "", "| key | holds |", "|---|---|"]
        for key, annotation in keys:
            lines.append(f"| `{key}` | {_holds(annotation)} |")
            described.update(dict.fromkeys(_models_in(annotation)))
    waiting = list(described)
    seen: dict[type[BaseModel], None] = {}
    while waiting:
        model = waiting.pop(0)
        if model not in seen:
            seen[model] = None
            waiting.extend(m for field in model.model_fields.values() for m in _models(field))
    for model in sorted(seen, key=lambda model: model.__name__):
        lines += _section(model)
    return "\n".join([*lines, ""])


def _files() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    fields = DocumentSchema.model_fields
    for file, name in COLLECTIONS.items():
        yield file, [(name if name == "pack" else "(the whole file)", fields[name].annotation)]
    for file, names in FILES.items():
        yield file, [(n, fields[n].annotation) for n in names if n in fields]
    yield (
        OFFICES,
        [(name, field.annotation) for name, field in OfficesSchema.model_fields.items()],
    )
    yield "examples/*.yaml", [("(the whole file)", FamilySchema)]


def _section(model: type[BaseModel]) -> Iterator[str]:
    yield from ("", f"### {_name(model)}", "", _paragraph(model), "")
    yield from ("| key | holds | |", "|---|---|---|")
    for name, field in model.model_fields.items():
        needed = "needed" if field.is_required() else _otherwise(field.default)
        key = field.alias or name
        yield f"| `{key}` | {_holds(field.annotation, field.metadata)} | {needed} |"


def _paragraph(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split()).replace("|", "\\|")


def _otherwise(value: Any) -> str:
    if value is None or value == [] or value == {} or isinstance(value, BaseModel | list):
        return ""
    said = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    return f"left out: `{said}`"


def _name(model: type[BaseModel]) -> str:
    return model.__name__.removesuffix("Schema")


def _models(field: Any) -> Iterator[type[BaseModel]]:
    yield from _models_in(field.annotation)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models_in(argument)


def _holds(annotation: Any, metadata: Any = ()) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _holds(arguments[0], arguments[1:])
    if origin is typing.Literal:
        return " / ".join(f"`{value}`" for value in arguments)
    if origin is list:
        return f"list of {_holds(arguments[0])}"
    if origin is dict:
        return f"{{id: {_holds(arguments[1])}}}"
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_holds(each) for each in arguments if each is not type(None))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{_name(annotation)}](#{_name(annotation).lower()})"
    return _WORDS.get(annotation, "moment with time zone") + _bounds(metadata)


def _bounds(metadata: Any) -> str:
    said = []
    for part in metadata:
        constraints = getattr(part, "metadata", [part])
        for each in constraints:
            if getattr(each, "pattern", None):
                said.append(f"`{str(each.pattern).replace('|', chr(92) + '|')}`")
            if getattr(each, "ge", None) is not None:
                said.append(f"≥ {each.ge}")
            if getattr(each, "le", None) is not None:
                said.append(f"≤ {each.le}")
    return f" ({', '.join(said)})" if said else ""
