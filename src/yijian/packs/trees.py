"""树的存放: the tree of one YAML text as JSON, so that another process need not read it again."""

from typing import Any

from yijian.packs.findings import Place
from yijian.packs.nodes import Node

Json = list[Any] | dict[str, Any]


def as_json(node: Node) -> Json:
    """A tree whose nodes all stand in one file, without that file's name."""
    place = node.place
    if isinstance(node.value, dict):
        children = [
            [key, node.keys[key].line, node.keys[key].column, as_json(child)]
            for key, child in node.value.items()
        ]
        return {"at": [place.line, place.column], "of": children}
    if isinstance(node.value, list):
        return [place.line, place.column, [as_json(child) for child in node.value]]
    return [place.line, place.column, node.value, node.style]


def of_json(told: Json, file: str) -> Node:
    """The tree that was kept, as a tree of this file.

    >>> from yijian.packs.nodes import read_text
    >>> tree = read_text("a: {b: [1, 'x']}", "c.yaml")
    >>> of_json(as_json(tree), "c.yaml") == tree
    True
    """
    if isinstance(told, dict):
        line, column = told["at"]
        node = Node({}, Place(file, line, column))
        assert isinstance(node.value, dict)
        for key, key_line, key_column, child in told["of"]:
            node.value[key] = of_json(child, file)
            node.keys[key] = Place(file, key_line, key_column)
        return node
    if len(told) == 3:
        line, column, children = told
        return Node([of_json(child, file) for child in children], Place(file, line, column))
    line, column, value, style = told
    return Node(value, Place(file, line, column), style=style)
