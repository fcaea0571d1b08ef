"""Who changes policy: an editor, a second person who approves, and a pack with its sources."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User

from tests.actions.cast import clerk
from yijian.actions import contexts, setup, workshop
from yijian.domain.clocks import local_day
from yijian.packs.layers import ValuePath
from yijian.packs.nodes import Plain
from yijian.records.models import PackDraft
from yijian.records.people import StaffRole


@dataclass(frozen=True)
class Workshop:
    """One pack with its files kept, 周敏 who writes and 吴刚 who approves."""

    code: str
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

    def later(self, **more: int) -> "Workshop":
        """The same people some time later."""
        return replace(self, now=self.now + timedelta(**more))

    def open(self) -> PackDraft:
        return workshop.open_draft(by=self.editor, code=self.code, now=self.now)

    def set(self, draft: PackDraft, path: ValuePath, value: Plain) -> PackDraft:
        return workshop.set_value(
            by=self.editor, draft=draft.id, path=path, value=value, lock=draft.lock, now=self.now
        )

    def save(self, draft: PackDraft, name: str, old: str, new: str) -> PackDraft:
        """One file of a draft with `old` replaced once."""
        assert old in draft.files[name]
        return workshop.save_file(
            by=self.editor, draft=draft.id, name=name, text=draft.files[name].replace(old, new, 1),
            lock=draft.lock, now=self.now,
        )  # fmt: skip

    def submit(self, draft: PackDraft) -> PackDraft:
        return workshop.submit(by=self.editor, draft=draft.id, lock=draft.lock, now=self.now)

    def approve(
        self, draft: PackDraft, day: date | None = None, reason: str = "", by: User | None = None
    ) -> PackDraft:
        return workshop.approve(
            by=by or self.approver, draft=draft.id, in_force_from=day or self.tomorrow,
            reason=reason, lock=draft.lock, now=self.now,
        )  # fmt: skip


def make_workshop(now: datetime, code: str = "340000-anhui") -> Workshop:
    """The workshop of a node whose offices are known already; the pack is published here."""
    setup.publish_pack(code, now=now)
    contexts.forget()
    office = contexts.directory().offices[0].code
    editor = clerk(office, StaffRole.POLICY_EDITOR)
    return Workshop(code, editor, clerk(office, StaffRole.POLICY_APPROVER), now)
