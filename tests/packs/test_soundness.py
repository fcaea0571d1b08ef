"""What stands in the way of a pack: errors and examples that fail, never a warning."""

from pathlib import Path

from tests.packs.edited import SMALL, TOWN, edited
from yijian.packs.findings import Severity
from yijian.packs.soundness import checked


def test_a_pack_in_order_is_sound_and_every_example_was_played() -> None:
    found = checked(SMALL, TOWN)
    names = {path.name for path in (SMALL / TOWN / "examples").iterdir()}
    assert found.sound and set(found.examples) == names and not any(found.examples.values())


def test_a_failing_example_stands_in_the_way_with_its_place(tmp_path: Path) -> None:
    folder = edited(tmp_path, (f"{TOWN}/examples/ordinary.yaml", "{registration: 2}", "{card: 2}"))
    found = checked(folder, TOWN)
    (wrong,) = found.errors
    assert not found.sound and found.examples["ordinary.yaml"] == (wrong,)
    assert str(wrong).startswith(f"{TOWN}/examples/ordinary.yaml:9:")
    assert checked(folder, TOWN, examples=False).sound, "nothing is played while somebody writes"


def test_a_warning_does_not_stand_in_the_way_and_is_found_by_the_whole_check(
    tmp_path: Path,
) -> None:
    folder = edited(tmp_path)
    for name in ("day-30.yaml", "day-31-refused.yaml"):
        (folder / TOWN / "examples" / name).unlink()
    found = checked(folder, TOWN)
    assert found.findings and {one.severity for one in found.findings} == {Severity.WARNING}
    assert found.sound
    assert checked(folder, TOWN, examples=False).findings == ()


def test_a_pack_that_cannot_be_read_plays_nothing(tmp_path: Path) -> None:
    found = checked(edited(tmp_path, (f"{TOWN}/rules.yaml", "kind: window", "kind: x")), TOWN)
    assert not found.sound and found.examples == {}
    assert checked(SMALL, "100000-ground").sound, "a base is checked and has no examples"
