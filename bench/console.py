"""Every page of the console at a million cases, through the real server: `python -m bench.console`.

    python -m bench.console [cases] [rounds]

A page counts as fast when its p95 is at most 300 ms. An empty page of the same server, measured
turn and turn about with the others, is the ceiling: only the ratio means anything elsewhere.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import httpx

from bench.node import node

CASES = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
REAL = 2_000
DAYS = 364
EMPTY = "/accessibility/"
LIMIT_MS = 300
WORK = (
    "supervisor", "operator", "auditor", "policy_editor", "policy_approver", "complaints",
    "routing", "clerk", "system_admin", "security_admin", "audit_admin",
)  # fmt: skip
"""One account for each role; a page is asked for by the first that may open it."""


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
    with subprocess.Popen(command, env=os.environ) as server:
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


def measure(address: str) -> None:
    """Time every page, one after the other, round by round."""
    cookies = [_logged_in(role) for role in WORK]
    with httpx.Client(base_url=address, timeout=60) as client:
        pages = {EMPTY: cookies[0], **_openable(client, _addresses(), cookies)}
        taken: dict[str, list[float]] = {page: [] for page in pages}
        for _ in range(ROUNDS):
            for page, cookie in pages.items():
                began = time.perf_counter()
                answer = client.get(page, headers={"Cookie": cookie})
                taken[page].append((time.perf_counter() - began) * 1000)
                assert answer.status_code == 200, (page, answer.status_code)
    _report(taken)


def _report(taken: Mapping[str, list[float]]) -> None:
    ceiling = statistics.median(taken[EMPTY])
    print("| page | p50 ms | p95 ms | x empty page | |\n|---|---|---|---|---|")
    for page, times in sorted(taken.items(), key=lambda one: -statistics.median(one[1])):
        ordered = sorted(times)
        p50, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95) - 1]
        slow = "over" if p95 > LIMIT_MS else ""
        print(f"| {page} | {p50:.1f} | {p95:.1f} | {p50 / ceiling:.1f} | {slow} |")


def _logged_in(role: str) -> str:
    """An account of an office of the province with this role, logged in; its cookie."""
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    from yijian.records import people
    from yijian.records.people import StaffRole

    user = User.objects.create(username=f"bench-{role}")
    wanted = [StaffRole(role)]
    people.appoint(by=user, office=_centre(), staff_number=role, roles=wanted, name="测试")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def _centre() -> str:
    """An office of the province, which sees everything below it."""
    from yijian.records import people

    offices = people.directory().offices
    return next(one.code for one in offices if one.division.endswith("0000"))


def _openable(
    client: httpx.Client, addresses: Iterable[str], cookies: Iterable[str]
) -> dict[str, str]:
    """The pages that one of the accounts may open, with its cookie; the others are told."""
    found: dict[str, str] = {}
    known = list(cookies)
    for page in addresses:
        tried = {}
        for cookie in known:
            tried[cookie] = client.get(page, headers={"Cookie": cookie}).status_code
            if tried[cookie] == 200:
                found[page] = cookie
                break
        else:
            print(f"not measured: {page} answers {sorted(set(tried.values()))}", file=sys.stderr)
    return found


def _addresses() -> list[str]:
    """Every address of the console that shows something, with real values in it."""
    from django.urls import get_resolver

    from yijian.web.console import urls

    known = _values()
    found = []
    for pattern in urls.urlpatterns:
        name = str(pattern.name)  # type: ignore[union-attr]
        ((template, arguments),) = get_resolver().reverse_dict.getlist(name)[0][0][:1]
        if set(arguments) <= set(known):
            found.append("/" + template % {one: known[one] for one in arguments})
        else:
            print(f"nothing to show on {name}: {arguments}", file=sys.stderr)
    for scope in ("34", "3401", "340104", known["code"]):
        found.append(f"/console/at/{scope}/")
    found += ["/figures/", "/desk/flow/", "/desk/"]
    return list(dict.fromkeys(found))


def _values() -> dict[str, str]:
    """A value for each part of an address of which the filled node has one."""
    from django.db import connection

    asked = {
        "order_id": "SELECT id::text FROM work_order WHERE state <> 'closed' LIMIT 1",
        "staff_id": "SELECT id::text FROM staff LIMIT 1",
        "code": "SELECT code FROM office WHERE kind = 'midwifery_institution' LIMIT 1",
        "month": "SELECT to_char(now(), 'YYYY-MM')",
    }
    found = {"scope": "3401", "name": "trend", "table": "ratings"}
    with connection.cursor() as cursor:
        for name, statement in asked.items():
            cursor.execute(statement)
            row = cursor.fetchone()
            if row is not None:
                found[name] = row[0]
    return found


if __name__ == "__main__":
    main()
