"""`yijian worker`: the background process of a node; as many as wanted, on any machine."""

from __future__ import annotations

import typer

from yijian.ops import worker


def command(
    concurrency: int = typer.Option(worker.CONCURRENCY, min=1, max=32, help="Jobs at a time."),
    once: bool = typer.Option(False, "--once", help="End when no job is left."),
) -> None:
    """后台进程：分发、核验、短信、时限 · Deliver, verify, notify, watch the clocks.

    Ends with an error when the database goes away; let a supervisor start it again.
    """
    code = worker.run(concurrency=concurrency, wait=not once)
    if code:
        raise typer.Exit(code)
