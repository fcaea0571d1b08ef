"""Families can be sent in, offices and staff asked for, messages and parcels followed."""

import json
from typing import Any

import flask
import pytest

from sandbox.families import subject_of
from sandbox.world import World
from tests.sandbox.conftest import Node


def copy_of(here: World, family_id: str = "ordinary", **changes: Any) -> dict[str, Any]:
    family: dict[str, Any] = json.loads(json.dumps(here.families.get(family_id)))
    return family | changes


def test_all_families_are_listed_with_titles_and_subjects(app: flask.Flask) -> None:
    families = app.test_client().get("/families").json
    assert families is not None and len(families) == 30
    for family in families:
        assert family["title"]["zh"] and family["title"]["en"]
        mother = family["mother"]["id_number"]
        assert family["subjects"]["mother"] == subject_of(mother)


def test_sending_a_family_twice_changes_nothing(app: flask.Flask, here: World) -> None:
    client = app.test_client()
    family = copy_of(here, id="mine")
    first = client.post("/families", json=[family]).json
    second = client.post("/families", json=[family]).json
    assert first == {"added": ["mine"], "known": [], "refused": []}
    assert second == {"added": [], "known": ["mine"], "refused": []}


def test_a_family_without_an_id_gets_one_from_its_content(app: flask.Flask, here: World) -> None:
    family = copy_of(here)
    del family["id"]
    client = app.test_client()
    first = client.post("/families", json=[family]).json
    second = client.post("/families", json=[family]).json
    assert first is not None and second is not None
    assert first["added"] == second["known"] and first["added"][0].startswith("family-")


def test_a_changed_family_is_what_the_registers_answer(
    app: flask.Flask, node: Node, here: World
) -> None:
    family = copy_of(here)
    family["maternity"]["amount_fen"] = 123
    app.test_client().post("/families", json=[family])
    body = {"mother_id_number": family["mother"]["id_number"]}
    assert node.post("/registers/maternity", body).json["maternity"]["amount_fen"] == 123
    assert len(node.post("/registers/delivery", body).json["deliveries"]) == 1


@pytest.mark.parametrize(
    "family",
    [
        "text",
        {},
        {"mother": {"name": "江知夏"}},
        {"mother": {"name": "江知夏", "id_number": "1"}, "newborns": None},
        {"mother": {"name": "江知夏", "id_number": "1"}, "newborns": [], "father": {}},
        {"mother": {"name": "江知夏", "id_number": "1"}, "newborns": [1]},
    ],
)
def test_what_is_no_family_is_refused_and_the_rest_kept(
    app: flask.Flask, here: World, family: Any
) -> None:
    client = app.test_client()
    assert client.post("/families", json=[family]).status_code == 422
    mixed = client.post("/families", json=[family, copy_of(here, id="good")])
    assert mixed.status_code == 200 and mixed.json is not None
    assert mixed.json["added"] == ["good"] and mixed.json["refused"][0]["position"] == 0


def test_two_deliveries_of_one_mother_are_both_found(
    app: flask.Flask, node: Node, here: World
) -> None:
    app.test_client().post("/families", json=[copy_of(here, id="second-child")])
    family = here.families.get("ordinary")
    assert family is not None
    body = {"mother_id_number": family["mother"]["id_number"]}
    deliveries = node.post("/registers/delivery", body).json["deliveries"]
    assert len({delivery["delivery_id"] for delivery in deliveries}) == 2


def test_every_office_of_a_family_has_staff(app: flask.Flask, here: World) -> None:
    client = app.test_client()
    offices, staff = client.get("/offices").json, client.get("/staff").json
    assert offices is not None and staff is not None
    worked = {person["office"] for person in staff}
    assert {office["code"] for office in offices} <= worked
    family = here.families.get("ordinary")
    assert family is not None
    assert family["delivery"]["institution"] in worked
    assert family["mother"]["hukou"]["police_station"] in worked
    assert {"340100WJ", "340000ZW", "340000HR"} <= worked
    assert len({person["staff_number"] for person in staff}) == len(staff)
    roles = {person["role"] for person in staff}
    assert {
        "certificate_officer", "police_officer", "social_security_clerk", "insurance_clerk",
        "tax_clerk", "health_clerk", "window_clerk", "hospital_window_clerk", "supervisor",
        "operator", "auditor",
    } <= roles  # fmt: skip


def test_addresses_are_named_like_the_platforms_settings(app: flask.Flask) -> None:
    addresses = app.test_client().get("/addresses").json
    assert addresses is not None
    assert addresses["REGISTERS_URL"] == "http://localhost/registers"
    assert set(addresses["departments"]) == {"hr-340000", "insurance-340000", "tax-340000"}


def test_a_message_arrives_once_and_can_be_asked_for_by_number(
    app: flask.Flask, node: Node
) -> None:
    body = {"message_id": "m1", "to": "19900000001", "text": "您的宝宝"}
    for _ in range(2):
        assert node.post("/sms", body).status_code == 202
    client = app.test_client()
    messages = client.get("/sms.json?to=19900000001").json
    assert messages is not None and [m["text"] for m in messages["messages"]] == ["您的宝宝"]
    nobody = client.get("/sms.json?to=19900000002").json
    assert nobody == {"messages": []}
    assert "您的宝宝" in client.get("/sms").get_data(as_text=True)


def test_an_unsigned_message_is_refused(app: flask.Flask) -> None:
    body = {"message_id": "m1", "to": "19900000001", "text": "x"}
    assert app.test_client().post("/sms", json=body).status_code == 401


def test_an_order_is_taken_once_and_moves_on(app: flask.Flask, node: Node) -> None:
    body = {
        "order_id": "o1",
        "what": "出生医学证明",
        "recipient": "江知夏",
        "phone": "19900000001",
        "address": "某路1号",
    }
    first, second = (node.post("/courier/orders", body) for _ in range(2))
    assert first.status_code == 202 and first.json == second.json
    assert len(first.json["tracking_number"]) == 13
    for state in ("ordered", "collected", "delivered", "delivered"):
        assert node.get("/courier/orders/o1").json["state"] == state
        app.test_client().post("/courier/orders/o1/move")
    assert node.get("/courier/orders/o2").status_code == 404
    assert app.test_client().get("/courier/orders/o1").status_code == 401


DIRECTORY = [
    {
        "code": "H43122201",
        "kind": "midwifery_institution",
        "title": {"zh": "示例妇幼保健院", "en": "Sample hospital"},
        "division": "431222",
    },
    {
        "code": "431222ZW",
        "kind": "service_centre",
        "title": {"zh": "示例政务服务中心"},
        "division": "431222",
    },
    {
        "code": "431222XX",
        "kind": "something_new",
        "title": {"zh": "示例新机构", "en": "Sample new office"},
        "division": "431222",
        "channel": "system",
        "participant": "new-431222",
    },
]


def test_a_nodes_directory_replaces_the_invented_offices(app: flask.Flask, here: World) -> None:
    client = app.test_client()
    answer = client.post("/offices", json=DIRECTORY).json
    assert answer == {"changed": 3, "departments": ["new-431222"]}
    again = client.post("/offices", json=DIRECTORY).json
    assert again is not None and again["changed"] == 0
    offices, staff = client.get("/offices").json, client.get("/staff").json
    assert offices is not None and staff is not None
    assert [office["code"] for office in offices] == ["H43122201", "431222ZW", "431222XX"]
    roles = {(person["office"], person["role"]): person["roles"] for person in staff}
    assert roles == {
        ("H43122201", "certificate_officer"): "clerk deliveries stock",
        ("H43122201", "certificate_keeper"): "stock",
        ("H43122201", "hospital_window_clerk"): "window deliveries clerk",
        ("H43122201", "office_supervisor"): "supervisor",
        ("431222ZW", "window_clerk"): "window",
        ("431222ZW", "archivist"): "archivist",
        ("431222ZW", "second_archivist"): "archivist",
        ("431222ZW", "supervisor"): "supervisor",
        ("431222ZW", "operator"): "supervisor routing operator",
        ("431222ZW", "auditor"): "auditor",
        ("431222ZW", "policy_editor"): "policy_editor",
        ("431222ZW", "policy_approver"): "policy_approver",
        ("431222ZW", "complaints_officer"): "complaints",
        ("431222ZW", "system_admin"): "system_admin",
        ("431222ZW", "security_admin"): "security_admin",
        ("431222ZW", "audit_admin"): "audit_admin",
        ("431222XX", "clerk"): "clerk",
    }
    assert len({person["sub"] for person in staff}) == len(staff)
    assert "new-431222" in (client.get("/switches").json or {})


@pytest.mark.parametrize(
    "body", [None, {}, [1], [{}], [DIRECTORY[0] | {"title": "x"}], [DIRECTORY[0] | {"kind": ""}]]
)
def test_a_directory_that_cannot_be_understood_is_refused(app: flask.Flask, body: object) -> None:
    client = app.test_client()
    assert client.post("/offices", json=body).status_code == 422
    assert client.get("/offices").json == client.get("/offices").json != []


def test_a_new_participant_takes_what_the_node_sends_it(
    app: flask.Flask, node: Node, here: World
) -> None:
    app.test_client().post("/offices", json=DIRECTORY)
    event = {
        "specversion": "1.0",
        "id": "e1",
        "type": "yijian.task.dispatched.v1",
        "data": {"task_id": "t1", "item": "an_item_of_its_own", "fields": {}},
    }
    kind = "application/cloudevents-batch+json"
    answer = node.post("/departments/new-431222/events", [event], content_type=kind)
    assert answer.json == {"accepted": ["e1"], "refused": []}
    assert node.post("/departments/hr-340000/events", [], content_type=kind).status_code == 404


def test_a_family_may_have_a_representative_and_no_mother(app: flask.Flask, here: World) -> None:
    somebody = {"name": "周奶奶", "id_number": "11010519491231002X", "phone": "19900009999"}
    family = {"id": "acting", "mother": None, "representative": somebody, "newborns": []}
    client = app.test_client()
    assert (client.post("/families", json=[family]).json or {})["added"] == ["acting"]
    shown = client.get("/families/acting").json
    assert shown is not None and set(shown["subjects"]) == {"representative"}
    known = here.families.by_subject("acting/representative")
    assert known is not None and known[1]["name"] == "周奶奶"
    nobody = {"id": "nobody", "mother": None, "newborns": []}
    assert client.post("/families", json=[nobody]).status_code == 422
