"""消息: which messages follow from what happened, to whom, with which words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from string import Formatter

from yijian.domain.cases import Case
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import Context
from yijian.domain.events import Event, EventKind
from yijian.domain.facts import FAMILY
from yijian.domain.policy import NoticeSpec

SMS_SEGMENT = 70
"""Characters in one segment of a Chinese text message."""

CASE_VARIABLES = frozenset(
    {"case_number", "item", "office", "reason", "due", "link", "baby", "rating_link"}
)
"""What a notice may name besides the facts of the case."""


@dataclass(frozen=True, slots=True)
class Message:
    """消息: one message to one role over one channel; `about` keeps it from being sent twice."""

    notice: str
    role: str
    channel: str
    text: str
    about: str


def messages(
    case: Case, events: Iterable[Event], context: Context, now: datetime, *, link: str = ""
) -> tuple[Message, ...]:
    """The messages that the pack wants sent when `events` have led to `case`."""
    found: list[Message] = []
    for event in events:
        named = occasions(event)
        for notice in context.pack.notices:
            if notice.on in named and _applies(notice, case, event, context, now):
                text = _worded(notice, case, event, context, now, link)
                about = f"{notice.id}:{_about(case, event)}"
                found.extend(
                    Message(notice.id, role, channel, text, f"{about}:{role}:{channel}")
                    for role in notice.to
                    for channel in notice.channels
                )
    return tuple(found)


def occasions(event: Event) -> frozenset[str]:
    """The names under which a pack may refer to an event.

    >>> from datetime import datetime, timezone
    >>> now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    >>> sorted(occasions(Event(EventKind.SIGNED, now, "mother", public={"role": "mother"})))
    ['signed', 'signed:mother']
    """
    kind = event.kind.value
    if event.kind is EventKind.FAMILY_REMINDED:
        return frozenset({str(event.public["reminder"])})
    names = {kind}
    if event.task is not None:
        item = event.task[0]
        last = str(event.public.get("to") or event.public.get("ask") or "")
        names |= {f"{kind}:{item}", f"{kind}:{item}:{last}", f"{kind}:*:{last}"}
    for detail in ("role", "register"):
        if detail in event.public:
            names.add(f"{kind}:{event.public[detail]}")
            if "state" in event.public:
                names.add(f"{kind}:{event.public[detail]}:{event.public['state']}")
                names.add(f"{kind}:*:{event.public['state']}")
    if event.public.get("arrived"):
        names.add(f"register_arrived:{event.public['register']}")
    if event.public.get("arrived_role"):
        names.add(f"arrived:{event.public['arrived_role']}")
    return frozenset(names)


def variables(notice: NoticeSpec) -> frozenset[str]:
    """The names in braces that a notice's Chinese or English words use."""
    return frozenset(
        name
        for words in (notice.text.zh, notice.text.en)
        for _, name, _, _ in Formatter().parse(words)
        if name
    )


def _applies(notice: NoticeSpec, case: Case, event: Event, context: Context, now: datetime) -> bool:
    if notice.when is None:
        return True
    newborn = event.task[1] if event.task else FAMILY
    return notice.when.holds(context.filled(case, newborn or 1, now)) is True


def _worded(
    notice: NoticeSpec, case: Case, event: Event, context: Context, now: datetime, link: str
) -> str:
    newborn = event.task[1] if event.task else FAMILY
    values = context.filled(case, newborn or 1, now)
    named: dict[str, object] = {name: values.get(name, "") for name in variables(notice)}
    named |= {"case_number": case.number, "link": link, "item": "", "office": "", "due": ""}
    named |= {"baby": "", "rating_link": f"{link}ratings/"}
    named["reason"] = event.sealed.get("reason", "")
    subject = context.pack.subject
    if subject is not None:
        named["baby"] = values.get(subject.name or "") or subject.title.zh
    if event.task is not None:
        task = case.tasks[event.task]
        office = context.directory.office(task.office) if task.office else None
        named["item"] = context.pack.items[task.item].title.zh
        named["office"] = office.title.zh if office else ""
        named["due"] = plain_value(task.due_at)
        named["rating_link"] = f"{link}rate/{task.item}/{task.newborn}/"
    return notice.text.zh.format_map({name: plain_value(v) for name, v in named.items()})


def plain_value(value: object) -> str:
    """A value as a message or a form shows it: dates in Chinese order, amounts as given."""
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI)
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return "" if value is None else str(value)


def _about(case: Case, event: Event) -> str:
    if event.kind is EventKind.FAMILY_REMINDED:
        return str(event.public["reminder"])
    if event.kind is EventKind.DUE_MOVED and event.task is not None:
        return f"{event.task[0]}:{event.task[1]}:{event.public['due_at']}"
    if event.task is None:
        detail: Mapping[str, object] = event.public
        return f"{detail.get('role', '')}{detail.get('register', '')}{case.form_version}"
    task = case.tasks[event.task]
    return f"{task.item}:{task.newborn}:{task.round}:{event.public.get('to', '')}"
