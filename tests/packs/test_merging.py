"""A draft is put upon a newer version: both changes stand, and a clash is told, never hidden."""

from yijian.packs.merging import merged_files, merged_text

OLD = "a\nb\nc\nd\ne\nf\n"


def test_changes_of_different_lines_stand_together() -> None:
    own, new = OLD.replace("a", "A"), OLD.replace("f", "F\ng")
    assert merged_text(OLD, own, new) == ("A\nb\nc\nd\ne\nF\ng\n", False)
    assert merged_text(OLD, new, own) == ("A\nb\nc\nd\ne\nF\ng\n", False)


def test_the_same_change_twice_is_one_change() -> None:
    same = OLD.replace("c", "C")
    assert merged_text(OLD, same, same) == (same, False)
    more = same.replace("f", "F")
    assert merged_text(OLD, same, more) == (more, False)


def test_the_own_lines_stand_where_both_changed_and_that_is_told() -> None:
    merged, clash = merged_text(OLD, OLD.replace("c", "mine"), OLD.replace("c", "theirs"))
    assert clash and merged == OLD.replace("c", "mine")


def test_a_removed_line_stays_removed() -> None:
    own, new = OLD.replace("b\n", ""), OLD.replace("e\n", "")
    assert merged_text(OLD, own, new) == ("a\nc\nd\nf\n", False)


def test_files_are_added_removed_and_clash_by_name() -> None:
    old = {"one": OLD, "gone": "x", "both": OLD, "left": "y"}
    own = {"one": OLD, "both": OLD.replace("c", "1"), "left": "mine", "added": "new"}
    new = {"one": OLD + "g\n", "gone": "x", "both": OLD.replace("c", "2"), "other": "z"}
    files, both = merged_files(old, own, new)
    assert files == {
        "one": OLD + "g\n", "both": OLD.replace("c", "1"), "left": "mine", "added": "new",
        "other": "z",
    }  # fmt: skip
    assert sorted(both) == ["both", "left"]
