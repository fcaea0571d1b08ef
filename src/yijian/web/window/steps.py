"""步骤: the steps at a window, and which one a case needs next. No position is ever stored."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import materials
from yijian.domain.applying import missing_answers
from yijian.domain.arriving import awaited, filler
from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.eligibility import Answer
from yijian.domain.states import Stage

STEPS = ("people", "findings", "form", "materials", "sign", "after")
ENQUIRY_STEPS = ("people", "findings", "handover")


def titles() -> dict[str, str]:
    """What the steps are called."""
    return {
        "people": gettext("谁来办"),
        "findings": gettext("核验结果"),
        "form": gettext("问和填"),
        "materials": gettext("材料"),
        "sign": gettext("读回、签名"),
        "after": gettext("交给家庭"),
        "handover": gettext("转交"),
    }


def steps_of(number: str, here: str, needed: str, enquiry_only: bool) -> list[dict[str, object]]:
    """The steps as links with a key each; the one that is needed next is marked."""
    names = ENQUIRY_STEPS if enquiry_only else STEPS
    words = titles()
    reached = names.index(needed) if needed in names else len(names)
    return [
        {
            "key": str(place),
            "title": words[name],
            "url": reverse(f"window_{name}", args=[number]),
            "here": name == here,
            "done": place - 1 < reached,
            "needed": name == needed,
        }
        for place, name in enumerate(names, start=1)
    ]


def where(case: Case, context: Context, now: datetime, *, enquiry_only: bool = False) -> str:
    """The step that is needed next."""
    if case.stage is Stage.WITHDRAWN or case.stage is Stage.CLOSED:
        return "after"
    if case.stage is Stage.SUBMITTED:
        return "after"
    role = filler(case, context)
    if not case.consented(case.applicant or role) or awaited(case, context):
        return "people"
    if context.judge(case, now).so_far is not Answer.YES:
        return "findings"
    if enquiry_only:
        return "handover"
    if case.stage is Stage.SIGNING:
        return "sign"
    if not case.consented(role):
        return "people"
    if missing_answers(case, context, now) or not case.items:
        return "form"
    if materials.missing(case, context, now):
        return "materials"
    return "sign"
