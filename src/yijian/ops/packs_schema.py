"""`yijian packs schema`: the reference of every key of a pack, to read and to keep."""

from pathlib import Path
from typing import Annotated

import typer

from yijian.packs.describing import reference


def show_schema(
    into: Annotated[
        Path | None, typer.Option("--into", help="Write it there instead of printing it.")
    ] = None,
) -> None:
    """Print the reference of every key of a pack (kept as docs/reference/pack-schema.md)."""
    if into is None:
        typer.echo(reference(), nl=False)
        return
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_text(reference(), encoding="utf-8")
    typer.echo(str(into))
