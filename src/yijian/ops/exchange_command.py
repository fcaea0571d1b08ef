"""`yijian exchange`: how every destination fares, what stands still, and sending once more."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from django.utils import timezone

from yijian.actions import envelopes, waking
from yijian.domain.clocks import SHANGHAI
from yijian.records import dead_letters, exchange, links, parked

commands = typer.Typer(no_args_is_help=True, help="交换：通不通、停在哪里、再发一次。The exchange.")
Moment = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"])]
PAGE = 100


@commands.command("status")
def status() -> None:
    """通联状态 · Every destination: what waits, since when, what failed, what was delivered."""
    now = timezone.now()
    typer.echo(f"{'destination':26} {'waits':>6} {'oldest':>8} {'parked':>6} {'24h':>7}  state")
    for one in links.states(now=now):
        oldest = f"{(now - one.oldest).total_seconds():.0f} s" if one.oldest else "-"
        typer.echo(
            f"{one.destination:26} {one.waiting:>6} {oldest:>8} {one.parked:>6}"
            f" {one.delivered:>7}  {_state(one, now)}"
        )
    typer.echo(f"收件待处理 received and parked: {len(parked.parked(limit=10_000))}")


def _state(one: links.LinkState, now: datetime) -> str:
    if not one.failures:
        return "通 ok"
    resting = one.resting_until is not None and one.resting_until > now
    since = f"{one.failing_since.astimezone(SHANGHAI):%m-%d %H:%M}" if one.failing_since else "-"
    return f"{'歇 resting' if resting else '不通 failing'} ×{one.failures} {one.reason} {since}"


@commands.command("parked")
def show_parked() -> None:
    """停在路上的 · Everything that waits for a person, with owner, deadline and reason."""
    for one in dead_letters.all_open():
        way = "→" if one.direction == "out" else "←"
        typer.echo(
            f"{one.id}  {way} {one.partner:20} {one.kind}  {one.item or '-'}"
            f"  {one.owner or '牵头部门 lead office'}"
            f"  {one.due_at.astimezone(SHANGHAI):%m-%d %H:%M}  {one.problem}"
        )


@commands.command("replay")
def replay(
    *,
    to: Annotated[str, typer.Option(help="Messages to this destination.")] = "",
    since: Moment = None,
    until: Moment = None,
    type: Annotated[str, typer.Option(help="Only messages of this type.")] = "",
    received: Annotated[
        bool, typer.Option("--received", help="Take in what came in and was parked.")
    ] = False,
    sender: Annotated[str, typer.Option(help="With --received: only of this sender.")] = "",
) -> None:
    """再发一次，或再收一次 · Send once more, or take in once more. Repeats are harmless."""
    now = timezone.now()
    if received:
        typer.echo(f"收下 taken in: {_take_in_again(sender, type, now)}")
        return
    if not to:
        typer.echo("要写 --to 或 --received (one of the two)", err=True)
        raise typer.Exit(1)
    count = exchange.send_again(
        destination=to,
        since=_moment(since),
        until=_moment(until),
        kind=type,
        now=now,
    )
    waking.wake_deliverer(to)
    typer.echo(f"再发 to be sent again: {count}")


def _take_in_again(sender: str, kind: str, now: datetime) -> int:
    taken, last = 0, None
    while True:
        found = parked.parked(sender=sender, kinds=[kind] if kind else None, limit=PAGE, after=last)
        if not found:
            return taken
        taken += sum(envelopes.replay_one(one.id, now=now) for one in found)
        last = found[-1].id


def _moment(given: datetime | None) -> datetime | None:
    return given.replace(tzinfo=SHANGHAI) if given else None
