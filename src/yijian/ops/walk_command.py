"""`yijian walk`: families go through the product over HTTP; the exit status says how it went."""

from __future__ import annotations

import secrets
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import zip_longest
from pathlib import Path
from types import FrameType
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from yijian.domain.clocks import SHANGHAI
from yijian.ops.acquaint import NotAcquaintedError, send_families
from yijian.ops.database import DatabaseNotStarted
from yijian.ops.delta_walking import pairs_of, running_region, walk_pairs
from yijian.ops.lively import lives_outside
from yijian.ops.running import Platform, PlatformNotStarted
from yijian.ops.walk import Interrupted, Json, Walk, difference
from yijian.ops.walk_families import Guest, invite, moment_after
from yijian.ops.walk_pages import WalkError
from yijian.ops.walk_release import Release
from yijian.packs.examples import example_files, load_example
from yijian.packs.findings import PackError
from yijian.packs.loading import load_context, running_codes

AT_ONCE = 16
ALL = "all"
MOST_PAIRS = 6
"""Families that walk through five nodes at the same time; more only wait for each other."""
DEPARTMENTS_HASTE = ("--delay", "0.2-0.6")
DIFFERENT, NOT_WALKED, INTERRUPTED = 1, 2, 130
PATIENCE_SECONDS = 30.0
out = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Place:
    """A running platform and the world around it."""

    node: str
    sandbox: str


@dataclass(frozen=True)
class Result:
    """How one family's walk came out."""

    guest: Guest
    line: str
    problem: str
    seconds: float
    ended: float = 0.0

    @property
    def pack(self) -> str:
        """The code of the pack whose example this is."""
        return self.guest.context.pack.code

    @property
    def name(self) -> str:
        """The example by pack and name."""
        return f"{self.pack}/{self.guest.name}"


def command(
    pack: Annotated[
        str, typer.Option(help="政策包 Code of the policy pack, or all; the first if left out.")
    ] = "",
    family: Annotated[
        str, typer.Option(help="第几个样例，或它的名字 Number of the example, or its name.")
    ] = "1",
    every: Annotated[
        bool, typer.Option("--all", help="所有样例 Every example, several at once.")
    ] = False,
    url: Annotated[str, typer.Option(help="已在运行的平台 A running platform's address.")] = "",
    sandbox: Annotated[
        str, typer.Option(help="它的模拟环境 Its sandbox; asked from the platform if left out.")
    ] = "",
    packs_dir: Annotated[Path, typer.Option(envvar="YIJIAN_PACKS_DIR", hidden=True)] = Path(
        "packs"
    ),
    at_once: Annotated[
        int, typer.Option(min=1, max=64, help="Families at the same time.")
    ] = AT_ONCE,
    release: Annotated[
        Path | None,
        typer.Option(help="把每份文件写进这个文件夹 Write every file of the families into it."),
    ] = None,
    delta: Annotated[
        bool, typer.Option("--delta", help="跨省 A hub and its provinces; a family per pair.")
    ] = False,
    pair: Annotated[
        list[str] | None,
        typer.Option(help="出生地:户籍地 With --delta: one pair or more, as 310000:340000."),
    ] = None,
    region: Annotated[
        Path | None, typer.Option(help="在运行的区域 With --delta: the folder of a running one.")
    ] = None,
    manual: Annotated[
        list[str] | None, typer.Option(help="没有系统的省 With --delta: provinces without a node.")
    ] = None,
) -> None:
    """走一遍 · Take a family through the whole product over HTTP, from login to the last item.

    Without --url everything is started on free ports with an empty database, and stopped again.
    """
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, end)
    if delta:
        pairs = ",".join(pair or [])
        work = partial(_walk_region, region, packs_dir, pack, manual or [], pairs, at_once, stop)
    else:
        wanted = "" if every else family
        work = partial(
            _walk_examples, packs_dir, pack, wanted, url, sandbox, at_once, release, stop
        )
    raise typer.Exit(_status(work, stop))


def _status(work: Callable[[], int], stop: threading.Event) -> int:
    """The exit status of a walk; what keeps it from walking at all is told in red."""
    try:
        code = work()
    except (WalkError, PlatformNotStarted, DatabaseNotStarted, PackError, NotAcquaintedError,
            httpx.HTTPError) as failure:  # fmt: skip
        if stop.is_set():
            return INTERRUPTED
        typer.secho(str(failure), err=True, fg="red")
        return NOT_WALKED
    return INTERRUPTED if stop.is_set() else code


def _walk_region(
    folder: Path | None, packs_dir: Path, pack: str, manual: Sequence[str], pairs: str,
    at_once: int, stop: threading.Event,
) -> int:  # fmt: skip
    wanted = pairs_of(pairs)
    with running_region(folder, packs_dir, pack, manual, stop) as ground:
        wrong = walk_pairs(ground, wanted, min(at_once, MOST_PAIRS), stop)
    return DIFFERENT if wrong else 0


def _walk_examples(
    packs_dir: Path, pack: str, family: str, url: str, sandbox: str, at_once: int,
    release: Path | None, stop: threading.Event,
) -> int:  # fmt: skip
    """One example, or every one when none is named."""
    codes = _codes(packs_dir, pack, every=not family)
    guests = _guests(packs_dir, codes, family)
    with _place(url, sandbox, codes, stop) as place:
        kept = Release(release) if release else None
        many = 1 if family else at_once
        code = walk_all(place, guests, many, stop, alone=bool(family), release=kept)
        if kept is not None:
            out.print(f"{len(kept.kept)} files: {kept.write_index()}")
    return code


def _codes(packs_dir: Path, pack: str, *, every: bool) -> tuple[str, ...]:
    """The packs to walk: the one named; all of them; or for one family the first of them."""
    running = running_codes(packs_dir)
    if pack not in (*running, "", ALL):
        raise WalkError(f"没有这个政策包 no such pack: {pack}; {', '.join(running)}")
    if pack == ALL or (every and not pack):
        return running
    return (pack,) if pack else running[:1]


def _guests(packs_dir: Path, codes: Sequence[str], wanted: str) -> list[Guest]:
    """The examples of the packs as guests, taken in turns, so that no pack waits for another."""
    now, by_pack = datetime.now(UTC), []
    for code in codes:
        context, files = load_context(packs_dir, code), example_files(packs_dir, code)
        if wanted:
            files = tuple(path for path in files if _is(path.stem, wanted))
            if len(files) != 1:
                raise WalkError(f"没有这个样例，或不止一个 no example, or several: {wanted}")
        mark = secrets.token_hex(4)
        families = [load_example(packs_dir, path) for path in files]
        by_pack.append(
            [
                invite(family, context, moment_after(now, number), mark=mark)
                for number, family in enumerate(families)
                if lives_outside(family)
            ]
        )
    turns = zip_longest(*by_pack)
    return [guest for turn in turns for guest in turn if guest is not None]


def _is(stem: str, wanted: str) -> bool:
    number = stem.split("-")[0]
    if wanted.isdigit() and number.isdigit():
        return int(number) == int(wanted)
    return stem == wanted or stem.partition("-")[2] == wanted


@contextmanager
def _place(url: str, sandbox: str, codes: Sequence[str], stop: threading.Event) -> Iterator[Place]:
    """The platform to walk through: the running one, or one of our own that leaves nothing."""
    if url:
        yield Place(url.rstrip("/"), (sandbox or _sandbox_of(url)).rstrip("/"))
        return
    with tempfile.TemporaryDirectory(prefix="yijian-walk-") as folder:
        platform = Platform(
            Path(folder),
            port=0,
            sandbox_port=0,
            packs=",".join(codes),
            settings={"UNDO_SECONDS": "1"},
            durable=False,
            sandbox_options=DEPARTMENTS_HASTE,
        )
        platform.start(unless=stop)
        try:
            yield Place(platform.address, platform.sandbox_address)
        finally:
            platform.stop()


def _sandbox_of(url: str) -> str:
    """The sandbox that a demonstration's front page links to."""
    from yijian.ops.walk_pages import Browser

    browser = Browser(url)
    try:
        inbox = browser.get("/demo/").link("/sms")
    finally:
        browser.close()
    if not inbox:
        raise WalkError(f"{url} 没有说模拟环境在哪里，请用 --sandbox (name its sandbox)")
    return inbox.removesuffix("/sms")


def walk_all(
    place: Place,
    guests: list[Guest],
    at_once: int,
    stop: threading.Event,
    *,
    alone: bool,
    release: Release | None = None,
) -> int:
    """Walk every family, some at the same time; the exit status."""
    with httpx.Client(base_url=place.sandbox, timeout=PATIENCE_SECONDS) as client:
        send_families(client, [guest.family for guest in guests])
        staff = client.get("/staff").raise_for_status().json()
    results = []
    with ThreadPoolExecutor(at_once) as pool:
        walks = [
            pool.submit(walk_one, place, guest, staff, stop, alone=alone, release=release)
            for guest in guests
        ]
        for done in as_completed(walks):
            result = done.result()
            results.append(result)
            if not alone and not stop.is_set():
                _print_line(result, len(results), len(guests))
    if stop.is_set():
        return INTERRUPTED
    if not alone:
        _print_failures(results)
        _print_packs(results)
    return DIFFERENT if any(result.problem for result in results) else 0


def walk_one(
    place: Place,
    guest: Guest,
    staff: list[Json],
    stop: threading.Event,
    *,
    alone: bool,
    release: Release | None = None,
) -> Result:
    """Walk one family; alone it tells every step."""
    began = time.monotonic()

    def tell(who: str, what: str) -> None:
        if alone:
            moment = datetime.now(SHANGHAI).strftime("%H:%M:%S")
            out.print(f"[dim]{moment}[/] [bold]{who:>20}[/]  {what}", markup=True)

    if alone:
        out.print(f"[bold]{guest.name}[/]  {guest.title}")
    if stop.is_set():
        return Result(guest, "", "interrupted", 0.0)
    try:
        walk = Walk(guest, place.node, place.sandbox, staff, tell, stop, release=release)
        outcome = walk.run()
        line, problem = outcome.last_line, difference(guest.expected, outcome)
    except Interrupted:
        line, problem = "", "interrupted"
    except (WalkError, httpx.HTTPError) as failure:
        line, problem = "", str(failure)
    if alone:
        if problem:
            out.print(f"[red]{problem}[/]")
        if line:
            out.print(line)
    ended = time.monotonic()
    return Result(guest, line, problem, ended - began, ended)


def _print_line(result: Result, number: int, total: int) -> None:
    sign = "[red]✗[/]" if result.problem else "[green]✓[/]"
    words = result.problem or result.line
    out.print(f"{number:>3}/{total} {sign} {result.name} {result.seconds:5.1f} s  {words}")


def _print_failures(results: Sequence[Result]) -> None:
    """Once more what came out otherwise: among hundreds of lines nobody finds it."""
    failed = sorted((one for one in results if one.problem), key=lambda one: one.name)
    if failed:
        out.print("[red]otherwise than expected[/]")
    for result in failed:
        out.print(f"[red]✗[/] {result.name}  {result.problem}")


def _print_packs(results: Sequence[Result]) -> None:
    """For each pack: walked, as expected, and the seconds from its first family to its last."""
    table = Table("pack", "walked", "as expected", "seconds", box=None)
    by_pack: dict[str, list[Result]] = {}
    for result in results:
        by_pack.setdefault(result.pack, []).append(result)
    for pack, some in sorted(by_pack.items()):
        good = sum(not result.problem for result in some)
        took = max(one.ended for one in some) - min(one.ended - one.seconds for one in some)
        style = "" if good == len(some) else "red"
        table.add_row(pack, str(len(some)), str(good), f"{took:.0f}", style=style)
    out.print(table)
    good = sum(not result.problem for result in results)
    out.print(f"{good} of {len(results)} families came out as they must")
