"""核验结果: what the registers say, whether the family may go on, and if not, why and where to go."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import window_filling
from yijian.domain.cases import CheckState
from yijian.domain.clocks import local_day
from yijian.domain.eligibility import Answer
from yijian.records.people import StaffRole
from yijian.web.applicant.checking import REFRESH_SECONDS, register_rows, rows_of
from yijian.web.applicant.values import worded
from yijian.web.window.doors import Sitting, window_page

HEADS = {
    Answer.YES: "good",
    Answer.NO: "bad",
}


@window_page("GET", "POST")
def findings(sitting: Sitting) -> HttpResponse:
    """Registers and conditions on one page; it renews itself while answers are on their way."""
    if sitting.posted:
        window_filling.ask_registers(by=sitting.user, number=sitting.number, now=sitting.now)
        return sitting.go("findings")
    case, context = sitting.case, sitting.context
    eligibility = context.judge(case, sitting.now)
    so_far = eligibility.so_far
    registers = register_rows(case, context)
    busy = any(row["answer"] == "busy" for row in registers) and so_far is not Answer.NO
    switched = [
        worded(switch.text)
        for switch in context.pack.switches
        if switch.is_on(local_day(sitting.now)) and switch.reaches(sitting.office.division)
    ]
    return sitting.page(
        "window/findings.html",
        {
            "registers": registers,
            "busy": busy and bool(case.consents),
            "consented": bool(case.consents),
            "refresh_seconds": REFRESH_SECONDS,
            "head": _head(so_far, busy),
            "tone": HEADS.get(so_far, "info" if busy else "warn"),
            "failed": rows_of(eligibility.failed, context),
            "others": [
                {"answer": row["answer"], "text": row["reason"] or row["title"]}
                for row in rows_of(
                    (v for v in eligibility.verdicts if v.answer is not Answer.NO), context
                )
            ],
            "may_go_on": so_far is Answer.YES,
            "next_url": sitting.url(sitting.next_step()),
            "refused": so_far is Answer.NO,
            "switched": switched,
            "record_url": _record_url(sitting) if so_far is not Answer.YES else "",
        },
        step="findings",
    )


def _record_url(sitting: Sitting) -> str:
    """Where this institution's own staff enter the delivery that the register does not have."""
    check = sitting.case.checks.get("delivery")
    may_enter = sitting.desk.visitor.works_as(StaffRole.DELIVERIES)
    if check is None or check.state is not CheckState.EMPTY or not may_enter:
        return ""
    return reverse("desk_delivery_new")


def _head(answer: Answer, busy: bool) -> str:
    if answer is Answer.YES:
        return gettext("可以办")
    if answer is Answer.NO:
        return gettext("不能一起办，原因和去处在下面")
    return gettext("正在核验") if busy else gettext("还不能确定，请看下面")
