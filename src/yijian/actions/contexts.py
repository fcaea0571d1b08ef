"""What decisions stand on: the pinned pack of a case, the offices, the working-day calendar."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache

from django.conf import settings

from yijian.domain.cases import Case
from yijian.domain.clocks import SHANGHAI, Calendar
from yijian.domain.context import Context
from yijian.domain.policy import Pack
from yijian.domain.routing import Directory
from yijian.domain.schemes import covers
from yijian.packs import divisions
from yijian.packs.building import build
from yijian.packs.calendar import load as load_calendar
from yijian.records import calendar_years, pack_versions, people
from yijian.records.models import PackVersion

DIRECTORY_LIFE_SECONDS = 30.0


class NoPackError(Exception):
    """No version of this pack is in force here; run the node's set-up."""


def codes() -> tuple[str, ...]:
    """The packs this node offers: those chosen by its settings, or all that it has published."""
    if settings.YIJIAN.offers_none:
        return ()
    chosen: tuple[str, ...] = settings.YIJIAN.pack_codes
    if chosen:
        return chosen
    published = _published(slice_of_time(), _today())
    return tuple(code for code in published if code not in settings.YIJIAN.received_codes)


def received_codes() -> tuple[str, ...]:
    """The packs under which this node only handles what other nodes send."""
    came = _came(slice_of_time(), _today())
    own = codes()
    known = dict.fromkeys((*settings.YIJIAN.received_codes, *came))
    kept = {*came, *_published(slice_of_time(), _today())}
    return tuple(code for code in known if code not in own and code in kept)


def offered() -> tuple[Pack, ...]:
    """Every pack under which families can apply here, as it is in force."""
    return tuple(current_pack(code) for code in codes())


def packs() -> tuple[Pack, ...]:
    """Every pack this node works under, as it is in force: the offered and the received ones."""
    return (*offered(), *(_newest(code, received=True) for code in received_codes()))


def packs_at(division: str, *, received: bool = False) -> tuple[Pack, ...]:
    """The offered packs that serve a place; all of them when the place is not known.

    With `received` those too whose families apply at another node.
    """
    running = packs() if received else offered()
    serving = tuple(pack for pack in running if covers(pack.divisions, division))
    return serving if division else running


def current_pack(code: str | None = None) -> Pack:
    """The version in force of one of the offered packs; of the first one when none is named.

    Errors: NoPackError for a pack that this node does not offer.
    """
    running = codes()
    wanted = code or next(iter(running), "")
    if wanted not in running:
        raise NoPackError(wanted)
    return _newest(wanted)


def digest_in_force(code: str) -> str | None:
    """The digest of the version of a pack that counts today; None when none does."""
    try:
        return _current_digest(code, slice_of_time(), _today(), code in received_codes())
    except NoPackError:
        return None


def _newest(code: str, *, received: bool = False) -> Pack:
    return pack_of(_current_digest(code, slice_of_time(), _today(), received))


def current_context(code: str | None = None) -> Context:
    """The context of a new case under one of the node's packs."""
    return Context(current_pack(code), directory(), calendar())


def current_contexts() -> tuple[Context, ...]:
    """The contexts of all packs that this node offers."""
    return tuple(current_context(code) for code in codes())


def context_of(case: Case) -> Context:
    """The context of a running case: the policy of the day it was started."""
    return Context(pack_of(case.pack_digest), directory(), calendar())


def calendar() -> Calendar:
    """The working-day calendar of the packs folder, with the years that were taken in since.

    A year that was taken in is seen within half a minute by every process.
    """
    return _calendar(str(settings.YIJIAN.packs_dir), slice_of_time())


def calendar_in_packs() -> Calendar:
    """The working-day calendar as the packs folder has it."""
    return _calendar_in_packs(str(settings.YIJIAN.packs_dir))


def directory() -> Directory:
    """Every active office; a change is seen within half a minute by every process."""
    return _directory(slice_of_time())


def case_link(case: Case) -> str:
    """The address of a case's page. It names the case, never a person."""
    return f"{settings.YIJIAN.public_url}/my/cases/{case.number}/"


def places() -> Mapping[str, str]:
    """Every administrative division of the packs folder by its code, with its full name."""
    return _places(str(settings.YIJIAN.packs_dir))


def forget() -> None:
    """Read everything anew: after set-up, and between tests."""
    _published.cache_clear()
    _came.cache_clear()
    _current_digest.cache_clear()
    _directory.cache_clear()
    _calendar.cache_clear()


def slice_of_time() -> int:
    """A number that changes every half a minute: what is kept under it is not older."""
    return int(time.monotonic() / DIRECTORY_LIFE_SECONDS)


def _today() -> date:
    # Which version is in force is the same question for every page of a day.
    return datetime.now(UTC).astimezone(SHANGHAI).date()  # noqa: TID251


@lru_cache(maxsize=64)
def pack_of(digest: str) -> Pack:
    """The pack version with this digest. Errors: NoPackError when it was never published here."""
    row = PackVersion.objects.filter(digest=digest).first()
    if row is None:
        raise NoPackError(digest)
    return build(json.loads(row.canonical))


@lru_cache(maxsize=4)
def _published(_slice: int, today: date) -> tuple[str, ...]:
    return pack_versions.codes_in_force(on=today)


@lru_cache(maxsize=4)
def _came(_slice: int, today: date) -> tuple[str, ...]:
    return pack_versions.codes_in_force(on=today, received=True)


@lru_cache(maxsize=64)
def _current_digest(code: str, _slice: int, today: date, received: bool) -> str:
    digest = pack_versions.digest_in_force(code=code, on=today, received=received)
    if digest is None:
        raise NoPackError(code)
    return digest


@lru_cache(maxsize=2)
def _calendar(packs_dir: str, _slice: int) -> Calendar:
    found = _calendar_in_packs(packs_dir)
    for taken in calendar_years.listed():
        found = found.with_year(taken.year, taken.off, taken.worked)
    return found


@lru_cache(maxsize=1)
def _calendar_in_packs(packs_dir: str) -> Calendar:
    return load_calendar(settings.YIJIAN.packs_dir)


@lru_cache(maxsize=1)
def _places(packs_dir: str) -> Mapping[str, str]:
    table = divisions.load(settings.YIJIAN.packs_dir)
    return {code: table.full_name(code) for code in table.rows}


@lru_cache(maxsize=2)
def _directory(_slice: int) -> Directory:
    return people.directory()
