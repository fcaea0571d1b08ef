"""The live-person check is bound to its state, told once, and can be made to fail."""

from urllib.parse import parse_qs, urlsplit

import flask
import pytest

from sandbox.world import World
from tests.sandbox.conftest import Node

ASKED = {
    "state": "st-1",
    "subject": "ordinary/father",
    "return_to": "http://127.0.0.1:8000/face/done?case=1",
}


def decide(app: flask.Flask, outcome: str) -> str:
    response = app.test_client().post("/face", data=ASKED | {"outcome": outcome})
    assert response.status_code == 303
    assert response.location.startswith(ASKED["return_to"] + "&")
    query = parse_qs(urlsplit(response.location).query)
    assert query["state"] == ["st-1"]
    return query["code"][0]


@pytest.mark.parametrize(
    ("outcome", "passed", "matches"),
    [("pass", True, True), ("fail", False, True), ("other", False, False)],
)
def test_the_result_is_what_was_decided(
    app: flask.Flask, node: Node, outcome: str, passed: bool, matches: bool
) -> None:
    code = decide(app, outcome)
    answer = node.post("/face/result", {"code": code, "state": "st-1"}).json
    assert (answer["passed"], answer["id_number_matches"]) == (passed, matches)
    assert answer["receipt"]["service"] == "face" and answer["at"]


def test_a_result_is_told_once(app: flask.Flask, node: Node) -> None:
    body = {"code": decide(app, "pass"), "state": "st-1"}
    assert node.post("/face/result", body).status_code == 200
    assert node.post("/face/result", body).status_code == 404


def test_another_state_gets_nothing_and_spends_nothing(app: flask.Flask, node: Node) -> None:
    code = decide(app, "pass")
    assert node.post("/face/result", {"code": code, "state": "st-2"}).status_code == 404
    assert node.post("/face/result", {"code": code, "state": "st-1"}).status_code == 200


def test_the_switch_makes_every_check_fail(app: flask.Flask, node: Node, here: World) -> None:
    here.switches.set("face", {"fail": True})
    code = decide(app, "pass")
    assert node.post("/face/result", {"code": code, "state": "st-1"}).json["passed"] is False


def test_the_page_names_the_person_and_returns_only_home(app: flask.Flask, here: World) -> None:
    family = here.families.get("ordinary")
    assert family is not None
    client = app.test_client()
    page = client.get("/face", query_string=ASKED).get_data(as_text=True)
    assert family["father"]["name"] in page and "不通过" in page
    strange = ASKED | {"return_to": "https://elsewhere.example/"}
    assert client.get("/face", query_string=strange).status_code == 400
