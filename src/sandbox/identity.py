"""The identity provider (统一身份认证): OpenID Connect, authorization code with PKCE.

There is no session here: each login shows the list of test people, or takes the
person named by `login_hint`.
"""

import hmac
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import flask
from werkzeug.wrappers import Response

from sandbox.doors import Refused, meet_trouble
from sandbox.people import claims_of, list_people
from sandbox.tokens import TokenKey, code_challenge
from sandbox.world import World, now, world

blueprint = flask.Blueprint("identity", __name__, url_prefix="/identity")

CODE_LIFE = timedelta(minutes=2)
TOKEN_LIFE = timedelta(minutes=10)
_ASKED = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "nonce",
    "code_challenge", "code_challenge_method",
)  # fmt: skip


def issuer() -> str:
    """Return the issuer as the caller reached it."""
    return flask.request.host_url.rstrip("/") + "/identity"


def is_own_address(here: World, address: str) -> bool:
    """Say whether a browser may be sent there: the node's address or this machine."""
    parts = urlsplit(address)
    node = urlsplit(here.settings.node_url)
    if parts.scheme not in ("http", "https") or parts.username or not parts.hostname:
        return False
    return parts.hostname in (node.hostname, "127.0.0.1", "localhost", "::1", "testserver")


def _no_store(body: dict[str, Any], status: int = 200) -> flask.Response:
    response = flask.jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/.well-known/openid-configuration")
def discovery() -> flask.Response:
    """Answer with the provider's metadata."""
    here = issuer()
    return flask.jsonify(
        {
            "issuer": here,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "userinfo_endpoint": f"{here}/userinfo",
            "jwks_uri": f"{here}/jwks.json",
            "end_session_endpoint": f"{here}/logout",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "phone"],
            "claims_supported": [
                "sub", "name", "id_number", "id_type", "phone", "id_valid_until", "acr",
                "staff_number", "role", "office", "office_name", "division",
            ],
            "token_endpoint_auth_methods_supported": [
                "client_secret_basic", "client_secret_post", "none",
            ],
            "code_challenge_methods_supported": ["S256"],
        }
    )  # fmt: skip


@blueprint.get("/jwks.json")
def jwks() -> flask.Response:
    """Answer with the public key."""
    return flask.jsonify({"keys": [TokenKey(world().store).public_jwk()]})


def _asked() -> dict[str, str]:
    asked = {name: flask.request.values.get(name, "") for name in _ASKED}
    if not asked["client_id"]:
        raise Refused(400, "invalid_client", "缺少应用标识", "client_id is missing")
    if not is_own_address(world(), asked["redirect_uri"]):
        raise Refused(400, "invalid_redirect", "返回地址无效", "redirect_uri is not acceptable")
    return asked


def _back(asked: dict[str, str], **parameters: str) -> Response:
    if asked["state"]:
        parameters["state"] = asked["state"]
    address = asked["redirect_uri"]
    glue = "&" if "?" in address else "?"
    return flask.redirect(address + glue + urlencode(parameters), code=303)


def _problem(asked: dict[str, str]) -> str | None:
    if asked["response_type"] != "code":
        return "unsupported_response_type"
    if "openid" not in asked["scope"].split():
        return "invalid_scope"
    if not asked["code_challenge"] or asked["code_challenge_method"] != "S256":
        return "invalid_request"
    return None


@blueprint.route("/authorize", methods=["GET", "POST"])
def authorize() -> Response | str:
    """Show the test people, or send the chosen one back with a code."""
    here = world()
    meet_trouble(here, "identity")
    asked = _asked()
    problem = _problem(asked)
    if problem:
        return _back(asked, error=problem)
    if flask.request.values.get("cancel"):
        return _back(asked, error="access_denied")
    chosen = flask.request.form.get("person") or flask.request.values.get("login_hint", "")
    claims = claims_of(here, chosen) if chosen else None
    if claims:
        return _back(asked, code=_make_code(here, asked, claims["sub"]))
    query = flask.request.values.get("q", "")
    people = list_people(here, query)
    return flask.render_template(
        "login.html", asked=asked, people=people, query=query, stranger=chosen
    )


def _make_code(here: World, asked: dict[str, str], subject: str) -> str:
    code = secrets.token_urlsafe(24)
    document: dict[str, Any] = {**asked, "sub": subject, "at": now().timestamp()}
    here.store.put("codes", code, document)
    return code


def _client() -> tuple[str, str]:
    basic = flask.request.authorization
    if basic and basic.type == "basic":
        return basic.username or "", basic.password or ""
    form = flask.request.form
    return form.get("client_id", ""), form.get("client_secret", "")


@blueprint.post("/token")
def token() -> flask.Response:
    """Exchange a code, once and by its own client, for tokens."""
    here = world()
    meet_trouble(here, "identity")
    form = flask.request.form
    if form.get("grant_type") != "authorization_code":
        return _no_store({"error": "unsupported_grant_type"}, 400)
    client, secret = _client()
    expected = here.settings.client_secret
    if expected and not hmac.compare_digest(secret.encode(), expected.encode()):
        return _no_store({"error": "invalid_client"}, 401)
    code = here.store.take("codes", form.get("code", ""))
    at = now()
    good = (
        code is not None
        and at.timestamp() - code["at"] <= CODE_LIFE.total_seconds()
        and code["client_id"] == client
        and code["redirect_uri"] == form.get("redirect_uri")
        and code["code_challenge"] == code_challenge(form.get("code_verifier", ""))
    )
    if not good or code is None:
        return _no_store({"error": "invalid_grant"}, 400)
    claims = claims_of(here, code["sub"])
    if claims is None:
        return _no_store({"error": "invalid_grant"}, 400)
    expires = int((at + TOKEN_LIFE).timestamp())
    access = secrets.token_urlsafe(24)
    here.store.put("tokens", access, {"sub": code["sub"], "expires": expires})
    times = {"iat": int(at.timestamp()), "exp": expires, "auth_time": int(code["at"])}
    nonce = {"nonce": code["nonce"]} if code["nonce"] else {}
    id_claims = {"iss": issuer(), "aud": client, **times, **nonce}
    id_claims |= {name: claims[name] for name in ("sub", "name", "acr")}
    return _no_store(
        {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "scope": code["scope"],
            "id_token": TokenKey(here.store).sign(id_claims),
        }
    )


@blueprint.route("/userinfo", methods=["GET", "POST"])
def userinfo() -> flask.Response:
    """Answer with the claims of the person an access token was given for."""
    here = world()
    meet_trouble(here, "identity")
    kind, _, access = flask.request.headers.get("Authorization", "").partition(" ")
    held = here.store.get("tokens", access) if kind.lower() == "bearer" else None
    claims = claims_of(here, held["sub"]) if held else None
    if held is None or claims is None or held["expires"] < now().timestamp():
        response = _no_store({"error": "invalid_token"}, 401)
        response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return response
    return _no_store(claims)


@blueprint.get("/logout")
def logout() -> Response | str:
    """Send the browser back; nobody stays logged in here."""
    target = flask.request.args.get("post_logout_redirect_uri", "")
    if target and is_own_address(world(), target):
        return flask.redirect(target, code=303)
    return flask.render_template("message.html", text="logged_out")
