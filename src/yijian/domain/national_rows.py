"""办件归集表各行: a case as rows of the six collection tables, at one moment.

Rows are made from the journal's public events up to that moment, with the names and numbers as
they are known. Which columns are placeholders says the data dictionary.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from yijian.domain.cases import Case, Task
from yijian.domain.certificates import Certificate, CertificateState, metadata
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import Context, applicant_of, applied_at
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.facts import FAMILY
from yijian.domain.handover import reason_of
from yijian.domain.national_tables import (
    ACCEPT,
    LICENCE,
    MATERIAL,
    PROCESS,
    RESULT,
    SPECIAL,
    TableRow,
    row_key,
)
from yijian.domain.states import REFUSED, TERMINAL, Stage, TaskState
from yijian.domain.statuses import status_text

NATURAL_PERSON, CARD = "1", "111"
PROMISED, OTHER_TYPE = "2", "9"
AT_COUNTER, ONLINE = "1", "3"
NOT_AN_EXTENSION = "2"
STEPS: Mapping[TaskState, str] = {
    TaskState.QUEUED: "01",
    TaskState.ACCEPTED: "02",
    TaskState.IN_REVIEW: "03",
    TaskState.CORRECTION_NEEDED: "04",
    TaskState.APPROVED: "05",
    **dict.fromkeys(TERMINAL, "06"),
}
CERTIFIED, RETURNED, NOT_CORRECTED, DONE = "0", "1", "5", "6"
_BY_COLUMN: Mapping[str, str] = {
    "license_name": "证照名称",
    "license_type_code": "证照类型代码",
    "license_number": "证照编号",
    "license_identifier": "电子证照标识",
    "holder_name": "持证主体",
    "holder_code": "持证主体代码",
    "holder_code_type": "持证主体代码类型",
    "issuing_org_name": "颁发机构",
    "issuing_org_code": "颁发机构代码",
    "issue_date": "颁发日期",
    "valid_begin_date": "有效期起始日期",
    "valid_end_date": "有效期截止日期",
    "division_code": "证照所属管辖属地编码",
    "license_status": "证照状态",
    "related_identifier": "关联证照标识",
}


@dataclass(frozen=True, slots=True)
class Story:
    """办件至某一时刻: a case with its public events until then.

    `case` has the tasks, parcels and materials of that moment; what is personal in it is as it is
    known. `certificates` are those of the case, by id.
    """

    case: Case
    events: Sequence[Event] = field(repr=False)
    context: Context = field(repr=False)
    certificates: Mapping[str, Certificate] = field(default_factory=dict, repr=False)


def project_number(case: Case, key: TaskKey, context: Context) -> str:
    """The number of one item's part: the case's number, the item's place in the pack, the child."""
    place = list(context.pack.items).index(key[0]) + 1
    return f"{case.number}{place:02d}{key[1]:02d}"


def rows_of(story: Story) -> Iterator[TableRow]:
    """Every row that the case has in any of the tables; none before it is submitted."""
    if story.case.stage in (Stage.DRAFT, Stage.SIGNING) or story.case.submitted_at is None:
        return
    for key in story.case.tasks:
        part = _Part(story, key)
        yield from part.rows()
    yield from _licences(story)


@dataclass(frozen=True, slots=True)
class _Part:
    """One task of a story, and the events about it."""

    story: Story
    key: TaskKey

    @property
    def case(self) -> Case:
        return self.story.case

    @property
    def context(self) -> Context:
        return self.story.context

    @property
    def task(self) -> Task:
        return self.case.tasks[self.key]

    @property
    def number(self) -> str:
        return project_number(self.case, self.key, self.context)

    def rows(self) -> Iterator[TableRow]:
        moves = list(self._moves())
        if not moves or self.task.state is TaskState.NOT_NEEDED:
            return
        answered = _first(moves, after=TaskState.QUEUED)
        if answered is not None:
            yield self._accepted(answered)
            yield from self._materials()
        yield from self._steps(moves)
        yield from self._pauses()
        if self.task.ended:
            yield self._ended(moves[-1])

    def _moves(self) -> Iterator[Event]:
        """The steps of this task since it went to an office."""
        sent = False
        for event in self.story.events:
            if event.kind is EventKind.TASK_MOVED and event.task == self.key:
                sent = sent or event.public["to"] in (
                    TaskState.QUEUED.value,
                    TaskState.OFFLINE.value,
                    TaskState.WITHDRAWN.value,
                )
                if sent:
                    yield event

    def row(
        self, table: str, *place: object, mark: tuple[object, ...] = (), **values: str
    ) -> TableRow:
        guid = row_key(self.case.id, self.key, table, *place)
        return TableRow(table, guid, {"row_guid": guid, "project_no": self.number, **values}, mark)

    def _office(self) -> tuple[str, str]:
        office = self.context.directory.office(self.task.office or "")
        return (office.title.zh, office.code) if office else ("", self.task.office or "")

    def _accepted(self, answered: Event) -> TableRow:
        pack, case = self.context.pack, self.case
        item = pack.items[self.key[0]]
        role = applicant_of(case, pack)
        said = _values(case, FAMILY)
        title, code = self._office()
        name = said.get(f"{role}_name", "")
        refused = answered.public["to"] in (TaskState.DECLINED.value, TaskState.OFFLINE.value)
        return self.row(
            ACCEPT,
            mark=(case.form_version, _corrections(self.story.events)),
            catalog_code=item.code[:12],
            task_code=f"{pack.code}.{item.code}"[:36],
            task_handle_item=item.code[:36],
            task_name=item.title.zh,
            task_version=case.pack_version,
            org_name=title,
            org_code=code,
            project_name=f"{pack.service_title.zh}·{item.title.zh}",
            project_type=PROMISED if item.limits else OTHER_TYPE,
            applyer_name=name,
            applyer_page_type=said.get(f"{role}_id_type", CARD),
            applyer_page_code=said.get(f"{role}_id_number", ""),
            applyer_type=NATURAL_PERSON,
            contact_name=name,
            contact_mobile=said.get(f"{role}_phone", ""),
            legal="",
            apply_type=ONLINE if case.channel == "online" else AT_COUNTER,
            apply_date=_text(applied_at(case)),
            accept_date="" if refused else _text(answered.at),
            accept_doc_no="" if refused else self.number,
            promise_date=_text(self.task.due_at),
            address=said.get("residence_address") or said.get(f"{role}_residence_address", ""),
            zip_code="",
            handle_user_name=answered.by,
        )

    def _materials(self) -> Iterator[TableRow]:
        for material in self.context.pack.items[self.key[0]].materials:
            brought = self.case.materials.get(material.id, ())
            yield self.row(
                MATERIAL,
                material.id,
                material_name=material.title.zh,
                get_type=_got(material.waived, bool(brought)),
                get_num=str(len(brought) or 1),
                material_attach_name=" ".join(f"{digest}.jpg" for digest in brought),
            )

    def _steps(self, moves: Sequence[Event]) -> Iterator[TableRow]:
        for place, event in enumerate(moves):
            to = TaskState(str(event.public["to"]))
            following = moves[place + 1].at if place + 1 < len(moves) else None
            yield self.row(
                PROCESS,
                place,
                process_name=status_text(self.context.pack, to).zh,
                event_name=STEPS.get(to, "01"),
                event_start_time=_text(event.at),
                event_end_time=_text(event.at if to in TERMINAL else following),
                handle_user_name=event.by,
                handle_explain=str(event.public.get("reason", "")),
            )

    def _pauses(self) -> Iterator[TableRow]:
        """The times when the family was asked for something and the clock stood still."""
        own = [event for event in self.story.events if event.task == self.key]
        begins = [place for place, event in enumerate(own) if _pauses(event)]
        for count, place in enumerate(begins):
            begun = own[place]
            ended = next((event for event in own[place + 1 :] if _resumes(event, begun)), None)
            yield self._pause(count, begun, ended)

    def _pause(self, place: int, begun: Event, ended: Event | None) -> TableRow:
        corrected = begun.kind is EventKind.TASK_MOVED
        return self.row(
            SPECIAL,
            place,
            special_type=NOT_AN_EXTENSION,
            special_name="补正告知" if corrected else "等待申请人办理",
            special_time=_text(begun.at),
            special_reason=str(begun.public.get("reason" if corrected else "ask", "")),
            special_end_time=_text(ended.at) if ended else "",
            special_result="" if ended is None else _outcome(ended),
            special_explain="",
        )

    def _ended(self, last: Event) -> TableRow:
        state = self.task.state
        made = [
            one
            for event in self.story.events
            if event.kind is EventKind.CERTIFICATE_KEPT and event.task == self.key
            if (one := self.story.certificates.get(str(event.public["certificate"])))
        ]
        result = CERTIFIED if made else DONE
        if state in REFUSED:
            late = last.public.get("from") == TaskState.CORRECTION_NEEDED.value
            result = NOT_CORRECTED if late and state is TaskState.OFFLINE else RETURNED
        why = reason_of(self.case, self.task, self.context).zh if state in REFUSED else ""
        return self.row(
            RESULT,
            result_date=_text(last.at),
            result_type=result,
            result_explain=why or status_text(self.context.pack, state).zh,
            result_cetr_name="、".join(one.title for one in made),
            result_cetr_no="、".join(one.number for one in made if one.number),
            is_delivery_results="1" if self.key in self.case.parcels else "0",
            satisfaction="",
            handle_user_name=last.by,
        )


def _licences(story: Story) -> Iterator[TableRow]:
    """The certificates of the case, each with the state it has at that moment."""
    states: dict[str, CertificateState] = {}
    keys: dict[str, TaskKey] = {}
    linked: dict[str, datetime] = {}
    identifiers: dict[str, str] = {}
    for event in story.events:
        public = event.public
        if event.kind is EventKind.CERTIFICATE_KEPT and event.task:
            one = str(public["certificate"])
            states[one], keys[one] = CertificateState.VALID, event.task
            identifiers[str(public["identifier"])] = one
            replaced = identifiers.get(str(public.get("supersedes", "")))
            if replaced:
                states[replaced] = CertificateState.REPLACED
        elif event.kind is EventKind.CERTIFICATE_LINKED:
            linked[str(public["certificate"])] = event.at
        elif event.kind is EventKind.CERTIFICATE_ENDED and "state" in public:
            states[str(public["certificate"])] = CertificateState(str(public["state"]))
    for one, state in states.items():
        certificate = story.certificates.get(one)
        if certificate is not None:
            told = metadata(_with_holder(certificate, story, keys[one]), state)
            yield _Part(story, keys[one]).row(
                LICENCE,
                one,
                mark=(linked.get(one),),
                content_digest=certificate.digest,
                **{column: told[name] for column, name in _BY_COLUMN.items()},
            )


def _with_holder(certificate: Certificate, story: Story, key: TaskKey) -> Certificate:
    """The certificate with the number of whose it is, once that is known."""
    type_ = story.context.pack.certificates.get(certificate.type)
    place = story.context.key(type_.holder_number, key[1]) if type_ else ("", FAMILY)
    fact = story.case.verified.get(place) or story.case.answers.get(place)
    number = str(fact.value) if fact and fact.value else certificate.holder.number
    return replace(certificate, holder=replace(certificate.holder, number=number))


def _first(moves: Iterable[Event], *, after: TaskState) -> Event | None:
    """The first step that an office took; None while it has taken none."""
    for event in moves:
        to = str(event.public["to"])
        if event.public.get("from") == after.value and to != TaskState.WITHDRAWN.value:
            return event
    return None


def _pauses(event: Event) -> bool:
    if event.kind is EventKind.TASK_ASKED:
        return bool(event.public.get("pauses"))
    moved = event.kind is EventKind.TASK_MOVED
    return moved and event.public["to"] == TaskState.CORRECTION_NEEDED.value


def _resumes(event: Event, begun: Event) -> bool:
    if begun.kind is EventKind.TASK_ASKED:
        same = event.kind is EventKind.ASK_ANSWERED and event.public["ask"] == begun.public["ask"]
        ended = event.kind is EventKind.TASK_MOVED and event.public["to"] in _ENDED
        return same or ended
    return event.kind is EventKind.TASK_MOVED


_ENDED = frozenset(state.value for state in TERMINAL)


def _outcome(ended: Event) -> str:
    to = ended.public.get("to")
    return "已完成" if to is None or to == TaskState.IN_REVIEW.value else "未完成"


def _corrections(events: Iterable[Event]) -> int:
    """How often the family has changed what it said since it applied."""
    return sum(event.kind is EventKind.TASK_MOVED and "fields" in event.public for event in events)


def _got(waived: bool, brought: bool) -> str:
    """How a material came in: shared data, a picture, or by hand."""
    if brought:
        return "电子"
    return "共享" if waived else "纸质"


def _values(case: Case, subject: int) -> Mapping[str, str]:
    """What is known of the family, as plain text; a register outweighs an answer."""
    known = {**case.answers, **case.verified}
    return {
        name: str(fact.value)
        for (name, of), fact in known.items()
        if of == subject and fact.value is not None
    }


def _text(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if moment else ""
