"""`yijian calendar`: the working-day calendar, and a new year's notice checked and proposed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone

from yijian.actions import calendar_years as actions
from yijian.actions import contexts, proposals
from yijian.actions.proposing import ProposalRefusedError
from yijian.packs.calendar import read_year
from yijian.packs.findings import PackError
from yijian.records import calendar_years as records
from yijian.records import staff

commands = typer.Typer(
    no_args_is_help=True, help="工作日历：录入新一年的放假安排。The working-day calendar."
)


@commands.command("show")
def show() -> None:
    """List the years: whether their notice is known, and how many working days they have."""
    calendar = contexts.calendar()
    taken = {one.year: one for one in records.listed()}
    for year in range(min(calendar.announced), max(calendar.announced) + 3):
        workdays = calendar.between(date(year - 1, 12, 31), date(year, 12, 31))
        known = "已公布 announced  " if year in calendar.announced else "暂定 provisional  "
        notice = taken[year].notice if year in taken else ""
        typer.echo(f"{year}  {known} {workdays} 个工作日 working days  {notice}".rstrip())


@commands.command("import")
def take_in(
    *,
    file: Annotated[Path, typer.Argument(help="YAML, or lines of date,off or date,worked.")],
    proposer: Annotated[
        str, typer.Option("--staff", help="Staff number of the operator who proposes it.")
    ] = "",
) -> None:
    """Check a year's notice, say what it would move, and propose it; a second person confirms.

    Without --staff it is only checked.
    """
    try:
        said = read_year(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError) as error:
        typer.echo(f"读不了 {file}：{type(error).__name__} (cannot be read)", err=True)
        raise typer.Exit(2) from None
    except PackError as error:
        typer.echo("\n".join(str(finding) for finding in error.findings), err=True)
        raise typer.Exit(1) from None
    seen = actions.preview(said)
    typer.echo(
        f"{said.year} {said.notice}：放假 {len(said.days_off)} 个工作日，周末上班"
        f" {len(said.days_worked)} 天；在办时限 {seen.looked_at} 个，推后 {seen.later}，"
        f"提前 {seen.earlier}，只去掉暂定 {seen.confirmed}"
        f" (open deadlines {seen.looked_at}: later {seen.later}, earlier {seen.earlier})"
    )
    if not proposer:
        return
    user = staff.user_of(proposer)
    if user is None:
        typer.echo("没有这个工号，或从未登录 (no such member of staff)", err=True)
        raise typer.Exit(1)
    try:
        made = proposals.propose(
            by=user, kind=actions.KIND, payload=actions.payload_of(said), now=timezone.now()
        )
    except ProposalRefusedError as refused:
        typer.echo(f"没有提出：{refused.code} (refused)", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"已提出，由第二个人在 /console/proposals/{made}/ 同意 (a second person confirms)")
