"""引用检查: every id that a document names must exist; a pack with a dangling id is never built."""

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from yijian.packs.compiling import expressions_in, language_of
from yijian.packs.findings import Finding, nearest
from yijian.packs.nodes import Node
from yijian.packs.parts_certificates import certificate_references
from yijian.packs.parts_people import ROLE_LIST
from yijian.packs.references_documents import document_references
from yijian.packs.schema import BasisSchema, DocumentSchema, Shape

Path = tuple[str | int, ...]
Reference = tuple[Path, str, str]
"""Where an id is named, the id, and the collection it must be in."""

OUTSIDE = frozenset({"division"})
"""Code lists that are no part of a document: the table of administrative divisions."""

_CALLED = {
    "facts": "事实",
    "items": "事项",
    "registers": "登记库",
    "results": "结果项",
    "code_lists": "代码表",
    "pages": "页面",
    "decisions": "决定",
    "documents": "文件",
    "fields": "表单字段",
    "roles": "角色",
    "signers": "签名人",
    "arrivals": "到场的人",
    "office_kinds": "机构种类",
    "materials": "材料",
    "statements": "声明书",
    "words": "词句",
}


def dangling(model: DocumentSchema, tree: Node) -> list[Finding]:
    """A finding for every id that names nothing."""
    known: Mapping[str, Iterable[str]] = {
        "facts": model.facts.keys(),
        "items": model.items.keys(),
        "registers": model.registers.keys(),
        "code_lists": model.code_lists.keys() | OUTSIDE | {ROLE_LIST},
        "pages": model.pages.keys(),
        "decisions": model.decisions.keys(),
        "documents": model.documents.keys(),
        "fields": [fact for section in model.sections.values() for fact in section.fields],
        "roles": model.pack.roles.keys(),
        "signers": model.pack.signing.keys(),
        "arrivals": model.pack.arrivals.keys(),
        "results": (),
        "office_kinds": model.office_kinds.keys(),
        "statements": model.statements.keys(),
        "words": model.words.keys(),
        "materials": [id_ for item in model.items.values() for id_ in item.materials],
    }
    findings = [
        Finding(tree.at(path), f"没有叫“{name}”的{_CALLED[kind]}{nearest(name, known[kind])}")
        for path, name, kind in _references(model)
        if name not in known[kind]
    ]
    return findings + _wrong_clauses(model, tree) + _cycles(model, tree)


def _references(model: DocumentSchema) -> Iterator[Reference]:
    yield from _of_facts(model)
    yield from _of_items(model)
    yield from _of_form(model)
    yield from _of_custody(model)
    for id_, rule in model.rules.items():
        for index, register in enumerate(rule.registers):
            yield ("rules", id_, "registers", index), register, "registers"
    yield from _of_people(model)
    yield from _of_schemes(model)
    yield from certificate_references(model)
    yield from document_references(model)
    for limit_name in ("promise", "delivery_record", "insurance"):
        part = getattr(model.pack, limit_name)
        if part is not None and part.decision is not None:
            yield ("pack", limit_name, "decision"), part.decision, "decisions"


def _of_people(model: DocumentSchema) -> Iterator[Reference]:
    pack = model.pack
    for role, step in pack.signing.items():
        for index, earlier in enumerate(step.after):
            yield ("pack", "signing", role, "after", index), earlier, "signers"
    for role, arrival in pack.arrivals.items():
        for index, earlier in enumerate(arrival.after):
            yield ("pack", "arrivals", role, "after", index), earlier, "arrivals"
    if not pack.roles:
        return
    for name in ("applicants", "fills"):
        for index, role in enumerate(getattr(pack, name)):
            yield ("pack", name, index), role, "roles"
    for name in ("arrivals", "signing"):
        for role in getattr(pack, name):
            yield ("pack", name, role), role, "roles"
    for id_, statement in model.statements.items():
        for index, role in enumerate(statement.signed_by):
            yield ("statements", id_, "signed_by", index), role, "roles"


def _of_schemes(model: DocumentSchema) -> Iterator[Reference]:
    for code, other in model.pack.alongside.items():
        if other.decision is not None:
            yield ("pack", "alongside", code, "decision"), other.decision, "decisions"
    for id_, switch in model.pack.switches.items():
        for index, item in enumerate(switch.items):
            yield ("pack", "switches", id_, "items", index), item, "items"
        if switch.decision is not None:
            yield ("pack", "switches", id_, "decision"), switch.decision, "decisions"
    for id_, step in model.pack.escalation.items():
        if step.decision is not None:
            yield ("pack", "escalation", id_, "decision"), step.decision, "decisions"
    if model.pack.place_fact is not None:
        yield ("pack", "place_fact"), model.pack.place_fact, "facts"
    for id_, anchor in model.pack.anchors.items():
        yield ("pack", "anchors", id_), anchor.fact, "facts"
    if model.pack.subject is not None and model.pack.subject.name is not None:
        yield ("pack", "subject", "name"), model.pack.subject.name, "facts"


def _of_facts(model: DocumentSchema) -> Iterator[Reference]:
    for id_, fact in model.facts.items():
        if fact.register_id is not None:
            yield ("facts", id_, "register"), fact.register_id, "registers"
        if fact.code_list is not None:
            yield ("facts", id_, "code_list"), fact.code_list, "code_lists"


def _of_items(model: DocumentSchema) -> Iterator[Reference]:
    for code, item in model.items.items():
        here = ("items", code)
        yield (*here, "office_fact"), item.office_fact, "facts"
        if item.part_of is not None:
            yield (*here, "part_of"), item.part_of, "items"
        for index, need in enumerate(item.needs):
            yield (*here, "needs", index), need, "items"
        for index, group in enumerate(item.requires):
            for other in [group] if isinstance(group, str) else group:
                yield (*here, "requires", index), other, "items"
        for id_, ask in item.asks.items():
            if ":" in ask.after:
                yield (*here, "asks", id_, "after"), ask.after.partition(":")[0], "items"
        for index, fact in enumerate(item.payload):
            yield (*here, "payload", index), fact, "facts"
        for index, limit in enumerate(item.limits):
            if limit.decision is not None:
                yield (*here, "limits", index, "decision"), limit.decision, "decisions"
        if item.retention is not None and item.retention.decision is not None:
            yield (*here, "retention", "decision"), item.retention.decision, "decisions"
        for id_, material in item.materials.items():
            if material.register_id is not None:
                yield (*here, "materials", id_, "register"), material.register_id, "registers"
        for id_, result in item.results.items():
            if result.fact is not None:
                yield (*here, "results", id_, "fact"), result.fact, "facts"
            for name, compared in result.check_with.items():
                yield (*here, "results", id_, "check_with", name), compared.fact, "facts"
            if result.code_list is not None:
                yield (*here, "results", id_, "code_list"), result.code_list, "code_lists"


def _of_form(model: DocumentSchema) -> Iterator[Reference]:
    for section_id, section in model.sections.items():
        here = ("sections", section_id)
        yield (*here, "page"), section.page, "pages"
        for fact, field in section.fields.items():
            yield (*here, "fields", fact), fact, "facts"
            for index, code in enumerate(field.items):
                yield (*here, "fields", fact, "items", index), code, "items"
    for cell, official in model.official.items():
        if official.fact is not None:
            yield ("official", cell, "fact"), official.fact, "facts"
        if official.decision is not None:
            yield ("official", cell, "decision"), official.decision, "decisions"
    for id_, statement in model.statements.items():
        for index, fact in enumerate(statement.rows):
            yield ("statements", id_, "rows", index), fact, "facts"
    for code, delivery in model.delivery.items():
        yield ("delivery", code), code, "items"
        if delivery.fact is not None:
            yield ("delivery", code, "fact"), delivery.fact, "fields"


def _of_custody(model: DocumentSchema) -> Iterator[Reference]:
    for part, rule in model.custody.items():
        if rule.to is not None and rule.to.kind is not None:
            yield ("custody", part, "to", "kind"), rule.to.kind, "office_kinds"
        if rule.to is not None and rule.to.item is not None:
            yield ("custody", part, "to", "item"), rule.to.item, "items"
        if rule.cut_after is not None:
            yield ("custody", part, "cut_after"), rule.cut_after, "materials"


def bases_in(model: DocumentSchema) -> Iterator[tuple[Path, BasisSchema]]:
    """Every basis of a document with its path."""
    yield from _found(model, ())


def _found(value: object, path: Path) -> Iterator[tuple[Path, BasisSchema]]:
    if isinstance(value, BasisSchema):
        yield path, value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from _found(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _found(child, (*path, index))
    elif isinstance(value, Shape):
        for name, field in type(value).model_fields.items():
            yield from _found(getattr(value, name), (*path, field.alias or name))


def _wrong_clauses(model: DocumentSchema, tree: Node) -> list[Finding]:
    findings = []
    for path, basis in bases_in(model):
        document = model.documents.get(basis.document)
        if document is None:
            close = nearest(basis.document, model.documents)
            findings.append(
                Finding(tree.at((*path, 0)), f"sources.yaml 里没有文件“{basis.document}”{close}")
            )
        elif basis.clause not in document.clauses:
            close = nearest(basis.clause, document.clauses)
            sentence = f"文件“{basis.document}”的提纲里没有条款“{basis.clause}”{close}"
            findings.append(Finding(tree.at((*path, 1)), sentence))
    return findings


def _cycles(model: DocumentSchema, tree: Node) -> list[Finding]:
    words = language_of(model.facts)
    derived: dict[str, set[str]] = {id_: set() for id_ in model.facts}
    for path, source, kind in expressions_in(model):
        if path[0] == "facts":
            try:
                derived[str(path[1])] = set(words.expression(source, kind).needs)
            except ValueError:
                continue
    graphs: tuple[tuple[str, str, Mapping[str, Iterable[str]]], ...] = (
        ("items", "needs", {code: item.needs for code, item in model.items.items()}),
        ("items", "part_of", {c: [i.part_of] for c, i in model.items.items() if i.part_of}),
        ("pack", "signing", {role: step.after for role, step in model.pack.signing.items()}),
        ("pack", "arrivals", {role: step.after for role, step in model.pack.arrivals.items()}),
        ("facts", "derive", derived),
    )
    findings = []
    for collection, key, graph in graphs:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            ring = list(reversed(error.args[1]))
            path = (
                (collection, key, ring[0]) if collection == "pack" else (collection, ring[0], key)
            )
            findings.append(Finding(tree.at(path), f"绕了一圈：{' → '.join(ring)}"))
    return findings
