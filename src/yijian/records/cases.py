"""办件: loading and saving many cases at once, in one locking read and one write.

    with transaction.atomic():
        loaded = cases.load(task_ids=[…])
        …
        cases.save([Change(before=loaded[0], events=events, after=after)])

A new case is a change whose `before` is None. What is saved is what the events made of what was
loaded; a case that somebody else changed in between is refused whole (`StaleCase`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection

from yijian.domain.cases import Case
from yijian.domain.events import Event, TaskKey
from yijian.domain.notices import Message
from yijian.domain.states import Stage
from yijian.records import crypto, mapping
from yijian.records.identifiers import new_id, task_id
from yijian.records.mapping import LoadedCase

SENT = frozenset({"sms"})
"""The channels that a worker delivers; a message kept for the page is there at once."""
ENDED = frozenset({Stage.CLOSED, Stage.WITHDRAWN})


class StaleCase(Exception):
    """A case was changed by somebody else since it was loaded; load it again."""


class CaseForgotten(Exception):
    """The key of the case was destroyed; nothing can be added to it."""


class RuleBroken(Exception):
    """The database keeps a rule that this change breaks; `rule` is the constraint's name."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule.replace("_", " "))
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Outgoing:
    """分发: one message to be delivered to one destination after the commit.

    `intent` tells messages about the same task and round apart. `payload` holds JSON values, dates
    and moments; it is sealed. `id` is the request id of every attempt for ever.
    """

    destination: str
    kind: str
    intent: str
    payload: Mapping[str, object] = field(repr=False)
    task: TaskKey | None = None
    not_before: datetime | None = None
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one case, and what follows: rows, journal, messages, in one commit.

    `parties` are new or changed (role → `crypto.blind_index("person", id_number)`). `channels` says
    how a task reaches its office. `window` names the office at whose window a new case begins.
    """

    before: LoadedCase | None
    events: Sequence[Event]
    after: Case
    outbox: Sequence[Outgoing] = ()
    messages: Sequence[Message] = ()
    parties: Mapping[str, bytes] = field(default_factory=dict)
    channels: Mapping[TaskKey, str] = field(default_factory=dict)
    window: str | None = None


def load(
    *,
    ids: Iterable[UUID] = (),
    numbers: Iterable[str] = (),
    task_ids: Iterable[UUID] = (),
) -> list[LoadedCase]:
    """The cases with these ids, numbers or tasks, locked until the transaction ends.

    Each once, in the order of their ids; unknown ones are left out.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("cases are locked for a transaction: use transaction.atomic()")
    return _fetch(ids, numbers, task_ids, locking=True)


def read(
    *,
    ids: Iterable[UUID] = (),
    numbers: Iterable[str] = (),
    task_ids: Iterable[UUID] = (),
) -> list[LoadedCase]:
    """The same cases to look at, without a lock."""
    return _fetch(ids, numbers, task_ids, locking=False)


def _fetch(
    ids: Iterable[UUID], numbers: Iterable[str], task_ids: Iterable[UUID], *, locking: bool
) -> list[LoadedCase]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM load_cases(%s::uuid[], %s::text[], %s::uuid[], %s)",
            [list(ids), list(numbers) or None, list(task_ids) or None, locking],
        )
        return [mapping.loaded_case(row) for row in cursor.fetchall()]


def save(changes: Iterable[Change]) -> list[LoadedCase]:
    """Write every change in one statement; what was saved, in the given order.

    Errors: StaleCase, CaseForgotten, RuleBroken (for instance `one_open_case_per_newborn`).
    """
    batch = _Batch()
    saved = [batch.add(change) for change in changes if change.events]
    if saved:
        batch.write()
    return saved


class _Batch:
    """The rows of many changes, table by table."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, object]]] = {
            name: []
            for name in (
                "started", "changed", "began", "moved", "entries", "messages", "notices",
                "children", "people", "found", "lost",
            )
        }  # fmt: skip
        self.ended: list[UUID] = []
        self.repinned: list[Case] = []

    def add(self, change: Change) -> LoadedCase:
        """Take in one change."""
        before, after = change.before, change.after
        expected = (before.case.version if before else 0) + len(change.events)
        if after.version != expected:
            raise ValueError(f"the events lead to version {expected}, not {after.version}")
        if before is not None and before.key is None:
            raise CaseForgotten(after.number)
        key = (before.key if before else None) or crypto.new_case_key()
        self._case(change, key)
        channels = self._tasks(change)
        self._entries(change)
        self._outbox(change, key)
        self._notices(change, key)
        self._people(change)
        if after.stage in ENDED:
            self.ended.append(UUID(after.id))
        institution = mapping.value_of(after, "institution_code")
        return LoadedCase(
            after,
            key,
            before.window if before else change.window,
            str(institution) if institution else None,
            channels,
            change.events[-1].at,
        )

    def _case(self, change: Change, key: crypto.Key) -> None:
        before, after = change.before, change.after
        old = before.case if before else None
        row = mapping.case_columns(after)
        row["changed_at"] = change.events[-1].at.isoformat()
        if old is None or mapping.public_changed(old, after):
            row["progress"] = mapping.progress_document(after)
        if old is None or old.newborns != after.newborns or mapping.sealed_changed(old, after):
            row["sealed"] = _sealed(key, mapping.sealed_document(after), "sealed", after.id)
            row["display"] = _sealed(key, mapping.display_document(after), "display", after.id)
            self._lookups(old, after)
            self._newborns(old, after)
        if old is not None:
            row["was"] = old.version
            self.rows["changed"].append(row)
            if old.pack_digest != after.pack_digest:
                self.repinned.append(after)
            return
        row |= {
            "number": after.number,
            "pack": after.pack,
            "pack_version": after.pack_version,
            "pack_digest": after.pack_digest,
            "channel": after.channel,
            "window": change.window,
            "started_at": after.started_at.isoformat(),
            "wrapped_key": _hex(crypto.wrap(key, after.id)),
        }
        self.rows["started"].append(row)

    def _lookups(self, before: Case | None, after: Case) -> None:
        now = mapping.findable(after)
        then = mapping.findable(before) if before else frozenset()
        for group, found in (("found", now - then), ("lost", then - now)):
            self.rows[group].extend(
                {
                    "digest": _hex(crypto.blind_index(purpose, value)),
                    "case_id": after.id,
                    "purpose": purpose,
                }
                for purpose, value in sorted(found)
            )

    def _newborns(self, before: Case | None, after: Case) -> None:
        marks = mapping.newborn_marks(after)
        if before is not None and marks == mapping.newborn_marks(before):
            return
        self.rows["children"].extend(
            {
                "id": str(new_id()),
                "case_id": after.id,
                "number": number,
                "uid": _hex(crypto.newborn_uid(mother, delivery, order)),
                "open": after.stage not in ENDED,
            }
            for number, (mother, delivery, order) in enumerate(marks, start=1)
        )

    def _tasks(self, change: Change) -> dict[TaskKey, str | None]:
        old = change.before.case.tasks if change.before else {}
        known = change.before.channels if change.before else {}
        channels: dict[TaskKey, str | None] = {}
        for place, (key, task) in enumerate(change.after.tasks.items()):
            channels[key] = change.channels.get(key, known.get(key))
            if key in old and old[key] == task and channels[key] == known.get(key):
                continue
            row = mapping.task_columns(change.after, task, channels[key], place)
            self.rows["moved" if key in old else "began"].append(row)
        return channels

    def _entries(self, change: Change) -> None:
        first = (change.before.case.version if change.before else 0) + 1
        for seq, event in enumerate(change.events, start=first):
            item, newborn = event.task or (None, None)
            self.rows["entries"].append(
                {
                    "case_id": change.after.id,
                    "seq": seq,
                    "at": event.at.isoformat(),
                    "actor": event.by,
                    "kind": event.kind.value,
                    "item": item,
                    "newborn": newborn,
                    "body": canonical(event.public),
                }
            )

    def _outbox(self, change: Change, key: crypto.Key) -> None:
        at = change.events[-1].at
        for message in change.outbox:
            task = change.after.tasks[message.task] if message.task else None
            payload = json.loads(json.dumps(message.payload, default=_plain_moment))
            where = crypto.place("outbox", "sealed", message.id)
            self.rows["messages"].append(
                {
                    "id": str(message.id),
                    "destination": message.destination,
                    "kind": message.kind,
                    "case_id": change.after.id,
                    "task_id": str(task_id(change.after.id, task.key)) if task else None,
                    "item": task.item if task else "",
                    "newborn": task.newborn if task else 0,
                    "round": task.round if task else 0,
                    "intent": message.intent,
                    "sealed": _hex(crypto.seal_document(key, payload, where)),
                    "state": "waiting",
                    "attempts": 0,
                    "not_before": (message.not_before or at).isoformat(),
                    "created_at": at.isoformat(),
                    "problem": "",
                }
            )

    def _notices(self, change: Change, key: crypto.Key) -> None:
        at = change.events[-1].at.isoformat()
        for message in change.messages:
            identifier = new_id()
            phone = mapping.value_of(change.after, f"{message.role}_phone")
            words = {"text": message.text, "phone": phone}
            where = crypto.place("notification", "sealed", identifier)
            self.rows["notices"].append(
                {
                    "id": str(identifier),
                    "case_id": change.after.id,
                    "to_role": message.role,
                    "channel": message.channel,
                    "template": message.notice,
                    "about": message.about,
                    "sealed": _hex(crypto.seal_document(key, words, where)),
                    "state": "waiting" if message.channel in SENT else "delivered",
                    "attempts": 0,
                    "not_before": at,
                    "created_at": at,
                    "problem": "",
                }
            )

    def _people(self, change: Change) -> None:
        self.rows["people"].extend(
            {
                "id": str(new_id()),
                "case_id": change.after.id,
                "role": role,
                "person_hash": _hex(person),
            }
            for role, person in change.parties.items()
        )

    def write(self) -> None:
        """Send all rows to the database in one statement."""
        groups = [
            json.dumps(rows, ensure_ascii=False) if rows else None for rows in self.rows.values()
        ]
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT save_cases({'%s::json, ' * len(groups)}%s::uuid[])",
                    [*groups, self.ended or None],
                )
                for case in self.repinned:
                    # A draft that changes its scheme is rare; it needs no place in the batch.
                    cursor.execute(
                        'UPDATE "case" SET pack = %s, pack_version = %s, pack_digest = %s'
                        " WHERE id = %s",
                        [case.pack, case.pack_version, case.pack_digest, case.id],
                    )
        except IntegrityError as refused:
            raise RuleBroken(_diagnosis(refused).constraint_name or str(refused)) from refused
        except OperationalError as refused:
            if _diagnosis(refused).sqlstate == "40001":
                raise StaleCase from refused
            raise


def canonical(body: Mapping[str, object]) -> str:
    """The one text of a public body. Errors: TypeError for what is no plain JSON value."""
    return json.dumps(
        body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def _diagnosis(error: Exception) -> Any:
    return getattr(error.__cause__, "diag", None)


def _sealed(key: crypto.Key, document: object, column: str, case_id: str) -> str:
    return _hex(crypto.seal_document(key, document, crypto.place("case", column, case_id)))


def _hex(data: bytes) -> str:
    return "\\x" + data.hex()


def _plain_moment(value: object) -> str:
    isoformat = getattr(value, "isoformat", None)
    if isoformat is None:
        raise TypeError(f"{type(value).__name__} cannot be sent")
    return str(isoformat())
