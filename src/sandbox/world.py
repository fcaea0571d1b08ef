"""One pretend world (世界): its store, families, people, switches and keys, tied together."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast

import flask

from sandbox.families import Families
from sandbox.keys import KeyFolder
from sandbox.offices import Offices
from sandbox.places import places_below
from sandbox.population import SHANGHAI
from sandbox.settings import Settings
from sandbox.store import OpenWhen, Store
from sandbox.switches import Switch, Switches, SwitchRefused

REGISTERS = ("delivery", "hukou", "marriage", "certificates", "maternity")
OPEN_WHEN: OpenWhen = {
    "tasks": lambda task: task["due_at"] is not None,
    "feedback": lambda report: report["outcome"] is None,
    "notified": lambda notice: notice["outcome"] is None,
    "scans": lambda scan: scan["outcome"] is None,
    "delivery_reports": lambda report: report["outcome"] is None,
}
OUTSIDE = ("identity", "face", "sms", "courier", "library", "payment", "archive")


def usual_departments(settings: Settings) -> tuple[str, ...]:
    """Return the department systems of the home places, while no directory is known."""
    place = settings.province
    codes: tuple[str, ...] = (f"hr-{place}", f"insurance-{place}", f"tax-{place}")
    if settings.robots:
        capital = f"{place[:2]}0100"
        codes += (f"hospital-{capital}", f"police-{capital}")
    return codes


@dataclass
class World:
    """Everything a request needs; made once for a process."""

    settings: Settings
    store: Store
    keys: KeyFolder
    families: Families
    offices: Offices
    switches: Switches
    started_at: datetime
    stopping: threading.Event = field(default_factory=threading.Event)
    asked: dict[str, int] = field(default_factory=dict)

    @property
    def departments(self) -> tuple[str, ...]:
        """The participants that are department systems here."""
        known = self.offices.participants()
        return usual_departments(self.settings) if known is None else known

    @property
    def services(self) -> tuple[str, ...]:
        """Everything that can be given a switch."""
        return (*REGISTERS, *self.departments, *OUTSIDE)

    def set_switch(self, service: str, values: dict[str, Any]) -> Switch:
        """Change the switch of a service that is here."""
        if service not in self.services:
            raise SwitchRefused(f"service: one of {', '.join(self.services)}")
        return self.switches.set(service, values)

    def count(self, service: str) -> None:
        """Remember that a service was used."""
        self.asked[service] = self.asked.get(service, 0) + 1


def make_world(settings: Settings) -> World:
    """Open the state and build the population."""
    store = Store(settings.state, open_when=OPEN_WHEN)
    keys = KeyFolder(settings.keys)
    if settings.make_keys:
        keys.make_missing([settings.node, "archive", *usual_departments(settings)])
    return World(
        settings=settings,
        store=store,
        keys=keys,
        families=Families(store, settings, today=today()),
        offices=Offices(store, places_below(settings.home)),
        switches=Switches(store, seed=settings.seed),
        started_at=now(),
    )


def now() -> datetime:
    """Return the time; the only clock of the pretend world."""
    return datetime.now(UTC)


def today() -> date:
    """Return the day people live in."""
    return now().astimezone(SHANGHAI).date()


def local_text(moment: datetime) -> str:
    """Return a moment as text with the offset people here use."""
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def world() -> World:
    """Return the world of the running request."""
    return cast(World, flask.current_app.extensions["world"])
