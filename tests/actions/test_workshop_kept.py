"""What the workshop has worked out is used for exactly what it was worked out from, and no door."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.actions.cast_policy import Workshop
from tests.actions.test_workshop import CARD, folder, shop
from tests.packs.edited import TOWN
from yijian.actions import workshop, workshop_kept, workshop_reading
from yijian.records import pack_results
from yijian.records.models import PackResult

pytestmark = pytest.mark.django_db
Capture = Callable[..., AbstractContextManager[list[Callable[[], object]]]]
__all__ = ["folder", "shop"]


def test_what_one_process_found_another_one_reads(
    shop: Workshop, django_capture_on_commit_callbacks: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = shop.set(shop.open(), CARD, "never")
    with django_capture_on_commit_callbacks(execute=True):
        found = workshop_reading.checked(draft, examples=False)
    assert found.errors
    workshop_kept._remembered.clear()
    monkeypatch.setattr(workshop_reading, "_checked", lambda *_, **__: pytest.fail("again"))
    assert workshop_reading.checked(draft, examples=False) == found


def test_what_another_program_has_found_is_not_used(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = shop.open()
    key = workshop_reading._key("findings", draft)
    monkeypatch.setattr(workshop_kept, "THIS_PROGRAM", "the next one")
    assert workshop_reading._key("findings", draft) != key


@pytest.mark.parametrize("name", ["pyyaml", "ruamel.yaml", "pydantic", "cel-expr-python", "python"])
def test_another_version_of_what_reads_packs_is_another_program(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = workshop_kept.program()
    key = workshop_kept.key_of("findings", "text")
    if name == "python":
        monkeypatch.setattr(workshop_kept, "python_version", lambda: "0")
    else:
        monkeypatch.setattr(
            workshop_kept, "version", lambda one: "0" if one == name else version(one)
        )
    assert workshop_kept.program() != before == workshop_kept.THIS_PROGRAM
    assert workshop_kept.key_of("findings", "text") == key, "a process is the program it has loaded"


def test_a_kept_finding_opens_no_door(shop: Workshop) -> None:
    draft = shop.set(shop.open(), CARD, "never")
    for kind in ("findings", "played"):
        key = workshop_reading._key(kind, draft)
        pack_results.keep(kind=kind, values={key: {"findings": [], "examples": {}}})
        assert workshop_reading.checked(draft, examples=kind == "played").sound
    with pytest.raises(workshop.UnsoundError):
        shop.submit(draft)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), MemoryError()])
def test_what_fails_for_want_of_room_is_tried_again(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    draft = shop.open()

    def full(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(workshop_reading, "_checked", full)
        with pytest.raises(type(error)):
            workshop_reading.work_out(draft=draft.pk, kind="played", now=shop.now)
    workshop_reading.work_out(draft=draft.pk, kind="played", now=shop.now)
    found = workshop_reading.played(draft, now=shop.now)
    assert found is not None and found.sound


def test_a_problem_is_told_for_an_hour_and_then_tried_again(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = shop.open()

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(workshop_reading, "_checked", broken)
        workshop_reading.work_out(draft=draft.pk, kind="played", now=shop.now)
    with pytest.raises(workshop_reading.UnfinishedError):
        workshop_reading.played(draft, now=shop.now)
    later = shop.now + timedelta(hours=1)
    assert workshop_reading.played(draft, now=later) is None
    workshop_reading.work_out(draft=draft.pk, kind="played", now=later)
    found = workshop_reading.played(draft, now=later)
    assert found is not None and found.sound


def test_a_folder_inside_a_pack_keeps_no_page_away(shop: Workshop, folder: Path) -> None:
    draft = shop.open()
    (folder / TOWN / "old.d").mkdir()
    assert workshop_reading.checked(draft, examples=False).sound


def test_old_results_are_dropped(shop: Workshop, now: datetime) -> None:
    pack_results.keep(kind="findings", values={"0" * 64: {}})
    kept_at = PackResult.objects.get().kept_at
    assert workshop_kept.forget(now=kept_at + pack_results.KEPT) == 0
    assert workshop_kept.forget(now=kept_at + pack_results.KEPT + timedelta(seconds=1)) == 1
