"""The directory of offices and the table of divisions."""

from pathlib import Path

from tests.packs.edited import PACKS, SMALL, TOWN, edited
from yijian.packs import divisions
from yijian.packs.offices import load_directory


def test_an_office_is_found_for_every_division_it_serves() -> None:
    directory = load_directory(SMALL, TOWN)
    for division in ("110101", "110102"):
        office = directory.nearest("police_station", division)
        assert office is not None and office.code == "110101510000"
    assert directory.nearest("police_station", "110103") is None


def test_an_office_says_how_its_tasks_reach_it() -> None:
    directory = load_directory(SMALL, TOWN)
    police, hospital = directory.office("110101510000"), directory.office("H11010101")
    assert police is not None and (police.channel, police.participant) == (
        "system",
        "police-110000",
    )
    assert hospital is not None and (hospital.channel, hospital.phone) == ("desk", "010-00000001")


def test_a_pack_may_close_an_office_of_its_base(tmp_path: Path) -> None:
    folder = edited(tmp_path, (f"{TOWN}/offices.yaml", "offices:\n", "offices:\n  H1: null\n"))
    assert load_directory(folder, TOWN).office("H1") is None


def test_divisions_are_named_with_what_they_lie_in() -> None:
    table = divisions.load(PACKS)
    assert table.full_name("340104") == "安徽省合肥市蜀山区"
    assert table.name("340104") == "蜀山区"
    assert table.full_name("999999") == "999999"
    assert "340100" in table.below("340000")
