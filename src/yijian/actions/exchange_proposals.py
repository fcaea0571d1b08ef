"""交换的议决: partners, what they may ask of our registers, and how offices are reached, by two."""

from collections.abc import Callable
from datetime import date, datetime, time
from uuid import UUID

from yijian.actions import channels, contexts, partners, providing
from yijian.actions.partners import PartnerGiven, PartnerRefusedError
from yijian.actions.proposing import Deciding, Payload, ProposalKind, ProposalRefusedError
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import RefusedError
from yijian.domain.registers import EVERYTHING, Right
from yijian.domain.routing import Channel
from yijian.records import administration, exchange, people, rights
from yijian.records import channels as channel_records
from yijian.records.people import StaffRole

_TECHNICAL = frozenset({StaffRole.SYSTEM_ADMIN})
_SECOND = frozenset({StaffRole.SYSTEM_ADMIN, StaffRole.SECURITY_ADMIN})


def _said(payload: Payload, name: str) -> str:
    return str(payload.get(name) or "")


def _list(payload: Payload, name: str) -> tuple[str, ...]:
    given = payload.get(name)
    return tuple(str(each) for each in given) if isinstance(given, list) else ()


def _day(payload: Payload, name: str) -> date | None:
    text = _said(payload, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ProposalRefusedError("wrong_day", name) from None


def _note(deciding: Deciding, what: str, subject: str, **details: object) -> None:
    administration.note(
        by=deciding.decided_by,
        what=what,
        subject=subject,
        details={"proposed_by": deciding.proposed_by, **details},
        now=deciding.now,
    )


# --- Partners ------------------------------------------------------------------------------


def _partner(payload: Payload) -> PartnerGiven:
    code = _said(payload, "code")
    return PartnerGiven(
        code=code,
        kind=_said(payload, "kind"),
        endpoint=_said(payload, "endpoint"),
        items=_list(payload, "items"),
        offices=people.directory().offices_of(code),
        thin=bool(payload.get("thin")),
        name_zh=_said(payload, "name_zh"),
        name_en=_said(payload, "name_en"),
    )


def _check_partner(payload: Payload, now: datetime) -> str:
    del now
    code, do = _said(payload, "code"), _said(payload, "do")
    known = exchange.partner(code)
    try:
        if do == "add":
            items = {item for pack in contexts.packs() for item in pack.items}
            if not set(_list(payload, "items")) <= items:
                raise ProposalRefusedError("unknown_item", "items")
            partners.check(_partner(payload), public_key=_said(payload, "public_key").encode())
        elif known is None:
            raise ProposalRefusedError("unknown_partner", "code")
        elif do == "add_key":
            partners.check_key(_said(payload, "public_key").encode())
        elif do != "stop":
            raise ProposalRefusedError("unknown_step", "do")
    except PartnerRefusedError as refused:
        raise ProposalRefusedError(refused.code) from None
    return f"partner:{code}"


def _apply_partner(payload: Payload, deciding: Deciding) -> None:
    code, do = _said(payload, "code"), _said(payload, "do")
    key = _said(payload, "public_key").encode()
    try:
        if do == "add":
            partners.add(_partner(payload), public_key=key)
        elif do == "add_key":
            partners.add_key(code, key)
        else:
            partners.stop(code)
    except PartnerRefusedError as refused:
        raise ProposalRefusedError(refused.code) from None
    what = {"add": "partner_added", "add_key": "partner_key_added", "stop": "partner_stopped"}[do]
    _note(deciding, what, f"partner:{code}")


PARTNER = ProposalKind("partner", _TECHNICAL, _SECOND, _check_partner, _apply_partner)


# --- What partners may ask -----------------------------------------------------------------


def _right(payload: Payload, now: datetime) -> Right:
    begins, ends = _day(payload, "begins_on"), _day(payload, "ends_on")
    budget = _said(payload, "daily_budget")
    if not budget.isdigit() or len(budget) > 8:
        raise ProposalRefusedError("daily_budget", "daily_budget")
    return Right(
        _said(payload, "partner"),
        _said(payload, "register"),
        frozenset(_list(payload, "purposes")),
        bool(payload.get("consent")),
        frozenset(_list(payload, "fields") or (EVERYTHING,)),
        max(now, _midnight(begins)) if begins else now,
        _midnight(ends) if ends else None,
        int(budget),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


def _check_right(payload: Payload, now: datetime) -> str:
    partner, register = _said(payload, "partner"), _said(payload, "register")
    if exchange.partner(partner) is None:
        raise ProposalRefusedError("unknown_partner", "partner")
    if _said(payload, "do") == "end":
        if rights.of(partner=partner, register=register) is None:
            raise ProposalRefusedError("no_such_right", "register")
    else:
        try:
            providing.check_right(_right(payload, now))
        except providing.NotARightError as wrong:
            raise ProposalRefusedError(wrong.field, wrong.field) from None
    return f"right:{partner}:{register}"


def _apply_right(payload: Payload, deciding: Deciding) -> None:
    partner, register = _said(payload, "partner"), _said(payload, "register")
    if _said(payload, "do") == "end":
        providing.end(by=deciding.decided_by, partner=partner, register=register, now=deciding.now)
        _note(deciding, "right_ended", f"partner:{partner}", register=register)
        return
    providing.grant(by=deciding.decided_by, right=_right(payload, deciding.now), now=deciding.now)
    _note(deciding, "right_granted", f"partner:{partner}", register=register)


RIGHT = ProposalKind("register_right", _TECHNICAL, _SECOND, _check_right, _apply_right)


# --- How offices are reached ---------------------------------------------------------------


def _rule(payload: Payload) -> Channel:
    starts = _day(payload, "starts_on")
    if starts is None:
        raise ProposalRefusedError("wrong_day", "starts_on")
    return Channel(
        _said(payload, "channel"),
        _said(payload, "participant") or None,
        starts,
        _day(payload, "ends_on"),
        _said(payload, "office"),
        _said(payload, "division"),
        _said(payload, "kind"),
        _said(payload, "item"),
        bool(payload.get("everything")),
    )


def _rule_id(payload: Payload) -> UUID:
    try:
        return UUID(_said(payload, "rule"))
    except ValueError:
        raise ProposalRefusedError("unknown_rule", "rule") from None


def _check_channel(payload: Payload, now: datetime) -> str:
    if _said(payload, "do") == "end":
        wanted = _rule_id(payload)
        if not any(each.id == wanted for each in channel_records.standing()):
            raise ProposalRefusedError("unknown_rule", "rule")
        if _day(payload, "on") is None:
            raise ProposalRefusedError("wrong_day", "on")
        return f"rule:{wanted}"
    rule = _rule(payload)
    if bool(rule.office) == bool(rule.division):
        raise ProposalRefusedError("office_or_place", "office")
    _translated(lambda: channels.check_rule(rule, now=now))
    return f"way:{rule.office or rule.division}:{rule.kind or '-'}:{rule.item or '-'}"


def _apply_channel(payload: Payload, deciding: Deciding) -> None:
    by, now = deciding.decided_by, deciding.now
    if _said(payload, "do") == "end":
        on = _day(payload, "on")
        assert on is not None
        everything = bool(payload.get("everything_back"))
        _translated(
            lambda: channels.end_rule(
                _rule_id(payload), on=on, everything_back=everything, by=by, now=now
            )
        )
        _note(deciding, "channel_rule_ended", f"rule:{_rule_id(payload)}")
        return
    _translated(lambda: channels.set_rule(_rule(payload), by=by, now=now))
    place = _said(payload, "office") or _said(payload, "division")
    _note(deciding, "channel_rule_set", f"way:{place}", channel=_said(payload, "channel"))


def _translated(do: Callable[[], object]) -> None:
    try:
        do()
    except RefusedError as refused:
        raise ProposalRefusedError(refused.code, refused.field or "") from None


CHANNEL = ProposalKind(
    "channel",
    _TECHNICAL | {StaffRole.OPERATOR},
    _SECOND | {StaffRole.OPERATOR},
    _check_channel,
    _apply_channel,
)
