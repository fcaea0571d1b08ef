"""The frame around every machine door: size, strict JSON, one error model, nothing cached.

`guarded` is the last word: whatever happens inside, the caller gets an answer of the error model.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser
from psycopg_pool import PoolTimeout

from yijian.api.errors import RefusedRequestError, error_response, field_errors
from yijian.gateways.strictjson import NotStrictJsonError, loads

LARGEST_BODY = 2 * 1024 * 1024
View = Callable[..., HttpResponse]
_log = logging.getLogger(__name__)


class StrictParser(Parser):
    """Reads bodies of one meaning only."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The JSON value of the body."""
        if request.content_type != "application/json":
            raise RefusedRequestError("not_json")
        try:
            return loads(request.body)
        except NotStrictJsonError:
            raise RefusedRequestError("bad_json") from None


def set_error_model(api: NinjaAPI) -> None:
    """Let every exception inside a door become an answer of the error model."""

    def answer(_request: HttpRequest, error: Any) -> HttpResponse:
        if isinstance(error, HttpError):
            # A body that cannot be parsed arrives wrapped; its cause says what it was.
            known = isinstance(error.__cause__, RefusedRequestError)
            error = error.__cause__ if known else _of_status(error.status_code)
        if isinstance(error, RefusedRequestError):
            return error_response(error.code, error.fields)
        if isinstance(error, ValidationError):
            return error_response("wrong_fields", field_errors(error.errors))
        if isinstance(error, Http404):
            return error_response("not_found")
        raise error

    for kind in (RefusedRequestError, ValidationError, HttpError, Http404, Exception):
        api.add_exception_handler(kind, answer)


def _of_status(status: int) -> RefusedRequestError:
    return RefusedRequestError("signature_refused" if status in (401, 403) else "bad_json")


def guarded(view: View) -> View:
    """The view within the limits of the door."""

    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = _within_limits(view, request, *args, **kwargs)
        except (RequestDataTooBig, _TooLargeError):
            response = error_response("too_large")
        except (SuspiciousOperation, UnreadablePostError):
            response = error_response("bad_json")
        except (OperationalError, InterfaceError, PoolTimeout):
            _log.warning("the database does not answer")
            response = error_response("out_of_order")
        except Exception:
            _log.exception("a machine door failed")
            response = error_response("internal")
        response["Cache-Control"] = "no-store"
        return response

    return cast(View, guard)


class _TooLargeError(Exception):
    """The body says itself that it is too large; it is not read."""


def _within_limits(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not str(length).isdigit() or int(length) > LARGEST_BODY:
        raise _TooLargeError
    response = view(request, *args, **kwargs)
    if isinstance(response, HttpResponseNotAllowed):
        allowed = response["Allow"]
        response = error_response("method_not_allowed")
        response["Allow"] = allowed
    return response
