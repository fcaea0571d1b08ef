"""文书的引用: every id that documents.yaml names, and the collection it must be in."""

from collections.abc import Iterator

from yijian.domain.document_specs import FAMILY_READER, LEAD_READER, OFFICE_READER
from yijian.packs.schema import DocumentSchema, PaperworkSchema

Path = tuple[str | int, ...]

_READERS = (FAMILY_READER, OFFICE_READER, LEAD_READER)


def document_references(model: DocumentSchema) -> Iterator[tuple[Path, str, str]]:
    """Where a document names a fact, a word, a paper, an item, a role or a decision."""
    for id_, document in model.paperwork.items():
        here = ("paperwork", id_)
        if document.statement is not None:
            yield (*here, "statement"), document.statement, "statements"
        if document.decision is not None:
            yield (*here, "decision"), document.decision, "decisions"
        if document.filed is not None and document.filed.item is not None:
            yield (*here, "filed", "item"), document.filed.item, "items"
        for index, reader in enumerate(document.readers):
            if reader not in _READERS:
                yield (*here, "readers", index), reader, "items"
        for role in document.signed_by:
            yield (*here, "signed_by", role), role, "roles"
        yield from _of_parts(here, document)


def _of_parts(here: Path, document: PaperworkSchema) -> Iterator[tuple[Path, str, str]]:
    for part_id, part in document.parts.items():
        place = (*here, "parts", part_id)
        if part.word is not None:
            yield (*place, "word"), part.word, "words"
        for index, fact in enumerate(part.facts):
            yield (*place, "facts", index), fact, "facts"
        for cell, named in part.fill.items():
            yield (*place, "fill", cell), named.fact, "facts"
