"""The door for CloudEvents: each event its own outcome, once and for ever, only from its source."""

from __future__ import annotations

import json
import uuid
from typing import Any
from unittest import mock

import pytest
from django.conf import settings

from tests.api.conftest import Door, card_of, feedback, state_of
from yijian.actions import envelopes, receiving
from yijian.domain.context import RefusedError
from yijian.domain.envelopes import (
    BATCH,
    KEY_ANNOUNCED,
    SINGLE,
    TASK_REPORTED,
    TASK_WITHDRAWN,
)
from yijian.gateways.signatures.keys import split_keys
from yijian.ops.keys import make_key_pair
from yijian.records import exchange, parked
from yijian.records.mapping import LoadedCase
from yijian.records.models import DeadLetter, InboxMessage, Partner, RefusedRequest

TOMORROW = "yijian.task.foretold.v1"


@pytest.fixture
def known(db: object) -> None:
    """Partners alone: who only knocks needs no packs and no offices."""
    for code in ("hr-340000", "insurance-340000"):
        make_key_pair(settings.YIJIAN.keys_folder, code)
        public = settings.YIJIAN.keys_folder / f"{code}.pub.pem"
        exchange.put_partner(code=code, public_key=public.read_text())


def event(door: Door, kind: str, data: dict[str, Any], **changes: object) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": uuid.uuid4().hex,
        "source": f"/nodes/{door.code}",
        "type": kind,
        "time": "2026-11-22T10:00:00+08:00",
        "data": data,
    } | changes


def own_key(door: Door) -> str:
    return (settings.YIJIAN.keys_folder / f"{door.code}.pub.pem").read_text()


def report(door: Door, family: LoadedCase, state: str = "accepted", **said: Any) -> dict[str, Any]:
    data = feedback(card_of(family), state, **said)
    return event(door, TASK_REPORTED, data, id=data["feedback_id"])


def send(door: Door, *events: object) -> Any:
    answer = door.post("/events", list(events), content_type=BATCH)
    assert answer.status_code == 202, answer.content
    return answer.json()


def test_one_event_alone_is_taken_in(family: LoadedCase, hr: Door) -> None:
    said = report(hr, family)
    answer = hr.post("/events", said, content_type=SINGLE)
    assert (answer.status_code, answer.json()) == (202, {"accepted": [said["id"]], "refused": []})
    assert state_of(family) == "accepted"


def test_every_event_of_a_batch_has_its_own_outcome(family: LoadedCase, hr: Door) -> None:
    good, unknown = report(hr, family), event(hr, TOMORROW, {"task_id": "?", "new": [1]})
    elsewhere = event(hr, TASK_REPORTED, feedback(uuid.uuid4()))
    downwards = event(hr, "yijian.task.dispatched.v1", {"task_id": str(card_of(family))})
    outcome = send(hr, "no event", unknown, elsewhere, downwards, good, {"id": "x"})
    assert outcome["accepted"] == [unknown["id"], good["id"]]
    assert [refused["reason"] for refused in outcome["refused"]] == [
        "not_an_object", "unknown_task", "not_yours_to_say", "wrong_specversion",
    ]  # fmt: skip
    assert state_of(family) == "accepted"


def test_a_repeated_event_changes_nothing_and_is_accepted(family: LoadedCase, hr: Door) -> None:
    said = report(hr, family)
    assert send(hr, said, said) == {"accepted": [said["id"]] * 2, "refused": []}
    version = version_of(family)
    assert send(hr, {**said, "time": "2026-11-23T00:00:00Z"})["accepted"] == [said["id"]]
    assert version_of(family) == version


def version_of(family: LoadedCase) -> int:
    from yijian.records import cases

    return cases.read(ids=[family.id])[0].case.version


def test_an_id_cannot_mean_two_things(family: LoadedCase, hr: Door) -> None:
    said = report(hr, family)
    other = report(hr, family, "declined", reason={"code": "other"}) | {"id": said["id"]}
    assert send(hr, said, other)["refused"] == [
        {"id": said["id"], "reason": envelopes.ANOTHER_MESSAGE}
    ]
    assert state_of(family) == "accepted"


def test_a_report_is_the_same_at_either_of_its_doors(family: LoadedCase, hr: Door) -> None:
    said = report(hr, family)
    assert hr.post("/feedback", said["data"]).json()["outcome"] == "applied"
    assert send(hr, said) == {"accepted": [said["id"]], "refused": []}
    assert InboxMessage.objects.filter(message_id=said["id"]).count() == 1


def test_an_event_in_the_name_of_another_is_refused_and_recorded(known: None, hr: Door) -> None:
    forged = event(hr, TOMORROW, {}, source="/nodes/insurance-340000")
    assert send(hr, forged)["refused"] == [{"id": forged["id"], "reason": "wrong_source"}]
    row = RefusedRequest.objects.get()
    assert (row.reason, row.claimed) == ("wrong_source", "insurance-340000")
    assert not InboxMessage.objects.exists()


def test_a_partner_cannot_report_about_the_task_of_another(
    family: LoadedCase, insurance: Door
) -> None:
    stolen = report(insurance, family)
    assert send(insurance, stolen)["refused"] == [{"id": stolen["id"], "reason": "unknown_task"}]
    assert state_of(family) == "queued"
    assert InboxMessage.objects.get().outcome == "refused"
    again = send(insurance, stolen, stolen)
    assert [each["reason"] for each in again["refused"]] == ["unknown_task"] * 2


def test_what_this_version_does_not_know_is_kept_whole_for_a_person(known: None, hr: Door) -> None:
    told = event(hr, TOMORROW, {"name": "江一诺", "deep": {"new": [1, None]}}, newextension="kept")
    assert send(hr, told) == {"accepted": [told["id"]], "refused": []}
    row = InboxMessage.objects.get()
    assert (row.state, row.kind, row.detail) == ("parked", TOMORROW, receiving.NOT_KNOWN)
    assert "江一诺".encode() not in bytes(row.sealed)
    (kept,) = parked.parked()
    assert kept.document["data"] == told["data"] and kept.document["newextension"] == "kept"
    letter = DeadLetter.objects.get()
    assert (letter.direction, letter.partner, letter.state) == ("in", "hr-340000", "open")
    assert send(hr, told)["accepted"] == [told["id"]]
    assert DeadLetter.objects.count() == 1


def test_after_an_upgrade_what_was_parked_is_taken_in(
    family: LoadedCase, hr: Door, now: Any
) -> None:
    told = report(hr, family) | {"type": TOMORROW}
    send(hr, told)
    assert envelopes.replay_waiting(now=now) == 0
    newer = {**receiving.TAKERS, TOMORROW: receiving.TAKERS[TASK_REPORTED]}
    with mock.patch.object(receiving, "TAKERS", newer):
        assert envelopes.replay_waiting(now=now) == 1
    assert state_of(family) == "accepted"
    row = InboxMessage.objects.get()
    assert (row.state, row.outcome, row.sealed) == ("settled", "applied", None)
    assert DeadLetter.objects.get().state == "tried_again"


def test_a_poisoned_event_stops_no_other(known: None, hr: Door) -> None:
    poison, good = event(hr, TOMORROW, {}), event(hr, KEY_ANNOUNCED, {"public_key": own_key(hr)})

    def falls(_intake: object) -> receiving.Taken:
        raise ZeroDivisionError

    with mock.patch.dict(receiving.TAKERS, {TOMORROW: falls}):
        assert send(hr, poison, good)["accepted"] == [poison["id"], good["id"]]
    assert InboxMessage.objects.get(message_id=good["id"]).outcome == "duplicate"
    row = InboxMessage.objects.get(state="parked")
    assert (row.message_id, row.detail) == (poison["id"], "failed: ZeroDivisionError")
    assert DeadLetter.objects.get().message_id == row.id


def _falls(_intake: object) -> receiving.Taken:
    raise ZeroDivisionError


def test_a_poisoned_report_that_comes_again_is_the_same_one(family: LoadedCase, hr: Door) -> None:
    said = report(hr, family)
    with mock.patch.dict(receiving.TAKERS, {TASK_REPORTED: _falls}):
        assert send(hr, said)["accepted"] == [said["id"]]
        assert send(hr, said) == {"accepted": [said["id"]], "refused": []}
    assert DeadLetter.objects.count() == 1


def test_a_refused_event_that_breaks_when_it_comes_again_is_kept(known: None, hr: Door) -> None:
    Partner.objects.filter(code=hr.code).update(kind="node")

    def refuses(_intake: object) -> receiving.Taken:
        raise RefusedError("item_not_agreed")

    said = event(hr, TASK_WITHDRAWN, {"task_id": str(uuid.uuid4())})
    with mock.patch.dict(receiving.TAKERS, {TASK_WITHDRAWN: refuses}):
        assert send(hr, said)["accepted"] == []
    with mock.patch.dict(receiving.TAKERS, {TASK_WITHDRAWN: _falls}):
        assert send(hr, said)["accepted"] == [said["id"]]
    assert InboxMessage.objects.get().state == "parked"
    assert DeadLetter.objects.count() == 1


def test_a_new_key_is_announced_under_the_old_one_and_both_count(known: None, hr: Door) -> None:
    make_key_pair(settings.YIJIAN.keys_folder, "hr-next")
    new = (settings.YIJIAN.keys_folder / "hr-next.pub.pem").read_text()
    told = event(hr, KEY_ANNOUNCED, {"public_key": new})
    assert send(hr, told) == {"accepted": [told["id"]], "refused": []}
    private = (settings.YIJIAN.keys_folder / "hr-next.pem").read_bytes()
    assert hr.get("/tasks").status_code == 200
    with mock.patch.object(Door, "key", return_value=private):
        assert hr.get("/tasks").status_code == 200
    again = event(hr, KEY_ANNOUNCED, {"public_key": new})
    assert send(hr, again)["accepted"] == [again["id"]]
    row = exchange.partner("hr-340000")
    assert row is not None and len(split_keys(row.public_key.encode())) == 2


def test_what_is_no_key_is_not_taken_for_one(known: None, hr: Door) -> None:
    for said in (None, "", "no key", 7):
        told = event(hr, KEY_ANNOUNCED, {"public_key": said})
        assert send(hr, told)["refused"] == [{"id": told["id"], "reason": "wrong_key"}]


BODIES: dict[str, tuple[bytes, str, int]] = {
    "no JSON": (b"hello", SINGLE, 400),
    "a duplicate key": (b'{"id":"a","id":"b"}', SINGLE, 400),
    "NaN": (b'[{"data":NaN}]', BATCH, 400),
    "a list as one event": (b"[]", SINGLE, 422),
    "an event as a batch": (b"{}", BATCH, 422),
    "no event at all": (b"[]", BATCH, 422),
    "too many events": (json.dumps([1] * 501).encode(), BATCH, 422),
    "plain JSON": (b"[{}]", "application/json", 415),
}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_no_batch_is_refused_whole(known: None, hr: Door, body: str) -> None:
    raw, content_type, status = BODIES[body]
    assert hr.post("/events", raw, content_type=content_type).status_code == status
    assert not InboxMessage.objects.exists()


def test_five_hundred_events_are_one_request(known: None, hr: Door) -> None:
    many = [event(hr, TOMORROW, {"n": n}) for n in range(500)]
    assert send(hr, *many) == {"accepted": [each["id"] for each in many], "refused": []}


def _mutations(headers: dict[str, str], raw: bytes) -> list[tuple[str, dict[str, str], bytes]]:
    """Every part of a signed request, changed one at a time."""
    found: list[tuple[str, dict[str, str], bytes]] = [("body", headers, raw[:-1] + b" ")]
    found.append(("body longer", headers, raw + b" "))
    given = headers["Signature-Input"]
    for old, new in (
        ('"@method" ', ""), ('"@target-uri" ', ""), ('"content-digest" ', ""),
        (' "content-type"', ""), ("created=", "created=1"), ("nonce=", 'x="y";nonce='),
        ("hr-340000", "tax-340000"), ("sig1=", "sig2="), ("ed25519", "hmac-sha256"),
    ):  # fmt: skip
        assert old in given, old
        found.append(
            (f"without {old}", headers | {"Signature-Input": given.replace(old, new)}, raw)
        )
    for name in ("Signature", "Signature-Input", "Content-Digest"):
        found.append((f"no {name}", {k: v for k, v in headers.items() if k != name}, raw))
    at = len("sig1=:") + 10
    signature = headers["Signature"]
    flipped = "A" if signature[at] != "A" else "B"
    changed = signature[:at] + flipped + signature[at + 1 :]
    found.append(("signature", headers | {"Signature": changed}, raw))
    digest = headers["Content-Digest"].replace("sha-256", "sha-512")
    found.append(("digest", headers | {"Content-Digest": digest}, raw))
    return found


def test_whatever_part_of_a_signed_message_is_changed_it_changes_nothing(
    known: None, hr: Door
) -> None:
    raw = json.dumps([event(hr, TOMORROW, {})]).encode()
    path = "/api/v1/events"
    headers = hr.headers("POST", path, raw, BATCH)
    mutated = _mutations(headers, raw)
    for name, changed, body in mutated:
        assert hr.send(path, body, changed, BATCH).status_code == 401, name
    assert hr.send(path, raw, headers, SINGLE).status_code == 401, "content type"
    assert hr.send("/api/v1/feedback", raw, headers, BATCH).status_code == 401, "address"
    assert hr.send(f"{path}?x=1", raw, headers, BATCH).status_code == 401, "query"
    assert not InboxMessage.objects.exists()
    assert RefusedRequest.objects.count() == len(mutated) + 3
    assert hr.send(path, raw, headers, BATCH).status_code == 202
    assert hr.send(path, raw, headers, BATCH).status_code == 401, "replayed"
    assert RefusedRequest.objects.filter(reason="replayed").count() == 1


def test_whoever_was_stopped_is_a_stranger_at_this_door_too(known: None, hr: Door) -> None:
    Partner.objects.filter(code="hr-340000").update(active=False)
    answer = hr.post("/events", [event(hr, TOMORROW, {})], content_type=BATCH)
    assert answer.status_code == 401 and not InboxMessage.objects.exists()
