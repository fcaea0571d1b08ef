"""Sample documents of synthetic people, one for each layout, and what can be read in a PDF."""

import re
from datetime import UTC, datetime

import pypdfium2

from yijian.domain.documents import (
    Block,
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

LAYOUTS = (
    "form",
    "register",
    "notice",
    "letter",
    "list",
    "slip",
    "receipt",
    "certificate",
    "report",
)
MADE_AT = datetime(2026, 11, 20, 2, 30, 5, tzinfo=UTC)
STROKES = (
    ((0.1, 0.1), (0.2, 0.3), (0.3, 0.1), (0.45, 0.28)),
    ((0.6, 0.05), (0.6, 0.35)),
    ((0.8, 0.2),),
)
EVERYTHING: tuple[Block, ...] = (
    Heading("一、基本情况"),
    Paragraph("申请人提出的新生儿李小满出生登记申请收悉。\n特此告知。"),
    Cells(
        "新生儿信息",
        (
            Cell("姓名", "李小满"),
            Cell("性别", "女"),
            Cell("母亲证件号码", "340103199503124526"),
            Cell("住址", "安徽省合肥市庐阳区杏花村街道", wide=True),
            Cell("民族", "汉族"),
        ),
    ),
    Ticks("户口随", (("随父亲", True), ("随母亲", False))),
    Rows(("事项", "单位"), (("出生登记", "派出所"), ("参保登记", "医疗保障局")), (2, 3)),
    Signatures(
        (
            SignedBy("母亲签名：", "王芳", STROKES, on="2026年11月20日"),
            SignedBy("父亲签名：", "李强", typed="李强", note="键入姓名代替手写"),
            SignedBy("经办人签名：", "", on="　　年　　月　　日"),
        )
    ),
    QrCode("https://yijian.invalid/verify/0123456789", "扫码核验"),
    SealPlace("合肥市妇幼保健院", "2026年11月20日"),
)


def paper(layout: str, *blocks: Block, language: str = "zh-Hans") -> Content:
    """A document of this layout with these blocks, or with one of every kind."""
    return Content(
        kind="sample",
        layout=layout,
        title="新生儿出生登记",
        number="YJ-2026-0001",
        language=language,
        blocks=blocks or EVERYTHING,
        watermark="仅用于办理出生登记 2026-11-20",
        footer="由平台生成",
        policy=("340000-anhui", "2025-04-01", "ab" * 32),
        made_at=MADE_AT,
    )


def read_in(pdf: bytes) -> str:
    """Everything that can be read in the file, as a reader copies it, page by page."""
    with pypdfium2.PdfDocument(pdf) as read:
        pages = [page.get_textpage().get_text_bounded() for page in read]
    # PDFium shows a hyphen at the end of a line as a control character.
    return "\n".join(pages).replace("\x02", "-")


def said_in(pdf: bytes) -> str:
    """The same without white space: what is said, wherever its lines end."""
    return re.sub(r"\s+", "", read_in(pdf))
