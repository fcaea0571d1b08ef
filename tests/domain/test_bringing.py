"""Pictures of materials: who is asked for them, when the journey asks, what is still missing."""

from dataclasses import replace

import pytest

from tests.domain.cast import (
    BASIS,
    CARD,
    CERTIFICATE,
    CLAIM,
    NOW,
    REGISTRATION,
    context,
    filled,
    words,
)
from yijian.domain.applying import open_signing, save_answers
from yijian.domain.cases import Case
from yijian.domain.context import RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.history import apply, apply_all
from yijian.domain.journey import Page, next_place
from yijian.domain.materials import missing_scans
from yijian.domain.policy import Material
from yijian.domain.states import Stage

PHOTO = Material("id_card", words("身份证"), False, None, BASIS, kind="scan")
PAPER = Material("booklet", words("户口簿"), False, None, BASIS)
CTX = context(
    items={
        "certificate": replace(CERTIFICATE, materials=(PHOTO, PAPER)),
        "registration": replace(REGISTRATION, materials=(PHOTO,)),
        "card": CARD,
    },
    channels=("online", "counter"),
)
SEEN = frozenset({"name", "home"})


def brought(case: Case, kind: EventKind, *digests: str) -> Case:
    public = {"material": "id_card", "digest": list(digests), "pages": len(digests)}
    return apply(case, Event(kind, NOW, "mother", public=public))


def test_the_family_brings_pictures_after_the_form_and_before_the_check():
    case = filled(1, CTX)
    assert next_place(case, "mother", CTX, NOW, seen=SEEN).page is Page.MATERIALS
    assert [asked.material.id for asked in missing_scans(CTX, case, NOW)] == ["id_card"]
    case = brought(case, EventKind.MATERIAL_KEPT, "a", "b")
    assert next_place(case, "mother", CTX, NOW, seen=SEEN).page is Page.CHECK


def test_a_picture_taken_away_again_is_missing_again():
    case = brought(filled(1, CTX), EventKind.MATERIAL_KEPT, "a", "b")
    case = brought(case, EventKind.MATERIAL_REMOVED, "a")
    assert case.materials == {"id_card": ("b",)}
    case = brought(case, EventKind.MATERIAL_REMOVED, "b")
    assert missing_scans(CTX, case, NOW) != ()


def test_nothing_is_signed_online_without_the_pictures_asked_for():
    with pytest.raises(RefusedError) as refused:
        open_signing(filled(1, CTX), "mother", CTX, NOW)
    assert (refused.value.code, refused.value.field) == ("material_missing", "id_card")


def test_a_clerk_at_the_window_looks_at_the_originals_instead():
    case = filled(1, CTX)
    case = apply_all(case, open_signing(case, "mother", CTX, NOW, witness="S-1"))
    assert case.stage is Stage.SIGNING


def test_an_item_that_cannot_be_done_alone_is_not_chosen_alone():
    together = {**CTX.pack.items, "card": replace(CARD, requires=(("claim",),))}
    alone = replace(CTX, pack=replace(CTX.pack, items={**together, "claim": CLAIM}))
    case = filled(1, CTX)
    with pytest.raises(RefusedError) as refused:
        save_answers(case, "mother", {}, alone, NOW, items=("card",))
    assert (refused.value.code, refused.value.field) == ("companion_missing", "card")
    both = save_answers(case, "mother", {}, alone, NOW, items=("card", "claim"))
    assert apply_all(case, both).items == ("certificate", "registration", "card", "claim")
