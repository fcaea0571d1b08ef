"""Documents: when they are due, what each of them says, and that it says it again exactly."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.domain.cast import (
    NOW,
    PAGES,
    context,
    field,
    filled,
    later,
    submitted,
    when,
    words,
)
from yijian.domain.applying import open_signing
from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.document_specs import DocumentPart, DocumentSpec, Filed
from yijian.domain.documents import (
    Cell,
    Cells,
    Content,
    Paragraph,
    QrCode,
    Rows,
    SealPlace,
    Signatures,
    SignedBy,
    Ticks,
)
from yijian.domain.events import Event
from yijian.domain.facts import Fact, Origin
from yijian.domain.forms import FormSection, Statement
from yijian.domain.handling import OfficeDecision, decide
from yijian.domain.history import apply_all
from yijian.domain.paperwork import (
    DueDocument,
    content_of,
    due_documents,
    report_of,
    requested,
    roles_signing,
)
from yijian.domain.paperwork_blocks import strokes_of
from yijian.domain.policy import CodeList
from yijian.domain.roles import Role
from yijian.domain.states import TaskState
from yijian.domain.wording import Text

ROLES = {
    "mother": Role("mother", words("妈妈"), words("妈妈")),
    "father": Role("father", words("爸爸"), words("爸爸")),
}


def spec(id_: str = "notice", **more: object) -> DocumentSpec:
    defaults: dict[str, object] = {
        "id": id_,
        "title": Text("通知", "Notice"),
        "layout": "notice",
        "on": (),
        "again": True,
        "scope": "family",
        "parts": (),
        "seal": "none",
        "watermark": True,
        "number": "",
        "readers": ("family",),
        "filed": Filed("其他"),
    }
    return DocumentSpec(**{**defaults, **more})  # type: ignore[arg-type]


def part(id_: str = "one", **more: object) -> DocumentPart:
    return DocumentPart(id_, **more)  # type: ignore[arg-type]


def scheme(*specs: DocumentSpec, **more: object) -> Context:
    return context(documents={s.id: s for s in specs}, roles=ROLES, **more)


def the_one(ctx: Context, case: Case, kind: str = "notice", **more: object) -> Content:
    (due,) = requested(kind, case, ctx, NOW)
    return content_of(due, case, ctx, NOW, **more)  # type: ignore[arg-type]


def office_says(case: Case, state: TaskState, ctx: Context, **more: object) -> list[Event]:
    decision = OfficeDecision(state, **more)  # type: ignore[arg-type]
    return decide(case, ("certificate", 1), decision, "officer", ctx, NOW)


def blocks(content: Content, kind: type) -> list[object]:
    return [block for block in content.blocks if isinstance(block, kind)]


def test_a_document_is_due_when_its_occasion_comes_and_not_before() -> None:
    ctx = scheme(spec(on=("signing_opened",)))
    case = filled(ctx=ctx)
    events = open_signing(case, "mother", ctx, NOW)
    assert due_documents(case, [], ctx, NOW) == ()
    (due,) = due_documents(apply_all(case, events), events, ctx, NOW)
    assert due == DueDocument("notice", "signing_opened", NOW, "notice::0", "N1", office=None)


def test_a_document_of_an_item_is_about_the_task_of_the_event_and_answered_for_by_its_office() -> (
    None
):
    ctx = scheme(spec(on=("task_moved:*:accepted",), scope="item", number="B", seal="office"))
    case = submitted(ctx=ctx)
    events = office_says(case, TaskState.ACCEPTED, ctx)
    case = apply_all(case, events)
    (due,) = due_documents(case, events, ctx, NOW)
    assert (due.about, due.number, due.office) == ("notice:certificate:1", "N1-B011", "H01")
    content = content_of(due, case, ctx, NOW)
    assert content.blocks == (SealPlace("医院", "2026年11月20日"),)


def test_every_newborn_has_a_document_of_its_own_where_the_pack_says_so() -> None:
    ctx = scheme(spec(scope="newborn", parts=(part(facts=("newborn_name",)),)))
    case = submitted(2, ctx)
    made = [content_of(due, case, ctx, NOW) for due in requested("notice", case, ctx, NOW)]
    assert [c.blocks for c in made] == [
        (Cells("", (Cell("newborn_name", "李小一"),)),),
        (Cells("", (Cell("newborn_name", "李小二"),)),),
    ]


@pytest.mark.parametrize(("holds", "due"), [(True, 1), (False, 0), (None, 0)])
def test_a_document_with_a_condition_is_due_only_if_it_is_known_to_hold(
    holds: bool | None, due: int
) -> None:
    ctx = scheme(spec(when=when("mother_name", that=lambda known: holds)))
    case = submitted(ctx=ctx)
    if holds is None:
        case = replace(
            case, verified={k: v for k, v in case.verified.items() if k[0] != "mother_name"}
        )
    assert len(requested("notice", case, ctx, NOW)) == due


def test_a_document_that_needs_a_list_is_not_made_of_an_empty_one() -> None:
    ctx = scheme(
        spec(only_with="reasons", parts=(part(listed="reasons", head=(words("甲"),) * 4),))
    )
    case = submitted(ctx=ctx)
    assert requested("notice", case, ctx, NOW) == ()
    refused = apply_all(
        case, office_says(case, TaskState.DECLINED, ctx, reason="x", reason_text="没有记录")
    )
    (rows,) = blocks(the_one(ctx, refused), Rows)
    assert isinstance(rows, Rows)
    assert rows.rows == (("certificate", "没有记录", "", ""),)


def test_what_an_office_wants_corrected_stands_on_one_sheet_with_what_is_there_and_why() -> None:
    ctx = scheme(
        spec(
            on=("task_moved:*:correction_needed",),
            scope="item",
            parts=(part(listed="corrections", head=(words("甲"),) * 4),),
        )
    )
    case = submitted(ctx=ctx)
    for state in (TaskState.ACCEPTED, TaskState.IN_REVIEW):
        case = apply_all(case, office_says(case, state, ctx))
    events = office_says(
        case,
        TaskState.CORRECTION_NEEDED,
        ctx,
        reason="x",
        reason_text="看不清",
        correct=("newborn_name", "follows"),
    )
    case = apply_all(case, events)
    (due,) = due_documents(case, events, ctx, NOW)
    (rows,) = blocks(content_of(due, case, ctx, NOW), Rows)
    assert isinstance(rows, Rows)
    assert rows.rows == (
        ("certificate", "newborn_name", "李小一", "看不清"),
        ("certificate", "follows", "父", "看不清"),
    )


def test_the_words_of_a_document_name_facts_and_the_case_and_leave_room_for_the_unknown() -> None:
    ctx = scheme(
        spec(parts=(part(text=words("{case_number} {mother_name} {certificate_number}\n二")),))
    )
    content = the_one(ctx, submitted(ctx=ctx))
    assert content.blocks == (Paragraph("N1 王芳 ________"), Paragraph("二"))


@pytest.mark.parametrize("name", ["{mother_name}", "#strong[x]", "古丽·艾山江", "‮abc", "%s\\"])
def test_a_name_is_printed_as_it_was_given_whatever_it_looks_like(name: str) -> None:
    ctx = scheme(spec(parts=(part(text=words("宝宝{newborn_name}")),)))
    case = submitted(ctx=ctx)
    named = {**case.answers, ("newborn_name", 1): Fact(name, Origin.DECLARED, "mother", NOW)}
    assert the_one(ctx, replace(case, answers=named)).blocks == (Paragraph(f"宝宝{name}"),)


def test_the_same_case_and_moment_say_the_same_again() -> None:
    ctx = scheme(spec(parts=(part(sheet=True),), signers=True, signed=True))
    case = submitted(2, ctx)
    assert the_one(ctx, case) == the_one(ctx, case)
    assert the_one(ctx, case).made_at == NOW
    assert the_one(ctx, case).policy == ("test", "1", "d" * 64)


def test_the_official_form_keeps_its_own_order_and_its_cells_without_a_field_stay_blank() -> None:
    ctx = scheme(
        spec(
            layout="form",
            parts=(
                part(
                    official="婴儿",
                    title=words("婴儿信息"),
                    ticks=("随谁",),
                    wide=("备注",),
                    labels={"姓名": words("宝宝姓名")},
                    elsewhere=("签名",),
                ),
            ),
        ),
        official={
            "婴儿·随谁": "follows",
            "父母·姓名": "mother_name",
            "婴儿·姓名": "newborn_name",
            "婴儿·备注": "D1",
            "婴儿·签名": "D1",
        },
    )
    assert the_one(ctx, submitted(ctx=ctx)).blocks == (
        Cells(
            "婴儿信息",
            (
                Ticks("随谁", (("父", True), ("母", False))),
                Cell("宝宝姓名", "李小一"),
                Cell("备注", "", wide=True),
            ),
        ),
    )


def test_a_cell_that_a_decision_left_open_can_be_filled_by_a_fact_or_by_words() -> None:
    ctx = scheme(
        spec(
            parts=(part(official="甲", fill={"妈妈": "mother_name"}, say={"备注": words("自取")}),)
        ),
        official={"甲·妈妈": "D1", "甲·备注": "D1"},
    )
    cells = Cells("", (Cell("妈妈", "王芳"), Cell("备注", "自取")))
    assert the_one(ctx, submitted(ctx=ctx)).blocks == (cells,)


def test_a_cell_of_the_official_form_that_the_family_was_never_asked_stays_blank() -> None:
    hidden = field("station", shown=when("follows", that=lambda f: f["follows"] == "mother"))
    ctx = scheme(
        spec(parts=(part(official="甲"),)),
        official={"甲·派出所": "station", "甲·妈妈": "mother_name"},
        form=(FormSection("s", words("段"), PAGES[0].id, (hidden, field("newborn_name"))),),
    )
    cells = Cells("", (Cell("派出所", ""), Cell("妈妈", "王芳")))
    assert the_one(ctx, submitted(ctx=ctx)).blocks == (cells,)


def test_twins_have_a_grid_each_and_shared_cells_are_numbered() -> None:
    ctx = scheme(
        spec(
            parts=(
                part(facts=("newborn_name", "newborn_sex")),
                part("two", facts=("newborn_name", "follows")),
            )
        ),
    )
    first, second, mixed = the_one(ctx, submitted(2, ctx)).blocks
    assert (first, second) == (
        Cells("（一）", (Cell("newborn_name", "李小一"), Cell("newborn_sex", "2"))),
        Cells("（二）", (Cell("newborn_name", "李小二"), Cell("newborn_sex", "2"))),
    )
    assert isinstance(mixed, Cells)
    assert [c.label for c in mixed.cells] == ["newborn_name（一）", "newborn_name（二）", "follows"]


def test_a_family_with_one_newborn_has_nothing_numbered() -> None:
    ctx = scheme(spec(parts=(part(facts=("newborn_name", "follows")),)))
    cells = Cells("", (Cell("newborn_name", "李小一"), Cell("follows", "父")))
    assert the_one(ctx, submitted(ctx=ctx)).blocks == (cells,)


def test_the_whole_form_stands_section_by_section_as_it_was_filled_in() -> None:
    ctx = scheme(spec(parts=(part(sheet=True, labels={"baby": words("新生儿信息")}),)))
    assert the_one(ctx, submitted(ctx=ctx)).blocks == (
        Cells("新生儿信息", (Cell("newborn_name", "李小一"),)),
        Cells("落户", (Cell("follows", "父"),)),
    )


def test_signatures_stand_only_on_what_was_shown_when_they_were_given() -> None:
    shown = spec(signers=True, signed=True)
    other = spec("other", signed_by={"mother": words("领证人")})
    ctx = scheme(shown, other)
    case = submitted(ctx=ctx)
    case = replace(case, drawings={"mother": "200x100|0,0 100,50|200,100"})
    (signatures,) = the_one(ctx, case).blocks
    assert isinstance(signatures, Signatures)
    mother, father = signatures.signed_by
    assert mother.strokes == (((0.0, 0.0), (0.5, 0.25)), ((1.0, 0.5),))
    assert (mother.title, mother.name, mother.on) == ("妈妈签名", "王芳", "2026年11月20日")
    assert (father.typed, father.note) == ("", "键入姓名签名")
    assert the_one(ctx, case, "other").blocks == (Signatures((SignedBy("领证人", "王芳"),)),)


def test_before_anybody_has_signed_there_is_room_for_it() -> None:
    ctx = scheme(spec(signers=True, signed=True))
    case = filled(ctx=ctx)
    (signatures,) = the_one(ctx, case).blocks
    assert signatures == Signatures((SignedBy("妈妈签名", "王芳"), SignedBy("爸爸签名", "")))
    assert roles_signing("notice", case, ctx, NOW) == ("mother", "father")


def test_a_signature_of_an_earlier_form_is_not_shown_on_the_new_one() -> None:
    ctx = scheme(spec(signers=True, signed=True))
    case = submitted(ctx=ctx)
    (signatures,) = the_one(ctx, replace(case, form_version=case.form_version + 1)).blocks
    assert isinstance(signatures, Signatures)
    assert {signed.on for signed in signatures.signed_by} == {""}


@pytest.mark.parametrize("drawing", ["", "x", "0x0|1,1", "200x100", "axb|1,2"])
def test_a_drawing_that_is_none_leaves_no_strokes(drawing: str) -> None:
    assert strokes_of(drawing) == ()


def test_a_paper_beside_the_form_is_due_only_where_it_applies_and_has_its_own_signers() -> None:
    statement = Statement(
        "paper", words("声明"), ("father",), words("{mother_name}同意"), ("newborn_name",),
        field("follows").basis, when("follows", that=lambda f: f["follows"] == "mother"),
    )  # fmt: skip
    ctx = scheme(spec(statement="paper", signed=True), statements=(statement,))
    case = submitted(ctx=ctx)
    assert requested("notice", case, ctx, NOW) == ()
    answers = {**case.answers, ("follows", 0): Fact("mother", Origin.DECLARED, "mother", NOW)}
    case = replace(case, answers=answers)
    assert roles_signing("notice", case, ctx, NOW) == ("father",)
    words_of, cells, signed = the_one(ctx, case).blocks
    assert words_of == Paragraph("王芳同意")
    assert cells == Cells("", (Cell("newborn_name", "李小一"),))
    assert isinstance(signed, Signatures)


def test_a_part_for_one_occasion_is_left_out_on_others() -> None:
    ctx = scheme(
        spec(on=("signed", "signing_opened"), parts=(part(text=words("好"), on=("signed",)),))
    )
    case = submitted(ctx=ctx)
    due = DueDocument("notice", "signed", NOW, "", "")
    assert content_of(due, case, ctx, NOW).blocks == (Paragraph("好"),)
    assert content_of(replace(due, occasion="signing_opened"), case, ctx, NOW).blocks == ()


def test_a_part_with_a_condition_stands_only_where_it_is_known_to_hold() -> None:
    ctx = scheme(spec(parts=(part(text=words("好"), when=when("nobody", that=lambda f: True)),)))
    assert the_one(ctx, submitted(ctx=ctx)).blocks == ()


def test_the_watermark_says_who_when_and_what_for_in_the_words_of_the_pack() -> None:
    mark = {"document_watermark": words("{purpose} {applicant} {date}")}
    ctx = scheme(spec(), spec("plain", watermark=False), words=mark, watermark=words("专用"))
    case = submitted(ctx=ctx)
    assert the_one(ctx, case).watermark == "专用 王芳 2026年11月20日"
    assert the_one(ctx, case, "plain").watermark == ""


def test_the_code_leads_to_the_page_of_the_case_and_needs_an_address() -> None:
    ctx = scheme(spec(parts=(part(qr=words("查询 {case_number}")),)))
    case = submitted(ctx=ctx)
    page = "https://example.cn/my/cases/N1/"
    assert the_one(ctx, case, link=page).blocks == (QrCode(page, "查询 N1"),)
    assert the_one(ctx, case).blocks == ()


def test_in_english_days_and_words_are_english() -> None:
    ctx = scheme(spec(parts=(part(text=Text("于{newborn_born_at}", "on {newborn_born_at}")),)))
    content = the_one(ctx, submitted(ctx=ctx), language="en")
    assert (content.title, content.language) == ("Notice", "en")
    assert content.blocks == (Paragraph("on 18 November 2026 03:27"),)


def test_a_place_is_called_by_its_name_and_an_office_by_its_title() -> None:
    facts = dict(context().pack.facts)
    facts["station"] = replace(facts["station"], code_list="division")
    facts["home_station"] = replace(facts["mother_name"], title=words("派"))
    ctx = scheme(spec(parts=(part(facts=("station", "home_station")),)), facts=facts)
    case = submitted(ctx=ctx)
    known = Fact("P01", Origin.DECLARED, "mother", NOW)
    case = replace(case, answers={**case.answers, ("home_station", 0): known})
    (cells,) = the_one(ctx, case, places={"P01": "合肥市"}).blocks
    assert isinstance(cells, Cells)
    assert cells.cells == (Cell("station", "合肥市"), Cell("派", "派出所"))


def test_choices_of_items_are_those_of_the_pack_alone() -> None:
    listed = CodeList(
        "item", {"certificate": words("证"), "card": words("卡"), "other": words("x")}
    )
    facts = dict(context().pack.facts)
    facts["chosen_items"] = replace(facts["follows"], title=words("选"), code_list="item")
    ctx = scheme(
        spec(parts=(part(facts=("chosen_items",), ticks=("chosen_items",)),)),
        facts=facts,
        code_lists={**context().pack.code_lists, "item": listed},
    )
    (cells,) = the_one(ctx, submitted(ctx=ctx, items=("certificate",))).blocks
    assert cells == Cells("", (Ticks("选", (("证", True), ("卡", False))),))


def test_a_long_value_takes_a_line_of_its_own() -> None:
    sections = (FormSection("s", words("段"), PAGES[0].id, (field("newborn_name"),)),)
    ctx = scheme(spec(parts=(part(sheet=True),)), form=sections)
    case = submitted(ctx=ctx)
    name = "古丽巴哈尔·阿不都热合曼·买买提"
    long = {**case.answers, ("newborn_name", 1): Fact(name, Origin.DECLARED, "m", NOW)}
    assert the_one(ctx, replace(case, answers=long)).blocks == (
        Cells("段", (Cell("newborn_name", name, wide=True),)),
    )


def test_a_document_of_no_case_is_made_of_what_it_is_given() -> None:
    report = spec(
        "report",
        scope="none",
        seal="lead",
        given=("month", "rows"),
        title=words("{month}月报"),
        parts=(part(text=words("{month}")), part("two", listed="rows", head=(words("甲"),))),
    )
    ctx = scheme(report)
    given: dict[str, str | tuple[tuple[str, ...], ...]]
    given = {"month": "十一月", "rows": (("一",), ("二",))}
    content = report_of("report", ctx.pack, given, NOW, office="医院")
    assert content.title == "十一月月报"
    assert content.blocks == (
        Paragraph("十一月"),
        Rows(("甲",), (("一",), ("二",))),
        SealPlace("医院", "2026年11月20日"),
    )
    with pytest.raises(KeyError, match="rows"):
        report_of("report", ctx.pack, {"month": "十一月"}, NOW)


def test_a_document_asked_for_again_is_about_the_same_and_only_its_moment_differs() -> None:
    ctx = scheme(spec())
    case = submitted(ctx=ctx)
    (first,) = requested("notice", case, ctx, NOW)
    (second,) = requested("notice", case, ctx, later(days=1))
    assert replace(second, at=NOW) == first
    assert second.at - first.at == timedelta(days=1)
