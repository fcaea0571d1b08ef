"""A table becomes a drawing that a page may carry, and that says in words what it shows."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from yijian.documents import charts

ROWS = [
    {"day": f"11-{day:02d}", "series": series, "value": day * 3}
    for series in ("申请", "办结")
    for day in range(1, 31)
]
STAGES = [
    {"label": label, "value": value, "note": f"{value} 件"}
    for label, value in (("打开", 24), ("提交", 18), ('<b>&"办结"', 0))
]
REASONS = [
    {"label": "照片看不清", "value": 6, "so_far": 0.6, "note": "6 次"},
    {"label": "姓名不一致", "value": 4, "so_far": 1.0, "note": "4 次"},
]
STEPS = [
    {"label": "落户", "p50": 0.8, "p90": 2.5, "limit": 2},
    {"label": "缴费", "p50": 1.0, "p90": 4.0, "limit": None},
]
PARTS = [
    {"label": "户籍", "series": said, "value": 5, "place": place}
    for place, said in enumerate(("查到", "查无"))
]
SPECS = {
    "lines": charts.lines(ROWS, ("申请", "办结"), width=560, height=180),
    "bars": charts.bars(STAGES, width=420),
    "pareto": charts.pareto(REASONS, width=420),
    "ranges": charts.ranges(STEPS, width=420, axis="天"),
    "stacks": charts.stacks(
        PARTS, ("查到", "查无"), (charts.BLUE, charts.PALE_BLUE), width=420,
        notes=[{"label": "户籍", "end": 10, "note": "命中 50%"}],
    ),
    "nothing": charts.bars([], width=420),
}  # fmt: skip


def words(svg: str) -> list[str]:
    return [text for text in ElementTree.fromstring(svg).itertext() if text.strip()]


@pytest.mark.parametrize("name", SPECS)
def test_every_kind_of_chart_is_a_picture_with_a_title_and_a_description(name: str) -> None:
    spec = charts.with_words(SPECS[name], title="标题", description="说明 <一>")
    svg = charts.drawing_of(spec, name=f"chart-{name}")
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{{{charts.SVG}}}svg"
    assert (root.get("role"), root.get("width")) == ("img", None)
    assert root.get("aria-labelledby") == f"chart-{name}-title chart-{name}-description"
    assert [root[0].text, root[1].text] == ["标题", "说明 <一>"]
    assert [root[0].get("id"), root[1].get("id")] == root.get("aria-labelledby", "").split()


@pytest.mark.parametrize("name", SPECS)
def test_no_drawing_has_what_a_page_may_not_carry(name: str) -> None:
    svg = charts.drawing_of(SPECS[name], name="chart")
    for forbidden in ("<script", "style=", "href", "font-family", "<image", "onload", "<style"):
        assert forbidden not in svg


@pytest.mark.parametrize(
    ("drawn", "named"),
    [
        ('<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="{ns}"><text>&a;</text></svg>', "doctype"),
        ('<svg xmlns="{ns}"><script>1</script></svg>', "script"),
        ('<svg xmlns="{ns}"><rect onclick="1"/></svg>', "onclick"),
        ('<svg xmlns="{ns}"><text style="fill:url(x)">1</text></svg>', "style"),
    ],
)
def test_a_drawing_with_more_than_shapes_and_words_is_refused(
    monkeypatch: pytest.MonkeyPatch, drawn: str, named: str
) -> None:
    svg = drawn.replace("{ns}", charts.SVG)
    monkeypatch.setattr(charts.vl_convert, "vegalite_to_svg", lambda *_, **__: svg)
    with pytest.raises(charts.DrawingRefusedError, match=named):
        charts.drawing_of(SPECS["bars"], name="chart")


def test_words_and_numbers_of_the_table_stand_in_the_drawing() -> None:
    said = words(charts.drawing_of(SPECS["bars"], name="chart"))
    assert [row["label"] for row in STAGES] == [
        one for one in said if one in {row["label"] for row in STAGES}
    ]
    assert {row["note"] for row in STAGES} <= set(said)


def test_equal_tables_are_one_drawing_and_other_ones_another() -> None:
    again = charts.bars([dict(reversed(row.items())) for row in STAGES], width=420)
    assert charts.digest_of(again) == charts.digest_of(SPECS["bars"])
    changed = [dict(row) for row in STAGES]
    changed[0]["value"] = 25
    assert charts.digest_of(charts.bars(changed, width=420)) != charts.digest_of(SPECS["bars"])


def test_what_is_no_specification_is_refused() -> None:
    with pytest.raises(ValueError):
        charts.drawing_of({"mark": "nothing", "data": 5}, name="chart")


def test_nothing_is_fetched_from_elsewhere() -> None:
    outside = charts.bars(STAGES, width=420) | {"data": {"url": "http://127.0.0.1:9/rows.json"}}
    with pytest.raises(ValueError):
        charts.drawing_of(outside, name="chart")


def test_a_promise_far_off_is_told_at_the_edge_and_squeezes_no_step() -> None:
    far = [*STEPS, {"label": "参保", "p50": 0.5, "p90": 1.5, "limit": 84}]
    near, squeezed = (charts.drawing_of(charts.ranges(rows, width=420, axis="天"), name="x")
                      for rows in (STEPS, far))  # fmt: skip
    assert "84 →" in words(squeezed) and "→" not in "".join(words(near))
    # The numbers along the axis stay those of the steps.
    assert "80" not in words(squeezed) and "4" in words(squeezed)


def test_a_day_that_is_not_over_is_a_point_and_no_line_falls_to_it() -> None:
    rows = [{**row, "open": row["day"] == "11-30"} for row in ROWS]
    spec = charts.lines(rows, ("申请", "办结"), width=560, height=180)
    whole, open_day = (charts.drawing_of(one, name="x") for one in (SPECS["lines"], spec))

    def longest(svg: str) -> int:
        return max(path.get("d", "").count("L") for path in ElementTree.fromstring(svg).iter())

    assert (longest(whole), longest(open_day)) == (29, 28)
    for drawn in (whole, open_day):
        assert {"申请", "办结"} <= set(words(drawn)), "every line has its name"
