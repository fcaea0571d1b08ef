"""改一个值: one value of a YAML text is written anew, and every other character stays.

Comments, order and layout are what a policy officer reads, so nothing is dumped as a whole: only
the piece between two marks of the parser is replaced. What comes out is read again and must be
exactly the tree that was wanted; otherwise nothing is changed and the officer edits the text.
"""

from collections.abc import Sequence
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from yijian.packs.editing_words import block, flow, literal, scalar
from yijian.packs.findings import Finding, PackError, Place
from yijian.packs.nodes import Plain, plain, read_text

Path = Sequence[str | int]
AnyNode = ScalarNode | SequenceNode | MappingNode
REMOVED = object()


def with_value(text: str, name: str, path: Path, value: Plain) -> str:
    """The text with `value` at `path`; mappings on the way are made, lists grow by one at the end.

    >>> with_value("limit: {workdays: 3} # as in 2024\\n", "x.yaml", ["limit", "workdays"], 2)
    'limit: {workdays: 2} # as in 2024\\n'

    Errors: PackError for a text that cannot be read, or a value that has no place there.
    """
    before = plain(read_text(text, name))
    wanted = _changed(before, tuple(path), value, name)
    return _proven(text, _written(text, tuple(path), value), name, wanted)


def without_value(text: str, name: str, path: Path) -> str:
    """The text without the value at `path` and its key. Errors: as `with_value`."""
    before = plain(read_text(text, name))
    wanted = _changed(before, tuple(path), REMOVED, name)
    return _proven(text, _removed(text, tuple(path)), name, wanted)


def _proven(text: str, changed: str, name: str, wanted: Plain) -> str:
    try:
        if plain(read_text(changed, name)) == wanted:
            return changed
    except PackError:
        pass
    raise PackError([Finding(Place(name), "这个值不能单独改，请直接改文件")])


def _changed(tree: Plain, path: tuple[str | int, ...], value: Any, name: str) -> Plain:
    """The tree as it should be afterwards."""
    if not path:
        return cast(Plain, value)
    key, rest = path[0], path[1:]
    if isinstance(key, int):
        return _changed_list(tree, key, rest, value, name)
    entries = dict(tree) if isinstance(tree, dict) else {}
    if tree is not None and not isinstance(tree, dict):
        raise PackError([Finding(Place(name), f"“{key}”不在一组“键: 值”里")])
    if rest:
        if value is REMOVED and key not in entries:
            raise PackError([Finding(Place(name), f"没有“{key}”这个键")])
        entries[key] = _changed(entries.get(key), rest, value, name)
    elif value is REMOVED:
        if entries.pop(key, REMOVED) is REMOVED:
            raise PackError([Finding(Place(name), f"没有“{key}”这个键")])
    else:
        entries[key] = value
    return entries


def _changed_list(
    tree: Plain, index: int, rest: tuple[str | int, ...], value: Any, name: str
) -> Plain:
    parts = list(tree) if isinstance(tree, list) else []
    last = len(parts) - (value is REMOVED)
    if (tree is not None and not isinstance(tree, list)) or not 0 <= index <= last:
        raise PackError([Finding(Place(name), f"列表里没有第 {index + 1} 项")])
    if value is REMOVED and not rest:
        del parts[index]
    elif index == len(parts):
        parts.append(_changed(None, rest, value, name))
    else:
        parts[index] = _changed(parts[index], rest, value, name)
    return parts


def _root(text: str) -> AnyNode | None:
    """The tree of a text that `read_text` has just read without an error."""
    return cast(AnyNode | None, YAML(typ="safe", pure=True).compose(text))


def _written(text: str, path: tuple[str | int, ...], value: Plain) -> str:
    """The text after the value was put in its place, or after its nearest container grew."""
    node = _root(text)
    if node is None:
        room = text if not text or text.endswith("\n") else f"{text}\n"
        return f"{room}{block(_nested(path, value), 0)}\n"
    in_flow = False
    for depth, key in enumerate(path):
        in_flow = in_flow or _is_flow(node)
        child = _child(node, key)
        if child is None:
            if isinstance(node, ScalarNode) or not node.value:
                return _replaced(text, node, _nested(path[depth:], value), in_flow)
            return _grown(text, node, key, _nested(path[depth + 1 :], value), in_flow)
        node = child
    return _replaced(text, node, value, in_flow)


def _nested(path: tuple[str | int, ...], value: Plain) -> Plain:
    for key in reversed(path):
        value = [value] if isinstance(key, int) else {key: value}
    return value


def _child(node: AnyNode, key: str | int) -> AnyNode | None:
    if isinstance(node, SequenceNode) and isinstance(key, int):
        return node.value[key] if key < len(node.value) else None
    if isinstance(node, MappingNode):
        return next((child for name, child in node.value if name.value == key), None)
    return None


def _is_flow(node: AnyNode) -> bool:
    return not isinstance(node, ScalarNode) and bool(node.flow_style)


def _replaced(text: str, node: AnyNode, value: Plain, in_flow: bool) -> str:
    start, end = node.start_mark.index, _end(text, node)
    column = node.start_mark.column
    if isinstance(node, ScalarNode) and node.style in ("|", ">") and isinstance(value, str):
        margin = _margin(text, node)
        return text[:start] + literal(value, margin) + text[end:]
    if not isinstance(value, dict | list):
        style = node.style if isinstance(node, ScalarNode) else ""
        new = scalar(value, style or "", in_flow=in_flow)
    elif in_flow or isinstance(node, ScalarNode) or _is_flow(node) or not value:
        new = flow(value)
    else:
        new = block(value, column)
    gap = " " if start and text[start - 1] == ":" else ""
    return text[:start] + gap + new + text[end:]


def _margin(text: str, node: ScalarNode) -> int:
    """The column of a literal block's own lines, or two more than its key's when it is empty."""
    lines = text[node.start_mark.index : _end(text, node)].split("\n")[1:]
    inside = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    if inside:
        return min(inside)
    line = text[text.rfind("\n", 0, node.start_mark.index) + 1 : node.start_mark.index]
    return len(line) - len(line.lstrip(" ")) + 2


def _end(text: str, node: AnyNode) -> int:
    """Where a node's own text ends: not the comments and empty lines that the parser adds."""
    if isinstance(node, ScalarNode):
        end = int(node.end_mark.index)
        if node.style in ("|", ">"):
            return int(node.start_mark.index) + len(text[node.start_mark.index : end].rstrip("\n "))
        return end
    if node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(text, last[1] if isinstance(last, tuple) else last)


def _grown(text: str, node: AnyNode, key: str | int, value: Plain, in_flow: bool) -> str:
    """The text with one entry more at the end of a mapping or list that has some already."""
    if _is_flow(node) or in_flow:
        end = node.end_mark.index - 1
        room = text[:end].rstrip()
        comma = " " if room.endswith(",") else ", "
        entry = flow(value) if isinstance(key, int) else flow({key: value})[1:-1]
        return room + comma + entry + text[len(room) : end].strip(" ") + text[end:]
    line_end = text.find("\n", _end(text, node))
    at = len(text) if line_end < 0 else line_end
    column = node.start_mark.column
    entry = block([value], column) if isinstance(key, int) else block({key: value}, column)
    return f"{text[:at]}\n{' ' * column}{entry}{text[at:]}"


def _removed(text: str, path: tuple[str | int, ...]) -> str:
    parent = _root(text)
    assert parent is not None
    in_flow = _is_flow(parent)
    for key in path[:-1]:
        child = _child(parent, key)
        assert child is not None
        parent, in_flow = child, in_flow or _is_flow(child)
    key = path[-1]
    entries = [(one[0], one[1]) if isinstance(one, tuple) else (one, one) for one in parent.value]
    index = key if isinstance(key, int) else [one.value for one, _ in entries].index(key)
    if len(entries) == 1:
        return _replaced(text, parent, [] if isinstance(key, int) else {}, in_flow)
    start, end = entries[index][0].start_mark.index, _end(text, entries[index][1])
    if in_flow:
        if index + 1 < len(entries):
            return text[:start] + text[entries[index + 1][0].start_mark.index :]
        return text[: _end(text, entries[index - 1][1])] + text[end:]
    line = text.rfind("\n", 0, start) + 1
    before = text[line:start]
    if before.strip(" ") == "-" and isinstance(key, int):
        before = ""
    line_end = text.find("\n", end)
    after = len(text) if line_end < 0 else line_end + 1
    if not before.strip(" "):
        return text[:line] + text[after:]
    rest = text[after:]
    return text[:start] + rest.lstrip(" ")
