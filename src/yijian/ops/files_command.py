"""`yijian files`: packages for offices without a network are written, results are taken in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from django.utils import timezone

from yijian.actions import file_exchange
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import RefusedError
from yijian.gateways.files import (
    NotASealingKeyError,
    UnreadablePackageError,
    complaints_csv,
    read_sealing_key,
)
from yijian.ops.operator import operator
from yijian.records import file_packages

commands = typer.Typer(
    no_args_is_help=True, help="文件包：给没有网络的单位。Packages that are carried."
)
SENTENCES = {
    "not_signed": "结果包没有签名；由工作人员代交请加 --unsigned (not signed)",
    "wrong_signature": "签名不对，什么也没有收 (the signature is wrong; nothing was taken)",
    "another_participant": "结果包不是这个单位的，或要写 --participant (whose package is it?)",
    "unknown_sender": "没有这个参与方 (no such partner)",
    "unknown_package": "没有这个包 (no such package)",
    "package_gone": "包里有家庭的数据已销毁，不能再做 (a family in it was forgotten)",
    "too_large": "文件太大 (too large)",
    "not_a_package": "不是结果包 (not a result package)",
    "unexpected_file": "包里有不该有的文件 (a file that does not belong there)",
    "one_results_file": "包里应有 results.csv 或 results.jsonl 之一 (one of the two is needed)",
    "wrong_manifest": "manifest.json 不对 (the manifest is wrong)",
    "files_differ": "文件与 manifest.json 不符 (files differ from the manifest)",
    "no_header": "表头缺少 task_id 或 state (the head lacks task_id or state)",
    "column_twice": "有两列同名 (a column stands there twice)",
    "too_many_lines": "行数太多，请分几个包 (too many lines)",
    "wrong_encoding": "编码不认识，请存为 UTF-8 (save it as UTF-8)",
    "not_a_table": "表格读不出来 (not a table)",
}
SHOWN = 100


@commands.command("pack")
def pack(
    *,
    into: Annotated[Path, typer.Option("--into", help="The folder that is carried away.")],
    participant: Annotated[str, typer.Option(help="Only this one; left out: everybody.")] = "",
    again: Annotated[int, typer.Option(help="Write an old package once more.")] = 0,
) -> None:
    """Make today's packages and write all that nobody has yet. They count as delivered then."""
    now = timezone.now()
    if again and not participant:
        _fail("--again 要写 --participant")
    if again:
        numbers = [(participant, again)]
    else:
        if participant:
            file_exchange.make_due(participant, by=operator(), now=now)
        else:
            file_exchange.make_all(by=operator(), now=now)
        only = [participant] if participant else None
        fresh = file_packages.packages(only, limit=10_000, unfetched=True)
        numbers = [(each.participant, each.sequence) for each in reversed(fresh)]
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    for code, sequence in numbers:
        _write(into, code, sequence)
    typer.echo(f"写了 {len(numbers)} 个包 ({len(numbers)} packages written)")


def _write(into: Path, participant: str, sequence: int) -> None:
    """Write one package; it is delivered only once its bytes lie on the medium."""
    try:
        found = file_exchange.built(participant, sequence)
        path = into / found.name
        _keep(path, found.data)
        file_exchange.fetch(participant, sequence, by=operator(), now=timezone.now())
    except RefusedError as refused:
        _fail(f"{participant} {sequence}: {SENTENCES[refused.code]}")
    typer.echo(f"{path}  {found.package.messages} 条  {len(found.data)} bytes")


def _keep(path: Path, data: bytes) -> None:
    beside = path.with_name(path.name + ".part")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


@commands.command("take")
def take(
    files: Annotated[list[Path], typer.Argument(help="Result packages, or tables.")],
    *,
    participant: Annotated[str, typer.Option(help="Whose they are, for what does not say.")] = "",
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="You vouch for who handed them in.")
    ] = False,
) -> None:
    """Take results in. What is wrong is written beside each file. Exit 1 when anything is."""
    wrong = False
    for path in files:
        try:
            taken = file_exchange.take(
                path.read_bytes(), participant=participant, by=operator(), trusted=unsigned,
                now=timezone.now(),
            )  # fmt: skip
        except OSError as missing:
            _fail(f"{path}: {missing.strerror}")
        except (RefusedError, UnreadablePackageError) as refused:
            typer.echo(f"{path}: {SENTENCES[refused.code]}", err=True)
            wrong = True
            continue
        typer.echo(
            f"{path}: {taken.participant} {taken.name}  {taken.lines} 行，生效 {taken.applied}，"
            f"重复 {taken.repeated}，退回 {taken.refused}"
        )
        if taken.refused:
            wrong = True
            errors = path.with_name(path.name + ".errors.csv")
            errors.write_bytes(complaints_csv(file_exchange.complaints_of(taken)))
            typer.echo(f"  → {errors}")
    raise typer.Exit(1 if wrong else 0)


@commands.command("list")
def show(
    participant: Annotated[str, typer.Option(help="Only this one; left out: everybody.")] = "",
) -> None:
    """List the newest packages, and for whom something waits that lies in none."""
    only = [participant] if participant else None
    for each in reversed(file_packages.packages(only, limit=SHOWN)):
        at = each.fetched_at.astimezone(SHANGHAI) if each.fetched_at else None
        had = f"{at:%Y-%m-%d %H:%M} {each.fetched_by}" if at else "未取 (not fetched)"
        typer.echo(
            f"{each.participant}  {each.sequence:06d}  {each.day}  {each.messages} 条  {had}"
            f"  {each.digest.hex()[:16]}{'  封' if each.sealed_to else ''}"
        )
    for code in file_packages.waiting_participants():
        if participant in ("", code):
            typer.echo(f"{code}  还有未打包的 (something waits that is not packed)")


@commands.command("key")
def key(
    participant: Annotated[str, typer.Argument(help="Whose packages are sealed.")],
    file: Annotated[Path, typer.Argument(help="Their X25519 public key as PEM.")],
) -> None:
    """From now on packages for a participant can be opened by its own key alone."""
    try:
        pem = read_sealing_key(file.read_bytes())
    except (OSError, NotASealingKeyError):
        _fail(f"{file}: 不是 X25519 公钥 (not an X25519 public key)")
    file_packages.put_sealing_key(participant, pem, by=operator(), now=timezone.now())
    typer.echo(f"{participant}: 今后的包都加封 (packages are sealed from now on)")


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)
