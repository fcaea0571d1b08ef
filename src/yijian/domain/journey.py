"""办事路径: which page comes next, recomputed from the answers. No position is ever stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yijian.domain.arriving import has_arrived, may_arrive, may_fill
from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.eligibility import Answer, Eligibility, told_by
from yijian.domain.facts import FactKey
from yijian.domain.forms import FormField
from yijian.domain.materials import missing_scans
from yijian.domain.signing import next_signers, valid_signatures
from yijian.domain.states import Stage
from yijian.domain.verification import can_be_asked


class Page(StrEnum):
    """The pages around the form; the form's own pages are named by the pack."""

    NOTICE = "notice"
    CHECKING = "checking"
    PARKED = "parked"
    REFUSED = "refused"
    FORM = "form"
    MATERIALS = "materials"
    CHECK = "check"
    LIVE_CHECK = "live_check"
    SIGN = "sign"
    WAITING_FOR_OTHER = "waiting"
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a parent is: a page, and for the form which of the pack's pages."""

    page: Page
    form_page: str | None = None


def next_place(
    case: Case, role: str, context: Context, now: datetime, *, seen: frozenset[str] = frozenset()
) -> Place:
    """The page this parent needs next.

    `seen` names the form pages this parent has confirmed; a page with nothing left to answer is
    still shown once, because defaults are proposals.
    """
    if case.stage in (Stage.SUBMITTED, Stage.CLOSED, Stage.WITHDRAWN):
        return Place(Page.PROGRESS)
    if case.stage is Stage.DRAFT and not may_arrive(case, role, context):
        return Place(Page.WAITING_FOR_OTHER)
    if not case.consented(role):
        return Place(Page.NOTICE)
    eligibility = context.judge(case, now)
    # A refusal waits, too, for registers not heard yet: a family is told every reason at once.
    waiting = unheard(case, context, eligibility)
    final = eligibility.answer is Answer.NO and not waiting
    if final and not correctable(case, context, eligibility):
        return Place(Page.REFUSED)
    if case.stage is Stage.DRAFT and not has_arrived(case, role, context):
        return Place(Page.LIVE_CHECK)
    if not final and eligibility.so_far is not Answer.YES:
        return Place(Page.CHECKING if waiting else Page.PARKED)
    if case.stage is Stage.SIGNING:
        return _signing_place(case, role, context, now)
    if not may_fill(case, role, context):
        return Place(Page.WAITING_FOR_OTHER)
    for page in form_pages(case, context, now):
        if page not in seen or page_missing(case, page, context, now):
            return Place(Page.FORM, page)
    excluded = eligibility.answer is Answer.NO
    if not excluded and missing_scans(context, case, now):
        return Place(Page.MATERIALS)
    return Place(Page.CHECK)


def _signing_place(case: Case, role: str, context: Context, now: datetime) -> Place:
    if role in valid_signatures(case):
        return Place(Page.WAITING_FOR_OTHER)
    step = next((s for s in next_signers(case, context, now) if s.role == role), None)
    if step is None:
        return Place(Page.WAITING_FOR_OTHER)
    if step.live_check and not case.live_checked(role):
        return Place(Page.LIVE_CHECK)
    return Place(Page.SIGN)


def correctable(case: Case, context: Context, eligibility: Eligibility) -> bool:
    """Whether every failed condition rests on an answer that the family can give otherwise.

    Where one choice would turn them all, the refusal itself offers it.
    """
    if case.stage is not Stage.DRAFT or eligibility.repairs:
        return False
    answered = {fact for fact, _ in case.answers}
    return all(
        told_by(context.pack, verdict.rule.condition.needs) & answered
        for verdict in eligibility.failed
    )


def unheard(case: Case, context: Context, eligibility: Eligibility) -> bool:
    """Whether a register that a verdict waits for can be asked and has never answered."""
    registers = {t.register for t in context.pack.facts.values() if t.register}
    missing = set(eligibility.waits_for) & registers
    return any(register not in case.checks and can_be_asked(case, register) for register in missing)


def form_pages(case: Case, context: Context, now: datetime) -> tuple[str, ...]:
    """The pages of the form on which this case has something to show, in pack order."""
    values = _values_by_subject(case, context, now)
    return tuple(p.id for p in context.pack.pages if any(_shown(case, p.id, context, values)))


def page_fields(
    case: Case, page: str, context: Context, now: datetime
) -> tuple[tuple[FormField, int], ...]:
    """The fields a page shows with their subjects: those a chosen item or the form needs."""
    values = _values_by_subject(case, context, now)
    return tuple((field, subject) for field, subject, _ in _shown(case, page, context, values))


def page_missing(case: Case, page: str, context: Context, now: datetime) -> tuple[FactKey, ...]:
    """Required fields of one page that nothing has answered yet."""
    values = _values_by_subject(case, context, now)
    return tuple(
        (field.fact, subject)
        for field, subject, known in _shown(case, page, context, values)
        if field.required and known.get(field.fact) in (None, "")
    )


def _values_by_subject(case: Case, context: Context, now: datetime) -> dict[int, dict[str, object]]:
    return {n: context.filled(case, n, now) for n in range(max(case.newborns, 1) + 1)}


def _shown(
    case: Case, page: str, context: Context, values: Mapping[int, Mapping[str, object]]
) -> Iterator[tuple[FormField, int, Mapping[str, object]]]:
    chosen = set(case.items or context.preselected())
    for section in context.pack.form:
        if section.page != page:
            continue
        for field in section.fields:
            if field.items and not chosen & set(field.items) and not field.official:
                continue
            for subject in context.subjects(case, field.fact):
                if field.shown is None or field.shown.holds(values[subject]):
                    yield field, subject, values[subject]
