"""`yijian verify`: is all that the records say true? `yijian verify file`: is this document?

The second needs neither database nor network: only the file, and the certificates and keys that
are trusted.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Annotated

import typer
from asn1crypto import pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from yijian.documents.examining import RECORD_SUFFIX, Complaint, Examination, Trusted, examine
from yijian.documents.seals.findings import SealFound
from yijian.domain.clocks import SHANGHAI
from yijian.ops.command import use_django

DIFFERENT = 1
LARGEST_BYTES = 64 * 1024 * 1024
AUTHORITIES = "authority-*.pem"
PUBLIC_KEYS = "*.pub.pem"

commands = typer.Typer(help="核验 · Are the records true, and is a document genuine?")


@commands.callback(invoke_without_command=True)
def records(
    context: typer.Context,
    most: Annotated[int, typer.Option(help="最多列出几处不符 List at most this many.")] = 50,
    witness: Annotated[
        bool,
        typer.Option("--witness", help="并与各节点见过的日志根核对 Ask the other nodes too."),
    ] = False,
) -> None:
    """核查日志、状态与签名 Check that journal, state and signatures agree."""
    if context.invoked_subcommand is not None:
        return
    use_django()
    from yijian.ops import verify

    report = verify.verify()
    if witness:
        from yijian.ops import witnessing

        for held in witnessing.held_by_partners():
            seen = f"{held.seen.root.size} · {held.seen.seen_at.isoformat()}" if held.seen else "—"
            typer.echo(f"见证 witness {held.witness}: {held.problem or seen}")
            report.faults += [verify.Fault("journal", fault) for fault in held.faults]
    for fault in report.faults[:most]:
        typer.echo(str(fault), err=True)
    if len(report.faults) > most:
        typer.echo(f"… {len(report.faults) - most} more", err=True)
    typer.echo(report.summary)
    if report.faults:
        raise typer.Exit(DIFFERENT)


@commands.command()
def file(
    paths: Annotated[list[Path], typer.Argument(help="PDF, OFD 或档案包 PDF, OFD or packages.")],
    trust: Annotated[
        list[Path] | None,
        typer.Option(help="信任的证书（PEM）或公钥 A certificate or public key (PEM) to trust."),
    ] = None,
) -> None:
    """验证文件的印章与内容，不需要数据库 Examine documents; needs no database.

    Trusted are the authority of this node's test seals (VAR_DIR/seals) and the participants' keys
    (VAR_DIR/keys), and what --trust names. NAME.ses beside a PDF is its SM2 signature.
    """
    # What the libraries say about a bad file is said below, once and in words.
    logging.getLogger("pyhanko").addHandler(logging.NullHandler())
    logging.getLogger("pyhanko").propagate = False
    trusted = _trusted([*_own(), *(trust or [])])
    sound = [_examined(path, trusted) for path in dict.fromkeys(map(_document_of, paths))]
    if not all(sound):
        raise typer.Exit(DIFFERENT)


def _document_of(path: Path) -> Path:
    """A signature kept beside a document is examined with the document."""
    document = path.with_suffix("")
    return document if path.suffix == RECORD_SUFFIX and document.is_file() else path


def _examined(path: Path, trusted: Trusted) -> bool:
    """Print what is found about one file, a line each; whether it is sound."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise OSError(f"more than {LARGEST_BYTES} bytes")
        data = path.read_bytes()
        beside = path.with_name(path.name + RECORD_SUFFIX)
        record = beside.read_bytes() if beside.is_file() else None
    except OSError as fault:
        typer.echo(f"{path}: 不符 FAULT unreadable — {fault.strerror or fault}")
        return False
    found = examine(data, trusted=trusted, record=record)
    for line in _lines(found):
        typer.echo(f"{path}: {line}")
    return found.is_sound


def _lines(found: Examination) -> list[str]:
    verdict = "核验通过 sound" if found.is_sound else f"{len(found.complaints)} 处不符 faults"
    return [
        *(f"印章 seal {_seal(each)}" for each in found.seals),
        *(f"不符 FAULT {_fault(each)}" for each in found.complaints),
        f"{found.kind.value} · {verdict}",
    ]


def _seal(seal: SealFound) -> str:
    at = seal.signed_at
    stated = at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if at else "—"
    test = " · 测试印章，不具法律效力 (a test seal)" if seal.is_test else ""
    return f"{seal.where} · {seal.signer} · {seal.issuer} · {stated} · {seal.algorithm}{test}"


def _fault(complaint: Complaint) -> str:
    english = f" ({complaint.says_en})" if complaint.says_en else ""
    where = f" {complaint.where}" if complaint.where else ""
    return f"{complaint.name}{where} — {complaint.says}{english}"


def _own() -> list[Path]:
    """The certificates and keys of this node, where its settings would look for them."""
    var = Path(os.environ.get("YIJIAN_VAR_DIR") or "var")
    seals = Path(os.environ.get("YIJIAN_SEALS_DIR") or var / "seals")
    keys = Path(os.environ.get("YIJIAN_KEYS_DIR") or var / "keys")
    return [*sorted(seals.glob(AUTHORITIES)), *sorted(keys.glob(PUBLIC_KEYS))]


def _trusted(paths: list[Path]) -> Trusted:
    authorities: list[bytes] = []
    keys: dict[str, bytes] = {}
    for path in paths:
        try:
            data = path.read_bytes()
            kind, _, der = pem.unarmor(data)
        except (OSError, ValueError) as fault:
            raise typer.BadParameter(f"{path}: {fault}") from None
        if kind == "CERTIFICATE":
            authorities.append(der)
            continue
        key = load_pem_public_key(data)
        if not isinstance(key, Ed25519PublicKey):
            raise typer.BadParameter(f"{path}: 只接受 Ed25519 公钥 (neither certificate nor key)")
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        keys[hashlib.sha256(raw).hexdigest()[:16]] = raw
    return Trusted(authorities, keys)
