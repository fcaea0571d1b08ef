"""A result on paper on its way: every step and every forbidden step."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.packs.edited import PACKS
from yijian.domain import parcels
from yijian.domain.cases import ParcelState
from yijian.domain.context import Context
from yijian.domain.events import EventKind
from yijian.domain.parcels import ALLOWED, Mover
from yijian.packs.loading import load_context


@pytest.mark.parametrize("before", ParcelState)
@pytest.mark.parametrize("to", ParcelState)
def test_every_step_is_allowed_to_somebody_or_forbidden_to_all(
    before: ParcelState, to: ParcelState
) -> None:
    movers = ALLOWED.get((before, to), frozenset())
    assert Mover.SYSTEM not in movers, "the system only begins a parcel"
    if before is ParcelState.DELIVERED or before is to:
        assert not movers
    if Mover.FAMILY in movers:
        assert to is ParcelState.DELIVERED, "a family can only say that it has it"
    if to in (ParcelState.ORDERED, ParcelState.UNDER_WAY):
        assert movers <= {Mover.COURIER}


@pytest.mark.parametrize("code", ["450000-guangxi-city", "350300-putian"])
def test_packs_say_who_collects_and_who_posts_first(code: str) -> None:
    context: Context = load_context(PACKS, code)
    options = {
        (delivery.item, option.code): option
        for delivery in context.pack.delivery
        for option in delivery.options
    }
    if code == "450000-guangxi-city":
        assert options["birth_certificate", "father_collects"].collectors == ("father",)
        assert options["birth_certificate", "collect"].collectors == ("mother",)
    else:
        assert options["hukou_registration", "post_book"].family_posts_first
        assert not options["hukou_registration", "new_booklet"].family_posts_first


def test_an_option_that_a_pack_no_longer_has_is_simply_not_found() -> None:
    pack = load_context(PACKS, "350300-putian").pack
    assert parcels.option_by_code(pack, "birth_certificate", "collect") is not None
    assert parcels.option_by_code(pack, "birth_certificate", "pigeon") is None
    assert parcels.option_by_code(replace(pack, delivery=()), "birth_certificate", "mail") is None


def test_a_moved_parcel_is_an_event_without_personal_data(now: datetime) -> None:
    event = parcels._moved(
        ("card", 1), None, ParcelState.READY, Mover.SYSTEM, "system", now, option="collect"
    )
    assert event.kind is EventKind.PARCEL_MOVED and event.sealed == {}
    assert event.public == {"from": None, "to": "ready", "mover": "system", "option": "collect"}
