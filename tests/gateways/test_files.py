"""文件包: made to the same bytes, opened by the right key alone, read back line by line."""

import base64
import hashlib
import io
import json
import zipfile
from datetime import date
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from yijian.gateways.files import (
    Contents,
    NotASealingKeyError,
    PackedTask,
    UnreadablePackageError,
    complaints_csv,
    opened,
    pack,
    read_results,
    read_sealing_key,
    sealed,
)
from yijian.gateways.files.complaints import SENTENCES, Complaint
from yijian.gateways.files.packing import zipped
from yijian.gateways.files.tables import guarded, unguarded

NODE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RECIPIENT = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PUBLIC = (
    RECIPIENT.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
)
TASK = "01a201e8-3fa0-7181-ba10-47ae13017aff"
HEAD = "子办件编号 task_id,办理结果 state,原因说明 reason_text,result.card_number"


def event(kind: str = "dispatched", task: str = TASK, **fields: object) -> PackedTask:
    data = {"task_id": task, "case_number": "N1", "newborn": 1, "round": 0, "fields": fields}
    return PackedTask(
        {"id": "1", "type": f"yijian.task.{kind}.v1", "data": data}, "社会保障卡",
        {"card_number": "卡号"},
    )  # fmt: skip


def contents(*tasks: PackedTask) -> Contents:
    return Contents(
        "n", "clinic", date(2026, 11, 22), 7, "ab", tasks or (event(newborn_name="李小满"),),
        {"p.jpg": b"\xff\xd8picture"},
    )  # fmt: skip


def unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refused(data: bytes) -> str:
    with pytest.raises(UnreadablePackageError) as error:
        read_results(data)
    return error.value.code


def codes(table: str) -> list[tuple[int, str, str]]:
    found = read_results(table.encode("utf-8-sig"))
    return [(c.line, c.column, c.code) for c in found.complaints]


def test_the_same_contents_make_the_same_bytes() -> None:
    assert pack(contents(), NODE) == pack(contents(), NODE)
    assert pack(contents(), NODE) != pack(contents(event(newborn_name="李小寒")), NODE)


def test_a_package_lists_and_signs_every_file() -> None:
    files = unpacked(pack(contents(), NODE))
    manifest = json.loads(files["manifest.json"])
    NODE.public_key().verify(base64.b64decode(files["manifest.sig"]), files["manifest.json"])
    listed = {one["name"]: one["sha256"] for one in manifest["files"]}
    others = {n: d for n, d in files.items() if not n.startswith("manifest")}
    assert listed == {name: hashlib.sha256(data).hexdigest() for name, data in others.items()}
    assert (manifest["sequence"], manifest["previous"]) == (7, "ab")
    assert set(others) == {"tasks.jsonl", "tasks.csv", "results.csv", "scans/p.jpg"}


def test_a_cell_that_looks_like_a_formula_is_harmless_in_a_spreadsheet() -> None:
    files = unpacked(pack(contents(event(newborn_name='=HYPERLINK("x")')), NODE))
    assert "'=HYPERLINK" in files["tasks.csv"].decode("utf-8-sig")
    for text in ("=1", "+1", "-1", "@a", "\tx", "340100202611210011", "普通", "'x"):
        assert unguarded(guarded(text)).strip() == text.strip()


def test_the_table_to_fill_in_has_each_task_once_and_none_that_was_taken_back() -> None:
    gone = "01a201e8-3fa0-7181-ba10-47ae13017b00"
    tasks = (event(), event(task=gone), event(), event("withdrawn", task=gone))
    table = unpacked(pack(contents(*tasks), NODE))["results.csv"].decode("utf-8-sig")
    assert table.count(TASK) == 1 and gone not in table
    assert "卡号 result.card_number" in table.splitlines()[0]


def test_what_was_filled_in_is_read_back() -> None:
    table = unpacked(pack(contents(), NODE))["results.csv"].decode("utf-8-sig")
    head, line = table.splitlines()
    cells = line.split(",")
    cells[head.split(",").index("办理结果 state")] = "办结"
    cells[-1] = "'340100202611210011"
    (read,) = read_results("\r\n".join((head, ",".join(cells))).encode("gb18030")).lines
    assert (read.task_id, read.state, read.case_number) == (UUID(TASK), "completed", "N1")
    assert (read.newborn, read.round, read.at) == (1, 0, None)
    assert read.result == {"card_number": "340100202611210011"}


def test_lines_not_filled_in_yet_are_left_out() -> None:
    found = read_results(f"{HEAD}\n{TASK},,,\n".encode())
    assert (found.lines, found.complaints) == ((), ())


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("x,办结,,", ("task_id", "not_a_task")),
        (f"{TASK},好了,,", ("state", "unknown_state")),
        (f"{TASK},办结,,3.40101E+17", ("result.card_number", "rounded_number")),
        (f"{TASK},办结,{'长' * 2001},", ("reason_text", "too_long")),
    ],
)
def test_each_line_is_checked_on_its_own(line: str, complaint: tuple[str, str]) -> None:
    table = f"{HEAD}\n{line}\n{TASK},受理,,\n"
    assert codes(table) == [(2, *complaint)]
    assert [one.number for one in read_results(table.encode()).lines] == [3]


def test_times_and_numbers_that_are_none_are_told() -> None:
    head = "task_id,state,at,round,odd"
    assert codes(f"{head}\n{TASK},办结,gestern,0,")[0] == (2, "odd", "unknown_column")
    head = "task_id,state,at,round"
    assert codes(f"{head}\n{TASK},办结,gestern,0\n{TASK},办结,2026/11/22 10:30,x") == [
        (2, "at", "not_a_time"), (3, "round", "not_a_number"),
    ]  # fmt: skip


def test_a_sentence_alone_is_a_reason() -> None:
    (line,) = read_results(f"{HEAD}\n{TASK},审核不通过,材料不清楚,\n".encode()).lines
    assert (line.reason, line.reason_text) == ("other", "材料不清楚")


def test_json_lines_say_the_same() -> None:
    good = json.dumps({"task_id": TASK, "state": "completed", "result": {"n": "1"}, "round": 0})
    data = zipped({"results.jsonl": f"{good}\nnot json\n".encode()})
    found = read_results(data)
    assert found.lines[0].result == {"n": "1"} and found.lines[0].round == 0
    assert [(c.line, c.code) for c in found.complaints] == [(2, "not_json")]


def test_a_bomb_and_what_does_not_belong_are_refused_whole() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("results.csv", b"0" * (17 * 2**20))
    assert refused(bomb.getvalue()) == "too_large"
    assert refused(zipped({"results.csv": b"", "../../etc/passwd": b""})) == "unexpected_file"
    assert refused(zipped({"results.csv": b"", "results.jsonl": b""})) == "one_results_file"
    assert refused(b"PK\x03\x04 broken") == "not_a_package"
    assert refused(b"a,b\n1,2\n") == "no_header"
    assert refused(b"task_id,state,state\n") == "column_twice"
    assert refused(b"x" * (8 * 2**20 + 1)) == "too_large"


def test_files_that_differ_from_the_manifest_are_refused() -> None:
    manifest = {"format": "yijian.results.v1", "participant": "clinic", "sequence": 1,
                "files": [{"name": "results.csv", "sha256": "0" * 64}]}  # fmt: skip
    files = {"manifest.json": json.dumps(manifest).encode(), "results.csv": HEAD.encode()}
    assert refused(zipped(files)) == "files_differ"
    manifest["files"] = []
    assert refused(zipped(files | {"manifest.json": json.dumps(manifest).encode()})) == (
        "files_differ"
    )
    assert refused(zipped(files | {"manifest.json": b"{}"})) == "wrong_manifest"


def test_a_sealed_package_opens_with_its_own_key_alone() -> None:
    package = pack(contents(), NODE)
    shut = sealed(package, PUBLIC, b"secret")
    assert shut == sealed(package, PUBLIC, b"secret"), "repeatable"
    assert "李小满".encode() not in shut
    assert opened(shut, RECIPIENT) == package
    for wrong in (shut[:-1] + bytes([shut[-1] ^ 1]), shut[:40], b"x" + shut):
        with pytest.raises(ValueError):
            opened(wrong, RECIPIENT)
    with pytest.raises(ValueError, match="somebody else"):
        opened(shut, X25519PrivateKey.from_private_bytes(bytes(range(2, 34))))
    assert sealed(package + b"x", PUBLIC, b"secret")[16:48] != shut[16:48], "a key for each"


def test_only_a_sealing_key_is_one() -> None:
    assert read_sealing_key(PUBLIC.encode()) == PUBLIC
    signing = NODE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for wrong in (signing, b"", b"-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n"):
        with pytest.raises(NotASealingKeyError):
            read_sealing_key(wrong)


def test_every_complaint_says_what_to_do_in_both_languages() -> None:
    for code, words in SENTENCES.items():
        assert len(words) == 4 and all(words), code
    table = complaints_csv([Complaint(3, "state", "unknown_state"), Complaint(4, "", "new_code")])
    assert "办理结果不认识" in table.decode("utf-8-sig")
    assert SENTENCES["refused"][0] in table.decode("utf-8-sig"), "a new code is told, too"
