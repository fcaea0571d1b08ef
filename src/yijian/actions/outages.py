"""停办通告: told to families and staff while something does not work; looked at twice before.

A draft is previewed as families will read it, then shown. Where families are also sent a text
message, somebody else than its author shows it; each family gets one, whatever it has under way.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import contexts, waking
from yijian.actions.reach import reaches
from yijian.domain.context import RefusedError, applicant_of
from yijian.records import administration, people
from yijian.records import cases as case_records
from yijian.records import outages as records
from yijian.records import urging as urging_records
from yijian.records.access import Refused
from yijian.records.mapping import LoadedCase, value_of
from yijian.records.outages import DRAFT, DROPPED, ENDED, SHOWN, Outage
from yijian.records.people import StaffRole, Visitor
from yijian.records.urging import SideText

ROLES = frozenset({StaffRole.OPERATOR, StaffRole.SUPERVISOR})
AT_ONCE = 100
LONGEST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be told: where, of which item, from when until when, in which words."""

    starts_at: datetime
    words_zh: str
    words_en: str = ""
    ends_at: datetime | None = None
    division: str = ""
    office: str = ""
    item: str = ""
    texting: bool = False


def write(*, by: Any, draft: Draft, now: datetime) -> UUID:
    """Keep a draft. Errors: Refused; RefusedError with the field that is wrong."""
    who = _visitor(by)
    _check(who, draft, now)
    with transaction.atomic():
        made = records.add(
            division=draft.division, office=draft.office, item=draft.item,
            starts_at=draft.starts_at, ends_at=draft.ends_at, words_zh=draft.words_zh,
            words_en=draft.words_en, texting=draft.texting, by=who.staff or "", now=now,
        )  # fmt: skip
        _note(who, "outage_drafted", made, now)
    return made


def show(*, by: Any, outage: UUID, now: datetime) -> None:
    """Let everybody concerned read it. Errors: Refused; RefusedError `absent`, `own_draft`."""
    with transaction.atomic():
        who, found = _found(by, outage)
        if found.state != DRAFT:
            raise RefusedError("absent")
        if found.texting and found.made_by == who.staff:
            raise RefusedError("own_draft")
        if found.ends_at is not None and found.ends_at <= now:
            raise RefusedError("in_the_past", "ends_at")
        records.settle(outage=outage, state=SHOWN, by=who.staff or "", now=now)
        _note(who, "outage_shown", outage, now)
        if found.texting:
            waking.wake_outage_texts()
    forget()


def end(*, by: Any, outage: UUID, now: datetime) -> None:
    """It works again, or the draft is dropped. Errors: Refused; RefusedError `absent`."""
    with transaction.atomic():
        who, found = _found(by, outage)
        if found.state not in (DRAFT, SHOWN):
            raise RefusedError("absent")
        to = DROPPED if found.state == DRAFT else ENDED
        records.settle(outage=outage, state=to, by=who.staff or "", now=now)
        _note(who, f"outage_{to}", outage, now)
    forget()


def families(outage: Outage) -> int:
    """How many families have something under way there now."""
    return records.families(offices=_offices(outage), item=outage.item)


def text_families(*, now: datetime) -> int:
    """Send the texts that shown outages want sent, each family one; how many were written."""
    written = 0
    while (found := records.to_text()) is not None:
        with transaction.atomic():
            cases = records.cases_concerned(
                offices=_offices(found), item=found.item, after=found.texted_to, limit=AT_ONCE
            )
            texts = [
                text
                for loaded in case_records.load(ids=cases)
                if (text := _text(loaded, found, now)) is not None
            ]
            count = urging_records.text_beside(texts, now=now)
            last = cases[-1] if cases else None
            records.went_on(outage=found.id, to=last, texts=count, now=now)
            if count:
                waking.wake_messenger()
        written += count
    return written


def waits() -> bool:
    """Whether families are still to be texted."""
    return records.to_text() is not None


def _text(loaded: LoadedCase, outage: Outage, now: datetime) -> SideText | None:
    pack = contexts.pack_of(loaded.case.pack_digest)
    role = applicant_of(loaded.case, pack)
    phone = value_of(loaded.case, f"{role}_phone")
    if loaded.key is None or not phone:
        return None
    return SideText(
        case_id=loaded.id,
        key=loaded.key,
        role=role,
        template="outage",
        phone=str(phone),
        words=outage.words_zh,
        about=f"outage:{outage.id}",
        not_before=now,
    )


def _offices(outage: Outage) -> list[str] | None:
    if outage.office:
        return [outage.office]
    if not outage.division:
        return None
    offices = contexts.directory().offices
    return [o.code for o in offices if o.division.startswith(outage.division)]


def shown(*, now: datetime) -> tuple[Outage, ...]:
    """What is shown now; a change is seen within half a minute by every process."""
    lasting = _shown(contexts.slice_of_time())
    return tuple(o for o in lasting if o.ends_at is None or o.ends_at > now)


def forget() -> None:
    """Read what is shown anew."""
    _shown.cache_clear()


@lru_cache(maxsize=2)
def _shown(_slice: int) -> tuple[Outage, ...]:
    return tuple(records.shown())


def _visitor(by: Any) -> Visitor:
    who = people.visitor(by)
    if who.staff is None or not who.roles & ROLES:
        raise Refused
    return who


def _found(by: Any, outage: UUID) -> tuple[Visitor, Outage]:
    who = _visitor(by)
    found = records.one(outage, locking=True)
    if found is None or not may_see(who, found):
        raise RefusedError("absent")
    return who, found


def may_see(who: Visitor, outage: Outage) -> bool:
    """Whether it is about a place this visitor answers for."""
    return reaches(who, ROLES, office=outage.office, division=outage.division)


def _check(who: Visitor, draft: Draft, now: datetime) -> None:
    if draft.office and contexts.directory().office(draft.office) is None:
        raise RefusedError("unknown_office", "office")
    if draft.office and draft.division:
        raise RefusedError("office_or_place", "division")
    division = draft.division
    if division and not (division.isascii() and division.isdigit() and len(division) in (2, 4, 6)):
        raise RefusedError("unknown_place", "division")
    if draft.item and not any(draft.item in pack.items for pack in contexts.packs()):
        raise RefusedError("unknown_item", "item")
    if not reaches(who, ROLES, office=draft.office, division=draft.division):
        raise RefusedError("not_yours", "division")
    if not draft.words_zh.strip():
        raise RefusedError("words_needed", "words_zh")
    if draft.ends_at is not None and draft.ends_at <= max(now, draft.starts_at):
        raise RefusedError("in_the_past", "ends_at")


def _note(who: Visitor, what: str, outage: UUID, now: datetime) -> None:
    administration.note(
        by=who.staff or "", office=who.office or "", what=what, subject=f"outage:{outage}", now=now
    )
