"""The rules of ratings and work orders are data: read from the base, strict, replaceable."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings

from yijian.domain.ratings import Level, RatingChannel
from yijian.packs.findings import PackError
from yijian.packs.ratings import NAME, load

PLACE = "340000-anhui"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder: Path = settings.YIJIAN.packs_dir
    for code in ("000000-base", PLACE):
        shutil.copytree(folder / code, tmp_path / code)
    return tmp_path


def test_every_pack_has_the_rules_of_its_base(packs: Path) -> None:
    rules = load(packs, PLACE)
    assert [int(level) for level in rules.levels] == [1, 2, 3, 4, 5]
    assert rules.levels[Level.VERY_UNSATISFIED].zh == "非常不满意"
    assert set(rules.limits) == {"bad_rating", "complaint", "suggestion", "question"}
    asked = {each.id for each in rules.dimensions_of(RatingChannel.TABLET)}
    assert "service_attitude" in asked and "usability" not in asked


def test_every_word_for_the_family_has_its_english(packs: Path) -> None:
    rules = load(packs, PLACE)
    texts = [*rules.levels.values(), *(reason.text for reason in rules.reasons.values())]
    texts += [each.title for each in rules.dimensions] + list(rules.answered.values())
    assert all(text.en for text in texts)


def test_a_place_may_replace_the_rules_as_a_whole(packs: Path) -> None:
    own = (packs / "000000-base" / NAME).read_text(encoding="utf-8")
    (packs / PLACE / NAME).write_text(own.replace("open_days: 90", "open_days: 30"), "utf-8")
    assert load(packs, PLACE).open_days == 30


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("open_days: 90", "open_days: 0"), NAME),
        (("append_days: 30", "append_day: 30"), NAME),
        (("limits_decision: R-TIME", "limits_decision: R-NONE"), "R-NONE"),
        (("5, extended_workdays: 15}", "5, extended_workdays: 2}"), "一个比一个长"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(packs: Path, wrong: tuple[str, str], said: str) -> None:
    path = packs / "000000-base" / NAME
    path.write_text(path.read_text(encoding="utf-8").replace(*wrong, 1), encoding="utf-8")
    with pytest.raises(PackError) as refused:
        load(packs, PLACE)
    assert any(NAME in str(f) and said in str(f) for f in refused.value.findings)


def test_without_any_file_the_gap_is_named(packs: Path) -> None:
    (packs / "000000-base" / NAME).unlink()
    with pytest.raises(PackError):
        load(packs, PLACE)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [("请看：{link}", "请看：{name}", "只能用"), ("请看：{link}", "请看网页", "要有 {link}")],
)
def test_what_is_told_of_an_answer_leads_there_and_names_nothing_else(
    packs: Path, before: str, after: str, said: str
) -> None:
    file = packs / "000000-base" / NAME
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(PackError) as refused:
        load(packs, PLACE)
    assert said in str(refused.value.findings)
