"""一件 and 一件事: what an archive package holds, before it is written."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from yijian.documents.offline_verifier import CATALOGUE, EEP, LIST, PROOF

README, BASICS, PROCESS = "说明文件.txt", "基本信息.xml", "办理过程.xml"
FIXED = (README, BASICS, PROCESS, LIST, EEP, PROOF)
CASE_FIXED = (README, BASICS, PROCESS, LIST, CATALOGUE, PROOF)


class Folder(StrEnum):
    """The folders of a package, in their order."""

    APPLICATION = "申请材料"
    ACCEPTANCE = "受理材料"
    REVIEW = "审查材料"
    RESULT = "办理结果"
    OTHER = "其他"


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """归档文件: one file of a package.

    `extension` is the format in lower case without a dot. `entry` is the number of the journal
    entry that names the SHA-256 of the data, 0 when none does.
    """

    folder: Folder
    title: str
    extension: str
    data: bytes = field(repr=False)
    entry: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """办理环节: one step of how the item was handled, as the journal tells it."""

    seq: int
    at: datetime
    kind: str
    title: str
    by: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class ItemPackage:
    """一件: an ended item of one newborn or of the family.

    `basics` are the metadata by their names in `metadata.ELEMENTS`; `proof` is the journal proof
    of its case as JSON.
    """

    name: str
    basics: tuple[tuple[str, str], ...] = field(repr=False)
    steps: tuple[Step, ...]
    files: tuple[ArchivedFile, ...]
    proof: bytes = field(repr=False)
    made_at: datetime


@dataclass(frozen=True, slots=True)
class CatalogueLine:
    """目录一行: one package of the case, by its digests; or why an item has none."""

    item: str
    title: str
    newborn: int
    outcome: str
    name: str = ""
    number: str = ""
    sha256: str = ""
    sm3: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class CasePackage:
    """一件事: the case as a whole, with the catalogue of the packages of its items."""

    name: str
    basics: tuple[tuple[str, str], ...] = field(repr=False)
    steps: tuple[Step, ...]
    catalogue: tuple[CatalogueLine, ...]
    proof: bytes = field(repr=False)
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Packed:
    """A written package, with its digests and its size."""

    name: str
    data: bytes = field(repr=False)
    sha256: str
    sm3: str

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return len(self.data)


class Signer(Protocol):
    """Who signs the list of digests of a package: an Ed25519 key."""

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The signature of `data`, 64 bytes."""
        ...
