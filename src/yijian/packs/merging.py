"""合并: the changes of one draft upon a newer version of the same files, line by line."""

from collections.abc import Mapping
from difflib import SequenceMatcher

Span = tuple[int, int, int, int]


def merged_files(
    old: Mapping[str, str], own: Mapping[str, str], new: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """`own` and `new` both come from `old`: what each has changed, together.

    Also the names of files in which both changed the same lines; there the own lines stand.
    """
    files: dict[str, str] = {}
    both: list[str] = []
    for name in dict.fromkeys((*own, *new)):
        before, mine, theirs = old.get(name), own.get(name), new.get(name)
        if mine == before:
            kept = theirs
        elif theirs in (before, mine):
            kept = mine
        elif before is None or mine is None or theirs is None:
            kept = mine
            both.append(name)
        else:
            kept, clash = merged_text(before, mine, theirs)
            both += [name] if clash else []
        if kept is not None:
            files[name] = kept
    return files, both


def merged_text(old: str, own: str, new: str) -> tuple[str, bool]:
    """Both changes in one text, and whether they touch the same lines.

    >>> merged_text("a\\nb\\nc\\n", "A\\nb\\nc\\n", "a\\nb\\nC\\n")
    ('A\\nb\\nC\\n', False)
    """
    before, mine, theirs = (text.splitlines(keepends=True) for text in (old, own, new))
    left, right = _changes(before, mine), _changes(before, theirs)
    clashing = {one for one in right if any(_touch(one, other) for other in left)}
    same = {
        one
        for one in clashing
        if any(
            one[:2] == other[:2] and theirs[one[2] : one[3]] == mine[other[2] : other[3]]
            for other in left
        )
    }
    steps = [(*span, True) for span in left]
    steps += [(*span, False) for span in right if span not in clashing]
    merged: list[str] = []
    at = 0
    for start, end, first, last, is_mine in sorted(steps):
        merged += before[at:start]
        merged += (mine if is_mine else theirs)[first:last]
        at = end
    return "".join([*merged, *before[at:]]), bool(clashing - same)


def _changes(before: list[str], after: list[str]) -> list[Span]:
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [(i1, i2, j1, j2) for tag, i1, i2, j1, j2 in codes if tag != "equal"]


def _touch(one: Span, other: Span) -> bool:
    """Whether two changes concern the same lines, or stand at the same place."""
    return one[0] <= other[1] and other[0] <= one[1]
