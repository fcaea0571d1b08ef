"""流程图: the items of a pack as a drawing, from the application to the last result.

Items stand in rows by what they wait for; an arrow leads from an item to each that needs it. The
same is said in words in the table beside it, so that nobody has to see the picture.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape

from yijian.domain.policy import OnRefusal, Pack, ServiceItem
from yijian.packs.guides.pages import Part, Table
from yijian.packs.guides.speaking import Speaker

WIDTH, HEIGHT = 168, 72
GAP_X, GAP_Y = 18, 46
PER_ROW = 4
LETTERS = 11


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the drawing: its heading, the small lines below it, its left upper corner."""

    heading: tuple[str, ...]
    below: tuple[str, ...]
    x: float
    y: float
    strong: bool = False

    @property
    def middle(self) -> float:
        """The x of its centre."""
        return self.x + WIDTH / 2


def chart_part(say: Speaker, today: date) -> Part:
    """The flow chart with its table."""
    return Part(
        1,
        say.word("流程图", "Flow chart"),
        table=_table(say, today),
        drawing=drawing(say, today),
    )


def drawing(say: Speaker, today: date) -> str:
    """The chart as SVG; colours and lines print well in black and white."""
    rows = _rows(say)
    widest = max(len(row) for row in rows)
    width = widest * WIDTH + (widest - 1) * GAP_X + 20
    boxes: dict[str, Box] = {"": _box(_start(say), 0, [""], width, strong=True)}
    for depth, row in enumerate(rows, 1):
        for code in row:
            boxes[code] = _box(_words(say, code, today), depth, row, width, code)
    height = (len(rows) + 1) * (HEIGHT + GAP_Y) - GAP_Y + 20
    title = say.word("办理流程图", "Flow chart")
    shapes = [*_arrows(say, boxes), *(_drawn(box) for box in boxes.values())]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" aria-label="{escape(title)}" '
        'font-family="sans-serif" font-size="13">'
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="#333"/></marker></defs>'
        + "".join(shapes)
        + "</svg>"
    )


def _rows(say: Speaker) -> list[list[str]]:
    """Items by how many steps they stand from the application, at most four in a row."""
    items = say.pack.items
    depth: dict[str, int] = {}

    def depth_of(code: str) -> int:
        if code not in depth:
            before = [depth_of(need) for need in items[code].needs if need in items]
            depth[code] = max(before, default=0) + 1
        return depth[code]

    rows: dict[int, list[str]] = {}
    for code in items:
        rows.setdefault(depth_of(code), []).append(code)
    split: list[list[str]] = []
    for level in sorted(rows):
        row = rows[level]
        split += [row[at : at + PER_ROW] for at in range(0, len(row), PER_ROW)]
    return split


def _start(say: Speaker) -> tuple[tuple[str, ...], tuple[str, ...]]:
    signers = say.joined(say.role(step.role) for step in say.pack.signing)
    heading = say.word("一次申请", "One application")
    return (heading,), (say.word(f"{signers}签名", f"signed by: {signers}"),)


def _words(say: Speaker, code: str, today: date) -> tuple[tuple[str, ...], tuple[str, ...]]:
    item = say.pack.items[code]
    limit = item.limit_on(max(today, say.pack.in_force_from))
    heading = tuple(_wrapped(say(item.title), LETTERS if say.chinese else 2 * LETTERS))
    below = [say.office(item.office_kind)]
    if limit is not None:
        below.append(_short(say, limit.workdays, limit.days, limit.hours))
    return heading, tuple(below)


def _short(say: Speaker, workdays: int | None, days: int | None, hours: int | None) -> str:
    if workdays == 0:
        return say.word("当天", "same day")
    if workdays is not None:
        return say.word(f"{workdays} 工作日", f"{workdays} wd")
    if days is not None:
        return say.word(f"{days} 天", f"{days} d")
    return say.word(f"{hours} 小时", f"{hours} h")


def _wrapped(text: str, letters: int) -> Iterator[str]:
    if " " in text and len(text) > letters:
        head = text.rfind(" ", 0, letters + 1)
        cut = head if head > 0 else letters
    else:
        cut = letters
    yield text[:cut].strip()
    rest = text[cut:].strip()
    if rest:
        yield rest if len(rest) <= letters else rest[: letters - 1] + "…"


def _box(
    words: tuple[tuple[str, ...], tuple[str, ...]], depth: int, row: list[str], width: float,
    code: str = "", *, strong: bool = False,
) -> Box:  # fmt: skip
    used = len(row) * WIDTH + (len(row) - 1) * GAP_X
    x = (width - used) / 2 + row.index(code) * (WIDTH + GAP_X)
    return Box(*words, x, 10 + depth * (HEIGHT + GAP_Y), strong)


def _drawn(box: Box) -> str:
    fill = "#e8eef7" if box.strong else "#fff"
    lines = [*((line, True) for line in box.heading), *((line, False) for line in box.below)]
    first = box.y + HEIGHT / 2 - (len(lines) - 1) * 8 + 4.5
    texts = "".join(
        f'<text x="{box.middle:g}" y="{first + 16 * at:g}" text-anchor="middle"'
        + (' font-weight="600"' if strong else ' font-size="11" fill="#444"')
        + f">{escape(line)}</text>"
        for at, (line, strong) in enumerate(lines)
    )
    return (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{WIDTH}" height="{HEIGHT}" rx="6" '
        f'fill="{fill}" stroke="#333"/>{texts}'
    )


def _arrows(say: Speaker, boxes: dict[str, Box]) -> Iterator[str]:
    for code, item in say.pack.items.items():
        for need in nearest_needs(say.pack, code) or ("",):
            yield _arrow(boxes[need], boxes[code], stops=item.on_refusal)


def nearest_needs(pack: Pack, code: str) -> tuple[str, ...]:
    """What an item waits for, without what those wait for in turn: one arrow says both."""
    needs = [need for need in pack.items[code].needs if need in pack.items]
    further = {far for need in needs for far in _all_needs(pack, need)}
    return tuple(need for need in needs if need not in further)


def _all_needs(pack: Pack, code: str) -> set[str]:
    near = {need for need in pack.items[code].needs if need in pack.items}
    return near.union(*(_all_needs(pack, need) for need in near))


def _arrow(above: Box, below: Box, *, stops: OnRefusal) -> str:
    start, end = above.y + HEIGHT, below.y - 2
    half = end - GAP_Y / 2
    dash = ' stroke-dasharray="5 3"' if stops is OnRefusal.STOP_REMAINING else ""
    return (
        f'<path d="M{above.middle:g} {start:g}V{half:g}H{below.middle:g}V{end:g}" fill="none" '
        f'stroke="#333"{dash} marker-end="url(#tip)"/>'
    )


def _table(say: Speaker, today: date) -> Table:
    head = (
        say.word("事项", "Item"),
        say.word("谁办", "Who"),
        say.word("在什么之后", "After"),
        say.word("多久", "How long"),
        say.word("没办成时", "When it fails"),
    )
    return Table(head, tuple(_line(say, item, today) for item in say.pack.items.values()))


def _line(say: Speaker, item: ServiceItem, today: date) -> tuple[str, ...]:
    limit = item.limit_on(max(today, say.pack.in_force_from))
    after = say.items(code for code in item.needs if code in say.pack.items)
    fails = (
        say.word("后面的都转到窗口", "the rest goes to the counter")
        if item.on_refusal is OnRefusal.STOP_REMAINING
        else say.word("只影响靠它的事项", "only what needs it stops")
    )
    return (
        say(item.title),
        say.office(item.office_kind),
        after or say.word("提交以后", "submission"),
        say.duration(limit) if limit is not None else say.word("没有规定", "none set"),
        fails,
    )
