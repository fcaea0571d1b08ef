"""编译表达式: every expression of a document, its wanted type, and what is wrong with it."""

from collections.abc import Iterator, Mapping

from yijian.domain.policy import FactKind
from yijian.packs.expression_complaints import Problem
from yijian.packs.expressions import ExpressionError, Language, language
from yijian.packs.findings import Finding, Place
from yijian.packs.nodes import Node
from yijian.packs.schema import DocumentSchema, FactSchema

Path = tuple[str | int, ...]
Written = tuple[Path, str, FactKind]


def language_of(facts: Mapping[str, FactSchema]) -> Language:
    """The expression language over these facts."""
    return language(tuple(sorted((id_, FactKind(fact.kind)) for id_, fact in facts.items())))


def expressions_in(model: DocumentSchema) -> Iterator[Written]:
    """Path, source and wanted type of every expression of a document."""
    yield from _in_facts(model)
    for code, item in model.items.items():
        for id_, exemption in item.exemptions.items():
            path = ("items", code, "exemptions", id_, "condition")
            yield path, exemption.condition, FactKind.YES_NO
        for id_, material in item.materials.items():
            if material.when is not None:
                yield ("items", code, "materials", id_, "when"), material.when, FactKind.YES_NO
    for id_, rule in model.rules.items():
        yield ("rules", id_, "condition"), rule.condition, FactKind.YES_NO
    for id_, notice in model.notices.items():
        if notice.when is not None:
            yield ("notices", id_, "when"), notice.when, FactKind.YES_NO
    for collection, parts in (
        (("pack", "signing"), model.pack.signing),
        (("statements",), model.statements),
        (("custody",), model.custody),
        (("paperwork",), model.paperwork),
    ):
        for id_, part in parts.items():
            if part.when is not None:
                yield (*collection, id_, "when"), part.when, FactKind.YES_NO
    for id_, document in model.paperwork.items():
        for part_id, block in document.parts.items():
            if block.when is not None:
                yield ("paperwork", id_, "parts", part_id, "when"), block.when, FactKind.YES_NO
    yield from _in_form(model)


def _in_facts(model: DocumentSchema) -> Iterator[Written]:
    for id_, fact in model.facts.items():
        if fact.derive is not None:
            yield ("facts", id_, "derive"), fact.derive, FactKind(fact.kind)


def _in_form(model: DocumentSchema) -> Iterator[Written]:
    for section_id, section in model.sections.items():
        for fact, field in section.fields.items():
            path = ("sections", section_id, "fields", fact)
            if field.default is not None and fact in model.facts:
                yield (*path, "default"), field.default, FactKind(model.facts[fact].kind)
            if field.offered is not None:
                yield (*path, "offered"), field.offered, FactKind.CODES
            if field.shown is not None:
                yield (*path, "shown"), field.shown, FactKind.YES_NO


def ill_typed(model: DocumentSchema, tree: Node) -> list[Finding]:
    """A finding for every expression that does not compile to its wanted type."""
    words = language_of(model.facts)
    findings: list[Finding] = []
    for path, source, kind in expressions_in(model):
        try:
            words.expression(source, kind)
        except ExpressionError as error:
            findings.extend(
                Finding(place_within(tree, path, problem), problem.sentence)
                for problem in error.problems
            )
    return findings


def place_within(tree: Node, path: Path, problem: Problem) -> Place:
    """Where a problem of the expression at `path` stands in the file."""
    node = tree.find(path)
    if node is None:
        return tree.at(path)
    place = node.place
    if node.style in ("|", ">"):
        return Place(place.file, place.line + problem.line, problem.column)
    if problem.line > 1:
        return Place(place.file, place.line + problem.line - 1, problem.column)
    quote = 1 if node.style in ("'", '"') else 0
    return Place(place.file, place.line, place.column + problem.column - 1 + quote)
