"""密钥文件: private keys as sealed files in one folder, each made once by whoever comes first."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class Sealing(Protocol):
    """Seals what is kept; a sealed value opens only for the place it was sealed for."""

    def seal(self, plain: bytes, place: str) -> bytes: ...

    def open(self, sealed: bytes, place: str) -> bytes: ...


class Kept:
    """The folder. What is in it is never changed: a key that is replaced orphans its seals."""

    def __init__(self, folder: Path, box: Sealing) -> None:
        self._folder = folder
        self._box = box

    def read(self, name: str) -> Mapping[str, bytes] | None:
        """What is kept under the name; None when nothing is."""
        try:
            sealed = self._file(name).read_bytes()
        except FileNotFoundError:
            return None
        values = json.loads(self._box.open(sealed, _place(name)))
        return {each: base64.b64decode(text) for each, text in values.items()}

    def keep(self, name: str, values: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Keep the values unless another process already has; what is kept now, either way."""
        plain = json.dumps({n: base64.b64encode(v).decode() for n, v in values.items()})
        self._write(self._file(name), self._box.seal(plain.encode(), _place(name)), mode=0o600)
        kept = self.read(name)
        assert kept is not None
        return kept

    def publish(self, name: str, content: bytes) -> None:
        """Put a file beside the keys that anybody may read."""
        if not (self._folder / name).exists():
            self._write(self._folder / name, content, mode=0o644)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.seal"

    def _write(self, path: Path, content: bytes, *, mode: int) -> None:
        """The whole file or none of it, and only where there is none yet."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=self._folder, prefix=".making-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(draft, mode)
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)


def _place(name: str) -> str:
    return f"seals·{name}"
