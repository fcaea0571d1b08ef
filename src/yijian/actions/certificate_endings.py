"""换发与注销: the issuer ends a certificate in two steps by two people; the family and every office
that was told of it learn the state at once."""

from datetime import datetime
from secrets import token_hex
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from yijian.actions import changes, contexts, number_stock
from yijian.actions.certificates import library_row, place_name
from yijian.actions.changes import Decided
from yijian.domain import issuing
from yijian.domain.cases import Case
from yijian.domain.certificates import Certificate, CertificateState, CertificateType
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.history import apply_all
from yijian.domain.results import checked_result, facts_given
from yijian.records import access, people
from yijian.records import certificate_endings as endings
from yijian.records import certificates as records
from yijian.records.certificate_endings import DONE, DROPPED, REPLACE, REVOKE, Ending
from yijian.records.identifiers import new_id

PURPOSE = "issue_certificates"
REASONS = ("wrong_content", "paper_lost", "paper_damaged", "issued_by_mistake", "other")
LONGEST_TEXT = 200


def look(*, by: Any, certificate_id: UUID, now: datetime) -> tuple[records.Opened, Ending | None]:
    """A certificate of the clerk's own office, opened, and what is asked for about it.

    Errors: access.Refused.
    """
    standing, _ = endings.access_certificate(
        by=by, certificate_id=certificate_id, purpose=PURPOSE, now=now
    )
    opened = records.opened(standing)
    if opened is None:
        raise access.Refused
    return opened, endings.asked_for(certificate_id, opened.key)


def ask(
    *,
    by: Any,
    certificate_id: UUID,
    kind: str,
    reason: str,
    text: str = "",
    number: str = "",
    now: datetime,
) -> None:
    """The first step: a clerk asks that a certificate is replaced or revoked.

    `number` is the new paper's number when it is replaced by another one. Errors: access.Refused,
    RefusedError `certificate_ended`, `ending_asked`, `reason_missing`, `result_wrong`,
    `result_taken`.
    """
    with transaction.atomic():
        opened, asked = look(by=by, certificate_id=certificate_id, now=now)
        _check_can_end(opened, asked, kind, reason, text)
        number = number.strip() if kind == REPLACE else ""
        loaded = changes.load_one(opened.standing.case_id)
        if number:
            number = _checked_number(opened, loaded.case, number, now)
        try:
            with transaction.atomic():
                endings.ask(
                    standing=opened.standing,
                    key=opened.key,
                    kind=kind,
                    reason=reason,
                    said={"text": text.strip()[:LONGEST_TEXT], "number": number},
                    by=_actor(by),
                    now=now,
                )
        except IntegrityError:
            raise RefusedError("ending_asked") from None


def drop(*, by: Any, certificate_id: UUID, now: datetime) -> None:
    """What was asked for is not done after all. Errors: access.Refused, RefusedError."""
    with transaction.atomic():
        _, asked = look(by=by, certificate_id=certificate_id, now=now)
        if asked is None or not endings.lock(asked.id):
            raise RefusedError("nothing_asked")
        endings.settle(asked.id, state=DROPPED, by=_actor(by), now=now)


def confirm(*, by: Any, certificate_id: UUID, now: datetime) -> None:
    """The second step, by another person: the certificate ends, and everybody told of it hears.

    Errors: access.Refused, RefusedError `nothing_asked`, `second_person_needed`, `result_taken`,
    `certificate_ended`, and those of `number_stock.take` for a new paper's number.
    """
    with transaction.atomic():
        opened, asked = look(by=by, certificate_id=certificate_id, now=now)
        if asked is None or not endings.lock(asked.id):
            raise RefusedError("nothing_asked")
        if asked.asked_by == _actor(by):
            raise RefusedError("second_person_needed")
        loaded = changes.load_one(opened.standing.case_id)
        standing = records.by_id(certificate_id)
        if standing is None or standing.state is not CertificateState.VALID:
            raise RefusedError("certificate_ended")
        context = contexts.context_of(loaded.case)
        events = _events(opened, asked, loaded.case, context, _actor(by), now)
        number_stock.take(events, loaded.case, context, now=now)
        endings.settle(asked.id, state=DONE, by=_actor(by), now=now)
        changes.commit([Decided(loaded, events)], now=now)


def _check_can_end(
    opened: records.Opened, asked: Ending | None, kind: str, reason: str, text: str
) -> None:
    if opened.standing.state is not CertificateState.VALID:
        raise RefusedError("certificate_ended")
    if asked is not None:
        raise RefusedError("ending_asked")
    if kind not in (REPLACE, REVOKE) or reason not in REASONS:
        raise RefusedError("reason_missing")
    if reason == "other" and not text.strip():
        raise RefusedError("reason_missing", "text")


def _type(opened: records.Opened, context: Context) -> CertificateType:
    return context.pack.certificates[opened.standing.type]


def _checked_number(opened: records.Opened, case: Case, number: str, now: datetime) -> str:
    """The new number, right for its item and used by nobody."""
    context = contexts.context_of(case)
    type_, key = _type(opened, context), _key(opened)
    if type_.number is None:
        raise RefusedError("result_wrong", "number")
    given = {**case.results.get(key, {}), type_.number: number}
    values = context.values(case, key[1], now)
    checked = str(checked_result(context.pack.items[key[0]], given, values, now)[type_.number])
    if (type_.id, records.number_hash(checked)) in records.taken([records.number_hash(checked)]):
        raise RefusedError("result_taken", type_.number)
    return checked


def _events(
    opened: records.Opened, asked: Ending, case: Case, context: Context, by: str, now: datetime
) -> list[Event]:
    if asked.kind == REVOKE:
        return [_ended(opened, CertificateState.REVOKED, asked, by, now)]
    type_, key, identifier = _type(opened, context), _key(opened), new_id()
    sealed: dict[str, object] = {"replaces": str(opened.standing.id)}
    public: dict[str, object] = {}
    number = asked.said.get("number", "")
    if number and type_.number:
        number = _checked_number(opened, case, number, now)
        item, given = context.pack.items[key[0]], {type_.number: number}
        sealed |= {"result": given, "gives": facts_given(item, given, key[1], context)}
    draft = Event(EventKind.CERTIFICATE_KEPT, now, by, key, public, sealed)
    made = issuing.next_version(
        opened.certificate,
        apply_all(case, [draft]),
        key,
        type_,
        context,
        id_=str(identifier),
        salt=token_hex(16),
        places=place_name,
        now=now,
    )
    kept = issuing.kept(made, key, by, now)
    ended = _ended(opened, CertificateState.REPLACED, asked, by, now, made)
    whole = Event(kept.kind, now, by, key, kept.public, {**kept.sealed, **sealed})
    return [ended, whole]


def _ended(
    opened: records.Opened,
    state: CertificateState,
    asked: Ending,
    by: str,
    now: datetime,
    after: Certificate | None = None,
) -> Event:
    public: dict[str, object] = {
        "certificate": str(opened.standing.id),
        "type": opened.standing.type,
        "state": state.value,
        "reason": asked.reason,
        "asked_by": asked.asked_by,
    }
    if after is not None:
        public["replaced_by"] = after.id
    did = "变更" if after is not None else "注销"
    sealed = {
        "text": asked.said.get("text", ""),
        "identifier": opened.standing.identifier,
        "library": library_row(opened.certificate, state, did),
    }
    return Event(EventKind.CERTIFICATE_ENDED, now, by, _key(opened), public, sealed)


def _key(opened: records.Opened) -> TaskKey:
    return (opened.standing.item, opened.standing.newborn)


def _actor(by: Any) -> str:
    who = people.visitor(by)
    return who.staff or who.user
