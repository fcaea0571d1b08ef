"""What the workshop has worked out is used for exactly what it was worked out from, and no door."""

from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest

from tests.actions.cast_policy import Workshop
from tests.actions.test_workshop import CARD, folder, shop
from tests.packs.edited import TOWN
from yijian.actions import workshop, workshop_kept, workshop_reading
from yijian.packs import nodes
from yijian.records import pack_results
from yijian.records.models import PackResult

pytestmark = pytest.mark.django_db
Capture = Callable[..., AbstractContextManager[list[Callable[[], object]]]]
__all__ = ["folder", "shop"]


@pytest.fixture(autouse=True)
def another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is remembered from before."""
    monkeypatch.setattr(workshop_kept, "_remembered", OrderedDict())


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
    monkeypatch.setattr(workshop_kept, "program", lambda: "the next one")
    assert workshop_reading._key("findings", draft) != key


def test_a_kept_finding_opens_no_door(shop: Workshop) -> None:
    draft = shop.set(shop.open(), CARD, "never")
    for kind in ("findings", "played"):
        key = workshop_reading._key(kind, draft)
        pack_results.keep(kind=kind, values={key: {"findings": [], "examples": {}}})
        assert workshop_reading.checked(draft, examples=kind == "played").sound
    with pytest.raises(workshop.UnsoundError):
        shop.submit(draft)


def test_a_long_text_is_read_once_for_all_processes(
    shop: Workshop, django_capture_on_commit_callbacks: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop_kept, "LONG_TEXT", 100)
    draft = shop.open()
    monkeypatch.setattr(nodes, "_kept", OrderedDict())
    with django_capture_on_commit_callbacks(execute=True):
        found = workshop_reading.values(draft)
    assert PackResult.objects.filter(kind="tree").exists()
    nodes._kept.clear()
    workshop_kept._remembered.clear()
    read, reading = [], nodes._read

    def noted(text: str, name: str) -> nodes.Node:
        read.append(name)
        return reading(text, name)

    monkeypatch.setattr(nodes, "_read", noted)
    assert workshop_reading.values(draft) == found
    assert f"{TOWN}/items.yaml" not in read


def test_old_results_are_dropped(shop: Workshop, now: datetime) -> None:
    pack_results.keep(kind="tree", values={"0" * 64: [1, 1, "x", ""]})
    kept_at = PackResult.objects.get().kept_at
    assert workshop_kept.forget(now=kept_at + pack_results.KEPT) == 0
    assert workshop_kept.forget(now=kept_at + pack_results.KEPT + timedelta(seconds=1)) == 1
