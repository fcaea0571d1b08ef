"""图: a small table becomes a Vega-Lite specification, and a specification a drawing in SVG.

What is drawn is exactly the table that is given; nothing is counted or rounded here. A drawing has
a title and a description for those who do not see it, no fonts, no scripts and no addresses of its
own, so that it may stand inside a page. Dashes and labels say what colours say.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import vl_convert

Spec = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]

SVG = "http://www.w3.org/2000/svg"
BLUE, GREEN, AMBER, RED, GREY = "#0b57a4", "#0a6838", "#a76400", "#b0151d", "#75808d"
PALE_BLUE, PALE_GREY = "#9dbfe2", "#dfe5ec"
INK, SOFT = "#16202c", "#48535f"
LETTERS = 13
EDGE = 1.18
"""How much longer an axis is when a limit is told at its end as a number."""
FAR = 2.0
"""How many times the longest wait a limit may lie away and still be drawn as a line."""

ROW = 27
HEADROOM = 1.05
"""How much higher than its highest value a drawing of lines is."""
LABELS = 190
"""The most room that the names of bars get."""
_KNOWN = {"svg", "g", "path", "rect", "line", "text", "tspan", "circle", "title", "desc"}
_DROPPED = ("aria-", "role", "font-family", "class", "pointer-events", "clip-path")
_CONFIG: Spec = {
    "aria": False,
    "background": None,
    "font": "Noto Sans SC",
    "padding": 4,
    "autosize": {"type": "fit-x", "contains": "padding"},
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": LETTERS, "labelColor": SOFT, "labelLimit": LABELS, "title": None,
        "domain": False, "ticks": False, "labelPadding": 8, "gridColor": PALE_GREY,
    },
    "legend": {
        "orient": "top", "title": None, "labelFontSize": LETTERS, "labelColor": INK,
        "symbolStrokeWidth": 2.5, "labelLimit": 220, "offset": 4,
    },
    "text": {"fontSize": LETTERS, "color": INK},
}  # fmt: skip


class DrawingRefusedError(Exception):
    """A drawing has something in it that no page may carry; says what."""


def digest_of(spec: Spec) -> str:
    """The digest by which a chart is kept: equal tables in equal words have equal ones."""
    text = json.dumps(spec, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def lines(rows: Rows, titles: Sequence[str], *, width: int, height: int) -> Spec:
    """Lines over days: rows of `day` (as it is written), `series`, `value`, and `open` while the
    day is not over: what it has so far is a point apart, so that no line falls to it.
    """
    days = list(dict.fromkeys(str(row["day"]) for row in rows))
    shown = days[:: max(len(days) // 6, 1)]
    most = max([float(row["value"]) for row in rows] or [1]) or 1
    dashes = [[1, 0], [6, 4], [2, 3]][: len(titles)]
    dash = {"field": "series", "scale": {"domain": list(titles), "range": dashes}}
    spec = _spec(
        rows,
        width=width,
        height=height,
        encoding={
            "x": {
                "field": "day", "type": "ordinal", "sort": None, "scale": {"domain": days},
                "axis": {"values": shown, "labelAngle": 0, "labelAlign": "left", "grid": False},
            },
            "y": {
                "field": "value", "type": "quantitative",
                "scale": {"domain": [0, most * HEADROOM], "nice": False},
                "axis": {"tickCount": 5, "format": "d", "tickMinStep": 1},
            },
            "color": _colours(titles, (BLUE, GREEN, AMBER)) | {"legend": {"symbolType": "stroke"}},
        },
    )  # fmt: skip
    spec["layer"] = [
        {
            "transform": [{"filter": "!datum.open"}],
            "mark": {"type": "line", "strokeWidth": 2.2},
            "encoding": {"strokeDash": dash},
        },
        {
            "transform": [{"filter": "datum.open"}],
            "mark": {"type": "point", "filled": True, "size": 40, "opacity": 1},
        },
    ]
    return spec


def bars(rows: Rows, *, width: int, colour: str = BLUE, most: float | None = None) -> Spec:
    """Lying bars: rows of `label`, `value` and `note`, the words at the end of the bar."""
    top = most or max([float(row["value"]) for row in rows] or [1]) or 1
    scale = {"domain": [0, top * _room(rows, width)], "nice": False}
    x = {"field": "value", "type": "quantitative", "axis": None, "scale": scale}
    bar = {"type": "bar", "cornerRadiusEnd": 3, "height": 17, "color": colour}
    words = {"type": "text", "align": "left", "dx": 7}
    return _layers(
        rows,
        width=width,
        y=_labels(rows),
        layers=[
            {"mark": bar, "encoding": {"x": x}},
            {"mark": words, "encoding": {"x": x, "text": {"field": "note"}}},
        ],
    )


def pareto(rows: Rows, *, width: int) -> Spec:
    """Lying bars with a line of the share so far: `label`, `value`, `so_far`, `note`."""
    top = max([float(row["value"]) for row in rows] or [1]) or 1
    room = _room(rows, width)
    x = {
        "field": "value", "type": "quantitative", "axis": None,
        "scale": {"domain": [0, top * room], "nice": False},
    }  # fmt: skip
    so_far = {
        "field": "so_far", "type": "quantitative", "axis": None,
        "scale": {"domain": [0, room], "nice": False},
    }  # fmt: skip
    bar = {"type": "bar", "cornerRadiusEnd": 3, "height": 17, "color": PALE_BLUE}
    words = {"type": "text", "align": "left", "dx": 9}
    line = {"type": "line", "color": AMBER, "strokeWidth": 2, "orient": "vertical"}
    point = {"type": "point", "color": AMBER, "filled": True, "size": 36, "opacity": 1}
    return _layers(
        rows,
        width=width,
        y=_labels(rows),
        layers=[
            {"mark": bar, "encoding": {"x": x}},
            {"mark": line, "encoding": {"x": so_far}},
            {"mark": point, "encoding": {"x": so_far}},
            {"mark": words, "encoding": {"x": {"datum": 1, **_without_field(so_far)},
                                         "text": {"field": "note"}}},
        ],
        apart=True,
    )  # fmt: skip


def ranges(rows: Rows, *, width: int, axis: str) -> Spec:
    """From the median to nine tenths: rows of `label`, `p50`, `p90`, and `limit` where known.

    A limit far beyond every wait is told as a number at the edge, so that it squeezes no wait.
    """
    edge = max([float(row["p90"]) for row in rows] or [1]) * FAR
    shown = [_told_at(edge, row) for row in rows]
    furthest = max([edge / FAR, *(row["limit"] or 0 for row in shown)])
    if any(row["beyond"] for row in shown):
        furthest *= EDGE
    scale = {"domain": [0, furthest], "nice": True}
    axis_told = {"tickCount": 6, "title": axis, "titleColor": SOFT, "titleFontSize": LETTERS,
                 "titleFontWeight": "normal"}  # fmt: skip
    x = {"type": "quantitative", "scale": scale, "axis": axis_told}
    return _layers(
        shown,
        width=width,
        y=_labels(rows),
        layers=[
            {
                "mark": {"type": "bar", "height": 9, "color": PALE_BLUE},
                "encoding": {"x": {"field": "p50", **x}, "x2": {"field": "p90"}},
            },
            {
                "mark": {"type": "point", "shape": "circle", "filled": True, "size": 80,
                         "color": BLUE, "opacity": 1},
                "encoding": {"x": {"field": "p50", **x}},
            },
            {
                "mark": {"type": "point", "shape": "diamond", "filled": True, "size": 80,
                         "color": AMBER, "opacity": 1},
                "encoding": {"x": {"field": "p90", **x}},
            },
            {
                "mark": {"type": "tick", "color": RED, "thickness": 3, "height": 20},
                "encoding": {"x": {"field": "limit", **x}},
            },
            {
                "mark": {"type": "text", "align": "right", "color": RED, "x": "width"},
                "encoding": {"text": {"field": "beyond"}},
            },
        ],
    )  # fmt: skip


def _told_at(edge: float, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose limit is drawn only where there is room for it."""
    limit = row["limit"]
    far = limit is not None and float(limit) > edge
    return {**row, "limit": None if far else limit, "beyond": f"{limit} →" if far else ""}


def stacks(
    rows: Rows, titles: Sequence[str], colours: Sequence[str], *, width: int, notes: Rows
) -> Spec:
    """Lying bars in parts: rows of label, series, value; `notes` of label, end, note."""
    top = max([float(row["end"]) for row in notes] or [1]) or 1
    scale = {"domain": [0, top * _room(notes, width)], "nice": False}
    spec = _layers(
        rows,
        width=width,
        y=_labels(notes),
        layers=[
            {
                "mark": {"type": "bar", "height": 17, "stroke": "#ffffff", "strokeWidth": 1},
                "encoding": {
                    "x": {"field": "value", "type": "quantitative", "axis": None,
                          "stack": "zero", "scale": scale},
                    "color": _colours(titles, colours),
                    "order": {"field": "place", "type": "quantitative"},
                },
            },
            {
                "data": {"values": list(notes)},
                "mark": {"type": "text", "align": "left", "dx": 7},
                "encoding": {
                    "x": {"field": "end", "type": "quantitative", "axis": None, "scale": scale},
                    "text": {"field": "note"},
                },
            },
        ],
    )  # fmt: skip
    spec["height"] = ROW * len(notes) or ROW
    return spec


def _room(rows: Rows, width: int) -> float:
    """How much longer than its longest bar an axis is, so that the words fit at the bar's end."""
    letters = max(
        (sum(1 if ord(c) > 255 else 0.6 for c in str(r["note"])) for r in rows), default=0
    )
    labels = max(
        (sum(1 if ord(c) > 255 else 0.6 for c in str(r["label"])) for r in rows), default=0
    )
    whole = width - min(labels * LETTERS, LABELS) - 30
    return whole / max(whole - (letters + 1) * LETTERS, whole / 4)


def with_words(spec: Spec, *, title: str, description: str) -> Spec:
    """The same with what it says to those who do not see it."""
    return spec | {"usermeta": {"title": title, "description": description}}


def _without_field(encoding: Spec) -> Spec:
    return {key: value for key, value in encoding.items() if key != "field"}


def _labels(rows: Rows) -> Spec:
    order = list(dict.fromkeys(str(row["label"]) for row in rows))
    axis = {"grid": False, "labelColor": INK}
    return {"field": "label", "type": "nominal", "sort": order, "axis": axis}


def _colours(titles: Sequence[str], colours: Iterable[str]) -> Spec:
    return {
        "field": "series",
        "type": "nominal",
        "scale": {"domain": list(titles), "range": list(colours)[: len(titles)]},
    }


def _layers(
    rows: Rows, *, width: int, y: Spec, layers: Sequence[Spec], apart: bool = False
) -> Spec:
    spec = _spec(rows, width=width, height=ROW * max(len(rows), 1), encoding={"y": y})
    spec["layer"] = list(layers)
    if apart:
        spec["resolve"] = {"scale": {"x": "independent"}}
    return spec


def _spec(rows: Rows, *, width: int, height: int, **parts: Any) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": [dict(row) for row in rows]},
        "width": width,
        "height": height,
        "config": _CONFIG,
        **parts,
    }


def drawing_of(spec: Spec, *, name: str) -> str:
    """The drawing as an element for a page; `name` makes its marks the only ones of the page.

    Errors: DrawingRefusedError when it holds more than shapes and words; ValueError when the
    specification is none.
    """
    _know_fonts()
    # Data stands inside the specification; nothing may be fetched from anywhere.
    raw = vl_convert.vegalite_to_svg(
        {key: value for key, value in spec.items() if key != "usermeta"}, allowed_base_urls=[]
    )
    return _cleaned(raw, name, spec.get("usermeta", {}))


def _cleaned(raw: str, name: str, words: Mapping[str, str]) -> str:
    if "<!" in raw:
        # Words are escaped, so this declares something: entities could be expanded.
        raise DrawingRefusedError("doctype")
    root = ElementTree.fromstring(raw)  # noqa: S314 (our own renderer's; nothing can be expanded)
    for parent in list(root.iter()):
        # Where round corners would be cut: nothing of ours leaves its frame.
        for cut in parent.findall(f"{{{SVG}}}defs"):
            parent.remove(cut)
    for element in root.iter():
        if element.tag.removeprefix(f"{{{SVG}}}") not in _KNOWN:
            raise DrawingRefusedError(element.tag)
        for key in list(element.attrib):
            if key.startswith(_DROPPED):
                del element.attrib[key]
            elif key.startswith("on") or "href" in key or key == "style":
                raise DrawingRefusedError(key)
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-description")
    for place, key in enumerate(("title", "description")):
        said = ElementTree.Element(
            f"{{{SVG}}}{'desc' if key == 'description' else key}", {"id": f"{name}-{key}"}
        )
        said.text = words.get(key, "")
        root.insert(place, said)
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


@cache
def _know_fonts() -> None:
    """Words are measured in the font of our documents; a page shows them in its own."""
    found = find_spec("pylopdf_fonts_zh_cn")
    if found is not None and found.origin is not None:
        vl_convert.register_font_directory(str(Path(found.origin).parent))
