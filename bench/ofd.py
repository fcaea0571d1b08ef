"""How long the OFD twin of a page takes and how large it is (版式文件), beside its PDF.

The ceiling is reading the PDF's drawing operators and packing as many bytes as come out: what no
writer that starts from the PDF can avoid. Every document has other names and numbers.
`python -m bench.ofd [documents]`.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count

import pikepdf

from bench.documents import form
from yijian.documents.ofd.package import packed, parts
from yijian.documents.ofd.reading import text_of
from yijian.documents.ofd.writing import ofd_of
from yijian.documents.typesetting import Typeset, layouts, typeset
from yijian.domain.documents import Content

DOCUMENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
NUMBERS = count(1)

Sets = list[tuple[Content, Typeset]]


def documents(layout: str, wanted: int) -> Sets:
    """So many different documents of this layout, set as PDF."""
    contents = [replace(form(next(NUMBERS)), layout=layout) for _ in range(wanted)]
    return [(content, typeset(content)) for content in contents]


def ceiling(pdf: bytes, files: dict[str, bytes]) -> None:
    """Read every operator of the PDF and pack the finished parts, with nothing in between."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            pikepdf.parse_content_stream(page)
    packed(files)


def a_page(work: Callable[[], object], pages: int) -> float:
    """Milliseconds for one page."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000 / pages


def main() -> None:
    """Measure and print, layout by layout; every twin is checked for its letters."""
    first = documents("form", 1)[0]
    cold = a_page(lambda: ofd_of(first[1].pdf, first[0]), first[1].pages)
    print(f"{DOCUMENTS} dense documents of each layout, median; the first page ever {cold:.0f} ms")
    print("| layout | pages | ceiling ms | OFD ms | read ms | PDF KB | OFD KB |\n|" + "---|" * 7)
    for layout in sorted(layouts()):
        lowest, taken, read, sizes = [], [], [], []
        for content, done in documents(layout, DOCUMENTS):
            pages, pdf = done.pages, done.pdf
            taken.append(a_page(partial(ofd_of, pdf, content), pages))
            made = ofd_of(pdf, content)
            lowest.append(a_page(partial(ceiling, pdf, parts(made)), pages))
            read.append(a_page(partial(text_of, made), pages))
            sizes.append((len(pdf) / 1024, len(made) / 1024))
            assert content.number in text_of(made)
        figures = [statistics.median(each) for each in (lowest, taken, read)]
        figures += [statistics.median(each) for each in zip(*sizes, strict=True)]
        print(
            f"| {layout} | {done.pages} | " + " | ".join(f"{each:.1f}" for each in figures) + " |"
        )


if __name__ == "__main__":
    main()
