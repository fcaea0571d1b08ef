"""`yijian figures`: counting the journal now, and proving the counts by counting it again."""

from __future__ import annotations

from typing import Annotated

import typer
from django.utils import timezone

from yijian.actions import figures
from yijian.records import figures as figure_records

commands = typer.Typer(
    help="统计 · The console's numbers, and a recount of them from the journal.",
    no_args_is_help=True,
)
SHOWN = 20


@commands.command("follow")
def follow() -> None:
    """跟上日志 · Count what is sealed and not counted yet; the worker does it each minute."""
    entries = figures.follow_all(now=timezone.now())
    typer.echo(f"已统计 {entries} 条日志 · {entries} journal entries counted")


@commands.command("recount")
def recount(
    repair: Annotated[
        bool, typer.Option("--repair", help="Also write what was counted into the cells.")
    ] = False,
) -> None:
    """重新统计 · Count the whole sealed journal again; exit code 1 when the cells differ."""
    found = figures.recount(repair=repair, now=timezone.now())
    for one in found[:SHOWN]:
        scope, measure, day, *rest = one.figure
        where = " ".join(str(part) for part in (scope or "-", measure, day, *rest) if part)
        typer.echo(f"{one.table}: {where}: {one.stored} ≠ {one.counted}")
    if len(found) > SHOWN:
        typer.echo(f"… {len(found) - SHOWN}")
    typer.echo(f"{len(found)} 处不符 differences · {figure_records.as_of() or '-'}")
    if found and not repair:
        raise typer.Exit(1)
