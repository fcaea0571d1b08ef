"""A pack is one document with one digest, and that document alone gives the pack back."""

import json
import os
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.packs.edited import PACKS, SMALL, TOWN, edited
from yijian.packs import PackError, build, building, canonical, codes_in, digest_of, load_folder
from yijian.packs.loading import running_codes

ROOT = Path(__file__).parents[2]


def shuffled(value: Any) -> Any:
    """The same JSON with the keys of every object the other way round, as a database may do."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(each) for each in value] if isinstance(value, list) else value


def test_the_digest_is_the_same_in_every_process() -> None:
    script = (
        "from pathlib import Path; from yijian.packs import load_folder;"
        f"print(load_folder(Path({str(SMALL)!r}), {TOWN!r})[1].digest)"
    )
    digests = set()
    for seed in ("0", "1", "20261121"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout.strip())
    assert digests == {load_folder(SMALL, TOWN)[1].digest}


def test_layout_and_comments_do_not_change_the_digest(tmp_path: Path) -> None:
    folder = edited(
        tmp_path,
        (f"{TOWN}/delivery.yaml", "custody:\n", "\n# 纸质材料\ncustody:\n\n"),
        (f"{TOWN}/pack.yaml", "title: {zh: 小城, en: Town}", "title:\n  en: Town\n  zh: 小城"),
    )
    assert load_folder(folder, TOWN)[1].digest == load_folder(SMALL, TOWN)[1].digest


def test_every_change_of_a_value_changes_the_digest(tmp_path: Path) -> None:
    folder = edited(tmp_path, (f"{TOWN}/items.yaml", "workdays: 4", "workdays: 5"))
    assert load_folder(folder, TOWN)[1].digest != load_folder(SMALL, TOWN)[1].digest


def test_the_order_of_things_is_part_of_the_document(tmp_path: Path) -> None:
    folder = edited(tmp_path, (f"{TOWN}/form.yaml", "section_order: [household]\n", ""))
    other = load_folder(folder, TOWN)[1]
    assert [section.id for section in other.form] == ["naming", "household"]
    assert other.digest != load_folder(SMALL, TOWN)[1].digest


@pytest.mark.parametrize(
    ("packs_dir", "code"),
    [(SMALL, TOWN), *((PACKS, code) for code in running_codes(PACKS))],
)
def test_the_stored_document_alone_gives_the_same_pack(packs_dir: Path, code: str) -> None:
    document, pack = load_folder(packs_dir, code)
    building._built.clear()
    stored = shuffled(json.loads(json.dumps(document)))
    again = build(stored)
    assert again.digest == pack.digest == digest_of(stored)
    assert again == replace(pack, origins={})
    for part in ("items", "facts", "code_lists", "words", "sources", "decisions"):
        assert list(getattr(again, part)) == list(getattr(pack, part)), part
    for part in ("rules", "pages", "form", "delivery", "custody", "notices", "signing"):
        assert getattr(again, part) == getattr(pack, part), part


def test_a_document_without_its_shape_is_refused() -> None:
    document, _ = load_folder(SMALL, TOWN)
    broken: dict[str, Any] = deepcopy(document)
    broken["rules"][0]["condition"] = "mother_ethnicity > 3"
    with pytest.raises(PackError, match="“>”不能用于文字与整数"):
        build(broken)
    with pytest.raises(PackError, match="不认识的政策包格式"):
        build({**document, "format": 2})
    extra = {**document, "surprise": 1}
    with pytest.raises(PackError, match="不认识“surprise”这个键"):
        build(extra)


def test_canonical_json_is_one_line_of_readable_chinese() -> None:
    document, _ = load_folder(SMALL, TOWN)
    text = canonical(document)
    assert "小城" in text and "\n" not in text
    assert json.loads(text) == document


def test_equal_documents_are_built_once() -> None:
    document, _ = load_folder(SMALL, TOWN)
    assert build(document) is build(json.loads(canonical(document)))


def test_all_packs_of_the_folder_can_be_listed() -> None:
    assert "000000-base" in codes_in(PACKS)
