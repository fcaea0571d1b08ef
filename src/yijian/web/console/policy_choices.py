"""可选的值: what a key of a pack may name, taken from the pack itself, in words."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from django.utils.translation import gettext

from yijian.packs.layers import Layers
from yijian.packs.nodes import Plain
from yijian.web.applicant.values import language
from yijian.web.console.policy_words import choice_of

NAMES: Mapping[str, str] = {
    "office_kind": "office_kinds",
    "lead_office_kind": "office_kinds",
    "needs": "items",
    "items": "items",
    "item": "items",
    "part_of": "items",
    "only_with": "items",
    "payload": "facts",
    "fact": "facts",
    "facts": "facts",
    "rows": "facts",
    "office_fact": "facts",
    "place_fact": "facts",
    "register": "registers",
    "registers": "registers",
    "code_list": "code_lists",
    "page": "pages",
    "applicants": "roles",
    "fills": "roles",
    "signed_by": "roles",
    "collectors": "roles",
    "to": "roles",
    "decision": "decisions",
    "statement": "statements",
}
"""Which collection the ids under a key are from."""

PARTICULAR: Mapping[tuple[str, str], str] = {
    ("OfficeSchema", "kind"): "office_kinds",
    ("DestinationSchema", "kind"): "office_kinds",
    ("SigningSchema", "after"): "roles",
    ("ArrivalSchema", "after"): "roles",
    ("SubjectSchema", "name"): "facts",
    ("HolderSchema", "name"): "facts",
    ("HolderSchema", "number"): "facts",
}
FIXED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("PackSchema", "channels"): ("online", "counter"),
    ("NoticeSchema", "channels"): ("sms", "message"),
}
PATHS: Mapping[str, tuple[str, ...]] = {"roles": ("pack", "roles")}


@dataclass(frozen=True, slots=True)
class Option:
    """One value that may be chosen, what it means, and under which heading it stands."""

    value: str
    label: str
    heading: str = ""


def said(text: Plain) -> str:
    """A text of a pack file in the language of this page, in either way of writing it."""
    if isinstance(text, dict):
        english = text.get("en") if language().startswith("en") else None
        return str(english or text.get("zh") or "")
    return text if isinstance(text, str) else ""


@dataclass(frozen=True, slots=True)
class Menu:
    """选单: options as a browser shows them, written once for all boxes that offer the same."""

    options: tuple[Option, ...]
    html: str

    def chosen(self, value: str) -> str:
        """The menu with one value chosen; a value that does not exist is added to it."""
        if not value:
            return self.html
        mark = f'<option value="{escape(value)}"'
        if mark in self.html:
            return self.html.replace(mark, f"{mark} selected", 1)
        return self.html + _written(unknown(value), " selected")


NO_MENU = Menu((), "")


def menu(options: tuple[Option, ...]) -> Menu:
    """The options under their headings."""
    lines, heading = [], ""
    for option in options:
        if option.heading != heading:
            lines.append(f"{'</optgroup>' if heading else ''}")
            lines.append(f'<optgroup label="{escape(option.heading)}">')
            heading = option.heading
        lines.append(_written(option))
    return Menu(options, "".join(lines) + ("</optgroup>" if heading else ""))


def _written(option: Option, chosen: str = "") -> str:
    return f'<option value="{escape(option.value)}"{chosen}>{escape(option.label)}</option>'


class Choices:
    """What can be named in one pack as it is now."""

    def __init__(self, found: Layers) -> None:
        self.found = found
        self._kept: dict[str, Menu] = {}

    def of(self, model: str, key: str) -> Menu:
        """The values a key may have; none when anything may be written."""
        if (model, key) in FIXED:
            return menu(tuple(Option(one, choice_of(key, one)) for one in FIXED[model, key]))
        collection = PARTICULAR.get((model, key)) or NAMES.get(key, "")
        return self.entries(collection) if collection else NO_MENU

    def entries(self, collection: str) -> Menu:
        """Every id of a collection with its title."""
        if collection not in self._kept:
            entries = self.found.at(PATHS.get(collection, (collection,)))
            found = entries.items() if isinstance(entries, dict) else ()
            options = tuple(Option(id_, title_of(id_, value)) for id_, value in found)
            self._kept[collection] = menu(options)
        return self._kept[collection]

    def clauses(self) -> Menu:
        """Every clause of every document, as `[document, clause]`."""
        if "clauses" not in self._kept:
            self._kept["clauses"] = menu(tuple(self._clauses()))
        return self._kept["clauses"]

    def _clauses(self) -> Iterator[Option]:
        documents = self.found.at(("documents",))
        for id_, document in (documents if isinstance(documents, dict) else {}).items():
            if not isinstance(document, dict):
                continue
            heading = f"{document.get('number') or id_} {document.get('title') or ''}"
            clauses = document.get("clauses")
            for clause, title in (clauses if isinstance(clauses, dict) else {}).items():
                words = said(title.get("title") if isinstance(title, dict) else title)
                pair = json.dumps([id_, clause], ensure_ascii=False)
                yield Option(pair, f"{clause} {words}".strip(), heading)


def title_of(id_: str, value: Plain) -> str:
    """What an entry of a collection is called: its title, its text, or its id."""
    if isinstance(value, dict):
        named = value.get("title") or value.get("question") or value.get("text")
        return said(named) or said(value) or id_
    return said(value) or id_


def unknown(value: str) -> Option:
    """An option for what is written but does not exist."""
    return Option(value, gettext("%(value)s（没有这一个）") % {"value": value})
