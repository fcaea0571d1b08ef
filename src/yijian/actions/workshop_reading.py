"""政策工坊里看的: packs, versions and drafts, and what a draft would mean, without changing any.

A draft lies over the folder of packs, in which those packs that the workshop has published since
stand as they are in force. Nothing here is personal.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import unified_diff
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from psycopg_pool import PoolTimeout

from yijian.actions import contexts, waking
from yijian.actions import workshop_kept as kept
from yijian.domain.clocks import local_day
from yijian.domain.context import Context, RefusedError
from yijian.domain.policy import Pack
from yijian.domain.wording import Text
from yijian.packs import load_folder, overlay, soundness
from yijian.packs.canonical import Document
from yijian.packs.comparing import changed_values, compare
from yijian.packs.examples import FOLDER, example_files, load_example
from yijian.packs.findings import PackError
from yijian.packs.layers import Layers, layers
from yijian.packs.soundness import Checked
from yijian.records import access, people, workshop
from yijian.records.models import PackDraft, PolicyLogEntry
from yijian.records.people import StaffRole, Visitor
from yijian.records.workshop import KnownVersion

Json = dict[str, Any]
_log = logging.getLogger(__name__)

PLAYED, COMPARED = "played", "compared"
"""What takes longer than somebody at a page should wait."""


class UnfinishedError(Exception):
    """The worker could not finish what a page asks for; it says which kind of error."""


READERS = (
    StaffRole.POLICY_EDITOR, StaffRole.POLICY_APPROVER, StaffRole.SUPERVISOR,
    StaffRole.OPERATOR, StaffRole.AUDITOR, StaffRole.AUDIT_ADMIN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PackRow:
    """A pack of this node, as the workshop lists it.

    `why_not` says why it cannot be edited here: `received` came from another node, `no_source` was
    published before sources were kept; empty when it can.
    """

    code: str
    title: Text
    version: str
    in_force_from: date
    versions: int
    open_drafts: int
    why_not: str

    @property
    def editable(self) -> bool:
        """Whether a draft of it may be opened here."""
        return not self.why_not


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a pack; `state` is `in_force`, `waiting` for its day, or `past`.

    `origin` is `folder`, `workshop` or empty when its files were never kept; `draft` is the draft
    that it came from.
    """

    code: str
    version: str
    digest: str
    in_force_from: date
    stored_at: datetime
    received: bool
    state: str
    origin: str
    draft: UUID | None

    @property
    def has_source(self) -> bool:
        """Whether its files are kept, so that it can be exported or come back."""
        return bool(self.origin)


def reader(by: Any) -> Visitor:
    """Who looks into the workshop. Errors: Refused."""
    who = people.visitor(by)
    if not any(who.works_as(role) for role in READERS):
        raise access.Refused
    return who


def packs(*, by: Any) -> list[PackRow]:
    """Every pack of this node; those that came from others are shown and cannot be edited."""
    reader(by)
    offered, received = contexts.codes(), contexts.received_codes()
    known = workshop.known_versions(codes=[*offered, *received])
    sources = workshop.source_digests(codes=offered)
    waiting = workshop.drafts(under_work=True)
    rows = []
    for pack in contexts.packs():
        of_code = [one for one in known if one.code == pack.code]
        own = [one for one in of_code if not one.received]
        current = next(one for one in of_code if one.digest == pack.digest)
        newest = own[-1] if own else current
        why_not = "" if (newest.code, newest.version) in sources else "no_source"
        rows.append(
            PackRow(
                code=pack.code,
                title=pack.title,
                version=pack.version,
                in_force_from=current.in_force_from,
                versions=len(of_code),
                open_drafts=sum(one.code == pack.code for one in waiting),
                why_not="received" if pack.code not in offered else why_not,
            )
        )
    return rows


def versions(*, by: Any, code: str) -> list[VersionRow]:
    """Every version of one pack, the newest first. Errors: Refused for an unknown pack."""
    reader(by)
    known = workshop.known_versions(codes=[code])
    if not known:
        raise access.Refused
    sources = workshop.source_digests(codes=[code])
    made = {one.version_published: one.id for one in workshop.drafts(code=code)}
    current = contexts.digest_in_force(code)
    return [
        VersionRow(
            code=code,
            version=one.version,
            digest=one.digest,
            in_force_from=one.in_force_from,
            stored_at=one.stored_at,
            received=one.received,
            state=_state(one, current, known),
            origin=sources.get((code, one.version), ("", ""))[1],
            draft=made.get(one.version),
        )
        for one in reversed(known)
    ]


def _state(one: KnownVersion, current: str | None, known: list[KnownVersion]) -> str:
    if one.digest == current:
        return "in_force"
    digests = [each.digest for each in known]
    later = current in digests and digests.index(one.digest) > digests.index(current)
    return "waiting" if later and not one.received else "past"


def drafts(*, by: Any, code: str = "") -> list[PackDraft]:
    """Every draft, or those of one pack, the one changed last first; without their files."""
    reader(by)
    return workshop.drafts(code=code)


def draft(*, by: Any, draft: UUID) -> PackDraft:
    """One draft with its files. Errors: Refused."""
    reader(by)
    row = workshop.find_draft(draft=draft)
    if row is None:
        raise access.Refused
    return row


def log(*, by: Any, code: str = "", draft: UUID | None = None) -> list[PolicyLogEntry]:
    """What was done to packs, the last first."""
    reader(by)
    return workshop.entries(code=code, draft=draft)


def not_taken_in(*, by: Any) -> list[PolicyLogEntry]:
    """Versions in force whose offices could not be taken into the directory, and why."""
    reader(by)
    return workshop.not_taken_in()


def names_of(*, by: Any, actors: list[str]) -> dict[str, str]:
    """Staff numbers of those who wrote, approved or stand in the log, by opaque identifier."""
    reader(by)
    return workshop.staff_numbers(actors=actors)


def packs_dir() -> Path:
    """The folder of packs that this node was installed with."""
    return Path(settings.YIJIAN.packs_dir)


@contextmanager
def laid_out(draft: PackDraft) -> Iterator[Path]:
    """A folder of packs in which this draft stands, beside the others as they are in force.

    Errors: PackError for names or sizes.
    """
    own = {**_published_here(), draft.code: draft.files}
    with overlay.laid_over(packs_dir(), own) as folder:
        yield folder


@contextmanager
def in_force() -> Iterator[Path]:
    """A folder of packs in which every pack stands as it is in force, as far as files are kept."""
    with overlay.laid_over(packs_dir(), _published_here()) as folder:
        yield folder


def _published_here() -> dict[str, Mapping[str, str]]:
    """The files of every pack that the workshop has brought into force over the folder's."""
    known = map(contexts.digest_in_force, contexts.codes())
    return workshop.files_of_the_workshop(digests=[digest for digest in known if digest])


def _key(kind: str, draft: PackDraft, *more: str) -> str:
    """The key of what follows from the files of a draft, and what lies in the folder beside it."""
    others = [f"{code}:{contexts.digest_in_force(code)}" for code in contexts.codes()]
    lying = overlay.digest_of_folder(packs_dir())
    own = overlay.digest_of_files(draft.files)
    return kept.key_of(kind, draft.code, own, lying, *others, *more)


def checked(draft: PackDraft, *, examples: bool = True) -> Checked:
    """Everything that is wrong with a draft; without `examples` it is quick enough for a page."""
    kind = PLAYED if examples else "findings"
    key = _key(kind, draft)
    found = kept.recall(key)
    if found is None:
        found = soundness.as_json(_checked(draft, examples=examples))
        kept.keep(key, kind, found)
    return soundness.of_json(found)


def played(draft: PackDraft, *, now: datetime) -> Checked | None:
    """The same with the examples; None while the worker is at it. Errors: UnfinishedError."""
    found = _worked_out(draft, PLAYED, now)
    return None if found is None else soundness.of_json(found)


def _checked(draft: PackDraft, *, examples: bool) -> Checked:
    try:
        with laid_out(draft) as folder:
            return soundness.checked(folder, draft.code, examples=examples)
    except PackError as error:
        return Checked(error.findings)


def _worked_out(draft: PackDraft, kind: str, now: datetime) -> Json | None:
    """What the worker has found, who is woken when there is nothing. Errors: UnfinishedError."""
    key = _waited_for(draft, kind, now)
    found: Json | None = kept.recall(key)
    if found is None:
        problem = kept.recall(_problem(key, now))
        if problem is not None:
            raise UnfinishedError(problem)
        waking.wake_examiner(draft.pk, kind)
    return found


def _waited_for(draft: PackDraft, kind: str, now: datetime) -> str:
    return _key(kind, draft, *([local_day(now).isoformat()] if kind == COMPARED else []))


def _problem(key: str, now: datetime) -> str:
    """The key of what went wrong in this hour: in the next one it is tried again."""
    return kept.key_of("problem", key, now.astimezone(UTC).strftime("%Y-%m-%dT%H"))


def built(draft: PackDraft) -> tuple[Document, Pack]:
    """The document and the pack of a draft. Errors: PackError for one that cannot be read."""

    def build() -> tuple[Document, Pack]:
        with laid_out(draft) as folder:
            return load_folder(folder, draft.code)

    return kept.at_hand(_key("pack", draft), build)


def context_of_draft(draft: PackDraft) -> Context:
    """A draft with the node's offices and calendar. Errors: PackError."""
    return Context(built(draft)[1], contexts.directory(), contexts.calendar())


def values(draft: PackDraft) -> Layers:
    """What the draft says value by value, itself and from its bases. Errors: PackError."""

    def read() -> Layers:
        with laid_out(draft) as folder:
            return layers(folder, draft.code)

    return kept.at_hand(_key("layers", draft), read)


def differences(draft: PackDraft, *, now: datetime) -> Json:
    """What changes between the version in force and a draft.

    The parts of `packs.comparing.compare` for the draft's own examples, and `values` with every
    changed value by path. Errors: PackError for a draft that cannot be read.
    """
    key = _waited_for(draft, COMPARED, now)
    found = kept.recall(key)
    if found is None:
        found = _differences(draft, now)
        kept.keep(key, COMPARED, found)
    return _comparison(found)


def compared(draft: PackDraft, *, now: datetime) -> Json | None:
    """The same; None while the worker is at it. Errors: as `differences`, UnfinishedError."""
    found = _worked_out(draft, COMPARED, now)
    return None if found is None else _comparison(found)


def _comparison(found: Json) -> Json:
    if "findings" in found:
        raise PackError(soundness.of_json(found).findings)
    return found


def _differences(draft: PackDraft, now: datetime) -> Json:
    current = contexts.current_pack(draft.code)
    before = Context(current, contexts.directory(), contexts.calendar())
    old = workshop.document_of(code=current.code, version=current.version) or {}
    document, pack = built(draft)
    after = Context(pack, before.directory, before.calendar)
    with laid_out(draft) as folder:
        examples = [
            (path.stem, load_example(folder, path)) for path in example_files(folder, draft.code)
        ]
    told = compare(before, after, examples, local_day(now))
    return told | {"values": changed_values(old, document)}


def work_out(*, draft: UUID, kind: str, now: datetime) -> None:
    """What pages wait for, worked out and kept; a draft that cannot be, says so on its pages."""
    row = workshop.find_draft(draft=draft)
    if row is None or kind not in (PLAYED, COMPARED):
        return
    key = _waited_for(row, kind, now)
    try:
        if kind == PLAYED:
            checked(row)
        else:
            differences(row, now=now)
    except PackError as error:
        kept.keep(key, kind, soundness.as_json(Checked(error.findings)))
    except (DatabaseError, PoolTimeout, OSError, MemoryError):
        raise
    except Exception as error:
        # Nobody would ever see the end of it, and every look at the page would begin it anew.
        _log.exception("%s of draft %s cannot be worked out", kind, draft)
        kept.keep(_problem(key, now), kind, type(error).__name__)


def changed_files(draft: PackDraft) -> list[Json]:
    """The changed lines of each file against the version in force, as unified differences."""
    current = contexts.current_pack(draft.code)
    old = workshop.source_files(code=draft.code, version=current.version) or {}
    found = []
    for name in sorted({*old, *draft.files}, key=lambda name: (name.startswith(FOLDER), name)):
        one, other = old.get(name, ""), draft.files.get(name, "")
        if one != other:
            lines = unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=2)
            found.append({"name": name, "lines": list(lines)[2:]})
    return found


def own_code(code: str) -> None:
    """Errors: Refused for no pack of this node, RefusedError `received` for another node's."""
    if code in contexts.codes():
        return
    if code in contexts.received_codes():
        raise RefusedError("received")
    raise access.Refused
