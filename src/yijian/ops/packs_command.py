"""`yijian packs`: what a policy officer runs: check, test, explain, play, papers, diff, guide."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from yijian.domain.context import Context
from yijian.ops.packs_compare import diff, match
from yijian.ops.packs_guide import keep_guides, show_guide
from yijian.ops.packs_papers import write_papers
from yijian.ops.packs_schema import show_schema
from yijian.ops.packs_text import ending_lines, explanation_lines, history_lines
from yijian.ops.packs_workshop import export_pack, show_drafts, show_versions
from yijian.packs import PackError, canonical, codes_in, load_folder
from yijian.packs.checks import check as check_pack
from yijian.packs.examples import FOLDER, load_example
from yijian.packs.explaining import ending, explanation, history, sent
from yijian.packs.families import Family, load
from yijian.packs.findings import Finding, Severity
from yijian.packs.loading import load_context, running_codes
from yijian.packs.rehearsal import begun
from yijian.packs.rehearsal import play as play_family
from yijian.packs.soundness import play_examples

commands = typer.Typer(
    no_args_is_help=True, help="政策包：检查、测试、说明、预演、比较、告知。Policy packs."
)

PacksDir = Annotated[
    Path, typer.Option("--packs-dir", envvar="YIJIAN_PACKS_DIR", help="Folder of packs.")
]
PackCode = Annotated[str, typer.Option("--pack", help="Code of the pack.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
InEnglish = Annotated[bool, typer.Option("--english", help="Say it in English.")]
FamilyFile = Annotated[str, typer.Argument(help="A family file, or the name of an example.")]

PACKS = Path("packs")

commands.command("guide")(show_guide)
commands.command("guides")(keep_guides)
commands.command("diff")(diff)
commands.command("match")(match)
commands.command("schema")(show_schema)
commands.command("versions")(show_versions)
commands.command("drafts")(show_drafts)
commands.command("export")(export_pack)


@commands.command("check")
def check(
    code: Annotated[str | None, typer.Argument(help="One pack; left out: all of them.")] = None,
    packs_dir: PacksDir = PACKS,
    as_json: AsJson = False,
) -> None:
    """Read packs and say what is wrong, as file:line:column. Exit 1 when there is an error."""
    codes = (code,) if code else codes_in(packs_dir)
    if not codes:
        _fail(f"{packs_dir} 里没有政策包")
    found = {each: check_pack(packs_dir, each) for each in codes}
    findings = list(dict.fromkeys(finding for one in found.values() for finding in one))
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if as_json:
        _print_json([_finding(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(str(finding))
        typer.echo(
            f"{len(codes)} 个政策包，{len(errors)} 处错误，{len(findings) - len(errors)} 处提醒"
        )
    raise typer.Exit(1 if errors else 0)


@commands.command("test")
def test(
    code: Annotated[str | None, typer.Argument(help="One pack; left out: all of them.")] = None,
    packs_dir: PacksDir = PACKS,
    as_json: AsJson = False,
) -> None:
    """Run the examples of packs and compare what comes out. Exit 1 when one differs."""
    with _told():
        codes = (code,) if code else running_codes(packs_dir)
        outcome = {each: play_examples(packs_dir, each) for each in codes}
    if as_json:
        _print_json(
            {
                each: {name: [_finding(f) for f in found] for name, found in examples.items()}
                for each, examples in outcome.items()
            }
        )
    failed = 0
    for each, examples in outcome.items():
        for name, found in examples.items():
            failed += bool(found)
            if not as_json:
                typer.echo(f"{'不符' if found else '通过'}  {each}/{FOLDER}/{name}")
                for finding in found:
                    typer.echo(f"      {finding}")
    if not as_json:
        total = sum(len(examples) for examples in outcome.values())
        typer.echo(f"{total} 个样例，{failed} 个不符")
    raise typer.Exit(1 if failed else 0)


@commands.command("explain")
def explain(
    family: FamilyFile,
    pack: PackCode = "",
    packs_dir: PacksDir = PACKS,
    as_json: AsJson = False,
    english: InEnglish = False,
) -> None:
    """Say what a pack makes of a family: verdicts, tasks, offices, dates, signatures, notices."""
    with _told():
        context = _context(packs_dir, pack)
        told = explanation(begun(_family(packs_dir, context, family), context))
    if as_json:
        _print_json(told)
    else:
        _print(explanation_lines(told, "en" if english else "zh"))


@commands.command("play")
def play(
    family: FamilyFile,
    pack: PackCode = "",
    packs_dir: PacksDir = PACKS,
    as_json: AsJson = False,
    english: InEnglish = False,
) -> None:
    """Take a family through to its end: signatures, offices by the script, messages, results."""
    with _told():
        context = _context(packs_dir, pack)
        rehearsal = play_family(_family(packs_dir, context, family), context)
    events, messages, end = history(rehearsal), sent(rehearsal), ending(rehearsal)
    if as_json:
        _print_json({"events": events, "messages": messages, "end": end})
        return
    language = "en" if english else "zh"
    titles = {code: item.title.in_language(language) for code, item in context.pack.items.items()}
    _print(history_lines(events, titles))
    _print(ending_lines(end, messages, titles))


@commands.command("papers")
def papers(
    family: FamilyFile,
    into: Annotated[Path, typer.Option("--into", help="The folder to write the PDFs into.")],
    pack: PackCode = "",
    packs_dir: PacksDir = PACKS,
    english: InEnglish = False,
) -> None:
    """Set every document that a pack makes on a family's way. Exit 1 when one cannot be set."""
    with _told():
        context = _context(packs_dir, pack)
        rehearsal = play_family(_family(packs_dir, context, family), context)
    failed = write_papers(rehearsal, packs_dir, into, "en" if english else "zh")
    raise typer.Exit(1 if failed else 0)


@commands.command("document")
def show_document(
    pack: Annotated[str, typer.Argument(help="Code of the pack.")], packs_dir: PacksDir = PACKS
) -> None:
    """Print the pack as the one canonical JSON document that its digest is taken of."""
    with _told():
        document, _ = load_folder(packs_dir, pack)
    typer.echo(canonical(document))


@commands.command("list")
def list_packs(packs_dir: PacksDir = PACKS, as_json: AsJson = False) -> None:
    """List the packs with version and digest."""
    rows = []
    with _told():
        for code in running_codes(packs_dir):
            _, pack = load_folder(packs_dir, code)
            rows.append({"code": code, "version": pack.version, "digest": pack.digest})
    if as_json:
        _print_json(rows)
    else:
        _print([f"{row['code']}  {row['version']}  {row['digest']}" for row in rows])


def _context(packs_dir: Path, code: str) -> Context:
    codes = running_codes(packs_dir)
    if not code and not codes:
        _fail(f"{packs_dir} 里没有可以运行的政策包")
    return load_context(packs_dir, code or codes[0])


def _family(packs_dir: Path, context: Context, name: str) -> Family:
    """The family of a file, or of the pack's example of that name."""
    example = packs_dir / context.pack.code / FOLDER / f"{name}.yaml"
    if not Path(name).is_file() and example.is_file():
        return load_example(packs_dir, example)
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


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "file": finding.place.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "severity": finding.severity.value,
        "sentence": finding.sentence,
    }


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print(lines: list[str]) -> None:
    typer.echo("\n".join(lines))


def _fail(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
