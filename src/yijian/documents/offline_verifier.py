"""离线核验: is an archive package, a transfer medium or a certificate's code what was once made?

This file stands alone: Python 3.11, its standard library and `cryptography`. It is put into every
transfer medium, so that whoever receives one can check it without the platform that made it.

    python offline_verifier.py --key node.pub.pem PACKAGE.zip… CODE.txt…

It checks every digest and size, the signature of the list, the encapsulation, the hash chain of
the case, and the proof that every entry of it lies in the journal tree whose root was signed
(RFC 6962). Without `--key` the signers are named but cannot be known to be the right ones.

The text of a certificate's QR code may be given as a file or as it is: its signature is checked,
and with `--data` whether a certificate's content (JSON) is the one that the code stands for.
Whether the certificate is still valid today only the node that issued it can say.
"""

import argparse
import base64
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

LIST, EEP, PROOF = "校验信息.xml", "eep.xml", "其他/日志证明.json"
CATALOGUE, INSIDE = "目录.xml", "电子档案/"
MEDIUM_LIST = "其他/校验信息.xml"
EEP_SPACE = "{http://www.saac.gov.cn/standards/ERM/encapsulation}"
MOST_FILES, MOST_BYTES, MOST_XML, MOST_GROWTH = 2000, 1 << 30, 16 << 20, 20
STRANGE_NAME = frozenset('\\:*?"<>|')
TOKEN, TOKEN_CONTEXT, MOST_TOKEN = "YJ1", b"yijian certificate 1\n", 2000
Keys = Mapping[str, bytes]
"""Public keys of who may sign: fingerprint to the 32 raw bytes."""


class NotAPackageError(Exception):
    """What was given is no package that can be read safely; the message says why."""


def files_of(data: bytes) -> dict[str, bytes]:
    """Every file of a zip by its name. Errors: NotAPackageError for anything unsafe or odd."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            _refuse_oddities(opened, data)
            return {each.filename: _read(opened, each) for each in opened.infolist()}
    except NotAPackageError:
        raise
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError) as wrong:
        raise NotAPackageError(f"无法打开 (cannot be opened): {type(wrong).__name__}") from None
    except (NotImplementedError, zipfile.LargeZipFile, UnicodeError):
        raise NotAPackageError("使用了不认识的压缩方式 (unknown compression)") from None


def _refuse_oddities(opened: zipfile.ZipFile, data: bytes) -> None:
    entries = opened.infolist()
    if not data.startswith(b"PK\x03\x04") or opened.comment or not data[-22:-18] == b"PK\x05\x06":
        raise NotAPackageError("包外有多余数据 (data outside the package)")
    whole = sum(each.file_size for each in entries)
    if len(entries) > MOST_FILES or whole > min(MOST_BYTES, MOST_GROWTH * len(data) + (1 << 20)):
        raise NotAPackageError("文件过多或过大 (too many files, or too large)")
    if len({each.filename.casefold() for each in entries}) != len(entries):
        raise NotAPackageError("文件重名 (two files of one name)")
    reached = 0
    for each in sorted(entries, key=lambda entry: entry.header_offset):
        if each.header_offset < reached:
            raise NotAPackageError("文件内容重叠 (files overlap)")
        reached = each.header_offset + 30 + each.compress_size
        if each.flag_bits & 0x41:
            raise NotAPackageError(f"{each.filename}: 已加密 (encrypted)")
        if each.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotAPackageError(f"{each.filename}: 压缩方式不通用 (private compression)")
        if each.external_attr >> 16 & 0o170000 not in (0, 0o100000):
            raise NotAPackageError(f"{each.filename}: 不是普通文件 (no ordinary file)")
        if not is_safe_name(each.filename):
            raise NotAPackageError("文件名不安全 (an unsafe file name)")


def is_safe_name(name: str) -> bool:
    """Whether a path inside a package leads nowhere else and can be written on any system."""
    parts = name.split("/")
    return len(name.encode()) <= 400 and all(
        part.strip(" .") == part and part and part.isprintable() and not STRANGE_NAME & set(part)
        for part in parts
    )


def _read(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with opened.open(entry) as file:
        found = file.read(entry.file_size + 1)
    if len(found) != entry.file_size:
        raise NotAPackageError(f"{entry.filename}: 大小与目录不符 (not of the size it states)")
    return found


def tree_of(data: bytes) -> ElementTree.Element:
    """The XML in UTF-8 without any document type. Errors: NotAPackageError."""
    try:
        text = data.decode("utf-8")
        if len(data) > MOST_XML or "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise NotAPackageError("XML 过大或含有实体定义 (too large, or with entities)")
        return ElementTree.fromstring(text)  # noqa: S314 (nothing that can be expanded is left)
    except (UnicodeDecodeError, ValueError, ElementTree.ParseError, RecursionError):
        raise NotAPackageError("XML 无法读取 (not readable)") from None


def sm3(data: bytes) -> str:
    """The SM3 digest in hexadecimal."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()


def fingerprint(public: bytes) -> str:
    """A short name of a public key of 32 bytes."""
    return hashlib.sha256(public).hexdigest()[:16]


def signature_fault(text: bytes, signer: str, signature: bytes, public: bytes, keys: Keys) -> str:
    """What is wrong with one Ed25519 signature; empty when nothing is."""
    if fingerprint(public) != signer:
        return f"公钥与指纹 {signer} 不符 (the key is not the named one)"
    if keys and keys.get(signer) != public:
        return f"签名者 {signer} 不在可信之列 (an unknown signer)"
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return "签名无效 (the signature is not valid)"
    return ""


def list_text(name: str, lines: list[tuple[str, str, str, str]]) -> bytes:
    """What the signature of a list covers: the package's name and a line for every file."""
    return "\n".join(["yijian archive list 1", name, *("\t".join(line) for line in lines)]).encode()


def list_faults(files: Mapping[str, bytes], keys: Keys, place: str = LIST) -> Iterator[str]:
    """Files that are missing, extra or changed against the signed list, and its signature."""
    if place not in files:
        yield f"{place}: 缺失 (missing)"
        return
    root = tree_of(files[place])
    lines, listed = [], set()
    for each in root.iter("文件"):
        name, size, sha, other = (_text(each, tag) for tag in ("名称", "大小", "SHA256", "SM3"))
        lines.append((name, size, sha, other))
        listed.add(name)
        data = files.get(name)
        if data is None:
            yield f"{name}: 缺失 (missing)"
        elif str(len(data)) != size:
            yield f"{name}: 大小不符，应为 {size}，实为 {len(data)} (another size)"
        elif hashlib.sha256(data).hexdigest() != sha or sm3(data) != other:
            yield f"{name}: 内容与摘要不符 (changed)"
    for name in sorted(set(files) - listed - {place}):
        yield f"{name}: 清单之外的文件 (not on the list)"
    text = list_text(_text(root, "归档信息包"), lines)
    try:
        value, public = (base64.b64decode(_text(root, f"签名/{t}")) for t in ("签名值", "公钥"))
    except ValueError:
        yield f"{place}: 签名不可读 (unreadable signature)"
        return
    fault = signature_fault(text, _text(root, "签名/公钥指纹"), value, public, keys)
    if fault:
        yield f"{place}: {fault}"


def _text(element: ElementTree.Element, path: str) -> str:
    return element.findtext(path) or ""


def eep_faults(files: Mapping[str, bytes]) -> Iterator[str]:
    """Documents of the encapsulation whose content is gone or another."""
    if EEP not in files:
        yield f"{EEP}: 缺失 (missing)"
        return
    for each in tree_of(files[EEP]).iter(f"{EEP_SPACE}编码"):
        name = each.findtext(f"{EEP_SPACE}电子属性/{EEP_SPACE}计算机文件名") or ""
        stated = each.findtext(f"{EEP_SPACE}编码数据") or ""
        data = files.get(name)
        if data is None:
            yield f"{EEP}: {name} 不在包内 (not in the package)"
        elif base64.b64encode(hashlib.sha256(data).digest()).decode() != stated:
            yield f"{EEP}: {name} 与封装摘要不符 (not the encapsulated one)"


def entry_hash(entry: Mapping[str, object], case: str, prev: bytes) -> bytes:
    """The hash that an entry of a journal must have, from what it says and what precedes it."""
    newborn = entry["newborn"]
    parts = [
        "yijian journal 1", case, entry["seq"], entry["microseconds"], entry["actor"],
        entry["kind"], entry["item"] or "", "" if newborn is None else newborn, prev.hex(),
        entry["body"],
    ]  # fmt: skip
    return hashlib.sha256("\n".join(str(part) for part in parts).encode()).digest()


def root_of_path(leaf: bytes, position: int, size: int, path: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to. Errors: ValueError for a wrong length."""
    node, last, root = position, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("too long")
        if node & 1 or node == last:
            root = hashlib.sha256(b"\x01" + sibling + root).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = hashlib.sha256(b"\x01" + root + sibling).digest()
        node, last = node >> 1, last >> 1
    if last:
        raise ValueError("too short")
    return root


def journal_faults(files: Mapping[str, bytes], keys: Keys) -> Iterator[str]:
    """What is wrong with the case's entries, their chain, their place in the tree and its root."""
    if PROOF not in files:
        yield f"{PROOF}: 缺失 (missing)"
        return
    try:
        yield from _proof_faults(json.loads(files[PROOF]), keys)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        yield f"{PROOF}: 无法读取 (not readable)"


def _proof_faults(proof: dict[str, object], keys: Keys) -> Iterator[str]:
    entries, paths, signed = proof["entries"], proof["proofs"], proof["checkpoint"]
    if not (isinstance(entries, list) and isinstance(paths, list) and isinstance(signed, dict)):
        raise TypeError("entries and proofs are lists, a checkpoint is an object")
    root, size = base64.b64decode(signed["root"]), int(signed["size"])
    text = f"{signed['origin']}\n{size}\n{signed['root']}\n".encode()
    value, public = (base64.b64decode(signed[name]) for name in ("signature", "public_key"))
    fault = signature_fault(text, signed["signer"], value, public, keys)
    if fault:
        yield f"日志检查点 {size}: {fault}"
    if [each["seq"] for each in entries] != list(range(1, len(entries) + 1)) or not entries:
        yield "日志: 条目不连续 (entries are missing)"
    prev, placed = bytes(32), {each["seq"]: each for each in paths}
    for entry in entries:
        prev, stated = entry_hash(entry, str(proof["case"]), prev), bytes.fromhex(entry["hash"])
        where = f"日志第 {entry['seq']} 条"
        if prev != stated:
            yield f"{where}: 内容被改动 (changed)"
            return
        place = placed.get(entry["seq"])
        if place is None:
            yield f"{where}: 没有存在证明 (no proof)"
            continue
        path = [bytes.fromhex(each) for each in place["path"]]
        leaf = hashlib.sha256(b"\x00" + stated).digest()
        try:
            proven = root_of_path(leaf, int(place["position"]), size, path) == root
        except ValueError:
            proven = False
        if not proven:
            yield f"{where}: 存在证明不成立 (the proof does not hold)"


def anchored_faults(files: Mapping[str, bytes]) -> Iterator[str]:
    """Files that say which entry of the journal names their digest, where it does not."""
    entries = {each["seq"]: each for each in json.loads(files[PROOF])["entries"]}
    for each in tree_of(files[LIST]).iter("文件"):
        seq, name = _text(each, "日志序号"), _text(each, "名称")
        if not seq or name not in files:
            continue
        entry = entries.get(int(seq)) if seq.isdecimal() else None
        if entry is None or hashlib.sha256(files[name]).hexdigest() not in entry["body"]:
            yield f"{name}: 日志第 {seq} 条没有它的摘要 (not what was journalled)"


def package_faults(data: bytes, keys: Keys) -> list[str]:
    """Everything that is wrong with a package or a medium of packages; empty: nothing is."""
    try:
        files = files_of(data)
        if LIST not in files and MEDIUM_LIST in files:
            return list(_medium_faults(files, keys))
        found = [*list_faults(files, keys), *journal_faults(files, keys)]
        if CATALOGUE not in files:
            found += eep_faults(files)
        if not found:
            found += anchored_faults(files)
        return found
    except NotAPackageError as wrong:
        return [str(wrong)]


def _medium_faults(files: Mapping[str, bytes], keys: Keys) -> Iterator[str]:
    yield from list_faults(files, keys, MEDIUM_LIST)
    for name, data in files.items():
        if name.startswith(INSIDE):
            yield from (f"{name} › {fault}" for fault in package_faults(data, keys))


def token_of(data: bytes) -> str:
    """The code of a certificate that a text holds; empty when it holds none."""
    try:
        text = data[:MOST_TOKEN].decode("ascii").strip().rpartition("token=")[2]
    except UnicodeDecodeError:
        return ""
    return text if text.startswith(f"{TOKEN}.") else ""


def token_faults(token: str, keys: Keys, content: bytes | None = None) -> list[str]:
    """What is wrong with a certificate's code: its form, its signer, the content beside it."""
    parts = token.split(".")
    try:
        payload, signature = (base64.b64decode(p + "=" * (-len(p) % 4), b"-_", validate=True)
                              for p in parts[1:])  # fmt: skip
        said = json.loads(payload)
        told = f"{said['i']} · {said['n']} · {said['d']}"
    except (ValueError, KeyError, TypeError):
        return ["核验码不完整 (no whole code)"]
    signed = TOKEN_CONTEXT + payload
    if not any(_is_signed(raw, signature, signed) for raw in keys.values()):
        return [f"{told}: 签名不是所给公钥的 (not signed by a given key)"]
    if content is None:
        return []
    try:
        same = json.dumps(json.loads(content), ensure_ascii=False, sort_keys=True,
                          separators=(",", ":"))  # fmt: skip
    except ValueError:
        return ["证照内容不是 JSON (the content is no JSON)"]
    if hashlib.sha256(same.encode()).hexdigest() != said["d"]:
        return [f"{told}: 证照内容与核验码不符 (the content is another)"]
    return []


def _is_signed(raw: bytes, signature: bytes, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def read_keys(paths: list[Path]) -> dict[str, bytes]:
    """The raw public keys in PEM files, by fingerprint. Errors: OSError, ValueError."""
    found = {}
    for path in paths:
        key = load_pem_public_key(path.read_bytes())
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError(f"{path}: 不是 Ed25519 公钥 (no Ed25519 public key)")
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        found[fingerprint(raw)] = raw
    return found


def main(arguments: list[str] | None = None) -> int:
    """Check the files named on the command line; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description="离线核验 Check archive packages and media.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, help="证照内容 (JSON)")
    parser.add_argument("--key", action="append", default=[], type=Path, help="PEM 公钥")
    asked = parser.parse_args(arguments)
    keys, wrong = read_keys(asked.key), 0
    for path in asked.files:
        given = str(path).encode()
        data = given if token_of(given) else path.read_bytes()
        content = asked.data.read_bytes() if asked.data else None
        code = token_of(data)
        faults = token_faults(code, keys, content) if code else package_faults(data, keys)
        wrong += bool(faults)
        known = "" if keys else "（未指定公钥，签名者未经确认 signers not confirmed）"
        print(f"{code[:24] or path.name}: " + ("不符 WRONG" if faults else f"属实 TRUE{known}"))
        for fault in faults:
            print(f"  - {fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
