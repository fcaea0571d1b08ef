"""改动: what two versions of a document say differently, as a person would tell it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from yijian.domain.documents import Cells, Content, Heading, Paragraph, Rows, Ticks


@dataclass(frozen=True, slots=True)
class Changed:
    """改动: one cell, choice, row or sentence; `before` or `after` is empty when it is new or gone.

    `label` is empty for running text.
    """

    label: str
    before: str
    after: str


def changes_between(before: Content, after: Content) -> tuple[Changed, ...]:
    """Everything that differs, in the order of the new version; signatures and seals aside.

    >>> from datetime import UTC, datetime
    >>> from yijian.domain.documents import Cell
    >>> def one(name):
    ...     cells = Cells("宝宝", (Cell("姓名", name),))
    ...     at = datetime(2026, 1, 1, tzinfo=UTC)
    ...     return Content("k", "form", "", "", "zh", (cells,), "", "", ("", "", ""), at)
    >>> changes_between(one("李小满"), one("李小雨"))
    (Changed(label='姓名', before='李小满', after='李小雨'),)
    """
    old, new = dict(_said(before)), dict(_said(after))
    found = [
        Changed(_label(key), old.get(key, ""), value)
        for key, value in new.items()
        if old.get(key) != value
    ]
    found += [Changed(_label(key), value, "") for key, value in old.items() if key not in new]
    return tuple(one for one in found if one.before or one.after)


_Key = tuple[str, str, int]


def _label(key: _Key) -> str:
    return key[1] if key[0] != "text" else ""


def _said(content: Content) -> Iterator[tuple[_Key, str]]:
    """Each thing said under a name of its own: what stands twice is counted."""
    seen: Counter[tuple[str, str]] = Counter()
    for place, label, value in _things(content):
        name = (place, label)
        seen[name] += 1
        yield (place, label, seen[name]), value


def _things(content: Content) -> Iterator[tuple[str, str, str]]:
    for block in content.blocks:
        if isinstance(block, Cells):
            for cell in block.cells:
                yield (
                    block.title,
                    cell.label,
                    _chosen(cell) if isinstance(cell, Ticks) else cell.value,
                )
        elif isinstance(block, Ticks):
            yield "ticks", block.label, _chosen(block)
        elif isinstance(block, Rows):
            for row in block.rows:
                yield "rows", row[0] if row else "", "，".join(row[1:])
        elif isinstance(block, Paragraph | Heading):
            yield "text", block.text, block.text


def _chosen(ticks: Ticks) -> str:
    return "、".join(name for name, ticked in ticks.options if ticked)
