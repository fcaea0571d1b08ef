"""Kill any process at any moment and start again: nothing is lost, doubled or told twice."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.ops.walking import Walked, invited, walk_together
from yijian.ops.running import Platform
from yijian.ops.walk import difference
from yijian.ops.walk_families import Guest

pytestmark = pytest.mark.timeout(600)

PATIENCE = 12
MOMENTS = {
    "同意，开始核验": "worker",
    "核对一遍": "web",
    "爸爸签名并提交": "sandbox",
    "《出生医学证明》签发：complete": "worker",
    "出生登记：approve": "database",
    "科学育儿指导服务登记：complete": "sandbox",
    "缴费 ¥": "web",
}
"""A step of the walk, and who is killed the moment it is told."""
SEED = 20261121
KILLS = 6
DEPARTMENTS = ("hr-340000", "insurance-340000", "tax-340000")


def verify(platform: Platform) -> str:
    """What `yijian verify` says of the platform's records."""
    done = subprocess.run(
        [sys.executable, "-m", "yijian.ops", "verify"],
        env=platform.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return (done.stderr + done.stdout if done.returncode else "").strip()


def messages_told_twice(platform: Platform, guest: Guest) -> list[str]:
    found = []
    for role in ("mother", "father"):
        url = f"{platform.sandbox_address}/sms.json"
        inbox = httpx.get(url, params={"to": guest.family[role]["phone"]}, timeout=30).json()[
            "messages"
        ]
        texts = Counter(message["text"] for message in inbox)
        found += [text for text, times in texts.items() if times > 1]
    return found


def tasks_done_twice(platform: Platform) -> list[Any]:
    """Tasks that a department got or finished more than once."""
    found: list[Any] = []
    for department in DEPARTMENTS:
        url = f"{platform.sandbox_address}/departments/{department}/queue"
        queue = httpx.get(url, timeout=30).json()
        family_items = Counter((t["case_number"], t["item"], t["newborn"]) for t in queue["tasks"])
        ended = Counter(
            (f["body"]["task_id"], f["body"]["state"])
            for f in queue["feedback"]
            if f["outcome"] == "applied"
        )
        found += [key for key, times in (family_items + ended).items() if times > 1]
    return found


@contextmanager
def random_killer(platform: Platform, seed: int) -> Iterator[list[str]]:
    """Somebody who kills a process now and then, the same ones in the same order for a seed."""
    chance, over, killed = random.Random(seed), threading.Event(), []

    def kill() -> None:
        while len(killed) < KILLS and not over.wait(chance.uniform(1.0, 3.0)):
            name = chance.choice(["web", "worker", "sandbox", "database"])
            killed.append(name)
            platform.kill(name)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def assert_nothing_lost_or_doubled(platform: Platform, walked: dict[str, Walked]) -> None:
    for one in walked.values():
        assert one.outcome is not None, one.failure
        assert difference(one.guest.expected, one.outcome) == ""
        assert messages_told_twice(platform, one.guest) == []
    assert tasks_done_twice(platform) == []
    assert verify(platform) == ""


def test_whoever_is_killed_at_a_chosen_moment_nothing_is_lost(town: Platform) -> None:
    town.await_healthy()
    left = dict(MOMENTS)
    lock = threading.Lock()

    def kill_at(_guest: Guest, what: str) -> None:
        with lock:
            for words in [words for words in left if words in what]:
                town.kill(left.pop(words))

    walked = walk_together(town, invited(["01-ordinary-family"]), patience=PATIENCE, hears=kill_at)
    town.await_healthy()
    assert left == {}
    assert_nothing_lost_or_doubled(town, walked)


def test_whoever_is_killed_at_random_nothing_is_lost(town: Platform) -> None:
    town.await_healthy()
    guests = invited(["12-hospital-corrects-once", "15-card-rejected"])
    with random_killer(town, SEED) as killed:
        walked = walk_together(town, guests, patience=PATIENCE)
    town.await_healthy()
    assert len(killed) == KILLS
    assert_nothing_lost_or_doubled(town, walked)
