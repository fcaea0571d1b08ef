"""How long a page of a document takes (排版), beside the compiler's own ceiling in the same run.

The ceiling is the same compiler setting an empty page with the same fonts and standards, so what
lies above it is what the document says. Every round sets other names and numbers: nothing is served
from what was set before. `python -m bench.documents [documents]`.
"""

from __future__ import annotations

import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import typst

from yijian.documents import glyphs
from yijian.documents.typesetting import STANDARDS, layouts, typeset
from yijian.domain.documents import (
    Cell,
    Cells,
    Content,
    Heading,
    Paragraph,
    QrCode,
    Rows,
    SealPlace,
    Signatures,
    SignedBy,
    Ticks,
)

ROUNDS = 3
DOCUMENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
BEGUN = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
SURNAMES, GIVEN = "王李张刘陈杨黄赵吴周", "芳敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂"
EMPTY = b'#set document(title: "x")\n#set page(paper: "a4")\n#set text(font: "Noto Serif SC")\n'


def form(number: int) -> Content:
    """A dense application form: sixty cells, choices, a declaration, two signatures, a seal."""
    who = SURNAMES[number % 10] + GIVEN[number % 20] + GIVEN[number * 7 % 20]
    people = tuple(
        Cells(title, tuple(Cell(f"{title[:2]}第{n}项", f"{who}{number}-{n}") for n in range(18)))
        for title in ("新生儿信息", "母亲信息", "父亲信息")
    )
    stroke = tuple((0.05 + n / 60, 0.15 + (n * number % 13) / 100) for n in range(50))
    return Content(
        kind="bench",
        layout="form",
        title="新生儿出生“一件事”联办申请表",
        number=f"YJ-{number:08}",
        language="zh-Hans",
        blocks=(
            *people,
            Ticks("办理事项", tuple((f"第{n}项事项", n % 2 == 0) for n in range(8))),
            Rows(("材料", "份数"), tuple((f"材料{n}", "1") for n in range(4)), (4, 1)),
            Heading("申请人承诺"),
            Paragraph("所填写的内容和提交的材料真实、准确、完整，如有不实，愿意承担责任。" * 3),
            Signatures((SignedBy("母亲签名：", who, (stroke,)), SignedBy("父亲签名：", who))),
            QrCode(f"https://yijian.invalid/verify/{number:032}", "扫码核验"),
            SealPlace("合肥市妇幼保健院", "2026年11月20日"),
        ),
        watermark=f"仅用于办理出生“一件事” {number}",
        footer="由平台生成",
        policy=("bench", "1", "0" * 64),
        made_at=BEGUN + timedelta(seconds=number),
    )


def pages(numbers: Iterator[int], wanted: str, count: int) -> int:
    """Set so many documents of this layout; how many pages they had."""
    return sum(typeset(replace(form(next(numbers)), layout=wanted)).pages for _ in range(count))


def empty_pages(compiler: typst.Compiler, numbers: Iterator[int], count: int) -> int:
    """The same compiler with nothing to say; the date makes every page another one."""
    for _ in range(count):
        pdf = compiler.compile(
            input=EMPTY,
            sys_inputs={"n": str(next(numbers))},
            format="pdf",
            pdf_standards=STANDARDS,
            timestamp=BEGUN + timedelta(seconds=next(numbers)),
        )
        assert isinstance(pdf, bytes)
    return count


def milliseconds(work: Callable[[], int]) -> tuple[float, float]:
    """Wall time and processor time of one page; the second hardly minds a busy machine."""
    begun, cpu = time.perf_counter(), time.process_time()
    done = work()
    return (time.perf_counter() - begun) * 1000 / done, (time.process_time() - cpu) * 1000 / done


def main() -> None:
    """Measure and print; documents of every layout and empty pages, turn and turn about."""
    numbers = iter(range(1, sys.maxsize))
    cold, _ = milliseconds(lambda: pages(numbers, "form", 1))
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in glyphs.font_folders(None)],
    )
    compiler = typst.Compiler(font_paths=fonts)
    empty_pages(compiler, numbers, 3)
    taken: dict[str, list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        taken.setdefault("an empty page (ceiling)", []).append(
            milliseconds(lambda: empty_pages(compiler, numbers, DOCUMENTS))
        )
        for name in sorted(layouts()):
            taken.setdefault(name, []).append(
                milliseconds(partial(pages, numbers, name, DOCUMENTS // 3))
            )
    print(
        f"dense documents of all layouts; median of {ROUNDS} rounds; first page ever {cold:.0f} ms"
    )
    taken["two threads, form"] = [milliseconds(lambda: _threads(2))]
    print("| | ms a page | processor ms a page |\n|---|---|---|")
    for name, values in taken.items():
        wall, cpu = (statistics.median(each[n] for each in values) for n in (0, 1))
        print(f"| {name} | {wall:.1f} | {cpu:.1f} |")
    print(f"memory at the end: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _threads(count: int) -> int:
    done: list[int] = []

    def work(first: int) -> None:
        done.append(pages(iter(range(first, sys.maxsize)), "form", DOCUMENTS))

    threads = [threading.Thread(target=work, args=(10**7 * n,)) for n in range(1, count + 1)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sum(done)


if __name__ == "__main__":
    main()
