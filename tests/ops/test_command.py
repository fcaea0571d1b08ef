"""The `yijian` command: complete, quick to load, and clear when it cannot start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from yijian.ops import database_command
from yijian.ops.command import SUB_COMMANDS


def yijian(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {n: v for n, v in os.environ.items() if not n.startswith(("YIJIAN_", "DJANGO_"))}
    env |= {f"YIJIAN_{name}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "yijian.ops", *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", sorted(SUB_COMMANDS))
def test_every_sub_command_explains_itself(name: str, tmp_path: Path) -> None:
    keys = {"DEMO": "yes", "VAR_DIR": str(tmp_path), "SECRET_KEY": "s" * 50}
    keys |= {"MASTER_KEY": "a" * 43 + "=", "INDEX_KEY": "b" * 42 + "c="}
    shown = yijian(name, "--help", **keys)
    assert shown.returncode == 0, shown.stderr
    assert name in shown.stdout


def test_settings_that_cannot_be_used_end_a_command_without_a_traceback(tmp_path: Path) -> None:
    ended = yijian("verify", VAR_DIR=str(tmp_path), MASTER_KEY="x")
    assert ended.returncode == 1
    assert "YIJIAN_MASTER_KEY" in ended.stderr
    assert "YIJIAN_SECRET_KEY" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_command_that_does_not_exist_is_refused() -> None:
    assert yijian("wlak").returncode == 2


def test_checking_packs_does_not_wait_for_a_database_driver() -> None:
    program = "import sys; from yijian.ops.command import main\n"
    program += "try: main(['packs', '--help'])\nexcept SystemExit: pass\n"
    program += "print(sorted({'django', 'psycopg'} & set(sys.modules)))"
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert shown.stdout.splitlines()[-1] == "[]"


@pytest.mark.django_db
def test_production_refuses_a_database_that_may_lose_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "YIJIAN", settings.YIJIAN.model_copy(update={"demo": False}))
    # The tests' own database is such a one: it is thrown away.
    with pytest.raises(SystemExit, match="fsync=off"):
        database_command.refuse_lossy_database()


@pytest.mark.django_db
def test_values_travel_beside_the_statement_and_never_inside_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text", ["110101199003070011"])
        assert cursor.fetchone() == ("110101199003070011",)
    assert connection.settings_dict["OPTIONS"]["server_side_binding"] is True
