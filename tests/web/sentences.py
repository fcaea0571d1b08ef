"""Every sentence of the pages, found in their sources without gettext's programs.

Templates are turned into Python-like text by Django's own `templatize`; Python is read with `ast`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

import yijian.web

WEB = Path(next(iter(yijian.web.__path__)))
CALLS = {"gettext", "gettext_lazy", "_", "ngettext", "gettext_noop"}
CONTEXT_CALLS = {"pgettext", "pgettext_lazy"}
IN_TEMPLATE = re.compile(r"\b(?:gettext|ngettext|_)\(u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")
WITH_CONTEXT = re.compile(
    r"\bpgettext\(u?(\"[^\"]*\"|'[^']*'), ?u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
)
BLOCKS = re.compile(r"\b(?:gettext|ngettext)\((u?(?:'''.*?'''|\"\"\".*?\"\"\"))", re.DOTALL)


def sentences() -> dict[str, str]:
    """Message id → one place where it stands."""
    found: dict[str, str] = {}
    for path in sorted(WEB.rglob("*.html")):
        for text in in_template(path.read_text(encoding="utf-8"), str(path)):
            found.setdefault(text, str(path.relative_to(WEB)))
    for path in sorted(WEB.rglob("*.py")):
        for text in in_python(path.read_text(encoding="utf-8")):
            found.setdefault(text, str(path.relative_to(WEB)))
    return found


def in_template(source: str, origin: str = "") -> Iterator[str]:
    """The message ids of one template."""
    plain = templatize(source, origin=origin)
    for match in [*IN_TEMPLATE.finditer(plain), *BLOCKS.finditer(plain)]:
        text = ast.literal_eval(match[1])
        if text:
            yield text
    for match in WITH_CONTEXT.finditer(plain):
        yield f"{ast.literal_eval(match[1])}\4{ast.literal_eval(match[2])}"


def in_python(source: str) -> Iterator[str]:
    """The message ids of one module: literal first arguments of the translating functions."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        first = node.args[0]
        words = [a.value for a in node.args[:2] if isinstance(a, ast.Constant)]
        if name in CONTEXT_CALLS and len(words) == 2:
            yield "\4".join(map(str, words))
        if name in CALLS and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value
