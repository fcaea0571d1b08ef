"""启动进程: the process that has started a training node, asked to begin anew by a file in its folder.

A page cannot take away the database it stands on; the process that started both can. It looks for
the file, stops everything, empties the folder and starts again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

ASKED, DONE = "reset.asked", "resets.jsonl"
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Reset:
    """重置: who asked for it, and when."""

    by: str
    at: datetime


def ask(folder: Path, *, by: str, now: datetime) -> None:
    """Ask for everything to begin anew; asking twice is asking once."""
    path = folder / ASKED
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"by": by, "at": now.isoformat()}), encoding="utf-8")
    part.replace(path)


def asked(folder: Path) -> Reset | None:
    """What is asked for; None when nothing is."""
    try:
        return _read((folder / ASKED).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, KeyError):
        return None


def done(folder: Path, reset: Reset) -> None:
    """Keep that it was done; nothing is asked any more."""
    lines = (folder / DONE).read_text("utf-8").splitlines() if (folder / DONE).exists() else []
    lines = [*lines[1 - MOST_LINES :], json.dumps({"by": reset.by, "at": reset.at.isoformat()})]
    (folder / DONE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (folder / ASKED).unlink(missing_ok=True)


def resets(folder: Path) -> list[Reset]:
    """Every time it was done, the last first."""
    try:
        lines = (folder / DONE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [_read(line) for line in reversed(lines)]


def _read(text: str) -> Reset:
    said = json.loads(text)
    return Reset(str(said["by"]), datetime.fromisoformat(said["at"]))
