"""`yijian database`: tables and first rows of this node's database, and a shell into it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psycopg
import typer
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from yijian.actions import setup
from yijian.ops.database import binary

commands = typer.Typer(help="数据库 · Tables, first rows and a shell.", no_args_is_help=True)

# Without these an acknowledged answer could be lost when the power fails.
NEEDED_FOR_DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")


@commands.command()
def prepare() -> None:
    """建表并写入初始数据 · Create or update tables, collect static files, write first rows."""
    refuse_lossy_database()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    setup.prepare(demo=settings.YIJIAN.demo)


@commands.command()
def shell() -> None:
    """进入 psql · Open psql on this node's database."""
    found = shutil.which("psql") or binary("psql")
    parameters = settings.YIJIAN.database_parameters()
    conninfo = psycopg.conninfo.make_conninfo(**parameters)
    os.execv(found, [Path(found).name, conninfo])  # noqa: S606


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
