"""The identity provider speaks OpenID Connect as an ordinary client expects it."""

import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import flask
import jwt
import pytest

from sandbox.families import subject_of
from sandbox.tokens import code_challenge
from sandbox.world import World

BACK = "http://127.0.0.1:8000/accounts/callback/"


class Client:
    """A relying party: knows only the discovery document."""

    def __init__(self, app: flask.Flask) -> None:
        self.http = app.test_client()
        self.meta = self.json("/identity/.well-known/openid-configuration")
        self.verifier = secrets.token_urlsafe(48)
        self.asked = {
            "client_id": "yijian",
            "redirect_uri": BACK,
            "response_type": "code",
            "scope": "openid profile",
            "state": "st 1",
            "nonce": "n1",
            "code_challenge": code_challenge(self.verifier),
            "code_challenge_method": "S256",
        }

    def json(self, url: str, **options: Any) -> Any:
        return self.http.get(urlsplit(url).path, **options).json

    def authorize(self, **more: str) -> Any:
        path = urlsplit(self.meta["authorization_endpoint"]).path
        return self.http.get(f"{path}?{urlencode(self.asked | more)}")

    def code(self, person: str) -> str:
        response = self.authorize(login_hint=person)
        assert response.status_code == 303
        back = urlsplit(response.location)
        assert response.location.startswith(BACK)
        query = parse_qs(back.query)
        assert query["state"] == ["st 1"]
        return str(query["code"][0])

    def token(self, sent: str, **changes: str) -> Any:
        form = {
            "grant_type": "authorization_code",
            "code": sent,
            "redirect_uri": BACK,
            "client_id": "yijian",
            "client_secret": "secret",
            "code_verifier": self.verifier,
        }
        return self.http.post(urlsplit(self.meta["token_endpoint"]).path, data=form | changes)


@pytest.fixture
def client(app: flask.Flask) -> Client:
    return Client(app)


def mother_number(here: World, family: str = "ordinary") -> str:
    found = here.families.get(family)
    assert found is not None
    return str(found["mother"]["id_number"])


def test_the_whole_flow_ends_with_a_verified_token_and_claims(client: Client, here: World) -> None:
    number = mother_number(here)
    tokens = client.token(client.code(subject_of(number))).json
    keys = jwt.PyJWKSet.from_dict(client.json(client.meta["jwks_uri"]))
    header = jwt.get_unverified_header(tokens["id_token"])
    claims = jwt.decode(
        tokens["id_token"],
        keys[header["kid"]],
        algorithms=["RS256"],
        audience="yijian",
        issuer=client.meta["issuer"],
    )
    assert claims["nonce"] == "n1" and claims["sub"] == subject_of(number)
    assert "id_number" not in claims
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    person = client.json(client.meta["userinfo_endpoint"], headers=bearer)
    assert person["id_number"] == number and person["id_type"] == "111"
    assert person["id_valid_until"] and person["acr"] == "real_name"


def test_staff_log_in_with_name_and_staff_number(client: Client) -> None:
    tokens = client.token(client.code("staff-H34010401")).json
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    person = client.json(client.meta["userinfo_endpoint"], headers=bearer)
    assert person["role"] == "certificate_officer" and person["staff_number"]
    assert "id_number" not in person


def test_a_family_and_role_name_a_person_too(client: Client, here: World) -> None:
    tokens = client.token(client.code("twins/father")).json
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    person = client.json(client.meta["userinfo_endpoint"], headers=bearer)
    family = here.families.get("twins")
    assert family is not None and person["name"] == family["father"]["name"]


def test_without_a_hint_everybody_has_a_button(client: Client, here: World) -> None:
    page = client.authorize().get_data(as_text=True)
    assert f'value="{subject_of(mother_number(here))}"' in page
    assert "staff-H34010401" in page and "模拟环境" in page


def test_the_search_narrows_the_list(client: Client, here: World) -> None:
    page = client.authorize(q="双胞胎").get_data(as_text=True)
    assert subject_of(mother_number(here, "twins")) in page
    assert subject_of(mother_number(here)) not in page


def test_choosing_a_person_on_the_page_logs_in(client: Client, here: World) -> None:
    form = client.asked | {"person": subject_of(mother_number(here))}
    response = client.http.post("/identity/authorize", data=form)
    assert response.status_code == 303 and "code=" in response.location


def test_an_unknown_hint_shows_the_list_instead(client: Client) -> None:
    response = client.authorize(login_hint="nobody")
    assert response.status_code == 200 and "nobody" in response.get_data(as_text=True)


def test_cancelling_goes_back_with_access_denied(client: Client) -> None:
    assert "error=access_denied" in client.authorize(cancel="1").location


def test_a_code_counts_once(client: Client) -> None:
    code = client.code("ordinary/mother")
    assert client.token(code).status_code == 200
    again = client.token(code)
    assert again.status_code == 400 and again.json == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 50},
        {"redirect_uri": BACK + "x"},
        {"client_id": "another"},
        {"code": "made-up"},
    ],
)
def test_a_code_is_bound_to_its_request(client: Client, changes: dict[str, str]) -> None:
    response = client.token(client.code("ordinary/mother"), **changes)
    assert response.json == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
    ],
)
def test_pkce_and_code_flow_are_required(
    client: Client, changes: dict[str, str], error: str
) -> None:
    assert f"error={error}" in client.authorize(login_hint="twins/mother", **changes).location


@pytest.mark.parametrize("target", ["https://elsewhere.example/cb", "javascript:alert(1)", ""])
def test_nobody_is_sent_to_a_strange_address(client: Client, target: str) -> None:
    response = client.authorize(login_hint="twins/mother", redirect_uri=target)
    assert response.status_code == 400 and "Location" not in response.headers


def test_a_made_up_access_token_is_refused(client: Client) -> None:
    response = client.http.get("/identity/userinfo", headers={"Authorization": "Bearer x"})
    assert response.status_code == 401 and "invalid_token" in response.headers["WWW-Authenticate"]
