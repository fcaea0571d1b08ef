"""`yijian parity`: do this node and the others hold the same, and heal what differs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer
from django.utils import timezone

from yijian.actions import parity, witnessing
from yijian.ops import converging
from yijian.ops import witnessing as witness_ops
from yijian.ops.converging import Comparison, Found
from yijian.records import convergence

DIFFERENT = 1


def command(
    partner: Annotated[str | None, typer.Option(help="只与一方对账 Only this partner.")] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="同时修复 Heal what differs as well.")
    ] = False,
    restored: Annotated[
        bool,
        typer.Option(
            "--restored",
            help="本节点从备份恢复之后：全部补齐并列出缺失 After a restore: heal all, list it.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON as JSON.")] = False,
    settle: Annotated[
        str | None, typer.Option(help="了结一处分歧（编号） Settle one disagreement by its id.")
    ] = None,
    accept: Annotated[
        str | None,
        typer.Option(help="认可某方恢复后的日志 Go on from a partner's restored journal."),
    ] = None,
    reason: Annotated[str, typer.Option(help="理由 Why, for --settle and --accept.")] = "",
) -> None:
    """对账：与其他节点核对每件共有的子办件 Compare every shared task with the other nodes."""
    if settle is not None or accept is not None:
        _settle(settle, accept, reason)
        return
    compared = converging.converge(only=partner, repair=repair or restored, everything=restored)
    if restored:
        # What was asked for comes back meanwhile; the second look counts what is left.
        first = converging.missed(compared)
        compared = converging.converge(only=partner, repair=True, everything=True)
        _print_missed(first, as_json=as_json)
    _print(compared, as_json=as_json)
    if any(each.open or each.problem not in ("", "not_offered") for each in compared):
        raise typer.Exit(DIFFERENT)


def _settle(settle: str | None, accept: str | None, reason: str) -> None:
    if not reason.strip():
        raise typer.BadParameter("请写明理由 Say why with --reason.")
    now = timezone.now()
    if settle is not None:
        done = parity.settle(by="operator", disagreement=UUID(settle), reason=reason, now=now)
    else:
        done = witnessing.accept(by="operator", partner=accept or "", reason=reason, now=now)
    typer.echo("已了结 settled" if done else "没有这项未了结的分歧 nothing open by that name")
    if not done:
        raise typer.Exit(DIFFERENT)


def _print_missed(missed: Sequence[Found], *, as_json: bool) -> None:
    """What a restored node is told: the journal's missing part, then every task."""
    held = [fault for each in witness_ops.held_by_partners() for fault in each.faults]
    if as_json:
        tasks = [asdict(each) for each in missed]
        typer.echo(json.dumps({"journal": held, "missed": tasks}, ensure_ascii=False))
        return
    for fault in held:
        typer.echo(f"日志 journal: {fault}")
    typer.echo(f"缺失 missed: {len(missed)}")
    for each in missed:
        typer.echo(
            f"  {each.case_number} {each.item} · 本节点 here {each.ours or '—'} · "
            f"对方 there {each.theirs or '—'} · {each.standing.value} → {each.outcome}"
        )


def _print(compared: Sequence[Comparison], *, as_json: bool) -> None:
    waiting = convergence.open_disagreements()
    if as_json:
        told = {
            "pairs": [
                asdict(each) | {"open": each.open, "unsettled": sorted(each.unsettled)}
                for each in compared
            ],
            "open": [
                {
                    "id": str(row.id),
                    "partner": row.partner,
                    "kind": row.kind,
                    "case_number": row.case_number,
                    "item": row.item,
                    "ours": row.ours,
                    "theirs": row.theirs,
                    "owner": row.owner,
                    "due_at": row.due_at.isoformat(),
                }
                for row in waiting
            ],
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for each in compared:
        typer.echo(
            f"{each.partner} · {each.side}: {each.compared} 件 tasks · {each.same} 一致 same · "
            f"{each.healed} 已修复 healed · {each.waiting} 在途 under way · {each.open} 待人工 open"
            + (f" · {each.problem}" if each.problem else "")
        )
        for found in each.found:
            if found.outcome == "seen":
                typer.echo(
                    f"  {found.case_number} {found.item}: {found.ours or '—'} / "
                    f"{found.theirs or '—'} · {found.standing.value}"
                )
    for row in waiting:
        typer.echo(
            f"分歧 disagreement {row.id}: {row.partner} {row.kind} {row.case_number} {row.item} "
            f"{row.ours or '—'} / {row.theirs or '—'} · {row.owner} · {row.due_at.isoformat()}"
        )
