"""`yijian partners`: who may speak with this node, by which keys, and this node's own key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from django.db import transaction
from django.utils import timezone

from yijian.actions import contexts, partners
from yijian.actions.partners import PartnerGiven, PartnerRefusedError
from yijian.ops import own_key
from yijian.ops.operator import FITS, operator
from yijian.ops.outside import caller
from yijian.records import administration, people

commands = typer.Typer(
    no_args_is_help=True,
    help="参与方：谁可以与本节点交换。Who may speak here. On the console two persons decide"
    " (/console/partners/); what is done here is logged.",
)
keys = typer.Typer(no_args_is_help=True, help="参与方的密钥，可以新旧并用。Keys, with overlap.")
own = typer.Typer(no_args_is_help=True, help="更换本节点的密钥。This node's own key.")
commands.add_typer(keys, name="key")
commands.add_typer(own, name="own-key")
SENTENCES = {
    "wrong_code": "代码只能用字母、数字和连字符 (letters, digits and hyphens only)",
    "wrong_kind": "种类是 department 或 node (department or node)",
    "wrong_key": "不是 Ed25519 公钥 PEM (not one Ed25519 public key as PEM)",
    "too_many_keys": "最多同时三把密钥，请先去掉旧的 (drop an old key first)",
    "unknown_key": "没有这把密钥 (no such key)",
    "last_key": "这是最后一把；要停用请用 stop (the last key; use stop)",
    "unknown_partner": "没有这个参与方 (no such partner)",
    "not_an_events_address": "地址要以 /events 结尾 (the address ends in /events)",
    "not_an_address": "不是 http 或 https 地址 (not an http or https address)",
    "names_a_user": "地址里不能有用户名 (no user name in the address)",
    "not_https": "对外地址必须是 https (must be https)",
    "no_such_host": "找不到这个主机 (no such host)",
    "forbidden_address": "这个地址不能用 (nobody may be sent there)",
    "only_the_sandbox": "演练节点只能与自己的沙箱交换 (a training node speaks with its sandbox alone)",
    "private_address": "内网地址，须列入 YIJIAN_PARTNER_NETWORKS (a private address; see that setting)",
}
Code = Annotated[str, typer.Argument(help="The partner's code.")]
KeyFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A public key, PEM.")]


def _fail(code: str) -> NoReturn:
    typer.echo(SENTENCES.get(code, code), err=True)
    raise typer.Exit(1)


def _note(what: str, code: str) -> None:
    """Whoever has the keyboard needs no second person, and leaves a trace."""
    administration.note(by=operator(), what=what, subject=f"partner:{code}", now=timezone.now())


@commands.command("list")
def show() -> None:
    """参与方一览 · Every partner: kind, keys, address, items."""
    for row in partners.everyone():
        state = "" if row.active else "  已停用 stopped"
        thin = "  只通知 thin" if row.thin else ""
        typer.echo(f"{row.code:24} {row.kind:10} {row.endpoint or '-'}{thin}{state}")
        name = " ".join(filter(None, [row.name_zh, row.name_en]))
        typer.echo(f"    {name or '-'}  keys {' '.join(partners.keys_of(row))}")
        typer.echo(f"    items {','.join(row.items) or '-'}")


@commands.command("add")
def add(
    code: Code,
    key: KeyFile,
    *,
    kind: Annotated[str, typer.Option(help="department or node")] = "department",
    endpoint: Annotated[str, typer.Option(help="Where its events go: https://…/events")] = "",
    item: Annotated[list[str] | None, typer.Option(help="An item; `all` for every one.")] = None,
    thin: Annotated[bool, typer.Option("--thin", help="Only tell which task.")] = False,
    name: Annotated[str, typer.Option(help="Its name in Chinese.")] = "",
    name_en: Annotated[str, typer.Option(help="Its name in English.")] = "",
) -> None:
    """登记参与方，或改变登记 · Make a partner known, or change what is known of it."""
    known = {code for pack in contexts.packs() for code in pack.items} if item else set()
    items = known if item == ["all"] else set(item or ())
    if items - known:
        _fail(f"没有事项 {', '.join(sorted(items - known))} (no such item)")
    given = PartnerGiven(
        code=code,
        kind=kind,
        endpoint=endpoint,
        items=tuple(sorted(items)),
        offices=people.directory().offices_of(code),
        thin=thin,
        name_zh=name,
        name_en=name_en,
    )
    try:
        with transaction.atomic():
            row = partners.add(given, public_key=key.read_bytes())
            _note("partner_added", code)
    except PartnerRefusedError as refused:
        _fail(refused.code)
    typer.echo(FITS, err=True)
    typer.echo(f"{row.code}  {' '.join(partners.keys_of(row))}")


@commands.command("stop")
def stop(code: Code) -> None:
    """停用 · Take nothing from this partner any more, and send it nothing."""
    try:
        with transaction.atomic():
            partners.stop(code)
            _note("partner_stopped", code)
    except PartnerRefusedError as refused:
        _fail(refused.code)


@keys.command("add")
def add_key(code: Code, key: KeyFile) -> None:
    """让新密钥与旧密钥并用 · Let another key count too."""
    try:
        with transaction.atomic():
            added = partners.add_key(code, key.read_bytes())
            _note("partner_key_added", code)
    except PartnerRefusedError as refused:
        _fail(refused.code)
    typer.echo(added or "已经在用 (counts already)")


@keys.command("drop")
def drop_key(code: Code, fingerprint: Annotated[str, typer.Argument()]) -> None:
    """去掉一把密钥 · Let a key count no longer."""
    try:
        with transaction.atomic():
            partners.drop_key(code, fingerprint)
            _note("partner_key_dropped", code)
    except PartnerRefusedError as refused:
        _fail(refused.code)


@own.command("make")
def make_own() -> None:
    """第一步：生成新密钥 · First: make the next key."""
    typer.echo(own_key.make())


@own.command("announce")
def announce_own() -> None:
    """第二步：用旧密钥签名告知各节点 · Second: tell every node, signed with the old key."""
    try:
        told = own_key.announce(caller())
    except own_key.NoNextKeyError:
        _fail("请先 make (make one first)")
    for one in told:
        typer.echo(f"{one.partner:24} {one.problem or '已收到 taken'}")
    if any(one.problem for one in told):
        raise typer.Exit(1)


@own.command("use")
def use_own() -> None:
    """第三步：改用新密钥，然后重启 · Third: sign with it, then start web and workers anew."""
    try:
        typer.echo(own_key.use())
    except own_key.NoNextKeyError:
        _fail("请先 make (make one first)")
