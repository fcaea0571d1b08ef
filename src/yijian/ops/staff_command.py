"""`yijian staff`: the first security administrator of a node, and a list of who is appointed.

Everybody else is appointed on the console, where a second person agrees. What is done here is
logged like everything that administrators do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, NoReturn

import typer
from django.db import transaction
from django.utils import timezone

from yijian.actions.appointments import NUMBER
from yijian.ops.operator import FITS, operator
from yijian.records import administration, people, separation, staff
from yijian.records.people import StaffRole

commands = typer.Typer(
    no_args_is_help=True,
    help="人员：谁有什么岗位。Who is appointed. On the console two persons decide"
    " (/console/staff/); what is done here is logged.",
)
SENTENCES = {
    separation.Clash.ADMINISTRATORS: "三种管理员不能是同一个人 (the three administrators are apart)",
    separation.Clash.ADMINISTRATOR: "管理员不能再有别的岗位 (an administrator is nothing else)",
    separation.Clash.AUDITOR: "审计人员不能办理 (whoever audits handles nothing)",
}
Number = Annotated[str, typer.Argument(help="Staff number, as the identity provider gives it.")]


@commands.command("list")
def show(
    role: Annotated[str, typer.Option(help="Only who has this role.")] = "",
) -> None:
    """人员一览 · Everybody who is appointed, by staff number; no names."""
    for one in staff.listed(role=role, active=True, limit=10_000):
        seen = f"{one.last_seen_at:%Y-%m-%d}" if one.last_seen_at else "-"
        kept = "console" if one.kept_here else "claim"
        typer.echo(
            f"{one.number:24} {one.office:16} {kept:8} {seen:10} {','.join(sorted(one.roles))}"
        )


@commands.command("appoint")
def appoint(
    number: Number,
    *,
    office: Annotated[str, typer.Option(help="Code of the office.")],
    role: Annotated[list[StaffRole], typer.Option("--role", help="A role; repeatable.")],
) -> None:
    """任命 · Appoint somebody by staff number; for the first security administrator."""
    if not NUMBER.fullmatch(number):
        _fail("工号只能用字母、数字、点和横线 (letters, digits, dots and hyphens only)")
    if people.directory().office(office) is None:
        _fail("没有这个机构 (no such office)")
    for clash in separation.clashes(role):
        _fail(SENTENCES[clash])
    with transaction.atomic():
        subject = staff.decide(number=number, office=office, roles=role)
        details = {"office": office, "roles": sorted(role)}
        _note("staff_appointed", subject, details)
    typer.echo(f"{number} {office} {','.join(sorted(role))}")


@commands.command("end")
def end(number: Number) -> None:
    """停止任职 · Take all roles away at once."""
    found = staff.one(number=number)
    if found is None or not found.active:
        _fail("没有在任的这个工号 (nobody with this number is appointed)")
    with transaction.atomic():
        staff.end(staff_id=found.id)
        _note("staff_ended", found.staff, {"roles": sorted(found.roles)})


def _note(what: str, subject: str, details: Mapping[str, object]) -> None:
    administration.note(
        by=operator(), what=what, subject=subject, details=details, now=timezone.now()
    )
    typer.echo(FITS, err=True)


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
