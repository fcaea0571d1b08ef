"""Logs as one JSON object a line, from which personal data has been removed.

What lives here: how a log entry becomes text. Every entry passes `redact`, whoever wrote it, so a
careless message costs a word in the log and not a family's privacy. Our own messages are English,
therefore any run of Chinese characters is taken for somebody's name, address or answer.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

REMOVED = "[removed]"
PERSONAL_KEYS = frozenset(
    {
        "name", "mother", "father", "newborn", "applicant", "recipient", "person", "spouse_name",
        "head_name", "id_number", "phone", "address", "born_at", "birth_date", "answers", "facts",
        "payload", "body", "text", "password", "secret", "token", "authorization", "cookie", "sql",
        "params",
    }
)  # fmt: skip
_ID_NUMBER = re.compile(r"(?<!\d)\d{6}(?:18|19|20)?\d{9}[\dXx]?(?![\dA-Za-z])")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)")
_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]+")
_QUERY = re.compile(r"\?[^\s\"']*")
# PostgreSQL repeats the offending row in these lines of its messages.
_ROW = re.compile(r"^(?:DETAIL|CONTEXT|QUERY|LINE \d+):.*$", re.MULTILINE)


def clean_text(text: str) -> str:
    """The text without ID numbers, phones, Chinese words, query strings and rows of data.

    >>> clean_text("no such person 110101199003070011 at /find?name=x (13800138000)")
    'no such person [removed] at /find[removed] ([removed])'
    """
    for pattern in (_ROW, _QUERY, _ID_NUMBER, _PHONE, _CHINESE):
        text = pattern.sub(REMOVED, text)
    return text


def clean(value: Any) -> Any:
    """The value with every text inside it cleaned and every personal key emptied."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {
            clean_text(str(key)): REMOVED if str(key).lower() in PERSONAL_KEYS else clean(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(item) for item in value]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**10 else REMOVED
    return clean_text(str(value))


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor that every entry passes."""
    cleaned: MutableMapping[str, Any] = clean(event)
    return cleaned


def flatten_exception(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace an exception by its type, message and frames, without any local value."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    elif isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if not found or found[0] is None:
        return event
    kind, error, trace = found
    # The first line alone: a database tells the values of the row in the lines below it.
    said = str(error).partition("\n")[0]
    event["exception"] = f"{kind.__module__}.{kind.__qualname__}: {said}"
    event["frames"] = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)
    ]
    return event


def configure(*, level: str) -> None:
    """Send everything, ours and the libraries', to standard error as JSON."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    ending: list[Any] = [
        flatten_exception,
        redact,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "procrastinate", "psycopg.pool", "urllib3", "asyncio"):
        logging.getLogger(noisy).setLevel("WARNING")
    # Statements carry values even when nothing failed.
    logging.getLogger("django.db.backends").setLevel("WARNING")
