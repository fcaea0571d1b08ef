"""事项与规则: items and rules of a checked document as domain values."""

from yijian.domain import policy
from yijian.domain.policy import FactKind, Scope
from yijian.domain.retention import Retention
from yijian.packs.expressions import Language
from yijian.packs.parts import bases, basis, limit, optional_text, text
from yijian.packs.schema import DocumentSchema, ItemSchema, ResultSchema
from yijian.packs.schema.items import RetentionSchema


def service_items(model: DocumentSchema, words: Language) -> dict[str, policy.ServiceItem]:
    """Every item by its code, in the pack's order."""
    return {code: _service_item(code, item, words) for code, item in model.items.items()}


def rules(model: DocumentSchema, words: Language) -> tuple[policy.Rule, ...]:
    """Every rule, in the pack's order."""
    return tuple(
        policy.Rule(
            id=id_,
            kind=policy.RuleKind(rule.kind),
            scope=Scope(rule.scope),
            title=text(rule.title),
            condition=words.condition(rule.condition),
            met=text(rule.met),
            failed=text(rule.failed),
            way_on=text(rule.way_on),
            basis=bases(rule.basis),
            repair=optional_text(rule.repair),
            registers=tuple(rule.registers),
            from_on=rule.from_on,
            until_on=rule.until_on,
        )
        for id_, rule in model.rules.items()
    )


def _service_item(code: str, item: ItemSchema, words: Language) -> policy.ServiceItem:
    return policy.ServiceItem(
        code=code,
        title=text(item.title),
        summary=text(item.summary),
        office_kind=item.office_kind,
        office_fact=item.office_fact,
        scope=Scope(item.scope),
        choice=policy.Choice(item.choice),
        needs=tuple(item.needs),
        payload=tuple(item.payload),
        limits=tuple(limit(schema) for schema in item.limits),
        materials=_materials(item, words),
        results=_results(item),
        on_refusal=policy.OnRefusal(item.on_refusal),
        basis=basis(item.basis),
        exemptions=tuple(
            policy.Exemption(id_, words.condition(e.condition), text(e.text), basis(e.basis))
            for id_, e in item.exemptions.items()
        ),
        asks=_asks(item),
        part_of=item.part_of,
        applied_for=item.applied_for,
        review_points=tuple(text(point) for point in item.review_points),
        way_offline=optional_text(item.way_offline),
        requires=tuple((g,) if isinstance(g, str) else tuple(g) for g in item.requires),
        retention=_retention(item.retention),
    )


def _retention(schema: RetentionSchema | None) -> Retention | None:
    """How long the item is kept; None in documents of before packs said so."""
    if schema is None:
        return None
    ground = None if schema.basis is None else basis(schema.basis)
    return Retention(schema.years, ground, schema.decision)


def _materials(item: ItemSchema, words: Language) -> tuple[policy.Material, ...]:
    return tuple(
        policy.Material(
            id=id_,
            title=text(m.title),
            waived=m.waived,
            register=m.register_id,
            basis=basis(m.basis),
            when=words.condition(m.when) if m.when else None,
            hint=optional_text(m.hint),
            kind=m.kind or "original",
        )
        for id_, m in item.materials.items()
    )


def _results(item: ItemSchema) -> tuple[policy.ResultField, ...]:
    return tuple(
        policy.ResultField(
            id=id_,
            title=text(result.title),
            kind=FactKind(result.kind),
            required=result.required,
            fact=result.fact,
            code_list=result.code_list,
            check=result.check,
            check_with=_compared(result),
        )
        for id_, result in item.results.items()
    )


def _compared(result: ResultSchema) -> dict[str, str]:
    """What a result is checked against; documents of before `check_with` meant a newborn."""
    if result.check == "newborn_id_number" and not result.check_with:
        return {"born_at": "newborn_born_at", "sex": "newborn_sex"}
    return {name: named.fact for name, named in result.check_with.items()}


def _asks(item: ItemSchema) -> tuple[policy.AskSpec, ...]:
    return tuple(
        policy.AskSpec(
            id=id_,
            kind=ask.kind,
            after=ask.after,
            title=text(ask.title),
            text=text(ask.text),
            button=text(ask.button),
            blocks=ask.blocks,
            basis=basis(ask.basis),
        )
        for id_, ask in item.asks.items()
    )
