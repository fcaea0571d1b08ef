"""The policy workshop: what a draft is, and that nothing wrong is published through any door."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction

from tests.actions.cast import clerk
from tests.actions.cast_policy import Workshop, make_workshop
from tests.packs.edited import SMALL, TOWN
from yijian.actions import contexts, setup, workshop, workshop_effects, workshop_reading
from yijian.domain.context import RefusedError
from yijian.domain.policy import Choice
from yijian.domain.routing import Office
from yijian.packs.findings import Finding, PackError, Place
from yijian.packs.nodes import Plain
from yijian.packs.offices import load_directory
from yijian.records import access, pack_versions, people
from yijian.records import workshop as rows
from yijian.records.models import PackDraft, PackSource, PackVersion, PolicyLogEntry
from yijian.records.people import StaffRole
from yijian.records.workshop import StaleDraftError

pytestmark = pytest.mark.django_db

CARD = ("items", "card", "choice")
RANK = ("pack", "precedence")
ALWAYS, OPTIONAL = "always", "optional"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The small pack of the pack tests is the only one of this node."""
    lying = tmp_path / "packs"
    shutil.copytree(SMALL, lying)
    chosen = settings.YIJIAN.model_copy(update={"packs_dir": lying, "packs": TOWN})
    monkeypatch.setattr(settings, "YIJIAN", chosen)
    contexts.forget()
    people.put_offices(setup.merged(load_directory(lying, TOWN).offices))
    yield lying
    contexts.forget()


@pytest.fixture
def shop(folder: Path, now: datetime) -> Workshop:
    return make_workshop(now, TOWN)


def code_of(refused: pytest.ExceptionInfo[RefusedError]) -> str:
    return refused.value.code


def day_is(monkeypatch: pytest.MonkeyPatch, shop: Workshop, **later: int) -> None:
    monkeypatch.setattr(contexts, "_today", lambda: shop.today + timedelta(**later))
    contexts.forget()


def test_a_draft_has_the_files_of_the_newest_version_and_the_next_number(shop: Workshop) -> None:
    draft = shop.open()
    lying = (settings.YIJIAN.packs_dir / TOWN / "items.yaml").read_text(encoding="utf-8")
    assert draft.files["items.yaml"] == lying and "examples/ordinary.yaml" in draft.files
    assert 'version: "2026.11.1"' in draft.files["pack.yaml"]
    assert (draft.based_on, draft.state, draft.lock) == ("7", "draft", 1)
    again = shop.open()
    assert 'version: "2026.11.2"' in again.files["pack.yaml"], "the first one is spoken for"


def test_a_value_is_changed_in_its_file_alone_and_checked_with_its_place(shop: Workshop) -> None:
    draft = shop.set(shop.open(), CARD, ALWAYS)
    (changed,) = [
        one for one in workshop_reading.changed_files(draft) if one["name"] != "pack.yaml"
    ]
    assert changed["name"] == "items.yaml"
    assert [line for line in changed["lines"] if line[0] in "+-"] == [
        "-  choice: default",
        "+  choice: always",
    ]
    wrong = shop.set(draft, ("items", "card", "needs"), ["registratoin"])
    (finding,) = workshop_reading.checked(wrong, examples=False).errors
    line = wrong.files["items.yaml"].split("\n").index("  needs: [registratoin]") + 1
    assert (finding.place.file, finding.place.line) == (f"{TOWN}/items.yaml", line)
    assert "registration" in finding.sentence
    found = workshop_reading.values(wrong)
    assert found.at(CARD) == ALWAYS and found.place(CARD).file == f"{TOWN}/items.yaml"
    back = workshop.clear_value(
        by=shop.editor, draft=wrong.id, path=("items", "card", "needs"), lock=wrong.lock,
        now=shop.now,
    )  # fmt: skip
    assert workshop_reading.values(back).at(("items", "card", "needs")) is None


def test_the_whole_way_from_draft_to_force(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = shop.submit(shop.set(shop.open(), CARD, ALWAYS))
    assert draft.state == "submitted"
    done = shop.approve(draft)
    assert (done.state, done.version_published) == ("published", "2026.11.1")
    day_is(monkeypatch, shop)
    assert contexts.current_pack().version == "7"
    states = {
        one.version: one.state for one in workshop_reading.versions(by=shop.editor, code=TOWN)
    }
    assert states == {"2026.11.1": "waiting", "7": "in_force"}
    day_is(monkeypatch, shop, days=1)
    pack = contexts.current_pack()
    assert pack.version == "2026.11.1" and pack.items["card"].choice is Choice.ALWAYS
    (first, second) = workshop_reading.versions(by=shop.approver, code=TOWN)
    assert (first.state, first.origin, first.draft) == ("in_force", "workshop", draft.id)
    assert (second.state, second.origin, second.draft) == ("past", "folder", None)
    kept = PackSource.objects.get(version="2026.11.1")
    assert kept.files == done.files and kept.digest == pack.digest


def test_every_step_stands_in_the_log_with_its_digest(shop: Workshop) -> None:
    draft = shop.set(shop.open(), CARD, ALWAYS)
    back = workshop.return_draft(
        by=shop.approver, draft=shop.submit(draft).id, note="再说明一下", lock=draft.lock + 1,
        now=shop.now,
    )  # fmt: skip
    assert back.state == "returned" and back.note == "再说明一下"
    shop.approve(shop.submit(back))
    told = workshop_reading.log(by=shop.editor, draft=draft.id)
    assert [one.what for one in reversed(told)] == [
        "opened", "saved", "submitted", "returned", "submitted", "approved",
    ]  # fmt: skip
    assert {one.digest for one in told[:5]} == {draft.digest} and told[-1].digest != draft.digest
    actors = {one.actor for one in told}
    names = workshop_reading.names_of(by=shop.editor, actors=sorted(actors))
    assert set(names.values()) == {f"T-{shop.editor.pk}", f"T-{shop.approver.pk}"}
    for change in (
        lambda: PolicyLogEntry.objects.all().delete(),
        lambda: PolicyLogEntry.objects.update(note="x"),
        lambda: PackSource.objects.update(origin="folder"),
        lambda: PackDraft.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("items.yaml", "choice: always", "choice: perhaps"),
        ("items.yaml", "needs: [registration]", "needs: [nothing]"),
        ("rules.yaml", ":", ": ["),
        ("examples/ordinary.yaml", "{registration: 2}", "{registration: 5}"),
        ("pack.yaml", "code: 110000-town", "code: 110000-other"),
    ],
)
def test_a_draft_with_an_error_or_a_failing_example_goes_nowhere(
    shop: Workshop, file: str, old: str, new: str
) -> None:
    draft = shop.save(shop.set(shop.open(), CARD, ALWAYS), file, old, new)
    with pytest.raises(workshop.UnsoundError) as refused:
        shop.submit(draft)
    assert refused.value.checked.errors and not refused.value.checked.sound
    assert_refused_at_the_last_door(shop, draft, "unsound")


def assert_refused_at_the_last_door(shop: Workshop, draft: PackDraft, code: str) -> None:
    """Even a draft that had come to the approver by another way is not published."""
    PackDraft.objects.filter(pk=draft.pk).update(state="submitted", lock=draft.lock + 1)
    draft.refresh_from_db()
    before = PackVersion.objects.count()
    with pytest.raises(RefusedError) as refused:
        shop.approve(draft)
    assert code_of(refused) == code
    assert PackVersion.objects.count() == before and PackSource.objects.count() == before


def test_an_error_in_a_base_that_came_later_is_found_at_the_last_door(
    shop: Workshop, folder: Path
) -> None:
    draft = shop.submit(shop.set(shop.open(), CARD, ALWAYS))
    assert workshop_reading.checked(draft).sound
    base = folder / "100000-ground" / "items.yaml"
    base.write_text(base.read_text(encoding="utf-8").replace("scope: newborn", "scope: all", 1))
    assert not workshop_reading.checked(draft).sound, "what is shown is not an old answer"
    with pytest.raises(workshop.UnsoundError):
        shop.approve(draft)


def add_neighbour(folder: Path) -> None:
    """Another pack of this folder, which lists the same offices."""
    shutil.copytree(folder / TOWN, folder / "120000-next")
    own = folder / "120000-next" / "pack.yaml"
    own.write_text(own.read_text(encoding="utf-8").replace(TOWN, "120000-next"), encoding="utf-8")


def with_neighbour(shop: Workshop, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """The same people at another pack that this node offers too, on the day of the workshop."""
    add_neighbour(folder)
    both = settings.YIJIAN.model_copy(update={"packs": f"{TOWN},120000-next"})
    monkeypatch.setattr(settings, "YIJIAN", both)
    setup.publish_pack("120000-next", now=shop.now)
    day_is(monkeypatch, shop, days=0)
    return replace(shop, code="120000-next")


def test_an_office_that_another_pack_knows_as_something_else_keeps_a_draft_back(
    shop: Workshop, folder: Path
) -> None:
    draft = shop.set(shop.open(), ("offices", "H11010101", "participant"), "somebody-else")
    draft = shop.submit(shop.set(draft, CARD, ALWAYS))
    add_neighbour(folder)
    with pytest.raises(workshop.UnsoundError) as refused:
        shop.approve(draft)
    (finding,) = refused.value.checked.errors
    lines = draft.files["offices.yaml"].splitlines()
    assert finding.place.file == f"{TOWN}/offices.yaml" and finding.place.column > 1
    assert "somebody-else" in lines[finding.place.line - 1]
    assert "120000-next" in finding.sentence and "H11010101" in finding.sentence
    assert workshop_reading.checked(draft, examples=False).errors == (finding,)
    with pytest.raises(setup.OfficeTwiceError):
        setup.merged(
            [
                *load_directory(folder, "120000-next").offices,
                *workshop_effects._offices(TOWN, draft.files),
            ]
        )


def test_an_office_that_a_waiting_version_makes_something_else_keeps_a_draft_back(
    shop: Workshop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = with_neighbour(shop, folder, monkeypatch)
    office: dict[str, Plain] = {"kind": "hospital", "title": "新院", "division": "110101"}
    theirs = other.set(other.open(), ("offices", "H11010199"), office)
    other.approve(other.submit(other.set(theirs, CARD, ALWAYS)))
    draft = shop.set(shop.open(), ("offices", "H11010199"), office | {"kind": "police_station"})
    draft = shop.set(draft, CARD, ALWAYS)
    assert workshop_reading.checked(draft).sound, "today nobody else lists it"
    with pytest.raises(workshop.UnsoundError) as refused:
        shop.submit(draft)
    (finding,) = refused.value.checked.errors
    assert "H11010199" in finding.sentence


def test_an_office_counts_in_every_version_that_is_not_over(
    shop: Workshop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = with_neighbour(shop, folder, monkeypatch)
    office: dict[str, Plain] = {"kind": "hospital", "title": "新院", "division": "110101"}
    draft = shop.set(shop.open(), ("offices", "H11010199"), office | {"kind": "police_station"})
    draft = shop.submit(shop.set(draft, CARD, ALWAYS))
    theirs = other.set(other.open(), ("offices", "H11010199"), office)
    other.approve(other.submit(other.set(theirs, CARD, ALWAYS)))
    again = other.set(other.open(), CARD, "default")
    again = workshop.clear_value(
        by=other.editor, draft=again.id, path=("offices", "H11010199"), lock=again.lock,
        now=other.now,
    )  # fmt: skip
    other.approve(other.submit(again), other.tomorrow + timedelta(days=2))
    assert "H11010199" not in again.files["offices.yaml"]
    with pytest.raises(workshop.UnsoundError) as refused:
        shop.approve(draft)
    (finding,) = refused.value.checked.errors
    assert "H11010199" in finding.sentence


def test_two_packs_are_never_approved_at_the_same_time(
    shop: Workshop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = with_neighbour(shop, folder, monkeypatch)
    other.approve(other.submit(other.set(other.open(), CARD, ALWAYS)))

    def another_approves() -> None:
        """As another process would, while the first one's transaction is not over."""
        try:
            with transaction.atomic():
                connection.cursor().execute("SET LOCAL lock_timeout = '50ms'")
                rows.lock_packs()
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool, pytest.raises(OperationalError, match="lock timeout"):
        pool.submit(another_approves).result()


def test_nobody_approves_what_they_have_written(shop: Workshop) -> None:
    office = contexts.directory().offices[0].code
    both = clerk(office, StaffRole.POLICY_EDITOR, StaffRole.POLICY_APPROVER)
    draft = shop.set(shop.open(), CARD, ALWAYS)
    draft = replace(shop, editor=both).set(draft, CARD, ALWAYS)
    draft = shop.submit(draft)
    with pytest.raises(RefusedError) as refused:
        shop.approve(draft, by=both)
    assert code_of(refused) == "own_draft"
    for stranger in (shop.editor, clerk(office)):
        with pytest.raises(access.Refused):
            shop.approve(draft, by=stranger)
    staff = people.visitor(both).staff
    with pytest.raises(IntegrityError), transaction.atomic():
        PackDraft.objects.filter(pk=draft.pk).update(
            state="published", approver=staff, decided_at=shop.now, in_force_from=shop.tomorrow,
            version_published="x", lock=99,
        )  # fmt: skip
    assert shop.approve(draft).state == "published"


def test_a_stale_page_changes_nothing(shop: Workshop) -> None:
    shown = shop.open()
    newer = shop.set(shown, CARD, ALWAYS)
    doors: tuple[Callable[[], object], ...] = (
        lambda: shop.set(shown, CARD, OPTIONAL),
        lambda: shop.submit(shown),
        lambda: shop.save(shown, "items.yaml", "default", "optional"),
    )
    for late in doors:
        with pytest.raises(StaleDraftError):
            late()
    sent = shop.submit(newer)
    with pytest.raises(StaleDraftError):
        shop.approve(newer)
    assert shop.approve(sent).state == "published"


@pytest.mark.parametrize(
    ("days", "reason", "code"),
    [(-1, "urgent", "date_past"), (0, "", "reason_missing"), (0, " x ", "reason_missing")],
)
def test_a_day_that_is_over_or_today_without_a_reason_is_refused(
    shop: Workshop, days: int, reason: str, code: str
) -> None:
    draft = shop.submit(shop.set(shop.open(), CARD, ALWAYS))
    with pytest.raises(RefusedError) as refused:
        shop.approve(draft, shop.today + timedelta(days=days), reason)
    assert code_of(refused) == code
    done = shop.approve(draft, shop.today, "家庭等不了")
    assert done.in_force_from == shop.today
    assert "家庭等不了" in rows.entries(draft=draft.id, what="approved")[0].note


def test_a_version_number_is_used_once(shop: Workshop) -> None:
    draft = shop.set(shop.set(shop.open(), CARD, ALWAYS), ("pack", "version"), "7")
    with pytest.raises(RefusedError) as refused:
        shop.submit(draft)
    assert code_of(refused) == "version_used"
    assert_refused_at_the_last_door(shop, draft, "version_used")


def test_an_example_is_left_out_only_with_a_reason_and_never_all_of_them(shop: Workshop) -> None:
    draft = shop.set(shop.open(), CARD, ALWAYS)
    examples = [name for name in draft.files if name.startswith("examples/")]
    for name in examples[1:]:
        draft = workshop.remove_file(
            by=shop.editor, draft=draft.id, name=name, lock=draft.lock, now=shop.now
        )
    with pytest.raises(RefusedError) as refused:
        shop.submit(draft)
    assert code_of(refused) == "reason_missing"
    sent = workshop.submit(
        by=shop.editor, draft=draft.id, note="这几家已由新样例代替", lock=draft.lock, now=shop.now
    )
    assert sent.state == "submitted"
    back = workshop.take_back(by=shop.editor, draft=sent.id, lock=sent.lock, now=shop.now)
    none = workshop.remove_file(
        by=shop.editor, draft=back.id, name=examples[0], lock=back.lock, now=shop.now
    )
    assert_refused_at_the_last_door(shop, none, "no_examples")


def test_a_draft_that_changes_nothing_is_not_a_version(shop: Workshop) -> None:
    draft = shop.save(shop.open(), "items.yaml", "certificate:", "# only a comment\ncertificate:")
    with pytest.raises(RefusedError) as refused:
        shop.submit(draft)
    assert code_of(refused) == "nothing_changed"


def test_a_draft_that_changes_an_office_alone_is_a_version(shop: Workshop) -> None:
    draft = shop.set(shop.open(), ("offices", "H11010101", "phone"), "010-00000009")
    assert shop.submit(draft).state == "submitted"


def test_a_draft_on_an_older_version_must_first_be_put_on_the_newest(shop: Workshop) -> None:
    mine, theirs = shop.set(shop.open(), CARD, ALWAYS), shop.open()
    theirs = shop.set(theirs, RANK, 9)
    sent = shop.submit(mine)
    shop.approve(shop.submit(theirs))
    with pytest.raises(RefusedError) as refused:
        shop.approve(sent)
    assert code_of(refused) == "not_newest"
    taken = workshop.take_back(by=shop.editor, draft=sent.id, lock=sent.lock, now=shop.now)
    moved, clash = workshop.rebase(by=shop.editor, draft=taken.id, lock=taken.lock, now=shop.now)
    found = workshop_reading.values(moved)
    assert (found.at(CARD), found.at(RANK)) == (ALWAYS, 9) and clash == []
    assert moved.based_on == "2026.11.2" and found.at(("pack", "version")) == "2026.11.3"
    with pytest.raises(RefusedError) as refused:
        shop.approve(shop.submit(moved), shop.today, "先生效")
    assert code_of(refused) == "before_newest", "the version before it counts only from tomorrow"
    moved.refresh_from_db()
    assert shop.approve(moved).version_published == "2026.11.3"


def test_what_was_published_can_be_taken_back_as_a_new_version(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.approve(shop.submit(shop.set(shop.open(), CARD, ALWAYS)), shop.today, "试行")
    monday = shop.later(days=2)
    draft = workshop.roll_back(by=shop.editor, code=TOWN, to="7", now=monday.now)
    assert draft.based_on == "2026.11.1"
    done = monday.approve(monday.submit(draft), monday.today, "恢复原来的时限")
    day_is(monkeypatch, monday)
    pack = contexts.current_pack()
    assert pack.version == done.version_published == "2026.11.2"
    assert pack.items["card"].choice is Choice.DEFAULT
    assert workshop_reading.versions(by=shop.editor, code=TOWN)[-1].version == "7"
    with pytest.raises(RefusedError) as refused:
        workshop.roll_back(by=shop.editor, code=TOWN, to="6", now=monday.now)
    assert code_of(refused) == "no_version"


def test_a_pack_of_another_node_is_shown_and_cannot_be_edited(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = shop.submit(shop.set(shop.open(), CARD, ALWAYS))
    PackVersion.objects.filter(code=TOWN).update(received=True)
    monkeypatch.setattr(settings, "YIJIAN", settings.YIJIAN.model_copy(update={"packs": "none"}))
    contexts.forget()
    (row,) = workshop_reading.packs(by=shop.editor)
    assert (row.why_not, row.editable) == ("received", False)
    for door in (
        shop.open,
        lambda: workshop.roll_back(by=shop.editor, code=TOWN, to="7", now=shop.now),
        lambda: shop.approve(draft),
    ):
        with pytest.raises(RefusedError) as refused:
            door()
        assert code_of(refused) == "received"
    with pytest.raises(access.Refused):
        workshop.open_draft(by=shop.editor, code="no-such-pack", now=shop.now)


def test_only_those_appointed_for_it_see_or_change_drafts(shop: Workshop) -> None:
    draft = shop.open()
    office = contexts.directory().offices[0].code
    clerk_only, auditor = clerk(office), clerk(office, StaffRole.AUDITOR)
    assert workshop_reading.draft(by=auditor, draft=draft.id).id == draft.id
    for refused in (
        lambda: workshop_reading.draft(by=clerk_only, draft=draft.id),
        lambda: workshop_reading.packs(by=clerk_only),
        lambda: workshop_reading.log(by=clerk_only),
        lambda: workshop_reading.draft(by=auditor, draft=UUID(int=7)),
        lambda: replace(shop, editor=auditor).set(draft, CARD, OPTIONAL),
        lambda: replace(shop, editor=shop.approver).open(),
    ):
        with pytest.raises(access.Refused):
            refused()


def test_a_published_or_given_up_draft_never_changes_again(shop: Workshop) -> None:
    done = shop.approve(shop.submit(shop.set(shop.open(), CARD, ALWAYS)))
    gone = shop.open()
    gone = workshop.discard(by=shop.editor, draft=gone.id, lock=gone.lock, now=shop.now)
    for ended in (done, gone):
        with pytest.raises(RefusedError) as refused:
            shop.set(ended, CARD, OPTIONAL)
        assert code_of(refused) == "not_editable"
        with pytest.raises(IntegrityError), transaction.atomic():
            PackDraft.objects.filter(pk=ended.pk).update(title="x", lock=99)


def test_a_submitted_draft_is_published_as_it_was_submitted(shop: Workshop) -> None:
    draft = shop.submit(shop.set(shop.open(), CARD, ALWAYS))
    with pytest.raises(RefusedError) as refused:
        shop.set(draft, CARD, OPTIONAL)
    assert code_of(refused) == "not_editable"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pack_draft SET state = 'published', files = '{}', lock = 99,"
            " approver = 'staff:9', decided_at = now(), in_force_from = now(),"
            " version_published = 'x' WHERE id = %s",
            [draft.id],
        )


def test_a_file_name_that_leads_elsewhere_is_refused(shop: Workshop) -> None:
    draft = shop.open()
    for name in ("../x.yaml", "run.py", "examples/../../x.yaml"):
        with pytest.raises(PackError):
            workshop.save_file(
                by=shop.editor, draft=draft.id, name=name, text="x", lock=draft.lock, now=shop.now
            )
    with pytest.raises(RefusedError):
        workshop.remove_file(
            by=shop.editor, draft=draft.id, name="pack.yaml", lock=draft.lock, now=shop.now
        )
    less = workshop.remove_file(
        by=shop.editor, draft=draft.id, name="words.yaml", lock=draft.lock, now=shop.now
    )
    assert "words.yaml" not in less.files and "words.yaml" in draft.files


def test_a_restart_keeps_what_the_workshop_has_published(
    shop: Workshop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = ("offices", "H11010101", "phone")
    draft = shop.set(shop.set(shop.open(), CARD, ALWAYS), phone, "010-99999999")
    done = shop.approve(shop.submit(draft), shop.today, "试行")
    day_is(monkeypatch, shop)
    later = shop.now + timedelta(hours=1)
    setup.prepare(demo=True, now=later)
    assert contexts.current_pack().version == done.version_published
    lying = folder / TOWN / "pack.yaml"
    text = lying.read_text(encoding="utf-8")
    lying.write_text(text.replace('version: "7"', 'version: "8"'), encoding="utf-8")
    setup.prepare(demo=True, now=later)
    assert contexts.current_pack().version == done.version_published, "a release does not undo it"
    office = contexts.directory().office("H11010101")
    assert office is not None and office.phone == "010-99999999"
    known = {one.version for one in workshop_reading.versions(by=shop.editor, code=TOWN)}
    assert known == {"7", "8", "2026.11.1"}
    lying.write_text(text.replace('version: "7"', 'version: "2026.11.1"'), encoding="utf-8")
    setup.prepare(demo=True, now=later)
    assert contexts.current_pack().digest == PackSource.objects.get(version="2026.11.1").digest


def test_offices_of_a_version_reach_the_directory_on_its_day(
    shop: Workshop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = shop.set(shop.open(), ("offices", "H11010101", "phone"), "010-99999999")
    draft = shop.set(draft, CARD, ALWAYS)
    shop.approve(shop.submit(draft))
    assert workshop_effects.come_into_force(now=shop.now) == 0
    day = shop.later(days=1)
    assert workshop_effects.come_into_force(now=day.now) == 1
    office, other = (contexts.directory().office(one) for one in ("H11010101", "110101510000"))
    assert office is not None and office.phone == "010-99999999" and other is not None
    (told,) = rows.entries(draft=draft.id, what="in_force")
    assert (told.actor, told.note, told.version) == ("system", "H11010101", "2026.11.1")
    assert workshop_effects.come_into_force(now=day.now) == 0, "once is enough"


def test_a_version_that_cannot_be_taken_in_stops_no_other(
    shop: Workshop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = with_neighbour(shop, folder, monkeypatch)
    drafts = [one.approve(one.submit(one.set(one.open(), CARD, ALWAYS))) for one in (shop, other)]
    reading = workshop_effects.changed_offices

    def torn(code: str, *rest: Any) -> list[Office]:
        if code == TOWN:
            raise PackError([Finding(Place(f"{TOWN}/offices.yaml", 3, 5), "读不出来")])
        return reading(code, *rest)

    day = shop.later(days=1)
    with monkeypatch.context() as patched:
        patched.setattr(workshop_effects, "changed_offices", torn)
        assert workshop_effects.come_into_force(now=day.now) == 1
        assert workshop_effects.come_into_force(now=day.now) == 0
    assert rows.entries(draft=drafts[1].id, what="in_force")
    (said,) = rows.entries(draft=drafts[0].id, what="not_taken_in")
    assert "110000-town/offices.yaml:3:5" in said.note, "said once, with its place"
    (left,) = workshop_reading.not_taken_in(by=shop.editor)
    assert (left.draft, left.version) == (drafts[0].id, "2026.11.1")
    assert workshop_effects.come_into_force(now=day.now) == 1, "it is tried again"
    assert not workshop_reading.not_taken_in(by=shop.editor)


def test_a_change_of_the_folder_must_be_right_too(shop: Workshop, folder: Path) -> None:
    for file, old, new in (
        ("pack.yaml", 'version: "7"', 'version: "8"'),
        ("examples/ordinary.yaml", "{registration: 2}", "{registration: 5}"),
    ):
        path = folder / TOWN / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(PackError) as wrong:
        setup.prepare(demo=False, now=shop.now)
    assert "ordinary.yaml" in str(wrong.value)
    assert pack_versions.canonical_json(code=TOWN, version="8") is None
