"""读取家庭文件: YAML or JSON text becomes a checked family that remembers what was written."""

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from yijian.packs.complaints import findings_of
from yijian.packs.families.schema import FamilySchema
from yijian.packs.findings import Finding, PackError, Place
from yijian.packs.nodes import Node, plain, read_file, read_text


@dataclass(frozen=True)
class Family:
    """家庭: a checked family file, complete or a skeleton, and where its values stand."""

    model: FamilySchema
    tree: Node

    @property
    def name(self) -> str:
        """The file it came from, without folder and ending."""
        return Path(self.tree.place.file).stem

    def place(self, *path: str | int) -> Place:
        """Where the value at `path` is written."""
        return self.tree.at(path)


def load(path: Path, name: str | None = None) -> Family:
    """The family of a file, called `name` in messages; PackError when it is wrong."""
    if not path.is_file():
        raise PackError([Finding(Place(name or str(path)), "没有这个家庭文件")])
    return _checked(read_file(path, name or str(path)))


def parse(text: str, name: str = "family") -> Family:
    """The family of YAML or JSON text; PackError when it is wrong."""
    return _checked(read_text(text, name))


def _checked(tree: Node) -> Family:
    try:
        model = FamilySchema.model_validate_json(json.dumps(plain(tree)))
    except ValidationError as error:
        raise PackError(findings_of(error, tree, FamilySchema)) from None
    if not model.facts:
        for key, needed in (("newborns", model.newborns), ("mother", model.mother)):
            if not needed:
                sentence = "“newborns”至少 1 项" if key == "newborns" else "要有妈妈（mother）"
                sentence += "，或者写 facts"
                raise PackError([Finding(tree.at([key]), sentence)])
    return Family(model, tree)
