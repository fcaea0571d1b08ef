"""`yijian database`: tables and first rows of this node's database, and a shell into it."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from yijian.actions import setup
from yijian.ops import delta_joining
from yijian.ops.database import binary
from yijian.ops.keys import make_key_pair

commands = typer.Typer(help="数据库 · Tables, first rows and a shell.", no_args_is_help=True)

# Without these an acknowledged answer could be lost when the power fails.
NEEDED_FOR_DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")


@commands.command()
def prepare(
    neighbours: Annotated[
        Path | None,
        typer.Option(
            help="一份互联名册 A file of other nodes, offices and channels to make known."
        ),
    ] = None,
) -> None:
    """建表并写入初始数据 · Create or update tables, collect static files, write first rows."""
    keys = settings.YIJIAN.keys_folder
    # Two processors share the work: policy is read while the tables are made.
    with ProcessPoolExecutor(1) as reader:
        read = reader.submit(setup.own_packs)
        refuse_lossy_database()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        packs = read.result()
    setup.prepare(
        demo=settings.YIJIAN.demo,
        packs=packs,
        make_key=lambda code: make_key_pair(keys, code),
    )
    if neighbours is not None:
        delta_joining.join(neighbours, now=datetime.now(UTC))


@commands.command()
def shell() -> None:
    """进入 psql · Open psql on this node's database."""
    found = shutil.which("psql") or binary("psql")
    parameters = settings.YIJIAN.database_parameters()
    conninfo = psycopg.conninfo.make_conninfo(**parameters)
    os.execv(found, [Path(found).name, conninfo])  # noqa: S606


@commands.command()
def forget(number: str) -> None:
    """销毁一个已结束办件的密钥，个人信息从此打不开 · Destroy the key of an ended case, for ever."""
    from yijian.actions import forgetting
    from yijian.domain.context import RefusedError

    sentences = {
        "unknown_case": "没有这个办件编号 (no case with this number)",
        "case_still_open": "办件还没有结束，不能销毁 (the case has not ended)",
        "already_forgotten": "密钥早已销毁 (the key was destroyed before)",
    }
    try:
        forgetting.forget(number=number, now=datetime.now(UTC))
    except RefusedError as refused:
        typer.echo(sentences[refused.code], err=True)
        raise typer.Exit(1) from None
    typer.echo("密钥已销毁，日志仍可核验 (destroyed; the journal still verifies)")


def refuse_lossy_database() -> None:
    """End in production when the server may lose what it has acknowledged."""
    if settings.YIJIAN.demo:
        return
    with connection.cursor() as cursor:
        for name in NEEDED_FOR_DURABILITY:
            cursor.execute("SELECT current_setting(%s)", [name])
            (value,) = cursor.fetchone()
            if value == "off":
                raise SystemExit(
                    f"数据库的 {name} 已关闭，可能丢失已受理的办件"
                    f" (the database runs with {name}=off and may lose what it acknowledged)"
                )
