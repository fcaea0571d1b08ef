"""A premium is paid at one world's page, and the tax office of another goes on with its task."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import flask
import httpx
import pytest

from sandbox.app import create_app, world_of
from sandbox.settings import Settings
from sandbox.store import Document
from sandbox.treasury import fetch_payments
from sandbox.world import World
from tests.sandbox.conftest import Node

TAX = "tax-340000"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A world whose families pay elsewhere."""
    return dataclasses.replace(settings, treasury="http://elsewhere.test")


@pytest.fixture
def elsewhere(settings: Settings) -> Iterator[flask.Flask]:
    """The world where families pay."""
    made = create_app(dataclasses.replace(settings, treasury=""))
    yield made
    world_of(made).store.close()


@pytest.fixture
def bank(elsewhere: flask.Flask) -> Iterator[httpx.Client]:
    with httpx.Client(transport=httpx.WSGITransport(app=elsewhere)) as client:
        yield client


@pytest.fixture
def waiting(node: Node, here: World) -> World:
    """A tax office that waits for the money of one task."""
    event = {
        "specversion": "1.0", "id": "e1", "source": "/nodes/yijian",
        "type": "yijian.task.dispatched.v1",
        "data": {"task_id": "t1", "item": "medical_insurance_payment", "newborn": 1,
                 "round": 0, "fields": {"newborn_born_at": "2026-11-18T03:27:00+08:00"}},
    }  # fmt: skip
    node.post(f"/departments/{TAX}/events", [event],
              content_type="application/cloudevents-batch+json")  # fmt: skip
    here.store.change("tasks", f"{TAX}/t1", accepted)
    return here


def accepted(task: Document) -> Document:
    """The task once only the money is missing."""
    return task | {"steps": task["steps"][1:], "due_at": None}


def task_of(here: World) -> Document:
    found = here.store.get("tasks", f"{TAX}/t1")
    assert found is not None
    return found


def test_what_was_paid_elsewhere_wakes_the_task_once(
    waiting: World, elsewhere: flask.Flask, bank: httpx.Client
) -> None:
    assert fetch_payments(waiting, bank) == 0
    assert task_of(waiting)["due_at"] is None
    elsewhere.test_client().post("/payment", data={"task": "t1", "year": "2026"})
    assert fetch_payments(waiting, bank) == 1
    assert task_of(waiting)["due_at"] is not None
    assert fetch_payments(waiting, bank) == 0


def test_a_treasury_that_is_away_changes_nothing(waiting: World) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away", request=request)

    with httpx.Client(transport=httpx.MockTransport(refuse)) as client:
        assert fetch_payments(waiting, client) == 0
    assert task_of(waiting)["due_at"] is None
