"""填好的表单: what came back from a form becomes changes of single values, and nothing else.

The page sends along what it had shown, as short marks. So only what the person changed is written,
and what somebody else wrote meanwhile stays, unless both changed the same value.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext

from yijian.actions import workshop_reading
from yijian.packs import PackError, layers
from yijian.packs.nodes import Plain, plain, read_text
from yijian.records.workshop import Draft
from yijian.web.console.policy_fields import Group, Leaf, Steps

SHOWN = "_shown"


class WrongValueError(Exception):
    """What was typed is no value of this kind."""


@dataclass
class Filling:
    """What somebody changed on a form: values to write, values to give back to the base.

    `wrong` says that something typed is no value; `both` that somebody else changed it too.
    """

    changes: list[tuple[Steps, Plain]] = field(default_factory=list)
    given_back: list[Steps] = field(default_factory=list)
    wrong: bool = False
    both: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing was changed at all."""
        return not self.changes and not self.given_back


def marks(sheet: Group) -> str:
    """What the form shows now, to come back with it."""
    return json.dumps({leaf.name: _mark(leaf.shown) for leaf in sheet.leaves()})


def _mark(shown: tuple[str, ...]) -> str:
    told = json.dumps(shown, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def fill(sheet: Group, posted: QueryDict) -> Filling:
    """Read a form: its boxes then hold what was typed, and their problems."""
    seen = _seen(posted)
    found = Filling()
    gone: list[Steps] = []
    for group in sheet.groups():
        if group.removable and posted.get(f"x:{group.name}"):
            group.ticked = True
            gone.append(group.steps)
    fresh = [group for group in sheet.groups() if group.fresh]
    for leaf in sheet.leaves():
        typed = _typed(leaf, posted)
        if leaf.name not in seen or _mark(typed) == seen[leaf.name]:
            _give_back(leaf, posted, found)
            continue
        if _mark(leaf.shown) not in (seen[leaf.name], _mark(typed)):
            leaf.theirs = " / ".join(part for part in leaf.shown if part) or gettext("（空）")
            found.both = True
        leaf.shown = typed
        if any(_within(leaf.steps, one) for one in gone) or _fresh_of(leaf, fresh):
            continue
        try:
            found.changes.append((leaf.steps, value_of(leaf)))
        except WrongValueError as error:
            leaf.problems.append(str(error))
            found.wrong = True
    for group in fresh:
        _add_fresh(group, posted, sheet, found)
    found.changes += [(steps, None) for steps in gone]
    found.changes.sort(key=_last_rows_first)
    return found


def _seen(posted: QueryDict) -> Mapping[str, str]:
    try:
        seen = json.loads(posted.get(SHOWN, "{}"))
    except ValueError:
        return {}
    return seen if isinstance(seen, dict) else {}


def _give_back(leaf: Leaf, posted: QueryDict, found: Filling) -> None:
    if leaf.own and leaf.below and posted.get(f"c:{leaf.name}"):
        leaf.ticked = True
        found.given_back.append(leaf.steps)


def _within(steps: Steps, group: Steps) -> bool:
    return steps[: len(group)] == group


def _fresh_of(leaf: Leaf, fresh: list[Group]) -> bool:
    return any(_within(leaf.steps, group.steps) for group in fresh)


def _last_rows_first(change: tuple[Steps, Plain]) -> tuple[bool, tuple[int, ...]]:
    """Rows that go away go last, the last of them first, so that no index moves before its turn."""
    steps, value = change
    if value is not None or not isinstance(steps[-1] if steps else "", int):
        return False, ()
    return True, tuple(-step for step in steps if isinstance(step, int))


def _typed(leaf: Leaf, posted: QueryDict) -> tuple[str, ...]:
    if leaf.kind == "words":
        return _line(posted, f"{leaf.name}:zh"), _line(posted, f"{leaf.name}:en")
    if leaf.kind == "ids":
        ticked = posted.getlist(leaf.name)
        before = [one for one in leaf.shown if one in ticked]
        return (*before, *(one for one in ticked if one not in before))
    return (_line(posted, leaf.name),)


def _line(posted: QueryDict, name: str) -> str:
    return posted.get(name, "").replace("\r\n", "\n").strip()


def _add_fresh(group: Group, posted: QueryDict, sheet: Group, found: Filling) -> None:
    """A new entry, when anything of it was filled in."""
    filled = [leaf for leaf in group.leaves() if any(leaf.shown)]
    group.key = _line(posted, f"n:{group.name}") if group.keyed else ""
    if not filled and not group.key:
        return
    group.folded = False
    if group.keyed and not group.key:
        group.problems.append(gettext("请写上代码。"))
        found.wrong = True
        return
    if group.keyed and any(
        one.key == group.key and one.steps[:-1] == group.steps[:-1]
        for one in sheet.groups()
        if not one.fresh
    ):
        group.problems.append(gettext("已经有“%(key)s”了。") % {"key": group.key})
        found.wrong = True
        return
    value: Plain = None
    for leaf in filled:
        try:
            value = _laid(value, leaf.steps[len(group.steps) :], value_of(leaf))
        except WrongValueError as error:
            leaf.problems.append(str(error))
            found.wrong = True
    steps = (*group.steps[:-1], group.key) if group.keyed else group.steps
    found.changes.append((steps, value if value is not None else {}))


def _laid(tree: Plain, steps: Steps, value: Plain) -> Plain:
    if not steps:
        return value
    if isinstance(steps[0], int):
        rows = list(tree) if isinstance(tree, list) else []
        return [*rows, _laid(None, steps[1:], value)]
    entries = dict(tree) if isinstance(tree, dict) else {}
    entries[steps[0]] = _laid(entries.get(steps[0]), steps[1:], value)
    return entries


def value_of(leaf: Leaf) -> Plain:
    """What a box holds, as a pack file says it; None for an empty one. Errors: WrongValueError."""
    if leaf.kind == "ids":
        return list(leaf.shown) or None
    if leaf.kind == "words":
        zh, en = leaf.shown
        return {"zh": zh, "en": en} if en else zh or None
    text = leaf.shown[0]
    if not text:
        return None
    if leaf.kind == "number":
        if not text.lstrip("-").isdecimal() or len(text) > 12:
            raise WrongValueError(gettext("“%(text)s”应为整数。") % {"text": text})
        return int(text)
    if leaf.kind == "day":
        return _day(text)
    if leaf.kind == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if leaf.kind in ("raw", "basis"):
        return _raw(text)
    if leaf.kind == "choice" and {one.value for one in leaf.menu.options} <= {"true", "false"}:
        return text == "true"
    return text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise WrongValueError(
            gettext("“%(text)s”应为日期，例如 2027-01-01。") % {"text": text}
        ) from None


def _raw(text: str) -> Plain:
    try:
        return plain(read_text(text, "value"))
    except PackError as error:
        raise WrongValueError(error.findings[0].sentence) from None


def revised_files(draft: Draft, entry: Steps, filling: Filling) -> dict[str, str]:
    """The files of a draft with the changes made; nothing is saved. Errors: PackError."""
    files = dict(draft.files)
    with workshop_reading.laid_out(draft) as folder:
        for path, value, back in _steps_of(entry, filling):
            found = layers.layers(folder, draft.code)
            if back:
                name, text = layers.cleared(found, draft.code, files, path)
            else:
                name, text = layers.revised(found, draft.code, files, path, value)
            files[name] = text
            (folder / draft.code / name).write_text(text, encoding="utf-8")
    return files


def _steps_of(entry: Steps, filling: Filling) -> Iterator[tuple[Steps, Plain, bool]]:
    for steps in filling.given_back:
        yield (*entry, *steps), None, True
    for steps, value in filling.changes:
        yield (*entry, *steps), value, False
