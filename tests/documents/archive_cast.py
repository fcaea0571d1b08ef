"""A family's ended item as an archive package, with a journal proof made by the journal's code."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from PIL import Image

from tests.conftest import NOW
from yijian.documents.archive.holdings import (
    ArchivedFile,
    CasePackage,
    CatalogueLine,
    Folder,
    ItemPackage,
    Packed,
    Step,
)
from yijian.documents.archive.markup import moment
from yijian.documents.archive.packing import pack_case, pack_item
from yijian.documents.offline_verifier import fingerprint
from yijian.records import tree
from yijian.records.journal import FIRST_PREV, Entry, entry_hash, signed_text

CASE = UUID("01930000-0000-7000-8000-000000000001")
RARE = "阿卜杜拉·𠮷<b>&\u202e 王"


class Node:
    """A node's key as packages are signed with it."""

    def __init__(self, seed: int = 1) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)

    @property
    def keys(self) -> dict[str, bytes]:
        return {fingerprint(self.public): self.public}


NODE = Node()


def picture() -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (20, 10), "white").save(into, "PNG")
    return into.getvalue()


def journal(file: bytes) -> list[Entry]:
    """A case that was submitted, brought one picture, and whose one item was completed."""
    told = [
        ("case_started", None, {}),
        ("case_submitted", None, {}),
        ("material_kept", None, {"digests": [hashlib.sha256(file).hexdigest()]}),
        ("task_moved", "hukou_registration", {"from": "waiting", "to": "queued"}),
        ("task_moved", "hukou_registration", {"from": "queued", "to": "accepted"}),
        ("task_moved", "hukou_registration", {"from": "accepted", "to": "completed"}),
    ]
    entries: list[Entry] = []
    prev = FIRST_PREV
    for seq, (kind, item, body) in enumerate(told, start=1):
        at = NOW + timedelta(minutes=seq)
        newborn = 1 if item else None
        text = json.dumps(body)
        entry = Entry(CASE, seq, at, "staff:1", kind, item, newborn, text, prev, b"")
        prev = entry_hash(entry)
        entries.append(Entry(CASE, seq, at, "staff:1", kind, item, newborn, text, entry.prev, prev))
    return entries


def proof_of(entries: list[Entry], node: Node, strangers: int = 7) -> dict[str, object]:
    """The proof of the entries among entries of other cases."""
    others = [tree.leaf_hash(bytes([n]) * 32) for n in range(strangers)]
    leaves = [*others[:3], *(tree.leaf_hash(e.hash) for e in entries), *others[3:]]
    edge, size = tree.grown([], 0, leaves)
    root = tree.root_of(edge)
    signed = node.sign(signed_text("yijian/journal", size, root))
    return {
        "case": str(CASE),
        "entries": [
            {
                "seq": e.seq,
                "microseconds": round(e.at.timestamp() * 1_000_000),
                "actor": e.actor,
                "kind": e.kind,
                "item": e.item,
                "newborn": e.newborn,
                "body": e.body,
                "hash": e.hash.hex(),
            }
            for e in entries
        ],
        "proofs": [
            {
                "seq": e.seq,
                "position": 2 + e.seq,
                "path": [each.hex() for each in tree.audit_path(leaves, 2 + e.seq)],
            }
            for e in entries
        ],
        "checkpoint": {
            "origin": "yijian/journal",
            "size": size,
            "root": base64.b64encode(root).decode(),
            "signer": fingerprint(node.public),
            "signature": base64.b64encode(signed).decode(),
            "public_key": base64.b64encode(node.public).decode(),
        },
    }


def basics(name: str = RARE, **changed: str) -> tuple[tuple[str, str], ...]:
    said = {
        "题名": "出生登记",
        "主题名称": "新生儿出生“一件事”",
        "主题编码": "340000-anhui",
        "政策包版本": "2026.1",
        "政策包摘要": "ab" * 32,
        "联办办件编号": "AH20261121000001",
        "申请人姓名": name,
        "申请人证件号码": "11010519491231002X",
        "申请时间": moment(NOW + timedelta(minutes=2)),
        "办结时间": moment(NOW + timedelta(minutes=6)),
        "立档单位名称": "测试派出所",
        "立档单位代码": "police-340100",
        "责任者": "测试派出所",
        "密级": "内部",
        "全宗号": "police-340100",
        "年度": "2026",
        "保管期限": "永久",
        "保管期限代码": "Y",
        "保管期限依据": "决定",
        "机构或问题": "hukou_registration",
        "件号": "12",
        "档号": "police-340100-ZY·2026-Y-hukou_registration-000012",
        "归档时间": moment(NOW + timedelta(minutes=9)),
        "事项名称": "出生登记",
        "事项编码": "hukou_registration",
        "办件编号": "AH20261121000001-1",
        "新生儿序号": "1",
        "新生儿姓名": name,
        "受理时间": moment(NOW + timedelta(minutes=5)),
        "办理结果": "办结",
        "办理状态": "completed",
        "结果编号": "",
    }
    return tuple((key, value) for key, value in {**said, **changed}.items() if value)


def steps(entries: list[Entry]) -> tuple[Step, ...]:
    return tuple(
        Step(
            e.seq,
            e.at,
            e.kind,
            e.kind,
            "工作人员",
            str(json.loads(e.body).get("from", "")),
            str(json.loads(e.body).get("to", "")),
        )
        for e in entries
    )


def item(*, title: str = "户口簿首页", name: str = RARE, node: Node = NODE) -> ItemPackage:
    scan = picture()
    entries = journal(scan)
    return ItemPackage(
        name="hukou_registration-AH20261121000001-1-20261121.zip",
        basics=basics(name),
        steps=steps(entries),
        files=(
            ArchivedFile(Folder.APPLICATION, title, "png", scan, entry=3),
            ArchivedFile(Folder.APPLICATION, "申请数据", "json", b'{"a": 1}'),
            ArchivedFile(Folder.RESULT, "办理结果", "xml", b'<?xml version="1.0"?><r/>'),
        ),
        proof=json.dumps(proof_of(entries, node)).encode(),
        made_at=NOW + timedelta(minutes=9),
    )


def packed(*, title: str = "户口簿首页", name: str = RARE, node: Node = NODE) -> Packed:
    return pack_item(item(title=title, name=name, node=node), node)


def packed_case(made: Packed) -> Packed:
    entries = journal(picture())
    line = CatalogueLine(
        "hukou_registration", "出生登记", 1, "completed", made.name, "x", made.sha256, made.sm3,
        made.size,
    )  # fmt: skip
    told = [(key, value) for key, value in basics() if key not in ONLY_OF_ITEMS]
    case = CasePackage(
        name="yijian-AH20261121000001-20261121.zip",
        basics=(*told, ("新生儿数量", "1")),
        steps=steps(entries),
        catalogue=(line, CatalogueLine("medical_insurance", "医保参保", 1, "not_needed")),
        proof=json.dumps(proof_of(entries, NODE)).encode(),
        made_at=NOW + timedelta(minutes=9),
    )
    return pack_case(case, NODE)


ONLY_OF_ITEMS = frozenset(
    {
        "事项名称", "事项编码", "办件编号", "新生儿序号", "新生儿姓名", "受理时间", "办理结果",
        "办理状态", "结果编号",
    }
)  # fmt: skip


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {each.filename: opened.read(each) for each in opened.infolist()}


def repacked(files: Mapping[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return into.getvalue()
