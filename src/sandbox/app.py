"""The application (应用): every door and page of one pretend world."""

from typing import Any
from urllib.parse import urlencode

import flask
from werkzeug.exceptions import HTTPException

from sandbox import (
    archive,
    control,
    courier,
    departments,
    face,
    hospital,
    identity,
    library,
    pages,
    payment,
    registers,
    sharing,
    sms,
)
from sandbox.doors import Refused
from sandbox.settings import Settings
from sandbox.texts import LANGUAGES, translate
from sandbox.world import World, make_world

MAX_BODY = 16 * 1024 * 1024
_POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"


def create_app(settings: Settings) -> flask.Flask:
    """Return the application with its own world; nothing runs in the background yet."""
    app = flask.Flask("sandbox")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["world"] = make_world(settings)
    for module in (
        archive,
        registers,
        sharing,
        identity,
        face,
        sms,
        courier,
        library,
        payment,
        departments,
        hospital,
        control,
        pages,
    ):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(Refused, _refuse)
    app.register_error_handler(HTTPException, _refuse_http)
    app.context_processor(_words)
    app.after_request(_finish)
    return app


def world_of(app: flask.Flask) -> World:
    """Return the world of an application."""
    found: World = app.extensions["world"]
    return found


def _wants_page() -> bool:
    request = flask.request
    return not request.is_json and request.accept_mimetypes.best == "text/html"


def _refuse(refusal: Refused) -> flask.typing.ResponseReturnValue:
    if _wants_page():
        page = flask.render_template("message.html", refusal=refusal.body, text="refused")
        return page, refusal.status
    return flask.jsonify(refusal.body), refusal.status


def _refuse_http(error: HTTPException) -> flask.typing.ResponseReturnValue:
    status = error.code or 500
    name = error.name.lower().replace(" ", "_")
    return _refuse(Refused(status, name, "请求无法处理", error.description or error.name))


def language() -> str:
    """Return the language of the running page."""
    asked = flask.request.args.get("lang") or flask.request.cookies.get("sandbox_lang") or ""
    return asked if asked in LANGUAGES else "zh"


def _words() -> dict[str, Any]:
    chosen = language()
    other = "en" if chosen == "zh" else "zh"
    query = urlencode(flask.request.args.to_dict() | {"lang": other})
    return {
        "lang": chosen,
        "other_language_address": f"{flask.request.path}?{query}",
        "t": lambda key: translate(key, chosen),
    }


def _finish(response: flask.Response) -> flask.Response:
    asked = flask.request.args.get("lang")
    if asked in LANGUAGES:
        response.set_cookie("sandbox_lang", asked, samesite="Lax", httponly=True)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    return response
