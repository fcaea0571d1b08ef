"""演练: the page on which an operator lets a training node begin anew; elsewhere there is none."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from yijian.actions import training
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_moment
from yijian.web.desk.doors import Desk, desk_page


@desk_page("GET", "POST", roles=(StaffRole.OPERATOR,))
def page(desk: Desk) -> HttpResponse:
    """What training is, when it last began anew, and the button."""
    if not training.is_training():
        return desk.absent()
    if desk.request.method == "POST":
        if desk.request.POST.get("sure") != "yes":
            messages.error(desk.request, gettext("请先勾选：知道练习的办件都会删除。"))
        else:
            training.reset(by=desk.user, now=desk.now)
        return HttpResponseRedirect(desk.request.path)
    asked = training.asked()
    return desk.page(
        "console/training.html",
        {
            "asked": asked is not None,
            "resets": [(shown_moment(one.at), one.by) for one in training.resets()[:10]],
        },
        current="training",
    )
