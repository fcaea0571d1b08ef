"""区域: a hub and the nodes of its provinces on one machine, each with everything of its own.

What lives here: `Delta`, which `yijian delta`, the walk, the drill and the tests use alike: to
start, to stop, and nodes that are taken away for a while. What each node is told stands in
`delta_layout`, which families live where in `delta_families`.

    with Delta(folder, read_layout(packs, "region")) as delta:
        delta.hold("province-310000")        # nobody answers there until delta.release(…)
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from yijian.ops import delta_families, delta_layout
from yijian.ops.delta_layout import HUB, Layout, Province
from yijian.ops.keys import make_key_pair
from yijian.ops.ports import free_port
from yijian.ops.running import Platform, PlatformNotStarted

AT_ONCE = 2
"""So many nodes get ready at the same time; more would only wait for each other's processor."""
OUT_OF_REACH = ("web", "worker")
"""What is stopped of a node that is held: nobody answers there and nothing leaves it."""
HELD = "held"
"""A folder: the file `NODE.PROCESS` in it keeps that process down."""
ADDRESSES = "delta.json"
LOOK_EVERY_SECONDS = 0.2
Tell = Callable[[str, str], None]


@dataclass
class Delta:
    """Every node of a region. `tell` hears what each one is doing: node, what.

    `fronts` are addresses under which nodes are reached instead of their own, by code: of a proxy
    that stands before them.
    """

    var_dir: Path
    layout: Layout
    port: int = 0
    durable: bool = True
    settings: dict[str, str] = field(default_factory=dict)
    sandbox_options: tuple[str, ...] = ()
    fronts: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    families: bool = True
    tell: Tell = field(default=lambda _node, _what: None)

    nodes: dict[str, Platform] = field(default_factory=dict, init=False)
    _over: threading.Event = field(default_factory=threading.Event, init=False)
    _failures: dict[str, BaseException] = field(default_factory=dict, init=False)
    _ready: dict[str, threading.Event] = field(default_factory=dict, init=False)
    _threads: list[threading.Thread] = field(default_factory=list, init=False)
    _turn: threading.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.var_dir = self.var_dir.expanduser().resolve()
        self._turn = threading.Semaphore(AT_ONCE)
        for code in self.layout.codes:
            self.ports.setdefault(code, (code == HUB and self.port) or free_port("127.0.0.1"))
        self.nodes[HUB] = self._hub()
        for province in self.layout.provinces:
            self.nodes[province.code] = self._province(province)

    @property
    def hub(self) -> Platform:
        """The node where families apply."""
        return self.nodes[HUB]

    @property
    def address(self) -> str:
        """Where people go."""
        return self.hub.address

    def start(self, *, unless: threading.Event | None = None) -> None:
        """Start every node and return when all answer; `unless` set gives up.

        Errors: PlatformNotStarted with the reason of the first that did not come up.
        """
        self._introduce()
        for code in self.layout.codes:
            self._ready[code] = threading.Event()
            thread = threading.Thread(target=self._live, args=(code, unless), name=code)
            thread.start()
            self._threads.append(thread)
        try:
            self._await(unless)
            if self.families:
                sandboxes = {code: node.sandbox_address for code, node in self.nodes.items()}
                delta_families.place_examples(self.layout, sandboxes)
            self._write_addresses()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop every node; afterwards no process of ours is left."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        (self.var_dir / ADDRESSES).unlink(missing_ok=True)

    def __enter__(self) -> Delta:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def hold(self, code: str, *names: str) -> None:
        """Take a node away, or one of its processes, until `release`."""
        for name in names or OUT_OF_REACH:
            self.nodes[code].hold(name)

    def release(self, code: str, *names: str) -> None:
        """Let a held node come back; returns at once."""
        for name in names or OUT_OF_REACH:
            self.nodes[code].release(name)

    def await_healthy(self) -> None:
        """Wait until every process of every node runs and answers."""
        for platform in self.nodes.values():
            platform.await_healthy()

    def obey(self, ending: threading.Event) -> None:
        """Until `ending`: hold what the folder of held processes names, and release it after."""
        folder, held = self.var_dir / HELD, set[tuple[str, str]]()
        shutil.rmtree(folder, ignore_errors=True)
        while not ending.wait(LOOK_EVERY_SECONDS):
            parts = (path.name.partition(".") for path in folder.glob("*"))
            wanted = {
                (code, name)
                for code, _dot, name in parts
                if code in self.nodes and name in self.nodes[code].processes
            }
            for code, name in sorted(wanted - held):
                self.hold(code, name)
                self.tell(code, f"{name} held")
            for code, name in sorted(held - wanted):
                self.release(code, name)
                self.tell(code, f"{name} released")
            held = wanted

    # --- inside ---------------------------------------------------------------------------

    def _live(self, code: str, unless: threading.Event | None) -> None:
        """A node's whole life in one thread: Linux ends children with the thread of their start."""
        platform = self.nodes[code]
        try:
            with self._turn:
                if not self._over.is_set():
                    platform.start(unless=unless)
        except BaseException as failure:
            self._failures[code] = failure
            self._ready[code].set()
            return
        self._ready[code].set()
        self.tell(code, f"ready {platform.address}")
        self._over.wait()
        platform.stop()
        self.tell(code, "stopped")

    def _await(self, unless: threading.Event | None) -> None:
        for code in self.layout.codes:
            while not self._ready[code].wait(0.2):
                gave_up = unless is not None and unless.is_set()
                if self._failures or gave_up:
                    break
        for code, failure in self._failures.items():
            raise PlatformNotStarted(f"{code}: {failure}") from failure
        if unless is not None and unless.is_set():
            raise PlatformNotStarted("asked to stop")

    def _hub(self) -> Platform:
        homes = ",".join(province.prefix for province in self.layout.provinces)
        manual = ",".join(map(delta_layout.within, self.layout.manual))
        return self._platform(HUB, ",".join(filter(None, (homes, manual))), packs=self.layout.pack)

    def _province(self, province: Province) -> Platform:
        platform = self._platform(
            province.code,
            province.prefix,
            packs=",".join(province.packs) or delta_layout.NO_PACKS,
        )
        platform.settings["RECEIVES"] = self.layout.pack
        platform.world = lambda: self.layout.world_of(province)
        platform.sandbox_options += ("--treasury", self.nodes[HUB].sandbox_address)
        return platform

    def _platform(self, code: str, home: str, *, packs: str) -> Platform:
        folder = self.var_dir / code
        front = {"PUBLIC_URL": self.fronts[code]} if code in self.fronts else {}
        return Platform(
            folder,
            port=self.ports[code],
            sandbox_port=0,
            packs=packs,
            node=code,
            web_processes=1,
            durable=self.durable,
            settings={**self.settings, **front, "PACKS_DIR": str(self.layout.packs_dir.resolve())},
            sandbox_options=("--home", home, *self.sandbox_options),
            prepare_options=("--neighbours", str(folder / "neighbours.json")),
            tell=lambda step: self.tell(code, step),
        )

    def _introduce(self) -> None:
        """Keys for everybody, the public ones to the neighbours, and each node's register."""
        for code, platform in self.nodes.items():
            make_key_pair(platform.var_dir / "keys", code)
        hub_keys = self.hub.var_dir / "keys"
        for province in self.layout.provinces:
            keys = self.nodes[province.code].var_dir / "keys"
            shutil.copy(keys / f"{province.code}.pub.pem", hub_keys)
            shutil.copy(hub_keys / f"{HUB}.pub.pem", keys)
        addresses = {code: platform.address for code, platform in self.nodes.items()}
        for code, platform in self.nodes.items():
            register = delta_layout.neighbours_of(self.layout, code, addresses)
            text = json.dumps(register, ensure_ascii=False, indent=1)
            (platform.var_dir / "neighbours.json").write_text(text, encoding="utf-8")

    def _write_addresses(self) -> None:
        """Let a command in another terminal find the nodes of this region."""
        known = {
            code: {
                "address": platform.address,
                "sandbox": platform.sandbox_address,
                "var_dir": str(platform.var_dir),
            }
            for code, platform in self.nodes.items()
        }
        text = json.dumps({"pid": os.getpid(), "nodes": known}, ensure_ascii=False, indent=1)
        (self.var_dir / ADDRESSES).write_text(text, encoding="utf-8")
