"""政策工坊: a pack is drafted, checked, submitted, approved by a second person, dated into force.

Every change is one transaction with its line in the policy log. What is published goes through
`approve` alone: nothing with an error, nothing by its own author, nothing that is out of date, no
number twice, no day that is over. Cases under way keep the version they were begun under.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import contexts, workshop_reading
from yijian.actions.workshop_reading import checked_now, laid_out, own_code, packs_dir
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.packs import canonical, layers, load_folder, overlay
from yijian.packs.editing import with_value
from yijian.packs.findings import PackError
from yijian.packs.merging import merged_files
from yijian.packs.nodes import Plain
from yijian.packs.numbering import next_number, version_of
from yijian.packs.soundness import Checked
from yijian.records import access, pack_versions, people, workshop
from yijian.records.identifiers import new_id
from yijian.records.models import PackDraft
from yijian.records.people import StaffRole, Visitor
from yijian.records.workshop import KnownVersion

EDITABLE = ("draft", "returned")
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
    who = _acting(by, StaffRole.POLICY_EDITOR)
    return _opened(who, code, "", title, "opened", now)


def roll_back(*, by: Any, code: str, to: str, title: str = "", now: datetime) -> PackDraft:
    """A new draft with the files of an older version: taking it back is a version of its own.

    Errors: as `open_draft`; RefusedError `no_version` for one that was never ours.
    """
    who = _acting(by, StaffRole.POLICY_EDITOR)
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
            files=files, digest=overlay.digest_of_files(files), authors=[_actor(who)],
            opened_at=now, changed_at=now,
        )  # fmt: skip
        row.save(force_insert=True)
        workshop.note(
            actor=_actor(who), what=what, code=code, version=to or newest.version, draft=row.id,
            digest=row.digest, now=now,
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
        who, row = _for_editing(by, draft, lock)
        plain_lines = text.replace("\r\n", "\n").replace("\r", "\n")
        return _written(who, row, {**row.files, name: plain_lines}, name, now)


def remove_file(*, by: Any, draft: UUID, name: str, lock: int, now: datetime) -> PackDraft:
    """Leave one file out of a draft. Errors: as `save_file`, RefusedError `no_file`."""
    with transaction.atomic():
        who, row = _for_editing(by, draft, lock)
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
        who, row = _for_editing(by, draft, lock)
        with laid_out(row) as folder:
            found = layers.layers(folder, row.code)
        name, text = layers.revised(found, row.code, row.files, path, value)
        return _written(who, row, {**row.files, name: text}, _dotted(path), now)


def clear_value(
    *, by: Any, draft: UUID, path: Sequence[str | int], lock: int, now: datetime
) -> PackDraft:
    """Take the pack's own value away, so that its base's counts again. Errors: as `set_value`."""
    with transaction.atomic():
        who, row = _for_editing(by, draft, lock)
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
        who, row = _for_editing(by, draft, lock)
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
        _note(who, row, "rebased", now, note=" ".join(both))
    return row, both


def submit(*, by: Any, draft: UUID, note: str = "", lock: int, now: datetime) -> PackDraft:
    """Ask a second person to approve.

    Errors: as `save_file`; UnsoundError while anything is wrong; RefusedError `nothing_changed`,
    `not_newest`, `version_used`.
    """
    with transaction.atomic():
        who, row = _for_editing(by, draft, lock)
        _ready(row)
        row = workshop.change(
            row, now=now, state="submitted", note=note.strip()[:MAX_NOTE],
            submitted_by=_actor(who), submitted_at=now, authors=_with(row, who),
        )  # fmt: skip
        _note(who, row, "submitted", now, note=row.note)
    return row


def return_draft(*, by: Any, draft: UUID, note: str, lock: int, now: datetime) -> PackDraft:
    """Give a submitted draft back with what must change.

    Errors: Refused, StaleDraftError, RefusedError `not_submitted`, `reason_missing`.
    """
    said = note.strip()[:MAX_NOTE]
    if len(said) < 2:
        raise RefusedError("reason_missing", "note")
    with transaction.atomic():
        who, row = _submitted(by, draft, lock)
        row = workshop.change(row, now=now, state="returned", note=said)
        _note(who, row, "returned", now, note=said)
    return row


def take_back(*, by: Any, draft: UUID, lock: int, now: datetime) -> PackDraft:
    """An editor takes a submitted draft back to go on writing.

    Errors: Refused, StaleDraftError, RefusedError `not_submitted`.
    """
    with transaction.atomic():
        who = _acting(by, StaffRole.POLICY_EDITOR)
        row = _locked(draft, lock, ("submitted",), "not_submitted")
        row = workshop.change(row, now=now, state="draft")
        _note(who, row, "taken_back", now)
    return row


def discard(*, by: Any, draft: UUID, lock: int, now: datetime) -> PackDraft:
    """Give a draft up; it stays to be read. Errors: Refused, StaleDraftError, `not_editable`."""
    with transaction.atomic():
        who, row = _for_editing(by, draft, lock)
        row = workshop.change(row, now=now, state="discarded")
        _note(who, row, "discarded", now)
    return row


def approve(
    *, by: Any, draft: UUID, in_force_from: date, reason: str = "", lock: int, now: datetime
) -> PackDraft:
    """A second person lets a draft come into force on a day, and it is published with that.

    From tomorrow on at the earliest, or today with a `reason`. Everything is checked again under
    the lock. Errors: Refused, StaleDraftError, UnsoundError, RefusedError `not_submitted`,
    `own_draft`, `date_past`, `reason_missing`, `before_newest`, `not_newest`, `version_used`,
    `nothing_changed`, `received`.
    """
    with transaction.atomic():
        who, row = _submitted(by, draft, lock)
        if _actor(who) in row.authors:
            raise RefusedError("own_draft")
        own_code(row.code)
        workshop.lock_pack(code=row.code)
        newest = _ready(row)
        _dated(in_force_from, reason, newest, local_day(now))
        version = _publish(row, in_force_from, now)
        row = workshop.change(
            row, now=now, state="published", approver=_actor(who), decided_at=now,
            in_force_from=in_force_from, version_published=version,
        )  # fmt: skip
        _note(who, row, "approved", now, version=version, note=_why(in_force_from, reason))
    contexts.forget()
    return row


def _ready(row: PackDraft) -> KnownVersion:
    """The version a draft follows, when nothing stands in its way but the day."""
    newest = _newest(row.code)
    if row.based_on != newest.version:
        raise RefusedError("not_newest")
    checked = checked_now(row)
    if not checked.sound:
        raise UnsoundError(checked)
    document, pack = workshop_reading.built(row)
    known = workshop.known_versions(codes=[row.code])
    if pack.version in {one.version for one in known}:
        raise RefusedError("version_used", "version")
    before = workshop.document_of(code=row.code, version=newest.version) or {}
    if _but_number(document) == _but_number(before):
        raise RefusedError("nothing_changed")
    return newest


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


def _why(day: date, reason: str) -> str:
    return f"{day.isoformat()} {reason.strip()[:MAX_NOTE]}".strip()


def _publish(row: PackDraft, in_force_from: date, now: datetime) -> str:
    """Keep the version and its files for ever; the number it has."""
    with laid_out(row) as folder:
        document, pack = load_folder(folder, row.code)
    if not pack_versions.keep(
        code=row.code, version=pack.version, digest=pack.digest, canonical=canonical(document),
        in_force_from=in_force_from, now=now,
    ):  # fmt: skip
        raise RefusedError("version_used", "version")
    workshop.keep_source(
        code=row.code, version=pack.version, digest=pack.digest, files=row.files,
        origin="workshop", now=now,
    )  # fmt: skip
    return pack.version


def _newest(code: str) -> KnownVersion:
    newest = workshop.newest_version(code=code)
    if newest is None:
        raise RefusedError("no_source")
    return newest


def _acting(by: Any, role: StaffRole) -> Visitor:
    who = people.visitor(by)
    if who.staff is None or not who.works_as(role):
        raise access.Refused
    return who


def _actor(who: Visitor) -> str:
    return who.staff or who.user


def _locked(draft: UUID, lock: int, states: Sequence[str], otherwise: str) -> PackDraft:
    row = workshop.locked_draft(draft=draft, lock=lock)
    if row is None:
        raise access.Refused
    if row.state not in states:
        raise RefusedError(otherwise)
    return row


def _for_editing(by: Any, draft: UUID, lock: int) -> tuple[Visitor, PackDraft]:
    who = _acting(by, StaffRole.POLICY_EDITOR)
    row = _locked(draft, lock, EDITABLE, "not_editable")
    own_code(row.code)
    return who, row


def _submitted(by: Any, draft: UUID, lock: int) -> tuple[Visitor, PackDraft]:
    who = _acting(by, StaffRole.POLICY_APPROVER)
    return who, _locked(draft, lock, ("submitted",), "not_submitted")


def _with(row: PackDraft, who: Visitor) -> list[str]:
    return sorted({*row.authors, _actor(who)})


def _written(
    who: Visitor, row: PackDraft, files: dict[str, str], what: str, now: datetime
) -> PackDraft:
    overlay.check_files(row.code, files)
    row = workshop.change(
        row, now=now, files=files, digest=overlay.digest_of_files(files), state="draft",
        authors=_with(row, who),
    )  # fmt: skip
    _note(who, row, "saved", now, note=what)
    return row


def _note(
    who: Visitor, row: PackDraft, what: str, now: datetime, *, version: str = "", note: str = ""
) -> None:
    workshop.note(
        actor=_actor(who), what=what, code=row.code, version=version, draft=row.id,
        digest=row.digest, note=note, now=now,
    )  # fmt: skip


def _dotted(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path))[:MAX_NOTE]
