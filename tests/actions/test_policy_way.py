"""One change of policy goes the whole way: written, checked, approved, met by a family."""

from datetime import datetime, timedelta

import pytest

from tests.actions.cast import CERTIFICATE, REGISTRATION, Household, clerk_of, household
from tests.actions.cast_policy import Workshop, make_workshop
from tests.web.cast import TWINS
from yijian.actions import contexts, workshop, workshop_effects, workshop_reading
from yijian.domain.clocks import local_day
from yijian.domain.states import TaskState
from yijian.packs import guides
from yijian.packs.nodes import Plain
from yijian.records.models import PackDraft

pytestmark = pytest.mark.django_db

LIMITS = ("items", "hukou_registration", "limits")
DOCUMENT: Plain = {
    "title": "关于压缩出生登记时限的通知",
    "number": "皖公通〔2026〕9号",
    "issuers": ["安徽省公安厅"],
    "issued_on": "2026-11-10",
    "sha256": "a" * 64,
    "clauses": {"一": "办理时限"},
}
EXAMPLE = "examples/75-after-the-new-notice.yaml"
NUMBERS = ("T340000016", "T340000024")


def comes_a_day(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(contexts, "_today", lambda: local_day(now))
    contexts.forget()


def written(shop: Workshop) -> PackDraft:
    """A new document, and the limit that it gives from tomorrow on; the old one stays before."""
    draft = shop.set(shop.open(), ("documents", "ah-2026"), DOCUMENT)
    new: Plain = {"workdays": 1, "from": shop.tomorrow.isoformat(), "basis": ["ah-2026", "一"]}
    return shop.set(draft, (*LIMITS, 1), new)


def with_example(shop: Workshop, draft: PackDraft, workdays: int) -> PackDraft:
    """A family that applies on the first day, and the limit that it is expected to get."""
    text = (
        "title: {zh: 新通知以后申请的一家, en: A family after the new notice}\n"
        f"applied_at: {shop.tomorrow.isoformat()}T09:00:00+08:00\n"
        f"newborns: [{{born_at: {shop.today.isoformat()}T05:00:00+08:00}}]\n"
        f"expect: {{eligible: yes, limits: {{hukou_registration: {workdays}}}}}\n"
    )
    return workshop.save_file(
        by=shop.editor, draft=draft.id, name=EXAMPLE, text=text, lock=draft.lock, now=shop.now
    )


def due_days(family: Household, number: str) -> int:
    """How many working days the police have for the registration, as the family was promised."""
    family.decide(
        clerk_of(family, CERTIFICATE), CERTIFICATE, TaskState.COMPLETED,
        result={"certificate_number": number, "issued_on": family.now.date()},
    )  # fmt: skip
    task = family.case.tasks[REGISTRATION]
    assert task.state is TaskState.QUEUED
    limit = (
        contexts.context_of(family.case).pack.items[REGISTRATION[0]].limit_on(local_day(family.now))
    )
    assert limit is not None and limit.workdays is not None
    return limit.workdays


def test_a_change_is_written_checked_approved_and_met_by_the_next_family(
    submitted: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, now = submitted, submitted.now
    shop = make_workshop(now)
    comes_a_day(monkeypatch, now)
    first = contexts.current_pack()

    draft = with_example(shop, written(shop), 2)
    (wrong,) = workshop_reading.checked(draft).errors
    assert str(wrong) == f"{shop.code}/{EXAMPLE}:4:54: limits.hukou_registration 应为 2，得到 1"
    draft = with_example(shop, draft, 1)
    told = workshop_reading.differences(draft, now=now + timedelta(days=1))
    assert told["clocks"] == [
        {"item": REGISTRATION[0], "before": {"workdays": 2}, "after": {"workdays": 1}}
    ]
    assert (told["rules"], told["asked"], told["materials"]) == ([], [], [])
    changed = {one["name"] for one in workshop_reading.changed_files(draft)}
    assert changed >= {"items.yaml", "sources.yaml", "pack.yaml"} and "files" not in told
    done = shop.approve(shop.submit(draft))
    assert contexts.current_pack().digest == first.digest, "not before its day"

    tomorrow = shop.later(days=1)
    comes_a_day(monkeypatch, tomorrow.now)
    assert workshop_effects.come_into_force(now=tomorrow.now) == 1
    pack = contexts.current_pack()
    assert (pack.version, pack.digest) == (
        done.version_published,
        contexts.digest_in_force(pack.code),
    )
    late = household(tomorrow.now, TWINS)
    late.open().answer().name("李一一", "李双双").signed()
    assert late.case.pack_digest == pack.digest != early.case.pack_digest == first.digest
    assert (due_days(early, NUMBERS[0]), due_days(late, NUMBERS[1])) == (2, 1)
    paper = guides.as_text(guides.make(pack, "notice", "zh-hans", local_day(tomorrow.now)))
    before = guides.as_text(guides.make(first, "notice", "zh-hans", local_day(tomorrow.now)))
    assert paper != before and paper.count("1 个工作日") > before.count("1 个工作日")
    assert [one.what for one in workshop_reading.log(by=shop.editor, draft=done.id)] == [
        "in_force", "approved", "submitted", "saved", "saved", "saved", "saved", "opened",
    ]  # fmt: skip
