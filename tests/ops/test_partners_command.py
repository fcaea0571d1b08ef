"""Partners are made known with care, keys change without a gap, what waits is seen and resent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test import Client
from typer.testing import CliRunner

from tests.api.conftest import Door
from tests.gateways.conftest import Outside, reply
from tests.records.families import NOW, saved, submitted
from yijian.actions import envelopes, partners
from yijian.actions.partners import PartnerGiven, PartnerRefusedError
from yijian.domain.envelopes import NODE, read_event
from yijian.gateways.calls import Caller
from yijian.gateways.signatures.keys import read_key, split_keys
from yijian.ops import exchange_command, own_key, partners_command, verify
from yijian.ops.keys import make_key_pair
from yijian.records import exchange
from yijian.records.identifiers import new_id
from yijian.records.models import OutboxMessage, Partner

pytestmark = pytest.mark.django_db
PROVINCE = "node-340000"


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A keys folder of this test's own, with the node's key and a province's."""
    own = settings.YIJIAN.model_copy(update={"keys_dir": tmp_path, "signing_key_file": None})
    monkeypatch.setattr(settings, "YIJIAN", own)
    for code in (own.node, PROVINCE, "other"):
        make_key_pair(tmp_path, code)
    return tmp_path


def public(keys: Path, code: str) -> bytes:
    return (keys / f"{code}.pub.pem").read_bytes()


def run(commands: Any, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(commands, list(arguments))
    return done.exit_code, done.output


def province(keys: Path, **changes: Any) -> Partner:
    given = {"code": PROVINCE, "kind": NODE, "endpoint": "http://127.0.0.1:9/api/v1/events"}
    return partners.add(PartnerGiven(**(given | changes)), public_key=public(keys, PROVINCE))


def test_a_partner_is_added_listed_and_stopped(keys: Path) -> None:
    key = str(keys / f"{PROVINCE}.pub.pem")
    arguments = ("--kind", "node", "--endpoint", "http://127.0.0.1:9/api/v1/events")
    code, said = run(
        partners_command.commands, "add", PROVINCE, key, *arguments, "--thin", "--name", "安徽节点"
    )
    fingerprint = read_key(public(keys, PROVINCE))[1]
    assert code == 0 and fingerprint in said
    row = exchange.partner(PROVINCE)
    assert row is not None and (row.kind, row.thin, row.name_zh) == ("node", True, "安徽节点")
    listed = run(partners_command.commands, "list")[1]
    assert PROVINCE in listed and fingerprint in listed and "安徽节点" in listed
    assert run(partners_command.commands, "stop", PROVINCE)[0] == 0
    assert exchange.partner(PROVINCE) is None
    assert "停用" in run(partners_command.commands, "list")[1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "a b"}, "wrong_code"),
        ({"kind": "cousin"}, "wrong_kind"),
        ({"endpoint": "http://127.0.0.1:9/api/v1"}, "not_an_events_address"),
        ({"endpoint": "http://169.254.169.254/events"}, "forbidden_address"),
        ({"endpoint": "http://me:word@127.0.0.1/events"}, "names_a_user"),
    ],
)
def test_what_cannot_be_a_partner_is_refused(
    keys: Path, changes: dict[str, str], code: str
) -> None:
    with pytest.raises(PartnerRefusedError, match=code):
        province(keys, **changes)
    assert not Partner.objects.filter(kind=NODE).exists()


def test_in_production_a_private_address_is_refused_unless_its_network_is_named(
    keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "https://10.20.0.7/api/v1/events"
    earnest = settings.YIJIAN.model_copy(update={"demo": False})
    monkeypatch.setattr(settings, "YIJIAN", earnest)
    with pytest.raises(PartnerRefusedError, match="private_address"):
        province(keys, endpoint=address)
    named = earnest.model_copy(update={"partner_networks": "10.20.0.0/16"})
    monkeypatch.setattr(settings, "YIJIAN", named)
    assert province(keys, endpoint=address).endpoint == address


def test_two_keys_count_while_one_is_changed_and_the_last_one_stays(
    keys: Path, client: Client
) -> None:
    province(keys)
    old, new = (read_key(public(keys, code))[1] for code in (PROVINCE, "other"))
    path = str(keys / "other.pub.pem")
    assert run(partners_command.commands, "key", "add", PROVINCE, path) == (0, f"{new}\n")
    assert run(partners_command.commands, "key", "add", PROVINCE, path)[0] == 0
    row = exchange.partner(PROVINCE)
    assert row is not None and partners.keys_of(row) == [new, old]
    assert Door(PROVINCE, client).get("/tasks").status_code == 200
    assert run(partners_command.commands, "key", "drop", PROVINCE, old)[0] == 0
    assert Door(PROVINCE, client).get("/tasks").status_code == 401
    for last, code in ((new, "last_key"), (old, "unknown_key")):
        with pytest.raises(PartnerRefusedError, match=code):
            partners.drop_key(PROVINCE, last)
    private = str(keys / "other.pem")
    assert run(partners_command.commands, "key", "add", PROVINCE, private)[0] == 1


def test_this_node_changes_its_key_and_is_understood_at_every_moment(
    keys: Path, monkeypatch: pytest.MonkeyPatch, now: Any
) -> None:
    """The other node is played by this one: it knows us as a partner and takes our event in."""
    us = settings.YIJIAN.node
    province(keys)
    before = public(keys, us)
    partners.add(PartnerGiven(us, NODE), public_key=before)
    outside = Outside()

    def take(request: httpx.Request) -> httpx.Response:
        events = [read_event(each) for each in json.loads(request.content)]
        taken = envelopes.take_in(us, events, now=now)
        return reply(202, {"accepted": [t.id for t in taken if t.outcome != "refused"]})

    outside.answers["events"] = take
    with pytest.raises(own_key.NoNextKeyError):
        own_key.use()
    fingerprint = own_key.make()
    assert own_key.make() == fingerprint
    with httpx.Client(transport=httpx.MockTransport(outside.handle)) as client:
        old = (keys / f"{us}.pem").read_bytes()
        caller = Caller(client, us, old, lambda: now)
        monkeypatch.setattr(partners_command, "caller", lambda: caller)
        code, said = run(partners_command.commands, "own-key", "announce")
        assert code == 0 and PROVINCE in said
        assert run(partners_command.commands, "own-key", "announce")[0] == 0
    row = exchange.partner(us)
    assert row is not None and partners.keys_of(row) == [fingerprint, read_key(before)[1]]
    assert run(partners_command.commands, "own-key", "use") == (0, f"{fingerprint}\n")
    assert (keys / f"{us}.pem").read_bytes() != old
    both = split_keys(public(keys, us))
    assert [read_key(each)[1] for each in both] == [fingerprint, read_key(before)[1]]
    assert not list(keys.glob("*-next*"))
    assert len(verify.node_keys()) == 2


def message(**changes: Any) -> OutboxMessage:
    (loaded,) = saved(submitted(f"N{new_id()}", delivery=str(new_id())))
    row = {
        "destination": PROVINCE, "kind": "k", "case_id": loaded.id, "item": "card",
        "intent": str(new_id()), "state": "delivered", "not_before": NOW, "created_at": NOW,
        "settled_at": NOW,
    }  # fmt: skip
    return OutboxMessage.objects.create(id=new_id(), **(row | changes))


def test_what_was_delivered_goes_again_under_its_id_when_asked(db: object) -> None:
    mine, other = message(), message(destination="other-1")
    late, parked = message(created_at=NOW.replace(year=2027)), message(state="parked", problem="x")
    until = ("--until", f"{NOW.year + 1}-01-01")
    code, said = run(exchange_command.commands, "replay", "--to", PROVINCE, *until)
    assert code == 0 and "2" in said
    rows = {row.id: row.state for row in OutboxMessage.objects.all()}
    assert rows == {
        mine.id: "waiting", parked.id: "waiting", late.id: "delivered", other.id: "delivered",
    }  # fmt: skip
    assert run(exchange_command.commands, "replay")[0] == 1
    assert run(exchange_command.commands, "replay", "--received") == (0, "收下 taken in: 0\n")


def test_the_operator_sees_what_waits_and_what_stands_still(db: object) -> None:
    message(state="waiting", settled_at=None), message(state="parked", problem="refused: no")
    said = run(exchange_command.commands, "status")[1]
    (line,) = [line for line in said.splitlines() if line.startswith(PROVINCE)]
    assert line.split()[1] == "1" and line.split()[4] == "1"
    (parked,) = run(exchange_command.commands, "parked")[1].splitlines()
    assert PROVINCE in parked and "refused: no" in parked and "lead office" in parked
