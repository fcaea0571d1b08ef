"""工单: complaints, suggestions, questions and bad ratings, from the first word to the last.

What lives here: the states and every step between them as a table, who takes which step, and the
deadlines. Whoever answers an order never closes it, and whoever is complained of never decides
about an appeal against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from yijian.domain.clocks import Calendar, end_of, local_day
from yijian.domain.context import RefusedError
from yijian.domain.ratings import OrderLimits


class OrderKind(StrEnum):
    """工单类别: what somebody has come with."""

    BAD_RATING = "bad_rating"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    QUESTION = "question"


class OrderState(StrEnum):
    """工单状态: where an order stands."""

    NEW = "new"
    ASSIGNED = "assigned"
    IN_HAND = "in_hand"
    APPEALED = "appealed"
    ANSWERED = "answered"
    CALLED_BACK = "called_back"
    CLOSED = "closed"


class OrderActor(StrEnum):
    """Who may take a step of an order."""

    DESK = "desk"
    """受理方: the complaints desk of the centre, which assigns, calls back and closes."""
    HANDLER = "handler"
    """承办方: the supervisor of the office that the order was assigned to."""
    PARTY = "party"
    """提出人: the family or the person who came with it."""


class Finding(StrEnum):
    """核实结论: what looking into it has shown."""

    FOUNDED = "founded"
    """属实，已整改: it was so and is put right."""
    EXPLAINED = "explained"
    """无依据，已解释: what is asked for has no ground; it was explained."""
    UNFOUNDED = "unfounded"
    """不属实: it was not so."""


@dataclass(frozen=True, slots=True)
class OrderStep:
    """One allowed step of an order: its name, from, to, by whom, and what it means.

    `needs` names what must come with it: a reason, an office, a reply, a finding, an outcome.
    """

    name: str
    before: OrderState
    after: OrderState
    by: OrderActor
    sentence: str
    needs: tuple[str, ...] = ()


_S, _A = OrderState, OrderActor

ORDER_STEPS: tuple[OrderStep, ...] = (
    OrderStep("assign", _S.NEW, _S.ASSIGNED, _A.DESK, "转给承办机构", ("office",)),
    OrderStep("reply", _S.NEW, _S.ANSWERED, _A.DESK, "受理方直接答复", ("reply",)),
    OrderStep("take", _S.ASSIGNED, _S.IN_HAND, _A.HANDLER, "承办机构开始核实"),
    OrderStep("send_back", _S.ASSIGNED, _S.NEW, _A.HANDLER, "不属本机构，退回重转", ("reason",)),
    OrderStep("transfer", _S.ASSIGNED, _S.ASSIGNED, _A.DESK, "改转别的机构", ("office", "reason")),
    OrderStep("transfer", _S.IN_HAND, _S.ASSIGNED, _A.DESK, "改转别的机构", ("office", "reason")),
    OrderStep("extend", _S.IN_HAND, _S.IN_HAND, _A.HANDLER, "说明理由，延期一次", ("reason",)),
    OrderStep(
        "answer", _S.IN_HAND, _S.ANSWERED, _A.HANDLER, "核实整改完，答复", ("finding", "reply")
    ),
    OrderStep("appeal", _S.IN_HAND, _S.APPEALED, _A.HANDLER, "认为评价有误，申诉", ("reason",)),
    OrderStep("dismiss", _S.APPEALED, _S.IN_HAND, _A.DESK, "申诉不成立，继续整改", ("reason",)),
    OrderStep("uphold", _S.APPEALED, _S.ANSWERED, _A.DESK, "申诉成立，评价不计入", ("reply",)),
    OrderStep("call_back", _S.ANSWERED, _S.CALLED_BACK, _A.DESK, "回访提出人", ("outcome",)),
    OrderStep(
        "rate_again", _S.ANSWERED, _S.CALLED_BACK, _A.PARTY, "提出人对整改再评价", ("outcome",)
    ),
    OrderStep("redo", _S.CALLED_BACK, _S.ASSIGNED, _A.DESK, "回访不满意，重新整改", ("reason",)),
    OrderStep("close", _S.ANSWERED, _S.CLOSED, _A.DESK, "咨询、建议答复后办结"),
    OrderStep("close", _S.CALLED_BACK, _S.CLOSED, _A.DESK, "办结"),
    *(
        OrderStep("lapse", before, _S.CLOSED, _A.DESK, "家庭资料已删除，不再答复")
        for before in (_S.NEW, _S.ASSIGNED, _S.IN_HAND, _S.APPEALED)
    ),
)
"""Every step there is. A bad rating and a complaint never close without a call back, unless the
family has been forgotten: then nobody can be answered."""
WITHOUT_WORDS = ("lapse", "call_back", "close")
"""What is left of an order whose family was forgotten: words of it can no longer be sealed."""


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """工单: what decisions about it stand on; words and persons lie sealed elsewhere.

    `handler` is the office that looks into it; `about` the office it speaks of. `rounds` counts how
    often it was sent back to be done again. `forgotten` says that its family's data were erased.
    """

    kind: OrderKind
    state: OrderState
    opened_at: datetime
    assign_due_at: datetime
    due_at: datetime
    handler: str = ""
    about: str = ""
    extended: bool = False
    rounds: int = 0
    outcome: str = ""
    forgotten: bool = False


MOST_ROUNDS = 2
"""How often an order goes back to be done again before a person above has to settle it."""
OUTCOMES = ("satisfied", "unsatisfied", "not_reached")
"""回访结果: what a call back may have shown."""
LAPSED = "forgotten"
"""What stands in the place of an outcome when there is nobody left to be called back."""


def allowed(order: WorkOrder, actor: OrderActor) -> tuple[OrderStep, ...]:
    """The steps that this actor may take now."""
    return tuple(
        step
        for step in ORDER_STEPS
        if step.before is order.state and step.by is actor and _fits(order, step)
    )


def step_of(order: WorkOrder, name: str, actor: OrderActor, given: Mapping[str, str]) -> OrderStep:
    """The step of this name with everything it needs.

    Errors: RefusedError `step_not_allowed`, `family_forgotten`; `reason_missing`,
    `office_missing`, `reply_missing`, `finding_missing`, `outcome_missing`.
    """
    step = next((each for each in allowed(order, actor) if each.name == name), None)
    if step is None:
        raise RefusedError("family_forgotten" if order.forgotten else "step_not_allowed")
    for need in step.needs:
        if not given.get(need, "").strip():
            raise RefusedError(f"{need}_missing", need)
    if "finding" in step.needs and given["finding"] not in set(Finding):
        raise RefusedError("finding_missing", "finding")
    if "outcome" in step.needs and given["outcome"] not in OUTCOMES:
        raise RefusedError("outcome_missing", "outcome")
    return step


def deadlines(
    opened_at: datetime, limits: OrderLimits, calendar: Calendar
) -> tuple[datetime, datetime]:
    """Until when an order is assigned and until when it is answered, on working days."""
    return (
        _after(opened_at, limits.assign_workdays, calendar),
        _after(opened_at, limits.finish_workdays, calendar),
    )


def extended_until(due_at: datetime, limits: OrderLimits, calendar: Calendar) -> datetime:
    """The last deadline an order may have: counted from the day from which `due_at` counts."""
    more = limits.extended_workdays - limits.finish_workdays
    return _after(due_at - timedelta(microseconds=1), more, calendar) if more else due_at


def days_late(
    due_at: datetime, ended_at: datetime | None, now: datetime, calendar: Calendar
) -> int:
    """超期天数: how many working days after its deadline an order was answered or still is not."""
    last_day = local_day(due_at - timedelta(microseconds=1))
    return max(0, calendar.between(last_day, local_day(ended_at or now)))


def _after(moment: datetime, workdays: int, calendar: Calendar) -> datetime:
    return end_of(calendar.after(local_day(moment), workdays))


def _fits(order: WorkOrder, step: OrderStep) -> bool:
    if order.forgotten and step.name not in WITHOUT_WORDS:
        return False
    if step.name == "lapse":
        return order.forgotten
    if step.name == "extend":
        return not order.extended
    if step.name in ("appeal", "rate_again"):
        return order.kind is OrderKind.BAD_RATING
    if step.name == "reply" or (step.name == "close" and step.before is _S.ANSWERED):
        return order.kind in (OrderKind.QUESTION, OrderKind.SUGGESTION)
    if step.name == "redo":
        return order.outcome != "satisfied" and order.rounds < MOST_ROUNDS
    return True
