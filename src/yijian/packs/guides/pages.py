"""版面: a guide as headings, lines, tables and drawings, printed as text or as a page for A4."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

STYLE = """
body{font:16px/1.6 "Noto Serif CJK SC","Songti SC",serif;max-width:46em;margin:2em auto;
padding:0 1em;color:#1a1a1a}
h1{font-size:1.5em;margin:0 0 .2em}
h2{font-size:1.15em;margin:1.6em 0 .3em;border-bottom:1px solid #999}
h3{font-size:1em;margin:1em 0 .1em}ul{margin:.2em 0;padding-left:1.3em}li{margin:.1em 0}
table{border-collapse:collapse;width:100%;font-size:.9em;margin:.4em 0}
th,td{border:1px solid #999;padding:.2em .45em;text-align:left;vertical-align:top}
th{background:#f2f2f2;font-weight:600}
svg{max-width:100%;height:auto}
footer{margin-top:2em;font-size:.85em;color:#555}
@page{size:A4;margin:18mm}
@media print{body{margin:0;max-width:none;font-size:11pt}h2,h3{break-after:avoid}
tr,svg{break-inside:avoid}}
"""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with what stands under it; level 1 is a part, 2 something inside it.

    `drawing` is an SVG picture; whatever it shows is also said in the lines or the table.
    """

    level: int
    heading: str
    lines: tuple[str, ...] = ()
    table: Table | None = None
    drawing: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """指南: one printable paper made from a pack, in one language."""

    title: str
    subtitle: str
    parts: tuple[Part, ...]
    footer: str
    language: str


def as_text(guide: Guide) -> str:
    """The guide as plain text that is also Markdown."""
    return "\n".join([*_text_lines(guide), "", guide.footer, ""])


def _text_lines(guide: Guide) -> Iterator[str]:
    yield f"# {guide.title}"
    yield ""
    yield guide.subtitle
    for part in guide.parts:
        yield ""
        yield f"{'#' * (part.level + 1)} {part.heading}"
        if part.lines:
            yield ""
            for line in part.lines:
                yield f"- {_one_line(line)}"
        if part.table is not None:
            yield ""
            yield _row(part.table.head)
            yield _row(tuple("---" for _ in part.table.head))
            for row in part.table.rows:
                yield _row(row)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(_one_line(cell).replace('|', '｜') for cell in cells)} |"


def _one_line(text: str) -> str:
    return " ".join(text.split("\n")) if "\n" in text else text


def body_html(guide: Guide) -> str:
    """What stands between the frame of a page: heading, parts, footer. Everything is escaped."""
    return "\n".join(_html_lines(guide))


def _html_lines(guide: Guide) -> Iterator[str]:
    yield f"<h1>{escape(guide.title)}</h1>"
    yield f"<p>{escape(guide.subtitle)}</p>"
    for part in guide.parts:
        tag = f"h{part.level + 1}"
        yield f"<{tag}>{escape(part.heading)}</{tag}>"
        if part.drawing:
            yield f"<figure>{part.drawing}</figure>"
        if part.lines:
            lines = "".join(f"<li>{_broken(line)}</li>" for line in part.lines)
            yield f"<ul>{lines}</ul>"
        if part.table is not None:
            yield _html_table(part.table)
    yield f"<footer>{escape(guide.footer)}</footer>"


def _html_table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_broken(cell)}</td>" for cell in row) + "</tr>"
        for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _broken(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def as_html(guide: Guide) -> str:
    """The guide as one self-contained page, made for A4 paper."""
    lang = "zh-Hans" if guide.language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(guide.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"{body_html(guide)}\n</main>\n</body>\n</html>\n"
    )
