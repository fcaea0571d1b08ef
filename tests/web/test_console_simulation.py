"""Pages of simulations: begun by who makes policy, watched, cancelled, read and taken along."""

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

import pytest
from django.test import Client

from tests.actions import cast_simulations as cast
from tests.web.cast_console import at_console
from yijian.actions import contexts, simulating, workshop
from yijian.actions import figures as counting
from yijian.records import journal
from yijian.records.models import PackDraft, SimulationRow
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
EDITOR, APPROVER = StaffRole.POLICY_EDITOR, StaffRole.POLICY_APPROVER
ASKED = {"source": "past", "families": "1000", "months": "12", "on_day": "2026-11-22"}


@pytest.fixture
def draft(db: None, fixed_now: datetime) -> Iterator[PackDraft]:
    cast.open_workshop(fixed_now)
    yield cast.drafted(cast.editor(), fixed_now)
    contexts.forget()


def pages(draft: PackDraft) -> str:
    return f"/console/policy/{draft.id}/simulation/"


def begun(client: Client, draft: PackDraft, **more: str) -> str:
    answer = client.post(pages(draft), {**ASKED, **more})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return answer["Location"]


def finished(now: datetime) -> SimulationRow:
    row = SimulationRow.objects.latest("id")
    while simulating.advance(row.pk, now=now):
        pass
    return SimulationRow.objects.get(pk=row.pk)


def test_an_editor_begins_watches_and_reads_a_simulation(
    draft: PackDraft, fixed_now: datetime
) -> None:
    cast.past(7, 8)
    editor = at_console(EDITOR)
    address = begun(editor, draft)
    waiting = editor.get(address)
    assert waiting["Refresh"] == "3"
    assert "正在排队" in waiting.content.decode()
    simulating.advance(SimulationRow.objects.latest("id").pk, now=fixed_now)
    assert "已算 0 / 15" in editor.get(address).content.decode()
    assert finished(fixed_now).state == "finished"
    result = editor.get(address)
    assert "Refresh" not in result
    page = result.content.decode()
    for words in ("变为可以办", "出生30天以内", "各类机构的办件量", "不足 5 的不显示", "2026-11"):
        assert words in page
    assert "取消推演" not in page
    assert address in editor.get(pages(draft)).content.decode()


def test_a_table_is_taken_along_with_the_same_numbers(
    draft: PackDraft, fixed_now: datetime
) -> None:
    cast.past(7, 8)
    editor = at_console(EDITOR)
    address = begun(editor, draft)
    finished(fixed_now)
    answer = editor.get(address, {"csv": "clauses"})
    assert answer["Content-Type"].startswith("text/csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[1].split(",")[:6] == ["出生30天以内", "10", "0", "-10", "10", "0"]
    assert editor.get(address, {"csv": "nothing"})["Content-Type"].startswith("text/html")


def test_made_up_families_are_shown_as_what_they_are(draft: PackDraft, fixed_now: datetime) -> None:
    editor = at_console(EDITOR)
    address = begun(editor, draft, source="made_up", families="500", seed="2")
    row = SimulationRow.objects.latest("id")
    assert (row.source, row.seed, row.since, row.wanted) == ("made_up", "2", None, 500)
    SimulationRow.objects.filter(pk=row.pk).update(wanted=20)
    finished(fixed_now)
    page = editor.get(address).content.decode()
    assert "合成家庭不是真人" in page
    assert "逐月" not in page


def test_a_running_simulation_is_cancelled_from_its_page(
    draft: PackDraft, fixed_now: datetime
) -> None:
    editor = at_console(EDITOR)
    address = begun(editor, draft)
    assert "取消推演" in editor.get(address).content.decode()
    supervisor = at_console(StaffRole.SUPERVISOR)
    assert "取消推演" not in supervisor.get(address).content.decode()
    assert supervisor.post(f"{address}cancel/").status_code == 404
    assert editor.post(f"{address}cancel/").status_code == 302
    assert "已取消" in editor.get(address).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"source": "all"}, "请选择历史办件或合成家庭"),
        ({"families": "999999999"}, "家庭数不在可选的范围里"),
        ({"on_day": "tomorrow"}, "请填写日期"),
    ],
)
def test_what_cannot_be_begun_is_told_in_words(
    draft: PackDraft, wrong: dict[str, str], words: str
) -> None:
    answer = at_console(EDITOR).post(pages(draft), {**ASKED, **wrong})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_draft_with_errors_is_not_simulated(draft: PackDraft, fixed_now: datetime) -> None:
    workshop.save_file(
        by=cast.editor(), draft=draft.id, name="rules.yaml", text="x: [", lock=draft.lock,
        now=fixed_now,
    )  # fmt: skip
    answer = at_console(EDITOR).post(pages(draft), ASKED)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "草案还有错误" in page
    assert "rules.yaml:" in page


def test_a_clerk_and_a_stranger_meet_nothing(draft: PackDraft, fixed_now: datetime) -> None:
    editor = at_console(EDITOR)
    address = begun(editor, draft)
    clerk = at_console(StaffRole.CLERK)
    for page in (pages(draft), address, f"{pages(draft)}actual/"):
        assert clerk.get(page).status_code == 404
        assert Client().get(page).status_code == 302
    other = f"/console/policy/{uuid4()}/simulation/"
    assert editor.get(other).status_code == 404


def test_a_draft_that_is_not_in_force_has_nothing_to_compare(draft: PackDraft) -> None:
    page = at_console(APPROVER).get(f"{pages(draft)}actual/").content.decode()
    assert "还没有施行" in page


def test_what_was_foreseen_stands_beside_what_came(draft: PackDraft, fixed_now: datetime) -> None:
    """Eight families were refused since; the simulation had said that nobody would be."""
    cast.past(7, 8)
    editor = at_console(EDITOR)
    begun(editor, draft)
    finished(fixed_now)
    # Published through the workshop's own door elsewhere; here the row alone says so.
    PackDraft.objects.filter(pk=draft.pk).update(
        state="submitted", lock=draft.lock + 1, changed_at=fixed_now
    )
    PackDraft.objects.filter(pk=draft.pk).update(
        state="published", lock=draft.lock + 2, version_published="later",
        in_force_from="2026-09-01", approver="staff:x", decided_at=fixed_now,
    )  # fmt: skip
    journal.seal_journal(now=fixed_now)
    counting.follow_all(now=fixed_now)
    page = editor.get(f"{pages(draft)}actual/")
    lines = editor.get(f"{pages(draft)}actual/", {"csv": "foreseen"})
    assert "出生30天以内" in page.content.decode()
    told = dict(line.split(",", 1) for line in lines.content.decode("utf-8-sig").splitlines()[1:])
    assert told["可以办的家庭"] == "100.0%,33.3%,-66.7"
    assert told["被拦下：出生30天以内"].startswith("0.0%,66.7%")
