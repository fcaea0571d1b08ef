"""`yijian delta`: a whole region on this machine, one address, and drills from another terminal."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import httpx
import typer

from yijian.ops.database import DatabaseNotStarted
from yijian.ops.delta import ADDRESSES, HELD, OUT_OF_REACH, Delta
from yijian.ops.delta_layout import read_layout
from yijian.ops.running import PlatformNotStarted
from yijian.packs.findings import PackError

FOLDER = Path("var/delta")
FAST = 2.0
commands = typer.Typer(
    help="区域通办 · A hub and its provinces on this machine.", no_args_is_help=True
)
Folder = Annotated[Path, typer.Option(help="Folder of the nodes' data, keys and logs.")]
Node = Annotated[str, typer.Argument(help="节点 A node, as `status` lists them.")]


@commands.command()
def run(
    pack: Annotated[
        str, typer.Option(help="政策包 The region's policy pack, if several packs have provinces.")
    ] = "",
    manual: Annotated[
        list[str] | None,
        typer.Option(help="没有系统的省 A province without a system; its offices use our desk."),
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the hub's pages; 0 takes a free one.")] = 8000,
    var_dir: Folder = FOLDER,
    packs_dir: Annotated[Path, typer.Option(envvar="YIJIAN_PACKS_DIR", hidden=True)] = Path(
        "packs"
    ),
) -> None:
    """启动总枢纽和各省 · Start the hub and a node for every province; Ctrl-C stops all."""
    ending = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ending.set()

    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, end)
    began = time.monotonic()
    try:
        layout = read_layout(packs_dir, pack, manual or [])
        delta = Delta(var_dir, layout, port=port, tell=_tell)
        delta.start(unless=ending)
    except (PlatformNotStarted, DatabaseNotStarted, PackError, ValueError) as refused:
        if ending.is_set():
            raise typer.Exit(0) from None
        typer.secho(str(refused), err=True, fg="red")
        raise typer.Exit(1) from None
    _tell("all", f"ready in {time.monotonic() - began:.0f} s, logs in {delta.var_dir}/NODE/logs")
    typer.echo(f"一件 {delta.address}")
    delta.obey(ending)
    delta.stop()


@commands.command()
def status(var_dir: Folder = FOLDER) -> None:
    """各节点在不在 · Every node: its address, whether it answers, and whether it is held."""
    silent = 0
    for code, known in _known(var_dir)["nodes"].items():
        held = sorted(path.name for path in (var_dir / HELD).glob(f"{code}.*"))
        words = "held" if held else ("ok" if _answers(known["address"]) else "silent")
        silent += words != "ok"
        names = " ".join(name.partition(".")[2] for name in held)
        typer.echo(f"{code:<20} {known['address']:<26} {words} {names}".rstrip())
    raise typer.Exit(1 if silent else 0)


@commands.command()
def hold(
    node: Node,
    process: Annotated[
        list[str] | None, typer.Argument(help="web, worker, sandbox or database.")
    ] = None,
    var_dir: Folder = FOLDER,
) -> None:
    """让一个节点停下 · Take a node away until `release`: nobody answers there."""
    _check(var_dir, node)
    folder = var_dir / HELD
    folder.mkdir(exist_ok=True)
    for name in process or OUT_OF_REACH:
        (folder / f"{node}.{name}").touch()


@commands.command()
def release(node: Node, var_dir: Folder = FOLDER) -> None:
    """让它回来 · Let a held node come back."""
    _check(var_dir, node)
    for path in (var_dir / HELD).glob(f"{node}.*"):
        path.unlink()


@commands.command()
def stop(var_dir: Folder = FOLDER) -> None:
    """全部停止 · Stop every node, as Ctrl-C does in the terminal of `run`."""
    pid = int(_known(var_dir)["pid"])
    os.kill(pid, signal.SIGTERM)
    while (var_dir / ADDRESSES).exists():
        time.sleep(0.2)


def _known(var_dir: Path) -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads((var_dir / ADDRESSES).read_text(encoding="utf-8"))
    except FileNotFoundError:
        typer.secho(
            f"{var_dir} 没有在运行的区域 (no region runs in this folder)", err=True, fg="red"
        )
        raise typer.Exit(1) from None
    return known


def _check(var_dir: Path, node: str) -> None:
    nodes = _known(var_dir)["nodes"]
    if node not in nodes:
        typer.secho(f"没有这个节点 no such node: {node}; {', '.join(nodes)}", err=True, fg="red")
        raise typer.Exit(2)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=FAST).is_success
    except httpx.HTTPError:
        return False


def _tell(node: str, what: str) -> None:
    """One line for each step, for people and logs alike."""
    sys.stderr.write(f"{node:<20} {what}\n")
    sys.stderr.flush()
