"""核验: the registers are asked; the case waits; or the family is told why not and where to go."""

from collections.abc import Iterable
from datetime import timedelta

from django.http import HttpResponse
from django.utils.translation import gettext

from yijian.actions import cases as actions
from yijian.domain.cases import Case, CheckState
from yijian.domain.context import Context
from yijian.domain.eligibility import Answer, Eligibility, Repair, Verdict
from yijian.domain.journey import Page
from yijian.web.applicant.choosing import ways_on
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.values import basis_text, phrase, register_title, worded
from yijian.web.pages import show

REFRESH_SECONDS = 2
PATIENCE = timedelta(seconds=30)
GRAVE = frozenset({"newborn_alive"})
"""Facts about which a family hears one quiet sentence, and nothing to press."""
ANSWERS = {
    CheckState.FOUND: "yes",
    CheckState.EMPTY: "unknown",
    CheckState.FAILED: "unknown",
    CheckState.CONFLICT: "person",
}


def _check_reasons() -> dict[CheckState, str]:
    return {
        CheckState.FOUND: gettext("已核验"),
        CheckState.EMPTY: gettext("现在没有查到记录"),
        CheckState.FAILED: gettext("对方系统暂时没有回应，我们正在重试，您不用操作"),
        CheckState.CONFLICT: gettext("两处记录对不上，工作人员会核对"),
    }


def register_rows(case: Case, context: Context) -> list[dict[str, str]]:
    """Each register with how its check stands."""
    reasons = _check_reasons()
    used = dict.fromkeys(t.register for t in context.pack.facts.values() if t.register)
    rows = []
    for register in used:
        check = case.checks.get(register)
        rows.append(
            {
                "title": register_title(register, context),
                "answer": ANSWERS[check.state] if check else "busy",
                "reason": reasons[check.state] if check else "",
            }
        )
    return rows


@family_page("GET")
def checking(sitting: Sitting) -> HttpResponse:
    """The registers are being asked; the page renews itself and goes on by itself."""
    if sitting.place().page is not Page.CHECKING:
        return sitting.go_on()
    return show(
        sitting.request,
        "applicant/checking.html",
        {
            "number": sitting.number,
            "refresh_seconds": REFRESH_SECONDS,
            "text": phrase(sitting.context, "eligibility_checking"),
            "slow": _is_slow(sitting),
            "conditions": register_rows(sitting.case, sitting.context),
        },
    )


def _is_slow(sitting: Sitting) -> bool:
    """Whether the registers take longer than anybody should watch."""
    agreed = [consent.at for consent in sitting.case.consents]
    return bool(agreed) and sitting.now - max(agreed) > PATIENCE


@family_page("GET")
def parked(sitting: Sitting) -> HttpResponse:
    """A record is missing or must be looked at by a person; the family may leave."""
    if sitting.place().page is not Page.PARKED:
        return sitting.go_on()
    eligibility = sitting.context.judge(sitting.case, sitting.now)
    return show(
        sitting.request,
        "applicant/parked.html",
        {
            "number": sitting.number,
            "text": _parked_text(sitting.case, sitting.context, eligibility),
            "registers": register_rows(sitting.case, sitting.context),
            "waiting": rows_of(
                (v for v in eligibility.verdicts if v.answer is Answer.NEEDS_PERSON),
                sitting.context,
            ),
        },
    )


def _parked_text(case: Case, context: Context, eligibility: Eligibility) -> str:
    delivery = case.checks.get("delivery")
    if delivery is None or delivery.state is CheckState.EMPTY:
        return phrase(context, "eligibility_parked_delivery")
    if eligibility.answer is Answer.NEEDS_PERSON:
        return phrase(context, "eligibility_person")
    return phrase(context, "eligibility_parked")


@family_page("GET")
def refused(sitting: Sitting) -> HttpResponse:
    """Every failed condition with its reason, basis, way on and smallest repair."""
    if sitting.place().page is not Page.REFUSED:
        return sitting.go_on()
    eligibility = sitting.context.judge(sitting.case, sitting.now)
    grave = [v for v in eligibility.failed if v.rule.condition.needs & GRAVE]
    if grave:
        quiet = {"failed": rows_of(grave, sitting.context)}
        return show(sitting.request, "applicant/refused_quietly.html", quiet)
    met = [v for v in eligibility.verdicts if v.answer is not Answer.NO]
    return show(
        sitting.request,
        "applicant/refused.html",
        {
            "number": sitting.number,
            "text": phrase(sitting.context, "eligibility_refused"),
            "failed": rows_of(eligibility.failed, sitting.context),
            "others": ways_on(sitting),
            "met": rows_of(met, sitting.context),
            "repairs": [
                repair
                for one in eligibility.repairs
                if (repair := _repair_row(one, sitting.context)) is not None
            ],
        },
    )


def rows_of(verdicts: Iterable[Verdict], context: Context) -> list[dict[str, str]]:
    """The conditions of a list, each once: twins that fail alike read it once.

    That a child lives is never listed among what was checked.
    """
    once = {
        (v.rule.id, v.answer): v
        for v in verdicts
        if v.answer is Answer.NO or not v.rule.condition.needs & GRAVE
    }
    return [verdict_row(verdict, context) for verdict in once.values()]


def verdict_row(verdict: Verdict, context: Context) -> dict[str, str]:
    """One condition as the page's list shows it."""
    rule = verdict.rule
    answers = {Answer.NEEDS_PERSON: "person"}
    row = {
        "answer": answers.get(verdict.answer, verdict.answer.value),
        "title": worded(rule.title),
        "reason": "",
        "basis": "",
        "way_on": "",
        "repair": "",
    }
    if verdict.answer is Answer.NO:
        row["reason"] = worded(verdict.sentence)
        row["basis"] = basis_text(context, *rule.basis)
        row["way_on"] = worded(rule.way_on)
        row["repair"] = worded(rule.repair)
    elif verdict.answer is Answer.YES:
        row["reason"] = worded(rule.met)
    return row


def _repair_row(repair: Repair, context: Context) -> dict[str, str] | None:
    try:
        field = context.pack.form_field(repair.fact)
    except KeyError:
        return None
    code_list = context.pack.code_lists.get(context.pack.facts[repair.fact].code_list or "")
    if code_list is None or repair.value not in code_list.entries:
        return None
    return {
        "fact": repair.fact,
        "value": repair.value,
        "label": gettext("“%(field)s”改成“%(option)s”，就能继续办")
        % {"field": worded(field.label), "option": worded(code_list.entries[repair.value])},
    }


@family_page("POST")
def repair(sitting: Sitting) -> HttpResponse:
    """One tap: the choice that turns what failed. Only what the verdicts offered is taken."""
    fact = sitting.request.POST.get("fact", "")
    value = sitting.request.POST.get("value", "")
    offered = sitting.context.judge(sitting.case, sitting.now).repairs
    if any((one.fact, one.value) == (fact, value) for one in offered):
        subjects = sitting.context.subjects(sitting.case, fact)
        actions.save_answers(
            by=sitting.user,
            number=sitting.number,
            answers={(fact, subject): value for subject in subjects},
            items=None,
            form_version=None,
            now=sitting.now,
        )
    return sitting.go_on()


@family_page("POST")
def recheck(sitting: Sitting) -> HttpResponse:
    """The family has put something right: the registers are asked again."""
    actions.recheck(by=sitting.user, number=sitting.number, now=sitting.now)
    return sitting.go_on()
