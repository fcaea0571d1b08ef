"""Who changes policy: an editor, a second person who approves, and a pack with its sources."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User

from tests.actions.cast import clerk
from yijian.actions import setup, workshop
from yijian.domain.clocks import local_day
from yijian.records.models import PackDraft
from yijian.records.people import StaffRole

CODE = "340000-anhui"
LIMIT = ("items", "hukou_registration", "limits", 0, "workdays")


@dataclass
class Workshop:
    """One pack with its files kept, 周敏 who writes and 吴刚 who approves."""

    editor: User
    approver: User
    now: datetime

    @property
    def today(self) -> date:
        """The day of `now`."""
        return local_day(self.now)

    @property
    def tomorrow(self) -> date:
        """The first day from which a version may count without a reason."""
        return self.today + timedelta(days=1)

    def open(self) -> PackDraft:
        return workshop.open_draft(by=self.editor, code=CODE, now=self.now)

    def set(self, draft: PackDraft, path: tuple[str | int, ...], value: object) -> PackDraft:
        return workshop.set_value(
            by=self.editor, draft=draft.id, path=path, value=value, lock=draft.lock,  # type: ignore[arg-type]
            now=self.now,
        )  # fmt: skip

    def shorter(self) -> PackDraft:
        """A draft that lets registration take one working day instead of two."""
        return self.set(self.open(), LIMIT, 1)

    def submit(self, draft: PackDraft) -> PackDraft:
        return workshop.submit(by=self.editor, draft=draft.id, lock=draft.lock, now=self.now)

    def approve(
        self, draft: PackDraft, day: date | None = None, reason: str = "", by: User | None = None
    ) -> PackDraft:
        return workshop.approve(
            by=by or self.approver, draft=draft.id, in_force_from=day or self.tomorrow,
            reason=reason, lock=draft.lock, now=self.now,
        )  # fmt: skip


def make_workshop(now: datetime, office: str = "") -> Workshop:
    """The workshop of a node whose pack and offices are published already."""
    from yijian.actions import contexts

    setup.publish_pack(CODE, now=now)
    contexts.forget()
    at = office or contexts.directory().offices[0].code
    editor = clerk(at, StaffRole.POLICY_EDITOR)
    return Workshop(editor, clerk(at, StaffRole.POLICY_APPROVER), now)
