"""Reminders come when their time has passed and something is still to be done, and only once."""

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from tests.domain.cast import NOW, context, draft, filled, later, submitted, words
from yijian.domain.applying import open_signing, register_answered, sign
from yijian.domain.cases import CheckState
from yijian.domain.history import apply_all
from yijian.domain.notices import messages
from yijian.domain.policy import NoticeSpec
from yijian.domain.reminders import due_reminders, next_look, parse_reminder


def with_notices(*occasions: str):
    return context(
        notices=tuple(
            NoticeSpec(f"n{i}", on, ("mother",), ("sms",), words("提醒"))
            for i, on in enumerate(occasions)
        )
    )


def due(case, now, *occasions: str, given=()):
    events = due_reminders(case, with_notices(*occasions), given, now)
    return [event.public["reminder"] for event in events]


def test_a_draft_is_reminded_from_the_third_day_on_and_once():
    on = "after:started:3d:draft"
    assert due(draft(), later(days=2, hours=23), on) == []
    assert due(draft(), later(days=3), on) == [on]
    assert due(draft(), later(days=4), on, given=[on]) == []
    assert due(submitted(), later(days=4), on) == []


def test_a_silent_father_is_reminded_after_the_mother_has_signed():
    on, ctx, case = "after:signed:48h:signing", context(), filled()
    assert due(case, later(days=9), on) == []
    case = apply_all(case, open_signing(case, "mother", ctx, NOW))
    case = apply_all(case, sign(case, "mother", "d", "drawn", ctx, NOW))
    assert due(case, later(hours=47), on) == []
    assert due(case, later(hours=48), on) == [on]


def test_an_item_is_reminded_while_it_is_not_done():
    on = "after:birth:2d:card"
    assert due(submitted(), later(days=1), on) == [on]
    assert due(submitted(items=("claim",)), later(days=1), on) == []
    assert due(submitted(), later(days=1), "after:birth:2d:card:completed") == []


def test_a_reminder_becomes_one_message():
    on, case = "after:started:3d:draft", draft()
    ctx = with_notices(on)
    events = due_reminders(case, ctx, (), later(days=3))
    (message,) = messages(apply_all(case, events), events, ctx, later(days=3))
    assert message.about == f"n0:{on}:mother:sms"


def test_what_is_no_reminder_is_an_event_and_what_looks_like_one_is_an_error():
    assert parse_reminder("case_submitted") is None
    with pytest.raises(ValueError, match="after:<since>"):
        parse_reminder("after:monday:3d:draft")


def test_a_late_record_that_arrives_is_news_and_a_record_found_at_once_is_not():
    ctx = with_notices("register_arrived:delivery")
    case = draft()
    at_once = register_answered(case, "delivery", CheckState.FOUND, [], NOW, newborns=1)
    assert messages(apply_all(case, at_once), at_once, ctx, NOW) == ()
    case = apply_all(case, register_answered(case, "delivery", CheckState.EMPTY, [], NOW))
    arrived = register_answered(case, "delivery", CheckState.FOUND, [], later(hours=9), newborns=1)
    assert len(messages(apply_all(case, arrived), arrived, ctx, later(hours=9))) == 1


KINDS = ("started:{}h:draft", "started:{}h:submitted", "birth:{}h:card", "birth:{}h:card:completed")


@given_any(
    hours=st.lists(st.integers(0, 200), min_size=1, max_size=6),
    kinds=st.lists(st.sampled_from(KINDS), min_size=6, max_size=6),
    first=st.integers(0, 200),
    later_by=st.integers(0, 200),
    sent=st.booleans(),
)
def test_of_a_case_to_which_nothing_happens_nothing_is_due_before_the_next_look(
    hours, kinds, first, later_by, sent
):
    occasions = [f"after:{kind.format(h)}" for kind, h in zip(kinds, hours, strict=False)]
    ctx, case = with_notices(*occasions), submitted() if sent else draft()
    looked_at, now = later(hours=first), later(hours=first + later_by)
    given = [str(e.public["reminder"]) for e in due_reminders(case, ctx, (), looked_at)]
    at = next_look(case, ctx, given, looked_at)
    due_later = due_reminders(case, ctx, given, now)
    assert bool(due_later) == (at is not None and at <= now)
