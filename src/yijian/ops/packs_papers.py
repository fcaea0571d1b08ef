"""`yijian packs papers`: the documents that a pack makes for an example family, to look at."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import typer

from yijian.documents.typesetting import MissingGlyphError, TypesettingError, typeset
from yijian.domain.documents import Content
from yijian.domain.paperwork import content_of
from yijian.packs import divisions
from yijian.packs.rehearsal import LINK, Rehearsal

LANGUAGES = ("zh", "en")


def papers_of(
    rehearsal: Rehearsal, places: Mapping[str, str], language: str
) -> Iterator[tuple[str, Content]]:
    """Every document as it was due, in the order of time, with a file name for it."""
    for place, (due, case) in enumerate(rehearsal.documents, start=1):
        content = content_of(
            due, case, rehearsal.context, due.at, language, link=LINK, places=places
        )
        named = "-".join(part for part in (due.kind, due.item) if part)
        newborn = f"-{due.newborn}" if due.newborn else ""
        yield f"{place:02}-{named}{newborn}.pdf", content


def write_papers(rehearsal: Rehearsal, packs_dir: Path, into: Path, language: str) -> int:
    """Set them all into the folder and say which; how many could not be set."""
    table = divisions.load(packs_dir)
    places = {code: table.full_name(code) for code in table.rows}
    into.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name, content in papers_of(rehearsal, places, language):
        try:
            done = typeset(content)
        except MissingGlyphError as error:
            typer.echo(f"{content.title}：字体里没有这些字：{' '.join(error.characters)}", err=True)
            failed += 1
        except TypesettingError as error:
            typer.echo(f"{content.title}：{error}", err=True)
            failed += 1
        else:
            (into / name).write_bytes(done.pdf)
            typer.echo(f"{into / name}  {content.title}，{done.pages} 页")
    return failed
