"""What every test stands on: one throw-away PostgreSQL, one fixed now, and no network.

The database starts when the first test asks for it and ends with the run. Nothing is mocked: a
test that needs rows has real ones, rolled back afterwards.
"""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import transaction
from django.db.backends.postgresql.operations import DatabaseOperations

from yijian.ops import keys
from yijian.ops.database import EmbeddedDatabase

PARTNERS = ("hr-340000", "insurance-340000", "tax-340000", "hospital-340100", "police-340100")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


LONG = (
    "tests/journeys/", "tests/web/gallery/", "api/test_contract", "ops/test_running",
    "ops/test_kill", "ops/test_delta", "ops/test_walk", "ops/test_conf",
)  # fmt: skip
"""Files that take minutes: begun last, one core would wait for the other. Those that share a
running platform stand beside each other, so that it ends with the last of them."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, kind by kind; the order of the rest stays as it was drawn."""
    kinds = [*LONG, ""]
    items.sort(key=lambda item: next(i for i, name in enumerate(kinds) if name in item.nodeid))


def pytest_configure() -> None:
    """Make the node's folder, with the keys of everybody it speaks with."""
    var_dir = settings.YIJIAN.var_dir
    var_dir.mkdir(mode=0o700)
    atexit.register(shutil.rmtree, var_dir, ignore_errors=True)
    (var_dir / "static").mkdir()
    for participant in (settings.YIJIAN.node, *PARTNERS):
        keys.make_key_pair(var_dir / "keys", participant)


def _flush_past_triggers(operations: DatabaseOperations, statements: list[str]) -> None:
    """Empty all tables between tests that commit; the journal refuses it to everybody else."""
    with transaction.atomic(), operations.connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)


DatabaseOperations.execute_sql_flush = _flush_past_triggers


@pytest.fixture
def now() -> datetime:
    """The one instant at which tests happen: a Saturday morning in Hefei."""
    return NOW


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Start PostgreSQL before pytest-django makes its test database in it."""
    var_dir = settings.YIJIAN.var_dir
    folder = var_dir / "postgres"
    database = EmbeddedDatabase(
        folder=folder, sockets=folder, log=var_dir / "database.log", durable=False
    )
    database.start()
    yield
    database.stop()
