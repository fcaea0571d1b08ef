"""The printable one-time notice says everything the pack says, in both languages."""

from datetime import date
from html.parser import HTMLParser

import pytest

from tests.packs.edited import PACKS, town
from yijian.packs import guide, load_folder
from yijian.packs.loading import running_codes

TODAY = date(2026, 11, 21)


class Reader(HTMLParser):
    """Collects text and open tags."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", running_codes(PACKS))
def test_every_item_condition_and_way_is_on_the_page(code: str, language: str) -> None:
    _, pack = load_folder(PACKS, code)
    reader = Reader()
    reader.feed(guide.as_html(pack, language, TODAY))
    assert reader.open == []
    plain = guide.as_text(pack, language, TODAY)
    for item in pack.items.values():
        for said in (reader.text, plain):
            assert item.title.in_language(language) in said
            assert item.summary.in_language(language).strip() in said
    for rule in pack.rules:
        assert rule.title.in_language(language) in plain
    assert pack.digest[:12] in plain


def test_the_limit_in_force_on_the_day_is_printed() -> None:
    pack = town().pack
    before = guide.as_text(pack, "zh", date(2024, 6, 1))
    after = guide.as_text(pack, "zh", TODAY)
    assert "3 个工作日内" in before and "3 个工作日内" not in after


def test_texts_of_a_pack_cannot_break_the_page() -> None:
    pack = town().pack
    page = guide.as_html(pack, "zh", TODAY).replace("小城", "<script>")
    assert "&lt;" not in guide.as_html(pack, "zh", TODAY)
    assert page != guide.as_html(pack, "zh", TODAY)
