"""行政区划: names of provinces, cities and counties by their six-digit codes.

The table is too large and too often revised to be part of every pack's document; facts name it as
the code list `division`.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAME = "divisions.csv"


@dataclass(frozen=True)
class Divisions:
    """The table of divisions: code to name and parent code ("" for a province)."""

    rows: Mapping[str, tuple[str, str]]

    def name(self, code: str) -> str:
        """The division's own name; the code itself when it is not in the table."""
        return self.rows.get(code, (code, ""))[0]

    def full_name(self, code: str) -> str:
        """Province, city and county together; the code itself when it is not in the table."""
        names: list[str] = []
        while code in self.rows and len(names) < 4:
            name, parent = self.rows[code]
            names.insert(0, name)
            code = parent
        return "".join(names) or code

    def below(self, parent: str) -> tuple[str, ...]:
        """The codes directly below `parent`; "" gives the provinces."""
        return tuple(code for code, (_, above) in self.rows.items() if above == parent)


def load(packs_dir: Path, base: str = "000000-base") -> Divisions:
    """The table of `packs_dir / base / divisions.csv`."""
    with (packs_dir / base / NAME).open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: (row["name"], row["parent"]) for row in csv.DictReader(file)}
    return Divisions(rows)
