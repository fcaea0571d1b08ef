"""The `yijian` command: the one list of its sub-commands.

A sub-command is a module of this folder. One with a single command has a function `command`; one
with several has a Typer application `commands`. Only the module that is asked for is imported, so
that checking a pack does not wait for a database driver.
"""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass

import typer


@dataclass(frozen=True)
class SubCommand:
    """Where a sub-command lives, what it does, and whether it needs Django to stand ready."""

    module: str
    does: str
    django: bool = True


SUB_COMMANDS = {
    "run": SubCommand(
        "yijian.ops.run_command",
        "启动整个平台 · Start database, pages, worker and sandbox.",
        django=False,
    ),
    "delta": SubCommand(
        "yijian.ops.delta_command",
        "区域通办 · A hub and its provinces on this machine, and drills with them.",
        django=False,
    ),
    "training": SubCommand(
        "yijian.ops.training_command",
        "演练 · A node on which staff practise; nothing of it is real.",
        django=False,
    ),
    "walk": SubCommand(
        "yijian.ops.walk_command",
        "走一遍全流程 · Take families through the running platform over HTTP.",
        django=False,
    ),
    "packs": SubCommand(
        "yijian.ops.packs_command",
        "政策包 · Check, test, explain and print policy packs.",
        django=False,
    ),
    "verify": SubCommand(
        "yijian.ops.verify_command",
        "核验 · Are the records true, and is a document genuine?",
        django=False,
    ),
    "parity": SubCommand(
        "yijian.ops.parity_command",
        "对账 · Compare with the other nodes what both hold, and heal it.",
    ),
    "conformance": SubCommand(
        "yijian.ops.conformance_command",
        "联调检查 · Check a department's own system against the exchange contract.",
        django=False,
    ),
    "worker": SubCommand(
        "yijian.ops.worker_command", "后台任务 · Deliver, poll, seal and notify until stopped."
    ),
    "database": SubCommand(
        "yijian.ops.database_command", "数据库 · Tables, first rows and a shell."
    ),
    "export": SubCommand(
        "yijian.ops.export_command", "导出 · Take a day's cases out for a national case library."
    ),
    "calendar": SubCommand(
        "yijian.ops.calendar_command", "工作日历 · A new year's notice, checked and proposed."
    ),
    "channels": SubCommand(
        "yijian.ops.channels_command", "渠道 · How offices are reached, from when until when."
    ),
    "populate": SubCommand(
        "yijian.ops.populate_command",
        "演示数据 · Made-up families over all offices and days; demonstrations only.",
    ),
    "figures": SubCommand(
        "yijian.ops.figures_command",
        "统计 · The console's numbers, and a recount of them from the journal.",
    ),
    "rights": SubCommand(
        "yijian.ops.rights_command", "访问权限 · Who may ask our registers, and who has."
    ),
    "registers": SubCommand(
        "yijian.ops.registers_command", "登记路由 · Where shared data is asked for."
    ),
    "partners": SubCommand(
        "yijian.ops.partners_command", "参与方 · Who may speak with this node, by which keys."
    ),
    "staff": SubCommand(
        "yijian.ops.staff_command", "人员 · The first security administrator, and who is appointed."
    ),
    "exchange": SubCommand(
        "yijian.ops.exchange_command", "交换 · What waits, what stands still, sending once more."
    ),
    "files": SubCommand(
        "yijian.ops.files_command", "文件包 · Packages for offices without a network."
    ),
    "screenshots": SubCommand(
        "yijian.ops.screenshots_command",
        "拍截图 · Take the READMEs' pictures from the running product.",
        django=False,
    ),
    "manage": SubCommand(
        "yijian.ops.manage_command", "Django 管理命令 · Django's own commands.", django=False
    ),
}


def load(name: str, into: typer.Typer) -> None:
    """Import one sub-command and add it to the application."""
    module = importlib.import_module(SUB_COMMANDS[name].module)
    if hasattr(module, "command"):
        settings = getattr(module, "CONTEXT", None)
        into.command(name, context_settings=settings)(module.command)
    else:
        into.add_typer(module.commands, name=name)


def main(arguments: list[str] | None = None) -> None:
    """Run the sub-command named by the first argument; without one, list them all."""
    given = sys.argv[1:] if arguments is None else arguments
    app = typer.Typer(
        name="yijian",
        help="一件：一家人，一次办。 One birth, one application, every office.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    name = given[0] if given else ""
    if name in SUB_COMMANDS:
        if SUB_COMMANDS[name].django:
            use_django()
        load(name, app)
    else:
        for other, sub_command in SUB_COMMANDS.items():
            app.command(other, help=sub_command.does)(_named_only)
    app(args=given, prog_name="yijian")


def use_django() -> None:
    """Make rows and settings usable in this process; unusable settings end it with their list."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yijian.config.settings")
    django.setup()


def _root() -> None:
    """Without a sub-command there is nothing to do."""


def _named_only() -> None:
    """Stands for a sub-command in the list; it never runs, its own module does."""
