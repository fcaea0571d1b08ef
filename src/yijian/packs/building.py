"""生成政策包: a checked document becomes a `domain.policy.Pack` with compiled conditions."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from graphlib import TopologicalSorter
from pathlib import Path

from yijian.domain import policy
from yijian.domain.policy import FactKind, Pack, Scope
from yijian.packs import parts_people
from yijian.packs.canonical import Document, digest_of, model_of, unplaced
from yijian.packs.compiling import ill_typed, language_of
from yijian.packs.expressions import Language
from yijian.packs.findings import PackError
from yijian.packs.nodes import Node
from yijian.packs.parts import bases, basis, optional_limit, optional_text, text
from yijian.packs.parts_certificates import certificate_types, fetched_types
from yijian.packs.parts_documents import documents
from yijian.packs.parts_form import custody_rules, deliveries, form_sections, pages, statements
from yijian.packs.parts_items import rules, service_items
from yijian.packs.reading import Source, read_folder
from yijian.packs.references import dangling
from yijian.packs.schema import DocumentSchema, FactSchema

KEPT = 64
"""How many built packs stay in memory, by digest."""

_built: OrderedDict[str, Pack] = OrderedDict()


def load_folder(packs_dir: Path, code: str) -> tuple[Document, Pack]:
    """The document of the pack `packs_dir / code`, and the pack; PackError when it is wrong."""
    source = read_folder(packs_dir, code)
    return source.document, build_source(source)


def build_source(source: Source) -> Pack:
    """The pack of a read folder, with the file and line of every value; PackError when wrong."""
    return replace(_remembered(source.document, source.tree), origins=source.origins())


def build(document: Document) -> Pack:
    """The pack of a stored document alone; the same document gives the same pack for ever."""
    return _remembered(document, None)


def _remembered(document: Document, tree: Node | None) -> Pack:
    digest = digest_of(document)
    if digest in _built:
        _built.move_to_end(digest)
        return _built[digest]
    model = model_of(document)
    places = tree or unplaced(document)
    findings = dangling(model, places) + ill_typed(model, places)
    if findings:
        raise PackError(findings)
    _built[digest] = _pack(model, digest, language_of(model.facts))
    while len(_built) > KEPT:
        _built.popitem(last=False)
    return _built[digest]


def _pack(model: DocumentSchema, digest: str, words: Language) -> Pack:
    own = model.pack
    return Pack(
        code=own.code,
        version=own.version,
        digest=digest,
        title=text(own.title),
        service_title=text(own.service_title),
        base=own.base,
        divisions=tuple(own.divisions),
        in_force_from=own.in_force_from,
        in_force_until=own.in_force_until,
        lead_office_kind=own.lead_office_kind,
        applicants=tuple(own.applicants),
        signing=parts_people.signing(model, words),
        channels=tuple(own.channels),
        precedence=own.precedence,
        facts=_facts(model.facts, words),
        code_lists={
            id_: policy.CodeList(id_, {code: text(t) for code, t in list_.entries.items()})
            for id_, list_ in model.code_lists.items()
        }
        | parts_people.role_list(model),
        items=service_items(model, words),
        rules=rules(model, words),
        pages=pages(model),
        form=form_sections(model, words),
        delivery=deliveries(model),
        custody=custody_rules(model, words),
        notices=_notices(model, words),
        words={id_: text(sentence) for id_, sentence in model.words.items()},
        sources=_sources(model),
        decisions={
            id_: policy.Decision(id_, d.on, text(d.question), text(d.decided))
            for id_, d in model.decisions.items()
        },
        insurance=_insurance(model),
        promise=optional_limit(own.promise),
        delivery_record_hours=own.delivery_record.hours if own.delivery_record else None,
        registers={id_: text(register.title) for id_, register in model.registers.items()},
        roles=parts_people.roles(model),
        fills=tuple(own.fills or own.applicants),
        arrivals=parts_people.arrivals(model),
        statements=statements(model, words),
        statuses=own.statuses or "fine",
        alongside=parts_people.alongside(model),
        switches=parts_people.switches(model),
        escalation=parts_people.escalation(model),
        anchors=parts_people.anchors(model),
        subject=parts_people.subject(model),
        place_fact=own.place_fact,
        watermark=optional_text(own.watermark),
        office_kinds={id_: text(kind.title) for id_, kind in model.office_kinds.items()},
        number_keepers=tuple(id_ for id_, k in model.office_kinds.items() if k.keeps_numbers),
        desk_kinds=tuple(id_ for id_, k in model.office_kinds.items() if k.own_desk_only),
        documents=documents(model, words),
        official={cell: one.fact or one.decision or "" for cell, one in model.official.items()},
        certificates=certificate_types(model),
        fetched=fetched_types(model),
    )


def _facts(facts: Mapping[str, FactSchema], words: Language) -> dict[str, policy.FactType]:
    """Fact types in the pack's order, derived ones last and after what they need."""
    derived = {
        id_: words.expression(fact.derive, FactKind(fact.kind))
        for id_, fact in facts.items()
        if fact.derive is not None
    }
    order = TopologicalSorter(
        {id_: sorted(e.needs & derived.keys()) for id_, e in derived.items()}
    ).static_order()
    ids = [id_ for id_ in facts if id_ not in derived] + list(order)
    return {
        id_: policy.FactType(
            id=id_,
            kind=FactKind(facts[id_].kind),
            scope=Scope(facts[id_].scope),
            title=text(facts[id_].title),
            register=facts[id_].register_id,
            code_list=facts[id_].code_list,
            fresh_days=facts[id_].fresh_days,
            personal=facts[id_].personal,
            derive=derived.get(id_),
        )
        for id_ in ids
    }


def _notices(model: DocumentSchema, words: Language) -> tuple[policy.NoticeSpec, ...]:
    return tuple(
        policy.NoticeSpec(
            id=id_,
            on=notice.on,
            to=tuple(notice.to),
            channels=tuple(notice.channels),
            text=text(notice.text),
            basis=basis(notice.basis) if notice.basis else None,
            when=words.condition(notice.when) if notice.when else None,
        )
        for id_, notice in model.notices.items()
    )


def _sources(model: DocumentSchema) -> dict[str, policy.SourceDocument]:
    return {
        id_: policy.SourceDocument(
            id=id_,
            title=source.title,
            number=source.number,
            issuers=tuple(source.issuers),
            issued_on=source.issued_on,
            clauses={clause: outline.title for clause, outline in source.clauses.items()},
            sha256=source.sha256,
        )
        for id_, source in model.documents.items()
    }


def _insurance(model: DocumentSchema) -> policy.InsuranceRule | None:
    rule = model.pack.insurance
    if rule is None:
        return None
    return policy.InsuranceRule(
        deadline_days=rule.deadline_days,
        late=rule.late,
        two_years_from=(rule.two_years_from[0], rule.two_years_from[1]),
        two_years_until=(rule.two_years_until[0], rule.two_years_until[1]),
        basis=bases(rule.basis),
        decision=rule.decision,
    )
