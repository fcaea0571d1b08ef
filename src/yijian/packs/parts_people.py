"""人与方案: roles, arrivals, signing order, switches and neighbours as domain values."""

from graphlib import TopologicalSorter

from yijian.domain.policy import CodeList, Escalation
from yijian.domain.roles import Arrival, Role, SigningStep, Subject
from yijian.domain.schemes import Alongside, Switch
from yijian.domain.wording import Text
from yijian.packs.expressions import Language
from yijian.packs.parts import basis, text
from yijian.packs.schema import DocumentSchema

ROLE_LIST = "role"
"""The code list that a pack's roles are by themselves."""


def roles(model: DocumentSchema) -> dict[str, Role]:
    """The persons of this life event, in the order of pages."""
    return {
        id_: Role(id_, text(role.title), text(role.short), role.sex)
        for id_, role in model.pack.roles.items()
    }


def role_list(model: DocumentSchema) -> dict[str, CodeList]:
    """The roles as a code list, unless the pack writes one of that name itself."""
    if ROLE_LIST in model.code_lists or not model.pack.roles:
        return {}
    entries = {id_: text(role.short) for id_, role in model.pack.roles.items()}
    return {ROLE_LIST: CodeList(ROLE_LIST, entries)}


def arrivals(model: DocumentSchema) -> tuple[Arrival, ...]:
    """Who must have come before the form opens, first comers first."""
    steps = model.pack.arrivals
    order = TopologicalSorter({role: step.after for role, step in steps.items()}).static_order()
    return tuple(
        Arrival(role, steps[role].live_check, tuple(steps[role].after), basis(steps[role].basis))
        for role in order
        if role in steps
    )


def signing(model: DocumentSchema, words: Language) -> tuple[SigningStep, ...]:
    """Who signs, in order."""
    steps = model.pack.signing
    order = TopologicalSorter({role: step.after for role, step in steps.items()}).static_order()
    return tuple(
        SigningStep(
            role=role,
            live_check=steps[role].live_check,
            after=tuple(steps[role].after),
            text=text(steps[role].text),
            basis=basis(steps[role].basis),
            when=words.condition(when) if (when := steps[role].when) else None,
        )
        for role in order
        if role in steps
    )


def alongside(model: DocumentSchema) -> dict[str, Alongside]:
    """How the scheme stands beside others, by their codes."""
    return {
        code: Alongside(code, other.leads, other.choice, text(other.reason), other.decision)
        for code, other in model.pack.alongside.items()
    }


def switches(model: DocumentSchema) -> tuple[Switch, ...]:
    """What is not online yet, where and when."""
    return tuple(
        Switch(
            id=id_,
            items=tuple(switch.items),
            divisions=tuple(switch.divisions),
            from_on=switch.from_on,
            until_on=switch.until_on,
            text=text(switch.text),
            basis=basis(switch.basis) if switch.basis else None,
            decision=switch.decision,
        )
        for id_, switch in model.pack.switches.items()
    )


def escalation(model: DocumentSchema) -> tuple[Escalation, ...]:
    """Who is told when how much of a task's time is used up, the least first."""
    steps = (
        Escalation(
            id=id_,
            percent=step.percent,
            tell=tuple(step.tell),
            text_from_hour=step.text_hours[0],
            text_until_hour=step.text_hours[1],
            basis=basis(step.basis) if step.basis else None,
            decision=step.decision,
        )
        for id_, step in model.pack.escalation.items()
    )
    return tuple(sorted(steps, key=lambda step: step.percent))


def subject(model: DocumentSchema) -> Subject | None:
    """Whom the facts of scope `newborn` are about."""
    written = model.pack.subject
    if written is not None:
        return Subject(text(written.title), written.name)
    # Documents of before `subject` and `anchors` spoke of newborns alone.
    return Subject(Text("宝宝", "the baby"), "newborn_name") if _of_before(model) else None


def anchors(model: DocumentSchema) -> dict[str, str]:
    """The facts that name a moment to count from."""
    if not model.pack.anchors and _of_before(model):
        return {"birth": "newborn_born_at"}
    return {id_: named.fact for id_, named in model.pack.anchors.items()}


def _of_before(model: DocumentSchema) -> bool:
    return not model.pack.roles and {"newborn_name", "newborn_born_at"} <= model.facts.keys()
