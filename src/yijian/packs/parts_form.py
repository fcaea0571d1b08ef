"""申请表与送达: pages, sections, fields, delivery and custody as domain values."""

from yijian.domain import forms, policy
from yijian.domain.custody_rules import LAST_DAY, Destination, Every, Place, Schedule, Sheet
from yijian.domain.policy import FactKind
from yijian.packs.expressions import Language
from yijian.packs.parts import basis, optional_text, text
from yijian.packs.schema import DestinationSchema, DocumentSchema, FieldSchema, ScheduleSchema


def pages(model: DocumentSchema) -> tuple[forms.FormPage, ...]:
    """The pages of the journey, in order."""
    return tuple(
        forms.FormPage(id_, text(page.title), page.step, text(page.lead))
        for id_, page in model.pages.items()
    )


def form_sections(model: DocumentSchema, words: Language) -> tuple[forms.FormSection, ...]:
    """The sections of the form with their fields, in order."""
    return tuple(
        forms.FormSection(
            id=id_,
            title=text(section.title),
            page=section.page,
            fields=tuple(
                _field(model, fact, field, words) for fact, field in section.fields.items()
            ),
        )
        for id_, section in model.sections.items()
    )


def _field(
    model: DocumentSchema, fact: str, field: FieldSchema, words: Language
) -> forms.FormField:
    kind = FactKind(model.facts[fact].kind)
    return forms.FormField(
        fact=fact,
        label=text(field.label or model.facts[fact].title),
        hint=text(field.hint),
        required=field.required,
        typed=field.typed,
        items=tuple(field.items),
        official=field.official,
        basis=basis(field.basis),
        default=words.expression(field.default, kind) if field.default else None,
        offered=words.expression(field.offered, FactKind.CODES) if field.offered else None,
        shown=words.condition(field.shown) if field.shown else None,
    )


def deliveries(model: DocumentSchema) -> tuple[forms.Delivery, ...]:
    """How the result of each item reaches the family."""
    return tuple(
        forms.Delivery(
            item=item,
            fact=delivery.fact,
            options=tuple(
                forms.DeliveryOption(
                    code=code,
                    title=text(option.title),
                    where=text(option.where),
                    bring=text(option.bring),
                    cost=text(option.cost),
                    needs_address=option.needs_address,
                    basis=basis(option.basis),
                    collectors=tuple(option.collectors),
                    paid_by=option.paid_by,
                    family_posts_first=option.family_posts_first,
                )
                for code, option in delivery.options.items()
            ),
        )
        for item, delivery in model.delivery.items()
    )


def custody_rules(model: DocumentSchema, words: Language) -> tuple[policy.CustodyRule, ...]:
    """Where every paper part is kept and must go."""
    return tuple(
        policy.CustodyRule(
            part=part,
            title=text(rule.title),
            holder=text(rule.holder),
            goes_to=text(rule.goes_to),
            every=text(rule.every),
            basis=basis(rule.basis),
            when=words.condition(rule.when) if rule.when else None,
            mark=optional_text(rule.mark),
            cut=rule.cut,
            sheet=Sheet(rule.sheet) if rule.sheet else None,
            to=_destination(rule.to) if rule.to else None,
            schedule=_schedule(rule.schedule) if rule.schedule else None,
            cut_after=rule.cut_after,
        )
        for part, rule in model.custody.items()
    )


def _destination(to: DestinationSchema) -> Destination:
    return Destination(Place(to.place), to.kind, to.item)


def _schedule(schedule: ScheduleSchema) -> Schedule:
    day = schedule.day if isinstance(schedule.day, int) else LAST_DAY
    on_workday = schedule.day == "last_workday"
    return Schedule(Every(schedule.every), day, on_workday, schedule.workdays)


def statements(model: DocumentSchema, words: Language) -> tuple[forms.Statement, ...]:
    """The papers signed beside the form, in the pack's order."""
    return tuple(
        forms.Statement(
            id=id_,
            title=text(statement.title),
            signed_by=tuple(statement.signed_by),
            text=text(statement.text),
            rows=tuple(statement.rows),
            basis=basis(statement.basis),
            when=words.condition(statement.when) if statement.when else None,
        )
        for id_, statement in model.statements.items()
    )
