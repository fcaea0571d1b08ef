"""保管期限: every item of every scheme says how long it is kept, and on what that rests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.packs.edited import GROUND, PACKS, TOWN, edited, lines, town
from yijian.domain.retention import Retention
from yijian.domain.wording import Basis
from yijian.packs.checks import check
from yijian.packs.loading import load_context

ITEMS = f"{GROUND}/items.yaml"
WRITTEN = "retention: {permanent: true, basis: [town, 一]}"


@pytest.mark.parametrize(
    "code",
    ["340000-anhui", "350300-putian", "431222-yuanling", "450000-guangxi-city", "yangtze-delta"],
)
def test_every_item_of_a_scheme_says_how_long_it_is_kept(code: str) -> None:
    pack = load_context(PACKS, code).pack
    for item in pack.items.values():
        assert item.retention is not None, item.code
        assert item.retention.decision in pack.decisions
    assert pack.items["birth_certificate"].retention == Retention(None, None, "B-ARCHIVE")


def test_a_retention_may_rest_on_a_clause() -> None:
    kept = town().pack.items["card"].retention
    assert kept == Retention(None, Basis("town", "一"))
    assert kept is not None and kept.ground == "town 一"


def test_an_item_that_does_not_say_how_long_is_named(tmp_path: Path) -> None:
    found = lines(check(edited(tmp_path, (ITEMS, f"  {WRITTEN}\n", "")), TOWN))
    assert len(found) == 1
    assert "没有写保管期限（retention），档案按永久保管" in found[0]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("retention: {years: 10, decision: D9}", "D9"),
        ("retention: {years: 10, permanent: true, decision: D1}", "只写一个"),
        ("retention: {years: 10}", "只写一个"),
        ("retention: {years: 0, decision: D1}", "years"),
        ("retention: {permanent: true, basis: [town, 九]}", "九"),
    ],
)
def test_a_wrong_retention_is_refused_where_it_stands(
    tmp_path: Path, wrong: str, said: str
) -> None:
    found = lines(check(edited(tmp_path, (ITEMS, WRITTEN, wrong)), TOWN))
    assert any(said in line for line in found), found
