"""A production node is strict: what Django can check about safety, it finds in order."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from yijian.ops import keys


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    """The environment of a production node in a folder of its own."""
    keys.make_key_pair(tmp_path / "keys", "yijian")
    (tmp_path / "static").mkdir()
    plain = {n: v for n, v in os.environ.items() if not n.startswith(("YIJIAN_", "DJANGO_"))}
    return plain | {
        "YIJIAN_VAR_DIR": str(tmp_path),
        "YIJIAN_SECRET_KEY": base64.b64encode(os.urandom(60)).decode(),
        "YIJIAN_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
        "YIJIAN_INDEX_KEY": base64.b64encode(os.urandom(32)).decode(),
        "YIJIAN_PUBLIC_URL": "https://birth.example.cn",
        "YIJIAN_IDENTITY_ISSUER": "https://login.example.cn/oidc",
        "YIJIAN_FACE_URL": "https://face.example.cn/check",
        "YIJIAN_SEALS_URL": "https://seals.example.cn",
    }


def manage(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "yijian.ops", "manage", *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_django_finds_nothing_unsafe_in_production(production: dict[str, str]) -> None:
    checked = manage(production, "check", "--deploy", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr


def test_a_production_page_may_load_and_reach_nothing_else(production: dict[str, str]) -> None:
    program = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "answer = Client().get('/healthz', secure=True, headers={'host': 'birth.example.cn'})\n"
        "print(answer.headers['Content-Security-Policy'])\n"
        "print(answer.headers['Strict-Transport-Security'])\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program],
        env=production | {"DJANGO_SETTINGS_MODULE": "yijian.config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    policy, transport = shown.stdout.splitlines()
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";") if part.strip())
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["form-action"] == "'self' https://login.example.cn https://face.example.cn"
    assert "unsafe" not in policy
    assert transport.startswith("max-age=31536000")


def test_django_s_models_and_migrations_agree(production: dict[str, str]) -> None:
    """The check needs no database: it warns that none answers and compares the files."""
    compared = manage(production, "makemigrations", "--check", "--dry-run")
    assert compared.returncode == 0, compared.stdout + compared.stderr
