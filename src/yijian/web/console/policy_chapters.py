"""章节: the chapters of a policy pack as an officer reads them, each with the values it shows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from yijian.packs.layers import file_of
from yijian.packs.schema import DocumentSchema, OfficesSchema

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One collection of a chapter, or (`alone`) one form; `only` are the keys that are shown.

    `path` leads there in the merged document; `left_out` are keys that another chapter shows.
    """

    code: str
    title: str | Promise
    path: Path
    alone: bool = False
    only: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The file in which a pack says these values."""
        return file_of(self.path)[0]

    def annotation(self) -> Any:
        """What the values are, as the schema of packs says it."""
        if self.path[0] == "offices":
            return OfficesSchema.model_fields["offices"].annotation
        here: Any = DocumentSchema
        for key in self.path:
            here = here.model_fields[key].annotation
        return here


@dataclass(frozen=True, slots=True)
class Chapter:
    """章: a part of policy that one person thinks of at once; `previews` show what it does."""

    code: str
    title: str | Promise
    about: str | Promise
    parts: tuple[Part, ...]
    previews: tuple[str, ...] = ()


TITLES = {
    "entrance": _("入口页"),
    "guide": _("“我家能不能办”"),
    "answer": _("情景导办的回答"),
    "form": _("申请表的各页"),
    "sms": _("收到的短信和消息"),
    "notice": _("一次性告知书"),
    "service": _("办事指南"),
    "staff": _("工作指引"),
    "questions": _("常见问题"),
    "messages": _("短信和消息的全部说法"),
    "dictionary": _("数据字典"),
    "chart": _("办理流程图"),
}
"""What can be previewed, by its kind."""

CHAPTERS: tuple[Chapter, ...] = (
    Chapter(
        "basic",
        _("基本信息"),
        _("叫什么、在哪里办、从哪天起、谁申请、谁先签名、整件事几天办完。"),
        (
            Part(
                "pack",
                _("基本信息"),
                ("pack",),
                alone=True,
                left_out=("switches", "code", "base", "runs"),
            ),
        ),
        ("entrance",),
    ),
    Chapter(
        "guide",
        _("情景导办"),
        _("家长一条条对照的情况：符合的一句话、不符合的一句话、不符合怎么办。"),
        (
            Part(
                "situations",
                _("情况"),
                ("rules",),
                only=("title", "met", "failed", "way_on", "repair"),
            ),
        ),
        ("guide", "answer", "notice"),
    ),
    Chapter(
        "items",
        _("事项"),
        _("联办哪几项，先后顺序，交给哪类机构，只交哪些信息，不通过怎么办。"),
        (Part("items", _("事项"), ("items",), left_out=("limits", "materials")),),
        ("entrance", "service"),
    ),
    Chapter(
        "limits",
        _("时限"),
        _("每一项几个工作日，从哪天起，依据哪一条；整件事的承诺在“基本信息”。"),
        (Part("limits", _("各项时限"), ("items",), only=("limits",)),),
        ("service",),
    ),
    Chapter(
        "materials",
        _("材料"),
        _("每一项要什么材料，哪些免提交，什么情况才要。"),
        (Part("materials", _("各项材料"), ("items",), only=("materials",)),),
        ("service", "notice"),
    ),
    Chapter(
        "rules",
        _("规则"),
        _("谁能在线上一次办：每条规则只判断一个条件，都有依据和出路。"),
        (Part("rules", _("规则"), ("rules",)),),
        ("guide", "answer"),
    ),
    Chapter(
        "form",
        _("申请表"),
        _("家长看到的每一页、每一段、每一格；能共享的不填，只留真要填的。"),
        (
            Part("pages", _("页"), ("pages",)),
            Part("sections", _("段和格"), ("sections",)),
            Part("official", _("纸质表的格子"), ("official",)),
            Part("statements", _("另签的文书"), ("statements",)),
            Part("facts", _("信息项"), ("facts",)),
            Part("codes", _("代码表"), ("code_lists",)),
            Part("registers", _("共享数据来源"), ("registers",)),
        ),
        ("form",),
    ),
    Chapter(
        "words",
        _("词句与通知"),
        _("页面上的说法，短信和消息：什么时候、发给谁、说什么。"),
        (
            Part("notices", _("短信和消息"), ("notices",)),
            Part("words", _("词句"), ("words",)),
        ),
        ("messages", "sms"),
    ),
    Chapter(
        "delivery",
        _("送达与纸质"),
        _("每项结果怎么到家长手里、带什么、谁出钱；纸质证照由谁保管。"),
        (
            Part("delivery", _("送达"), ("delivery",)),
            Part("custody", _("纸质证照保管"), ("custody",)),
        ),
        ("notice",),
    ),
    Chapter(
        "offices",
        _("办理机构"),
        _("机构的种类和名录：管哪里、电话、地址、从哪个渠道收办件。"),
        (
            Part("kinds", _("机构种类"), ("office_kinds",)),
            Part("offices", _("机构名录"), ("offices",)),
        ),
    ),
    Chapter(
        "switches",
        _("开关"),
        _("还没有开通的：哪些事项、哪些地方、从哪天到哪天，家长看到什么话。"),
        (Part("switches", _("开关"), ("pack", "switches")),),
        ("entrance",),
    ),
    Chapter(
        "documents",
        _("文书与证照"),
        _("开出哪些文书和证照，上面写什么，谁签名盖章，归到哪里。"),
        (
            Part("paperwork", _("文书"), ("paperwork",)),
            Part("certificates", _("证照"), ("certificates",)),
            Part("fetched", _("可调用的证照"), ("fetched",)),
        ),
    ),
    Chapter(
        "sources",
        _("依据"),
        _("文件、条款和决定：每个值都要指到这里的一条。"),
        (
            Part("sources", _("文件"), ("documents",)),
            Part("decisions", _("决定"), ("decisions",)),
        ),
    ),
)


def previews(within: Chapter) -> list[tuple[str, str | Promise]]:
    """The previews that show what a chapter does, with their titles."""
    return [(kind, TITLES[kind]) for kind in within.previews]


def chapter(code: str) -> Chapter | None:
    """The chapter of this code."""
    return next((one for one in CHAPTERS if one.code == code), None)


def part_of(within: Chapter, code: str) -> Part | None:
    """The part of a chapter."""
    return next((one for one in within.parts if one.code == code), None)


def homes() -> Iterator[tuple[Chapter, Part]]:
    """Every part with its chapter, the most particular ones first."""
    found = [(one, part) for one in CHAPTERS for part in one.parts]
    yield from sorted(found, key=lambda pair: (not pair[1].only, -len(pair[1].path)))


def home_of(path: Iterable[object]) -> tuple[Chapter, Part] | None:
    """The chapter and part that show the value at `path` of the merged document."""
    steps = [str(step) for step in path]
    for one, part in homes():
        depth = len(part.path)
        if tuple(steps[:depth]) != part.path:
            continue
        key = steps[depth + (0 if part.alone else 1) :][:1]
        if part.only and (not key or key[0] not in part.only or one.code == "guide"):
            continue
        if key and key[0] in part.left_out:
            continue
        return one, part
    return None
