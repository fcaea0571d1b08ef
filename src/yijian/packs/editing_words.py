"""改写的词句: how one value is written as YAML, in a line or in lines of its own."""

import json
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode, SequenceNode

from yijian.packs.nodes import Plain, resolved

WIDEST = 100
"""A list or mapping longer than this is written in lines of its own."""


def scalar(value: str | float | bool | None, style: str = "", *, in_flow: bool = True) -> str:
    """One scalar in a line, quoted as before where it was and where it must be.

    >>> scalar("3"), scalar(3), scalar("a, b"), scalar("满月", "'"), scalar(None)
    ('"3"', '3', '"a, b"', "'满月'", 'null')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return json.dumps(value)
    if style == "'" and "\n" not in value and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style != '"' and _may_stand_plain(value, in_flow):
        return value
    return json.dumps(value, ensure_ascii=False)


def _may_stand_plain(value: str, in_flow: bool) -> bool:
    """Whether the text without quotes is read as that text: asked of the parser itself."""
    if not value.strip() or value != value.strip() or not value.isprintable():
        return False
    if resolved(value) != value:
        return False
    probes = (f"[{value}]", f"[a, {value}, b]") if in_flow else (f"k: {value}", f"- {value}")
    return all(_read_as(probe, value) for probe in probes)


def _read_as(probe: str, value: str) -> bool:
    try:
        node = YAML(typ="safe", pure=True).compose(probe)
    except YAMLError:
        return False
    scalars = list(_scalars(node))
    if not isinstance(node, SequenceNode):
        return len(scalars) == 2 and scalars[1] == value
    return value in scalars and len(scalars) in (1, 3) and len(scalars) == len(node.value)


def _scalars(node: object) -> Iterator[str]:
    if isinstance(node, ScalarNode):
        yield str(node.value)
        return
    for child in getattr(node, "value", ()):
        for one in child if isinstance(child, tuple) else (child,):
            yield from _scalars(one)


def literal(value: str, margin: int) -> str:
    """A text in lines of its own, each line as it is.

    >>> literal("a\\nb", 2)
    '|-\\n  a\\n  b'
    """
    body = value.rstrip("\n")
    risky = not body or body[0] in " \n" or not all(c == "\n" or c.isprintable() for c in body)
    if risky or value not in (body, f"{body}\n"):
        return json.dumps(value, ensure_ascii=False)
    mark = "|" if value.endswith("\n") else "|-"
    lines = [f"{' ' * margin}{line}" if line else "" for line in body.split("\n")]
    return "\n".join([mark, *lines])


def flow(value: Plain) -> str:
    """A value in one line.

    >>> flow({"zh": "三天", "en": "three days"})
    '{zh: 三天, en: three days}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    return scalar(value)


def block(value: Plain, column: int) -> str:
    """A value in lines; the first stands at `column` already, the others are moved there."""
    pad = "\n" + " " * column
    if isinstance(value, dict) and value:
        return pad.join(_entry(f"{scalar(key)}:", child, column) for key, child in value.items())
    if isinstance(value, list) and value:
        return pad.join(_entry("-", child, column) for child in value)
    return flow(value) if isinstance(value, dict | list) else scalar(value, in_flow=False)


def _entry(head: str, value: Plain, column: int) -> str:
    if isinstance(value, str) and "\n" in value:
        return f"{head} {literal(value, column + 2)}"
    if not isinstance(value, dict | list):
        return f"{head} {scalar(value, in_flow=False)}"
    short = flow(value)
    deep = any(isinstance(one, str) and "\n" in one for one in _leaves(value))
    if not value or (not deep and column + len(head) + len(short) < WIDEST):
        return f"{head} {short}"
    inner = column + 2
    first = " " if head == "-" else "\n" + " " * inner
    return f"{head}{first}{block(value, inner)}"


def _leaves(value: Plain) -> Iterator[Plain]:
    if isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _leaves(child)
    else:
        yield value
