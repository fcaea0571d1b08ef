"""Every place of an area has a tile of its own, wherever the area lies."""

from pathlib import Path

import pytest

from yijian.packs import divisions, tiles

PACKS = Path(__file__).parents[2] / "packs"
TABLE = divisions.load(PACKS)
LAYOUTS = tiles.load(PACKS)


def cities(*provinces: str) -> list[str]:
    found: list[str] = []
    for province in provinces:
        below = [code for code in TABLE.below(province) if code.endswith("00")]
        found += below or [province]
    return found


def test_the_forty_one_cities_of_the_delta_stand_as_its_pack_lays_them_out() -> None:
    delta = cities("310000", "320000", "330000", "340000")
    placed = tiles.places_of(delta, LAYOUTS)
    assert len(delta) == len(placed) == len(set(placed.values())) == 41
    assert set(placed) == set(LAYOUTS[0])
    shanghai, hefei, xuzhou = (placed[code] for code in ("310000", "340100", "320300"))
    assert shanghai[1] > hefei[1] and xuzhou[0] < hefei[0] < shanghai[0]


@pytest.mark.parametrize("province", TABLE.below(""))
def test_every_province_has_a_tile_for_each_of_its_places(province: str) -> None:
    places = list(TABLE.below(province))
    placed = tiles.places_of(places, LAYOUTS)
    assert set(placed) == set(places)
    assert len(set(placed.values())) == len(places)
    if places:
        assert min(row for row, _ in placed.values()) == 1
        assert min(column for _, column in placed.values()) == 1


def test_one_place_that_no_layout_has_puts_all_of_them_in_rows() -> None:
    placed = tiles.places_of(["340100", "340200", "999900"], LAYOUTS)
    assert placed == {"340100": (1, 1), "340200": (1, 2), "999900": (1, 3)}


def test_no_places_have_no_tiles() -> None:
    assert tiles.places_of([], LAYOUTS) == {}
