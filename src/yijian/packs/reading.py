"""读取政策包: a folder of YAML, laid over its base, becomes one checked document with positions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from yijian.packs.canonical import Document, written
from yijian.packs.complaints import findings_of
from yijian.packs.findings import Finding, PackError, Place, nearest
from yijian.packs.nodes import Node, merged, plain, read_file, read_text, walk, without_removed
from yijian.packs.schema import DocumentSchema, OfficesSchema

COLLECTIONS: Mapping[str, str] = {
    "pack.yaml": "pack",
    "codes.yaml": "code_lists",
    "items.yaml": "items",
    "rules.yaml": "rules",
    "documents.yaml": "paperwork",
}
"""Files that are one collection as a whole, and its name in the document."""

FILES: Mapping[str, tuple[str, ...]] = {
    "sources.yaml": ("documents", "decisions"),
    "facts.yaml": ("registers", "facts"),
    "form.yaml": ("pages", "page_order", "sections", "section_order", "official", "statements"),
    "delivery.yaml": ("delivery", "custody"),
    "certificates.yaml": ("certificates", "fetched"),
    "words.yaml": ("words", "notices", "english"),
}
"""Files with several collections, and the keys each may have."""

OFFICES = "offices.yaml"
OTHER_FILES = (OFFICES, "calendar.yaml", "ratings.yaml")
MAX_BASES = 8


@dataclass(frozen=True)
class Source:
    """政策包来源: a pack's merged tree with positions, its document, and the English it lacks."""

    code: str
    tree: Node
    model: DocumentSchema
    document: Document
    untranslated: tuple[tuple[str | int, ...], ...]

    def place(self, *path: str | int) -> Place:
        """Where the value at `path` is written."""
        return self.tree.at(path)

    def origins(self) -> dict[str, str]:
        """The file and line that every value came from, by dotted path."""
        return {
            ".".join(map(str, path)): f"{node.place.file}:{node.place.line}"
            for path, node in walk(self.tree)
            if path
        }


def codes_in(packs_dir: Path) -> tuple[str, ...]:
    """The codes of all packs in a folder, sorted."""
    return tuple(sorted(path.parent.name for path in packs_dir.glob("*/pack.yaml")))


def read_folder(packs_dir: Path, code: str) -> Source:
    """The pack `code` of the folder, laid over its bases; PackError when it is wrong."""
    tree, english = _merged_tree(packs_dir, code)
    if _is_base(tree):
        place = tree.at(["pack", "runs"])
        raise PackError([Finding(place, f"“{code}”只是基础包（runs: false），不能单独使用")])
    try:
        model = DocumentSchema.model_validate_json(json.dumps(plain(tree)))
    except ValidationError as error:
        raise PackError(findings_of(error, tree, DocumentSchema)) from None
    if model.pack.code != code:
        sentence = f"code 写的是“{model.pack.code}”，应与文件夹名“{code}”一致"
        raise PackError([Finding(tree.at(["pack", "code"]), sentence)])
    document, untranslated = written(model, _sentences(english))
    return Source(code, tree, model, document, untranslated)


def is_base(packs_dir: Path, code: str) -> bool:
    """Whether the pack is a base that no node runs; it says so itself, whatever it stands on."""
    line_of_bases(packs_dir, code)
    runs = read_file(packs_dir / code / "pack.yaml", f"{code}/pack.yaml").find(["runs"])
    return runs is not None and runs.value is False


def base_findings(packs_dir: Path, code: str) -> list[Finding]:
    """What is wrong with a base: everything but the keys it leaves to the packs upon it."""
    tree, _ = _merged_tree(packs_dir, code)
    try:
        DocumentSchema.model_validate_json(json.dumps(plain(tree)))
    except ValidationError as error:
        return findings_of(error, tree, DocumentSchema, complete=False)
    return []


def read_offices(packs_dir: Path, code: str) -> tuple[OfficesSchema, Node]:
    """The office directory of a pack and its bases, and its positions."""
    tree = Node({}, Place(f"{code}/{OFFICES}"))
    for name in line_of_bases(packs_dir, code):
        path = packs_dir / name / OFFICES
        if path.is_file():
            tree = merged(tree, read_file(path, f"{name}/{OFFICES}"))
    tree = without_removed(tree)
    try:
        return OfficesSchema.model_validate_json(json.dumps(plain(tree))), tree
    except ValidationError as error:
        raise PackError(findings_of(error, tree, OfficesSchema)) from None


def line_of_bases(packs_dir: Path, code: str) -> tuple[str, ...]:
    """The pack and what it stands on, the lowest base first."""
    line: list[str] = []
    place = Place(f"{code}/pack.yaml")
    while True:
        path = packs_dir / code / "pack.yaml"
        if not path.is_file():
            sentence = f"没有“{code}”这个政策包{nearest(code, codes_in(packs_dir))}"
            raise PackError([Finding(place, sentence)])
        if code in line or len(line) == MAX_BASES:
            raise PackError([Finding(place, f"“{code}”的基础包绕了一圈：{' → '.join(line)}")])
        line.insert(0, code)
        base = read_file(path, f"{code}/pack.yaml").find(["base"])
        if base is None or base.value is None:
            return tuple(line)
        place = base.place
        code = str(base.value)


def _merged_tree(packs_dir: Path, code: str) -> tuple[Node, Node]:
    """The pack laid over its bases, and the English of its plain strings."""
    layers = [_layer(packs_dir / name) for name in line_of_bases(packs_dir, code)]
    tree = layers[0]
    for layer in layers[1:]:
        tree = merged(tree, layer)
    tree = without_removed(_own_identity(tree, layers[-1]))
    return tree, _mapping(tree).pop("english", Node({}, tree.place))


def layers_of(packs_dir: Path, code: str) -> tuple[Node | None, Node]:
    """What the pack stands on, merged, and its own layer as it is written; no base: None."""
    layers = [_layer(packs_dir / name) for name in line_of_bases(packs_dir, code)]
    base: Node | None = None
    for layer in layers[:-1]:
        base = layer if base is None else merged(base, layer)
    return (without_removed(base) if base is not None else None), layers[-1]


def _is_base(tree: Node) -> bool:
    runs = tree.find(["pack", "runs"])
    return runs is not None and runs.value is False


def _layer(folder: Path) -> Node:
    """One pack's own files as one tree, without its base."""
    children: dict[str, Node] = {}
    keys: dict[str, Place] = {}
    problems: list[Finding] = []
    known = (*COLLECTIONS, *FILES, *OTHER_FILES)
    for path in sorted(folder.glob("*.y*ml")):
        name = f"{folder.name}/{path.name}"
        if path.name not in known:
            sentence = f"不认识“{path.name}”这个文件{nearest(path.name, known)}"
            problems.append(Finding(Place(name), sentence))
            continue
        if path.name in OTHER_FILES and path.name != OFFICES:
            continue
        try:
            if path.name == OFFICES:
                _place_kinds(path, name, children, keys)
                continue
            node = read_file(path, name)
            _place_file(path.name, node, children, keys)
        except PackError as error:
            problems.extend(error.findings)
    if problems:
        raise PackError(problems)
    return Node(children, Place(f"{folder.name}/pack.yaml"), keys)


def _place_file(file: str, node: Node, children: dict[str, Node], keys: dict[str, Place]) -> None:
    if file in COLLECTIONS:
        children[COLLECTIONS[file]] = node
        keys[COLLECTIONS[file]] = node.place
        return
    parts = _mapping(node)
    allowed = FILES[file]
    unknown = [key for key in parts if key not in allowed]
    if unknown:
        raise PackError(
            Finding(node.keys[key], f"不认识“{key}”这个键{nearest(key, allowed)}")
            for key in unknown
        )
    children.update(parts)
    keys.update(node.keys)


def _place_kinds(path: Path, name: str, children: dict[str, Node], keys: dict[str, Place]) -> None:
    """The kinds of office, which are part of the document; the directory itself is not.

    Only their lines are read: a directory is long, and reading it costs more than all the rest.
    """
    kept, inside = [], False
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        if line[:1] not in ("", " ", "#"):
            inside = line.startswith("kinds:")
        kept.append(line if inside else "")
    found = read_text("\n".join(kept).rstrip(), name).find(["kinds"])
    if found is not None:
        children["office_kinds"], keys["office_kinds"] = found, found.place


def _own_identity(tree: Node, own: Node) -> Node:
    """The tree with the pack's own pack.yaml words that are never inherited."""
    pack = _mapping(tree)["pack"]
    own_pack = _mapping(_mapping(own)["pack"])
    for key in ("base", "runs", "in_force_until"):
        if key not in own_pack:
            _mapping(pack).pop(key, None)
    return tree


def _mapping(node: Node) -> dict[str, Node]:
    if not isinstance(node.value, dict):
        raise PackError([Finding(node.place, "应为一组“键: 值”")])
    return node.value


def _sentences(english: Node) -> dict[str, str]:
    wrong = [
        Finding(child.place, f"“{zh}”的英文应为文字")
        for zh, child in _mapping(english).items()
        if not isinstance(child.value, str)
    ]
    if wrong:
        raise PackError(wrong)
    return {zh: str(child.value) for zh, child in _mapping(english).items()}
