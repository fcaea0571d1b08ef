"""文书清单: the tables that a document can carry, each with its columns, out of one case."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from yijian.domain.applying import missing_answers
from yijian.domain.cases import Task
from yijian.domain.clocks import local_day
from yijian.domain.eligibility import Verdict
from yijian.domain.facts import FAMILY
from yijian.domain.forms import Delivery, DeliveryOption
from yijian.domain.handover import HandoverItem, KnownRow, handover
from yijian.domain.materials import missing_scans
from yijian.domain.paperwork_words import (
    COMMA,
    Telling,
    baby_name,
    basis_text,
    limit_text,
    moment_text,
    reason_text,
)
from yijian.domain.signing import required_steps, valid_signatures
from yijian.domain.states import REFUSED, TaskState
from yijian.domain.wording import Text

Row = tuple[str, ...]

TURNED_AWAY = frozenset({TaskState.DECLINED, TaskState.REJECTED})
"""States in which an office has said no."""


@dataclass(frozen=True, slots=True)
class ListKind:
    """清单种类: how many columns a list has, and its rows for one document."""

    columns: int
    rows: Callable[[Telling], Iterator[Row]]


def titled(telling: Telling, item: str, newborn: int) -> str:
    """An item's title, with the newborn it is for where there are several."""
    title = telling.text(telling.pack.items[item].title)
    if newborn == FAMILY or telling.case.newborns < 2:
        return title
    return telling.text(Text("{}（{}）", "{} ({})")).format(title, baby_name(telling, newborn))


def _items(telling: Telling) -> Iterator[Row]:
    """Item, office, promised time: everything that is under way or still to come."""
    day = local_day(telling.now)
    for task in telling.case.tasks.values():
        item = telling.pack.items[task.item]
        if task.state is TaskState.NOT_NEEDED:
            continue
        office = telling.context.directory.office(task.office) if task.office else None
        if office is None:
            values = telling.values.get(task.newborn, {})
            office = telling.context.directory.route(item, values)
        yield (
            titled(telling, task.item, task.newborn),
            telling.text(office.title) if office else "",
            telling.text(limit_text(item.limit_on(day))),
        )


def _consents(telling: Telling) -> Iterator[Row]:
    """Who agreed to what, and when."""
    for consent in telling.case.consents:
        role = telling.pack.roles.get(consent.role)
        title = telling.pack.words.get(f"{consent.notice}_title")
        yield (
            telling.text(role.title) if role else consent.role,
            telling.text(title) if title else consent.notice,
            moment_text(consent.at, telling.language),
        )


def _materials(telling: Telling) -> Iterator[Row]:
    """Material, pages: the pictures that have been brought."""
    titles = {m.id: m.title for item in telling.pack.items.values() for m in item.materials}
    for id_, digests in telling.case.materials.items():
        if id_ in titles and digests:
            yield telling.text(titles[id_]), str(len(digests))


def _missing(telling: Telling) -> Iterator[Row]:
    """What, what about it: everything that keeps the application from being taken, at once."""
    case, context, now = telling.case, telling.context, telling.now
    signed = valid_signatures(case)
    for step in required_steps(case, context, now):
        role = telling.pack.roles.get(step.role)
        if step.role not in signed and not case.consented(step.role):
            title = telling.text(role.title) if role else step.role
            yield title, telling.text(Text("到场并签名", "to come and sign"))
    for fact, _ in missing_answers(case, context, now):
        field = telling.pack.form_field(fact)
        yield telling.text(field.label), telling.text(field.hint)
    for asked in missing_scans(context, case, now):
        hint = asked.material.hint
        yield telling.text(asked.material.title), telling.text(hint) if hint else ""


def _corrections(telling: Telling) -> Iterator[Row]:
    """Item, what to correct, what it says now, why: everything an office asks for, at once."""
    for task in _tasks(telling, frozenset({TaskState.CORRECTION_NEEDED})):
        title, why = titled(telling, task.item, task.newborn), reason_text(telling, task)
        if not task.correct:
            yield title, "", "", why
        labels = {field.fact: field.label for field in telling.pack.fields()}
        for fact in task.correct:
            label = labels.get(fact, telling.pack.facts[fact].title)
            for subject in telling.subjects_of(fact):
                if subject in (FAMILY, task.newborn) or task.newborn == FAMILY:
                    yield title, telling.text(label), telling.said(fact, subject), why


def _reasons(telling: Telling) -> Iterator[Row]:
    """What is refused, why, on what basis, where to go instead."""
    refused = list(_tasks(telling, TURNED_AWAY))
    for task in refused:
        item = telling.pack.items[task.item]
        yield (
            titled(telling, task.item, task.newborn),
            reason_text(telling, task),
            basis_text(telling.pack, item.basis),
            telling.text(item.way_offline) if item.way_offline else "",
        )
    if not refused and telling.task is None:
        for verdict in telling.context.judge(telling.case, telling.now).failed:
            yield _failed(telling, verdict)


def _failed(telling: Telling, verdict: Verdict) -> Row:
    rule = verdict.rule
    return (
        telling.text(rule.title),
        telling.text(verdict.sentence),
        telling.text(COMMA).join(basis_text(telling.pack, basis) for basis in rule.basis),
        telling.text(rule.way_on),
    )


def _handover(telling: Telling) -> Iterator[Row]:
    """Item, why, where, what to bring: what goes to a counter."""
    for handed in handover(telling.case, telling.context, telling.now).items:
        if telling.task is None or (handed.item.code, handed.newborn) == telling.task:
            yield (
                titled(telling, handed.item.code, handed.newborn),
                telling.text(handed.why),
                _where(telling, handed),
                telling.text(COMMA).join(telling.text(m.title) for m in handed.bring),
            )


def _where(telling: Telling, handed: HandoverItem) -> str:
    office = handed.office
    named = [telling.text(office.title), office.address, office.phone] if office else []
    if handed.way is not None:
        named.append(telling.text(handed.way))
    return telling.text(Text("，", ", ")).join(filter(None, named))


def _known(telling: Telling) -> Iterator[Row]:
    """Label, value, where it comes from: what the counter need not ask again."""
    seen: set[tuple[str, str]] = set()
    for handed in handover(telling.case, telling.context, telling.now).items:
        if telling.task is not None and (handed.item.code, handed.newborn) != telling.task:
            continue
        for row in handed.known:
            if (row.fact, str(row.value)) not in seen:
                seen.add((row.fact, str(row.value)))
                yield _row(telling, row)


def _done(telling: Telling) -> Iterator[Row]:
    """Label, value, item: what has been done, and what came of it."""
    for row in handover(telling.case, telling.context, telling.now).done:
        yield _row(telling, row)


def _row(telling: Telling, row: KnownRow) -> Row:
    said = str(row.value)
    if row.fact in telling.pack.facts:
        said = telling.value(row.fact, row.value)
    item = telling.pack.items.get(row.source or "")
    register = telling.pack.registers.get(row.source or "")
    source = item.title if item else register
    return (
        telling.text(row.label),
        said,
        telling.text(source or Text("家庭填写或自动得出", "said by the family or worked out")),
    )


def _deliveries(telling: Telling) -> Iterator[tuple[str, DeliveryOption]]:
    """The items that give something, each with the way it reaches the family."""
    for delivery in telling.pack.delivery:
        if telling.task is not None and telling.task[0] != delivery.item:
            continue
        tasks = [t for t in telling.case.tasks.values() if t.item == delivery.item]
        chosen = delivery_chosen(delivery, telling.known)
        if chosen is not None and any(t.state not in _NOTHING_TO_GIVE for t in tasks):
            yield delivery.item, chosen


def is_mailed(telling: Telling) -> bool:
    """Whether a parcel goes out: for the item of the document, else for any."""
    return any(chosen.needs_address for _, chosen in _deliveries(telling))


def _handed_out(telling: Telling) -> Iterator[Row]:
    """As `delivery`, but only what is handed over or sent: not what is told or seen online."""
    for item, chosen in _deliveries(telling):
        if chosen.needs_address or chosen.bring.zh:
            yield _way(telling, item, chosen)


def _delivery(telling: Telling) -> Iterator[Row]:
    """What, how, where, what to bring, who pays, who may collect: how results reach the family."""
    for item, chosen in _deliveries(telling):
        yield _way(telling, item, chosen)


def _way(telling: Telling, item: str, chosen: DeliveryOption) -> Row:
    return (
        telling.text(telling.pack.items[item].title),
        telling.text(chosen.title),
        telling.text(chosen.where),
        telling.text(chosen.bring),
        telling.text(chosen.cost) or telling.text(Text("不用付费", "nothing to pay")),
        _collectors(telling, chosen),
    )


def _collectors(telling: Telling, chosen: DeliveryOption) -> str:
    """The roles that may collect; by mail the recipient, else everybody of the case."""
    if chosen.needs_address:
        return telling.text(Text("收件人本人签收", "the recipient"))
    named = {role: f"{role}_name" for role in chosen.collectors or telling.pack.roles}
    known = telling.values[FAMILY]
    titles = [
        telling.text(telling.pack.roles[r].title) for r, fact in named.items() if known.get(fact)
    ]
    return telling.text(COMMA).join(titles)


def delivery_chosen(delivery: Delivery, values: Mapping[str, object]) -> DeliveryOption | None:
    """The way that the family chose, or the only one there is."""
    code = values.get(delivery.fact) if delivery.fact else None
    if delivery.fact is None and len(delivery.options) == 1:
        return delivery.options[0]
    return next((option for option in delivery.options if option.code == code), None)


def _progress(telling: Telling) -> Iterator[Row]:
    """Item, state in the pack's words."""
    for task in telling.case.tasks.values():
        word = telling.pack.words.get(f"status.{task.state.value}")
        yield (
            titled(telling, task.item, task.newborn),
            telling.text(word) if word else task.state.value,
        )


def _tasks(telling: Telling, states: frozenset[TaskState]) -> Iterator[Task]:
    """The task the document is about, or every task, as far as it is in one of the states."""
    for key, task in telling.case.tasks.items():
        if task.state in states and telling.task in (None, key):
            yield task


_NOTHING_TO_GIVE = REFUSED | {TaskState.NOT_NEEDED, TaskState.WITHDRAWN}

LISTS: Mapping[str, ListKind] = {
    "consents": ListKind(3, _consents),
    "corrections": ListKind(4, _corrections),
    "delivery": ListKind(6, _delivery),
    "done": ListKind(3, _done),
    "handed_out": ListKind(6, _handed_out),
    "handover": ListKind(4, _handover),
    "items": ListKind(3, _items),
    "known": ListKind(3, _known),
    "materials": ListKind(2, _materials),
    "missing": ListKind(2, _missing),
    "progress": ListKind(2, _progress),
    "reasons": ListKind(4, _reasons),
}
"""Every list that a document may name, and its columns."""
