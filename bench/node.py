"""A node with nothing but a durable embedded database, in a folder that is thrown away."""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yijian.ops import keys
from yijian.ops.database import EmbeddedDatabase, socket_folder

PACKS = Path(__file__).resolve().parents[1] / "packs"
PACK = "340000-anhui"


@contextmanager
def node() -> Iterator[EmbeddedDatabase]:
    """Start the database, make the tables, publish the pack; afterwards nothing is left."""
    folder = Path(tempfile.mkdtemp(prefix="yijian-bench-"))
    database = EmbeddedDatabase(
        folder=folder / "postgres", sockets=socket_folder(folder), log=folder / "database.log"
    )
    try:
        _environment(folder)
        database.start()
        _prepare()
        yield database
    finally:
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path) -> None:
    for name in [n for n in os.environ if n.startswith("YIJIAN_")]:
        del os.environ[name]
    (folder / "static").mkdir()
    keys.make_key_pair(folder / "keys", "yijian")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "yijian.config.settings",
        "YIJIAN_DEMO": "yes",
        "YIJIAN_VAR_DIR": str(folder),
        "YIJIAN_PACKS_DIR": str(PACKS),
        "YIJIAN_PACKS": PACK,
        "YIJIAN_SECRET_KEY": "s" * 50,
        "YIJIAN_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
        "YIJIAN_INDEX_KEY": base64.b64encode(os.urandom(32)).decode(),
    }


def _prepare() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from yijian.actions import contexts, setup
    from yijian.records import people

    call_command("migrate", interactive=False, verbosity=0)
    packs = setup.read_packs(PACKS, (PACK,))
    setup.prepare(demo=False, packs=packs)
    # Without number stock: the ceiling has none either.
    people.put_offices([office for pack in packs for office in pack.offices])
    contexts.forget()
