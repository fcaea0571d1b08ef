"""A certificate is issued once, at the province; the hub keeps the very one, and its files."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection, transaction

from tests.actions.cast import CERTIFICATE, REGISTRATION, Household, clerk
from tests.actions.cast_nodes import HUB, Sent, neighbour, outbox, str_of
from tests.actions.test_tasks import _fitting
from yijian.actions import (
    certificate_checks,
    certificate_endings,
    certificate_tokens,
    channels,
    contexts,
    documents,
    parcels,
    receiving,
    results,
)
from yijian.actions.dispatching import dispatch_payload
from yijian.domain.cases import ParcelState
from yijian.domain.certificates import CertificateState
from yijian.domain.clocks import local_day
from yijian.domain.envelopes import CloudEvent, source_of
from yijian.domain.invariants import violations
from yijian.domain.parcels import collecting
from yijian.domain.routing import Channel
from yijian.domain.states import TaskState
from yijian.ops import verify
from yijian.records import cases as case_records
from yijian.records import certificates, journal, received_files
from yijian.records import channels as channel_records
from yijian.records import documents as document_records
from yijian.records.documents import READY, Settled
from yijian.records.models import (
    CertificateRow,
    DocumentRow,
    OutboxMessage,
    ParcelRow,
    Partner,
    ReceivedFile,
)

pytestmark = pytest.mark.django_db
PROVINCE = "province"
NUMBER = "Y340000001"
Told = tuple[str, dict[str, Any]]
PDF, OFD = b"%PDF-1.7 of the province", b"PK of the province"


@pytest.fixture
def hub(family: Household) -> Household:
    """A family at the hub whose hospital is reached through the node of its province."""
    neighbour(PROVINCE)
    rule = Channel(
        "node", PROVINCE, local_day(family.now), division="34", kind="midwifery_institution"
    )
    channels.set_rule(rule, by="operator:test", now=family.now)
    return family.submit()


class Province:
    """The node of the province, while the hub's case is out of the way."""

    def __init__(self, sent: Sent) -> None:
        self.sent = sent
        self.office = str(sent.case.tasks[CERTIFICATE].office)

    @property
    def house(self) -> Household:
        house = Household(None, None, None, self.sent.now)  # type: ignore[arg-type]
        house.number = self.sent.case.number
        return house

    def issue(self) -> None:
        """The hospital completes the certificate, and its faces are set."""
        given = _fitting(self.house, {"certificate_number": NUMBER, "issued_on": "2026-11-21"})
        self.house.decide(clerk(self.office), CERTIFICATE, TaskState.COMPLETED, result=given)

    def set_faces(self) -> None:
        files = {"pdf": documents.file(PDF), "ofd": documents.file(OFD)}
        waiting = DocumentRow.objects.filter(case_id=self.sent.id, state="waiting")
        documents.finish(
            [Settled(row.id, row.case_id, READY, files=files, pages=1) for row in waiting],
            now=self.sent.now,
        )

    def told(self) -> list[Told]:
        return [
            (kind, json.loads(json.dumps(data, default=str_of)))
            for kind, data in outbox(self.sent.id, HUB)
        ]


@contextmanager
def at_the_province(family: Household) -> Iterator[Province]:
    """The other node in the same database: the hub's rows are away until it is left."""
    told = outbox(family.id, PROVINCE)
    with transaction.atomic():
        _without(family.id)
        contexts.forget()
        neighbour(HUB)
        data = json.loads(json.dumps(told[0][1], default=str_of))
        sent = Sent({CERTIFICATE: data}, family.now)
        # At home the office has its desk; only the hub reaches it through this node.
        for known in channel_records.standing():
            channels.end_rule(known.id, on=local_day(family.now), by="op", now=family.now)
        assert sent.take(sent.event(CERTIFICATE)) == [("applied", "")]
        yield Province(sent)
        transaction.set_rollback(True)
    contexts.forget()


def _without(case_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE column_name = 'case_id' AND table_schema = 'public'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in tables:
            cursor.execute(f'DELETE FROM "{table}" WHERE case_id = %s', [case_id])
        cursor.execute('DELETE FROM "case" WHERE id = %s', [case_id])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def hear(family: Household, told: list[Told], sender: str = PROVINCE) -> list[tuple[str, str]]:
    """The hub takes in what it is told."""
    family.now += timedelta(seconds=30)
    found = []
    for kind, data in told:
        event = CloudEvent(str(uuid.uuid4()), source_of(sender), kind, family.now, "", data)
        (taken,) = receiving.receive_events(sender, [event], now=family.now)
        found.append((taken.outcome, taken.code))
    return found


def kinds(told: list[Told]) -> list[str]:
    return [kind.removeprefix("yijian.").removesuffix(".v1") for kind, _ in told]


def holds(family: Household) -> None:
    assert violations(family.case, contexts.context_of(family.case)) == []
    assert verify.verify(public_keys={}).faults == []


@pytest.fixture
def issued(hub: Household) -> list[Told]:
    """What the province tells once it has issued the certificate and set its faces."""
    with at_the_province(hub) as province:
        province.issue()
        province.set_faces()
        return province.told()


def test_the_hub_keeps_the_very_certificate_of_the_province(
    hub: Household, issued: list[Told]
) -> None:
    assert kinds(issued)[0] == "task.reported"
    assert set(hear(hub, issued)) == {("applied", "")}
    (row,) = CertificateRow.objects.filter(case_id=hub.id)
    said = next(d for k, d in issued if k == "yijian.certificate.issued.v1")
    assert (str(row.id), row.identifier) == (said["certificate"], said["identifier"])
    assert bytes(row.digest or b"").hex() == said["digest"]
    assert row.received_from == PROVINCE
    assert hub.case.tasks[CERTIFICATE].state is TaskState.COMPLETED
    assert hub.case.tasks[REGISTRATION].state is TaskState.QUEUED
    assert not OutboxMessage.objects.filter(kind="yijian.certificate.collected.v1").exists()
    holds(hub)


def test_what_is_told_twice_is_kept_once(hub: Household, issued: list[Told]) -> None:
    hear(hub, issued)
    version = hub.case.version
    outcomes = {outcome for outcome, _ in hear(hub, issued)}
    assert outcomes <= {"duplicate", "applied"} and hub.case.version == version
    assert CertificateRow.objects.filter(case_id=hub.id).count() == 1


def test_the_next_office_is_told_of_the_certificate_instead_of_paper(
    hub: Household, issued: list[Told]
) -> None:
    hear(hub, issued)
    context = contexts.context_of(hub.case)
    payload: Any = dispatch_payload(hub.case, REGISTRATION, context, hub.now)
    (shown,) = [one for one in payload["certificates"] if one["type"] == "birth_certificate"]
    assert shown["identifier"] == CertificateRow.objects.get(case_id=hub.id).identifier


def test_its_files_are_on_the_way_until_they_are_fetched_and_checked(
    hub: Household, issued: list[Told]
) -> None:
    hear(hub, [one for one in issued if "files" not in one[1]])
    faces = document_records.of_case(hub.id)
    mine = [face for face in faces if face.about.startswith("certificate:")]
    assert mine and {face.state for face in mine} == {"awaited"}
    hear(hub, issued)
    claimed = received_files.claim(limit=10, now=hub.now)
    assert len(claimed) == len(mine)
    for one in claimed:
        results.take_files(one, {"pdf": PDF, "ofd": OFD}, now=hub.now)
    (first, *_) = [f for f in document_records.of_case(hub.id) if f.id == mine[0].id]
    assert first.ready and first.source == "received"
    key = case_records.read(ids=[hub.id])[0].key
    assert key is not None
    assert document_records.file_of(key=key, document_id=first.id, format="pdf") == PDF
    assert set(ReceivedFile.objects.values_list("state", flat=True)) == {"fetched"}
    holds(hub)


def test_the_hub_verifies_a_code_that_the_province_has_signed(
    hub: Household, issued: list[Told], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    hear(hub, issued)
    opened = certificates.opened(certificates.of_cases([hub.id])[hub.id][0])
    assert opened is not None
    key, own = Ed25519PrivateKey.generate(), settings.YIJIAN
    with monkeypatch.context() as there:
        there.setattr(journal, "node_key", lambda: key)
        settings.YIJIAN = own.model_copy(update={"node": PROVINCE})
        token = certificate_tokens.token_of(opened.certificate)
        settings.YIJIAN = own
    assert certificate_checks.check(token) is None
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    Partner.objects.filter(code=PROVINCE).update(public_key=pem.decode())
    verdict = certificate_checks.check(token)
    assert verdict is not None and verdict.state is CertificateState.VALID
    # Nobody else's word counts for what the province has issued, not even this node's own.
    assert certificate_checks.check(certificate_tokens.token_of(opened.certificate)) is None


@pytest.mark.parametrize("wrong", ["digest", "identifier", "holder", "type", "a stranger"])
def test_a_certificate_that_is_not_what_it_says_is_refused(
    hub: Household, issued: list[Told], wrong: str
) -> None:
    kind, data = next(one for one in issued if one[0] == "yijian.certificate.issued.v1")
    content = dict(data["content"])
    if wrong == "holder":
        content["holder_name"] = "赵敏"
    if wrong == "type":
        content["type"] = "household_page"
    if wrong == "identifier":
        content["identifier"] = content["identifier"][:-1] + "?"
    forged = {**data, "content": content}
    if wrong == "digest":
        forged["digest"] = "0" * 64
    sender = PROVINCE
    if wrong == "a stranger":
        neighbour("other", "birth_certificate")
        sender = "other"
    ((outcome, code),) = hear(hub, [(kind, forged)], sender)
    assert outcome == "refused" and code in ("wrong_certificate", "unknown_task")
    assert not CertificateRow.objects.filter(case_id=hub.id).exists()


def test_a_number_that_another_family_has_is_refused_at_the_hub(
    hub: Household, issued: list[Told]
) -> None:
    said = next(d for k, d in issued if k == "yijian.certificate.issued.v1")
    CertificateRow.objects.create(
        case_id=hub.id, newborn=2, type="birth_certificate", issued_at=hub.now,
        number_hash=certificates.number_hash(said["content"]["number"]),
    )  # fmt: skip
    assert hear(hub, [("yijian.certificate.issued.v1", said)]) == [("refused", "result_taken")]


def test_a_certificate_revoked_at_the_province_is_revoked_at_the_hub(
    hub: Household,
) -> None:
    with at_the_province(hub) as province:
        province.issue()
        first = certificates.of_cases([hub.id])[hub.id][0].id
        for step in ("ask", "confirm"):
            officer = clerk(province.office)
            if step == "ask":
                certificate_endings.ask(
                    by=officer, certificate_id=first, kind="revoke", reason="issued_by_mistake",
                    now=hub.now,
                )  # fmt: skip
            else:
                certificate_endings.confirm(by=officer, certificate_id=first, now=hub.now)
        told = province.told()
    assert kinds(told)[-1] == "certificate.changed"
    kind, said = told[-1]
    loud = {**said, "reason": "赵敏 13900000000", "replacement": {"certificate": "赵敏"}}
    hear(hub, [*told[:-1], (kind, loud)])
    assert "赵敏" not in str([entry.event_body for entry in journal.entries_of(hub.id)])
    (standing,) = certificates.of_cases([hub.id])[hub.id]
    assert (standing.id, standing.state) == (first, CertificateState.REVOKED)
    assert hear(hub, told[-1:]) == [("duplicate", "")]
    holds(hub)


def test_a_replaced_certificate_is_replaced_at_the_hub_and_its_files_awaited_anew(
    hub: Household,
) -> None:
    with at_the_province(hub) as province:
        province.issue()
        first = certificates.of_cases([hub.id])[hub.id][0].id
        certificate_endings.ask(
            by=clerk(province.office), certificate_id=first, kind="replace",
            reason="paper_damaged", now=hub.now,
        )  # fmt: skip
        certificate_endings.confirm(by=clerk(province.office), certificate_id=first, now=hub.now)
        told = province.told()
    hear(hub, told)
    before, after = certificates.of_cases([hub.id])[hub.id]
    assert (before.id, before.state) == (first, CertificateState.REPLACED)
    assert (after.state, after.version) == (CertificateState.VALID, 2)
    versions = {
        face.version for face in document_records.of_case(hub.id)
        if face.about.startswith("certificate:")
    }  # fmt: skip
    assert versions == {2}
    holds(hub)


def test_the_hub_follows_the_parcel_and_orders_no_courier(hub: Household) -> None:
    assert "birth_certificate" not in {key[0] for key in hub.case.parcels}
    with at_the_province(hub) as province:
        province.issue()
        ready = province.told()
        parcel = ParcelRow.objects.get(case_id=hub.id).id
        mother = {name: hub.facts.family["mother"][name] for name in ("name", "id_number")}
        parcels.hand_over(
            by=clerk(province.office), parcel_id=parcel, proof="signed_paper",
            now=hub.now + timedelta(minutes=1), **mother,
        )  # fmt: skip
        handed = province.told()
    hear(hub, ready)
    assert hub.case.parcels[CERTIFICATE].state is ParcelState.READY
    assert hub.case.tasks[CERTIFICATE].open_asks
    hear(hub, handed)
    assert hub.case.parcels[CERTIFICATE].state is ParcelState.DELIVERED
    assert not hub.case.tasks[CERTIFICATE].open_asks
    version = hub.case.version
    hear(hub, [one for one in ready if one[0] == "yijian.parcel.moved.v1"])
    assert hub.case.version == version
    assert not OutboxMessage.objects.filter(destination="courier").exists()
    holds(hub)


def test_what_the_family_says_it_has_collected_is_no_longer_at_the_provinces_desk(
    hub: Household,
) -> None:
    with at_the_province(hub) as province:
        province.issue()
        asked = [ask.id for ask in collecting(contexts.context_of(hub.case), CERTIFICATE[0])]
        sent = province.sent
        again = sent.event(CERTIFICATE, f"answered-{asked[0]}", answered=asked)
        assert sent.take(again) == [("applied", "")]
        assert hub.case.parcels[CERTIFICATE].state is ParcelState.DELIVERED
        assert hub.case.tasks[CERTIFICATE].state is TaskState.COMPLETED
        assert sent.take(again) == [("duplicate", "")]
        holds(hub)


def test_only_the_node_that_sent_a_task_fetches_its_certificates_files(hub: Household) -> None:
    with at_the_province(hub) as province:
        province.issue()
        province.set_faces()
        (loaded,) = case_records.read(ids=[hub.id])
        document = DocumentRow.objects.filter(about__startswith="certificate:").first()
        assert document is not None
        given = results.issued_file(
            partner=HUB, loaded=loaded, key=CERTIFICATE, document=document.id, format="ofd"
        )
        assert given is not None and given.data == OFD
        for partner, key in ((PROVINCE, CERTIFICATE), ("", CERTIFICATE), (HUB, REGISTRATION)):
            assert results.issued_file(
                partner=partner, loaded=loaded, key=key, document=document.id, format="pdf"
            ) is None  # fmt: skip
