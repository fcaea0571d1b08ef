"""走一遍的文件: every file of the walked families, in a folder with an index, as they took them.

Each file is fetched through the family's own page and its short-lived links, as a person would.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from yijian.ops.walk_pages import Browser, Page, WalkError

READY_SECONDS = 90.0
LOOK_EVERY_SECONDS = 1.0
INDEX = "index.md"
_LINK = re.compile(r"/files/")
_UNSAFE = re.compile(r"[^\w·.()（）-]+")


@dataclass(frozen=True, slots=True)
class Kept:
    """One file as it lies in the folder."""

    family: str
    title: str
    name: str
    size: int
    sha256: str


@dataclass
class Release:
    """The folder that a walk fills; families may come at the same time."""

    folder: Path
    kept: list[Kept] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, family: str, home: str, browser: Browser, pause: Callable[[float], None]) -> int:
        """Fetch everything this family can fetch, once nothing is being made; how many files."""
        page = _finished(browser, f"{home}documents/", pause)
        into = self.folder / family
        into.mkdir(parents=True, exist_ok=True)
        taken = 0
        for card in page.root.find_all("section"):
            heading = card.find("h2") or card.find("h3")
            for link in card.find_all("a"):
                if heading is not None and _LINK.search(link.get("href")):
                    self._keep(family, heading.text, browser.fetch(link.get("href")), into)
                    taken += 1
        return taken

    def _keep(self, family: str, title: str, file: tuple[str, bytes], into: Path) -> None:
        given, data = file
        stem, _, kind = given.rpartition(".")
        digest = hashlib.sha256(data).hexdigest()
        name = f"{_UNSAFE.sub('_', title)}-{_UNSAFE.sub('_', stem)}"
        path = into / f"{name}.{kind}"
        if path.exists() and path.read_bytes() != data:
            path = into / f"{name}-{digest[:8]}.{kind}"
        path.write_bytes(data)
        with self._lock:
            self.kept.append(Kept(family, title, path.name, len(data), digest))

    def write_index(self) -> Path:
        """The list of all files with their sizes and digests."""
        lines = ["# 文件 Files", "", "| 家庭 family | 文书 document | 文件 file | KB | SHA-256 |"]
        lines.append("|---|---|---|---:|---|")
        for one in sorted(self.kept, key=lambda kept: (kept.family, kept.title, kept.name)):
            place = f"[{one.name}](<{one.family}/{one.name}>)"
            size = max(1, round(one.size / 1024))
            lines.append(f"| {one.family} | {one.title} | {place} | {size} | `{one.sha256}` |")
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / INDEX
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


def _finished(browser: Browser, address: str, pause: Callable[[float], None]) -> Page:
    """The page of documents once none of them is being made any more."""
    until = time.monotonic() + READY_SECONDS
    while True:
        page = browser.get(address)
        if not page.root.find_all("span", "tag--info"):
            return page
        if time.monotonic() > until:
            raise WalkError(f"文书一直没有生成 documents are not made: {page.said()}")
        pause(LOOK_EVERY_SECONDS)
