"""文书用语: what the words, cells and lists of one document are filled with, in its language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from string import Formatter

from yijian.domain.cases import Case, Task
from yijian.domain.clocks import SHANGHAI, due_for, local_day
from yijian.domain.context import Context, applicant_of
from yijian.domain.events import TaskKey
from yijian.domain.facts import FAMILY
from yijian.domain.handover import reason_of
from yijian.domain.policy import FactKind, Limit, Pack, Scope, ServiceItem
from yijian.domain.routing import Office
from yijian.domain.sheet import value_text
from yijian.domain.wording import Basis, Text

BLANK = "________"
"""What stands where a fact is not known: room to write."""

LONG_TERM = date(9999, 12, 31)
COMMA = Text("、", ", ")


@dataclass(frozen=True)
class Telling:
    """文书所述: the case a document tells of and the language it tells it in.

    `task` is the task it is about, None for the family; `newborn` the newborn, 0 for all of them.
    `occasion` is what made it due, `places` are the names of administrative divisions by code.
    """

    case: Case
    context: Context
    now: datetime
    language: str
    task: TaskKey | None = None
    newborn: int = FAMILY
    office: Office | None = None
    occasion: str = ""
    link: str = ""
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def pack(self) -> Pack:
        """The policy of the case."""
        return self.context.pack

    @cached_property
    def values(self) -> Mapping[int, Mapping[str, object]]:
        """Everything known about the family (0) and each newborn, defaults included."""
        subjects = range(max(self.case.newborns, 1) + 1)
        return {n: self.context.filled(self.case, n, self.now) for n in subjects}

    @property
    def subjects(self) -> tuple[int, ...]:
        """The newborns it is about."""
        if self.newborn != FAMILY:
            return (self.newborn,)
        return tuple(n for n in self.values if n != FAMILY)

    @property
    def known(self) -> Mapping[str, object]:
        """What conditions are asked about: its newborn, else the first one."""
        return self.values[self.subjects[0]]

    @property
    def item(self) -> ServiceItem | None:
        """The item it is about."""
        return self.pack.items.get(self.task[0]) if self.task else None

    def text(self, text: Text) -> str:
        """A pack's sentence in the language of the document, as it is written."""
        return text.in_language(self.language)

    def subjects_of(self, fact: str) -> tuple[int, ...]:
        """Whose this fact is: the family, or each newborn the document is about."""
        return (FAMILY,) if self.pack.facts[fact].scope is Scope.FAMILY else self.subjects

    def said(self, fact: str, subject: int) -> str:
        """A fact as the document shows it; "" while it is not known."""
        return self.value(fact, self.values[subject].get(fact))

    def value(self, fact: str, value: object) -> str:
        """A value of that fact as the document shows it."""
        fact_type = self.pack.facts[fact]
        if value is None or value == "":
            return ""
        if fact_type.code_list is not None and fact_type.code_list not in self.pack.code_lists:
            return self.places.get(str(value), str(value))
        if isinstance(value, datetime):
            return moment_text(value, self.language)
        if isinstance(value, date):
            return day_text(value, self.language)
        if fact.endswith("_fen") and isinstance(value, int):
            yuan = f"{value // 100}.{value % 100:02d}"
            return self.text(Text(f"{yuan} 元", f"{yuan} yuan"))
        station = self.context.directory.office(str(value)) if fact.endswith("_station") else None
        if station is not None and fact_type.kind is FactKind.TEXT:
            return self.text(station.title)
        return value_text(self.pack, fact, value, self.language)

    def worded(self, text: Text) -> str:
        """A pack's sentence with everything that its braces name."""
        words = self.text(text)
        named: dict[str, str] = {}
        for name in names_in(words):
            if name in _VARIABLES:
                named[name] = _VARIABLES[name](self)
            else:
                said = [self.said(name, subject) for subject in self.subjects_of(name)]
                named[name] = self.text(COMMA).join(dict.fromkeys(filter(None, said))) or BLANK
        return words.format_map(named)


def names_in(words: str) -> tuple[str, ...]:
    """The names in braces of a sentence, in order."""
    return tuple(name for _, name, _, _ in Formatter().parse(words) if name)


def day_text(day: date, language: str) -> str:
    """2026年11月22日, or 22 November 2026; the last day of all is 长期."""
    if day >= LONG_TERM:
        return Text("长期", "long-term").in_language(language)
    if language.startswith("zh"):
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def moment_text(moment: datetime, language: str) -> str:
    """A moment in Asia/Shanghai, to the minute."""
    local = moment.astimezone(SHANGHAI)
    return f"{day_text(local.date(), language)} {local:%H:%M}"


def limit_text(limit: Limit | None) -> Text:
    """A time limit as people say it."""
    if limit is None:
        return Text("没有规定时限", "no limit is set")
    if limit.workdays == 0:
        return Text("当场办结", "at once")
    if limit.workdays is not None:
        return Text(f"{limit.workdays}个工作日", _plural(limit.workdays, "working day"))
    if limit.days is not None:
        return Text(f"{limit.days}天", _plural(limit.days, "day"))
    return Text(f"{limit.hours}小时", _plural(limit.hours or 0, "hour"))


def basis_text(pack: Pack, basis: Basis) -> str:
    """依据: the document's title, its number and the clause with its heading."""
    source = pack.sources.get(basis.document)
    if source is None:
        return ""
    heading = source.clauses.get(basis.clause, "")
    return f"《{source.title}》（{source.number}）{basis.clause} {heading}".strip()


def reason_text(telling: Telling, task: Task) -> str:
    """Why an office decided so, or what it asks for, in its own words."""
    return telling.text(reason_of(telling.case, task, telling.context))


def baby_name(telling: Telling, newborn: int) -> str:
    """What a newborn is called here: its name, else the pack's word for one of them."""
    subject = telling.pack.subject
    if subject is None:
        return ""
    named = telling.values.get(newborn, {}).get(subject.name or "")
    return str(named) if named else telling.text(subject.title)


def _baby(telling: Telling) -> str:
    names = [baby_name(telling, n) for n in telling.subjects]
    return telling.text(COMMA).join(dict.fromkeys(filter(None, names)))


def _applicant(telling: Telling) -> str:
    return str(telling.values[FAMILY].get(f"{applicant_of(telling.case, telling.pack)}_name") or "")


def _items(telling: Telling) -> str:
    """The item of the task, or every chosen item that is counted by itself."""
    if telling.item is not None:
        return telling.text(telling.item.title)
    chosen = set(telling.case.items or telling.context.preselected())
    titles = [
        telling.text(item.title)
        for item in telling.pack.items.values()
        if item.code in chosen and item.part_of is None
    ]
    return telling.text(COMMA).join(titles)


def _due(telling: Telling) -> str:
    """The last day: the task's own, or that of the joint promise, or the latest that runs."""
    pack, case = telling.pack, telling.case
    if telling.task is not None:
        due_at = case.tasks[telling.task].due_at if telling.task in case.tasks else None
    elif pack.promise is not None and case.submitted_at is not None:
        due_at = due_for(pack.promise, case.submitted_at, telling.context.calendar).at
    else:
        due_at = max((t.due_at for t in case.tasks.values() if t.due_at), default=None)
    if due_at is None:
        return telling.text(Text("按各事项的时限", "within the limit of each item"))
    return day_text(local_day(due_at - timedelta(microseconds=1)), telling.language)


def _reason(telling: Telling) -> str:
    task = telling.case.tasks.get(telling.task) if telling.task else None
    if task is not None:
        return reason_text(telling, task)
    failed = telling.context.judge(telling.case, telling.now).failed
    return telling.text(COMMA).join(telling.text(verdict.rule.title) for verdict in failed)


def _materials(telling: Telling) -> str:
    task = telling.case.tasks.get(telling.task) if telling.task else None
    pack = telling.pack
    if task is not None and task.correct:
        fields = {field.fact: field.label for field in pack.fields()}
        named = [telling.text(fields.get(f, pack.facts[f].title)) for f in task.correct]
        return telling.text(COMMA).join(named)
    titles = {m.id: m.title for item in pack.items.values() for m in item.materials}
    return telling.text(COMMA).join(
        telling.text(titles[id_]) for id_ in telling.case.materials if id_ in titles
    )


def _purpose(telling: Telling) -> str:
    return telling.text(telling.pack.watermark) if telling.pack.watermark else ""


def _office(telling: Telling) -> str:
    return telling.text(telling.office.title) if telling.office else ""


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


_VARIABLES: Mapping[str, Callable[[Telling], str]] = {
    "applicant": _applicant,
    "baby": _baby,
    "case_number": lambda telling: telling.case.number,
    "date": lambda telling: day_text(local_day(telling.now), telling.language),
    "due": _due,
    "item": lambda telling: telling.text(telling.item.title) if telling.item else "",
    "items": _items,
    "link": lambda telling: telling.link,
    "materials": _materials,
    "office": _office,
    "purpose": _purpose,
    "reason": _reason,
    "service": lambda telling: telling.text(telling.pack.service_title),
}

DOCUMENT_VARIABLES = frozenset(_VARIABLES)
"""What the words of a document may name besides the facts of the case."""

_MONTHS = (
    "January February March April May June July August September October November December".split()
)
