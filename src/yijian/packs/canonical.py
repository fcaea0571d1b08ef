"""规范文本: a pack as one plain JSON document with one spelling and one digest.

Collections are lists of objects with an `id`, so that their order is part of the document whatever
stores it; short forms are written out; nothing says how the YAML was laid out.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from yijian.packs.complaints import findings_of
from yijian.packs.findings import Finding, PackError, Place
from yijian.packs.nodes import Node
from yijian.packs.schema import DocumentSchema, PaperworkSchema, SectionSchema, TextSchema

FORMAT = 1
"""The version of the document's shape, kept in every document."""

Document = dict[str, Any]
Path = tuple[str | int, ...]


def canonical(document: Document) -> str:
    """The one spelling of a document: sorted keys, no spaces, Chinese as it is."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(document: Document) -> str:
    """The SHA-256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def written(model: DocumentSchema, english: Mapping[str, str]) -> tuple[Document, tuple[Path, ...]]:
    """The document of a checked model, and the paths of texts that have no English.

    `english` gives the English of plain Chinese strings.
    """
    missing: list[Path] = []
    document = _written(model, (), english, missing)
    return {"format": FORMAT, **document}, tuple(missing)


def model_of(document: Document) -> DocumentSchema:
    """The checked model of a stored document; PackError when it is not one."""
    if document.get("format") != FORMAT:
        place = Place("document")
        raise PackError([Finding(place, f"不认识的政策包格式：{document.get('format')!r}")])
    tree = keyed({key: value for key, value in document.items() if key != "format"})
    try:
        return DocumentSchema.model_validate_json(json.dumps(tree))
    except ValidationError as error:
        raise PackError(findings_of(error, unplaced(tree), DocumentSchema)) from None


def keyed(value: Any) -> Any:
    """A document's lists of objects with an id as mappings again, in the same order."""
    if isinstance(value, dict):
        return {key: keyed(child) for key, child in value.items()}
    if not isinstance(value, list):
        return value
    if value and all(isinstance(child, dict) and "id" in child for child in value):
        return {
            child["id"]: keyed({key: part for key, part in child.items() if key != "id"})
            for child in value
        }
    return [keyed(child) for child in value]


def unplaced(value: Any, path: str = "document") -> Node:
    """A tree whose places are paths, for documents that come from no file."""
    place = Place(path)
    if isinstance(value, dict):
        children = {key: unplaced(child, f"{path}.{key}") for key, child in value.items()}
        return Node(children, place, {key: Place(f"{path}.{key}") for key in children})
    if isinstance(value, list):
        return Node([unplaced(child, f"{path}.{i}") for i, child in enumerate(value)], place)
    return Node(value, place)


def in_order(entries: Mapping[str, Any], order: Sequence[str]) -> dict[str, Any]:
    """The entries with those named in `order` first, in that order."""
    named = {key: entries[key] for key in order if key in entries}
    return {**named, **entries}


def _written(value: Any, path: Path, english: Mapping[str, str], missing: list[Path]) -> Any:
    if isinstance(value, TextSchema):
        return _text(value, path, english, missing)
    if isinstance(value, BaseModel):
        return {
            name: _written(part, (*path, name), english, missing)
            for name, part in _parts(value)
            if part is not None and part != {} and part != []
        }
    if isinstance(value, dict):
        return [
            {"id": key, **_written(part, (*path, key), english, missing)}
            for key, part in value.items()
        ]
    if isinstance(value, list):
        return [_written(part, (*path, i), english, missing) for i, part in enumerate(value)]
    return value.isoformat() if isinstance(value, date | datetime) else value


def _text(
    text: TextSchema, path: Path, english: Mapping[str, str], missing: list[Path]
) -> dict[str, str]:
    en = text.en or english.get(text.zh, "")
    if text.zh and not en:
        missing.append(path)
    return {"zh": text.zh, "en": en}


def _parts(model: BaseModel) -> Iterable[tuple[str, Any]]:
    """A model's fields under the names the files use; orders are applied and left out."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if name == "order" or name.endswith("_order"):
            continue
        if isinstance(model, DocumentSchema) and name in ("pages", "sections"):
            order = model.page_order if name == "pages" else model.section_order
            value = in_order(value, order)
        if isinstance(model, DocumentSchema) and name == "items":
            value = in_order(value, model.pack.item_order)
        if isinstance(model, SectionSchema) and name == "fields":
            value = in_order(value, model.order)
        if isinstance(model, PaperworkSchema) and name == "parts":
            value = in_order(value, model.order)
        yield field.alias or name, value
