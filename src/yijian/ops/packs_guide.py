"""`yijian packs guide`: the papers that a pack writes itself, to look at, to print, to keep."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from yijian.domain.clocks import local_day
from yijian.packs import guides, load_folder
from yijian.packs.findings import PackError
from yijian.packs.loading import running_codes

KEPT = {
    "notice": ("zh", "en"),
    "service": ("zh", "en"),
    "staff": ("zh", "en"),
    "dictionary": ("zh",),
}
"""The papers that are kept in the repository, so that a change of policy is read as one."""


def show_guide(
    pack: Annotated[str, typer.Argument(help="Code of the pack.")],
    packs_dir: Annotated[
        Path, typer.Option("--packs-dir", envvar="YIJIAN_PACKS_DIR", help="Folder of packs.")
    ] = Path("packs"),
    kind: Annotated[str, typer.Option("--kind", help=f"One of {', '.join(guides.KINDS)}.")] = (
        "notice"
    ),
    html: Annotated[bool, typer.Option("--html", help="A page to print instead of text.")] = False,
    english: Annotated[bool, typer.Option("--english", help="Say it in English.")] = False,
) -> None:
    """Print a paper generated from the pack: one-time notice, service guide, staff guide …"""
    if kind not in guides.KINDS:
        typer.echo(f"没有“{kind}”这种指南，有的是：{'、'.join(guides.KINDS)}", err=True)
        raise typer.Exit(2)
    try:
        _, built = load_folder(packs_dir, pack)
    except PackError as error:
        for finding in error.findings:
            typer.echo(str(finding), err=True)
        raise typer.Exit(1) from None
    today = local_day(datetime.now().astimezone())
    paper = guides.make(built, kind, "en" if english else "zh", today)
    typer.echo(guides.as_html(paper) if html else guides.as_text(paper))


def keep_guides(
    into: Annotated[Path, typer.Option("--into", help="Folder for the papers.")] = Path(
        "docs/guides"
    ),
    packs_dir: Annotated[
        Path, typer.Option("--packs-dir", envvar="YIJIAN_PACKS_DIR", help="Folder of packs.")
    ] = Path("packs"),
) -> None:
    """Write every pack's kept papers again; a test fails while one of them is not current."""
    for path, text in kept_papers(packs_dir):
        target = into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        typer.echo(str(target))


def kept_papers(packs_dir: Path) -> list[tuple[Path, str]]:
    """The kept papers as paths and texts; each of the day its pack came into force.

    They must not change by themselves as days go by.
    """
    papers = []
    for code in running_codes(packs_dir):
        _, pack = load_folder(packs_dir, code)
        for kind, languages in KEPT.items():
            for language in languages:
                paper = guides.make(pack, kind, language, pack.in_force_from)
                papers.append((Path(code) / f"{kind}.{language}.md", guides.as_text(paper)))
    return papers
