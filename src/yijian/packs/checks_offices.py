"""机构是否同一家的检查: an office that several packs list is the same office in all of them.

A node has one directory. Packs that mean different offices by one code would keep it from starting.
"""

from collections.abc import Iterator
from pathlib import Path

from yijian.packs.findings import Finding, PackError, Place
from yijian.packs.nodes import Node, read_file
from yijian.packs.reading import OFFICES, codes_in, is_base, line_of_bases

TOLD = {"kind": "种类", "participant": "接入方"}
"""What must be the same wherever an office is listed."""

Entries = dict[str, tuple[Place, dict[str, Node]]]


def check_offices(packs_dir: Path, code: str) -> Iterator[Finding]:
    """A finding for each office that another pack of the folder knows as something else."""
    try:
        own = _entries(packs_dir, code)
    except PackError:
        # A directory that cannot be read is a finding of its own already.
        return
    for other in codes_in(packs_dir):
        try:
            theirs = (
                {} if other == code or is_base(packs_dir, other) else _entries(packs_dir, other)
            )
        except PackError:
            # What is wrong with another pack is said where that one is checked.
            continue
        for office in own.keys() & theirs.keys():
            yield from _compared(office, own, other, theirs)


def _compared(office: str, own: Entries, other: str, theirs: Entries) -> Iterator[Finding]:
    (place, here), (_, there) = own[office], theirs[office]
    for key, title in TOLD.items():
        one, another = _said(here, key), _said(there, key)
        if one != another:
            at = here[key].place if key in here else place
            words = f"“{office}”的{title}（{key}）在“{other}”里是“{another or '（没有）'}”"
            yield Finding(at, f"{words}，同一家机构在各政策包里要一样")


def _said(entry: dict[str, Node], key: str) -> object:
    return entry[key].value if key in entry else None


def _entries(packs_dir: Path, code: str) -> Entries:
    """What the pack and its bases write about each office."""
    found: Entries = {}
    for name in line_of_bases(packs_dir, code):
        path = packs_dir / name / OFFICES
        offices = read_file(path, f"{name}/{OFFICES}").find(["offices"]) if path.is_file() else None
        if offices is None or not isinstance(offices.value, dict):
            continue
        for office, node in offices.value.items():
            if isinstance(node.value, dict):
                known = found[office][1] if office in found else {}
                found[office] = (node.place, {**known, **node.value})
            elif node.value is None:
                found.pop(office, None)
    return found
