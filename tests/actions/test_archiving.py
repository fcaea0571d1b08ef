"""归档: an ended item becomes a package that proves itself, found without being readable."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from tests.actions.cast import CERTIFICATE, Household, clerk_of
from tests.actions.test_tasks import issue
from tests.photographs import kept
from yijian.actions import archiving, contexts, packing
from yijian.actions.forgetting import forget
from yijian.actions.happened import Happened
from yijian.documents.archive import checks
from yijian.domain.context import RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.states import TaskState
from yijian.ops import setting, verify
from yijian.ops.verify_archive import archive_faults
from yijian.records import archive, crypto, journal
from yijian.records import cases as case_records
from yijian.records.archive import Package
from yijian.records.models import ArchivePackage, JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued(submitted: Household) -> Household:
    """The hospital has issued the birth certificate."""
    kept(("issued", submitted.number), lambda: issue(submitted))
    return submitted


def archived(family: Household) -> list[Package]:
    kept("documents", setting.set_documents)
    journal.seal_journal(now=family.now)
    packing.make_packages(now=family.now + timedelta(minutes=1))
    return archive.of_case(family.id)


def opened(package: Package) -> dict[str, bytes]:
    data = archive.data_of(package.id)
    assert data is not None
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        return {each.filename: zipped.read(each) for each in zipped.infolist()}


def test_an_ended_item_waits_until_the_journal_proves_its_end(issued: Household) -> None:
    packing.make_packages(now=issued.now + timedelta(minutes=1))
    (waiting,) = archive.of_case(issued.id)
    assert (waiting.item, waiting.newborn, waiting.state) == ("birth_certificate", 1, "waiting")
    assert waiting.problem == "journal_not_sealed"


def test_a_package_of_an_ended_item_passes_every_check(issued: Household) -> None:
    (package,) = archived(issued)
    assert (package.state, package.problem) == ("kept", "")
    data = archive.data_of(package.id)
    assert data is not None
    found = checks.examine(data, keys=packing.signer().keys)
    assert checks.faults(found) == []
    files = opened(package)
    assert "<新生儿姓名>李小满</新生儿姓名>" in files["基本信息.xml"].decode()
    assert "Y340000001" in files["办理结果/" + next(
        name.partition("/")[2] for name in files if name.endswith("办理结果.xml")
    )].decode()  # fmt: skip
    assert "<名称>提交申请</名称>" in files["办理过程.xml"].decode()
    proof = json.loads(files["其他/日志证明.json"])
    assert len(proof["entries"]) == len(proof["proofs"]) >= package.upto


def test_the_documents_of_the_item_lie_in_its_package_as_the_journal_knows_them(
    issued: Household,
) -> None:
    (package,) = archived(issued)
    files = opened(package)
    papers = [name for name in files if name.endswith((".pdf", ".ofd"))]
    assert papers
    listed = files["校验信息.xml"].decode()
    for name in papers:
        assert (
            "<日志序号>" in listed[listed.index(f"<名称>{name}</名称>") :].partition("</文件>")[0]
        )


def test_that_a_package_was_made_stands_in_the_journal_with_its_digests(issued: Household) -> None:
    (package,) = archived(issued)
    entry = JournalEntry.objects.get(case_id=issued.id, kind="package_made")
    body = json.loads(entry.body)
    assert (body["package"], body["sha256"]) == (str(package.id), package.sha256)
    assert (body["sm3"], body["bytes"]) == (package.sm3, package.size)
    assert packing.make_packages(now=issued.now + timedelta(hours=1)) == 0


def test_a_kept_package_is_found_by_name_number_and_certificate_only_exactly(
    issued: Household,
) -> None:
    (package,) = archived(issued)
    mother = str(issued.case.verified["mother_id_number", 0].value)
    for purpose, value in (
        ("name", "李小满"), ("name", " 李小 满"), ("id_number", mother.lower()),
        ("certificate", "Y340000001"),
    ):  # fmt: skip
        digest = crypto.blind_index(purpose, value)
        assert [p.id for p in archive.found(digests=[digest])] == [package.id]
    assert archive.found(digests=[crypto.blind_index("name", "李小")]) == []
    assert archive.found(case_number=issued.number, year=2026, item="birth_certificate")
    assert archive.found(case_number=issued.number, year=2025) == []


def test_nothing_of_a_person_lies_open_in_the_tables_of_the_archive(issued: Household) -> None:
    archived(issued)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(p::text, '') FROM archive_package p")
        (text,) = cursor.fetchone()
    for name in ("李小满", "Y340000001", str(issued.case.verified["mother_id_number", 0].value)):
        assert name not in text
        assert name.encode().hex() not in text


def test_a_declined_item_is_archived_and_one_that_no_office_had_is_not(
    submitted: Household,
) -> None:
    submitted.decide(
        clerk_of(submitted, CERTIFICATE), CERTIFICATE, TaskState.DECLINED, reason="不符合"
    )
    packages = archived(submitted)
    items = {p.item for p in packages if p.scope == "item"}
    assert "birth_certificate" in items
    assert "hukou_registration" not in items


def test_a_case_that_still_has_to_be_archived_cannot_be_forgotten(submitted: Household) -> None:
    for key, task in submitted.case.tasks.items():
        if not task.ended and submitted.case.tasks[key].state is TaskState.QUEUED:
            submitted.decide(clerk_of(submitted, key), key, TaskState.DECLINED, reason="不符合")
    assert submitted.case.stage.value == "closed"
    with pytest.raises(RefusedError, match="not_archived"):
        forget(number=submitted.number, now=submitted.now)
    packages = archived(submitted)
    later = submitted.now + timedelta(minutes=5)
    journal.seal_journal(now=later)
    packing.make_packages(now=later)
    packages = archive.of_case(submitted.id)
    assert {p.state for p in packages} == {"kept"}, [(p.item, p.problem) for p in packages]
    whole = next(p for p in packages if p.scope == "case")
    listed = opened(whole)["目录.xml"].decode()
    for package in packages:
        assert (package.sha256 in listed) == (package.scope == "item")
    forget(number=submitted.number, now=later)
    assert archive.data_of(whole.id) is not None


def test_numbers_of_pieces_have_no_gap_and_are_never_given_twice(issued: Household) -> None:
    (package,) = archived(issued)
    assert package.serial == 1
    again = ArchivePackage.objects.get(id=package.id)
    again.pk, again.item, again.state = None, "other", "waiting"
    with pytest.raises(IntegrityError, match="an_archive_number_is_used_once"):
        with transaction.atomic():
            again.save(force_insert=True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE archive_package SET sealed = '\\x00'",
        "UPDATE archive_package SET sha256 = sha256 || '\\x00'",
        "UPDATE archive_package SET state = 'destroyed', sealed = NULL, described = NULL",
        "UPDATE archive_package SET state = 'waiting'",
        "DELETE FROM archive_package",
        "TRUNCATE archive_package CASCADE",
    ],
)
def test_a_kept_package_is_not_changed_by_anybody_alone(issued: Household, statement: str) -> None:
    archived(issued)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_fails_its_checks_waits_for_a_person(
    issued: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_proof", lambda dossier: b"{}")
    (package,) = archived(issued)
    assert package.state == "needs_person"
    assert "GD1-4" in package.problem
    monkeypatch.undo()
    assert archive.again(package_id=package.id, now=issued.now)
    packing.make_packages(now=issued.now + timedelta(minutes=3))
    assert archive.of_case(issued.id)[0].state == "kept"


def test_a_worker_that_dies_leaves_its_package_to_the_next(issued: Household) -> None:
    setting.set_documents()
    journal.seal_journal(now=issued.now)
    (claimed,) = archive.claim(limit=5, now=issued.now + timedelta(minutes=1))
    assert packing.make_packages(now=issued.now + timedelta(minutes=5)) == 0
    assert packing.make_packages(now=issued.now + timedelta(minutes=7)) == 1
    assert archive.of_case(issued.id)[0].serial == claimed.serial


def as_insider(statement: str) -> None:
    """What somebody with the database in their hands can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_verify_says_that_an_untouched_archive_is_true(issued: Household) -> None:
    archived(issued)
    assert list(archive_faults(verify.node_keys())) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE archive_package SET sealed = set_byte(sealed, 99, 0) || '\\x00'",
         "what is kept does not open"),
        ("UPDATE archive_package SET sha256 = sm3", "its digests are not those"),
        ("UPDATE archive_package SET sha256 = sm3", "what is kept does not have its digests"),
        ("UPDATE archive_package SET state = 'destroyed', sealed = NULL, described = NULL",
         "it was destroyed and nobody decided that"),
        ("DELETE FROM archive_package", "the journal tells that it was made and it is not kept"),
        ("DELETE FROM journal WHERE kind = 'package_made'", "no entry of the journal tells"),
    ],
)  # fmt: skip
def test_verify_names_what_an_insider_did_to_the_archive(
    issued: Household, statement: str, said: str
) -> None:
    archived(issued)
    as_insider(statement)
    assert any(said in what for _where, what in archive_faults(verify.node_keys()))


def test_waiting_for_the_archive_costs_one_statement_for_any_number(issued: Household) -> None:
    case = issued.case
    context = contexts.context_of(case)
    (loaded,) = case_records.read(numbers=[issued.number])
    event = Event(EventKind.TASK_MOVED, issued.now, "system", CERTIFICATE, {"to": "completed"})
    seen = Event(EventKind.FAMILY_REMINDED, issued.now, "system")
    with CaptureQueriesContext(connection) as asked:
        archiving.follow([Happened(loaded, [event], case, context)] * 50, issued.now)
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        archiving.follow([Happened(loaded, [seen], case, context)] * 50, issued.now)
    assert len(asked) == 0
