"""办件归集: the six collection tables of one day as CSV files, with a manifest.

The day's files are the same however often they are made: rows come from the journal until the end
of the day. Nothing is kept in memory but a few hundred cases. Every export leaves a line for every
case in the access log before a byte of it is written.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings

from yijian.actions import contexts
from yijian.domain.cases import Case
from yijian.domain.certificates import Certificate
from yijian.domain.clocks import SHANGHAI
from yijian.domain.national_rows import Story, rows_of
from yijian.domain.national_tables import TABLES, Operation, TableRow, changed
from yijian.records import histories, journal, results
from yijian.records.histories import History

OWNER_ONLY, OWNERS_FOLDER = 0o600, 0o700
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Exported:
    """What one export has written: rows by table and operation, cases, and those left out."""

    rows: Mapping[str, Mapping[str, int]]
    cases: int
    left_out: int
    folder: Path


def export(*, day: date, into: Path, by: str, purpose: str, now: datetime) -> Exported:
    """Write what one day changed. Errors: ValueError for a day that is not over yet."""
    since = datetime.combine(day, time(), SHANGHAI)
    until = since + timedelta(days=1)
    if until > now:
        raise ValueError(f"{day} is not over yet")
    folder = into / f"{settings.YIJIAN.node}-{day:%Y%m%d}"
    folder.mkdir(mode=OWNERS_FOLDER, parents=True, exist_ok=True)
    counts: dict[str, Counter[str]] = {table: Counter() for table in TABLES}
    cases = left_out = 0
    with ExitStack() as stack:
        files = {table: stack.enter_context(_TableFile(folder, table)) for table in TABLES}
        for batch in histories.changed_within(since=since, until=until):
            told = [one for one in batch if one.loaded is not None and one.loaded.key is not None]
            left_out += len(batch) - len(told)
            ids = [one.case_id for one in told]
            results.note_export(by=by, cases=ids, purpose=purpose, now=now)
            cases += len(told)
            for operation, row, at in _changes(told, since, until):
                files[row.table].write(operation, row, day, at)
                counts[row.table][operation.value] += 1
        digests = {table: file.finish() for table, file in files.items()}
    rows = {
        table: {each.value: counts[table][each.value] for each in Operation} for table in TABLES
    }
    _write_manifest(folder, day, rows, digests, cases)
    return Exported(rows, cases, left_out, folder)


def _changes(
    batch: Sequence[History], since: datetime, until: datetime
) -> Iterator[tuple[Operation, TableRow, datetime]]:
    loaded = [one.loaded for one in batch if one.loaded is not None]
    certificates = results.certificates_of(loaded)
    for history in batch:
        assert history.loaded is not None
        case, made = history.loaded.case, certificates.get(history.case_id, {})
        before = rows_of(_story(case, history, since, made))
        after = rows_of(_story(case, history, until, made))
        last = max(entry.at for entry in history.entries if since <= entry.at < until)
        for operation, row in changed(before, after):
            yield operation, row, last


def _story(
    case: Case, history: History, until: datetime, certificates: Mapping[str, Certificate]
) -> Story:
    """The case as it stood: public things from its journal, personal ones as they are known."""
    entries = [entry for entry in history.entries if entry.at < until]
    then = journal.replayed(case, entries)
    stood = replace(then, answers=case.answers, verified=case.verified, reasons=case.reasons)
    events = [entry.event for entry in entries]
    return Story(stood, events, contexts.context_of(case), certificates)


class _TableFile:
    """One table being written under a passing name, readable by its owner alone."""

    def __init__(self, folder: Path, table: str) -> None:
        self.table, self.path = table, folder / f"{table}.csv"
        self.passing = folder / f".{table}.csv.part"
        self.digest = hashlib.sha256()
        self.file: IO[str] | None = None

    def __enter__(self) -> _TableFile:
        self.passing.unlink(missing_ok=True)
        handle = os.open(self.passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        self.file = os.fdopen(handle, "w", encoding="utf-8", newline="")
        self._row(TABLES[self.table])
        return self

    def __exit__(self, *_problem: object) -> None:
        if self.file is not None:
            self.file.close()
            self.passing.unlink(missing_ok=True)

    def write(self, operation: Operation, row: TableRow, day: date, at: datetime) -> None:
        values = {
            **row.values,
            "cd_operation": operation.value,
            "cd_batch": f"{day:%Y%m%d}",
            "cd_time": at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            "data_source": settings.YIJIAN.node,
        }
        self._row([values[column] for column in TABLES[self.table]])

    def finish(self) -> str:
        """Give the file its name; its SHA-256."""
        assert self.file is not None
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        self.file = None
        self.passing.replace(self.path)
        return self.digest.hexdigest()

    def _row(self, values: Sequence[str]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow(values)
        assert self.file is not None
        self.file.write(line.getvalue())
        self.digest.update(line.getvalue().encode())


def _write_manifest(
    folder: Path,
    day: date,
    rows: Mapping[str, Mapping[str, int]],
    digests: Mapping[str, str],
    cases: int,
) -> None:
    manifest = {
        "node": settings.YIJIAN.node,
        "day": day.isoformat(),
        "cases": cases,
        "files": [
            {"name": f"{table}.csv", "rows": sum(rows[table].values()), **rows[table],
             "sha256": digests[table]}
            for table in TABLES
        ],
    }  # fmt: skip
    passing = folder / f".{MANIFEST}.part"
    passing.unlink(missing_ok=True)
    handle = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=2)
        file.write("\n")
    passing.replace(folder / MANIFEST)
