"""演练节点: a node of its own on which staff practise, started, watched and begun anew.

Everything of it lies in one folder that carries a mark. Nothing without the mark is ever emptied,
and the settings refuse to serve such a folder as anything else.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from yijian.gateways import starter
from yijian.ops.keys import TRAINING_MARK
from yijian.ops.running import Platform

KEPT = frozenset({TRAINING_MARK, "secrets", "keys", "logs", "lock", starter.ASKED, starter.DONE})
"""What stays when everything begins anew: the keys, and who asked for it."""
LOOK_EVERY_SECONDS = 0.5
NODE = "training"


class NotForTraining(Exception):
    """This folder holds something else; the message says which."""


def mark(folder: Path) -> None:
    """Make a folder one for training. Errors: NotForTraining when something else lies there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / TRAINING_MARK).exists():
        if any(folder.iterdir()):
            raise NotForTraining(
                f"{folder} 里有别的数据，演练要一个空文件夹"
                " (holds other data; training needs an empty folder)"
            )
        (folder / TRAINING_MARK).touch()


def empty(folder: Path) -> None:
    """Take everything away that was practised. Errors: NotForTraining without the mark."""
    if not (folder / TRAINING_MARK).is_file():
        raise NotForTraining(f"{folder} 不是演练数据 (was not made by `yijian training run`)")
    for path in folder.iterdir():
        if path.name in KEPT:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


@dataclass
class Training:
    """A training node, as often as it begins anew."""

    var_dir: Path
    port: int = 8200
    sandbox_port: int = 8300
    packs: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    durable: bool = True
    tell: Callable[[str], None] = field(default=lambda _line: None)
    platform: Platform = field(init=False)
    times_reset: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.var_dir = self.var_dir.expanduser().resolve()
        self.platform = self._node()

    def start(self, *, unless: threading.Event | None = None) -> None:
        """Start the node. Errors: NotForTraining, and those of a platform."""
        mark(self.var_dir)
        self.platform.start(unless=unless)

    def obey(self, ending: threading.Event) -> None:
        """Begin anew whenever that is asked for, until `ending`."""
        while not ending.wait(LOOK_EVERY_SECONDS):
            if starter.asked(self.var_dir) is not None:
                self.reset(unless=ending)

    def reset(self, *, unless: threading.Event | None = None) -> None:
        """Stop, empty the folder, start again on the same ports."""
        wanted = starter.asked(self.var_dir)
        self.tell("reset")
        self.platform.stop()
        empty(self.var_dir)
        if wanted is not None:
            starter.done(self.var_dir, wanted)
        self.platform = self._node()
        self.platform.start(unless=unless)
        self.times_reset += 1

    def stop(self) -> None:
        """Stop everything."""
        self.platform.stop()

    def _node(self) -> Platform:
        known = getattr(self, "platform", None)
        return Platform(
            self.var_dir,
            port=known.port if known else self.port,
            sandbox_port=known.sandbox_port if known else self.sandbox_port,
            packs=self.packs,
            node=NODE,
            settings={**self.settings, "TRAINING": "yes"},
            durable=self.durable,
            tell=self.tell,
        )
