"""`yijian export`: what an operator takes out of the records for other authorities' libraries."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone

from yijian.ops import cases_export

commands = typer.Typer(help="导出 · Take data out for a case library, and leave a trace of it.")


@commands.callback()
def _root() -> None:
    """导出 · Take data out for a case library, and leave a trace of it."""


@commands.command()
def cases(
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="哪一天 Which day.")],
    into: Annotated[Path, typer.Option(help="放到哪个文件夹 Into which folder.")],
    by: Annotated[str, typer.Option(help="谁导出（工号） Who exports: a staff number.")],
    purpose: Annotated[str, typer.Option(help="用途 What for.")] = "national_collection",
) -> None:
    """按国家办件归集表导出一天的办件 Export one day's cases in the collection tables.

    The files hold personal data. They can be read by their owner alone; move them over an encrypted
    channel and delete them. The access log says which cases were taken, by whom and what for.
    """
    if not by.strip() or not purpose.strip():
        raise typer.BadParameter("谁导出、什么用途都要写明 (say who and what for)")
    try:
        done = cases_export.export(
            day=day.date(), into=into, by=by.strip(), purpose=purpose.strip(), now=timezone.now()
        )
    except ValueError as fault:
        raise typer.BadParameter(str(fault)) from None
    for table, rows in done.rows.items():
        typer.echo(f"{table}: " + " ".join(f"{name} {count}" for name, count in rows.items()))
    typer.echo(f"{done.cases} cases → {done.folder}")
    if done.left_out:
        typer.echo(f"{done.left_out} cases can no longer be opened and were left out", err=True)
