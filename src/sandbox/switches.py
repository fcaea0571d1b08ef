"""Trouble to order (故障开关): delay, errors, outage, repeats, disorder, forgetting, by service.

Chance is drawn from the seed, the service and a running number, so the same seed and
the same requests meet the same trouble.
"""

import itertools
import random
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sandbox.store import Store


@dataclass(frozen=True)
class Switch:
    """The trouble one service makes; rates are between 0 and 1."""

    latency_ms: int = 0
    error_rate: float = 0.0
    outage: bool = False
    duplicate_rate: float = 0.0
    disorder: bool = False
    forget: float = 0.0
    fail: bool = False

    @property
    def calm(self) -> bool:
        """Whether no trouble is ordered."""
        return self == Switch()


class SwitchRefused(ValueError):
    """An order for trouble cannot be understood."""


class Switches:
    """The switches of all services, kept in the store."""

    def __init__(self, store: Store, *, seed: int) -> None:
        self._store = store
        self._seed = seed
        self._turns: dict[str, Iterator[int]] = {}
        self._lock = threading.Lock()

    def of(self, service: str) -> Switch:
        """Return the switch of a service."""
        return Switch(**(self._store.get("switches", service) or {}))

    def set(self, service: str, values: dict[str, Any]) -> Switch:
        """Change the given values of one service; the others keep theirs."""
        changed = replace(self.of(service), **_clean(values))
        self._store.put("switches", service, asdict(changed))
        return changed

    def calm_all(self) -> None:
        """Order no trouble anywhere."""
        for service in self._store.keys("switches"):
            self._store.take("switches", service)

    def draw(self, service: str) -> random.Random:
        """Return the chance of the service's next turn."""
        with self._lock:
            turn = next(self._turns.setdefault(service, itertools.count(1)))
        return random.Random(f"{self._seed}/{service}/{turn}")


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    kinds = {field.name: type(getattr(Switch(), field.name)) for field in fields(Switch)}
    unknown = set(values) - set(kinds)
    if unknown:
        raise SwitchRefused(f"unknown: {', '.join(sorted(unknown))}")
    cleaned: dict[str, Any] = {}
    for name, value in values.items():
        kind = kinds[name]
        if kind is bool:
            if not isinstance(value, bool):
                raise SwitchRefused(f"{name}: true or false")
            cleaned[name] = value
            continue
        if not isinstance(value, int | float):
            raise SwitchRefused(f"{name}: a number")
        limit = 600_000 if name == "latency_ms" else 1
        if not 0 <= value <= limit:
            raise SwitchRefused(f"{name}: between 0 and {limit}")
        cleaned[name] = kind(value)
    return cleaned
