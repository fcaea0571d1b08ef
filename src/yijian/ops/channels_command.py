"""`yijian channels`: how offices are reached, from when until when; changeable while cases run."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, NoReturn
from uuid import UUID

import typer
from django.db import transaction
from django.utils import timezone

from yijian.actions import channels as actions
from yijian.actions import contexts
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.routing import Channel
from yijian.ops.operator import FITS, operator
from yijian.records import administration, channels
from yijian.records.channels import Standing

commands = typer.Typer(
    no_args_is_help=True, help="渠道：机构怎样收到办件，何时起、何时止。How offices are reached."
)
SENTENCES = {
    "unknown_channel": "渠道只能是 desk、system、node、file (no such channel)",
    "unknown_office": "没有这个机构 (no such office); 见 yijian channels list --offices",
    "unknown_place": "区划要写 2、4 或 6 位数字 (a division has 2, 4 or 6 digits)",
    "unknown_kind": "没有这种机构 (no office of this kind)",
    "unknown_item": "没有这个事项 (no such item)",
    "unknown_participant": "没有这个参与方 (no such partner); 先 yijian partners 登记",
    "participant_needed": "这种渠道要写 --participant (this channel needs --participant)",
    "no_participant_at_a_desk": "工作台不需要 --participant (a desk has no participant)",
    "in_the_past": "日期已经过去，或结束早于开始 (a day that has passed, or ends before it begins)",
    "rule_overlaps": "以后已有同样范围的规则，请先结束它 (end the later rule first)",
    "unknown_rule": "没有这条规则，或它已经结束 (no such rule, or it has ended)",
}
MoveAll = Annotated[
    bool, typer.Option("--move-all", help="Move what the office has already accepted, too.")
]


@commands.command("list")
def show(
    *,
    offices: Annotated[
        bool, typer.Option("--offices", help="How each office is reached today.")
    ] = False,
    ended: Annotated[bool, typer.Option("--ended", help="Rules that have ended, too.")] = False,
) -> None:
    """List the rules with their numbers, who made them, and who ended them."""
    today = local_day(timezone.now())
    if offices:
        directory = contexts.directory()
        for office in directory.offices:
            reach = directory.reach(office, "", today)
            typer.echo(f"{office.code}  {reach}  {office.division}  {office.title.zh}")
        return
    shown = [s for s in channels.standing() if ended or not _is_over(s.rule, today)]
    for each in shown:
        typer.echo(_line(each, today))
    if not shown:
        typer.echo("没有规则：各机构按目录的渠道。No rules: every office is reached its own way.")


@commands.command("set")
def set_rule(
    *,
    channel: Annotated[str, typer.Option(help="desk, system, node or file.")],
    office: Annotated[str, typer.Option(help="One office, by its code.")] = "",
    division: Annotated[str, typer.Option(help="Every office of a place: 2, 4, 6 digits.")] = "",
    kind: Annotated[str, typer.Option(help="With --division: one kind of office.")] = "",
    item: Annotated[str, typer.Option(help="One item; left out: all of them.")] = "",
    participant: Annotated[str | None, typer.Option(help="The other end of the channel.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="YYYY-MM-DD")] = None,
    move_all: MoveAll = False,
) -> None:
    """Make a rule. Running tasks that nobody has accepted follow it at once, or on its day."""
    if bool(office) == bool(division):
        _fail("要写 --office 或 --division 之一 (one of --office and --division)")
    if office and kind:
        _fail("--kind 只与 --division 一起用 (--kind goes with --division)")
    now = timezone.now()
    starts = _day(since) or local_day(now)
    rule = Channel(
        channel, participant, starts, _day(until), office, division, kind, item, move_all
    )
    try:
        with transaction.atomic():
            made = actions.set_rule(rule, by=operator(), now=now)
            _note("channel_rule_set", f"way:{office or division}", now)
    except RefusedError as refused:
        _fail(SENTENCES[refused.code])
    typer.echo(f"{made}  {_said(rule)}")
    _follow()


@commands.command("end")
def end(
    rule: Annotated[UUID, typer.Argument(help="The rule's number in the list.")],
    *,
    on: Annotated[str | None, typer.Option("--on", metavar="YYYY-MM-DD")] = None,
    move_all: MoveAll = False,
) -> None:
    """End a rule today or on a day. Its tasks go back to the way the other rules say."""
    now = timezone.now()
    try:
        day = _day(on) or local_day(now)
        with transaction.atomic():
            actions.end_rule(rule, on=day, everything_back=move_all, by=operator(), now=now)
            _note("channel_rule_ended", f"rule:{rule}", now)
    except RefusedError as refused:
        _fail(SENTENCES[refused.code])
    _follow()


def _note(what: str, subject: str, now: datetime) -> None:
    """Whoever has the keyboard needs no second person, and leaves a trace."""
    administration.note(by=operator(), what=what, subject=subject, now=now)
    typer.echo(FITS, err=True)


def _follow() -> None:
    done = actions.follow(by=operator(), now=timezone.now())
    typer.echo(
        f"已转 {done.moved} 件，{done.stay} 件已受理，留在原处"
        f" ({done.moved} tasks moved; {done.stay} were accepted and stay)"
    )


def _line(each: Standing, today: date) -> str:
    state = (
        "已结束"
        if _is_over(each.rule, today)
        else "生效"
        if each.rule.in_force(today)
        else "待生效"
    )
    ended = f"  结束：{each.ended_by}" if each.ended_by else ""
    return f"{each.id}  {state}  {_said(each.rule)}  {each.made_by}{ended}"


def _said(rule: Channel) -> str:
    whom = rule.office or f"{rule.division} {rule.kind or '*'}"
    way = f"{rule.channel} {rule.participant or ''}".strip()
    return f"{whom} / {rule.item or '*'} → {way}  {rule.starts_on} … {rule.ends_on or ''}"


def _is_over(rule: Channel, today: date) -> bool:
    return rule.ends_on is not None and rule.ends_on <= today


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        _fail(f"{text} 不是日期，应为 2026-12-01 这样 (not a day)")


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)
