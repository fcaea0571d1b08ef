"""certificates.yaml: types that name what exists, faces that every scheme can fill."""

from pathlib import Path

import pytest

from tests.packs.edited import PACKS, TOWN, edited, lines, sentences
from yijian.domain.certificates import Identifier
from yijian.packs.building import load_folder
from yijian.packs.checks import check
from yijian.packs.findings import PackError
from yijian.packs.reading import codes_in, is_base

TYPE = """
certificates:
  birth:
    title: 出生证
    type_code: "110000000000000000009"
    authority: 示例
    item: certificate
    number: number
    holder: {name: newborn_name, number: newborn_citizen_id_number}
    faces: {front: {title: 正面, shows: [number, newborn_name]}}
"""
FILE = f"{TOWN}/certificates.yaml"
SCHEMES = [code for code in codes_in(PACKS) if not is_base(PACKS, code)]


@pytest.mark.parametrize("code", SCHEMES)
def test_every_scheme_issues_certificates_of_the_items_it_has(code: str) -> None:
    _, pack = load_folder(PACKS, code)
    assert {"birth_certificate", "household_page"} <= set(pack.certificates)
    for one in pack.certificates.values():
        assert one.item in pack.items
        Identifier(one.type_code, "340100", "00000000")
        results = {field.id for field in pack.items[one.item].results}
        assert set(one.shows) <= results | set(pack.facts)


def test_the_main_page_and_the_counterfoil_are_faces_of_one_certificate() -> None:
    _, pack = load_folder(PACKS, "340000-anhui")
    faces = pack.certificates["birth_certificate"].faces
    assert [face.id for face in faces] == ["main_page", "counterfoil"]


def test_a_scheme_without_the_item_has_no_such_certificate(tmp_path: Path) -> None:
    gone = TYPE.replace("item: certificate", "item: passport")
    _, pack = load_folder(edited(tmp_path, (FILE, "", gone)), TOWN)
    assert pack.certificates == {}


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("number: number\n", "number: serial\n", "没有叫“serial”的结果项"),
        ("name: newborn_name", "name: newborn_nmae", "没有叫“newborn_nmae”的事实"),
        ("shows: [number, newborn_name]", "shows: [newborn_nmae]", "没有叫“newborn_nmae”的事实"),
    ],
)
def test_a_name_that_nothing_has_is_found_at_its_line(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    assert right in TYPE
    folder = edited(tmp_path, (FILE, "", TYPE.replace(right, wrong)))
    with pytest.raises(PackError) as error:
        load_folder(folder, TOWN)
    (sentence,) = sentences(error.value)
    assert said in sentence
    assert FILE in sentence


def test_a_type_code_of_another_length_is_refused(tmp_path: Path) -> None:
    folder = edited(tmp_path, (FILE, "", TYPE.replace('"110000000000000000009"', '"1100"')))
    assert any("type_code" in line or FILE in line for line in lines(check(folder, TOWN)))
