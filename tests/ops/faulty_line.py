"""坏线路: a proxy before a node that refuses, cuts, repeats and delays what machines say to it.

Only requests to machine doors meet faults: people's pages pass as they are. A lost answer is told
apart from a lost request: in both the sender knows nothing, but in one the work was done.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

DOORS = b"/api/v1/"
HEAD_END = b"\r\n\r\n"
PIECE = 65536
DELAY_SECONDS = (0.2, 1.5)
CONNECT_SECONDS = 20.0


class Fault(StrEnum):
    """故障: what happens to one request."""

    NONE = "none"
    REFUSE = "refuse"
    """The connection ends before anything was read."""
    LOST_REQUEST = "lost_request"
    """It is read and never passed on."""
    LOST_ANSWER = "lost_answer"
    """It is passed on and done, and the answer never comes back."""
    REPEATED = "repeated"
    """It arrives twice; the second answer is the one that is seen."""
    DELAYED = "delayed"


@dataclass
class FaultyLine:
    """A proxy on a port of its own, in a thread of its own.

    `rates` says how often each fault happens; the rest passes. `met` counts what happened.
    """

    port: int
    target: int
    rates: dict[Fault, float] = field(default_factory=dict)
    seed: int = 1
    host: str = "127.0.0.1"
    met: Counter[Fault] = field(default_factory=Counter, init=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    @property
    def address(self) -> str:
        """Where the node is reached through this line."""
        return f"http://{self.host}:{self.port}"

    def heal(self) -> None:
        """From now on everything passes."""
        self.rates = {}

    def __enter__(self) -> FaultyLine:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._connected, self.host, self.port)
        )
        ready.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            under_way = asyncio.all_tasks(self._loop)
            for task in under_way:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*under_way, return_exceptions=True))
            self._loop.run_until_complete(server.wait_closed())
            self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request for each connection, so that each one meets its own fate."""
        try:
            request = await _message(reader)
            if request is None:
                return
            fault = self._fault(request)
            self.met[fault] += 1
            answer = await self._answer(request, fault)
            if answer:
                writer.write(answer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            return
        finally:
            await _closed(writer)

    async def _answer(self, request: bytes, fault: Fault) -> bytes:
        if fault in (Fault.REFUSE, Fault.LOST_REQUEST):
            return b""
        if fault is Fault.DELAYED:
            await asyncio.sleep(self._chance.uniform(*DELAY_SECONDS))
        answer = await self._passed(request)
        if fault is Fault.REPEATED:
            answer = await self._passed(request)
        return b"" if fault is Fault.LOST_ANSWER else answer

    def _fault(self, request: bytes) -> Fault:
        path = request.split(b" ", 2)[1]
        drawn = self._chance.random()
        if not path.startswith(DOORS):
            return Fault.NONE
        for fault, rate in self.rates.items():
            drawn -= rate
            if drawn < 0:
                return fault
        return Fault.NONE

    async def _passed(self, request: bytes) -> bytes:
        reader, writer = await asyncio.wait_for(
            asyncio.open_connection(self.host, self.target), CONNECT_SECONDS
        )
        try:
            writer.write(request)
            await writer.drain()
            return await reader.read(-1)
        finally:
            await _closed(writer)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _message(reader: asyncio.StreamReader) -> bytes | None:
    """A whole request that asks for the connection to end after it; None when nobody spoke."""
    try:
        head = await reader.readuntil(HEAD_END)
    except asyncio.IncompleteReadError:
        return None
    lines = head[: -len(HEAD_END)].split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    length = next(
        (
            int(line.split(b":", 1)[1])
            for line in lines
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    body = await reader.readexactly(length)
    return b"\r\n".join([*kept, b"Connection: close"]) + HEAD_END + body
