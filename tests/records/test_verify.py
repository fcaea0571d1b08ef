"""`yijian verify` says that all is true only when it is, and otherwise exactly what is not."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from tests.records.families import NOW, SCHEME, decide, finished, later, saved, submitted
from tests.records.test_journal import as_insider
from yijian.actions import contexts
from yijian.domain.states import TaskState
from yijian.ops import verify, verify_command
from yijian.records import forgetting, journal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def history(monkeypatch: pytest.MonkeyPatch, node_key: Ed25519PrivateKey) -> None:
    """One finished family and one under way, sealed twice; the small scheme is their policy."""
    monkeypatch.setattr(contexts, "context_of", lambda case: SCHEME)
    finished("N1")
    journal.seal_journal(now=NOW)
    (second,) = saved(submitted("N2", delivery="D2"))
    decide([second.id], ("certificate", 1), TaskState.ACCEPTED, now=later(hours=1))
    journal.seal_journal(now=later(hours=1))


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def faults() -> list[str]:
    return [str(fault) for fault in verify.verify().faults]


def test_what_is_true_is_said_to_be_true() -> None:
    report = verify.verify()
    assert report.faults == []
    assert (report.cases, report.checkpoints) == (2, 2)
    assert report.entries == report.leaves > 20
    assert report.summary.endswith("全部属实 all true")


def test_entries_that_are_not_sealed_yet_are_no_fault() -> None:
    saved(submitted("N3", delivery="D3"))
    report = verify.verify()
    assert report.faults == []
    assert report.entries > report.leaves


def test_a_forgotten_family_is_no_fault() -> None:
    with connection.cursor() as cursor:
        cursor.execute("""SELECT id FROM "case" WHERE number = 'N1'""")
        (case_id,) = cursor.fetchone()
    assert forgetting.forget_case(case_id=case_id, now=NOW)
    assert faults() == []


LIES = {
    "a task that moved without an entry": (
        "UPDATE task SET state = 'in_review' WHERE state = 'accepted'",
        "case N2: I5 task certificate/1 is in_review, the journal tells accepted",
    ),
    "a deadline moved by hand": (
        "UPDATE task SET due_at = due_at + interval '1 day' WHERE state = 'accepted'",
        "case N2: I5 task certificate/1 is accepted, the journal tells accepted with other details",
    ),
    "a task removed": (
        "DELETE FROM task WHERE item = 'card' AND state = 'completed'",
        "case N1: I5 task card/1 is absent, the journal tells completed",
    ),
    "a stage set by hand": (
        """UPDATE "case" SET stage = 'closed' WHERE number = 'N2'""",
        "case N2: I5 stage is not what the journal tells",
    ),
    "a signature added by hand": (
        """UPDATE "case" SET progress = jsonb_set(progress, '{signatures,0,1}', '"forged"')
            WHERE number = 'N2'""",
        "case N2: I5 signatures is not what the journal tells",
    ),
    "a count set by hand": (
        """UPDATE "case" SET version = version + 1 WHERE number = 'N2'""",
        "I5 it counts",
    ),
    "a body rewritten": (
        "UPDATE journal SET body = '{\"x\":1}' WHERE kind = 'case_closed'",
        "(case_closed) was changed after it was written",
    ),
    "an entry removed from the middle": (
        "DELETE FROM journal WHERE seq = 4",
        "entry 4 is missing",
    ),
    "the last entry removed": (
        "DELETE FROM journal WHERE kind = 'case_closed'",
        "I5 it counts",
    ),
    "a whole history removed": (
        """WITH gone AS (DELETE FROM task) DELETE FROM "case" WHERE number = 'N2'""",
        "a journal without its case",
    ),
    "a history rewritten to its end": (
        "UPDATE journal SET actor = 'clerk:9', hash = journal_hash(case_id, seq, at, 'clerk:9',"
        " kind, item, newborn, body, prev) WHERE kind = 'case_closed'",
        "was rewritten",
    ),
    "a leaf removed": (
        "DELETE FROM journal_leaf WHERE position = 3",
        "an entry that should be in the tree and is not",
    ),
    "a leaf rewritten": (
        "UPDATE journal_leaf SET hash = sha256('x') WHERE position = 3",
        "its root is not the root of the tree",
    ),
    "the newest leaf removed": (
        "DELETE FROM journal_leaf WHERE position = (SELECT max(position) FROM journal_leaf)",
        "the tree has",
    ),
    "the newest checkpoint removed": (
        "DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)",
        "leaves lie beyond the newest checkpoint",
    ),
    "a root rewritten": (
        "UPDATE checkpoint SET root = sha256('x')",
        "its root is not the root of the tree",
    ),
    "a signature rewritten": (
        "UPDATE checkpoint SET signature = decode(repeat('00', 64), 'hex')",
        "its signature is not valid",
    ),
    "a checkpoint of somebody else": (
        "UPDATE checkpoint SET signer = 'somebody'",
        "was signed by an unknown key somebody",
    ),
    "sealed data of another place": (
        'UPDATE "case" SET sealed = display',
        "its sealed data do not open",
    ),
    "a newborn set free": (
        """UPDATE newborn SET open = NOT open""",
        "a newborn that is open in an ended case, or closed in an open one",
    ),
    "a parcel moved on by hand": (
        "UPDATE parcel SET state = 'delivered'",
        "N1 certificate: a parcel that lies elsewhere than its case says",
    ),
    "a parcel that vanished": (
        "DELETE FROM parcel",
        "a parcel that lies elsewhere than its case says",
    ),
    "a message about nothing": (
        "UPDATE outbox SET task_id = gen_random_uuid()",
        "a message about a task that does not exist",
    ),
    "one certificate number in two cases": (
        """INSERT INTO lookup (digest, case_id, purpose)
            SELECT sha256('x'), id, 'certificate' FROM "case" """,
        "N1 and N2: a certificate number that is known in two cases",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_every_lie_is_named(lie: str) -> None:
    statement, sentence = LIES[lie]
    with as_insider():
        run(statement)
    found = faults()
    assert any(sentence in fault for fault in found), found


def test_a_broken_invariant_is_named_although_the_journal_agrees(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The policy says P01 is no hospital: a certificate must not be handled there."""
    from dataclasses import replace

    from yijian.domain.routing import Directory

    elsewhere = Directory(
        tuple(replace(office, kind="station") for office in SCHEME.directory.offices)
    )
    monkeypatch.setattr(contexts, "context_of", lambda case: replace(SCHEME, directory=elsewhere))
    assert "case N2: I13 ('certificate', 1) is at H01, which is not its kind of office" in faults()


def test_a_case_whose_policy_is_not_kept_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(case: object) -> object:
        raise contexts.NoPackError("d")

    monkeypatch.setattr(contexts, "context_of", nowhere)
    assert faults() == [
        f"case {number}: the policy it is pinned to (test 1) is not kept here"
        for number in ("N1", "N2")
    ]


def test_the_command_prints_one_line_and_succeeds() -> None:
    result = invoke()
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    assert "2 办件 cases" in result.stdout


def test_the_command_fails_and_names_what_is_wrong() -> None:
    with as_insider():
        run("UPDATE checkpoint SET root = sha256('x')")
    result = invoke("--most", "1")
    assert result.exit_code == 1
    assert "its root is not the root of the tree" in result.stderr
    assert "… 3 more" in result.stderr
    assert "4 处不符 4 faults" in result.stdout


def invoke(*arguments: str):
    return CliRunner().invoke(verify_command.commands, list(arguments))


def test_statements_grow_with_hundreds_of_cases_not_with_each() -> None:
    with CaptureQueriesContext(connection) as of_few:
        assert verify.verify().faults == []
    saved(*(submitted(f"M{n}", delivery=f"E{n}") for n in range(40)))
    with CaptureQueriesContext(connection) as of_many:
        assert verify.verify().faults == []
    assert len(of_many) == len(of_few)
