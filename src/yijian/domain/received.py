"""How what another node sends changes the case kept of it here: three events of `history`."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from yijian.domain.cases import Case, Task
from yijian.domain.events import Event, key_of, moment_in, text_or_none
from yijian.domain.facts import Fact, FactKey, Origin
from yijian.domain.states import Stage, TaskState

Triples = Iterable[tuple[str, int, object]]


def case_received(case: Case, event: Event) -> Case:
    """A case of another node: it was applied for there, and only parts of it are here."""
    public = event.public
    return replace(
        case,
        origin=str(public["origin"]),
        applicant=str(public.get("applicant", "")),
        stage=Stage.SUBMITTED,
        submitted_at=moment_in(public, "applied_at", event.at),
    )


def task_received(case: Case, event: Event) -> Case:
    """A task comes from another node, for the first time or once more; a closed case reopens.

    One that comes once more and had not ended stays where it is: only what is known of it changes.
    """
    key, public = key_of(event), event.public
    before = case.tasks.get(key)
    answered = tuple(str(ask) for ask in cast(Iterable[str], public["answered"]))
    goes_on = before if before is not None and not before.ended else None
    begun = Task(key[0], key[1], TaskState.QUEUED, None, event.at, started_at=event.at)
    task = replace(
        goes_on or begun,
        office=text_or_none(public["office"]),
        due_at=moment_in(public, "due_at", None),
        due_provisional=bool(public.get("due_provisional")),
        round=int(str(public["round"])),
        asked=answered,
        answered=answered,
        version=before.version + 1 if before else 0,
    )
    received = dict(case.received)
    if "received" in event.sealed:
        received[key] = cast(Mapping[str, object], event.sealed["received"])
    origin = str(public["origin"])
    return replace(
        case,
        stage=Stage.SUBMITTED,
        newborns=max(case.newborns, int(str(public["newborns"]))),
        tasks={**case.tasks, key: task},
        received=received,
        answers={**case.answers, **_sent(event, "declared", Origin.DECLARED, origin)},
        verified={**case.verified, **_sent(event, "verified", Origin.VERIFIED, origin)},
    )


def certificate_ended(case: Case, event: Event) -> Case:
    """What was sent with a task no longer says that a certificate is valid; the rest stays."""
    if event.task is None or "received" not in event.sealed:
        return case
    shown = cast(Mapping[str, object], event.sealed["received"])
    return replace(case, received={**case.received, event.task: shown})


def _sent(event: Event, name: str, origin: Origin, source: str) -> dict[FactKey, Fact]:
    sent = cast(Triples, event.sealed.get(name, ()))
    return {(str(f), int(n)): Fact(value, origin, source, event.at) for f, n, value in sent}
