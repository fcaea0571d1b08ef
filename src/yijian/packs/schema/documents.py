"""文书: the shapes of documents.yaml."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from yijian.packs.schema.texts import BasisSchema, Cel, FactNameSchema, Id, Label, Shape, TextSchema

Layout = Literal[
    "form", "register", "notice", "letter", "list", "slip", "receipt", "certificate", "report"
]
Folder = Literal["申请材料", "受理材料", "审查材料", "办理结果", "其他"]

KINDS = ("text", "word", "facts", "official", "sheet", "listed", "qr")


class PartSchema(Shape):
    """文书的一部分, keyed by its id: exactly one of text, word, facts, official, sheet, listed, qr.

    `word` takes the text from words.yaml; `official` is a section of the official form; `sheet`
    is the whole form; `listed` is a list with `head` over its columns; `qr` is the code of the
    case's page with the sentence below it. `ticks`, `wide`, `labels` and `elsewhere` name facts or
    printed cells, `labels` sections of the form as well; `fill` gives a printed cell a fact, `say`
    words. It stands there only if `when` holds, on
    the occasions of `on`, and with `mailed: true` if the result is sent by mail.
    """

    title: TextSchema | None = None
    text: TextSchema | None = None
    word: Label | None = None
    style: Literal["body", "small", "centre"] = "body"
    facts: list[Id] = []
    official: Label | None = None
    sheet: bool = False
    ticks: list[Label] = []
    wide: list[Label] = []
    labels: dict[Label, TextSchema] = {}
    elsewhere: list[Label] = []
    fill: dict[Label, FactNameSchema] = {}
    say: dict[Label, TextSchema] = {}
    pairs: Annotated[int, Field(ge=1, le=4)] = 2
    listed: Id | None = None
    head: list[TextSchema] = []
    widths: list[Annotated[int, Field(ge=1, le=100)]] = []
    qr: TextSchema | None = None
    when: Cel | None = None
    on: list[Label] = []
    mailed: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> "PartSchema":
        if sum(bool(getattr(self, kind)) for kind in KINDS) != 1:
            raise ValueError(f"{'、'.join(KINDS)} 只写一个")
        if bool(self.head) != bool(self.listed):
            raise ValueError("清单（listed）要写表头（head），别的部分不写")
        if self.widths and len(self.widths) != len(self.head):
            raise ValueError("widths 与 head 的列数要一样")
        return self


class FiledSchema(Shape):
    """归档: the folder of the archive package, and of which item's; left out: the document's own,
    or every item of the case. A plain string is the folder."""

    folder: Folder
    item: Id | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_folder(cls, value: Any) -> Any:
        return {"folder": value} if isinstance(value, str) else value


class PaperworkSchema(Shape):
    """文书, keyed by its id.

    `on` are occasions as notices name them; none: made when somebody asks for it. With `statement`
    the title, words, rows and signers come from that paper of form.yaml. `signed: true` shows the
    signatures given with the application; without it there is room to sign. `readers` are
    `family`, `office`, `lead` or an item, whose office it is.
    """

    title: TextSchema | None = None
    layout: Layout
    on: list[Label] = []
    again: bool = True
    scope: Literal["family", "newborn", "item", "none"] = "family"
    when: Cel | None = None
    only_with: Id | None = None
    statement: Id | None = None
    parts: dict[Id, PartSchema] = {}
    order: list[Id] = []
    signed_by: dict[Id, TextSchema] = {}
    signers: bool = False
    signed: bool = False
    seal: Literal["lead", "office", "issuer", "none"] = "none"
    watermark: bool = True
    number: Annotated[str, Field(pattern=r"^[A-Z]{0,2}$")] = ""
    filed: FiledSchema | None = None
    readers: list[Id] = []
    given: list[Id] = []
    basis: BasisSchema | None = None
    decision: Label | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "PaperworkSchema":
        if self.statement is None and (self.title is None or not self.parts):
            raise ValueError("要写 title 和 parts，或者写 statement")
        return self
