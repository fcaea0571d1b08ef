"""Both sides of the wire agree: the pretend world runs as its own process and is asked for real.

Nothing of it is imported. What it knows of its families it tells over HTTP.
"""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.gateways.conftest import values_of
from yijian.domain.cases import CheckState
from yijian.gateways import courier, departments, face, identity, sms
from yijian.gateways.addresses import Policy
from yijian.gateways.calls import Caller, CallFailedError, make_client
from yijian.gateways.registers import REGISTERS, Answer, Person, Query, ask

NODE = "yijian"
START_SECONDS = 30

WANTED = frozenset({"marriage_certificate_held", "mother_id_card_held"})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a pretend world with its own keys."""
    folder = tmp_path_factory.mktemp("world")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            sys.executable, "-m", "sandbox", "--port", str(port), "--keys", str(folder / "keys"),
            "--make-keys", "--node-url", "http://127.0.0.1:9", "--minute", "3600",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("YIJIAN_")},
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _await(address)
        yield address + f"|{folder}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await(address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            if httpx.get(f"{address}/families", timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            assert time.monotonic() < until, "the pretend world does not start"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def address(world: str) -> str:
    return world.split("|")[0]


@pytest.fixture(scope="module")
def asker(world: str) -> Iterator[Caller]:
    folder = Path(world.split("|")[1])
    key = (folder / "keys" / f"{NODE}.pem").read_bytes()
    with make_client(Policy(loopback=True)) as client:
        yield Caller(client, NODE, key, lambda: datetime.now(UTC))  # noqa: TID251 (a real clock)


@pytest.fixture(scope="module")
def families(address: str) -> dict[str, Any]:
    found = httpx.get(f"{address}/families", trust_env=False).json()
    return {family["id"]: family for family in found}


def _person(person: dict[str, Any] | None) -> Person | None:
    if person is None:
        return None
    return Person(person["name"], person.get("id_type", "111"), person["id_number"])


def ask_about(family: dict[str, Any], register: str, asker: Caller, address: str) -> Answer:
    mother = _person(family["mother"])
    assert mother is not None
    father = _person(family.get("father"))
    query = Query(mother, father, "newborn_joint_service", "consent-1", WANTED)
    now = datetime.now(UTC)  # noqa: TID251 (a real clock)
    return ask(register, query, caller=asker, url=f"{address}/registers", now=now)


@pytest.mark.parametrize("register", REGISTERS)
def test_every_family_can_be_asked_about(
    register: str, families: dict[str, Any], asker: Caller, address: str
) -> None:
    for name, family in families.items():
        answer = ask_about(family, register, asker, address)
        assert answer.state is not CheckState.FAILED, (name, answer.reason)
        assert answer.receipts or register == "hukou"


def test_what_is_answered_is_what_the_family_file_says(
    families: dict[str, Any], asker: Caller, address: str
) -> None:
    family = families["ordinary"]
    values = values_of(ask_about(family, "delivery", asker, address))
    assert values["father_id_number", 0] == family["father"]["id_number"]
    assert values["newborn_born_at", 1] == datetime.fromisoformat(family["newborns"][0]["born_at"])
    values = values_of(ask_about(family, "hukou", asker, address))
    assert values["mother_hukou_division", 0] == family["mother"]["hukou"]["division"]
    values = values_of(ask_about(family, "marriage", asker, address))
    registered = date.fromisoformat(family["marriage"]["registered_on"])
    assert values["marriage_registered_on", 0] == registered


def test_special_families_are_what_they_are(
    families: dict[str, Any], asker: Caller, address: str
) -> None:
    def asked(name: str, register: str) -> Answer:
        return ask_about(families[name], register, asker, address)

    assert asked("triplets", "delivery").newborns == 3
    assert asked("late-record", "delivery").state is CheckState.EMPTY
    assert asked("name-mismatch", "delivery").reason == "mother_name_differs"
    assert values_of(asked("unmarried", "marriage"))["marriage_state", 0] == "none"
    other = values_of(asked("spouse-differs", "marriage"))["marriage_spouse_id_number", 0]
    assert other != families["spouse-differs"]["father"]["id_number"]
    assert values_of(asked("foreign-father", "hukou"))["father_hukou_found", 0] is False
    collected = values_of(asked("collected-offline", "delivery"))
    assert collected["newborn_certificate_collected", 1] is True
    held = values_of(asked("no-marriage-certificate", "certificates"))
    assert held["marriage_certificate_held", 0] is False


def test_a_stranger_gets_no_answer(families: dict[str, Any], asker: Caller, address: str) -> None:
    stranger = Caller(asker.client, "stranger-1", asker.private_pem, asker.clock)
    answer = ask_about(families["ordinary"], "delivery", stranger, address)
    assert (answer.state, answer.reason) == (CheckState.FAILED, "status_401")


def test_a_department_takes_a_batch_and_refuses_what_is_not_its_own(
    asker: Caller, address: str
) -> None:
    def event(item: str, number: int) -> dict[str, object]:
        data = {"task_id": f"t{number}", "case_number": "c", "item": item, "newborn": 1,
                "round": 0, "fields": {}, "materials": []}  # fmt: skip
        return {"specversion": "1.0", "id": f"e{number}", "source": f"/nodes/{NODE}",
                "type": "yijian.task.dispatched.v1", "data": data}  # fmt: skip

    endpoint = f"{address}/departments/hr-340000/events"
    events = [event("social_security_card", 1), event("hukou_registration", 2)]
    for _repeat in range(2):
        delivered = departments.push(endpoint, events, caller=asker)
        assert delivered.accepted == {"e1"} and set(delivered.refused) == {"e2"}


def test_a_text_message_arrives_once(asker: Caller, address: str) -> None:
    for _repeat in range(2):
        sms.send("m1", "19900009999", "宝宝的事办好了", caller=asker, url=f"{address}/sms")
    inbox = httpx.get(f"{address}/sms.json?to=19900009999", trust_env=False).json()["messages"]
    assert [message["text"] for message in inbox] == ["宝宝的事办好了"]


def test_a_parcel_is_ordered_and_followed(asker: Caller, address: str) -> None:
    parcel = courier.Parcel("o1", "card", "王芳", "19900000001", "合肥市示例路1号")
    url = f"{address}/courier"
    assert courier.order(parcel, caller=asker, url=url) == courier.order(
        parcel, caller=asker, url=url
    )
    assert courier.state("o1", caller=asker, url=url) == "ordered"


@pytest.mark.parametrize(("outcome", "seen"), [("pass", True), ("fail", False), ("other", False)])
def test_a_live_check_is_answered_once(
    outcome: str, seen: bool, families: dict[str, Any], asker: Caller, address: str
) -> None:
    page = face.page_address(
        f"{address}/face",
        state="s1",
        subject=families["ordinary"]["subjects"]["father"],
        return_to="http://127.0.0.1:9/back",
    )
    form = {name: value[0] for name, value in parse_qs(urlsplit(page).query).items()}
    answer = httpx.post(f"{address}/face", data=form | {"outcome": outcome}, trust_env=False)
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    check = face.result(code, "s1", caller=asker, url=f"{address}/face")
    assert check.is_person is seen
    with pytest.raises(CallFailedError) as used:
        face.result(code, "s1", caller=asker, url=f"{address}/face")
    assert used.value.passing is False


def claims_of(subject: str, address: str) -> dict[str, Any]:
    """Log in as this person with PKCE, and return what userinfo says."""
    verifier = "a" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    back = "http://127.0.0.1:9/back"
    asked = {
        "client_id": "yijian", "redirect_uri": back, "response_type": "code", "scope": "openid",
        "state": "s", "code_challenge": challenge.decode().rstrip("="),
        "code_challenge_method": "S256", "login_hint": subject,
    }  # fmt: skip
    with httpx.Client(base_url=f"{address}/identity", trust_env=False, verify=False) as client:
        sent_back = client.get("/authorize", params=asked)
        code = parse_qs(urlsplit(sent_back.headers["Location"]).query)["code"][0]
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": back,
            "client_id": "yijian", "client_secret": "any", "code_verifier": verifier,
        }  # fmt: skip
        token = client.post("/token", data=form).json()["access_token"]
        found = client.get("/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
        assert isinstance(found, dict)
        return found


def test_whoever_logs_in_is_known_by_their_claims(families: dict[str, Any], address: str) -> None:
    for name in ("ordinary", "dotted-names", "rare-characters", "expired-id", "foreign-father"):
        family = families[name]
        for role in family["subjects"]:
            person = identity.read(claims_of(family["subjects"][role], address))
            assert isinstance(person, identity.Identity), name
            assert person.person == _person(family[role])
    staff = httpx.get(f"{address}/staff", trust_env=False).json()[0]
    clerk = identity.read(claims_of(staff["sub"], address))
    assert isinstance(clerk, identity.StaffIdentity)
    assert (clerk.name, clerk.office) == (staff["name"], staff["office"])


def test_out_of_order_is_a_failed_check_that_passes(
    families: dict[str, Any], asker: Caller, address: str
) -> None:
    switch = {"service": "marriage", "outage": True}
    httpx.post(f"{address}/switches", json=switch, trust_env=False).raise_for_status()
    try:
        answer = ask_about(families["ordinary"], "marriage", asker, address)
        assert (answer.state, answer.reason) == (CheckState.FAILED, "status_503")
    finally:
        httpx.post(f"{address}/switches", json={"calm": True}, trust_env=False)
    assert ask_about(families["ordinary"], "marriage", asker, address).state is CheckState.FOUND
