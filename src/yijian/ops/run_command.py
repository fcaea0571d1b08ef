"""`yijian run`: everything on this machine, one address, and nothing left after Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from yijian.ops.database import DatabaseNotStarted
from yijian.ops.running import Platform, PlatformNotStarted


def command(
    port: Annotated[int, typer.Option(help="Port of the pages; 0 takes a free one.")] = 8000,
    sandbox_port: Annotated[int, typer.Option(help="Port of the sandbox; 0 takes any.")] = 8100,
    var_dir: Annotated[
        Path, typer.Option(envvar="YIJIAN_VAR_DIR", help="Folder of data, keys and logs.")
    ] = Path("var"),
    packs: Annotated[
        str, typer.Option(envvar="YIJIAN_PACKS", help="Codes of the packs, with commas; or all.")
    ] = "",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    demo: Annotated[
        bool, typer.Option(help="With synthetic families and the sandbox, or in earnest.")
    ] = True,
) -> None:
    """启动整个平台 · Start database, pages, worker and sandbox; Ctrl-C stops all of them."""
    platform = Platform(
        var_dir,
        port=port,
        sandbox_port=sandbox_port,
        packs=packs,
        host=host,
        demo=demo,
        database_url=os.environ.get("YIJIAN_DATABASE_URL", ""),
        settings=_given_settings(),
        tell=_progress,
    )
    asked_to_end = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        asked_to_end.set()

    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, end)
    began = time.monotonic()
    try:
        platform.start(unless=asked_to_end)
    except (PlatformNotStarted, DatabaseNotStarted) as refused:
        if asked_to_end.is_set():
            raise typer.Exit(0) from None
        typer.secho(f"\n{refused}", err=True, fg="red")
        raise typer.Exit(1) from None
    _progress(f"ready in {time.monotonic() - began:.1f} s, logs in {platform.logs}", end="\n")
    typer.echo(f"一件 {platform.address}")
    asked_to_end.wait()
    _progress("stopping")
    platform.stop()
    _progress("stopped", end="\n")


def _given_settings() -> dict[str, str]:
    """What the operator set, without what the options above already carry."""
    return {
        name.removeprefix("YIJIAN_"): value
        for name, value in os.environ.items()
        if name.startswith("YIJIAN_")
        and name not in ("YIJIAN_VAR_DIR", "YIJIAN_PACKS", "YIJIAN_DATABASE_URL")
    }


def _progress(line: str, *, end: str = "") -> None:
    """Tell a person at a terminal what is going on; a log file is not interested."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}{end}")
        sys.stderr.flush()
