"""Pages of the policy workshop: seen by who may, written by editors, decided by a second person."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.conf import settings
from django.test import Client

from tests.actions.cast_policy import Workshop
from tests.web.cast import client_of
from tests.web.cast_console import user_with
from yijian.actions import contexts
from yijian.domain.context import Context
from yijian.packs.overlay import files_of
from yijian.records import workshop as records
from yijian.records.models import PackDraft
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
CODE = "340000-anhui"


@pytest.fixture
def shop(published: Context, fixed_now: datetime) -> Iterator[Workshop]:
    pack = published.pack
    records.keep_source(
        code=pack.code, version=pack.version, digest=pack.digest,
        files=files_of(settings.YIJIAN.packs_dir, pack.code), origin="folder", now=fixed_now,
    )  # fmt: skip
    editor, approver = user_with(StaffRole.POLICY_EDITOR), user_with(StaffRole.POLICY_APPROVER)
    yield Workshop(CODE, editor, approver, fixed_now)
    contexts.forget()


@pytest.fixture
def editor(shop: Workshop) -> Client:
    return client_of(shop.editor)


@pytest.fixture
def draft(shop: Workshop) -> PackDraft:
    return shop.open()


def at(draft: PackDraft, rest: str = "") -> str:
    return f"/console/policy/{draft.id}/{rest}"


def fresh(draft: PackDraft) -> PackDraft:
    return PackDraft.objects.get(pk=draft.pk)


PAGES = [
    "", "files/", "files/items.yaml", "files/facts.yaml", "check/", "differences/", "preview/",
    "history/", "decide/",
    *(f"chapters/{code}/" for code in (
        "basic", "guide", "items", "limits", "materials", "rules", "form", "words", "delivery",
        "offices", "switches", "documents", "sources",
    )),
    "chapters/basic/pack/", "chapters/items/items/?key=hukou_registration",
    "chapters/limits/limits/?key=hukou_registration",
    "chapters/materials/materials/?key=birth_certificate",
    "chapters/rules/rules/?key=within_30_days", "chapters/rules/rules/?key=brand_new",
    "chapters/guide/situations/?key=within_30_days",
    "chapters/form/sections/?key=newborn", "chapters/form/facts/?key=newborn_name",
    "chapters/form/codes/?key=sex", "chapters/words/notices/?key=father_invited",
    "chapters/words/words/?key=entrance", "chapters/delivery/delivery/?key=birth_certificate",
    "chapters/delivery/custody/?key=main_page", "chapters/offices/kinds/?key=hospital",
    "chapters/offices/offices/?key=340000HR", "chapters/switches/switches/?key=not_yet",
    "chapters/documents/paperwork/?key=application_form",
    "chapters/documents/certificates/?key=birth_certificate",
    "chapters/sources/sources/?key=ah-2024", "chapters/sources/decisions/?key=H9",
    "preview/entrance/", "preview/guide/", "preview/answer/?not=within_30_days", "preview/form/",
    "preview/sms/", "preview/notice/", "preview/service/", "preview/messages/", "preview/chart/",
]  # fmt: skip


def test_every_page_of_a_draft_answers(editor: Client, draft: PackDraft) -> None:
    for page in PAGES:
        answer = editor.get(at(draft, page))
        assert answer.status_code == 200, page
        assert "no-store" in answer["Cache-Control"], page
