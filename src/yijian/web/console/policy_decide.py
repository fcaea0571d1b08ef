"""提交与批准: an editor hands a draft in, a second person returns it or dates it into force."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import workshop, workshop_reading
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.packs import PackError
from yijian.records.people import StaffRole
from yijian.records.workshop import StaleDraftError
from yijian.web.applicant.values import shown_day, shown_moment
from yijian.web.console.policy_doors import Opened, draft_page, lock_of, refusal
from yijian.web.console.policy_files import located
from yijian.web.console.policy_findings import Told
from yijian.web.pages import go

DONE = {
    "submit": _("提交了，等另一个人批准。"),
    "take_back": _("取回了，可以接着改。"),
    "discard": _("放弃了，内容留着可以看。"),
    "return": _("退回了，起草人会看到您写的话。"),
    "approve": _("批准了，到那一天自动生效。"),
    "rebase": _("接到最新一版了。"),
}


@draft_page("GET", "POST")
def decide(opened: Opened) -> HttpResponse:
    """Where a draft stands on its way, and what this visitor can do about it."""
    if opened.desk.request.method != "POST":
        return _show(opened)
    do = opened.desk.request.POST.get("do", "")
    step = STEPS.get(do)
    if step is None:
        return _show(opened)
    try:
        clashes = step(opened)
    except StaleDraftError:
        words = gettext("别人刚改过这份草稿，请看一遍现在的样子再决定。您写的话还在下面。")
        return _show(opened.again(), words, 409)
    except workshop.UnsoundError as error:
        told = located(opened.draft).all(error.checked.errors)
        return _show(opened, refusal(error), 422, told)
    except RefusedError as error:
        return _show(opened, refusal(error), 422, field=error.field or "")
    except PackError as error:
        return _show(opened, error.findings[0].sentence, 422)
    messages.success(opened.desk.request, str(DONE[do]))
    if clashes:
        words = gettext("这些文件两边改了同样的地方，留的是您写的，请看一遍：%(names)s")
        messages.warning(opened.desk.request, words % {"names": " ".join(clashes)})
    return go(opened.url("policy_decide"))


def _posted(opened: Opened, name: str) -> str:
    return opened.desk.request.POST.get(name, "").strip()


def _submit(opened: Opened) -> list[str]:
    workshop.submit(
        by=opened.desk.user, draft=opened.draft.pk, note=_posted(opened, "note"),
        lock=lock_of(opened), now=opened.desk.now,
    )  # fmt: skip
    return []


def _return(opened: Opened) -> list[str]:
    workshop.return_draft(
        by=opened.desk.user, draft=opened.draft.pk, note=_posted(opened, "note"),
        lock=lock_of(opened), now=opened.desk.now,
    )  # fmt: skip
    return []


def _approve(opened: Opened) -> list[str]:
    try:
        day = date.fromisoformat(_posted(opened, "in_force_from"))
    except ValueError:
        raise RefusedError("wrong_day", "in_force_from") from None
    workshop.approve(
        by=opened.desk.user, draft=opened.draft.pk, in_force_from=day,
        reason=_posted(opened, "reason"), lock=lock_of(opened), now=opened.desk.now,
    )  # fmt: skip
    return []


def _take_back(opened: Opened) -> list[str]:
    workshop.take_back(
        by=opened.desk.user, draft=opened.draft.pk, lock=lock_of(opened), now=opened.desk.now
    )
    return []


def _discard(opened: Opened) -> list[str]:
    workshop.discard(
        by=opened.desk.user, draft=opened.draft.pk, lock=lock_of(opened), now=opened.desk.now
    )
    return []


def _rebase(opened: Opened) -> list[str]:
    _, clashes = workshop.rebase(
        by=opened.desk.user, draft=opened.draft.pk, lock=lock_of(opened), now=opened.desk.now
    )
    return clashes


STEPS: Mapping[str, Callable[[Opened], list[str]]] = {
    "submit": _submit,
    "take_back": _take_back,
    "discard": _discard,
    "return": _return,
    "approve": _approve,
    "rebase": _rebase,
}


def _show(
    opened: Opened, problem: str = "", status: int = 200, told: list[Told] | None = None,
    field: str = "",
) -> HttpResponse:  # fmt: skip
    row, desk = opened.draft, opened.desk
    actors = [actor for actor in (*row.authors, row.submitted_by, row.approver) if actor]
    names = workshop_reading.names_of(by=desk.user, actors=actors)
    own = desk.visitor.staff in row.authors
    versions = workshop_reading.versions(by=desk.user, code=row.code)
    newest = next((one.version for one in versions if not one.received), "")
    writes = desk.visitor.works_as(StaffRole.POLICY_EDITOR)
    open_still = row.state in ("draft", "returned", "submitted")
    checked = workshop_reading.checked(row, examples=False) if open_still else None
    return opened.page(
        "console/policy_decide.html",
        {
            "problem": problem,
            "field": field,
            "told": told or [],
            "authors": gettext("、").join(names.get(one, one) for one in row.authors),
            "submitted_by": names.get(row.submitted_by, ""),
            "submitted_at": shown_moment(row.submitted_at) if row.submitted_at else "",
            "approver": names.get(row.approver, ""),
            "decided_at": shown_moment(row.decided_at) if row.decided_at else "",
            "errors": len(checked.errors) if checked else 0,
            "behind": newest if newest != row.based_on and row.state != "published" else "",
            "own": own,
            "can_submit": opened.may_edit,
            "can_take_back": writes and row.state == "submitted",
            "can_decide": opened.may_approve and row.state == "submitted" and not own,
            "said_note": _posted(opened, "note"),
            "said_reason": _posted(opened, "reason"),
            "said_day": _posted(opened, "in_force_from")
            or (local_day(desk.now) + timedelta(days=1)).isoformat(),
            "today": shown_day(local_day(desk.now)),
        },
        tab="decide",
        status=status,
    )
