"""`yijian populate`: fill a demonstration with made-up families who applied within the last days."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from typing import Annotated

import typer
from django.conf import settings
from django.utils import timezone

from yijian.actions import contexts, figures, populating
from yijian.ops.populating import Population, Scheme, scheme
from yijian.records import journal

AT_ONCE = 100
"""Cases in one transaction."""
NUMBERS_AT_ONCE = 10_000
TELL_EACH = 5_000


def command(
    cases: Annotated[int, typer.Option(min=1, help="How many families.")] = 1_000,
    days: Annotated[int, typer.Option(min=7, help="Within how many days they applied.")] = 90,
    seed: Annotated[str, typer.Option(help="The same seed makes the same families.")] = "1",
    packs: Annotated[str, typer.Option(help="Codes with commas; all that run here if empty.")] = "",
) -> None:
    """演示数据 · Families over all offices, hours and fates, written, sealed and counted."""
    if not settings.YIJIAN.demo:
        typer.secho("正式节点不造数据 (only a demonstration is populated)", err=True, fg="red")
        raise typer.Exit(1)
    began = time.monotonic()
    now = timezone.now()
    known = _schemes({code for code in packs.split(",") if code})
    if not known:
        typer.secho("没有可用的政策包 (no pack can be populated)", err=True, fg="red")
        raise typer.Exit(1)
    population = Population(known, cases=cases, days=days, now=now, seed=seed)
    played = population.played(_numbers())
    written = 0
    while batch := list(islice(played, AT_ONCE)):
        written += populating.write(batch, now=now)
        if written % TELL_EACH < AT_ONCE:
            typer.echo(f"{written} 办件 cases · {time.monotonic() - began:.0f} s")
    while journal.seal_journal(now=now):
        figures.follow_all(now=now)
    figures.follow_all(now=now)
    typer.echo(f"{written} 办件 cases · {time.monotonic() - began:.0f} s · 已统计 counted")


def _schemes(wanted: set[str]) -> list[Scheme]:
    folder = settings.YIJIAN.packs_dir
    found = (
        scheme(folder, context)
        for context in contexts.current_contexts()
        if not wanted or context.pack.code in wanted
    )
    return [one for one in found if one is not None]


def _numbers() -> Iterator[int]:
    while True:
        yield from populating.numbers(NUMBERS_AT_ONCE)
