"""An insider changes a document: every way is named."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.api.conftest import keep_family
from tests.ops.test_setting import ask
from yijian.ops import setting
from yijian.ops.verify_documents import document_faults
from yijian.records.mapping import LoadedCase

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued(node: None) -> LoadedCase:
    """Two documents with their files."""
    loaded = keep_family()
    ask(loaded, "a", "b")
    assert setting.set_documents() == 2
    return loaded


def faults() -> list[str]:
    return [what for _where, what in document_faults()]


def as_insider(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_untouched_documents_are_what_the_journal_tells(issued: LoadedCase) -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE document"
            " SET sealed_pdf = set_byte(sealed_pdf, 99, get_byte(sealed_pdf, 99) # 1)",
            "its PDF does not open",
        ),
        ("UPDATE document SET sealed_ofd = sealed_pdf", "its OFD does not open"),
        ("UPDATE document SET sealed_ofd = NULL", "its OFD does not open"),
        ("UPDATE document SET pdf_sha256 = ofd_sha256", "its PDF does not have its digests"),
        ("UPDATE document SET pdf_sm3 = ofd_sm3", "its digests are not those"),
        ("DELETE FROM journal WHERE kind = 'document_issued'", "no entry of the journal tells"),
    ],
)
def test_what_an_insider_did_to_a_document_is_named(
    issued: LoadedCase, statement: str, said: str
) -> None:
    as_insider(statement)
    assert any(said in what for what in faults())


def test_a_forgotten_case_keeps_its_digests_and_is_no_fault(issued: LoadedCase) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE "case" SET wrapped_key = NULL, sealed = NULL, display = NULL,'
            " forgotten_at = now()"
        )
    assert faults() == []
