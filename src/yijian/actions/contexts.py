"""What decisions stand on: the pinned pack of a case, the offices, the working-day calendar."""

import json
import time
from functools import lru_cache

from django.conf import settings

from yijian.domain.cases import Case
from yijian.domain.clocks import Calendar
from yijian.domain.context import Context
from yijian.domain.policy import Pack
from yijian.domain.routing import Directory
from yijian.packs.building import build
from yijian.packs.calendar import load as load_calendar
from yijian.records import people
from yijian.records.models import PackVersion

DIRECTORY_LIFE_SECONDS = 30.0


class NoPackError(Exception):
    """No version of this pack was ever published here; run the node's set-up."""


def current_context() -> Context:
    """The context of new cases: the node's own pack as it is in force."""
    return Context(current_pack(), directory(), calendar())


def context_of(case: Case) -> Context:
    """The context of a running case: the policy of the day it was started."""
    return Context(_pack(case.pack_digest), directory(), calendar())


def current_pack() -> Pack:
    """The published version of the node's pack with the latest day of force."""
    return _pack(_current_digest(settings.YIJIAN.pack, _slice_of_time()))


def calendar() -> Calendar:
    """The working-day calendar of the packs folder."""
    return _calendar(str(settings.YIJIAN.packs_dir))


def directory() -> Directory:
    """Every active office; a change is seen within half a minute by every process."""
    return _directory(_slice_of_time())


def forget() -> None:
    """Read everything anew: after set-up, and between tests."""
    _current_digest.cache_clear()
    _directory.cache_clear()


def _slice_of_time() -> int:
    return int(time.monotonic() / DIRECTORY_LIFE_SECONDS)


@lru_cache(maxsize=64)
def _pack(digest: str) -> Pack:
    row = PackVersion.objects.filter(digest=digest).first()
    if row is None:
        raise NoPackError(digest)
    return build(json.loads(row.canonical))


@lru_cache(maxsize=4)
def _current_digest(code: str, _slice: int) -> str:
    row = PackVersion.objects.filter(code=code).order_by("in_force_from", "stored_at").last()
    if row is None:
        raise NoPackError(code)
    return str(row.digest)


@lru_cache(maxsize=1)
def _calendar(packs_dir: str) -> Calendar:
    return load_calendar(settings.YIJIAN.packs_dir)


@lru_cache(maxsize=2)
def _directory(_slice: int) -> Directory:
    return people.directory()
