"""示例连接器 · An example connector: a department's own system, whole, in one file.

python connector.py settings.json, with code, key, node, node_key, node_url, port and state.
Put your own work in the place of `decide`; keep the rest (docs/reference/exchange.md says why).
"""

import hashlib
import json
import sqlite3
import sys
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import flask
import http_message_signatures as signatures
import httpx
from http_message_signatures.algorithms import ED25519

TABLES = """PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS nonce (id PRIMARY KEY);
CREATE TABLE IF NOT EXISTS event (id PRIMARY KEY, body);
CREATE TABLE IF NOT EXISTS task (id PRIMARY KEY, round, state, decision);
CREATE TABLE IF NOT EXISTS wanted (task, file, sha256, got, PRIMARY KEY (task, file));
CREATE TABLE IF NOT EXISTS report (cursor INTEGER PRIMARY KEY, id UNIQUE, body, outcome)"""
READY = """SELECT id, round, decision FROM task WHERE decision <> ''
    AND id NOT IN (SELECT task FROM wanted WHERE NOT got)"""
COVERED = ("@method", "@target-uri", "content-digest", "content-type")
REASON = {"code": "incomplete", "text": "请补正后再办理。"}


def decide(task):
    """Your own work: the state to report, with reason and fields or result; earlier ones follow."""
    asked = {"correct": "correction_needed", "decline": "declined"}.get(task.get("rehearsal"))
    if asked and task["round"] == 0:
        return {"state": asked, "reason": REASON, "fields": sorted(task["fields"])[:1]}
    result = {"outlet": "示例网点", "bank": "示例银行", "ready_on": f"{datetime.now(UTC):%F}"}
    return {"state": "completed", "result": result}


class Connector:
    def __init__(self, *, code, key, node, node_key, node_url, state=":memory:", client=None):
        keys = signatures.MappingKeyResolver(public_keys={node: node_key}, private_keys={code: key})
        how = {"signature_algorithm": ED25519, "key_resolver": keys}
        self.signer = signatures.HTTPMessageSigner(**how)
        self.verifier = signatures.HTTPMessageVerifier(**how)
        self.code, self.node_url = code, node_url
        self.client = client or httpx.Client(timeout=10, trust_env=False)
        self.db, self.lock = sqlite3.connect(state, check_same_thread=False), threading.RLock()
        self.db.executescript(TABLES)
        self.app = flask.Flask("connector")
        self.app.config["MAX_CONTENT_LENGTH"] = 2 * 1024 * 1024
        self.app.before_request(self.check)
        for method, path in (("POST", "events"), ("GET", "reports"), ("GET", "health")):
            self.app.route(f"/{path}", methods=[method])(getattr(self, path))

    def sql(self, statement, *values):
        with self.lock:
            return self.db.execute(statement, values).fetchall()

    def call(self, method, path, value=None):
        body = json.dumps(value).encode() if value else b""
        headers, url = {"Content-Type": "application/json"} if body else {}, self.node_url + path
        said = {"key_id": self.code, "label": "sig1", "nonce": str(uuid.uuid4())}
        said |= {"covered_component_ids": COVERED[: 4 if body else 2], "body": body or None}
        self.signer.sign(SimpleNamespace(method=method, url=url, headers=headers), **said)
        try:
            return self.client.request(method, url, content=body, headers=headers)
        except httpx.HTTPError:
            return httpx.Response(503)

    def check(self):
        """Refuse what the node did not sign just like this, lately, and for the first time."""
        asked, body, new = flask.request, flask.request.get_data(), []
        message = SimpleNamespace(method=asked.method, url=asked.url, headers=dict(asked.headers))
        covered = COVERED[: 4 if body else 2]
        try:
            (found,) = self.verifier.verify(message, require_components=covered, body=body)
            said = found.parameters
            if abs(time.time() - said["created"]) <= 300 and said["alg"] == "ed25519":
                nonce = "INSERT OR IGNORE INTO nonce VALUES (?) RETURNING id"
                with self.lock, self.db:
                    new = self.sql(nonce, said["nonce"])
        except (signatures.HTTPMessageSignaturesException, ValueError, KeyError, TypeError):
            pass  # One answer for every fault: a stranger learns nothing from it.
        if not new and asked.path != "/health":
            flask.abort(401)

    def health(self):
        return {"node": self.code, "version": "1", "time": datetime.now(UTC).isoformat()}

    def events(self):
        events, kind = flask.request.get_json(force=True, silent=True), flask.request.mimetype
        events = [events] if kind == "application/cloudevents+json" and events else events
        if not kind.startswith("application/cloudevents") or not isinstance(events, list):
            flask.abort(400)
        answer = {"accepted": [], "refused": []}
        with self.lock, self.db:  # The whole batch is kept before it is answered.
            for event in events if len(events) <= 500 else flask.abort(413):
                try:
                    answer["accepted"].append(self.take(event["id"], event["type"], event["data"]))
                except (KeyError, TypeError, ValueError, sqlite3.Error) as fault:
                    name = event.get("id") if isinstance(event, dict) else ""
                    answer["refused"].append({"id": name, "reason": type(fault).__name__})
        return answer, 202

    def take(self, id, kind, data):
        if not self.sql("SELECT 1 FROM event WHERE id = ?", id):
            if kind == "yijian.task.withdrawn.v1":
                self.sql("REPLACE INTO task VALUES (?, 0, 'withdrawn', '')", data["task_id"])
            elif kind == "yijian.task.dispatched.v1" and "fields" in data:
                self.take_task(data)
            elif kind == "yijian.task.dispatched.v1":  # Only told: the task is fetched.
                self.sql("REPLACE INTO wanted VALUES (?, '', '', 0)", data["task_id"])
            self.sql("INSERT INTO event VALUES (?, ?)", id, json.dumps([kind, data]))
        return id

    def take_task(self, data):
        row = [data["task_id"], data["round"], data.get("state"), json.dumps(decide(data))]
        known = self.sql("SELECT round, state FROM task WHERE id = ?", row[0])
        if not known or (known[0][1] != "withdrawn" and known[0][0] < data["round"]):
            for scan in data.get("scans") or []:
                page = [row[0], scan["id"], scan["sha256"]]
                self.sql("INSERT OR IGNORE INTO wanted VALUES (?, ?, ?, 0)", *page)
            self.sql("REPLACE INTO task VALUES (?, ?, ?, ?)", *row)

    def reports(self):
        asked = flask.request.args
        after, limit = asked.get("after", 0, type=int), asked.get("limit", 500, type=int)
        select = "SELECT cursor, id, body FROM report WHERE cursor > ? ORDER BY cursor LIMIT ?"
        rows = self.sql(select, after, max(1, min(500, limit)))
        kind = {"type": "yijian.task.reported.v1"}
        shown = [kind | {"cursor": str(c), "id": i, "data": json.loads(b)} for c, i, b in rows]
        return {"reports": shown, "next": shown[-1]["cursor"] if shown else str(after)}

    def work(self):
        """One round: fetch, decide, report. Returns whether the node answered as it should."""
        well = True
        for task, file, sha256 in self.sql("SELECT task, file, sha256 FROM wanted WHERE NOT got"):
            answer = self.call("GET", f"/api/v1/tasks/{task}" + (f"/files/{file}" if file else ""))
            same = not file or hashlib.sha256(answer.content).hexdigest() == sha256
            came = answer.status_code == 404 or (answer.status_code == 200 and same)
            with self.lock, self.db:
                if answer.status_code == 200 and not file:
                    self.take_task(answer.json())
                self.sql("UPDATE wanted SET got = ? WHERE task = ? AND file = ?", came, task, file)
            well = well and came
        with self.lock, self.db:
            for id, round, decision in self.sql(READY):
                name, at = f"{self.code}:{id}:{round}", datetime.now(UTC).isoformat()
                said = {"feedback_id": name, "task_id": id, "round": round, "at": at}
                body = json.dumps(said | json.loads(decision))
                self.sql("INSERT OR IGNORE INTO report (id, body) VALUES (?, ?)", name, body)
                self.sql("UPDATE task SET decision = '' WHERE id = ? AND round = ?", id, round)
        due = self.sql("SELECT body FROM report WHERE outcome IS NULL ORDER BY cursor LIMIT 500")
        return self.send([json.loads(body) for (body,) in due]) and well

    def send(self, due):
        answer = self.call("POST", "/api/v1/feedback/batch", {"feedback": due}) if due else None
        if answer and answer.status_code in (400, 422) and len(due) > 1:
            return all([self.send([one]) for one in due])  # One bad report stops no other.
        outcomes = answer.json()["outcomes"] if answer and answer.status_code == 200 else []
        settled = [(one["outcome"], one["feedback_id"]) for one in outcomes]
        with self.lock, self.db:
            self.db.executemany("UPDATE report SET outcome = ? WHERE id = ?", settled)
        return len(outcomes) == len(due)


if __name__ == "__main__":
    settings = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    port = settings.pop("port")
    settings |= {name: Path(settings[name]).read_bytes() for name in ("key", "node_key")}
    connector, pause = Connector(**settings), 0.2
    threading.Thread(target=connector.app.run, args=("127.0.0.1", port), daemon=True).start()
    while True:  # A node that does not answer is asked less and less often.
        pause = 0.2 if connector.work() else min(60, pause * 2)
        time.sleep(pause)
