"""表单的构造: the schema of packs and a pack's values become fields and groups, nothing by hand.

A `Leaf` is one value that is saved alone, a `Group` what stands around it. Names on the form are
the path below the entry, so that what comes back finds its value again.
"""

import json
import types
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote

from django.utils.safestring import SafeString, mark_safe
from pydantic import BaseModel

from yijian.packs.layers import Layers
from yijian.packs.nodes import Plain
from yijian.packs.schema import BasisSchema, ClauseSchema, FactNameSchema, TextSchema
from yijian.web.console.policy_choices import (
    NO_MENU,
    Choices,
    Menu,
    Option,
    menu,
    title_of,
    unknown,
)
from yijian.web.console.policy_words import choice_of, hint_of, label_of

Steps = tuple[str | int, ...]
NEW = "+"
"""The step that stands for an entry which does not exist yet."""

CONDITIONS = frozenset({"condition", "when", "default", "offered", "shown", "derive"})
IN_ORDER = frozenset({"item_order", "page_order", "section_order", "order"})
SHORT = (TextSchema, BasisSchema, ClauseSchema, FactNameSchema)


@dataclass
class Leaf:
    """值: one box of the form. `shown` are its strings as a browser sends them back.

    `kind` is words, text, number, day, area, condition, lines, raw, choice or ids. `own` says that
    the pack says it itself, `below` that its base says something too.
    """

    steps: Steps
    label: str
    kind: str
    shown: tuple[str, ...]
    hint: str = ""
    menu: Menu = NO_MENU
    required: bool = False
    own: bool = False
    below: bool = False
    row: bool = False
    problems: list[str] = field(default_factory=list)
    theirs: str = ""
    ticked: bool = False

    @property
    def name(self) -> str:
        """The name of its box."""
        return name_of(self.steps)

    @property
    def options(self) -> tuple[Option, ...]:
        """What can be ticked, with what is ticked and does not exist."""
        known = {option.value for option in self.menu.options}
        return (*self.menu.options, *(unknown(one) for one in self.shown if one not in known))

    @property
    def html(self) -> SafeString:
        """What can be chosen, with what is chosen; `menu` has escaped every word of it."""
        chosen = self.menu.chosen(self.shown[0] if self.shown else "")
        return mark_safe(chosen)  # noqa: S308 (escaped where it was written)

    @property
    def rows(self) -> int:
        """How many lines a box for it needs; texts in two languages stand side by side."""
        widths = (16, 30) if self.kind == "words" else (46,)
        texts = zip(self.shown, widths, strict=False)
        return min(
            10,
            max(sum(1 + len(line) // width for line in text.split("\n")) for text, width in texts),
        )


@dataclass
class Group:
    """一组: a titled group of boxes and groups; `fresh` when it is for an entry still to come."""

    steps: Steps
    title: str
    members: list["Leaf | Group"]
    removable: bool = False
    fresh: bool = False
    keyed: bool = False
    folded: bool = False
    own: bool = False
    key: str = ""
    ticked: bool = False
    problems: list[str] = field(default_factory=list)
    is_group: bool = True

    @property
    def name(self) -> str:
        """The name of what belongs to the group itself."""
        return name_of(self.steps)

    def leaves(self) -> Iterator[Leaf]:
        """Every box below, in page order."""
        for member in self.members:
            if isinstance(member, Group):
                yield from member.leaves()
            else:
                yield member

    def groups(self) -> Iterator["Group"]:
        """This group and every one below it."""
        yield self
        for member in self.members:
            if isinstance(member, Group):
                yield from member.groups()


def name_of(steps: Steps) -> str:
    """The name of a box, by its path: `limits/0/workdays`."""
    return "/".join(quote(str(step), safe="") for step in steps)


class Builder:
    """Makes the form of one entry of a pack."""

    def __init__(self, found: Layers, entry: Steps) -> None:
        self.found, self.entry = found, entry
        self.choices = Choices(found)

    def form(self, annotation: Any, only: Sequence[str], left_out: Sequence[str]) -> Group:
        """The boxes of the entry, all keys of its schema or some of them."""
        bare = _bare(annotation)
        title = title_of(str(self.entry[-1]), self.found.at(self.entry))
        if isinstance(bare, type) and issubclass(bare, BaseModel) and bare not in SHORT:
            members = list(self._keys(bare, (), only, left_out, fresh=False))
        else:
            members = [self._member("", "text", bare, (), required=True, fresh=False)]
        return Group((), title, members)

    def _keys(
        self, model: type[BaseModel], steps: Steps, only: Sequence[str], left: Sequence[str], *,
        fresh: bool,
    ) -> Iterator[Leaf | Group]:  # fmt: skip
        if list(model.model_fields) == ["entries"]:
            yield self._member(
                model.__name__, "entries", model.model_fields["entries"].annotation, steps,
                required=True, fresh=fresh,
            )  # fmt: skip
            return
        for name, info in model.model_fields.items():
            key = info.alias or name
            if (only and key not in only) or key in left:
                continue
            yield self._member(
                model.__name__, key, info.annotation, (*steps, key),
                required=info.is_required(), fresh=fresh,
            )  # fmt: skip

    def _member(
        self, model: str, key: str, annotation: Any, steps: Steps, *, required: bool, fresh: bool
    ) -> Leaf | Group:
        bare = _bare(annotation)
        origin, arguments = typing.get_origin(bare), typing.get_args(bare)
        if origin is list and _is_rows(arguments[0]):
            return self._rows(model, key, arguments[0], steps, fresh=fresh)
        if origin is dict:
            return self._entries(key, model, arguments[1], steps, fresh=fresh)
        if isinstance(bare, type) and issubclass(bare, BaseModel) and bare not in SHORT:
            if isinstance(self._at(steps), str | list):
                return self._leaf(model, key, steps, "raw", required=required)
            absent = self._at(steps) is None
            return Group(
                steps, label_of(model, key), list(self._keys(bare, steps, (), (), fresh=fresh)),
                removable=not required and not absent, folded=absent, own=self._own(steps),
            )  # fmt: skip
        return self._leaf(model, key, steps, _kind(key, bare), bare, required=required)

    def _rows(self, model: str, key: str, inner: Any, steps: Steps, *, fresh: bool) -> Group:
        bare = _bare(inner)
        written = self._at(steps)
        count = len(written) if isinstance(written, list) and not fresh else 0
        members: list[Leaf | Group] = []
        for index in range(count + 1):
            here = (*steps, index)
            new = index == count
            if bare in SHORT:
                leaf = self._leaf(model, key, here, _kind(key, bare), bare)
                leaf.label = f"{label_of(model, key)} {index + 1}"
                leaf.row = True
                members.append(leaf)
                continue
            below = list(self._keys(bare, here, (), (), fresh=fresh or new))
            members.append(
                Group(
                    here,
                    f"{label_of(model, key)} {index + 1}",
                    below,
                    removable=not new,
                    fresh=new,
                    folded=new and count > 0,
                    own=self._own(here),
                )
            )
        return Group(steps, label_of(model, key), members, own=self._own(steps))

    def _entries(self, key: str, model: str, inner: Any, steps: Steps, *, fresh: bool) -> Group:
        bare = _bare(inner)
        written = self._at(steps)
        names = [] if fresh or not isinstance(written, dict) else list(written)
        members: list[Leaf | Group] = []
        for name in names:
            members.append(self._entry(name, bare, (*steps, name), fresh=False))
        if not fresh:
            members.append(self._entry("", bare, (*steps, NEW), fresh=True))
        return Group(steps, label_of(model, key), members, own=self._own(steps))

    def _entry(self, name: str, bare: Any, steps: Steps, *, fresh: bool) -> Group:
        value = None if fresh else self._at(steps)
        is_shape = isinstance(bare, type) and issubclass(bare, BaseModel) and bare not in SHORT
        if is_shape and not isinstance(value, str | list):
            below: list[Leaf | Group] = list(self._keys(bare, steps, (), (), fresh=fresh))
        else:
            leaf = self._leaf("", "text", steps, _kind("", bare), bare)
            leaf.label = label_of("", "text") if bare is TextSchema else label_of("", "fact")
            below = [leaf]
        return Group(
            steps, title_of(name, value) if name else "", below, removable=not fresh, fresh=fresh,
            keyed=fresh, folded=is_shape, own=self._own(steps), key=name,
        )  # fmt: skip

    def _leaf(
        self, model: str, key: str, steps: Steps, kind: str, bare: Any = None, *,
        required: bool = False,
    ) -> Leaf:  # fmt: skip
        value = self._at(steps)
        offered = self._offered(model, key, kind, bare)
        if kind == "lines" and offered.options and key not in IN_ORDER:
            kind = "ids"
        if kind in ("text", "fact") and offered.options:
            kind = "choice"
        return Leaf(
            steps, label_of(model, key), "text" if kind == "fact" else kind, _shown(kind, value),
            hint_of(key), offered, required, own=self._own(steps),
            below=self.found.inherited((*self.entry, *steps)) is not None,
        )  # fmt: skip

    def _offered(self, model: str, key: str, kind: str, bare: Any) -> Menu:
        if kind == "basis":
            return self.choices.clauses()
        if bare is FactNameSchema:
            return self.choices.entries("facts")
        if bare is bool:
            return menu((Option("true", _yes()), Option("false", _no())))
        if typing.get_origin(bare) is typing.Literal:
            words = (_as_text(word) for word in typing.get_args(bare))
            return menu(tuple(Option(word, choice_of(key, word)) for word in words))
        if kind in ("text", "lines", "fact"):
            return self.choices.of(model, key)
        return NO_MENU

    def _at(self, steps: Steps) -> Plain:
        return None if NEW in steps else self.found.at((*self.entry, *steps))

    def _own(self, steps: Steps) -> bool:
        return NEW not in steps and self.found.is_own((*self.entry, *steps))


def _kind(key: str, bare: Any) -> str:
    """Which box shows a value."""
    if bare in SHORT:
        kinds = {TextSchema: "words", BasisSchema: "basis", FactNameSchema: "fact"}
        return kinds.get(bare, "text")
    if bare is bool or typing.get_origin(bare) is typing.Literal:
        return "choice"
    if bare is int:
        return "number"
    if bare is date:
        return "day"
    if typing.get_origin(bare) is list:
        return "lines" if _bare(typing.get_args(bare)[0]) is str else "raw"
    if bare is str:
        return "condition" if key in CONDITIONS else "text"
    return "raw"


def _shown(kind: str, value: Plain) -> tuple[str, ...]:
    if kind == "words":
        if isinstance(value, dict):
            return _as_text(value.get("zh")), _as_text(value.get("en"))
        return _as_text(value), ""
    if kind == "ids":
        return tuple(map(_as_text, value)) if isinstance(value, list) else ()
    if kind == "lines":
        return ("\n".join(map(_as_text, value)) if isinstance(value, list) else _as_text(value),)
    if kind == "basis" and isinstance(value, dict):
        value = [value.get("document"), value.get("clause")]
    if kind in ("basis", "raw") and value is not None:
        return (json.dumps(value, ensure_ascii=False),)
    if kind == "text" and isinstance(value, dict):
        return (_as_text(value.get("title")),)
    return (_as_text(value),)


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _bare(annotation: Any) -> Any:
    """The annotation without `Annotated` and `| None`; several shapes stay a union."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _bare(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        some = [one for one in typing.get_args(annotation) if one is not type(None)]
        return _bare(some[0]) if len(some) == 1 else annotation
    return annotation


def _is_rows(inner: Any) -> bool:
    bare = _bare(inner)
    return isinstance(bare, type) and issubclass(bare, BaseModel)


def _yes() -> str:
    return choice_of("yes_no", "true")


def _no() -> str:
    return choice_of("yes_no", "false")
