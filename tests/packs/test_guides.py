"""Papers generated from a pack say what the pack says, in both languages, and nothing else."""

from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from tests.packs.edited import PACKS, town
from yijian.domain.policy import Pack
from yijian.domain.wording import Text
from yijian.ops.packs_guide import kept_papers
from yijian.packs import guides, load_folder
from yijian.packs.guides.chart import nearest_needs
from yijian.packs.loading import running_codes

TODAY = date(2026, 11, 21)


class Reader(HTMLParser):
    """Collects text and open tags."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@cache
def shipped(code: str) -> Pack:
    return load_folder(PACKS, code)[1]


def paper(pack: Pack, kind: str, language: str = "zh", today: date = TODAY) -> str:
    return guides.as_text(guides.make(pack, kind, language, today))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", running_codes(PACKS))
def test_every_item_condition_and_way_is_on_the_notice(code: str, language: str) -> None:
    pack = shipped(code)
    plain = paper(pack, "notice", language)
    for item in pack.items.values():
        assert item.title.in_language(language) in plain
        assert item.summary.in_language(language).strip() in plain
    for rule in pack.rules:
        assert rule.title.in_language(language) in plain
    assert pack.digest[:12] in plain


@pytest.mark.parametrize("kind", guides.KINDS)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", running_codes(PACKS))
def test_every_paper_is_whole_html_with_the_same_words(code: str, language: str, kind: str) -> None:
    pack = shipped(code)
    made = guides.make(pack, kind, language, TODAY)
    reader = Reader()
    reader.feed(guides.as_html(made))
    assert reader.open == []
    for part in made.parts:
        assert part.heading in reader.text
        for line in part.lines:
            assert "".join(line.split("\n")) in reader.text
    assert made.footer in reader.text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", running_codes(PACKS))
def test_the_notice_says_of_which_condition_each_way_on_is(code: str, language: str) -> None:
    pack = shipped(code)
    lines = paper(pack, "notice", language).splitlines()
    for rule in pack.rules:
        way = rule.way_on.in_language(language).strip()
        (line,) = (each for each in lines if each.endswith(way))
        assert rule.title.in_language(language) in line.removesuffix(way)


@pytest.mark.parametrize("code", running_codes(PACKS))
def test_the_staff_guide_holds_every_review_point_condition_and_field(code: str) -> None:
    pack = shipped(code)
    said = paper(pack, "staff")
    for item in pack.items.values():
        for point in item.review_points:
            assert point.zh.strip() in said
        for fact in item.payload:
            assert pack.facts[fact].title.zh in said
    for rule in pack.rules:
        assert rule.condition.source.split("\n")[0] in said
        assert rule.failed.zh.strip() in said and rule.way_on.zh.strip() in said
    for field in pack.fields():
        assert field.fact in said
    for decision in pack.decisions.values():
        assert f"- {decision.id}（" in said


@pytest.mark.parametrize("code", running_codes(PACKS))
def test_every_message_is_on_the_sheet_of_messages(code: str) -> None:
    pack = shipped(code)
    made = guides.make(pack, "messages", "zh", TODAY)
    (part,) = made.parts
    assert part.table is not None
    texts = [row[3] for row in part.table.rows]
    assert texts == [notice.text.zh.strip() for notice in pack.notices]


@pytest.mark.parametrize("code", running_codes(PACKS))
def test_the_flow_chart_has_a_box_for_every_item_and_an_arrow_to_each(code: str) -> None:
    pack = shipped(code)
    picture = ElementTree.fromstring(guides.drawing(guides.Speaker(pack, "zh"), TODAY))
    boxes = picture.findall("{*}rect")
    arrows = [path for path in picture.findall("{*}path") if path.get("marker-end")]
    assert len(boxes) == len(pack.items) + 1
    assert len(arrows) == sum(max(len(nearest_needs(pack, code)), 1) for code in pack.items)
    places = {(box.get("x"), box.get("y")) for box in boxes}
    assert len(places) == len(boxes)


def test_an_arrow_that_another_way_already_says_is_not_drawn() -> None:
    pack = town().pack
    first, second, third = list(pack.items.values())[:3]
    chain = {
        first.code: replace(first, needs=()),
        second.code: replace(second, needs=(first.code,)),
        third.code: replace(third, needs=(first.code, second.code)),
    }
    assert nearest_needs(replace(pack, items=chain), third.code) == (second.code,)


def test_questions_are_answered_with_their_basis() -> None:
    pack = town().pack
    said = paper(pack, "questions")
    for rule in pack.rules:
        assert f"不符合“{rule.title.zh}”，还能办吗？" in said
        assert rule.basis[0].clause in said


def test_the_limit_in_force_on_the_day_is_printed() -> None:
    pack = town().pack
    before = paper(pack, "notice", today=date(2024, 6, 1))
    after = paper(pack, "notice")
    assert "3 个工作日内" in before and "3 个工作日内" not in after


def test_texts_of_a_pack_cannot_break_the_page() -> None:
    pack = replace(town().pack, service_title=Text("<script>一件事</script>", "<b>one</b>"))
    for kind in guides.KINDS:
        page = guides.as_html(guides.make(pack, kind, "zh", TODAY))
        assert "<script>" not in page and "&lt;script&gt;一件事" in page


def test_the_kept_papers_are_those_the_packs_make_today() -> None:
    kept = PACKS.parent / "docs" / "guides"
    made = dict(kept_papers(PACKS))
    there = {path.relative_to(kept) for path in kept.rglob("*.md")}
    assert there == set(made)
    stale = [str(path) for path, text in made.items() if (kept / path).read_text("utf-8") != text]
    assert stale == [], "run `yijian packs guides` and read what has changed"
