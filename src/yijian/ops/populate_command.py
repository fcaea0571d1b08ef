"""`yijian populate`: fill a demonstration with made-up families of the last days."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from itertools import islice
from multiprocessing.connection import wait
from multiprocessing.sharedctypes import Synchronized
from typing import Annotated, TypeAlias

import typer
from django.conf import settings
from django.db import connections
from django.utils import timezone

from yijian.actions import contexts, figures, populating
from yijian.actions.rating_rules import rules_of
from yijian.ops.populating import Population, Scheme, scheme
from yijian.records import journal

Written: TypeAlias = "Synchronized[int]"
"""How many families are written, over all processes."""
AT_ONCE = 100
"""Cases in one transaction."""
NUMBERS_AT_ONCE = 10_000
LOOK_EACH_SECONDS = 10.0


def command(
    cases: Annotated[int, typer.Option(min=1, help="How many families.")] = 1_000,
    days: Annotated[int, typer.Option(min=7, help="Within how many days they applied.")] = 90,
    seed: Annotated[
        str, typer.Option(help="The same seed makes the same lives; a new one if empty.")
    ] = "",
    packs: Annotated[str, typer.Option(help="Codes with commas; all that run here if empty.")] = "",
    processes: Annotated[int, typer.Option(min=1, help="How many write at once.")] = 2,
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
    population = Population(known, cases=cases, days=days, now=now, seed=seed or _new_seed())
    # A connection belongs to one process alone, and so does a pool of them.
    connections.close_all()
    for one in connections.all():
        getattr(one, "close_pool", lambda: None)()
    fork = multiprocessing.get_context("fork")
    written = fork.Value("q", 0)
    writers = [
        fork.Process(target=_write, args=(population, part, processes, written))
        for part in range(processes)
    ]
    for writer in writers:
        writer.start()
    running = {writer.sentinel for writer in writers}
    while running:
        _count()
        running.difference_update(wait(running, LOOK_EACH_SECONDS))
        typer.echo(_so_far(written.value, cases, time.monotonic() - began))
    for writer in writers:
        writer.join()
    while _count():
        pass
    seconds = time.monotonic() - began
    if any(writer.exitcode for writer in writers):
        typer.secho("没有全部写入 (not everything was written)", err=True, fg="red")
        raise typer.Exit(1)
    typer.echo(
        f"写完、封存、统计完毕 written, sealed and counted · {written.value} · {seconds:.0f} s\n"
        "证照只入库，不排版文件；不发短信、不派单、不立工单 "
        "(certificates without files; no messages, dispatches or work orders)"
    )


def _new_seed() -> str:
    """A seed that no earlier run on this node had: families may not be made twice."""
    return str(populating.numbers(1)[0])


def _write(population: Population, part: int, parts: int, written: Written) -> None:
    played = population.played(_numbers(), part=part, parts=parts)
    while batch := list(islice(played, AT_ONCE)):
        count = populating.write(batch, now=population.now)
        with written.get_lock():
            written.value += count


def _count() -> int:
    """Seal and count what has been written meanwhile; how many entries of the journal."""
    while journal.seal_journal(now=timezone.now()):
        pass
    return figures.follow_all(now=timezone.now())


def _so_far(written: int, cases: int, seconds: float) -> str:
    """How many are written, and about how long the others will take."""
    said = f"{written}/{cases} · {seconds:.0f} s"
    if not written:
        return f"{said} · 正在推演 playing lives through"
    left = max(seconds / written * (cases - written), 0)
    return f"{said} · 约还要 about {left / 60:.0f} min"


def _schemes(wanted: set[str]) -> list[Scheme]:
    folder = settings.YIJIAN.packs_dir
    found = (
        scheme(folder, context, rules_of(context.pack.code))
        for context in contexts.current_contexts()
        if not wanted or context.pack.code in wanted
    )
    return [one for one in found if one is not None]


def _numbers() -> Iterator[int]:
    while True:
        yield from populating.numbers(NUMBERS_AT_ONCE)
