"""`yijian conformance URL`: does a department's own system keep the exchange contract?

It stands in for a node: signs with the node's key, sends events, serves the node's doors on an
address that the vendor's test system is pointed to, and judges what comes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Annotated, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
import typer
from rich.console import Console

from yijian.gateways.signatures.keys import split_keys
from yijian.ops import (
    conformance_events,
    conformance_feed,
    conformance_limits,
    conformance_pull,
    conformance_refusals,
    conformance_reports,
)
from yijian.ops.conformance import Check, good, run
from yijian.ops.conformance_door import Door
from yijian.ops.conformance_report import show, write_junit
from yijian.ops.conformance_rig import Rig
from yijian.ops.conformance_wire import Identity

PUSHED: tuple[Check, ...] = (
    *conformance_limits.CHECKS,
    *conformance_events.CHECKS,
    *conformance_refusals.CHECKS,
    *conformance_reports.CHECKS,
    *conformance_feed.CHECKS,
)
PULLED: tuple[Check, ...] = (*conformance_pull.CHECKS, *conformance_reports.CHECKS)
MAY_BE_LEFT_OUT = frozenset({"feed", "thin", "scans"})
ANSWER_SECONDS = 8.0
"""As long as a node waits for an answer."""
WIDTH = 150


def command(
    url: Annotated[
        str,
        typer.Argument(help="你的系统的地址（/events 之前的部分）· Your system, without /events"),
    ] = "",
    key: Annotated[
        Path, typer.Option(help="节点私钥 PEM，用来签名 · The node's private key")
    ] = Path("yijian.pem"),
    as_: Annotated[str, typer.Option("--as", help="以哪个节点签名 · Sign as this node")] = "yijian",
    partner: Annotated[str, typer.Option(help="你的参与方代码 · Your participant code")] = "",
    partner_key: Annotated[Path, typer.Option(help="你的公钥 PEM · Your public key")] = Path(
        "partner.pub.pem"
    ),
    door: Annotated[
        str, typer.Option(help="模拟节点监听的地址 · Where the node's doors are served")
    ] = "127.0.0.1:8765",
    item: Annotated[
        str, typer.Option(help="交办哪个事项 · The item of the tasks")
    ] = "social_security_card",
    pull: Annotated[
        bool, typer.Option("--pull", help="对方只拉取，没有接收入口 · The system only fetches")
    ] = False,
    only: Annotated[
        str, typer.Option(help="只测这些检查或组，逗号分隔 · Only these checks or groups")
    ] = "",
    without: Annotated[
        str, typer.Option(help="不具备的部分：feed,thin,scans · What is not offered")
    ] = "",
    wait: Annotated[
        float, typer.Option(help="等一条反馈最多多少秒 · Longest wait for a report")
    ] = 60.0,
    settle: Annotated[float, typer.Option(help="静候多少秒 · How long quiet is watched")] = 3.0,
    junit: Annotated[Path | None, typer.Option(help="写出 JUnit XML · Write JUnit XML")] = None,
) -> None:
    """联调检查 · Check a department's own system against the exchange contract."""
    checks = chosen(PULLED if pull else PUSHED, only)
    left_out = named(without)
    if left_out - MAY_BE_LEFT_OUT:
        raise typer.BadParameter(f"--without: {', '.join(sorted(MAY_BE_LEFT_OUT))}")
    if not pull and not url.startswith(("http://", "https://")):
        raise typer.BadParameter("URL: http://… or https://… (or --pull)")
    identity, public = _read_keys(as_, key, partner, partner_key)
    node = Door(f"http://{door}", partner, public, time.monotonic)
    console = Console(width=max(WIDTH, Console().width))
    patience = httpx.Client(timeout=ANSWER_SECONDS, follow_redirects=False, trust_env=False)
    base = url.rstrip("/").removesuffix("/events")
    with served(node, door), patience as client:
        console.print(f"请把系统的节点地址指向 point your system to: {node.address}  keyid {as_}")
        rig = Rig(base, identity, client, node, time.sleep, time.monotonic, item=item)
        rig.wait_seconds, rig.settle_seconds, rig.pulled = wait, settle, pull
        findings = run(rig, checks, without=left_out)
    show(findings, console)
    if junit is not None:
        write_junit(findings, junit)
    raise typer.Exit(0 if good(findings) else 1)


def named(text: str) -> frozenset[str]:
    """The names in a comma list."""
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def chosen(checks: Sequence[Check], only: str) -> list[Check]:
    """The checks that `only` names by code or group; all when it names none."""
    wanted = named(only)
    known = {check.code for check in checks} | {check.group for check in checks}
    if wanted - known:
        raise typer.BadParameter(f"--only: {', '.join(sorted(known))}")
    return [c for c in checks if not wanted or c.code in wanted or c.group in wanted]


def _read_keys(node: str, key: Path, partner: str, partner_key: Path) -> tuple[Identity, bytes]:
    if not partner:
        raise typer.BadParameter("--partner: 你的参与方代码 · your participant code")
    for path in (key, partner_key):
        if not path.is_file():
            raise typer.BadParameter(f"没有文件 no such file: {path}")
    try:
        identity = Identity.read(node, key.read_bytes())
    except (ValueError, TypeError):
        raise typer.BadParameter(
            f"--key: 不是 Ed25519 私钥 no Ed25519 private key: {key}"
        ) from None
    public = partner_key.read_bytes()
    if not split_keys(public):
        raise typer.BadParameter(f"--partner-key: 不是公钥 PEM no public key: {partner_key}")
    return identity, public


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """The door remembers what it heard; nothing is logged."""


@contextmanager
def served(app: Callable[..., Any], address: str) -> Iterator[None]:
    """Serve the doors of the node while the run lasts."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise typer.BadParameter("--door HOST:PORT")
    server = make_server(host, int(port), app, server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
