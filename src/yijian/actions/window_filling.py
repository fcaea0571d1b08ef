"""窗口办理: what the clerk does for the family on its case, from consent to the last signature.

Everything here is witnessed: the journal says so, and the clerk's number lies in the sealed part.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from yijian.actions import cases, contexts, custody, signing, waking
from yijian.actions import materials as material_actions
from yijian.actions.window import change, is_enquiry_desk, opened_here
from yijian.domain import applying, arriving, handling
from yijian.domain.cases import Case
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event
from yijian.domain.facts import FactKey
from yijian.domain.papers import signed_digest
from yijian.domain.signing import text_digest
from yijian.domain.signing import withdraw_signature as taken_back
from yijian.records import window as records
from yijian.records.access import OpenedCase
from yijian.records.window import Sighting


def agree(*, by: Any, number: str, role: str, now: datetime) -> Case:
    """A person who stands here agrees to the notices; the registers may then be asked.

    Errors: RefusedError `not_seen_here`.
    """

    def decide(case: Case, context: Context, witness: str) -> list[Event]:
        words = context.pack.words
        events = [
            event
            for notice in applying.NOTICES
            if notice in words
            for event in applying.give_consent(
                case, role, notice, text_digest(words[notice].zh), now, witness=witness
            )
        ]
        return arriving.noting_arrivals(case, events, context, now)

    with transaction.atomic():
        opened = opened_here(by, number, now)
        _seen_here(opened, role)
        case = change(by, opened, decide, now)
        waking.wake_asker(case.id)
        return case


def ask_registers(*, by: Any, number: str, now: datetime) -> None:
    """Ask the registers now, also those whose next try is not due yet."""
    with transaction.atomic():
        opened = opened_here(by, number, now)
        waking.wake_asker(opened.loaded.id, again=True)


def save(
    *,
    by: Any,
    number: str,
    answers: Mapping[FactKey, object],
    now: datetime,
    items: tuple[str, ...] | None = None,
    key: str = "",
) -> Case:
    """Keep what the family has told the clerk, once for every key.

    A save whose answer was lost on the way is sent again with its key and changes nothing then,
    whatever has been saved since. Errors: `enquiry_desk`, and those of `applying.save_answers`.
    """

    def decide(case: Case, context: Context, witness: str) -> list[Event]:
        role = arriving.filler(case, context)
        return applying.save_answers(
            case, role, answers, context, now, items=items, witness=witness
        )

    with transaction.atomic():
        opened = opened_here(by, number, now)
        _not_enquiry_only(opened)
        if key and not records.spend_key(case_id=opened.loaded.id, key=key, now=now):
            return opened.case
        return change(by, opened, decide, now)


def open_signing(*, by: Any, number: str, now: datetime) -> Case:
    """The family has heard everything read back; the form is frozen until all have signed.

    Errors: RefusedError `materials_missing`, `enquiry_desk`, those of `applying.open_signing`.
    """

    def decide(case: Case, context: Context, witness: str) -> list[Event]:
        if material_actions.missing(case, context, now):
            raise RefusedError("materials_missing")
        role = arriving.filler(case, context)
        return applying.open_signing(case, role, context, now, witness=witness)

    with transaction.atomic():
        opened = opened_here(by, number, now)
        _not_enquiry_only(opened)
        return change(by, opened, decide, now)


def sign(
    *,
    by: Any,
    number: str,
    role: str,
    digest: str,
    method: str,
    now: datetime,
    strokes: str = "",
    language: str = "zh-hans",
    documents: Mapping[str, str] | None = None,
    device: str = "",
) -> Case:
    """Somebody who stands here signs what was shown; the last signature submits the case.

    `method` is "tablet" (the strokes are kept, sealed) or "paper" (the signed sheet has been
    scanned before); `documents` are the files that were shown, with their digests. Errors:
    RefusedError `not_seen_here`, `signature_missing`, `shown_changed`, `sheet_missing`, and those
    of `applying.sign`.
    """
    if method not in ("tablet", "paper") or (method == "tablet") != bool(strokes.strip()):
        raise RefusedError("signature_missing")

    def decide(case: Case, context: Context, witness: str) -> list[Event]:
        if cases.shown(case, role, context, now, language).digest != digest:
            raise RefusedError("shown_changed")
        if method == "paper" and not material_actions.has_signed_sheet(case, role):
            raise RefusedError("sheet_missing")
        papers = signing.to_sign(case, role, context, None, now)
        return applying.sign(
            case,
            role,
            digest,
            method,
            context,
            now,
            drawing=strokes,
            witness=witness,
            documents=signing.bound(papers, documents or {}),
            evidence=signing.window_evidence(
                office=opened.visitor.office or "",
                staff=witness,
                card_seen_at=seen.at,
                device=device,
                language=language,
                now=now,
            ),
        )

    with transaction.atomic():
        opened = opened_here(by, number, now)
        seen = _seen_here(opened, role)
        return change(by, opened, decide, now)


def correct(
    *,
    by: Any,
    number: str,
    item: str,
    newborn: int,
    answers: Mapping[FactKey, object],
    now: datetime,
) -> Case:
    """The family corrects at the window what an office has asked for."""

    def decide(case: Case, context: Context, witness: str) -> list[Event]:
        words = sorted(f"{fact}/{subject}={value}" for (fact, subject), value in answers.items())
        digest = text_digest("\n".join([context.pack.digest, *words, witness]))
        role = arriving.filler(case, context)
        return handling.correct(case, (item, newborn), answers, role, digest, context, now)

    with transaction.atomic():
        return change(by, opened_here(by, number, now), decide, now)


def answer_ask(*, by: Any, number: str, item: str, newborn: int, ask: str, now: datetime) -> Case:
    """The family does at the window what an item asks of it."""

    def decide(case: Case, context: Context, witness: str) -> list[Event]:
        digest = signed_digest(case, context, now, f"{item}:{newborn}:{ask}:{witness}")
        role = arriving.filler(case, context)
        return handling.answer_ask(case, (item, newborn), ask, role, digest, context, now)

    with transaction.atomic():
        answered = change(by, opened_here(by, number, now), decide, now)
        custody.leave_when_said(answered, (item, newborn), "family", now)
        return answered


def withdraw(*, by: Any, number: str, now: datetime) -> Case:
    """The family stops; what has not been reviewed yet is withdrawn."""

    def decide(case: Case, context: Context, _witness: str) -> list[Event]:
        return handling.withdraw(case, arriving.filler(case, context), context, now)

    with transaction.atomic():
        return change(by, opened_here(by, number, now), decide, now)


def withdraw_signature(*, by: Any, number: str, role: str, now: datetime) -> Case:
    """Somebody who stands here takes the own signature back before submission."""
    with transaction.atomic():
        opened = opened_here(by, number, now)
        _seen_here(opened, role)
        return change(
            by,
            opened,
            lambda case, context, _witness: taken_back(case, role, context, now),
            now,
        )


def _seen_here(opened: OpenedCase, role: str) -> Sighting:
    seen = records.sightings(case_id=opened.loaded.id).get(role)
    if seen is None or not seen.present:
        raise RefusedError("not_seen_here")
    return seen


def _not_enquiry_only(opened: OpenedCase) -> None:
    """An enquiry desk advises, checks and hands over; the form is filled in elsewhere."""
    office = contexts.directory().office(opened.visitor.office or "")
    if office is not None and is_enquiry_desk(office):
        raise RefusedError("enquiry_desk")
