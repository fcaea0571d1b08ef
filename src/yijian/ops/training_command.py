"""`yijian training`: a node of its own on which staff practise with synthetic families."""

from __future__ import annotations

import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from yijian.gateways import starter
from yijian.ops.database import DatabaseNotStarted
from yijian.ops.operator import operator
from yijian.ops.running import PlatformNotStarted
from yijian.ops.training import NotForTraining, Training, empty

FOLDER = Path("var/training")
RUNNING = "running.env"
commands = typer.Typer(
    help="演练 · A node on which staff practise; nothing of it is real.", no_args_is_help=True
)
Folder = Annotated[Path, typer.Option(help="Folder of the training node, and of nothing else.")]


@commands.command()
def run(
    port: Annotated[int, typer.Option(help="Port of its pages; 0 takes a free one.")] = 8200,
    sandbox_port: Annotated[int, typer.Option(help="Port of its sandbox; 0 takes any.")] = 8300,
    var_dir: Folder = FOLDER,
    packs: Annotated[str, typer.Option(help="Codes of the packs, with commas; or all.")] = "",
) -> None:
    """启动演练节点 · Start it beside any other node, with its own database and sandbox."""
    ending = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ending.set()

    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, end)
    training = Training(var_dir, port=port, sandbox_port=sandbox_port, packs=packs, tell=_tell)
    try:
        training.start(unless=ending)
        typer.echo(f"演练 {training.platform.address}")
        training.obey(ending)
    except (NotForTraining, PlatformNotStarted, DatabaseNotStarted) as refused:
        training.stop()
        if ending.is_set():
            raise typer.Exit(0) from None
        typer.secho(str(refused), err=True, fg="red")
        raise typer.Exit(1) from None
    training.stop()


@commands.command()
def reset(var_dir: Folder = FOLDER) -> None:
    """重置 · Take away what was practised; a node that runs begins anew by itself."""
    folder = var_dir.expanduser().resolve()
    if (folder / RUNNING).exists():
        starter.ask(folder, by=operator(), now=datetime.now(UTC))
        while starter.asked(folder) is not None:
            time.sleep(0.2)
    else:
        try:
            empty(folder)
        except NotForTraining as refused:
            typer.secho(str(refused), err=True, fg="red")
            raise typer.Exit(1) from None
    typer.echo("已重置 (begun anew)")


def _tell(what: str) -> None:
    """One line for each step, for people and logs alike."""
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()
