"""The small pack of these tests, as it is and with something changed."""

import shutil
from pathlib import Path

from yijian.domain.context import Context
from yijian.packs.findings import Finding, PackError
from yijian.packs.loading import load_context

SMALL = Path(__file__).parent / "small"
TOWN = "110000-town"
GROUND = "100000-ground"
PACKS = Path(__file__).parents[2] / "packs"


def edited(tmp_path: Path, *changes: tuple[str, str, str]) -> Path:
    """A copy of the small packs in which each (file, old, new) is replaced once."""
    folder = tmp_path / "packs"
    folder.parent.mkdir(exist_ok=True)
    shutil.copytree(SMALL, folder)
    for file, old, new in changes:
        path = folder / file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def town() -> Context:
    """The small pack with its offices and calendar."""
    return load_context(SMALL, TOWN)


def sentences(error: PackError) -> list[str]:
    return [str(finding) for finding in error.findings]


def lines(findings: tuple[Finding, ...]) -> list[str]:
    return [str(finding) for finding in findings]
