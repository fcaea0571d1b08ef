"""`yijian rights`: which partner may ask which of this node's registers, and what was asked."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from datetime import datetime, time
from typing import Annotated

import typer
from django.db import transaction
from django.utils import timezone

from yijian.actions import providing
from yijian.domain.clocks import SHANGHAI
from yijian.domain.registers import EVERYTHING, REGISTERS, Right
from yijian.ops.operator import FITS, operator
from yijian.records import administration, exchange, rights

commands = typer.Typer(
    help="访问权限 · Who may ask our registers, and who has.", no_args_is_help=True
)
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
WRONG = {
    "register": "没有这项登记服务 (no such register)",
    "purposes": "至少写明一个用途 (at least one purpose)",
    "fields": "没有这个可选字段 (no such optional field)",
    "daily_budget": "每日次数至少为 1 (the budget is at least 1)",
    "ends_at": "截止日不得早于起始日 (it would end before it begins)",
}


def by() -> str:
    """Who is at the keyboard, as it stands in the records."""
    return f"operator:{getpass.getuser()}"


def fail(sentence: str) -> typer.Exit:
    """Say why nothing was done."""
    typer.echo(sentence, err=True)
    return typer.Exit(1)


@commands.command("list")
def show(
    ended: Annotated[bool, typer.Option("--ended", help="Also those that were ended.")] = False,
) -> None:
    """现有权限 · Every right that stands."""
    for one in rights.listed(ended=ended):
        right = one.right
        until = right.ends_at.astimezone(SHANGHAI).date().isoformat() if right.ends_at else "…"
        over = f"  ended {one.ended_at:%Y-%m-%d} by {one.ended_by}" if one.ended_at else ""
        typer.echo(
            f"{right.partner:24} {right.register:12} {right.daily_budget:>6}/day"
            f"  {right.begins_at.astimezone(SHANGHAI).date()} – {until}"
            f"  {'consent' if right.consent else 'no consent'}"
            f"  {','.join(sorted(right.purposes))}  {','.join(sorted(right.fields)) or '-'}{over}"
        )


@commands.command("grant")
def grant(
    partner: Annotated[str, typer.Argument(help="Code of the partner.")],
    registers: Annotated[list[str], typer.Argument(help=" ".join(REGISTERS))],
    purpose: Annotated[list[str], typer.Option("--purpose", help="A purpose code; repeatable.")],
    consent: Annotated[
        bool, typer.Option("--consent/--no-consent", help="The family's consent is needed.")
    ] = True,
    field: Annotated[
        list[str] | None,
        typer.Option("--field", help="An optional field; repeatable; left out: all of them."),
    ] = None,
    budget: Annotated[int, typer.Option("--budget", help="Questions a day.")] = 1000,
    begins: Day = None,
    until: Day = None,
) -> None:
    """授予权限 · Let a partner ask registers; a right it had before is replaced."""
    if exchange.partner(partner) is None:
        raise fail(f"没有参与方 {partner} (no such partner)")
    now = timezone.now()
    for register in registers:
        right = Right(
            partner,
            register,
            frozenset(purpose),
            consent,
            frozenset(field or [EVERYTHING]),
            _midnight(begins) or now,
            _midnight(until),
            budget,
        )
        try:
            with transaction.atomic():
                providing.grant(by=by(), right=right, now=now)
                _note("right_granted", partner, register)
        except providing.NotARightError as wrong:
            raise fail(f"{register}: {WRONG[wrong.field]}") from None
        typer.echo(f"{partner} {register} ✓")
    typer.echo(FITS, err=True)


@commands.command("end")
def end(
    partner: Annotated[str, typer.Argument(help="Code of the partner.")],
    registers: Annotated[list[str] | None, typer.Argument(help="Left out: all of them.")] = None,
) -> None:
    """终止权限 · End a partner's rights at once."""
    ended = [register for register in registers or REGISTERS if _ended(partner, register)]
    if not ended:
        raise fail("没有可终止的权限 (there was no such right)")
    typer.echo(f"{partner} {' '.join(ended)} ✗")


def _ended(partner: str, register: str) -> bool:
    with transaction.atomic():
        ended = providing.end(by=by(), partner=partner, register=register, now=timezone.now())
        if ended:
            _note("right_ended", partner, register)
    return ended


def _note(what: str, partner: str, register: str) -> None:
    """Whoever has the keyboard needs no second person, and leaves a trace."""
    administration.note(
        by=operator(),
        what=what,
        subject=f"partner:{partner}",
        details={"register": register},
        now=timezone.now(),
    )


@commands.command("receipts")
def receipts(
    partner: Annotated[str, typer.Option("--partner", help="Only this partner's.")] = "",
    case: Annotated[str, typer.Option("--case", help="Only about the parents of a case.")] = "",
    since: Day = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = 100,
) -> None:
    """查询回执 · What partners have asked, newest first. It names nobody."""
    if case:
        counted = providing.times_told_about_case(case)
        if counted is None:
            raise fail("没有这个办件编号 (no case with this number)")
        typer.echo(f"{case}: {counted}")
        return
    found = rights.questions(partner=partner, since=_midnight(since), limit=limit)
    for line in _lines(found):
        typer.echo(line)


def _lines(found: Iterable[rights.Question]) -> Iterable[str]:
    for one in found:
        yield "  ".join(
            (
                one.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
                str(one.id),
                one.partner,
                one.register,
                one.purpose or "-",
                one.consent[:12] or "-",
                one.outcome + (f" ({one.reason})" if one.reason else ""),
                one.question_digest[:16],
                one.answer_digest[:16] or "-",
            )
        )


def _midnight(day: datetime | None) -> datetime | None:
    return datetime.combine(day.date(), time.min, SHANGHAI) if day else None
