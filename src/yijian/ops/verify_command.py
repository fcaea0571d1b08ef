"""`yijian verify`: is all that the records say true? One line, every fault, and an exit status."""

from __future__ import annotations

from typing import Annotated

import typer

from yijian.ops import verify

DIFFERENT = 1


def command(
    most: Annotated[int, typer.Option(help="最多列出几处不符 List at most this many.")] = 50,
) -> None:
    """核查日志、状态与签名 Check that journal, state and signatures agree."""
    report = verify.verify()
    for fault in report.faults[:most]:
        typer.echo(str(fault), err=True)
    if len(report.faults) > most:
        typer.echo(f"… {len(report.faults) - most} more", err=True)
    typer.echo(report.summary)
    if report.faults:
        raise typer.Exit(DIFFERENT)
