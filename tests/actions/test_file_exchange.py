"""文件交换, with rows: nothing is packed twice or lost, and a result changes things once."""

import base64
import csv
import hashlib
import io
import json
import zipfile
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.actions.cast import CARD, Household
from tests.actions.test_channels import office_of, switch, way
from tests.actions.test_feedback import registered
from yijian.actions import contexts, file_exchange
from yijian.actions.file_exchange import Fetched
from yijian.domain.context import RefusedError
from yijian.domain.states import TaskState
from yijian.gateways.files import opened
from yijian.gateways.files.packing import zipped
from yijian.records import exchange, file_packages
from yijian.records.models import AccessEntry, CaseRow, InboxMessage, OutboxMessage, Partner

pytestmark = pytest.mark.django_db
BY = "operator:test"
CLINIC = "clinic"
__all__ = ["registered"]


@pytest.fixture
def carried(registered: Household) -> Household:
    """The family's card is made by an office without a network."""
    switch(registered, "file", CLINIC, item=CARD[0])
    contexts.forget()
    return registered


def fetch(family: Household, sequence: int = 1) -> Fetched:
    return file_exchange.fetch(CLINIC, sequence, by=BY, office=office_of(family), now=family.now)


def made(family: Household) -> Fetched:
    (package,) = file_exchange.make_due(CLINIC, by=BY, now=family.now)
    return fetch(family, package.sequence)


def inside(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table(package: Fetched, **cells: str) -> bytes:
    """The table to fill in, filled in."""
    text = inside(package.data)["results.csv"].decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(text))
    names = [name.split()[-1] for name in head]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for line in lines:
        filled = dict(zip(names, line, strict=True)) | cells
        writer.writerow([filled.get(name, "") for name in names])
    return out.getvalue().encode("utf-8-sig")


def take(family: Household, data: bytes, **more: Any) -> Any:
    values = {"participant": CLINIC, "by": "staff:1", "trusted": True, "now": family.now} | more
    return file_exchange.take(data, **values)


def state(family: Household) -> TaskState:
    return family.case.tasks[CARD].state


def test_a_task_of_an_office_without_a_network_lies_in_its_package(carried: Household) -> None:
    assert way(carried) == "file:clinic"
    package = made(carried)
    (line,) = inside(package.data)["tasks.jsonl"].splitlines()
    event = json.loads(line)
    assert event["data"]["task_id"] == str(carried.task(CARD))
    assert (event["type"], package.package.sequence) == ("yijian.task.dispatched.v1", 1)
    allowed = set(contexts.context_of(carried.case).pack.items[CARD[0]].payload)
    assert set(event["data"]["fields"]) <= allowed


def test_nobody_pushes_what_is_packed(carried: Household) -> None:
    assert "file:clinic" not in exchange.destinations(now=carried.now)


def test_a_message_is_packed_once_and_numbers_have_no_gap(carried: Household) -> None:
    first = made(carried)
    assert file_exchange.make_all(by=BY, now=carried.now) == []
    switch(carried, "desk", item=CARD[0])
    second = made(carried)
    assert (first.package.sequence, second.package.sequence) == (1, 2)
    manifest = json.loads(inside(second.data)["manifest.json"])
    assert manifest["previous"] == hashlib.sha256(first.data).hexdigest()
    assert b"withdrawn" in inside(second.data)["tasks.jsonl"]


def test_a_package_can_be_made_again_to_the_same_bytes(carried: Household) -> None:
    first = made(carried)
    contexts.forget()
    assert fetch(carried).data == first.data


def test_messages_are_delivered_when_the_package_is_fetched(carried: Household) -> None:
    file_exchange.make_due(CLINIC, by=BY, now=carried.now)
    rows = OutboxMessage.objects.filter(destination="file:clinic")
    assert {row.state for row in rows} == {"waiting"}
    fetch(carried)
    assert {row.state for row in rows.all()} == {"delivered"}
    (package,) = file_packages.packages([CLINIC], limit=9)
    assert package.fetched_by == BY


def test_every_fetch_stands_in_the_access_log_of_the_family(carried: Household) -> None:
    made(carried)
    fetch(carried)
    reads = AccessEntry.objects.filter(case_id=carried.id, what="file_package")
    assert [(read.staff, read.office) for read in reads] == [(BY, office_of(carried))] * 2


def test_a_package_with_a_forgotten_family_cannot_be_made_again(carried: Household) -> None:
    made(carried)
    CaseRow.objects.filter(id=carried.id).update(
        forgotten_at=carried.now, wrapped_key=None, sealed=None, display=None
    )
    with pytest.raises(RefusedError, match="package_gone"):
        fetch(carried)


def test_what_is_packed_but_not_fetched_counts_as_heard(carried: Household) -> None:
    file_exchange.make_due(CLINIC, by=BY, now=carried.now)
    switch(carried, "desk", item=CARD[0])
    kinds = [row.kind for row in OutboxMessage.objects.filter(destination="file:clinic")]
    assert sorted(kinds) == ["yijian.task.dispatched.v1", "yijian.task.withdrawn.v1"]
    assert fetch(carried).package.messages == 1, "a package that was made stays as it is"


def test_a_package_is_sealed_to_the_key_of_its_participant(carried: Household) -> None:
    own = X25519PrivateKey.generate()
    pem = own.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    file_packages.put_sealing_key(CLINIC, pem.decode(), by=BY, now=carried.now)
    package = made(carried)
    assert package.name.endswith(".zip.sealed")
    assert "manifest.json" in inside(opened(package.data, own))
    file_packages.put_sealing_key(CLINIC, "", by=BY, now=carried.now)
    assert fetch(carried).data == package.data, "it stays sealed to the key it was made for"


def test_a_table_that_is_filled_in_moves_the_task_once(carried: Household) -> None:
    filled = table(made(carried), state="受理")
    taken = take(carried, filled)
    assert (taken.lines, taken.applied, taken.refused) == (1, 1, 0)
    assert state(carried) is TaskState.ACCEPTED
    version, inbox = carried.case.version, InboxMessage.objects.count()
    assert take(carried, filled).id == taken.id
    assert (carried.case.version, InboxMessage.objects.count()) == (version, inbox)


def test_the_same_said_in_another_table_changes_nothing(carried: Household) -> None:
    package = made(carried)
    take(carried, table(package, state="受理"))
    version = carried.case.version
    again = take(carried, table(package, state="accepted", at="2026-11-21 10:00"))
    assert (again.applied, again.repeated, again.refused) == (0, 1, 0)
    assert carried.case.version == version


def test_a_wrong_line_is_told_back_and_stops_no_other(carried: Household) -> None:
    package = made(carried)
    good = table(package, state="受理").decode("utf-8-sig").splitlines()
    bad = good[1].replace("受理", "办好了")
    strange = good[1].replace(str(carried.task(CARD)), "01a201e8-3fa0-7181-ba10-47ae13017aff")
    both = "\r\n".join((good[0], bad, strange, good[1])).encode("utf-8-sig")
    taken = take(carried, both)
    assert (taken.applied, taken.refused) == (1, 2)
    complaints = [(c.line, c.column, c.code) for c in file_exchange.complaints_of(taken)]
    assert complaints == [(2, "state", "unknown_state"), (3, "", "unknown_task")]
    assert state(carried) is TaskState.ACCEPTED


def test_columns_that_were_sorted_apart_are_noticed(carried: Household) -> None:
    taken = take(carried, table(made(carried), state="受理", case_number="34000020261121S999999X"))
    assert [c.code for c in file_exchange.complaints_of(taken)] == ["not_this_case"]
    assert state(carried) is TaskState.QUEUED


def test_a_result_that_is_wrong_is_told_with_its_column(carried: Household) -> None:
    package = made(carried)
    taken = take(carried, table(package, state="办结", **{"result.ready_on": "下周"}))
    assert [(c.line, c.column, c.code) for c in file_exchange.complaints_of(taken)] == [
        (2, "result.ready_on", "result_wrong")
    ]
    take(carried, table(package, state="办结", **{"result.ready_on": "2026/12/1"}))
    assert carried.case.results[CARD]["ready_on"] == date(2026, 12, 1)


def test_only_its_own_office_reports_a_task(carried: Household) -> None:
    filled = table(made(carried), state="受理")
    taken = take(carried, filled, participant="another")
    assert [c.code for c in file_exchange.complaints_of(taken)] == ["unknown_task"]
    assert state(carried) is TaskState.QUEUED


def test_without_signature_or_clerk_nothing_is_taken(carried: Household) -> None:
    filled = table(made(carried), state="受理")
    with pytest.raises(RefusedError, match="not_signed"):
        take(carried, filled, trusted=False)
    with pytest.raises(RefusedError, match="another_participant"):
        take(carried, filled, participant="")
    assert InboxMessage.objects.filter(sender=CLINIC).count() == 0


def test_a_signed_package_needs_no_clerk(carried: Household) -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    Partner.objects.create(code=CLINIC, public_key=pem, items=[CARD[0]])
    results = table(made(carried), state="受理")

    def package(signer: Ed25519PrivateKey) -> bytes:
        manifest = json.dumps(
            {
                "format": "yijian.results.v1", "participant": CLINIC, "sequence": 3,
                "files": [
                    {"name": "results.csv", "sha256": hashlib.sha256(results).hexdigest()}
                ],
            }
        ).encode()  # fmt: skip
        signature = base64.b64encode(signer.sign(manifest))
        files = {"manifest.json": manifest, "manifest.sig": signature, "results.csv": results}
        return zipped(files)

    with pytest.raises(RefusedError, match="wrong_signature"):
        take(carried, package(Ed25519PrivateKey.generate()), trusted=False)
    taken = take(carried, package(key), participant="", trusted=False)
    assert (taken.name, taken.signed, taken.applied) == ("3", True, 1)
    assert InboxMessage.objects.filter(sender=CLINIC, message_id="file:3:2").exists()


def test_an_office_fetches_packages_that_are_for_it_alone(carried: Household) -> None:
    assert file_exchange.participants_of(office_of(carried)) == (CLINIC,)
    others = [
        office.code for office in contexts.directory().offices if office.code != office_of(carried)
    ]
    assert file_exchange.participants_of(others[0]) == ()
    switch(carried, "file", CLINIC, office="", division="34", item="")
    contexts.forget()
    assert file_exchange.participants_of(office_of(carried)) == (), "it would see others' families"
