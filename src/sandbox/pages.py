"""The overview for people (总览): services and their switches, families, queues, messages."""

from dataclasses import dataclass
from itertools import islice
from typing import Any

import flask
from werkzeug.wrappers import Response

from sandbox.doors import Refused
from sandbox.registers import recorded_at
from sandbox.sms import inbox
from sandbox.store import Document
from sandbox.switches import Switch, SwitchRefused
from sandbox.world import World, world

blueprint = flask.Blueprint("pages", __name__)

FAMILIES_SHOWN = 60
ROWS_SHOWN = 12
NUMBERS = ("latency_ms", "error_rate", "duplicate_rate", "forget")
MARKS = ("outage", "disorder", "fail")


@dataclass(frozen=True)
class Outlet:
    """One line of the table of services."""

    name: str
    switch: Switch
    asked: int

    @property
    def light(self) -> str:
        """The word for the service's state."""
        if self.switch.outage:
            return "light_out"
        return "light_calm" if self.switch.calm else "light_trouble"


@dataclass(frozen=True)
class Queue:
    """One department's work at a glance."""

    name: str
    tasks: list[Document]
    total: int
    waiting: int
    unheard: list[Document]


def _queue(here: World, department: str) -> Queue:
    tasks = [t for t in here.store.documents("tasks") if t["department"] == department]
    unheard = [f for f in here.store.open_documents("feedback") if f["department"] == department]
    waiting = [task for task in tasks if task["steps"]]
    return Queue(department, tasks[::-1][:ROWS_SHOWN], len(tasks), len(waiting), unheard)


@blueprint.get("/")
def overview() -> str:
    """Show the whole pretend world on one page."""
    here = world()
    families = here.families.everyone()
    return flask.render_template(
        "overview.html",
        node_url=here.settings.node_url,
        seed=here.settings.seed,
        today=here.families.today.isoformat(),
        services=[
            Outlet(name, here.switches.of(name), here.asked.get(name, 0)) for name in here.services
        ],
        numbers=NUMBERS,
        marks=MARKS,
        families=[(f, _is_recorded(here, f)) for f in islice(families, FAMILIES_SHOWN)],
        family_count=len(families),
        queues=[_queue(here, department) for department in here.departments],
        messages=inbox(limit=ROWS_SHOWN),
        orders=here.store.documents("orders")[::-1][:ROWS_SHOWN],
    )


def _is_recorded(here: World, family: Document) -> bool:
    """Say whether a delivery is on record, without starting a late record's wait."""
    delivery = family.get("delivery")
    if not delivery:
        return False
    if delivery.get("recorded_at"):
        return True
    known = here.store.get("late_records", family["id"])
    return bool(known) and recorded_at(here, family) is not None


@blueprint.post("/switches/<service>")
def change_switch(service: str) -> Response:
    """Change a service's switch from the page's form."""
    form = flask.request.form
    values: dict[str, Any] = {name: name in form for name in MARKS}
    try:
        for name in NUMBERS:
            values[name] = float(form.get(name) or 0)
        world().set_switch(service, values)
    except ValueError as error:
        text = str(error) if isinstance(error, SwitchRefused) else "a number is needed"
        raise Refused(422, "switch_refused", "开关设置无效", text) from error
    return flask.redirect(f"/#service-{service}", code=303)


@blueprint.post("/switches/calm")
def calm_all() -> Response:
    """Switch all trouble off."""
    world().switches.calm_all()
    return flask.redirect("/#services", code=303)
