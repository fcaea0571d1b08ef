"""`yijian packs versions`, `drafts`, `export`: what the workshop of a node has, as lines and files.

These ask the node's database; all other commands about packs read a folder.
"""

import json
import shutil
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from yijian.packs.findings import PackError
from yijian.packs.overlay import write_out
from yijian.packs.reading import line_of_bases

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def show_versions(
    code: Annotated[str, typer.Argument(help="Code of the pack.")], as_json: AsJson = False
) -> None:
    """List the versions of a pack that this node keeps, with the day each counts from."""
    contexts, workshop = _node()
    known = workshop.known_versions(codes=[code])
    if not known:
        _fail(f"本节点没有“{code}”这个政策包 (this node has no such pack)")
    sources = workshop.source_digests(codes=[code])
    current = contexts.digest_in_force(code)
    rows = [
        {
            "version": one.version,
            "in_force_from": one.in_force_from.isoformat(),
            "digest": one.digest,
            "in_force": one.digest == current,
            "received": one.received,
            "origin": sources.get((code, one.version), ("", ""))[1],
        }
        for one in known
    ]
    _show(rows, as_json, lambda row: (
        f"{'*' if row['in_force'] else ' '} {row['version']:<12} {row['in_force_from']}  "
        f"{row['digest'][:12]}  {row['origin'] or ('received' if row['received'] else '—')}"
    ))  # fmt: skip


def show_drafts(
    code: Annotated[str, typer.Argument(help="One pack; left out: all of them.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the drafts of the policy workshop, the one changed last first."""
    _, workshop = _node()
    rows = [
        {
            "id": str(one.id),
            "code": one.code,
            "based_on": one.based_on,
            "state": one.state,
            "changed_at": one.changed_at.isoformat(),
            "version": one.version_published,
            "title": one.title,
        }
        for one in workshop.drafts(code=code)
    ]
    _show(rows, as_json, lambda row: (
        f"{row['id']}  {row['code']}  {row['based_on']} → {row['version'] or '…'}  "
        f"{row['state']}  {row['title']}".rstrip()
    ))  # fmt: skip


def export_pack(
    code: Annotated[str, typer.Argument(help="Code of the pack.")],
    into: Annotated[Path, typer.Option("--into", help="The folder to write the pack into.")],
    version: Annotated[str, typer.Argument(help="Left out: the version in force.")] = "",
    draft: Annotated[str, typer.Option("--draft", help="A draft instead of a version.")] = "",
) -> None:
    """Write the files of a version or a draft, with its bases beside it where they are missing.

    The folder can then be given to every other command with `--packs-dir`.
    """
    files = _files(code, version, draft)
    try:
        write_out(files, into / code)
        for base in _bases_beside(into, code):
            typer.echo(str(into / base))
    except PackError as error:
        _fail(str(error))
    typer.echo(str(into / code))


def _bases_beside(into: Path, code: str) -> list[str]:
    """Copy the bases of an exported pack that do not lie in the folder yet; their codes."""
    from django.conf import settings

    installed = Path(settings.YIJIAN.packs_dir)
    copied: list[str] = []
    while True:
        try:
            line_of_bases(into, code)
        except PackError:
            missing = _missing_base(into, code)
            if not missing or not (installed / missing).is_dir():
                raise
            shutil.copytree(installed / missing, into / missing)
            copied.append(missing)
            continue
        return copied


def _missing_base(into: Path, code: str) -> str:
    """The first base on the way down that does not lie in the folder."""
    from yijian.packs.nodes import read_file

    while (into / code / "pack.yaml").is_file():
        base = read_file(into / code / "pack.yaml", f"{code}/pack.yaml").find(["base"])
        if base is None or base.value is None:
            return ""
        code = str(base.value)
    return code


def _files(code: str, version: str, draft: str) -> dict[str, str]:
    contexts, workshop = _node()
    if draft:
        row = next((one for one in workshop.drafts(code=code) if str(one.id) == draft), None)
        if row is None:
            _fail(f"没有这份草稿 (no such draft): {draft}")
        return dict(row.files)
    if not version:
        current = contexts.digest_in_force(code)
        known = workshop.known_versions(codes=[code])
        version = next((one.version for one in known if one.digest == current), "")
    files = workshop.source_files(code=code, version=version)
    if files is None:
        _fail(f"没有保存“{code} {version}”的文件 (its files are not kept)")
    return dict(files)


def _node() -> tuple[Any, Any]:
    """What asks the database; only these commands wait for a driver."""
    from yijian.ops.command import use_django

    use_django()
    from yijian.actions import contexts
    from yijian.records import workshop

    return contexts, workshop


def _show(rows: list[dict[str, Any]], as_json: bool, line: Any) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        typer.echo(line(row))


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
