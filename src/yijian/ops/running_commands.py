"""The command lines of a platform's processes, all but the database's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Protocol


class Node(Protocol):
    """What of a platform its command lines depend on."""

    @property
    def address(self) -> str: ...

    demo: bool
    node: str
    host: str
    port: int
    sandbox_port: int
    var_dir: Path
    web_processes: int
    sandbox_options: tuple[str, ...]
    worker_options: tuple[str, ...]


def command_lines(platform: Node) -> dict[str, list[str]]:
    """The command line of each process by its name, in the order of starting."""
    commands: dict[str, list[str]] = {}
    if platform.demo:
        commands["sandbox"] = [
            sys.executable, "-m", "sandbox", "--port", str(platform.sandbox_port),
            "--keys", str(platform.var_dir / "keys"), "--node-url", platform.address,
            "--node", platform.node, "--state", str(platform.var_dir / "sandbox.jsonl"),
            *platform.sandbox_options,
        ]  # fmt: skip
    commands["web"] = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", platform.host,
        "--port", str(platform.port), "--workers", str(platform.web_processes),
        "--blocking-threads", "4", "--no-ws", "--respawn-failed-workers",
        "--respawn-interval", "0.2", "--workers-kill-timeout", "5",
        "--log-level", "warning", "yijian.config.wsgi:application",
    ]  # fmt: skip
    commands["worker"] = [sys.executable, "-m", "yijian.ops", "worker", *platform.worker_options]
    return commands
