"""A demonstration's offices and families are made known, scheme by scheme."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from yijian.ops import acquaint
from yijian.ops.acquaint import NotAcquaintedError, Scheme, schemes
from yijian.packs.loading import running_codes

PACKS = Path("packs")
YUANLING = "431222-yuanling"
CLIENT = httpx.Client


class Sandbox:
    """What the sandbox is told, and what it answers."""

    def __init__(self, families: list[dict[str, Any]], refuse: bool = False) -> None:
        self.families = families
        self.offices: list[dict[str, Any]] = []
        self.refuse = refuse

    def handle(self, request: httpx.Request) -> httpx.Response:
        told = json.loads(request.content or b"null")
        match (request.method, request.url.path):
            case ("POST", "/offices"):
                self.offices = told
                return httpx.Response(200, json={})
            case ("POST", "/families"):
                refused = [{"position": 0, "reason": "no"}] if self.refuse else []
                self.families += told
                return httpx.Response(200, json={"refused": refused})
            case ("GET", "/families"):
                return httpx.Response(200, json=self.families)
            case ("GET", "/staff"):
                return httpx.Response(200, json=[_clerk_of(office) for office in self.offices])
        return httpx.Response(404)


def _clerk_of(office: dict[str, Any]) -> dict[str, Any]:
    return {
        "sub": f"staff-{office['code']}", "name": "陈静", "role": "clerk", "role_zh": "经办人员",
        "office": office["code"], "office_name": office["title"]["zh"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def yuanling() -> tuple[Scheme, ...]:
    """One scheme with its first families."""
    (scheme,) = schemes(PACKS, YUANLING)
    return (Scheme(scheme.code, scheme.offices, scheme.examples[:4]),)


def meet(
    world: Sandbox, known: tuple[Scheme, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    transport = httpx.MockTransport(world.handle)
    client = CLIENT(base_url="http://sandbox", transport=transport)
    monkeypatch.setattr(acquaint.httpx, "Client", lambda **_options: client)
    acquaint.acquaint(known, "http://sandbox", folder)
    found: dict[str, Any] = json.loads((folder / acquaint.FILE).read_text(encoding="utf-8"))
    return found


def test_a_comma_list_names_the_schemes_and_nothing_means_all() -> None:
    assert [scheme.code for scheme in schemes(PACKS, f"{YUANLING}, {YUANLING}")] == [YUANLING] * 2
    assert tuple(scheme.code for scheme in schemes(PACKS, "")) == running_codes(PACKS)


def test_every_office_and_family_is_made_known_and_written_down(
    yuanling: tuple[Scheme, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Sandbox([])
    written = meet(world, yuanling, tmp_path, monkeypatch)
    assert [o["code"] for o in world.offices] == list(
        dict.fromkeys(office.code for office in yuanling[0].offices)
    )
    (scheme,) = written["schemes"]
    assert scheme["pack"] == YUANLING
    assert [family["id"].split("@")[0] for family in scheme["families"]] == [
        example.name for example in yuanling[0].examples
    ]
    known = {family["id"] for family in world.families}
    assert {family["id"] for family in scheme["families"]} == known
    for family in scheme["families"]:
        assert set(family["people"]) & {"mother", "father", "representative"}
        assert family["eligible"] in ("yes", "no", "unknown", "stale", "needs_person")
    kinds = {office.code: office.kind for office in yuanling[0].offices}
    assert {(w["office"], w["kind"]) for w in scheme["staff"]} == set(kinds.items())


def test_a_young_family_of_an_earlier_start_stays_who_it_is(
    yuanling: tuple[Scheme, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Sandbox([])
    meet(first, yuanling, tmp_path, monkeypatch)
    before = [family["id"] for family in first.families]
    old = {**first.families[0], "id": f"{before[0].split('~')[0]}~2020-01-01"}
    again = Sandbox([*first.families[1:], old])
    written = meet(again, yuanling, tmp_path, monkeypatch)
    assert [family["id"] for family in written["schemes"][0]["families"]] == before
    assert len(again.families) == len(before) + 1, "only the one that had grown too old is new"
    today = datetime.now(UTC).year
    assert all(f"~{today}" in one or f"~{today + 1}" in one for one in before)


def test_a_family_that_is_refused_is_told(
    yuanling: tuple[Scheme, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotAcquaintedError, match="refuses families"):
        meet(Sandbox([], refuse=True), yuanling, tmp_path, monkeypatch)
