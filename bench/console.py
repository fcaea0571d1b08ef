"""Every page of the console at a million cases, through the real server: `python -m bench.console`.

    python -m bench.console [cases] [rounds]

A page counts as fast when its p95 is at most 300 ms. An empty page of the same server, measured
turn and turn about with the others, is the ceiling: only the ratio means anything elsewhere. Charts
are drawn before, as the worker does it; a file that streams counts until its first row.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from bench.node import node

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from bench.console_asks import Ask
    from yijian.records.people import StaffRole

CASES = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
REAL = 2_000
DAYS = 364
EMPTY = "/accessibility/"
LIMIT_MS = 300
WAITING = 102
LIVE = ("/desk/flow/",)
"""Pages that come anew by themselves although they are whole."""
TOKEN = "t" * 32


def main() -> None:
    """Fill, serve, measure, print."""
    with node() as _database:
        from django.core.management import call_command

        from bench import console_rows
        from yijian.ops import populate_command

        populate_command.command(cases=min(REAL, CASES), days=DAYS, seed="1", packs="", processes=2)
        console_rows.multiply(CASES)
        call_command("collectstatic", interactive=False, verbosity=0)
        print(", ".join(f"{count:,} {name}" for name, count in console_rows.sizes().items()))
        with served() as address:
            measure(address)


@contextmanager
def served() -> Iterator[str]:
    """The pages as `yijian run` serves them: granian with two processes."""
    from yijian.ops.ports import free_port

    port = free_port("127.0.0.1")
    address = f"http://127.0.0.1:{port}"
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port),
        "--workers", "2", "--blocking-threads", "4", "--no-ws", "--log-level", "warning",
        "yijian.config.wsgi:application",
    ]  # fmt: skip
    log = Path(os.environ["YIJIAN_VAR_DIR"]) / "server.log"
    with log.open("w") as lines, subprocess.Popen(command, stderr=lines) as server:
        try:
            for _ in range(300):
                try:
                    httpx.get(f"{address}{EMPTY}", timeout=10)
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield address
        finally:
            server.terminate()
            broken = [line for line in log.read_text().splitlines() if '"error"' in line]
            print("\n".join(broken), file=sys.stderr)


def measure(address: str) -> None:
    """Time every page, one after the other, round by round."""
    from bench.console_asks import WORK, Ask, asks

    people = {role: _account(role) for role in WORK}
    cookies = [_cookie(user) for user in people.values()]
    with httpx.Client(base_url=address, timeout=60) as client:
        empty = Ask(EMPTY)
        pages = {empty: cookies[0], **_openable(client, asks(people), cookies)}
        taken: dict[Ask, list[float]] = {page: [] for page in pages}
        for _ in range(ROUNDS):
            for page, cookie in pages.items():
                began = time.perf_counter()
                status = _status(client, page, cookie)
                taken[page].append((time.perf_counter() - began) * 1000)
                assert status == 200, (page, status)
    _report({str(page): times for page, times in taken.items()})


def _report(taken: Mapping[str, list[float]]) -> None:
    ceiling = statistics.median(taken[EMPTY])
    print("| page | p50 ms | p95 ms | x empty page | |\n|---|---|---|---|---|")
    for page, times in sorted(taken.items(), key=lambda one: -statistics.median(one[1])):
        ordered = sorted(times)
        p50, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95) - 1]
        slow = "over" if p95 > LIMIT_MS else ""
        print(f"| {page} | {p50:.1f} | {p95:.1f} | {p50 / ceiling:.1f} | {slow} |")


def _account(role: StaffRole) -> User:
    """An account with this role in an office of the province, which sees everything below it."""
    from django.contrib.auth.models import User

    from yijian.records import people

    offices = people.directory().offices
    centre = next(one.code for one in offices if one.division.endswith("0000"))
    user = User.objects.create(username=f"bench-{role}")
    people.appoint(by=user, office=centre, staff_number=role, roles=[role], name="测试")
    return user


def _cookie(user: User) -> str:
    """The account logged in, able to post; its cookies."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


def _status(client: httpx.Client, ask: Ask, cookie: str) -> int:
    """What is answered to an account, the whole page having come; one that waits is none."""
    headers = {"Cookie": cookie, "X-CSRFToken": TOKEN}
    method = "POST" if ask.fields else "GET"
    fields = dict(ask.fields) or None
    with client.stream(method, ask.page, headers=headers, data=fields) as answer:
        if "content-length" in answer.headers:
            answer.read()
        else:
            next(line for place, line in enumerate(answer.iter_lines()) if place)
        waits = "refresh" in answer.headers and ask.page not in LIVE
        return WAITING if waits else answer.status_code


def _openable(client: httpx.Client, asked: Iterable[Ask], cookies: Iterable[str]) -> dict[Ask, str]:
    """The pages that one of the accounts may open, with its cookies; the others are told."""
    from yijian.actions import charts

    found: dict[Ask, str] = {}
    known = list(cookies)
    for page in asked:
        tried = []
        for cookie in known:
            tried.append(_status(client, page, cookie))
            if tried[-1] == WAITING:
                charts.draw_waiting(now=datetime.now(UTC))
                tried.append(_status(client, page, cookie))
            if tried[-1] == 200:
                found[page] = cookie
                break
        else:
            print(f"not measured: {page} answers {sorted(set(tried))}", file=sys.stderr)
    return found


if __name__ == "__main__":
    main()
