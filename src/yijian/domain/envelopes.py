"""信封: the CloudEvents 1.0 messages that nodes and departments exchange, and who may send which.

Types carry their version. A type or version that this node does not know is no fault of its
sender: the whole event is kept until a later version of this node can read it, and so are fields
and extensions that nobody here has heard of.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

TASK_DISPATCHED = "yijian.task.dispatched.v1"
TASK_WITHDRAWN = "yijian.task.withdrawn.v1"
CERTIFICATE_CHANGED = "yijian.certificate.changed.v1"
CASE_CLOSED = "yijian.case.closed.v1"
TASK_REPORTED = "yijian.task.reported.v1"
TASK_ROUTED = "yijian.task.routed.v1"
PARCEL_MOVED = "yijian.parcel.moved.v1"
CERTIFICATE_ISSUED = "yijian.certificate.issued.v1"
KEY_ANNOUNCED = "yijian.key.announced.v1"
REGISTER_CHANGED = "yijian.register.changed.v1"
"""Its subject is the receipt of a question that its receiver once asked in vain; it has no data."""

DOWNWARDS = frozenset({TASK_DISPATCHED, TASK_WITHDRAWN, CERTIFICATE_CHANGED, CASE_CLOSED})
"""What the node a task comes from tells the one it is sent to."""
UPWARDS = frozenset(
    {TASK_REPORTED, TASK_ROUTED, PARCEL_MOVED, CERTIFICATE_ISSUED, CERTIFICATE_CHANGED}
)
"""What is told to the node a task came from; certificates change on both sides."""
KNOWN = DOWNWARDS | UPWARDS | {KEY_ANNOUNCED, REGISTER_CHANGED}

DEPARTMENT, NODE = "department", "node"
PARTNER_KINDS = (DEPARTMENT, NODE)
_OF_A_DEPARTMENT = frozenset({TASK_REPORTED, PARCEL_MOVED, CERTIFICATE_ISSUED, KEY_ANNOUNCED})

LARGEST_BATCH = 500
SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_TYPE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*){1,7}")
_SOURCE = re.compile(r"/(?:nodes|departments)/([A-Za-z0-9][A-Za-z0-9-]{0,63})")
_EXTENSION = re.compile(r"[a-z0-9]{1,40}")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_NAMED = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"}
)
LONGEST_TYPE = 120
LONGEST_SUBJECT = 200
MOST_EXTENSIONS = 20


class NotAnEventError(Exception):
    """A value is no CloudEvents 1.0 event as agreed.

    `code` says what is wrong with it; `id` is what it calls itself, empty when that is unreadable.
    """

    def __init__(self, code: str, id: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.id = id


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """信封: one message. `data` and `extensions` hold every field that came, known or not."""

    id: str
    source: str
    type: str
    time: datetime
    subject: str = ""
    data: Mapping[str, object] = field(default_factory=dict, repr=False)
    extensions: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def sender(self) -> str:
        """The code of the participant that the source names."""
        found = _SOURCE.fullmatch(self.source)
        return found[1] if found else ""

    @property
    def meaning(self) -> Mapping[str, object]:
        """What makes it this message and no other, pushed or read from a feed."""
        return {"type": self.type, "data": dict(self.data)}


def source_of(code: str) -> str:
    """The source of every event of a node.

    >>> source_of("node-340000")
    '/nodes/node-340000'
    """
    return f"/nodes/{code}"


def read_event(value: object) -> CloudEvent:
    """The event in one JSON value. Errors: NotAnEventError, its code naming the attribute.

    >>> read_event({"specversion": "1.0", "id": "7", "source": "/nodes/a", "type": "a.b.v1",
    ...             "time": "2026-11-22T10:00:00+08:00"}).sender
    'a'
    >>> read_event({"specversion": "0.3", "id": "7"})
    Traceback (most recent call last):
    yijian.domain.envelopes.NotAnEventError: wrong_specversion
    """
    if not isinstance(value, Mapping):
        raise NotAnEventError("not_an_object")
    given = cast(Mapping[str, object], value)
    id = given.get("id")
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise NotAnEventError("wrong_id")
    if given.get("specversion") != "1.0":
        raise NotAnEventError("wrong_specversion", id)
    source, type = given.get("source"), given.get("type")
    if not isinstance(source, str) or not _SOURCE.fullmatch(source):
        raise NotAnEventError("wrong_source", id)
    if not isinstance(type, str) or len(type) > LONGEST_TYPE or not _TYPE.fullmatch(type):
        raise NotAnEventError("wrong_type", id)
    subject = given.get("subject", "")
    if not isinstance(subject, str) or len(subject) > LONGEST_SUBJECT:
        raise NotAnEventError("wrong_subject", id)
    if given.get("datacontenttype", "application/json") != "application/json":
        raise NotAnEventError("wrong_datacontenttype", id)
    data = given.get("data", {})
    if not isinstance(data, Mapping):
        raise NotAnEventError("wrong_data", id)
    extensions = {name: value for name, value in given.items() if name not in _NAMED}
    if len(extensions) > MOST_EXTENSIONS or not all(map(_EXTENSION.fullmatch, extensions)):
        raise NotAnEventError("wrong_extension", id)
    return CloudEvent(
        id, source, type, _moment(given.get("time"), id), subject, dict(data), extensions
    )


def _moment(value: object, id: str) -> datetime:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise NotAnEventError("wrong_time", id)
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise NotAnEventError("wrong_time", id) from None


def written(event: CloudEvent) -> dict[str, object]:
    """The event as JSON; what was read is written with every field it came with."""
    named: dict[str, object] = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": event.time.isoformat(),
        "datacontenttype": "application/json",
        "data": dict(event.data),
    }
    if event.subject:
        named["subject"] = event.subject
    return {**event.extensions, **named}


def may_send(kind: str, type: str) -> bool:
    """Whether a partner of this kind may send this type at all.

    Whether the task is its own is asked where the message is taken in. Unknown types are parked
    and change nothing, so anybody may send them.

    >>> may_send(DEPARTMENT, TASK_DISPATCHED), may_send(NODE, TASK_DISPATCHED)
    (False, True)
    """
    return type not in KNOWN or kind == NODE or type in _OF_A_DEPARTMENT
