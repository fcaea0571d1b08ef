"""`yijian manage`: Django's own commands, for this node."""

from __future__ import annotations

import os

import typer
from django.core.management import execute_from_command_line

CONTEXT = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def command(context: typer.Context) -> None:
    """Django 管理命令 · Django's own commands (`migrate`, `shell`, `check --deploy`)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yijian.config.settings")
    execute_from_command_line(["yijian manage", *context.args])
