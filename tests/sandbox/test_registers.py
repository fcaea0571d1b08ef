"""The registers answer as agreed, and only to who signed as agreed."""

import base64
import json
import time
from typing import Any

import flask
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sandbox.world import World
from tests.sandbox.conftest import Node, signed_headers


def mother_of(here: World, family_id: str) -> dict[str, Any]:
    family = here.families.get(family_id)
    assert family is not None
    mother: dict[str, Any] = family["mother"]
    return mother


def ask(node: Node, here: World, family_id: str, register: str = "delivery") -> Any:
    number = mother_of(here, family_id)["id_number"]
    field = {"delivery": "mother_id_number", "maternity": "mother_id_number"}
    response = node.post(f"/registers/{register}", {field.get(register, "id_number"): number})
    assert response.status_code == 200, response.json
    return response.json


def test_a_delivery_answers_with_mother_father_newborn_and_a_receipt(
    node: Node, here: World
) -> None:
    answer = ask(node, here, "ordinary")
    (delivery,) = answer["deliveries"]
    assert answer["found"] is True
    assert set(answer["receipt"]) == {"id", "service", "at", "source"}
    assert delivery["mother"]["name"] == mother_of(here, "ordinary")["name"]
    assert delivery["father"]["id_type"] == "111"
    assert delivery["newborns"][0]["certificate_number"] is None
    assert delivery["institution_code"].startswith("H340104")


def test_twins_have_two_newborns_with_different_codes(node: Node, here: World) -> None:
    (delivery,) = ask(node, here, "twins")["deliveries"]
    assert [newborn["order"] for newborn in delivery["newborns"]] == [1, 2]
    assert len({newborn["population_code"] for newborn in delivery["newborns"]}) == 2


def test_a_family_without_a_father_on_record_answers_null(node: Node, here: World) -> None:
    (delivery,) = ask(node, here, "father-unknown")["deliveries"]
    assert delivery["father"] is None


def test_an_unknown_number_is_not_found_and_still_has_a_receipt(node: Node) -> None:
    answer = node.post("/registers/delivery", {"mother_id_number": "11010519491231002X"}).json
    assert answer["found"] is False and answer["deliveries"] == [] and answer["receipt"]["id"]


def test_a_late_record_appears_after_its_minutes(node: Node, here: World) -> None:
    assert ask(node, here, "late-record")["found"] is False
    time.sleep(5 * 0.01 + 0.02)
    assert ask(node, here, "late-record")["found"] is True


def test_a_late_record_appears_at_once_by_the_button(
    node: Node, here: World, app: flask.Flask
) -> None:
    first = app.test_client().post("/families/late-record/record").json
    second = app.test_client().post("/families/late-record/record").json
    assert first is not None and first == second
    (delivery,) = ask(node, here, "late-record")["deliveries"]
    assert delivery["recorded_at"] == first["recorded_at"]


def test_hukou_answers_only_when_name_and_number_belong_together(node: Node, here: World) -> None:
    mother = mother_of(here, "ordinary")
    body = {"name": mother["name"], "id_number": mother["id_number"]}
    person = node.post("/registers/hukou", body).json["person"]
    assert person["division"] == "340104" and person["household"] == "family"
    assert person["police_station"] == "340104510000"
    assert person["id_valid_until"] == mother["id_valid_until"]
    assert node.post("/registers/hukou", body | {"name": "某人"}).json["found"] is False


def test_the_hospital_may_know_another_name_than_the_hukou_register(
    node: Node, here: World
) -> None:
    (delivery,) = ask(node, here, "name-mismatch")["deliveries"]
    assert delivery["mother"]["name"] != mother_of(here, "name-mismatch")["name"]


def test_the_marriage_register_may_contradict_the_hospital(node: Node, here: World) -> None:
    (delivery,) = ask(node, here, "spouse-differs")["deliveries"]
    marriage = ask(node, here, "spouse-differs", "marriage")["marriage"]
    assert marriage["spouse_id_number"] != delivery["father"]["id_number"]
    assert marriage["spouse_name"] != delivery["father"]["name"]


@pytest.mark.parametrize(
    ("family", "state"), [("ordinary", "married"), ("divorced", "divorced"), ("unmarried", None)]
)
def test_a_marriage_is_in_the_state_the_family_file_says(
    node: Node, here: World, family: str, state: str | None
) -> None:
    marriage = ask(node, here, family, "marriage")["marriage"]
    assert (marriage and marriage["state"]) == state


@pytest.mark.parametrize("type", ["marriage_certificate", "id_card", "household_page"])
def test_a_certificate_comes_with_a_pdf(node: Node, here: World, type: str) -> None:
    number = mother_of(here, "ordinary")["id_number"]
    answer = node.post("/registers/certificates", {"holder_id_number": number, "type": type}).json
    certificate = answer["certificate"]
    assert certificate["identifier"].startswith("1.2.156.3005.2.")
    content = base64.b64decode(certificate["file"]["base64"])
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")


def test_the_pdf_cross_reference_points_at_its_objects(node: Node, here: World) -> None:
    number = mother_of(here, "ordinary")["id_number"]
    body = {"holder_id_number": number, "type": "id_card"}
    answer = node.post("/registers/certificates", body).json
    content = base64.b64decode(answer["certificate"]["file"]["base64"])
    start = int(content.split(b"startxref\n")[1].split()[0])
    rows = content[start:].split(b"\n")[3:10]
    for number_, row in enumerate(rows, start=1):
        assert content[int(row[:10]) :].startswith(b"%d 0 obj" % number_)


def test_a_couple_without_an_electronic_certificate_has_none(node: Node, here: World) -> None:
    number = mother_of(here, "no-marriage-certificate")["id_number"]
    body = {"holder_id_number": number, "type": "marriage_certificate"}
    assert node.post("/registers/certificates", body).json["found"] is False


@pytest.mark.parametrize(
    ("family", "insured", "pool", "allowance"),
    [
        ("ordinary", "employee", "inside", False),
        ("across-pools", "employee", "outside", False),
        ("allowance", "employee", "inside", True),
        ("not-insured", "none", "inside", False),
    ],
)
def test_maternity_says_how_the_birth_was_paid(
    node: Node, here: World, family: str, insured: str, pool: str, allowance: bool
) -> None:
    maternity = ask(node, here, family, "maternity")["maternity"]
    assert (maternity["insured"], maternity["pool"], maternity["allowance"]) == (
        insured,
        pool,
        allowance,
    )


def test_a_missing_field_is_named(node: Node) -> None:
    response = node.post("/registers/hukou", {"name": "江知夏"})
    assert response.status_code == 422
    assert response.json["fields"][0]["field"] == "id_number"


BODY = json.dumps({"id_number": "11010519491231002X"}).encode()
URL = "http://localhost/registers/marriage"


def refused(app: flask.Flask, headers: dict[str, str], body: bytes = BODY) -> str:
    response = app.test_client().post("/registers/marriage", data=body, headers=headers)
    assert response.status_code == 401
    assert response.json is not None
    assert response.json["error"] == "signature_refused"
    return str(response.json["message_en"])


def test_an_unsigned_request_is_refused(app: flask.Flask) -> None:
    assert "not signed" in refused(app, {"Content-Type": "application/json"})


def test_a_changed_body_is_refused(app: flask.Flask, node: Node) -> None:
    refused(app, signed_headers("POST", URL, BODY, node.key), BODY.replace(b"1949", b"1950"))


def test_a_signature_that_leaves_out_the_digest_is_refused(app: flask.Flask, node: Node) -> None:
    headers = signed_headers("POST", URL, b"", node.key) | {"Content-Type": "application/json"}
    refused(app, headers)


def test_another_address_than_signed_is_refused(app: flask.Flask, node: Node) -> None:
    refused(app, signed_headers("POST", URL + "x", BODY, node.key))


@pytest.mark.parametrize("age", [301, 3600, -301])
def test_a_request_outside_the_five_minutes_is_refused(
    app: flask.Flask, node: Node, age: int
) -> None:
    created = int(time.time()) - age
    refused(app, signed_headers("POST", URL, BODY, node.key, created=created))


def test_a_nonce_counts_once(app: flask.Flask, node: Node) -> None:
    headers = signed_headers("POST", URL, BODY, node.key, nonce="once")
    client = app.test_client()
    assert client.post("/registers/marriage", data=BODY, headers=headers).status_code == 200
    assert "nonce" in refused(app, headers)


def test_a_stranger_is_refused(app: flask.Flask, node: Node) -> None:
    headers = signed_headers("POST", URL, BODY, node.key, keyid="stranger")
    assert "unknown participant" in refused(app, headers)


def test_a_key_that_is_not_the_participants_is_refused(app: flask.Flask) -> None:
    refused(app, signed_headers("POST", URL, BODY, Ed25519PrivateKey.generate()))


def test_a_path_as_participant_reads_no_file(app: flask.Flask, node: Node) -> None:
    headers = signed_headers("POST", URL, BODY, node.key, keyid="../keys/yijian")
    assert "unknown participant" in refused(app, headers)
