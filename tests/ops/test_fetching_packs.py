"""A task under a policy that this node has never seen: the policy is fetched, then the task taken.

The pack is the node's own with another version, so that only its digest is unknown.
"""

import copy
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache

import pytest
from django.conf import settings
from django.db import IntegrityError

from tests.actions.cast import CERTIFICATE, household
from tests.actions.cast_nodes import HUB, Sent, sent_by_hub
from yijian.actions import contexts, envelopes, received_packs
from yijian.gateways.calls import CallFailedError
from yijian.ops import fetching_packs
from yijian.ops.outside import Rests
from yijian.packs.building import load_folder
from yijian.packs.canonical import canonical, digest_of
from yijian.records import pack_versions, parked
from yijian.records.models import CaseRow, PackVersion

pytestmark = pytest.mark.django_db
CODE = "340000-anhui"


@cache
def newer() -> tuple[str, bytes]:
    """Digest and text of a version that nobody has published here."""
    document, _ = load_folder(settings.YIJIAN.packs_dir, CODE)
    document = copy.deepcopy(document)
    document["pack"]["version"] = "2099-01-01"
    return digest_of(document), canonical(document).encode()


class Upstream:
    """The node that sent the task, as its pack door answers."""

    def __init__(self, answer: Callable[[], bytes]) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def get_bytes(self, url: str) -> bytes:
        self.asked.append(url)
        return self.answer()


@pytest.fixture
def waiting(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:
    """A task under the newer version has come and waits."""
    contexts.pack_of.cache_clear()
    family = household(now)
    monkeypatch.setattr(fetching_packs, "rests", Rests())
    sent = sent_by_hub(family, CERTIFICATE)
    digest, _ = newer()
    pack = {"code": CODE, "version": "2099-01-01", "digest": digest}
    (taken,) = envelopes.take_in(HUB, [sent.event(CERTIFICATE, pack=pack)], now=sent.now)
    assert (taken.outcome, taken.code) == ("parked", "pack_unknown")
    yield sent
    contexts.forget()
    contexts.pack_of.cache_clear()


def answering(monkeypatch: pytest.MonkeyPatch, answer: Callable[[], bytes]) -> Upstream:
    upstream = Upstream(answer)
    monkeypatch.setattr(fetching_packs, "caller", lambda: upstream)
    return upstream


def test_the_policy_is_fetched_once_and_the_task_taken_in(
    waiting: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, text = newer()
    upstream = answering(monkeypatch, lambda: text)
    assert fetching_packs.fetch_pack(HUB, digest)
    assert upstream.asked == [f"https://{HUB}.test/api/v1/packs/{digest}"]
    assert waiting.case.pack_digest == digest
    assert parked.parked(problems=["pack_unknown"]) == []
    assert fetching_packs.fetch_pack(HUB, digest)
    assert len(upstream.asked) == 1


def test_a_policy_that_came_with_a_task_is_offered_to_nobody(
    waiting: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, text = newer()
    answering(monkeypatch, lambda: text)
    fetching_packs.fetch_pack(HUB, digest)
    assert PackVersion.objects.get(digest=digest).received
    assert digest not in [pack.digest for pack in contexts.offered()]


def test_a_text_with_another_digest_is_not_kept(
    waiting: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, text = newer()
    forged = json.loads(text)
    forged["pack"]["title"] = {"zh": "别的", "en": "other"}
    answering(monkeypatch, lambda: canonical(forged).encode())
    with pytest.raises(received_packs.WrongPackError):
        fetching_packs.fetch_pack(HUB, digest)
    assert not PackVersion.objects.filter(digest=digest).exists()
    assert not CaseRow.objects.filter(id=waiting.id).exists()


def test_an_upstream_that_does_not_answer_leaves_the_task_waiting(
    waiting: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent() -> bytes:
        raise CallFailedError("timeout")

    digest, text = newer()
    answering(monkeypatch, silent)
    assert not fetching_packs.fetch_pack(HUB, digest)
    assert len(parked.parked(problems=["pack_unknown"])) == 1
    answering(monkeypatch, lambda: text)
    assert fetching_packs.fetch_pack(HUB, digest)
    assert CaseRow.objects.filter(id=waiting.id).exists()


def test_a_policy_that_came_first_can_be_published_here_later(
    waiting: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, text = newer()
    answering(monkeypatch, lambda: text)
    fetching_packs.fetch_pack(HUB, digest)
    came = PackVersion.objects.get(digest=digest)
    pack_versions.keep(
        code=CODE, version=came.version, digest=digest, canonical=came.canonical,
        in_force_from=came.in_force_from, now=waiting.now,
    )  # fmt: skip
    contexts.forget()
    assert contexts.current_pack(CODE).digest == digest
    with pytest.raises(IntegrityError, match="only grows"):
        PackVersion.objects.filter(digest=digest).update(canonical="{}")
