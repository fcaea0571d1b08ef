"""The same deeds through the real actions: rules, sealing, journal, inbox, outbox, jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from bench.deeds import Deed, Life
from yijian.actions import changes, contexts, dispatching, feedback
from yijian.actions.batches import Batch
from yijian.actions.feedback import Feedback
from yijian.domain import handling
from yijian.domain.cases import Case
from yijian.domain.clocks import local_day
from yijian.domain.history import apply_all
from yijian.domain.numbers import case_number
from yijian.domain.routing import Directory
from yijian.domain.signing import text_digest
from yijian.domain.states import Stage
from yijian.ops.keys import make_key_pair
from yijian.records import cases, people
from yijian.records.cases import Change
from yijian.records.identifiers import new_id, task_id
from yijian.records.models import Partner

SENDER = "bench"


class Ours:
    """The same deeds for the same number of cases, through `actions`."""

    def __init__(self, lives: Sequence[Life], first: int) -> None:
        self.deeds = lives[0].deeds
        self.lives = lives
        self.now = datetime.now(UTC)
        self.ids = [self._begin(life, first + n) for n, life in enumerate(lives)]

    def _begin(self, life: Life, number: int) -> UUID:
        """Save a family that has just submitted."""
        example, now = life.rehearsal.case, life.rehearsal.now
        case = Case(
            id=str(new_id()),
            number=case_number("340000", local_day(now), "S", number),
            pack=example.pack,
            pack_version=example.pack_version,
            pack_digest=example.pack_digest,
            channel=example.channel,
            started_at=example.started_at,
        )
        after = apply_all(case, life.before)
        change = Change(
            before=None,
            events=life.before,
            after=after,
            outbox=dispatching.dispatches(after, life.before, contexts.context_of(after), self.now),
        )
        with transaction.atomic():
            return cases.save([change])[0].id

    def one_by_one(self) -> None:
        """Every deed of every case in a transaction of its own."""
        for case, life in zip(self.ids, self.lives, strict=True):
            for number, deed in enumerate(life.deeds):
                self._do([(case, deed)], number)

    def in_batches(self, size: int) -> None:
        """The same deed of many cases in one transaction."""
        for start in range(0, len(self.ids), size):
            for number in range(len(self.deeds)):
                some = range(start, min(start + size, len(self.ids)))
                self._do([(self.ids[i], self.lives[i].deeds[number]) for i in some], number)

    def _do(self, some: Sequence[tuple[UUID, Deed]], number: int) -> None:
        if some[0][1].ask:
            self._answer(some)
            return
        reports = [
            Feedback(
                feedback_id=f"{case}-{number}",
                task_id=task_id(case, deed.task),
                state=deed.state,
                at=self.now,
                result=deed.result,
            )
            for case, deed in some
            if deed.state is not None
        ]
        self.report(reports)

    def report(self, reports: Sequence[Feedback]) -> None:
        """Offices report; every report must take effect."""
        outcomes = feedback.receive(SENDER, reports, now=self.now)
        wrong = [o for o in outcomes if o.outcome != "applied"]
        assert not wrong, wrong[0]

    def _answer(self, some: Sequence[tuple[UUID, Deed]]) -> None:
        """The family does what it was asked, as `actions.cases.answer_ask` does for one."""
        with transaction.atomic():
            batch = Batch(cases.load(ids=[case for case, _deed in some]))
            for case_id, deed in some:
                case = batch.case(case_id)
                context = contexts.context_of(case)
                events = handling.answer_ask(
                    case, deed.task, deed.ask, "mother", text_digest(deed.ask), context, self.now
                )
                batch.add(case_id, events)
            changes.commit(batch.decided(), now=self.now)

    def check(self) -> None:
        """Every case is closed and its journal complete, or the measurement is worth nothing."""
        rehearsed = [event.kind.value for event in self.lives[0].rehearsal.events]
        for loaded in cases.read(ids=self.ids):
            assert loaded.case.stage is Stage.CLOSED, loaded.case.stage
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), min(n) FROM (SELECT count(*) AS n FROM journal"
                " WHERE case_id = ANY(%s) AND kind = ANY(%s) GROUP BY case_id) AS counted",
                [self.ids, sorted(set(rehearsed))],
            )
            assert cursor.fetchone() == (len(self.ids), len(rehearsed))


def let_one_department_answer_for_all() -> None:
    """Every office becomes one partner's, so that all deeds come through the machine door."""
    offices = [
        replace(office, channel="system", participant=SENDER)
        for office in people.directory().offices
    ]
    people.put_offices(Directory(tuple(offices)).offices)
    make_key_pair(settings.YIJIAN.keys_folder, SENDER)
    public_key = settings.YIJIAN.keys_folder / f"{SENDER}.pub.pem"
    Partner.objects.update_or_create(
        code=SENDER,
        defaults={
            "public_key": public_key.read_text(encoding="ascii"),
            "items": list(contexts.current_pack().items),
            "offices": [office.code for office in offices],
            "active": True,
        },
    )
    contexts.forget()
