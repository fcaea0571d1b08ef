"""`yijian packs diff` and `match`: packs held against each other, and against a family."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.ops.packs_text import difference_lines, matching_lines
from yijian.packs import PackError, build, load_folder
from yijian.packs.canonical import Document
from yijian.packs.comparing import changed_values, compare, compare_population
from yijian.packs.examples import FOLDER, example_files, load_example
from yijian.packs.families import Family, load
from yijian.packs.loading import load_context, running_codes
from yijian.packs.matching import as_json as matching_as_json
from yijian.packs.matching import match_family
from yijian.packs.population import population

PacksDir = Annotated[
    Path, typer.Option("--packs-dir", envvar="YIJIAN_PACKS_DIR", help="Folder of packs.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
PACKS = Path("packs")


def match(
    family: Annotated[str, typer.Argument(help="A family file, or PACK/NAME of a pack's example.")],
    packs_dir: PacksDir = PACKS,
    as_json: AsJson = False,
    english: Annotated[bool, typer.Option("--english", help="Say it in English.")] = False,
) -> None:
    """Say which packs fit a family, which one leads, and which conditions fail in the others."""
    with _told():
        contexts = [load_context(packs_dir, code) for code in running_codes(packs_dir)]
        if not contexts:
            typer.echo(f"{packs_dir} 里没有可以运行的政策包", err=True)
            raise typer.Exit(1)
        told = matching_as_json(match_family(_family(packs_dir, family), contexts))
    _show(told, as_json, matching_lines(told, "en" if english else "zh"))


def diff(
    before: Annotated[str, typer.Argument(help="A pack's code, folder or saved document.")],
    after: Annotated[str, typer.Argument(help="The other one.")],
    packs_dir: PacksDir = PACKS,
    families: Annotated[
        int, typer.Option("--families", min=0, help="How many made-up families to try.")
    ] = 500,
    seed: Annotated[str, typer.Option("--seed", help="Another seed, other families.")] = "1",
    as_json: AsJson = False,
) -> None:
    """Compare two packs: who becomes eligible, what is asked and signed, items and clocks.

    The first pack's examples say so family by family, a made-up population in numbers.
    """
    with _told():
        (one, old), (other, new) = _document(packs_dir, before), _document(packs_dir, after)
        examples = [(path.stem, load_example(one.parent, path)) for path in _examples(one)]
        contexts = (_context_of(one, old), _context_of(other, new))
        day = local_day(datetime.now().astimezone())
        told = compare(*contexts, examples, day) | {"values": changed_values(old, new)}
        also = [load_example(other.parent, path) for path in _examples(other)]
        ordinary = [f for _, f in examples if _is_ordinary(f)]
        ordinary += [f for f in also if _is_ordinary(f)]
        made_up = population([context.pack for context in contexts], ordinary, families, seed)
        told |= {"population": compare_population(*contexts, made_up)}
    _show(told, as_json, difference_lines(told))


def _examples(folder: Path) -> tuple[Path, ...]:
    return example_files(folder.parent, folder.name)


def _is_ordinary(family: Family) -> bool:
    return family.model.expect.eligible == "yes"


def _document(packs_dir: Path, name: str) -> tuple[Path, Document]:
    """The folder and document of a pack named by its code, its folder or its saved document."""
    path = Path(name)
    if path.suffix == ".json" and path.is_file():
        document = json.loads(path.read_text(encoding="utf-8"))
        return packs_dir / build(document).code, document
    folder = path if (path / "pack.yaml").is_file() else packs_dir / name
    document, _ = load_folder(folder.parent, folder.name)
    return folder, document


def _context_of(folder: Path, document: Document) -> Context:
    return replace(load_context(folder.parent, folder.name), pack=build(document))


def _family(packs_dir: Path, name: str) -> Family:
    pack, _, example = name.partition("/")
    path = packs_dir / pack / FOLDER / f"{example}.yaml"
    if not Path(name).is_file() and path.is_file():
        return load_example(packs_dir, path)
    return load(Path(name))


@contextmanager
def _told() -> Iterator[None]:
    """Says what is wrong with a pack or family and ends the command with exit code 1."""
    try:
        yield
    except PackError as error:
        for finding in error.findings:
            typer.echo(str(finding), err=True)
        raise typer.Exit(1) from None


def _show(told: Any, as_json: bool, lines: list[str]) -> None:
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else "\n".join(lines))
