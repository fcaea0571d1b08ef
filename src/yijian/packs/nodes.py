"""带位置的节点: YAML 1.2 files as trees that remember the line of every value, and their merge.

Scalars follow the YAML 1.2 core rules: only `true`, `false`, `null`, `~`, nothing and numbers
are not text. Anchors and aliases are refused: a policy officer reads every value in place.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml  # noqa: TID251 (its parser alone, and none of its meanings)
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from yijian.packs.findings import Finding, PackError, Place

MAX_BYTES = 2_000_000
MAX_DEPTH = 20
MAX_KEPT = 512

Scalar = str | int | float | bool | None
Plain = Scalar | list["Plain"] | dict[str, "Plain"]

_CONSTANTS: dict[str, bool | None] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "null": None,
    "~": None,
    "": None,
}
READ_DIFFERENTLY = re.compile("[\\t\\x85\\u2028\\u2029\\ufeff]")
"""What YAML 1.1 takes for a break or a blank and YAML 1.2 does not, or the other way round."""
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+")
_REASONS = (
    (
        "mapping values are not allowed",
        "这里不能再写一个“键: 值”；检查缩进，或给含有“: ”的文字加引号",
    ),
    ("could not find expected ':'", "键后面要有半角冒号和空格（全角“：”不算）"),
    ("expected <block end>", "缩进和上一行对不齐"),
    ("found character '\\t'", "缩进要用空格，不能用制表符"),
    ("found undefined", "引用的锚点不存在"),
    ("while scanning a quoted scalar", "引号没有成对"),
    ("found unexpected end of stream", "引号或括号没有成对"),
    ("expected ',' or", "括号里各项之间要用半角逗号，最后要有右括号"),
    ("found character", "文字以特殊符号开头，请加引号"),
)


@dataclass(slots=True)
class Node:
    """A value of a YAML file, where it starts, and where each of its keys stands."""

    value: "Scalar | list[Node] | dict[str, Node]"
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)
    style: str = ""

    def at(self, path: Sequence[str | int]) -> Place:
        """The place of the value at `path`, or of the nearest value above it.

        Sugar leaves no trace in a path, so segments that a short form leaves out are skipped.
        """
        node = self
        place = self.place
        for segment in path:
            if isinstance(node.value, dict) and str(segment) in node.value:
                place = node.keys.get(str(segment), place)
                node = node.value[str(segment)]
                place = place if isinstance(node.value, dict) else node.place
            elif isinstance(node.value, list):
                index = {"document": 0, "clause": 1}.get(str(segment), segment)
                if isinstance(index, int) and index < len(node.value):
                    node = node.value[index]
                    place = node.place
        return place

    def key_at(self, path: Sequence[str | int]) -> Place:
        """The place of the key that `path` ends with; of the nearest value when there is none."""
        above = self.find(path[:-1]) if path else None
        return above.keys.get(str(path[-1]), self.at(path)) if above else self.at(path)

    def find(self, path: Sequence[str | int]) -> "Node | None":
        """The node at `path` exactly; None when it is not written."""
        node = self
        for segment in path:
            if isinstance(node.value, dict) and str(segment) in node.value:
                node = node.value[str(segment)]
            elif isinstance(node.value, list) and isinstance(segment, int):
                if segment >= len(node.value):
                    return None
                node = node.value[segment]
            else:
                return None
        return node


def read_file(path: Path, name: str) -> Node:
    """The tree of one YAML file, called `name` in messages; PackError when it cannot be read."""
    raw = path.read_bytes()
    start = Place(name)
    if len(raw) > MAX_BYTES:
        raise PackError([Finding(start, f"文件超过 {MAX_BYTES // 1_000_000} MB，请拆分")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise PackError([Finding(Place(name, line), "不是 UTF-8 文字，请另存为 UTF-8")]) from None
    return read_text(text, name)


_kept: OrderedDict[tuple[str, str], Node] = OrderedDict()


def read_text(text: str, name: str) -> Node:
    """The tree of YAML text, called `name` in messages; PackError when it cannot be read.

    The same text is read once per process: trees are shared and must not be changed.
    """
    with suppress(KeyError):
        _kept.move_to_end((text, name))
        return _kept[text, name]
    node = _quickly(text, name) or _explained(text, name)
    _kept[text, name] = node
    while len(_kept) > MAX_KEPT:
        with suppress(KeyError):
            _kept.popitem(last=False)
    return node


class _UnusualError(Exception):
    """Something in a text that is refused, or that two versions of YAML read differently."""


def _quickly(text: str, name: str) -> Node | None:
    """The tree by libyaml, thirty times as quick; None for what the other reader is to explain.

    What a word means follows from this module's own rules, so that YAML 1.1 has no say.
    """
    if READ_DIFFERENTLY.search(text):
        return None
    try:
        events = yaml.parse(text, Loader=yaml.CSafeLoader)
        next(events)
        first = next(events)
        if isinstance(first, yaml.StreamEndEvent):
            return Node({}, Place(name))
        node = _node(next(events), events, name, 0)
        next(events)
        return node if isinstance(next(events), yaml.StreamEndEvent) else None
    except (yaml.YAMLError, _UnusualError):
        return None


def _node(event: yaml.Event, events: Iterator[yaml.Event], name: str, depth: int) -> Node:
    if not isinstance(event, yaml.NodeEvent) or event.anchor or depth > MAX_DEPTH:
        raise _UnusualError
    place = _place(event, name)
    if isinstance(event, yaml.ScalarEvent):
        value = event.value if event.style else resolved(event.value)
        return Node(value, place, style=event.style or "")
    if isinstance(event, yaml.SequenceStartEvent):
        found = []
        while not isinstance(child := next(events), yaml.SequenceEndEvent):
            found.append(_node(child, events, name, depth + 1))
        return Node(found, place)
    assert isinstance(event, yaml.MappingStartEvent)
    values: dict[str, Node] = {}
    keys: dict[str, Place] = {}
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        child = next(events)
        if not isinstance(key, yaml.ScalarEvent) or key.anchor or key.value in values:
            raise _UnusualError
        empty = isinstance(child, yaml.ScalarEvent) and not (child.value or child.style)
        if empty and event.flow_style:
            raise _UnusualError
        keys[key.value] = _place(key, name)
        values[key.value] = _node(child, events, name, depth + 1)
    return Node(values, place, keys)


def _place(event: yaml.Event, name: str) -> Place:
    mark = event.start_mark
    assert mark is not None
    return Place(name, mark.line + 1, mark.column + 1)


def _explained(text: str, name: str) -> Node:
    """The tree by the YAML 1.2 reader that says best what is wrong and where."""
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise PackError([_syntax_finding(error, name)]) from None
    except (ReaderError, RecursionError) as error:
        line = text[: getattr(error, "position", 0)].count("\n") + 1
        raise PackError([Finding(Place(name, line), "含有不能使用的控制字符或套得太深")]) from None
    if root is None:
        return Node({}, Place(name))
    problems: list[Finding] = []
    node = _converted(root, name, problems, 0)
    if problems:
        raise PackError(problems)
    return node


def _syntax_finding(error: MarkedYAMLError, name: str) -> Finding:
    begun = "quoted scalar" in str(error.context) or "simple key" in str(error.context)
    mark = (begun and error.context_mark) or error.problem_mark or error.context_mark
    place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
    said = f"{error.context or ''} {error.problem or ''}"
    reason = next((zh for en, zh in _REASONS if en in said), "YAML 写法有误")
    return Finding(place, f"{reason}（{(error.problem or '').strip()}）")


def _converted(node: object, name: str, problems: list[Finding], depth: int) -> Node:
    if not isinstance(node, ScalarNode | SequenceNode | MappingNode):
        raise TypeError(f"unknown YAML node {type(node).__name__}")
    place = Place(name, node.start_mark.line + 1, node.start_mark.column + 1)
    if node.anchor:
        problems.append(Finding(place, f"不能使用锚点“&{node.anchor}”，请把内容直接写在这里"))
        return Node(None, place)
    if depth > MAX_DEPTH:
        problems.append(Finding(place, f"套得超过 {MAX_DEPTH} 层"))
        return Node(None, place)
    if isinstance(node, ScalarNode):
        plain = node.style is None or node.style == ""
        value = resolved(node.value) if plain else node.value
        return Node(value, place, style=node.style or "")
    if isinstance(node, SequenceNode):
        return Node([_converted(child, name, problems, depth + 1) for child in node.value], place)
    result = Node({}, place)
    assert isinstance(result.value, dict)
    for key, child in node.value:
        key_place = Place(name, key.start_mark.line + 1, key.start_mark.column + 1)
        if not isinstance(key, ScalarNode):
            problems.append(Finding(key_place, "键应为一个词"))
            continue
        if key.value in result.value:
            first = result.keys[key.value].line
            problems.append(Finding(key_place, f"“{key.value}”在第 {first} 行已经写过"))
        if node.flow_style and isinstance(child, ScalarNode) and not (child.value or child.style):
            sentence = f"“{key.value}”没有值；括号里的句子含有半角逗号时要加引号"
            problems.append(Finding(key_place, sentence))
        result.value[key.value] = _converted(child, name, problems, depth + 1)
        result.keys[key.value] = key_place
    return result


def resolved(text: str) -> Scalar:
    """What text without quotes means: a constant, a number or itself."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def merged(base: Node, own: Node) -> Node:
    """`own` laid over `base`: mappings key by key, everything else replaced, `null` removes.

    A text and a dated limit are one value, so they replace even where both are mappings.
    """
    if not isinstance(base.value, dict) or not isinstance(own.value, dict):
        return own
    if is_one_value(own.value):
        return own
    value = dict(base.value)
    keys = dict(base.keys)
    for key, child in own.value.items():
        if child.value is None:
            value.pop(key, None)
            keys.pop(key, None)
            continue
        value[key] = merged(value[key], child) if key in value else without_removed(child)
        keys[key] = own.keys[key]
    return Node(value, own.place, keys)


def without_removed(node: Node) -> Node:
    """The tree without its `null` entries, which remove nothing where no base has a value."""
    if not isinstance(node.value, dict):
        return node
    kept = {k: without_removed(v) for k, v in node.value.items() if v.value is not None}
    return Node(kept, node.place, {key: node.keys[key] for key in kept})


def is_one_value(value: dict[str, Node]) -> bool:
    """Whether a mapping is a text or a dated limit, which are never merged."""
    is_limit = "from" in value and bool(value.keys() & {"workdays", "days", "hours"})
    return is_limit or ("zh" in value and value.keys() <= {"zh", "en"})


def plain(node: Node) -> Plain:
    """The tree as plain JSON values."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def walk(
    node: Node, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    """Every node below `node` with its path, in reading order."""
    yield path, node
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from walk(child, (*path, key))
    elif isinstance(node.value, list):
        for index, child in enumerate(node.value):
            yield from walk(child, (*path, index))
