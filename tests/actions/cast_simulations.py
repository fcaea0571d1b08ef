"""A draft that widens a rule and lengthens a limit, and past families whose policy it would be."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from tests.actions.cast import clerk
from tests.web.cast import publish
from yijian.actions import workshop
from yijian.domain.cases import Case
from yijian.domain.events import Event
from yijian.domain.history import apply_all
from yijian.packs.families import parse
from yijian.packs.loading import load_context
from yijian.packs.overlay import files_of
from yijian.packs.rehearsal import play
from yijian.records import cases as case_records
from yijian.records import workshop as workshop_records
from yijian.records.cases import Change
from yijian.records.identifiers import new_id
from yijian.records.models import PackDraft
from yijian.records.people import StaffRole

CODE = "340000-anhui"
RULE = "within_30_days"
CENTRE = "340100ZW"
FITS = """
title: 第{n}家
applied_at: 2026-11-{day}T10:00:00+08:00
newborns: [{{sex: "2", born_at: 2026-11-0{n}T03:27:00+08:00}}]
"""
LATE = """
title: 来晚的第{n}家
applied_at: 2026-11-{day}T10:00:00+08:00
newborns: [{{sex: "1", born_at: 2026-09-1{n}T03:27:00+08:00}}]
"""


@lru_cache(maxsize=16)
def told(text: str) -> tuple[Case, tuple[Event, ...]]:
    """The family's case before its first event, and everything that happened to it."""
    rehearsal = play(parse(text), load_context(settings.YIJIAN.packs_dir, CODE))
    events = tuple(rehearsal.events)
    case = rehearsal.case
    blank = Case(
        id="", number="", pack=case.pack, pack_version=case.pack_version,
        pack_digest=case.pack_digest, channel=case.channel, started_at=events[0].at,
    )  # fmt: skip
    return blank, events


def keep(text: str, number: int) -> Case:
    """The family as a past case of this node."""
    blank, events = told(text)
    blank = replace(blank, id=str(new_id()), number=f"P{number}")
    after = apply_all(blank, events)
    with transaction.atomic():
        (saved,) = case_records.save([Change(None, events, after)])
    return saved.case


def past(fits: int, late: int) -> list[Case]:
    """Families that were helped, and families that came too late."""
    kept = [keep(FITS.format(n=n, day=20), n) for n in range(1, fits + 1)]
    return kept + [keep(LATE.format(n=n, day=20), 50 + n) for n in range(1, late + 1)]


def editor(*roles: StaffRole) -> User:
    """Somebody who writes policy."""
    return clerk(CENTRE, *(roles or (StaffRole.POLICY_EDITOR,)))


def drafted(by: Any, now: datetime) -> PackDraft:
    """A draft: ninety days instead of thirty, and seven working days to register."""
    draft = workshop.open_draft(by=by, code=CODE, now=now)
    draft = workshop.set_value(
        by=by, draft=draft.id, path=("rules", RULE, "condition"),
        value="days_between(newborn_born_at, today) <= 90", lock=draft.lock, now=now,
    )  # fmt: skip
    return workshop.set_value(
        by=by, draft=draft.id, path=("items", "hukou_registration", "limits", 0, "workdays"),
        value=7, lock=draft.lock, now=now,
    )  # fmt: skip


def open_workshop(now: datetime) -> None:
    """The node's pack is published, with the files it was made of."""
    pack = publish(now).pack
    workshop_records.keep_source(
        code=pack.code, version=pack.version, digest=pack.digest,
        files=files_of(settings.YIJIAN.packs_dir, pack.code), origin="folder", now=now,
    )  # fmt: skip
