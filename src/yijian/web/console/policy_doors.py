"""工坊的门: who stands before a draft, what the frame of its pages shows, refusals in sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts, workshop_reading
from yijian.domain.context import RefusedError
from yijian.records.people import StaffRole
from yijian.records.workshop import Draft
from yijian.web.applicant.values import shown_day, shown_moment, worded
from yijian.web.desk.doors import Desk, desk_page

AGAIN_AFTER_SECONDS = 2
READERS = workshop_reading.READERS
STATES = {
    "draft": (_("起草中"), "info"),
    "submitted": (_("待批准"), "warn"),
    "returned": (_("退回修改"), "bad"),
    "published": (_("已批准"), "good"),
    "discarded": (_("已放弃"), ""),
}
REFUSALS = {
    "received": _("这个政策包来自别的节点，只能看，不能在这里改。"),
    "no_source": _("这一版没有留下文件，不能从它起草。"),
    "no_version": _("没有这一版。"),
    "not_editable": _("草稿已经交出去或者结束了，不能再改；要改，先取回。"),
    "not_submitted": _("草稿不在“待批准”的状态，也许别人刚处理过。"),
    "own_draft": _("您写过这份草稿，要由另一个人批准。"),
    "date_past": _("生效日期已经过去，请填明天或更晚的日期。"),
    "reason_missing": _("请写明理由（至少两个字）。"),
    "before_newest": _("生效日期比最新一版还早，请往后填。"),
    "not_newest": _("起草以后又发布了新的一版，请先“接到最新一版”再提交。"),
    "version_used": _("这个版本号已经用过，请换一个。"),
    "nothing_changed": _("除了版本号，什么也没有改，没有可以提交的。"),
    "no_file": _("没有这个文件，或者它不能去掉。"),
    "wrong_day": _("请填写日期，例如 2027-01-01。"),
    "unsound": _("还有错误，改好以后才能提交和批准。"),
}
STALE = _("您打开页面以后，别人改过这份草稿。您写的都还在下面，请看一遍再保存。")


def refusal(error: RefusedError) -> str:
    """Why something could not be done, for the person who tried."""
    return str(REFUSALS.get(error.code, error.code))


def title_of(code: str) -> str:
    """What a pack is called."""
    pack = next((one for one in contexts.packs() if one.code == code), None)
    return worded(pack.title) if pack else code


@dataclass(frozen=True)
class Opened:
    """A member of staff at a page of one draft."""

    desk: Desk
    draft: Draft

    @property
    def may_edit(self) -> bool:
        """Whether this visitor can write in the draft as it is now."""
        writes = self.desk.visitor.works_as(StaffRole.POLICY_EDITOR)
        return writes and self.draft.state in ("draft", "returned")

    @property
    def may_approve(self) -> bool:
        """Whether this visitor approves what others have written."""
        return self.desk.visitor.works_as(StaffRole.POLICY_APPROVER)

    def url(self, name: str, *args: object) -> str:
        """The address of another page of this draft."""
        return reverse(name, args=[self.draft.pk, *args])

    def again(self, draft: UUID | None = None) -> "Opened":
        """The same page with the draft as it is now."""
        row = workshop_reading.draft(by=self.desk.user, draft=draft or self.draft.pk)
        return Opened(self.desk, row)

    def page(
        self, template: str, context: Mapping[str, object], *, tab: str = "", status: int = 200
    ) -> HttpResponse:
        """A page of the draft, with its head and the links to its other pages."""
        state, tone = STATES[self.draft.state]
        framed = {
            "draft": self.draft,
            "pack_title": title_of(self.draft.code),
            "draft_title": self.draft.title,
            "state": state,
            "tone": tone,
            "may_edit": self.may_edit,
            "may_approve": self.may_approve,
            "in_force_on": shown_day(self.draft.in_force_from) if self.draft.in_force_from else "",
            "changed_at": shown_moment(self.draft.changed_at),
            "tabs": self._tabs(tab),
        }
        return self.desk.page(template, framed | dict(context), current="policy", status=status)

    def _tabs(self, current: str) -> list[dict[str, object]]:
        found = [
            ("draft", gettext("章节"), "policy_draft"),
            ("files", gettext("文件"), "policy_files"),
            ("check", gettext("检查"), "policy_check"),
            ("differences", gettext("和现行比较"), "policy_differences"),
            ("preview", gettext("预览"), "policy_previews"),
            ("simulation", gettext("推演"), "policy_simulation"),
            ("history", gettext("经过"), "policy_history"),
            ("decide", gettext("提交与批准"), "policy_decide"),
        ]
        return [
            {"title": title, "url": self.url(name), "current": tab == current}
            for tab, title, name in found
        ]


View = Callable[..., HttpResponse]


def draft_page(*methods: str) -> Callable[[View], View]:
    """A view of one draft, for everybody who may look into the workshop."""

    def decorate(view: View) -> View:
        @desk_page(*(methods or ("GET",)), roles=READERS)
        @wraps(view)
        def door(desk: Desk, draft: UUID, **parts: Any) -> HttpResponse:
            row = workshop_reading.draft(by=desk.user, draft=draft)
            return view(Opened(desk, row), **parts)

        return door

    return decorate


def again_soon(response: HttpResponse) -> HttpResponse:
    """A page whose answer the worker is at: it asks for itself again, without any script."""
    response["Refresh"] = str(AGAIN_AFTER_SECONDS)
    return response


def lock_of(opened: Opened) -> int:
    """Which state of the draft the page had shown; none that ever was, when it says nothing."""
    posted = opened.desk.request.POST.get("lock", "")
    return int(posted) if posted.isascii() and posted.isdigit() and len(posted) < 10 else 0
