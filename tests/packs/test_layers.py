"""A pack says one value anew: in its own file, with everything inherited left inherited."""

import shutil
from pathlib import Path

import pytest

from tests.packs.edited import GROUND, PACKS, SMALL, TOWN
from yijian.packs import overlay
from yijian.packs.building import load_folder
from yijian.packs.findings import PackError
from yijian.packs.layers import cleared, file_of, layers, revised
from yijian.packs.nodes import Plain, plain, read_text, walk


@pytest.fixture
def files() -> dict[str, str]:
    return overlay.files_of(SMALL, TOWN)


def said(files: dict[str, str], path: tuple[str | int, ...], value: Plain) -> dict[str, str]:
    with overlay.laid_over(SMALL, {TOWN: files}) as folder:
        name, text = revised(layers(folder, TOWN), TOWN, files, path, value)
    return {**files, name: text}


def reads(files: dict[str, str], path: tuple[str | int, ...]) -> tuple[Plain, bool, str]:
    """The value that counts, whether it is the pack's own, and in which file it stands."""
    with overlay.laid_over(SMALL, {TOWN: files}) as folder:
        found = layers(folder, TOWN)
    return found.at(path), found.is_own(path), found.place(path).file


def test_a_value_knows_whether_it_is_inherited(files: dict[str, str]) -> None:
    inherited = next(path for path in inherited_paths() if isinstance(reads(files, path)[0], str))
    assert reads(files, inherited)[1:] == (False, f"{GROUND}/items.yaml")
    own = ("pack", "version")
    assert reads(files, own)[1:] == (True, f"{TOWN}/pack.yaml")


def inherited_paths() -> list[tuple[str | int, ...]]:
    found = layers(SMALL, TOWN)
    items = found.base.find(["items"])
    assert items is not None and isinstance(items.value, dict)
    return [
        ("items", item, key)
        for item, node in items.value.items()
        if isinstance(node.value, dict)
        for key in node.value
        if not found.is_own(("items", item, key))
    ]


def test_an_inherited_value_is_said_in_the_pack_s_own_file(files: dict[str, str]) -> None:
    path = next(path for path in inherited_paths() if path[-1] == "office_kind")
    before = reads(files, path)[0]
    assert isinstance(before, str)
    changed = said(files, path, "somewhere_else")
    assert reads(changed, path) == ("somewhere_else", True, f"{TOWN}/items.yaml")
    assert {name for name in files if files[name] != changed[name]} == {"items.yaml"}
    with overlay.laid_over(SMALL, {TOWN: changed}) as folder:
        name, text = cleared(layers(folder, TOWN), TOWN, changed, path)
    assert reads({**changed, name: text}, path)[:2] == (before, False)


def test_a_part_of_an_inherited_text_takes_the_whole_text_along(files: dict[str, str]) -> None:
    path = next(path for path in inherited_paths() if path[-1] in ("title", "summary"))
    whole = reads(files, path)[0]
    chinese = whole["zh"] if isinstance(whole, dict) else whole
    changed = said(files, (*path, "en"), "said anew, with a comma")
    assert reads(changed, path)[0] == {"zh": chinese, "en": "said anew, with a comma"}


def test_a_list_that_is_inherited_is_taken_along_whole() -> None:
    found = layers(PACKS, "340000-anhui")
    path = next(
        path for path, node in walk(found.base)
        if isinstance(node.value, list) and not found.is_own(path) and path[0] == "items"
    )  # fmt: skip
    before = found.at(path)
    assert isinstance(before, list)
    own = overlay.files_of(PACKS, "340000-anhui")
    name, text = revised(found, "340000-anhui", own, (*path, len(before)), "one_more")
    kept = read_text(text, name).find(path[1:])
    assert kept is not None and plain(kept) == [*before, "one_more"]


def test_what_a_base_says_is_removed_by_null_and_own_words_by_leaving_them_out(
    files: dict[str, str],
) -> None:
    path = next(path for path in inherited_paths() if path[-1] == "summary")
    changed = said(files, path, None)
    assert reads(changed, path)[0] is None and "null" in changed["items.yaml"]
    own = ("pack", "precedence")
    changed = said(said(files, own, 7), own, None)
    assert reads(changed, own)[0] is None and "null" not in changed["pack.yaml"]


def test_an_untouched_pack_reads_the_same_through_its_texts(files: dict[str, str]) -> None:
    document, pack = load_folder(SMALL, TOWN)
    with overlay.laid_over(SMALL, {TOWN: files}) as folder:
        again, same = load_folder(folder, TOWN)
        assert (again, same.digest) == (document, pack.digest)
        assert sorted(path.name for path in folder.iterdir()) == [GROUND, TOWN]
    assert not folder.exists()


def test_offices_and_their_kinds_have_their_file(files: dict[str, str]) -> None:
    assert file_of(["offices", "X1", "phone"]) == ("offices.yaml", ("offices", "X1", "phone"))
    code = next(iter(offices_of(files)))
    changed = said(files, ("offices", code, "phone"), "010-1")
    assert reads(changed, ("offices", code, "phone"))[0] == "010-1"
    with pytest.raises(PackError):
        file_of(["nonsense"])


def offices_of(files: dict[str, str]) -> list[str]:
    value = reads(files, ("offices",))[0]
    assert isinstance(value, dict)
    return list(value)


@pytest.mark.parametrize(
    "name",
    [
        "../pack.yaml",
        "/etc/passwd",
        "examples/../../x.yaml",
        "run.sh",
        "examples/",
        "examples/a/b.yaml",
    ],
)
def test_a_name_that_is_no_file_of_a_pack_is_never_written(
    name: str, files: dict[str, str], tmp_path: Path
) -> None:
    with (
        pytest.raises(PackError) as refused,
        overlay.laid_over(SMALL, {TOWN: {**files, name: "x"}}),
    ):
        raise AssertionError
    assert name in str(refused.value)
    with pytest.raises(PackError):
        overlay.check_files("../elsewhere", files)


@pytest.mark.parametrize("text", ["\0", "\ud800", "x" * 2_000_001])
def test_a_text_that_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(PackError):
        overlay.check_files(TOWN, {"words.yaml": text})
    with pytest.raises(PackError):
        overlay.check_files(TOWN, {f"examples/a{n}.yaml": "" for n in range(401)})


def test_a_text_that_is_not_unicode_is_a_finding(tmp_path: Path) -> None:
    folder = tmp_path / "packs"
    shutil.copytree(SMALL, folder)
    (folder / TOWN / "words.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(PackError):
        overlay.files_of(folder, TOWN)
