"""算好的: what the workshop works out from the files of a draft, kept so that nobody waits twice.

A result follows from texts alone, and is kept under the digest of all of them and of the program
that made it. What takes long is worked out by the worker, and pages look again. Nothing that is
kept here decides about publishing or is published: there every text is read and checked anew.
"""

import importlib.util
import json
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any, TypeVar

from django.db import transaction

from yijian.records import pack_results

PROGRAM = ("yijian.packs", "yijian.domain", "yijian.actions")
LIBRARIES = ("pyyaml", "ruamel.yaml", "pydantic", "cel-expr-python")
"""The parts of the program that a result can follow from, and what they read packs with."""

MAX_REMEMBERED = 32

_remembered: OrderedDict[str, Any] = OrderedDict()
Made = TypeVar("Made")


def key_of(kind: str, *follows_from: str) -> str:
    """The key of what follows from these, as this program works it out."""
    return sha256(json.dumps([kind, THIS_PROGRAM, *follows_from]).encode()).hexdigest()


def program() -> str:
    """The digest of the program's text as it lies on the disk, and of what it stands on."""
    digest = sha256(f"{python_version()} {[version(name) for name in LIBRARIES]}".encode())
    for package in PROGRAM:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            for path in sorted(Path(folder).rglob("*.py")):
                digest.update(path.read_bytes())
    return digest.hexdigest()


THIS_PROGRAM = program()
"""The program that this process has loaded, whatever is put in its place on the disk later."""


def recall(key: str) -> Any:
    """What is kept under a key, by this process or by any; None when nothing is."""
    known = _at_hand(key)
    if known is None:
        known = pack_results.found(keys=[key]).get(key)
        if known is not None:
            _remember(key, known)
    return known


def at_hand(key: str, make: Callable[[], Made]) -> Made:
    """What this process has made under a key, or makes now; it must not be changed."""
    known: Made | None = _at_hand(key)
    if known is None:
        known = make()
        _remember(key, known)
    return known


def _at_hand(key: str) -> Any:
    with suppress(KeyError):
        _remembered.move_to_end(key)
    return _remembered.get(key)


def _remember(key: str, value: Any) -> None:
    _remembered[key] = value
    while len(_remembered) > MAX_REMEMBERED:
        with suppress(KeyError):
            _remembered.popitem(last=False)


def keep(key: str, kind: str, value: Any) -> None:
    """Keep a value for all processes, once the transaction is over."""
    _remember(key, value)
    transaction.on_commit(lambda: pack_results.keep(kind=kind, values={key: value}), robust=True)


def forget(*, now: datetime) -> int:
    """Drop results that are old."""
    return pack_results.forget(now=now)
