"""Vendors' mistakes: variants of the example connector with one planted fault each, under the name
of the check that must find it."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
import httpx

Fault = Callable[[Any], Any]
FAULTS: dict[str, Fault] = {}


def fault(code: str) -> Callable[[Fault], Fault]:
    """Keep a faulty variant of the connector under the check that must find it."""

    def keep(make: Fault) -> Fault:
        FAULTS[code] = make
        return make

    return keep


def open_door(whole: Any, forgiven: Callable[[flask.Request], bool]) -> Any:
    """A variant that lets in what `forgiven` says, whatever its signature."""

    def check(self: Any) -> Any:
        return None if forgiven(flask.request) else whole.check(self)

    return type("Faulty", (whole,), {"check": check})


def parameters() -> str:
    return flask.request.headers.get("Signature-Input", "")


def created_off() -> float:
    return int(parameters().split("created=")[1].split(";")[0]) - time.time()


@fault("unsigned")
def _(whole: Any) -> Any:
    return open_door(whole, lambda asked: "Signature" not in asked.headers)


@fault("stale")
def _(whole: Any) -> Any:
    return open_door(whole, lambda asked: "created=" in parameters() and created_off() < -200)


@fault("from-the-future")
def _(whole: Any) -> Any:
    return open_door(whole, lambda asked: "created=" in parameters() and created_off() > 200)


@fault("no-nonce")
def _(whole: Any) -> Any:
    return open_door(whole, lambda asked: "sig1=" in parameters() and "nonce" not in parameters())


@fault("target-not-covered")
def _(whole: Any) -> Any:
    return open_door(
        whole, lambda asked: "@method" in parameters() and "@target" not in parameters()
    )


@fault("type-not-covered")
def _(whole: Any) -> Any:
    missing = '"content-digest")'
    return open_door(whole, lambda asked: missing in parameters())


@fault("another-key")
def _(whole: Any) -> Any:
    """Believes the keyid and verifies nothing."""
    return open_door(whole, lambda asked: 'keyid="yijian"' in parameters())


@fault("unknown-sender")
def _(whole: Any) -> Any:
    return open_door(whole, lambda asked: 'keyid="stranger' in parameters())


@fault("altered-body")
def _(whole: Any) -> Any:
    """Verifies the signature over the digest and never looks at the body."""

    def check(self: Any) -> Any:
        verify = self.verifier.verify

        def without_body(message: Any, *, require_components: Any, body: Any) -> Any:
            return verify(message, require_components=require_components)

        self.verifier.verify = without_body
        try:
            return whole.check(self)
        finally:
            self.verifier.verify = verify

    return type("Faulty", (whole,), {"check": check})


@fault("replayed")
def _(whole: Any) -> Any:
    def sql(self: Any, statement: str, *values: Any) -> Any:
        if statement.startswith("INSERT OR IGNORE INTO nonce"):
            return [values]
        return whole.sql(self, statement, *values)

    return type("Faulty", (whole,), {"sql": sql})


def with_new_names(whole: Any) -> Any:
    """A variant that gives every report an id of its own, however often it is made."""

    def sql(self: Any, statement: str, *values: Any) -> Any:
        if statement.startswith("INSERT OR IGNORE INTO report"):
            name = f"{values[0]}:{uuid.uuid4().hex[:6]}"
            values = (name, json.dumps(json.loads(values[1]) | {"feedback_id": name}))
        return whole.sql(self, statement, *values)

    return type("Renaming", (whole,), {"sql": sql})


@fault("same-id-twice")
def _(whole: Any) -> Any:
    """Works on every event it gets, known or not, and reports anew."""

    def take(self: Any, id: str, kind: str, data: Any) -> str:
        self.sql("DELETE FROM event WHERE id = ?", id)
        self.sql(
            "DELETE FROM task WHERE id = ? AND state IS NOT 'withdrawn'", data.get("task_id", "")
        )
        return str(whole.take(self, id, kind, data))

    return with_new_names(type("Faulty", (whole,), {"take": take}))


@fault("same-task-twice")
def _(whole: Any) -> Any:
    """Knows events by their id, but not tasks by their meaning."""

    def take_task(self: Any, data: Any) -> None:
        self.work()
        self.sql("DELETE FROM task WHERE id = ? AND state IS NOT 'withdrawn'", data["task_id"])
        whole.take_task(self, data)

    return with_new_names(type("Faulty", (whole,), {"take_task": take_task}))


@fault("poison")
def _(whole: Any) -> Any:
    """One event that cannot be read makes the whole batch fail."""

    def take(self: Any, id: str, kind: str, data: Any) -> str:
        if kind.startswith("yijian.task.") and "task_id" not in data:
            flask.abort(422)
        return str(whole.take(self, id, kind, data))

    return type("Faulty", (whole,), {"take": take})


@fault("unknown-type")
def _(whole: Any) -> Any:
    def take(self: Any, id: str, kind: str, data: Any) -> str:
        if not kind.startswith("yijian.task."):
            raise ValueError(kind)
        return str(whole.take(self, id, kind, data))

    return type("Faulty", (whole,), {"take": take})


@fault("unknown-fields")
def _(whole: Any) -> Any:
    def take_task(self: Any, data: Any) -> None:
        if "something_new" in data:
            raise ValueError("unknown field")
        whole.take_task(self, data)

    return type("Faulty", (whole,), {"take_task": take_task})


@fault("out-of-order")
def _(whole: Any) -> Any:
    """The last event wins, whatever its round."""

    def take_task(self: Any, data: Any) -> None:
        self.work()
        self.sql("DELETE FROM task WHERE id = ? AND round > ?", data["task_id"], data["round"])
        whole.take_task(self, data)

    return type("Faulty", (whole,), {"take_task": take_task})


@fault("withdrawn-first")
def _(whole: Any) -> Any:
    def take(self: Any, id: str, kind: str, data: Any) -> str:
        known = self.sql("SELECT 1 FROM task WHERE id = ?", data.get("task_id", ""))
        if kind == "yijian.task.withdrawn.v1" and not known:
            return id
        return str(whole.take(self, id, kind, data))

    return type("Faulty", (whole,), {"take": take})


@fault("thin")
def _(whole: Any) -> Any:
    """Takes a notification without content for an empty task."""

    def take(self: Any, id: str, kind: str, data: Any) -> str:
        return str(whole.take(self, id, kind, {"fields": {}} | data))

    return type("Faulty", (whole,), {"take": take})


@fault("scans")
def _(whole: Any) -> Any:
    """Takes whatever bytes come for the page."""

    def sql(self: Any, statement: str, *values: Any) -> Any:
        rows = whole.sql(self, statement, *values)
        if statement.startswith("SELECT task, file, sha256"):
            any_bytes = hashlib.sha256(b"\xff\xd8\xff not the page that the task lists").hexdigest()
            return [(task, file, any_bytes if file else "") for task, file, _ in rows]
        return rows

    return type("Faulty", (whole,), {"sql": sql})


@fault("unavailable")
def _(whole: Any) -> Any:
    """Every attempt is a new report."""

    def send(self: Any, due: list[Any]) -> bool:
        named = [
            {**one, "feedback_id": f"{one['feedback_id']}:{uuid.uuid4().hex[:6]}"} for one in due
        ]
        fine = whole.send(self, named)
        if fine:
            self.sql("UPDATE report SET outcome = 'sent' WHERE outcome IS NULL")
        return bool(fine)

    return type("Faulty", (whole,), {"send": send})


@fault("lost-answer")
def _(whole: Any) -> Any:
    """Sends each report once and hopes."""

    def send(self: Any, due: list[Any]) -> bool:
        whole.send(self, due)
        self.sql("UPDATE report SET outcome = 'sent' WHERE outcome IS NULL")
        return True

    return type("Faulty", (whole,), {"send": send})


@fault("refused-once")
def _(whole: Any) -> Any:
    """Repeats what was refused for ever."""

    def send(self: Any, due: list[Any]) -> bool:
        fine = whole.send(self, due)
        self.sql("UPDATE report SET outcome = NULL WHERE outcome = 'refused'")
        return bool(fine)

    return type("Faulty", (whole,), {"send": send})


@fault("as-agreed")
def _(whole: Any) -> Any:
    """Sends some reports with local times, without an offset, and then again as agreed."""

    def send(self: Any, due: list[Any]) -> bool:
        if due:
            self.call("POST", "/api/v1/feedback", due[0] | {"at": "2026-11-21 10:00"})
        return bool(whole.send(self, due))

    return type("Faulty", (whole,), {"send": send})


@fault("correction")
def _(whole: Any) -> Any:
    """Begins no second round."""

    def take_task(self: Any, data: Any) -> None:
        known = self.sql("SELECT 1 FROM task WHERE id = ?", data["task_id"])
        if not known:
            whole.take_task(self, data)

    return type("Faulty", (whole,), {"take_task": take_task})


@fault("declined")
def _(whole: Any) -> Any:
    """Gives a code and no sentence for the family."""

    def call(self: Any, method: str, path: str, value: Any = None) -> Any:
        for one in (value or {}).get("feedback", []):
            if one["state"] == "declined":
                one["reason"] = {"code": "incomplete"}
        return whole.call(self, method, path, value)

    return type("Faulty", (whole,), {"call": call})


@fault("batch-500")
def _(whole: Any) -> Any:
    """Takes a hundred events at most."""

    def events(self: Any) -> Any:
        if len(flask.request.get_json(force=True, silent=True) or []) > 100:
            flask.abort(413)
        return whole.events(self)

    return type("Faulty", (whole,), {"events": events})


@fault("oversized")
def _(whole: Any) -> Any:
    """Reads whatever is sent, however large."""

    def init(self: Any, **settings: Any) -> None:
        whole.__init__(self, **settings)
        self.app.config["MAX_CONTENT_LENGTH"] = None

    return type("Faulty", (whole,), {"__init__": init})


@fault("not-events")
def _(whole: Any) -> Any:
    """Takes JSON of any kind for events."""

    def events(self: Any) -> Any:
        flask.request.environ["CONTENT_TYPE"] = "application/cloudevents-batch+json"
        flask.request.__dict__.pop("mimetype", None)
        flask.request.__dict__.pop("_parsed_content_type", None)
        return whole.events(self)

    return type("Faulty", (whole,), {"events": events})


@fault("health")
def _(whole: Any) -> Any:
    """Has a clock that is an hour late."""

    def health(self: Any) -> Any:
        late = datetime.now(UTC) - timedelta(hours=1)
        return whole.health(self) | {"time": late.isoformat()}

    return type("Faulty", (whole,), {"health": health})


@fault("unknown-address")
def _(whole: Any) -> Any:
    """Answers every address with a friendly page."""

    def init(self: Any, **settings: Any) -> None:
        whole.__init__(self, **settings)
        self.app.register_error_handler(404, lambda _error: ("welcome", 200))

    return type("Faulty", (whole,), {"__init__": init})


def feeding(whole: Any, change: Callable[[list[Any]], list[Any]]) -> Any:
    """A variant whose feed is changed before it is given out."""

    def reports(self: Any) -> Any:
        answer = whole.reports(self)
        return answer | {"reports": change(answer["reports"])}

    return type("Faulty", (whole,), {"reports": reports})


@fault("feed-complete")
def _(whole: Any) -> Any:
    """Leaves out what was declined."""
    return feeding(whole, lambda page: [e for e in page if e["data"]["state"] != "declined"])


@fault("feed-unheard")
def _(whole: Any) -> Any:
    """Gives only what the node has heard already."""

    def reports(self: Any) -> Any:
        answer = whole.reports(self)
        heard = {id for (id,) in self.sql("SELECT id FROM report WHERE outcome IS NOT NULL")}
        return answer | {"reports": [e for e in answer["reports"] if e["id"] in heard]}

    return type("Faulty", (whole,), {"reports": reports})


@fault("feed-pages")
def _(whole: Any) -> Any:
    """Numbers the entries of each answer anew."""
    return feeding(
        whole, lambda page: [e | {"cursor": str(int(e["cursor"]) + len(page))} for e in page]
    )


@fault("feed-end")
def _(whole: Any) -> Any:
    """Begins again at the beginning when there is nothing new."""

    def reports(self: Any) -> Any:
        answer = whole.reports(self)
        return answer if answer["reports"] else answer | {"next": "0"}

    return type("Faulty", (whole,), {"reports": reports})


@fault("feed-signed")
def _(whole: Any) -> Any:
    """Lets anybody read what was reported."""
    return open_door(whole, lambda asked: asked.path == "/reports")


@fault("too-many")
def _(whole: Any) -> Any:
    """Takes a batch of any length."""

    def events(self: Any) -> Any:
        taken = [
            self.take(e["id"], e["type"], e["data"]) for e in flask.request.get_json(force=True)
        ]
        return {"accepted": taken, "refused": []}, 202

    return type("Faulty", (whole,), {"events": events})


@fault("single")
def _(whole: Any) -> Any:
    """Knows batches only."""

    def events(self: Any) -> Any:
        return (
            flask.abort(415)
            if flask.request.mimetype.endswith("events+json")
            else whole.events(self)
        )

    return type("Faulty", (whole,), {"events": events})


@fault("batch")
def _(whole: Any) -> Any:
    """Takes the first event of a batch and forgets the others."""

    def events(self: Any) -> Any:
        answer, status = whole.events(self)
        return answer | {"accepted": answer["accepted"][:1]}, status

    return type("Faulty", (whole,), {"events": events})


@fault("completed")
def _(whole: Any) -> Any:
    """Works and tells nobody."""
    return type("Faulty", (whole,), {"send": lambda self, due: True})


@fault("cheap-forgery")
def _(whole: Any) -> Any:
    """Writes down the nonce before it looks at the signature."""

    def check(self: Any) -> Any:
        nonce = parameters().partition('nonce="')[2].partition('"')[0]
        if nonce in self.__dict__.setdefault("seen", set()):
            flask.abort(401)
        self.seen.add(nonce)
        return whole.check(self)

    return type("Faulty", (whole,), {"check": check})


for believed in (
    "altered-digest",
    "another-address",
    "another-method",
    "body-not-covered",
    "method-not-covered",
    "no-created",
):
    FAULTS[believed] = FAULTS["another-key"]


def reversing(whole: Any) -> Any:
    """No mistake: reports two states of each new task, the later one first."""

    def take_task(self: Any, data: Any) -> None:
        whole.take_task(self, data)
        if data["round"] == 0 and data.get("rehearsal") == "complete":
            at = datetime.now(UTC).isoformat()
            said = {"task_id": data["task_id"], "round": 0, "state": "accepted", "at": at}
            name = f"{data['task_id']}:accepted"
            body = json.dumps(said | {"feedback_id": name})
            self.sql("INSERT OR IGNORE INTO report (id, body) VALUES (?, ?)", name, body)

    def send(self: Any, due: list[Any]) -> bool:
        return bool(whole.send(self, due[::-1]))

    return type("Reversing", (whole,), {"take_task": take_task, "send": send})


def pulling(whole: Any) -> Any:
    """The connector without a way in: it fetches everything under way, page by page."""

    def work(self: Any) -> Any:
        after: str | None = ""
        while after is not None:
            page = self.call(
                "GET", "/api/v1/tasks?limit=100" + (f"&after={after}" if after else "")
            )
            if page.status_code != 200:
                return False
            for task in page.json()["tasks"]:
                self.take_task(task)
            after = page.json()["next"]
        return whole.work(self)

    return type("Puller", (whole,), {"work": work})


def _answering(whole: Any, change: Callable[[Any, str, Any], Any]) -> Any:
    def call(self: Any, method: str, path: str, value: Any = None) -> Any:
        return change(self, path, lambda where: whole.call(self, method, where, value))

    return pulling(type("Faulty", (whole,), {"call": call}))


def _first_page_only(self: Any, path: str, ask: Any) -> Any:
    answer = ask(path)
    if path.startswith("/api/v1/tasks?") and answer.status_code == 200:
        return httpx.Response(200, json=answer.json() | {"next": None})
    return answer


def _gives_up(self: Any, path: str, ask: Any) -> Any:
    listing = path.startswith("/api/v1/tasks?")
    answer = httpx.Response(503) if listing and self.__dict__.get("given_up") else ask(path)
    self.given_up = self.__dict__.get("given_up") or (listing and answer.status_code == 503)
    return answer


def _queued_only(self: Any, path: str, ask: Any) -> Any:
    return ask(path.replace("?limit", "?state=queued&limit"))


def _begins_again(whole: Any) -> Any:
    def take_task(self: Any, data: Any) -> None:
        self.sql("DELETE FROM task WHERE id = ? AND decision = ''", data["task_id"])
        whole.take_task(self, data)

    return pulling(with_new_names(type("Faulty", (whole,), {"take_task": take_task})))


def _any_state(self: Any, path: str, ask: Any) -> Any:
    """Asks for the withdrawn ones too, and works on them."""
    answer = ask(path)
    if not path.startswith("/api/v1/tasks?") or answer.status_code != 200:
        return answer
    more = ask("/api/v1/tasks?state=withdrawn").json()["tasks"]
    tasks = [task | {"state": "queued"} for task in answer.json()["tasks"] + more]
    return httpx.Response(200, json=answer.json() | {"tasks": tasks})


PULLING_FAULTS: dict[str, Fault] = {
    "pull-pages": lambda whole: _answering(whole, _first_page_only),
    "pull-unavailable": lambda whole: _answering(whole, _gives_up),
    "correction": lambda whole: _answering(whole, _queued_only),
    "pull-again": _begins_again,
    "pull-withdrawn": lambda whole: _answering(whole, _any_state),
}
"""Mistakes of systems that fetch, under the check that must find each."""
