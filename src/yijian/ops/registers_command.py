"""`yijian registers`: where this node asks about what: the provider of a register and a place."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from django.utils import timezone

from yijian.actions import register_routing
from yijian.domain.clocks import local_day
from yijian.domain.registers import REGISTERS, Provider, Route, RouteKind
from yijian.ops.providers import SecretMissingError, secret_of
from yijian.ops.rights_command import by, fail
from yijian.records import exchange, register_routes

commands = typer.Typer(help="登记路由 · Where shared data is asked for.", no_args_is_help=True)
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
RegisterName = Annotated[str, typer.Argument(help=" ".join(REGISTERS))]
Place = Annotated[
    str, typer.Argument(help="First digits of a division (2, 4 or 6); `any` for anywhere.")
]
ANYWHERE = "any"
WRONG = {
    "register": "没有这项登记服务 (no such register)",
    "place": "应为行政区划前 2、4 或 6 位，或 any (2, 4 or 6 digits, or `any`)",
    "options": "缺少网关参数 --option (this gateway needs more options)",
    "ends_on": "截止日不得早于起始日 (it would end before it begins)",
    "target": "应为允许访问的 https 地址 (must be an https address in a network that is allowed)",
}


@commands.command("list")
def show() -> None:
    """现有路由 · Every route, in the order in which providers are asked."""
    for route in register_routes.listed():
        until = route.ends_on.isoformat() if route.ends_on else "…"
        typer.echo(
            f"{route.register:12} {route.place or ANYWHERE:6} {route.position:>3}"
            f"{'=' if route.at_once else ' '} {route.provider.kind.value:8}"
            f" {route.provider.target}  {route.begins_on} – {until}"
        )


@commands.command("route")
def put(
    register: RegisterName,
    place: Place,
    partner: Annotated[str, typer.Option("--partner", help="Another node, by its code.")] = "",
    url: Annotated[str, typer.Option("--url", help="A register or gateway, by address.")] = "",
    kind: Annotated[
        RouteKind, typer.Option("--kind", help="How an address is spoken to.")
    ] = RouteKind.REGISTER,
    secret: Annotated[str, typer.Option("--secret", help="KEYS_DIR/NAME.secret holds it.")] = "",
    option: Annotated[
        list[str] | None, typer.Option("--option", help="NAME=VALUE for a gateway; repeatable.")
    ] = None,
    position: Annotated[
        int | None, typer.Option("--position", min=1, help="Place in the order; default: last.")
    ] = None,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Asked together with its neighbours.")
    ] = False,
    begins: Day = None,
    until: Day = None,
) -> None:
    """设置路由 · Ask this provider about this register and place from now on."""
    if bool(partner) == bool(url):
        raise fail("请给出 --partner 或 --url 之一 (either --partner or --url)")
    if partner and exchange.partner(partner) is None:
        raise fail(f"没有参与方 {partner} (no such partner)")
    given = dict(one.partition("=")[::2] for one in option or [])
    chosen = RouteKind.YIJIAN if partner else kind
    if secret:
        try:
            secret_of(secret)
        except SecretMissingError:
            raise fail(f"密钥文件夹中没有 {secret}.secret (no such secret file)") from None
    now = timezone.now()
    route = Route(
        register,
        "" if place == ANYWHERE else place,
        Provider(chosen, partner or url.rstrip("/"), secret, given),
        position or register_routes.next_position(register),
        at_once,
        begins.date() if begins else local_day(now),
        until.date() if until else None,
    )
    try:
        register_routing.put(by=by(), route=route, now=now)
    except register_routing.NotARouteError as wrong:
        raise fail(WRONG[wrong.field]) from None
    typer.echo(f"{register} {place} → {route.provider.target} ✓")


@commands.command("end")
def end(register: RegisterName, place: Place, target: str, until: Day = None) -> None:
    """终止路由 · Stop asking a provider, from today or a later day on."""
    ended = register_routing.end(
        register=register,
        place="" if place == ANYWHERE else place,
        target=target,
        on=until.date() if until else local_day(timezone.now()),
    )
    if not ended:
        raise fail("没有这条路由 (no such route)")
    typer.echo(f"{register} {place} ✗ {target}")
