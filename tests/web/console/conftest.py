"""A workshop with one pack, somebody who writes in it, somebody who approves, and a draft."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.conf import settings
from django.test import Client

from tests.actions.cast_policy import Workshop
from tests.web.cast import client_of
from tests.web.cast_console import user_with
from yijian.actions import contexts, workshop_kept
from yijian.domain.context import Context
from yijian.packs.overlay import files_of
from yijian.records import workshop as records
from yijian.records.models import PackDraft
from yijian.records.people import StaffRole

CODE = "340000-anhui"


@pytest.fixture(autouse=True)
def another_process() -> None:
    """Nothing is remembered that an earlier test has worked out from packs."""
    workshop_kept._remembered.clear()


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
