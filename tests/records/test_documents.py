"""What a document says is kept sealed at once; its files follow, and nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.records.families import BABY, NOW, later, saved, submitted
from yijian.domain.documents import (
    Cell,
    Cells,
    Content,
    Paragraph,
    Signatures,
    SignedBy,
    Ticks,
    as_data,
    restored,
)
from yijian.records import documents, fetches
from yijian.records.crypto import SealBroken
from yijian.records.documents import File, Settled, Wanted
from yijian.records.mapping import LoadedCase
from yijian.records.models import DocumentRow

pytestmark = pytest.mark.django_db

PDF = File(b"%PDF-1.7 of " + BABY.encode(), b"s" * 32, b"m" * 32)


def content(text: str = BABY, *, at: datetime = NOW) -> Content:
    return Content(
        "acceptance_notice", "notice", "受理通知书", "N1-A", "zh-hans",
        (
            Paragraph(text),
            Cells("宝宝", (Cell("姓名", text),)),
            Ticks("方式", (("自取", True), ("邮寄", False))),
            Signatures((SignedBy("母亲", "王芳", strokes=(((0.1, 0.2), (0.3, 0.4)),)),)),
        ),
        f"仅用于测试 {at:%Y-%m-%d}", "", ("test", "1", "d" * 64), at,
    )  # fmt: skip


def wanted(loaded: LoadedCase, about: str = "acceptance_notice", **more: Any) -> Wanted:
    assert loaded.key is not None
    given: dict[str, Any] = {
        "kind": "acceptance_notice", "title": "受理通知书", "content": content(),
        "occasion": "case_submitted", "form_version": 1, "office": "H01",
    }  # fmt: skip
    return Wanted(loaded.id, loaded.key, about=about, **{**given, **more})


def ready(loaded: LoadedCase, claimed: documents.Claimed) -> Settled:
    return Settled(
        claimed.id, loaded.id, documents.READY, loaded.key, {"pdf": PDF, "ofd": PDF}, pages=2
    )


@pytest.fixture
def loaded() -> LoadedCase:
    (found,) = saved(submitted("N1"))
    return found


def test_a_content_is_the_same_after_it_was_plain() -> None:
    assert restored(as_data(content())) == content()


def test_nothing_of_what_a_document_says_lies_open_in_its_row(loaded: LoadedCase) -> None:
    documents.ask([wanted(loaded)], now=NOW)
    (claimed,) = documents.claim(limit=9, now=NOW)
    documents.settle([ready(loaded, claimed)], now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT d::text FROM document d")
        (text,) = cursor.fetchone()
    for part in (BABY, BABY.encode().hex(), "王芳", "仅用于测试"):
        assert part not in text


def test_a_claimed_document_is_set_by_one_worker_and_read_back(loaded: LoadedCase) -> None:
    assert documents.ask([wanted(loaded)], now=NOW) == 1
    assert documents.due(now=NOW)
    (claimed,) = documents.claim(limit=9, now=NOW)
    assert (claimed.content, claimed.attempts) == (content(), 1)
    assert documents.claim(limit=9, now=NOW) == []
    documents.settle([ready(loaded, claimed)], now=NOW)
    (found,) = documents.of_case(loaded.id)
    assert found.ready and found.formats == ("pdf", "ofd")
    assert (found.pages, found.bytes["pdf"], found.number) == (2, len(PDF.data), "N1-A")
    assert loaded.key is not None
    assert documents.file_of(key=loaded.key, document_id=found.id, format="pdf") == PDF.data
    assert documents.file_of(key=loaded.key, document_id=found.id, format="ses") is None
    assert documents.file_of(key=loaded.key, document_id=found.id, format="id") is None
    assert not documents.due(now=NOW)


def test_a_worker_that_died_over_a_document_leaves_it_to_be_claimed_alone(
    loaded: LoadedCase,
) -> None:
    documents.ask([wanted(loaded, f"about-{n}") for n in range(3)], now=NOW)
    first = documents.claim(limit=2, now=NOW)
    assert len(first) == 2
    assert documents.claim(limit=9, now=later(minutes=1), tried=True) == []
    assert [one.attempts for one in documents.claim(limit=9, now=later(minutes=3))] == [1]
    (again,) = documents.claim(limit=1, now=later(minutes=3), tried=True)
    assert again.id in {one.id for one in first} and again.attempts == 2


def test_what_is_to_be_tried_again_waits_for_its_moment(loaded: LoadedCase) -> None:
    documents.ask([wanted(loaded)], now=NOW)
    (claimed,) = documents.claim(limit=9, now=NOW)
    again = Settled(
        claimed.id, loaded.id, documents.TO_SET, problem="no_space", not_before=later(minutes=1)
    )
    documents.settle([again], now=NOW)
    assert documents.claim(limit=9, now=NOW, tried=True) == []
    assert len(documents.claim(limit=9, now=later(minutes=2), tried=True)) == 1


def test_the_same_thing_again_is_a_new_version_that_stands_for_the_old(
    loaded: LoadedCase,
) -> None:
    documents.ask([wanted(loaded)], now=NOW)
    documents.ask([wanted(loaded, content=content("李小雨"))], now=NOW)
    (standing,) = documents.of_case(loaded.id)
    assert standing.version == 2
    old, new = documents.of_case(loaded.id, standing=False)
    assert (old.replaced_at, new.replaced_at) == (NOW, None)
    assert loaded.key is not None
    said = documents.said(key=loaded.key, ids=[old.id, new.id])
    assert said == {old.id: content(), new.id: content("李小雨")}


def test_what_says_the_same_on_another_day_is_not_set_again(loaded: LoadedCase) -> None:
    documents.ask([wanted(loaded)], now=NOW)
    same = wanted(loaded, content=content(at=later(days=1)), unless_same=True)
    assert documents.ask([same], now=later(days=1)) == 0
    other = replace(same, content=content("李小雨"))
    assert documents.ask([other], now=later(days=1)) == 1


def test_a_document_that_could_not_be_worded_waits_for_a_person_at_its_office(
    loaded: LoadedCase,
) -> None:
    documents.ask([wanted(loaded, content=None)], now=NOW)
    assert documents.claim(limit=9, now=NOW) == []
    (found,) = documents.needing_a_person(offices=["H01"])
    assert (found.state, found.problem) == ("needs_person", "not_worded")
    assert documents.needing_a_person(offices=["H02"]) == []
    assert documents.count_in_need(offices=["H01", "H02"]) == 1
    assert not documents.again(document_id=found.id, now=NOW)


def test_a_person_lets_a_document_be_set_again(loaded: LoadedCase) -> None:
    documents.ask([wanted(loaded)], now=NOW)
    (claimed,) = documents.claim(limit=9, now=NOW)
    assert not documents.again(document_id=claimed.id, now=NOW)
    lost = Settled(claimed.id, loaded.id, documents.NEEDS_PERSON, problem="missing_glyph")
    documents.settle([lost], now=NOW)
    assert documents.again(document_id=claimed.id, now=NOW)
    (fresh,) = documents.claim(limit=9, now=NOW)
    assert fresh.attempts == 1


@pytest.mark.parametrize("many", [1, 100])
def test_asking_claiming_and_settling_take_as_many_statements_for_one_as_for_many(
    many: int,
) -> None:
    cases = saved(*(submitted(f"N{n}", delivery=f"D{n}") for n in range(many)))
    with CaptureQueriesContext(connection) as asking:
        documents.ask([wanted(loaded) for loaded in cases], now=NOW)
    with CaptureQueriesContext(connection) as claiming:
        claimed = documents.claim(limit=many, now=NOW)
    assert len(claimed) == many
    keys = {loaded.id: loaded for loaded in cases}
    with CaptureQueriesContext(connection) as settling:
        documents.settle([ready(keys[one.case_id], one) for one in claimed], now=NOW)
    assert (len(asking), len(claiming), len(settling)) == (2, 1, 2)


def test_a_ready_document_without_digests_is_refused_by_the_database(loaded: LoadedCase) -> None:
    documents.ask([wanted(loaded)], now=NOW)
    with pytest.raises(IntegrityError, match="a_ready_document_has_its_digests"):
        DocumentRow.objects.update(state="ready")


def test_two_standing_versions_of_a_document_are_refused_by_the_database(
    loaded: LoadedCase,
) -> None:
    documents.ask([wanted(loaded)], now=NOW)
    documents.ask([wanted(loaded)], now=NOW)
    with pytest.raises(IntegrityError, match="one_version_of_a_document_stands"):
        DocumentRow.objects.update(replaced_at=None)


def test_a_file_moved_to_another_document_opens_nowhere(loaded: LoadedCase) -> None:
    documents.ask([wanted(loaded, "a"), wanted(loaded, "b")], now=NOW)
    claimed = documents.claim(limit=9, now=NOW)
    documents.settle([ready(loaded, one) for one in claimed], now=NOW)
    first, second = (one.id for one in claimed)
    moved = DocumentRow.objects.get(id=first).sealed_pdf
    DocumentRow.objects.filter(id=second).update(sealed_pdf=moved)
    assert loaded.key is not None
    with pytest.raises(SealBroken):
        documents.file_of(key=loaded.key, document_id=second, format="pdf")


def test_who_took_a_file_is_recorded_for_ever(loaded: LoadedCase) -> None:
    documents.ask([wanted(loaded)], now=NOW)
    (found,) = documents.of_case(loaded.id)
    fetches.note(by="mother", document_id=found.id, case_id=loaded.id, format="pdf", now=NOW)
    (fetch,) = fetches.of_case(loaded.id)
    assert (fetch.by, fetch.office, fetch.format, fetch.at) == ("mother", "", "pdf", NOW)
    for statement in ("DELETE FROM document_fetch", "UPDATE document_fetch SET by = 'x'"):
        with (
            pytest.raises(IntegrityError, match="only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
