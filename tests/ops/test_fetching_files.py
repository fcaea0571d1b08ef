"""Files of another node are taken only when they are what was announced; others are tried again."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.actions.cast import CERTIFICATE as KEY
from tests.actions.cast import Household
from tests.actions.cast_nodes import neighbour
from tests.actions.conftest import family, submitted
from yijian.gateways.calls import CallFailedError
from yijian.ops import fetching_files
from yijian.ops.outside import Rests
from yijian.records import cases as case_records
from yijian.records import documents, received_files
from yijian.records.documents import Wanted
from yijian.records.identifiers import task_id
from yijian.records.models import DocumentRow, ReceivedFile
from yijian.records.received_files import AnnouncedFile

pytestmark = pytest.mark.django_db
ABOUT, PDF = "certificate:1.2.3:main_page", b"%PDF-1.7 of the province"
__all__ = ["family", "submitted"]


class Other:
    """The other node: gives what it has, or fails."""

    def __init__(self, *answers: bytes | CallFailedError) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def get_bytes(self, url: str, *, largest: int) -> bytes:
        self.asked.append(url)
        answer = self.answers.pop(0)
        if isinstance(answer, CallFailedError):
            raise answer
        return answer


@pytest.fixture
def awaited(monkeypatch: pytest.MonkeyPatch, submitted: Household) -> ReceivedFile:
    """One face whose file lies ready at the node of the province."""
    monkeypatch.setattr(fetching_files, "rests", Rests())
    neighbour("province")
    (loaded,) = case_records.read(ids=[submitted.id])
    assert loaded.key is not None
    now = timezone.now() - timedelta(minutes=1)
    face = Wanted(
        case_id=loaded.id, key=loaded.key, kind="face", about=ABOUT, title="正页", content=None,
        occasion="certificate_kept", form_version=1, item=KEY[0], newborn=1, elsewhere=True,
    )  # fmt: skip
    documents.ask([face], now=now)
    told = AnnouncedFile(hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert received_files.announce(
        case_id=loaded.id, task_id=task_id(loaded.id, KEY), partner="province", about=ABOUT,
        remote=uuid4(), pages=1, files={"pdf": told}, now=now,
    )  # fmt: skip
    return ReceivedFile.objects.get()


def fetch(*answers: bytes | CallFailedError) -> tuple[int, Other]:
    other: Any = Other(*answers)
    return fetching_files.fetch_files(other), other


def test_a_file_that_is_what_was_announced_becomes_the_document(awaited: ReceivedFile) -> None:
    fetched, other = fetch(PDF)
    assert fetched == 1
    (url,) = other.asked
    where = f"/api/v1/tasks/{awaited.task_id}/files/{awaited.remote}?format=pdf"
    assert url == f"https://province.test{where}"
    row = DocumentRow.objects.get(about=ABOUT)
    assert (row.state, row.source) == ("ready", "received")
    assert PDF not in bytes(row.sealed_pdf or b"")


@pytest.mark.parametrize(
    "answer",
    [PDF[:-1], PDF + b".", PDF[:-1] + b"!", CallFailedError("timeout"),
     CallFailedError("status_404", passing=False)],
    ids=["short", "long", "other", "away", "not there"],
)  # fmt: skip
def test_anything_else_is_no_file_and_is_tried_again(
    awaited: ReceivedFile, answer: bytes | CallFailedError
) -> None:
    assert fetch(answer)[0] == 0
    row = ReceivedFile.objects.get()
    assert row.state == "waiting" and row.not_before > timezone.now()
    assert DocumentRow.objects.get(about=ABOUT).state == "awaited"


def test_what_never_comes_waits_for_a_person_in_the_end(awaited: ReceivedFile) -> None:
    ReceivedFile.objects.update(attempts=fetching_files.MOST_ATTEMPTS)
    fetch(PDF[:-1])
    row = ReceivedFile.objects.get()
    assert (row.state, row.problem) == ("parked", "not_as_announced")
    assert received_files.again(now=timezone.now()) == 1
    assert fetch(PDF)[0] == 1
