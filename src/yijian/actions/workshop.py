"""政策工坊: a pack is drafted, checked, submitted, approved by a second person, dated into force.

Every change is one transaction with its line in the policy log. What is published goes through
`approve` alone: nothing with an error, nothing by its own author, nothing that is out of date, no
number twice, no day that is over. Cases under way keep the version they were begun under.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import contexts
from yijian.actions import workshop_doors as doors
from yijian.actions.workshop_effects import changed_offices
from yijian.actions.workshop_reading import laid_out, own_code, packs_dir
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.policy import Pack
from yijian.packs import canonical, layers, load_folder, overlay
from yijian.packs.canonical import Document
from yijian.packs.checks_offices import check_offices
from yijian.packs.editing import with_value
from yijian.packs.examples import FOLDER
from yijian.packs.findings import PackError
from yijian.packs.merging import merged_files
from yijian.packs.nodes import Plain
from yijian.packs.numbering import next_number, version_of
from yijian.packs.soundness import Checked
from yijian.packs.soundness import checked as check_folder
from yijian.records import pack_versions, workshop
from yijian.records.identifiers import new_id
from yijian.records.models import PackDraft
from yijian.records.people import StaffRole, Visitor
from yijian.records.workshop import KnownVersion

MAX_NOTE = 2000


class UnsoundError(RefusedError):
    """政策包有误: a draft that is wrong cannot go on; `checked` says what is wrong."""

    def __init__(self, checked: Checked) -> None:
        super().__init__("unsound")
        self.checked = checked


def open_draft(*, by: Any, code: str, title: str = "", now: datetime) -> PackDraft:
    """A new draft on the newest version of a pack, under the next number.

    Errors: Refused, RefusedError `received` for another node's pack, `no_source`.
    """
    who = doors.acting(by, StaffRole.POLICY_EDITOR)
    return _opened(who, code, "", title, "opened", now)


def roll_back(*, by: Any, code: str, to: str, title: str = "", now: datetime) -> PackDraft:
    """A new draft with the files of an older version: taking it back is a version of its own.

    Errors: as `open_draft`; RefusedError `no_version` for one that was never ours.
    """
    who = doors.acting(by, StaffRole.POLICY_EDITOR)
    return _opened(who, code, to, title, "rolled_back", now)


def _opened(who: Visitor, code: str, to: str, title: str, what: str, now: datetime) -> PackDraft:
    own_code(code)
    with transaction.atomic():
        workshop.lock_pack(code=code)
        newest = _newest(code)
        own = [one for one in workshop.known_versions(codes=[code]) if not one.received]
        if to and to not in {one.version for one in own}:
            raise RefusedError("no_version", "to")
        files = workshop.source_files(code=code, version=to or newest.version)
        if files is None:
            raise RefusedError("no_source", "to")
        files = _numbered(code, files, now)
        row = PackDraft(
            id=new_id(), code=code, based_on=newest.version, title=title.strip()[:200],
            files=files, digest=overlay.digest_of_files(files), authors=[doors.actor(who)],
            opened_at=now, changed_at=now,
        )  # fmt: skip
        row.save(force_insert=True)
        workshop.note(
            actor=doors.actor(who), what=what, code=code, version=to or newest.version,
            draft=row.id, digest=row.digest, now=now,
        )  # fmt: skip
    return row


def _numbered(code: str, files: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The files under the next free version number of the month."""
    taken = [one.version for one in workshop.known_versions(codes=[code])]
    taken += [version_of(text) for text in workshop.planned_texts(code=code)]
    lying = packs_dir() / code / "pack.yaml"
    if lying.is_file():
        taken.append(version_of(lying.read_text(encoding="utf-8-sig")))
    number = next_number(taken, local_day(now))
    own = with_value(files.get("pack.yaml", ""), f"{code}/pack.yaml", ["version"], number)
    return {**files, "pack.yaml": own}


def _with_number(files: Mapping[str, str], number: str) -> dict[str, str]:
    """The files under this number, so that numbers alone are never in each other's way."""
    own = files.get("pack.yaml", "")
    with suppress(PackError):
        own = with_value(own, "pack.yaml", ["version"], number)
    return {**files, "pack.yaml": own}


def save_file(*, by: Any, draft: UUID, name: str, text: str, lock: int, now: datetime) -> PackDraft:
    """Keep one file of a draft as it was written, right or wrong.

    Errors: Refused, StaleDraftError, RefusedError `not_editable`, PackError for a name that is no
    file of a pack, or a text that is too large.
    """
    with transaction.atomic():
        who, row = doors.for_editing(by, draft, lock)
        plain_lines = text.replace("\r\n", "\n").replace("\r", "\n")
        return _written(who, row, {**row.files, name: plain_lines}, name, now)


def remove_file(*, by: Any, draft: UUID, name: str, lock: int, now: datetime) -> PackDraft:
    """Leave one file out of a draft. Errors: as `save_file`, RefusedError `no_file`."""
    with transaction.atomic():
        who, row = doors.for_editing(by, draft, lock)
        if name not in row.files or name == "pack.yaml":
            raise RefusedError("no_file", "name")
        files = {each: text for each, text in row.files.items() if each != name}
        return _written(who, row, files, name, now)


def set_value(
    *, by: Any, draft: UUID, path: Sequence[str | int], value: Plain, lock: int, now: datetime
) -> PackDraft:
    """Let the pack say one value; every comment and every other line stays as it was.

    `path` leads through the merged document: `("items", "hukou_registration", "limits", 0,
    "workdays")`. None removes. Errors: as `save_file`, PackError for a value that has no place.
    """
    with transaction.atomic():
        who, row = doors.for_editing(by, draft, lock)
        with laid_out(row) as folder:
            found = layers.layers(folder, row.code)
        name, text = layers.revised(found, row.code, row.files, path, value)
        return _written(who, row, {**row.files, name: text}, _dotted(path), now)


def clear_value(
    *, by: Any, draft: UUID, path: Sequence[str | int], lock: int, now: datetime
) -> PackDraft:
    """Take the pack's own value away, so that its base's counts again. Errors: as `set_value`."""
    with transaction.atomic():
        who, row = doors.for_editing(by, draft, lock)
        with laid_out(row) as folder:
            found = layers.layers(folder, row.code)
        name, text = layers.cleared(found, row.code, row.files, path)
        return _written(who, row, {**row.files, name: text}, _dotted(path), now)


def rebase(*, by: Any, draft: UUID, lock: int, now: datetime) -> tuple[PackDraft, list[str]]:
    """Put a draft upon the version that was published meanwhile, under a new number.

    What the draft has changed stays changed; everything else becomes as it is in the new version.
    The names of files in which both changed the same lines come back: there the draft's own lines
    stand, and somebody must look. Errors: as `save_file`, RefusedError `no_source`.
    """
    with transaction.atomic():
        who, row = doors.for_editing(by, draft, lock)
        workshop.lock_pack(code=row.code)
        newest = _newest(row.code)
        old = workshop.source_files(code=row.code, version=row.based_on)
        new = workshop.source_files(code=row.code, version=newest.version)
        if old is None or new is None:
            raise RefusedError("no_source")
        old, mine = (_with_number(files, newest.version) for files in (old, row.files))
        files, both = merged_files(old, mine, new)
        files = _numbered(row.code, files, now)
        overlay.check_files(row.code, files)
        row = workshop.change(
            row, now=now, files=files, digest=overlay.digest_of_files(files), state="draft",
            authors=_with(row, who), based_on=newest.version,
        )  # fmt: skip
        doors.note(who, row, "rebased", now, note=" ".join(both))
    return row, both


def submit(*, by: Any, draft: UUID, note: str = "", lock: int, now: datetime) -> PackDraft:
    """Ask a second person to approve.

    Whoever leaves out an example, which is a test of the pack, says why in the `note`. Errors: as
    `save_file`; UnsoundError while anything is wrong; RefusedError `nothing_changed`, `not_newest`,
    `version_used`, `no_examples`, `reason_missing`.
    """
    with transaction.atomic():
        who, row = doors.for_editing(by, draft, lock)
        said = note.strip()[:MAX_NOTE]
        newest, _, _ = _ready(row, now)
        if len(said) < 2 and _left_out(row, newest):
            raise RefusedError("reason_missing", "note")
        row = workshop.change(
            row, now=now, state="submitted", note=said,
            submitted_by=doors.actor(who), submitted_at=now, authors=_with(row, who),
        )  # fmt: skip
        doors.note(who, row, "submitted", now, note=row.note)
    return row


def _left_out(row: PackDraft, newest: KnownVersion) -> bool:
    """Whether examples of the version before are missing in the draft."""
    old = workshop.source_files(code=row.code, version=newest.version) or {}
    return any(name.startswith(f"{FOLDER}/") and name not in row.files for name in old)


def return_draft(*, by: Any, draft: UUID, note: str, lock: int, now: datetime) -> PackDraft:
    """Give a submitted draft back with what must change.

    Errors: Refused, StaleDraftError, RefusedError `not_submitted`, `reason_missing`.
    """
    said = note.strip()[:MAX_NOTE]
    if len(said) < 2:
        raise RefusedError("reason_missing", "note")
    with transaction.atomic():
        who, row = doors.submitted(by, draft, lock)
        row = workshop.change(row, now=now, state="returned", note=said)
        doors.note(who, row, "returned", now, note=said)
    return row


def take_back(*, by: Any, draft: UUID, lock: int, now: datetime) -> PackDraft:
    """An editor takes a submitted draft back to go on writing.

    Errors: Refused, StaleDraftError, RefusedError `not_submitted`.
    """
    with transaction.atomic():
        who = doors.acting(by, StaffRole.POLICY_EDITOR)
        row = doors.locked(draft, lock, ("submitted",), "not_submitted")
        row = workshop.change(row, now=now, state="draft")
        doors.note(who, row, "taken_back", now)
    return row


def discard(*, by: Any, draft: UUID, lock: int, now: datetime) -> PackDraft:
    """Give a draft up; it stays to be read. Errors: Refused, StaleDraftError, `not_editable`."""
    with transaction.atomic():
        who, row = doors.for_editing(by, draft, lock)
        row = workshop.change(row, now=now, state="discarded")
        doors.note(who, row, "discarded", now)
    return row


def approve(
    *, by: Any, draft: UUID, in_force_from: date, reason: str = "", lock: int, now: datetime
) -> PackDraft:
    """A second person lets a draft come into force on a day, and it is published with that.

    From tomorrow on at the earliest, or today with a `reason`. Everything is checked again under
    the lock. Errors: Refused, StaleDraftError, UnsoundError, RefusedError `not_submitted`,
    `own_draft`, `date_past`, `reason_missing`, `before_newest`, `not_newest`, `version_used`,
    `nothing_changed`, `no_examples`, `received`.
    """
    with transaction.atomic():
        who, row = doors.submitted(by, draft, lock)
        if doors.actor(who) in row.authors:
            raise RefusedError("own_draft")
        own_code(row.code)
        workshop.lock_packs()
        workshop.lock_pack(code=row.code)
        newest, document, pack = _ready(row, now)
        _dated(in_force_from, reason, newest, local_day(now))
        _publish(row, document, pack, in_force_from, now)
        row = workshop.change(
            row, now=now, state="published", approver=doors.actor(who), decided_at=now,
            in_force_from=in_force_from, version_published=pack.version,
        )  # fmt: skip
        why = f"{in_force_from.isoformat()} {reason.strip()[:MAX_NOTE]}".strip()
        doors.note(who, row, "approved", now, version=pack.version, note=why)
    contexts.forget()
    return row


def _ready(row: PackDraft, now: datetime) -> tuple[KnownVersion, Document, Pack]:
    """The version that a draft follows, and what it says, when only the day is left to decide."""
    newest = _newest(row.code)
    if row.based_on != newest.version:
        raise RefusedError("not_newest")
    with laid_out_sound(row, local_day(now)) as folder:
        document, pack = load_folder(folder, row.code)
    if not any(name.startswith(f"{FOLDER}/") for name in row.files):
        raise RefusedError("no_examples")
    known = workshop.known_versions(codes=[row.code])
    if pack.version in {one.version for one in known}:
        raise RefusedError("version_used", "version")
    before = workshop.document_of(code=row.code, version=newest.version) or {}
    same = _but_number(document) == _but_number(before)
    if same and not changed_offices(row.code, newest.version, row.files):
        raise RefusedError("nothing_changed")
    return newest, document, pack


@contextmanager
def laid_out_sound(row: PackDraft, today: date) -> Iterator[Path]:
    """The folder of a draft in which nothing is wrong, now or beside any version that waits.

    Every text is checked anew: what pages have kept of it counts for nothing. Errors:
    UnsoundError.
    """
    own = {row.code: row.files}
    current, *waiting = _beside(row.code, today)
    try:
        with overlay.laid_over(packs_dir(), current | own) as folder:
            checked = check_folder(folder, row.code)
            for others in waiting:
                if checked.sound:
                    with overlay.laid_over(packs_dir(), others | own) as later:
                        checked = Checked(tuple(check_offices(later, row.code)))
            if checked.sound:
                yield folder
                return
    except PackError as error:
        checked = Checked(error.findings)
    raise UnsoundError(checked)


def _beside(code: str, today: date) -> list[dict[str, Mapping[str, str]]]:
    """The files of the other packs as they are in force, then with each version that waits."""
    others = [other for other in contexts.codes() if other != code]
    lines = workshop.not_past(codes=others, on=today).values()
    return [
        workshop.files_of_the_workshop(digests=[line[min(turn, len(line) - 1)] for line in lines])
        for turn in range(max(map(len, lines), default=1))
    ]


def _but_number(document: Mapping[str, Any]) -> dict[str, Any]:
    own = {key: value for key, value in document.get("pack", {}).items() if key != "version"}
    return {**document, "pack": own}


def _dated(day: date, reason: str, newest: KnownVersion, today: date) -> None:
    if day < today:
        raise RefusedError("date_past", "in_force_from")
    if day < newest.in_force_from:
        raise RefusedError("before_newest", "in_force_from")
    if day == today and len(reason.strip()) < 2:
        raise RefusedError("reason_missing", "reason")


def _publish(
    row: PackDraft, document: Document, pack: Pack, in_force_from: date, now: datetime
) -> None:
    """Keep the version and its files for ever."""
    if not pack_versions.keep(
        code=row.code, version=pack.version, digest=pack.digest, canonical=canonical(document),
        in_force_from=in_force_from, now=now,
    ):  # fmt: skip
        raise RefusedError("version_used", "version")
    workshop.keep_source(
        code=row.code, version=pack.version, digest=pack.digest, files=row.files,
        origin="workshop", now=now,
    )  # fmt: skip


def _newest(code: str) -> KnownVersion:
    newest = workshop.newest_version(code=code)
    if newest is None:
        raise RefusedError("no_source")
    return newest


def _with(row: PackDraft, who: Visitor) -> list[str]:
    return sorted({*row.authors, doors.actor(who)})


def _written(
    who: Visitor, row: PackDraft, files: dict[str, str], what: str, now: datetime
) -> PackDraft:
    overlay.check_files(row.code, files)
    row = workshop.change(
        row, now=now, files=files, digest=overlay.digest_of_files(files), state="draft",
        authors=_with(row, who),
    )  # fmt: skip
    doors.note(who, row, "saved", now, note=what)
    return row


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path))[:MAX_NOTE]
