"""文件交换: daily packages for offices without a network, and the results that come back.

A package is numbered without a gap, made once, and made again to the same bytes. What comes back
is checked line by line: what is right takes effect, what is not is told back by line and column,
and the same package again changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction

from yijian.actions import contexts, feedback
from yijian.actions.feedback import Feedback, Outcome
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.envelopes import CloudEvent, source_of, written
from yijian.domain.policy import FactKind
from yijian.domain.routing import FILE
from yijian.domain.states import TaskState
from yijian.gateways import files
from yijian.gateways.files import Complaint, Contents, PackedTask, ResultFile, ResultLine
from yijian.gateways.signatures.keys import split_keys
from yijian.records import cases as case_records
from yijian.records import crypto, exchange, journal, materials, witnesses
from yijian.records import file_packages as rows
from yijian.records.file_packages import Package, PackedMessage, TakenResults
from yijian.records.identifiers import new_id
from yijian.records.mapping import LoadedCase
from yijian.records.models import Partner

MOST_MESSAGES = 500
MOST_SCANS = 48 * 2**20
YES_NO = {"是": True, "否": False, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A package with its bytes and the name of its file."""

    package: Package
    name: str
    data: bytes


def participants_of(office: str) -> tuple[str, ...]:
    """The participants whose packages an office may fetch: those who stand for it alone."""
    directory = contexts.directory()
    own = directory.office(office)
    if own is None:
        return ()
    named = {rule.participant for rule in directory.channels if rule.channel == FILE}
    if own.channel == FILE:
        named.add(own.participant or own.code)
    alone = (code for code in named if code and directory.offices_of(code) == (office,))
    return tuple(sorted(alone))


def make_due(participant: str, *, by: str, now: datetime) -> list[Package]:
    """Packages of everything that waits for a participant; none when nothing does."""
    made: list[Package] = []
    while True:
        with transaction.atomic():
            rows.lock(participant)
            messages = rows.waiting(participant, limit=MOST_MESSAGES)
            if not messages:
                return made
            made.append(_make(participant, messages, by, now))


def make_all(*, by: str, now: datetime) -> list[Package]:
    """The packages of the day for everybody for whom something waits."""
    return [
        package
        for participant in rows.waiting_participants()
        for package in make_due(participant, by=by, now=now)
    ]


def built(participant: str, sequence: int) -> Fetched:
    """A package that was made, made again to the same bytes.

    Errors: RefusedError `unknown_package`, `package_gone` when a family in it was forgotten since.
    """
    package = rows.package(participant, sequence)
    if package is None:
        raise RefusedError("unknown_package")
    before = rows.package(participant, sequence - 1)
    messages = rows.packed(package.id)
    data = _bytes(package, messages, before.digest.hex() if before else "")
    if sha256(data).digest() != package.digest:
        raise RefusedError("package_gone")
    return Fetched(package, _name(package), data)


def fetch(participant: str, sequence: int, *, by: str, office: str = "", now: datetime) -> Fetched:
    """The bytes of a package; from the first time on its messages count as delivered.

    Every time stands in the access log of every family in it. Errors: those of `built`.
    """
    with transaction.atomic():
        found = built(participant, sequence)
        rows.note_fetch(found.package.id, by=by, office=office, now=now)
        rows.fetched(found.package.id, by=by, now=now)
    return found


def take(
    data: bytes, *, participant: str = "", by: str, trusted: bool = False, now: datetime
) -> TakenResults:
    """Take in a result package, or a table from somebody who is `trusted` to speak for its office.

    The same again is told what became of it and changes nothing. Errors: UnreadablePackageError;
    RefusedError `not_signed`, `wrong_signature`, `another_participant`, `unknown_sender`.
    """
    found = files.read_results(data)
    named = found.participant or participant
    if not named or (participant and named != participant):
        raise RefusedError("another_participant")
    known = exchange.partner(named)
    signed = _check_signature(found, known, trusted)
    before = rows.taken(named, found.digest)
    if before is not None:
        return before
    speaker = known or Partner(code=named, items=sorted(_items()))
    outcomes = _received(found, speaker, now)
    complaints = [*found.complaints, *_complaints(outcomes)]
    count = {kind: sum(o.outcome == kind for _, o in outcomes) for kind in ("applied", "duplicate")}
    return rows.keep_result(
        named,
        found.digest,
        name=f"{found.sequence}" if found.sequence else found.digest.hex()[:16],
        taken_at=now,
        taken_by=by,
        signed=signed,
        lines=len(found.lines) + len(found.complaints),
        applied=count["applied"],
        repeated=count["duplicate"],
        refused=len(complaints),
        errors=[[c.line, c.column, c.code] for c in sorted(complaints, key=lambda c: c.line)],
    )


def complaints_of(package: TakenResults) -> list[Complaint]:
    """What was wrong with the lines of a result package."""
    return [Complaint(line, column, code) for line, column, code in package.errors]


def _make(participant: str, messages: Sequence[PackedMessage], by: str, now: datetime) -> Package:
    sizes, weight = _scan_sizes(messages), 0
    chosen: list[PackedMessage] = []
    for message in messages:
        weight += sizes.get(message.id, 0)
        if chosen and weight > MOST_SCANS:
            break
        chosen.append(message)
    last = rows.last_of(participant)
    package = Package(
        new_id(), participant, (last.sequence if last else 0) + 1, local_day(now), now,
        b"", 0, len(chosen), rows.sealing_keys().get(participant, ""), None, "",
    )  # fmt: skip
    data = _bytes(package, chosen, last.digest.hex() if last else "")
    package = replace(package, digest=sha256(data).digest(), size=len(data))
    rows.keep(package, [message.id for message in chosen], by=by)
    return package


def _bytes(package: Package, messages: Sequence[PackedMessage], previous: str) -> bytes:
    """The package as it is handed out: always the same for the same messages."""
    contents = Contents(
        node=settings.YIJIAN.node,
        participant=package.participant,
        day=package.day,
        sequence=package.sequence,
        previous=previous,
        tasks=_tasks(messages),
        scans=_scans(messages),
    )
    data = files.pack(contents, journal.node_key())
    if not package.sealed_to:
        return data
    secret = crypto.keyed_digest("file_package", package.participant)
    return files.sealed(data, package.sealed_to, secret)


def _name(package: Package) -> str:
    name = f"yijian-{settings.YIJIAN.node}-{package.participant}-{package.sequence:06d}"
    return f"{name}.zip.sealed" if package.sealed_to else f"{name}.zip"


def _tasks(messages: Sequence[PackedMessage]) -> list[PackedTask]:
    """The messages as events, with the item's name and the results that its office may fill in.

    The words are those of the pack the case is pinned to, so that they never change.
    """
    loaded = {case.id: case for case in case_records.read(ids={m.case_id for m in messages})}
    found = []
    for message in messages:
        item = None
        if message.case_id in loaded:
            context = contexts.context_of(loaded[message.case_id].case)
            item = context.pack.items.get(message.item)
        event = CloudEvent(
            id=str(message.id),
            source=source_of(settings.YIJIAN.node),
            type=message.kind,
            time=message.created_at,
            subject=str(message.task_id or message.case_id),
            data=message.payload,
        )
        results = {f.id: f.title.zh for f in item.results} if item else {}
        found.append(PackedTask(written(event), item.title.zh if item else message.item, results))
    return found


def _listed(message: PackedMessage) -> list[str]:
    scans = message.payload.get("scans", ())
    return [str(scan["id"]) for scan in scans if isinstance(scan, Mapping)]


def _scan_sizes(messages: Sequence[PackedMessage]) -> dict[UUID, int]:
    """How much the scanned pages of each message weigh, about."""
    weights = materials.weights({UUID(page) for message in messages for page in _listed(message)})
    return {
        message.id: sum(weights.get(UUID(page), 0) for page in _listed(message))
        for message in messages
    }


def _scans(messages: Sequence[PackedMessage]) -> dict[str, bytes]:
    """The scanned pages that the messages name; one that was removed since is left out."""
    keys = {c.id: c.key for c in case_records.read(ids={m.case_id for m in messages})}
    found: dict[str, bytes] = {}
    for message in messages:
        key = keys.get(message.case_id)
        if key is None:
            continue
        for page in _listed(message):
            picture = materials.picture(case_id=message.case_id, key=key, page_id=UUID(page))
            if picture is not None:
                found[f"{page}{_ending(picture.data)}"] = picture.data
    return found


def _ending(data: bytes) -> str:
    return ".jpg" if data.startswith(b"\xff\xd8") else ".png" if data[1:4] == b"PNG" else ".bin"


def _check_signature(found: ResultFile, known: Partner | None, trusted: bool) -> bool:
    """Whether the participant has signed; a wrong signature is worse than none."""
    if not found.signature:
        if not trusted:
            raise RefusedError("not_signed")
        return False
    keys = split_keys(known.public_key.encode()) if known is not None else ()
    if not witnesses.is_signed_by(keys, found.signature, found.signed):
        raise RefusedError("wrong_signature")
    return True


def _items() -> set[str]:
    return {code for pack in contexts.packs() for code in pack.items}


def _received(
    found: ResultFile, speaker: Partner, now: datetime
) -> list[tuple[ResultLine, Outcome]]:
    """Every line with what became of it. A repeated line has the id it had before."""
    label = f"{found.sequence}" if found.sequence else found.digest.hex()[:32]
    outcomes: list[tuple[ResultLine, Outcome]] = []
    for start in range(0, len(found.lines), feedback.LARGEST_BATCH):
        lines = found.lines[start : start + feedback.LARGEST_BATCH]
        ids = [line.task_id for line in lines]
        cases = {
            one.task_id(k): one for one in case_records.read(task_ids=ids) for k in one.case.tasks
        }
        fitting = [line for line in lines if _fits(line, cases.get(line.task_id))]
        said = [_said(line, f"file:{label}:{line.number}", cases, now) for line in fitting]
        taken = dict(
            zip(
                (line.number for line in fitting),
                feedback.receive(speaker.code, said, now=now, partner=speaker),
                strict=True,
            )
        )
        wrong = Outcome("", "refused", "not_this_case", "task_id")
        outcomes += [(line, taken.get(line.number, wrong)) for line in lines]
    return outcomes


def _fits(line: ResultLine, loaded: LoadedCase | None) -> bool:
    """Whether number and newborn on the line are those of its task: columns get sorted apart."""
    if loaded is None:
        return True
    key = loaded.task_key(line.task_id)
    return line.case_number in ("", loaded.case.number) and line.newborn in (None, key[1])


def _said(line: ResultLine, id: str, cases: Mapping[UUID, LoadedCase], now: datetime) -> Feedback:
    loaded = cases.get(line.task_id)
    kinds: dict[str, FactKind] = {}
    if loaded is not None:
        item = contexts.context_of(loaded.case).pack.items[loaded.task_key(line.task_id)[0]]
        kinds = {field.id: field.kind for field in item.results}
    return Feedback(
        feedback_id=id,
        task_id=line.task_id,
        state=TaskState(line.state),
        at=line.at or now,
        round=line.round,
        reason=line.reason,
        reason_text=line.reason_text,
        fields=line.fields,
        result={name: _typed(value, kinds.get(name)) for name, value in line.result.items()},
    )


def _typed(cell: str, kind: FactKind | None) -> object:
    """What a cell of a spreadsheet means; whether it is right is checked with all the others."""
    if kind is FactKind.YES_NO:
        return YES_NO.get(cell.lower(), cell)
    return files.spelt(cell) if kind in (FactKind.DATE, FactKind.MOMENT) else cell


def _complaints(outcomes: Iterable[tuple[ResultLine, Outcome]]) -> list[Complaint]:
    found = []
    for line, outcome in outcomes:
        if outcome.outcome in ("applied", "duplicate"):
            continue
        code = outcome.code or outcome.outcome
        column = outcome.field or ""
        if column in line.result or code in ("result_missing", "result_wrong", "result_taken"):
            column = f"result.{column}"
        found.append(Complaint(line.number, column, code))
    return found
