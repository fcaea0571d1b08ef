"""政策包: what a joint service is, as values that a pack folder becomes.

Everything a scheme decides lives here as data with its basis: items, rules, form, signing order,
limits, delivery, custody, words. How YAML becomes these values is in `yijian.packs`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from yijian.domain.certificates import CertificateType, FetchedType
from yijian.domain.custody_rules import CustodyRule
from yijian.domain.document_specs import DocumentSpec
from yijian.domain.forms import Delivery, FormField, FormPage, FormSection, Statement
from yijian.domain.retention import Retention
from yijian.domain.roles import Arrival, Role, SigningStep, Subject
from yijian.domain.schemes import Alongside, Switch
from yijian.domain.wording import Basis, Condition, Decision, Expression, SourceDocument, Text

__all__ = [
    "Alongside",
    "Arrival",
    "AskSpec",
    "Choice",
    "CodeList",
    "CustodyRule",
    "Decision",
    "Exemption",
    "FactKind",
    "FactType",
    "InsuranceRule",
    "Limit",
    "Material",
    "NoticeSpec",
    "OnRefusal",
    "Pack",
    "ResultField",
    "Retention",
    "Role",
    "Rule",
    "RuleKind",
    "Scope",
    "ServiceItem",
    "SigningStep",
    "SourceDocument",
    "Subject",
    "Switch",
]


class Scope(StrEnum):
    """Whether a fact, rule or item belongs to the family or to each newborn."""

    FAMILY = "family"
    NEWBORN = "newborn"


class FactKind(StrEnum):
    """The type of a fact's value."""

    TEXT = "text"
    NAME = "name"
    NUMBER = "number"
    YES_NO = "yes_no"
    DATE = "date"
    MOMENT = "moment"
    CODE = "code"
    CODES = "codes"


@dataclass(frozen=True, slots=True)
class FactType:
    """事实类型: a fact's name, type and where it comes from.

    `register` is the register that verifies it; None when only the family or a derivation can say.
    `fresh_days` is how long a verified value may be relied on; None for ever.
    """

    id: str
    kind: FactKind
    scope: Scope
    title: Text
    register: str | None = None
    code_list: str | None = None
    fresh_days: int | None = None
    personal: bool = True
    derive: Expression | None = None


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list of codes with their names, in the order they are offered."""

    id: str
    entries: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: exactly one of `workdays`, `days` or `hours`, in force from a day on.

    It counts from the task's start, or from the anchor `since` ("birth"). No working days: at once,
    on the same working day.
    """

    basis: Basis
    from_on: date
    workdays: int | None = None
    days: int | None = None
    hours: int | None = None
    decision: str | None = None
    without_mailing: bool = False
    since: str | None = None


class Choice(StrEnum):
    """How an item comes into a case."""

    ALWAYS = "always"
    DEFAULT = "default"
    OPTIONAL = "optional"


class OnRefusal(StrEnum):
    """What happens to the other tasks when an office refuses this one."""

    CONTINUE = "continue"
    STOP_REMAINING = "stop_remaining"


@dataclass(frozen=True, slots=True)
class Exemption:
    """When an item is not needed, and the sentence that says why."""

    id: str
    condition: Condition
    text: Text
    basis: Basis


@dataclass(frozen=True, slots=True)
class AskSpec:
    """Something the family must do while an office works: confirm a form, pay, collect.

    `after` is the task state that opens it, or `<item>:<state>` or `<item>:ended` of another item;
    completing the task waits until it is answered when `blocks` is true.
    """

    id: str
    kind: str
    after: str
    title: Text
    text: Text
    button: Text
    blocks: bool
    basis: Basis


@dataclass(frozen=True, slots=True)
class Material:
    """材料: what must be shown for an item; `waived` when the state already has it.

    `when` asks for it only if that holds. `kind` is how: `scan`, `original` or `form`.
    """

    id: str
    title: Text
    waived: bool
    register: str | None
    basis: Basis
    when: Condition | None = None
    hint: Text | None = None
    kind: str = "original"


@dataclass(frozen=True, slots=True)
class ResultField:
    """A value an office gives back with its decision; `fact` when it becomes a fact of the case.

    `check` names a check of `results.CHECKS`; `check_with` gives the facts it compares with.
    """

    id: str
    title: Text
    kind: FactKind
    required: bool
    fact: str | None = None
    code_list: str | None = None
    check: str | None = None
    check_with: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """事项: one item of the joint service.

    `office_kind` and `office_fact` say who handles it: the office of that kind whose code or
    division is the fact's value. `payload` lists the facts its office receives, and no others.
    `part_of` names the item of the official list that this one is counted under. `applied_for` is
    false when the office acts without the family's application. It can be chosen only together
    with one item of each group of `requires`.
    """

    code: str
    title: Text
    summary: Text
    office_kind: str
    office_fact: str
    scope: Scope
    choice: Choice
    needs: tuple[str, ...]
    payload: tuple[str, ...]
    limits: tuple[Limit, ...]
    materials: tuple[Material, ...]
    results: tuple[ResultField, ...]
    on_refusal: OnRefusal
    basis: Basis
    exemptions: tuple[Exemption, ...] = ()
    asks: tuple[AskSpec, ...] = ()
    part_of: str | None = None
    applied_for: bool = True
    review_points: tuple[Text, ...] = ()
    way_offline: Text | None = None
    requires: tuple[tuple[str, ...], ...] = ()
    retention: Retention | None = None

    def limit_on(self, day: date) -> Limit | None:
        """The limit in force on `day`; None when no document sets one yet."""
        in_force = [limit for limit in self.limits if limit.from_on <= day]
        return max(in_force, key=lambda limit: limit.from_on, default=None)


class RuleKind(StrEnum):
    """What a rule is for."""

    CONDITION = "condition"
    EXCLUSION = "exclusion"
    WINDOW = "window"
    READINESS = "readiness"


@dataclass(frozen=True, slots=True)
class Rule:
    """One atomic condition of eligibility, with its sentences and its basis.

    `holds` must be true for the family to go on. `met` is said when it is, `failed` when it is
    not, `way_on` tells where to go instead, `repair` the smallest thing that would turn it. It is
    judged from `from_on` until the day before `until_on`, when it says so.
    """

    id: str
    kind: RuleKind
    scope: Scope
    title: Text
    condition: Condition
    met: Text
    failed: Text
    way_on: Text
    basis: tuple[Basis, ...]
    repair: Text | None = None
    registers: tuple[str, ...] = ()
    from_on: date | None = None
    until_on: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether the rule is judged for an application of that day."""
        begun = self.from_on is None or self.from_on <= on
        return begun and (self.until_on is None or on < self.until_on)


@dataclass(frozen=True, slots=True)
class NoticeSpec:
    """A message sent on an event: to whom, over which channels, with which words.

    `on` is an event kind or "<event kind>:<item>" or "<event kind>:<item>:<state>".
    """

    id: str
    on: str
    to: tuple[str, ...]
    channels: tuple[str, ...]
    text: Text
    basis: Basis | None = None
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """督办规则: how much of a task's time is used up when whom is told; `tell` are roles of staff.

    A text message to whoever is on duty leaves only between two hours of the day.
    """

    id: str
    percent: int
    tell: tuple[str, ...]
    text_from_hour: int = 0
    text_until_hour: int = 24
    basis: Basis | None = None
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class InsuranceRule:
    """When paid premiums take effect, and which years may be paid."""

    deadline_days: int
    late: str
    two_years_from: tuple[int, int]
    two_years_until: tuple[int, int]
    basis: tuple[Basis, ...]
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """政策包: one scheme's policy as data, at one version.

    `digest` is the SHA-256 of its canonical JSON. `origins` says which file and line every value
    came from ("items.hukou_registration.limits.0.workdays" → "340000-anhui/items.yaml:41").
    `fills` are the roles that may fill in the form, `anchors` the facts that name a moment which
    reminders count from ("birth" → "newborn_born_at"), `place_fact` the fact that says at which
    place of its divisions the service is asked for, `official` the cells of the printed form, each
    with the fact that fills it or the decision why none does, `number_keepers` the kinds of office
    through which certificate numbers come down to institutions, `desk_kinds` those at which
    supervisors watch the own desk alone.
    """

    code: str
    version: str
    digest: str
    title: Text
    service_title: Text
    base: str | None
    divisions: tuple[str, ...]
    in_force_from: date
    in_force_until: date | None
    lead_office_kind: str
    applicants: tuple[str, ...]
    signing: tuple[SigningStep, ...]
    channels: tuple[str, ...]
    precedence: int
    facts: Mapping[str, FactType]
    code_lists: Mapping[str, CodeList]
    items: Mapping[str, ServiceItem]
    rules: tuple[Rule, ...]
    pages: tuple[FormPage, ...]
    form: tuple[FormSection, ...]
    delivery: tuple[Delivery, ...]
    custody: tuple[CustodyRule, ...]
    notices: tuple[NoticeSpec, ...]
    words: Mapping[str, Text]
    sources: Mapping[str, SourceDocument]
    decisions: Mapping[str, Decision]
    insurance: InsuranceRule | None = None
    promise: Limit | None = None
    delivery_record_hours: int | None = None
    registers: Mapping[str, Text] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    fills: tuple[str, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    statements: tuple[Statement, ...] = ()
    statuses: str = "fine"
    alongside: Mapping[str, Alongside] = field(default_factory=dict)
    switches: tuple[Switch, ...] = ()
    escalation: tuple[Escalation, ...] = ()
    anchors: Mapping[str, str] = field(default_factory=dict)
    subject: Subject | None = None
    place_fact: str | None = None
    watermark: Text | None = None
    office_kinds: Mapping[str, Text] = field(default_factory=dict)
    number_keepers: tuple[str, ...] = ()
    desk_kinds: tuple[str, ...] = ()
    official: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, DocumentSpec] = field(default_factory=dict)
    certificates: Mapping[str, CertificateType] = field(default_factory=dict)
    fetched: Mapping[str, FetchedType] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> tuple[FormField, ...]:
        """Every field of the form, in form order."""
        return tuple(field for section in self.form for field in section.fields)

    def form_field(self, fact: str) -> FormField:
        """The field that holds `fact`; KeyError when the form has none."""
        for candidate in self.fields():
            if candidate.fact == fact:
                return candidate
        raise KeyError(fact)

    def signing_step(self, role: str) -> SigningStep | None:
        """The step in which `role` signs; None when that role does not sign."""
        return next((step for step in self.signing if step.role == role), None)
