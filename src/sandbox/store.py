"""What the pretend world remembers (状态): documents by kind and key, kept in a file on request.

Every change is appended to the file before it is answered, as one JSON line, so a
killed process loses nothing; at the next start the file is rewritten whole. A stored
document is never changed in place: put a new one.
"""

import json
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

Document = dict[str, Any]
OpenWhen = Mapping[str, Callable[[Document], bool]]


class Store:
    """Documents by kind and key behind one lock; insertion order is kept."""

    def __init__(self, file: Path | None = None, *, open_when: OpenWhen | None = None) -> None:
        self.lock = threading.RLock()
        self._open_when = open_when or {}
        self._open: dict[str, dict[str, Document]] = {}
        self._kinds: dict[str, dict[str, Document]] = {}
        self._journal: IO[str] | None = None
        if file is not None:
            self._read(file)

    def _read(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists():
            for line in file.read_text(encoding="utf-8").splitlines():
                try:
                    kind, key, document = json.loads(line)
                except ValueError:
                    continue  # The last line of a killed process may be torn: it was not answered.
                self._apply(kind, key, document)
        fresh = file.with_suffix(file.suffix + ".new")
        with fresh.open("w", encoding="utf-8") as out:
            for kind, documents in self._kinds.items():
                for key, document in documents.items():
                    out.write(_line(kind, key, document))
        os.replace(fresh, file)
        self._journal = file.open("a", encoding="utf-8")

    def _apply(self, kind: str, key: str, document: Document | None) -> None:
        documents = self._kinds.setdefault(kind, {})
        if document is None:
            documents.pop(key, None)
        else:
            documents[key] = document
        is_open = self._open_when.get(kind)
        if is_open is not None:
            waiting = self._open.setdefault(kind, {})
            if document is not None and is_open(document):
                waiting[key] = document
            else:
                waiting.pop(key, None)

    def _write(self, kind: str, key: str, document: Document | None) -> None:
        self._apply(kind, key, document)
        if self._journal is not None:
            self._journal.write(_line(kind, key, document))
            self._journal.flush()

    def get(self, kind: str, key: str) -> Document | None:
        """Return the document, or None."""
        with self.lock:
            return self._kinds.get(kind, {}).get(key)

    def put(self, kind: str, key: str, document: Document) -> None:
        """Keep the document, replacing an earlier one."""
        with self.lock:
            self._write(kind, key, document)

    def put_new(self, kind: str, key: str, document: Document) -> bool:
        """Keep the document unless the key is known; say whether it was new."""
        with self.lock:
            if key in self._kinds.get(kind, {}):
                return False
            self._write(kind, key, document)
            return True

    def change(
        self, kind: str, key: str, change: Callable[[Document], Document]
    ) -> Document | None:
        """Replace a known document by `change(document)` in one step; None when unknown."""
        with self.lock:
            document = self._kinds.get(kind, {}).get(key)
            if document is None:
                return None
            changed = change(document)
            self._write(kind, key, changed)
            return changed

    def take(self, kind: str, key: str) -> Document | None:
        """Remove the document and return it: the way to spend something only once."""
        with self.lock:
            document = self._kinds.get(kind, {}).get(key)
            if document is not None:
                self._write(kind, key, None)
            return document

    def documents(self, kind: str) -> list[Document]:
        """Return the documents of a kind in the order they were first put."""
        with self.lock:
            return list(self._kinds.get(kind, {}).values())

    def open_documents(self, kind: str) -> list[Document]:
        """Return the documents of a kind that still ask for work, without looking at the others."""
        with self.lock:
            return list(self._open.get(kind, {}).values())

    def count(self, kind: str) -> int:
        """Return how many documents of a kind there are."""
        with self.lock:
            return len(self._kinds.get(kind, {}))

    def keys(self, kind: str) -> list[str]:
        """Return the keys of a kind."""
        with self.lock:
            return list(self._kinds.get(kind, {}))

    def close(self) -> None:
        """Close the file; what was written stays."""
        with self.lock:
            if self._journal is not None:
                self._journal.close()
                self._journal = None


def _line(kind: str, key: str, document: Document | None) -> str:
    return json.dumps([kind, key, document], ensure_ascii=False, separators=(",", ":")) + "\n"
