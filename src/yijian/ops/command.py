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
    """Where a sub-command lives, and whether Django stands ready before it is imported."""

    module: str
    django: bool = True


SUB_COMMANDS = {
    "run": SubCommand("yijian.ops.run_command", django=False),
    "database": SubCommand("yijian.ops.database_command"),
    "worker": SubCommand("yijian.ops.worker_command"),
    "packs": SubCommand("yijian.ops.packs_command", django=False),
    "walk": SubCommand("yijian.ops.walk_command", django=False),
    "verify": SubCommand("yijian.ops.verify_command"),
    "manage": SubCommand("yijian.ops.manage_command", django=False),
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
    wanted = [given[0]] if given and given[0] in SUB_COMMANDS else list(SUB_COMMANDS)
    if len(wanted) == 1 and SUB_COMMANDS[wanted[0]].django:
        use_django()
    for name in wanted:
        load(name, app)
    app(args=given, prog_name="yijian")


def use_django() -> None:
    """Make rows and settings usable in this process; unusable settings end it with their list."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yijian.config.settings")
    django.setup()


def _root() -> None:
    """Without a sub-command there is nothing to do."""
