"""What may stand in a tracked file: no machine's paths, no registry's address, no heavy CSS."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.architecture.tree import ROOT, text_of, tracked

# Written in pieces, so that this file does not find itself.
_HOME = r"(?:^|[\s\"'=:(])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me/[a-z]"]) + r")/"
_REGISTRY = r"https?://[^\s\"']*(?:" + "|".join(["py" + "pi", "npm" + "js", "pythonh" + "osted"])
FORBIDDEN_TEXT = {
    "a path of somebody's machine": re.compile(_HOME, re.MULTILINE),
    "the address of a package registry": re.compile(_REGISTRY + r")\.(?:org|com)"),
    "a Debian mirror": re.compile(r"https?://[^\s\"']*debian\." + "org"),
}
FORBIDDEN_CSS = {
    "@layer": "browsers inside provincial apps are years old",
    "oklch": "browsers inside provincial apps are years old",
    "color-mix": "browsers inside provincial apps are years old",
    ":has(": "browsers inside provincial apps are years old",
    "@import": "one more round trip before the first word is seen",
    "http:": "nothing is loaded from elsewhere",
    "https:": "nothing is loaded from elsewhere",
}


@pytest.mark.parametrize("what", sorted(FORBIDDEN_TEXT))
def test_no_tracked_file_names(what: str) -> None:
    found = []
    for path in tracked():
        text = text_of(path)
        if text is not None and (hit := FORBIDDEN_TEXT[what].search(text)):
            line = text.count("\n", 0, hit.end()) + 1
            found.append(f"{path}:{line}")
    assert found == []


@pytest.mark.parametrize("token", sorted(FORBIDDEN_CSS))
def test_no_style_sheet_uses(token: str) -> None:
    found = [str(p) for p in tracked("*.css") if token in (text_of(p) or "")]
    assert found == [], FORBIDDEN_CSS[token]


def test_no_page_carries_inline_script_or_style() -> None:
    """The Content-Security-Policy would refuse them, on the family's phone and not here."""
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle=|\son[a-z]+=", re.IGNORECASE
    )
    data = re.compile(r"<script[^>]*type=\"application/(?:ld\+)?json\"", re.IGNORECASE)
    found = []
    for path in tracked("src/yijian/*.html"):
        for number, line in enumerate((text_of(path) or "").splitlines(), 1):
            if inline.search(line) and not data.search(line):
                found.append(f"{path}:{number}")
    assert found == []


def test_every_dependency_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)
    wanted = list(project["project"]["dependencies"])
    for group in project["dependency-groups"].values():
        wanted += group
    without = [
        requirement
        for requirement in wanted
        if not re.search(rf'^\s+"{re.escape(requirement)}",\s+# \S+ \S+', text, re.MULTILINE)
    ]
    assert without == []


def test_every_dependency_is_locked_with_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = list(project["project"]["dependencies"])
    for group in project["dependency-groups"].values():
        wanted += group
    for requirement in wanted:
        name = re.split(r"[\[<>=~! ]", requirement)[0].replace(".", "-").lower()
        assert re.search(rf"^{re.escape(name)}==\S+ \\$", lock, re.MULTILINE), name
    blocks = re.findall(r"^[a-z0-9].*?==.*?(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    assert blocks and all("--hash=sha256:" in block for block in blocks)
