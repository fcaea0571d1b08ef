"""The state outlives its process: what was put is there again, torn lines are not."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest

from sandbox.app import create_app, world_of
from sandbox.settings import Settings
from sandbox.store import Store


class Opener:
    """Opens stores and closes them after the test: within it, each is as good as killed."""

    def __init__(self) -> None:
        self.opened: list[Store] = []

    def store(self, file: Path, **options: Any) -> Store:
        self.opened.append(Store(file, **options))
        return self.opened[-1]

    def app(self, settings: Settings) -> flask.Flask:
        app = create_app(settings)
        self.opened.append(world_of(app).store)
        return app


@pytest.fixture
def opener() -> Iterator[Opener]:
    made = Opener()
    yield made
    for store in made.opened:
        store.close()


def test_a_new_store_reads_what_an_abandoned_one_wrote(opener: Opener, tmp_path: Path) -> None:
    file = tmp_path / "state" / "sandbox.jsonl"
    first = opener.store(file)
    first.put("sms", "a", {"text": "一"})
    first.put("sms", "b", {"text": "二"})
    first.put("sms", "a", {"text": "三"})
    first.take("sms", "b")
    second = opener.store(file)  # The first one was never closed: its process was killed.
    assert second.documents("sms") == [{"text": "三"}]
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1


def test_a_torn_last_line_is_left_out(opener: Opener, tmp_path: Path) -> None:
    file = tmp_path / "sandbox.jsonl"
    opener.store(file).put("sms", "a", {"text": "一"})
    with file.open("a", encoding="utf-8") as out:
        out.write('["sms","b",{"te')
    again = opener.store(file)
    assert again.keys("sms") == ["a"]
    again.put("sms", "c", {"text": "三"})
    assert opener.store(file).keys("sms") == ["a", "c"]


def test_open_documents_are_those_that_ask_for_work(opener: Opener, tmp_path: Path) -> None:
    file = tmp_path / "sandbox.jsonl"
    open_when = {"work": lambda document: not document["done"]}
    store = opener.store(file, open_when=open_when)
    store.put("work", "a", {"done": False})
    store.put("work", "b", {"done": False})
    store.put("work", "a", {"done": True})
    assert store.open_documents("work") == [{"done": False}]
    assert opener.store(file, open_when=open_when).open_documents("work") == [{"done": False}]


def test_taking_happens_once() -> None:
    store = Store()
    store.put("codes", "x", {"a": 1})
    assert store.take("codes", "x") == {"a": 1} and store.take("codes", "x") is None


def test_the_families_stay_the_same_on_a_later_day(
    opener: Opener, settings: Settings, tmp_path: Path
) -> None:
    kept = dataclasses.replace(settings, state=tmp_path / "s.jsonl", today=None)
    first = world_of(opener.app(kept))
    first.store.put("meta", "anchor", {"today": "2026-01-05"})
    again = world_of(opener.app(kept))
    assert again.families.today.isoformat() == "2026-01-05"


def test_the_identity_key_outlives_the_process(
    opener: Opener, settings: Settings, tmp_path: Path
) -> None:
    kept = dataclasses.replace(settings, state=tmp_path / "s.jsonl")
    first, second = (
        opener.app(kept).test_client().get("/identity/jwks.json").json for _ in range(2)
    )
    assert first == second
