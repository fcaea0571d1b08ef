"""移交与处置: what an archive took is known by its signed receipt; destroying takes two."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from sandbox.app import create_app, world_of
from sandbox.settings import Settings
from tests.actions.archive_cast import archived, archivist
from tests.actions.cast import CERTIFICATE, REGISTRATION, Household, clerk_of
from yijian.actions import disposing, packing, transferring
from yijian.documents.offline_verifier import files_of, package_faults
from yijian.domain.context import RefusedError
from yijian.gateways.archive import signed_text
from yijian.gateways.calls import Caller
from yijian.ops import keys
from yijian.ops.transferring import send_batches
from yijian.records import archive, archive_batches, archive_disposals
from yijian.records.access import Refused
from yijian.records.archive import Package
from yijian.records.archive_batches import CARRIED, SENT, Batch

pytestmark = pytest.mark.django_db


@pytest.fixture
def package(submitted: Household) -> Package:
    keys.make_key_pair(settings.YIJIAN.keys_folder, "archive")
    return archived(submitted)


@pytest.fixture
def keeper(package: Package) -> User:
    return archivist()


def drawn(keeper: User, package: Package, family: Household, way: str = CARRIED) -> Batch:
    return transferring.draw_up(by=keeper, packages=[package.id], way=way, now=family.now)


def receipt(batch: Batch, package: Package, reason: str = "", /, **changed: object) -> bytes:
    said: dict[str, object] = {
        "format": "yijian archive receipt 1",
        "batch": batch.number,
        "archive": "archive",
        "at": "2026-11-22T10:00:00+08:00",
        "packages": [{"name": package.name, "sha256": package.sha256, "reason": reason}],
    }
    pem = (settings.YIJIAN.keys_folder / "archive.pem").read_bytes()
    key = load_pem_private_key(pem, None)
    assert isinstance(key, Ed25519PrivateKey)
    signature = base64.b64encode(key.sign(signed_text(said))).decode()
    return json.dumps({**said, "signature": signature, **changed}).encode()


def test_a_medium_holds_the_packages_and_everything_to_check_them_with(
    package: Package, keeper: User, submitted: Household
) -> None:
    batch = drawn(keeper, package, submitted)
    made = transferring.medium_of(by=keeper, batch=batch)
    assert made.data == transferring.medium_of(by=keeper, batch=batch).data
    files = files_of(made.data)
    assert {
        "说明文件.TXT",
        "文件目录.XML",
        f"电子档案/{package.name}",
        "其他/offline_verifier.py",
        "其他/signer.pub.pem",
        "其他/校验信息.xml",
    } == set(files)
    known = packing.signer().keys
    assert package_faults(made.data, known) == []
    broken = files[f"电子档案/{package.name}"].replace("李小满".encode(), "李大满".encode())
    swapped = made.data.replace(files[f"电子档案/{package.name}"], broken)
    assert package_faults(swapped, known)


def test_a_receipt_of_the_archive_is_written_once(
    package: Package, keeper: User, submitted: Household
) -> None:
    batch = drawn(keeper, package, submitted)
    data = receipt(batch, package)
    assert transferring.bring_receipt(by=keeper, batch=batch, data=data, now=submitted.now)
    answered = archive_batches.batch(batch.id)
    assert answered is not None and answered.state == "received"
    assert archive.one(package.id).transferred_at == submitted.now  # type: ignore[union-attr]
    later = submitted.now + timedelta(days=1)
    refusing = receipt(batch, package, "another_sha256")
    assert not transferring.bring_receipt(by=keeper, batch=batch, data=refusing, now=later)
    assert archive_batches.batch(batch.id) == answered


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"batch": "YJ20261122FFFFFFFF"}, "signature"),
        ({"packages": []}, "signature"),
        ({"signature": "AAAA"}, "signature"),
        ({"signature": None}, "unsigned"),
        ({"format": "another"}, "not_a_receipt"),
    ],
)
def test_a_receipt_that_the_archive_did_not_sign_changes_nothing(
    package: Package, keeper: User, submitted: Household, changed: dict[str, object], reason: str
) -> None:
    batch = drawn(keeper, package, submitted)
    data = receipt(batch, package, "", **changed)
    with pytest.raises(RefusedError) as refused:
        transferring.bring_receipt(by=keeper, batch=batch, data=data, now=submitted.now)
    assert refused.value.field == reason
    assert archive_batches.batch(batch.id) == batch


def test_what_the_archive_refuses_may_be_handed_over_again(
    package: Package, keeper: User, submitted: Household
) -> None:
    batch = drawn(keeper, package, submitted)
    with pytest.raises(RefusedError, match="already_handed_over"):
        drawn(keeper, package, submitted)
    data = receipt(batch, package, "another_size")
    transferring.bring_receipt(by=keeper, batch=batch, data=data, now=submitted.now)
    assert archive_batches.batch(batch.id).state == "differs"  # type: ignore[union-attr]
    (line,) = archive_batches.lines_of(batch.id)
    assert (line.state, line.problem) == ("refused", "another_size")
    assert drawn(keeper, package, submitted).id != batch.id


def test_nobody_but_an_archivist_hands_anything_over(
    package: Package, submitted: Household
) -> None:
    officer = clerk_of(submitted, CERTIFICATE)
    with pytest.raises(Refused):
        drawn(officer, package, submitted)
    with pytest.raises(Refused):
        drawn(archivist(submitted.case.tasks[REGISTRATION].office or ""), package, submitted)


class Archive:
    """The pretend archive, asked through its own application."""

    def __init__(self) -> None:
        folder = settings.YIJIAN.keys_folder
        self.app = create_app(
            Settings(keys=folder, node_url="http://127.0.0.1:9", node=settings.YIJIAN.node)
        )
        client = httpx.Client(
            transport=httpx.WSGITransport(app=self.app.wsgi_app), base_url="http://archive.test"
        )
        # The pretend archive looks at how old a signature is.
        key = settings.YIJIAN.signing_key_path.read_bytes()
        self.caller = Caller(client, settings.YIJIAN.node, key, timezone.now)  # noqa: TID251

    @property
    def held(self) -> dict[str, dict[str, object]]:
        (batch,) = world_of(self.app).store.documents("archive")
        found: dict[str, dict[str, object]] = batch["held"]
        return found


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Archive:
    changed = settings.YIJIAN.model_copy(update={"archive_url": "http://archive.test/archive"})
    monkeypatch.setattr(settings, "YIJIAN", changed)
    return Archive()


def test_a_batch_that_is_sent_comes_back_with_the_receipt_of_the_archive(
    package: Package, keeper: User, submitted: Household, outside: Archive
) -> None:
    batch = drawn(keeper, package, submitted, SENT)
    assert send_batches(outside.caller) == 1
    assert send_batches(outside.caller) == 0
    answered = archive_batches.batch(batch.id)
    assert answered is not None and (answered.state, answered.problem) == ("received", "")
    assert outside.held[package.name]["sm3"] == package.sm3


def test_an_archive_that_is_away_gets_the_batch_later_and_nothing_twice(
    package: Package, keeper: User, submitted: Household, outside: Archive
) -> None:
    batch = drawn(keeper, package, submitted, SENT)
    world_of(outside.app).set_switch("archive", {"outage": True})
    assert send_batches(outside.caller) == 0
    waiting = archive_batches.batch(batch.id)
    assert waiting is not None and (waiting.state, waiting.problem) == ("waiting", "status_503")
    world_of(outside.app).set_switch("archive", {"outage": False})
    claimed = archive_batches.claim(now=submitted.now + timedelta(days=3650))
    assert claimed is not None and claimed.number == batch.number


def test_the_archive_finds_what_was_changed_on_the_way(
    package: Package, keeper: User, submitted: Household, outside: Archive,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    batch = drawn(keeper, package, submitted, SENT)
    monkeypatch.setattr(archive, "data_of", lambda package_id: b"PK something else")
    send_batches(outside.caller)
    (line,) = archive_batches.lines_of(batch.id)
    assert (line.state, line.problem) == ("refused", "another_size")


def _overdue(package: Package, family: Household) -> None:
    """Ten years go by for a package that is kept for ten."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE archive_package SET keep_until = %s WHERE id = %s",
            [family.now.date(), package.id],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_a_package_in_its_time_cannot_even_be_proposed(
    package: Package, keeper: User, submitted: Household
) -> None:
    with pytest.raises(RefusedError, match="not_due"):
        disposing.propose(by=keeper, package_id=package.id, reason="期满", now=submitted.now)


def test_a_package_is_destroyed_by_two_and_its_trace_stays(
    package: Package, keeper: User, submitted: Household
) -> None:
    _overdue(package, submitted)
    assert [p.id for p in archive_disposals.overdue(fonds=None, on=submitted.now.date())] == [
        package.id
    ]
    disposing.propose(by=keeper, package_id=package.id, reason="期满", now=submitted.now)
    (open_one,) = archive_disposals.disposals()
    with pytest.raises(RefusedError, match="same_person"):
        disposing.decide(by=keeper, disposal_id=open_one.id, verdict="destroyed", now=submitted.now)
    assert archive.data_of(package.id) is not None
    second = archivist()
    disposing.decide(by=second, disposal_id=open_one.id, verdict="destroyed", now=submitted.now)
    assert archive.data_of(package.id) is None
    left = archive.one(package.id)
    assert left is not None and (left.state, left.sha256) == ("destroyed", package.sha256)
    assert archive.found(case_number=submitted.number) == []
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE archive_disposal SET reason = 'another'")


def test_a_package_that_is_kept_on_stays_readable(
    package: Package, keeper: User, submitted: Household
) -> None:
    _overdue(package, submitted)
    disposing.propose(by=keeper, package_id=package.id, reason="期满", now=submitted.now)
    (open_one,) = archive_disposals.disposals()
    disposing.decide(by=archivist(), disposal_id=open_one.id, verdict="kept", now=submitted.now)
    assert archive.data_of(package.id) is not None
