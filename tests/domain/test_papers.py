"""Papers beside the form, steps that only some families need, answers asked late, schemes."""

from dataclasses import replace

import pytest

from tests.domain.cast import (
    BASIS,
    FORM,
    NOW,
    PAGES,
    context,
    draft,
    field,
    filled,
    rule,
    verified,
    when,
    words,
)
from yijian.domain.applying import (
    choose_scheme,
    give_consent,
    live_checked,
    open_signing,
    register_answered,
    save_answers,
    sign,
)
from yijian.domain.cases import Case, CheckState
from yijian.domain.context import Context, RefusedError
from yijian.domain.eligibility import Answer
from yijian.domain.forms import FormSection, Statement
from yijian.domain.history import apply_all
from yijian.domain.journey import Page, next_place
from yijian.domain.papers import papers_of, signed_digest
from yijian.domain.policy import CodeList, FactKind, FactType, Scope
from yijian.domain.roles import SigningStep
from yijian.domain.signing import next_signers, required_steps, text_digest
from yijian.domain.states import Stage, TaskState
from yijian.domain.statuses import status_text
from yijian.domain.wording import Text

DIFFER = when("group", "other_group", that=lambda f: f["group"] != f["other_group"])
GROUPS = CodeList("groups", {"01": Text("汉族", "Han"), "02": Text("蒙古族", "Mongol")})


def _fact(name: str, register: str | None = "hukou", code_list: str | None = None) -> FactType:
    return FactType(
        name,
        FactKind.CODE if code_list else FactKind.TEXT,
        Scope.FAMILY,
        words(name),
        register=register,
        code_list=code_list,
    )


FACTS = {
    **context().pack.facts,
    "group": _fact("group", code_list="groups"),
    "other_group": _fact("other_group", code_list="groups"),
    "said": _fact("said", None),
}
ETHNICITY = Statement(
    "ethnicity",
    words("确认民族成份"),
    ("mother", "father"),
    Text(
        "{mother_name}（{group}）与配偶为{newborn_name}确认。", "{mother_name} for {newborn_name}."
    ),
    ("mother_name", "newborn_name"),
    BASIS,
    DIFFER,
)
LETTER = replace(ETHNICITY, id="letter", signed_by=("mother",), when=None)
SCHEME = context(
    facts=FACTS,
    code_lists={**context().pack.code_lists, "groups": GROUPS},
    statements=(ETHNICITY, LETTER),
    signing=(
        SigningStep("mother", False, (), words("签"), BASIS),
        SigningStep("father", False, ("mother",), words("签"), BASIS, DIFFER),
    ),
)


def family(mine: str, other: str, babies: int = 1, ctx: Context = SCHEME) -> Case:
    case = filled(babies, ctx)
    groups = [("group", 0, mine), ("other_group", 0, other)]
    return apply_all(case, register_answered(case, "hukou", CheckState.FOUND, groups, NOW))


def signing(case: Case, ctx: Context = SCHEME) -> Case:
    return apply_all(case, open_signing(case, "mother", ctx, NOW))


def test_a_mother_alone_signs_where_nothing_needs_the_father():
    case = signing(family("01", "01"))
    assert [step.role for step in required_steps(case, SCHEME, NOW)] == ["mother"]
    case = apply_all(case, sign(case, "mother", "s", "typed", SCHEME, NOW))
    assert case.stage is Stage.SUBMITTED


def test_both_sign_where_a_condition_asks_for_both():
    case = signing(family("01", "02"))
    case = apply_all(case, sign(case, "mother", "s", "typed", SCHEME, NOW))
    assert case.stage is Stage.SIGNING
    assert [step.role for step in next_signers(case, SCHEME, NOW)] == ["father"]
    case = apply_all(case, give_consent(case, "father", "notice", "n", NOW))
    case = apply_all(case, sign(case, "father", "s", "typed", SCHEME, NOW))
    assert case.stage is Stage.SUBMITTED


def test_a_condition_nobody_can_judge_yet_asks_for_the_signature():
    case = filled(1, SCHEME)
    assert [step.role for step in required_steps(case, SCHEME, NOW)] == ["mother", "father"]


def test_a_paper_that_names_a_role_makes_that_role_sign():
    never = replace(SCHEME.pack.signing[1], when=when(that=lambda f: False))
    paper = replace(ETHNICITY, when=None)
    pack = replace(SCHEME.pack, signing=(SCHEME.pack.signing[0], never))
    alone, both = (
        replace(SCHEME, pack=replace(pack, statements=given)) for given in ((LETTER,), (paper,))
    )
    case = family("01", "01")
    assert [step.role for step in required_steps(case, alone, NOW)] == ["mother"]
    assert [step.role for step in required_steps(case, both, NOW)] == ["mother", "father"]


def test_a_paper_names_the_family_and_every_child_in_both_languages():
    (paper, letter) = papers_of(family("01", "02", babies=2), SCHEME, NOW)
    assert paper.text == Text(
        "王芳（汉族）与配偶为李小一、李小二确认。", "王芳 for 李小一, 李小二."
    )
    assert [(row.subject, row.value.zh) for row in paper.rows] == [
        (0, "王芳"),
        (1, "李小一"),
        (2, "李小二"),
    ]
    assert letter.id == "letter"


def test_only_papers_that_apply_and_that_a_role_signs_are_shown_to_it():
    same, differing = family("01", "01"), family("01", "02")
    ids = [
        [paper.id for paper in papers_of(case, SCHEME, NOW, role)]
        for case in (same, differing)
        for role in ("mother", "father")
    ]
    assert ids == [["letter"], [], ["ethnicity", "letter"], ["ethnicity"]]


def test_what_is_not_known_leaves_room_to_write_on_the_paper():
    (_, letter) = papers_of(filled(1, SCHEME), SCHEME, NOW)
    assert "________" in letter.text.zh


def test_a_signature_binds_the_papers_of_its_role():
    case = family("01", "02")
    digest = signed_digest(case, SCHEME, NOW, "words", "mother")
    other = replace(
        SCHEME,
        pack=replace(SCHEME.pack, statements=(ETHNICITY, replace(LETTER, text=words("别的")))),
    )
    assert signed_digest(case, other, NOW, "words", "mother") != digest
    father = signed_digest(case, SCHEME, NOW, "words", "father")
    assert signed_digest(case, other, NOW, "words", "father") == father


SAID = rule("said_so", when("said", that=lambda f: f["said"] == "no"))
ASKED = context(
    facts=FACTS,
    rules=(*context().pack.rules, SAID),
    form=(*FORM, FormSection("more", words("问"), "home", (field("said"),))),
    pages=PAGES,
)


def answered(said: str) -> Case:
    case = filled(1, ASKED)
    return apply_all(case, save_answers(case, "mother", {("said", 0): said}, ASKED, NOW))


def test_what_only_the_family_can_say_does_not_keep_it_from_the_form():
    case = filled(1, ASKED)
    eligibility = ASKED.judge(case, NOW)
    assert (eligibility.answer, eligibility.so_far) == (Answer.UNKNOWN, Answer.YES)
    assert [v.asks for v in eligibility.verdicts if v.asks] == [("said",)]
    assert next_place(case, "mother", ASKED, NOW).page is Page.FORM


def test_what_a_register_must_still_say_keeps_the_family_waiting():
    both = rule("both", when("said", "group", that=lambda f: True), "hukou")
    ctx = replace(ASKED, pack=replace(ASKED.pack, rules=(both,)))
    case = apply_all(draft(), give_consent(draft(), "mother", "notice", "n", NOW))
    assert ctx.judge(case, NOW).so_far is Answer.UNKNOWN


def test_an_answer_that_excludes_is_told_at_the_check_and_can_be_changed():
    pages = frozenset({"name", "home"})
    assert next_place(answered("yes"), "mother", ASKED, NOW, seen=pages).page is Page.CHECK
    with pytest.raises(RefusedError, match="not_eligible"):
        open_signing(answered("yes"), "mother", ASKED, NOW)
    assert signing(answered("no"), ASKED).stage is Stage.SIGNING


def test_what_a_register_excludes_is_still_a_refusal_beside_an_excluding_answer():
    case = answered("yes")
    collective = [("household_kind", 0, "collective")]
    case = apply_all(case, register_answered(case, "hukou", CheckState.FOUND, collective, NOW))
    assert next_place(case, "mother", ASKED, NOW).page is Page.REFUSED


def test_a_question_left_open_is_judged_before_signing():
    optional = FormSection("more", words("问"), "home", (field("said", required=False),))
    ctx = replace(ASKED, pack=replace(ASKED.pack, form=(*FORM, optional)))
    with pytest.raises(RefusedError) as refused:
        open_signing(filled(1, ctx), "mother", ctx, NOW)
    assert (refused.value.code, refused.value.field) == ("incomplete", "said")


NOTICE = {"user_notice": words("须知")}
FIRST = context(words=NOTICE)
OTHER = context(code="other", version="2", digest="e" * 64, words=NOTICE, form=FORM[:1])


def consenting() -> Case:
    case = verified(draft())
    digest = text_digest("须知")
    case = apply_all(case, give_consent(case, "mother", "user_notice", digest, NOW))
    answers = {("newborn_name", 1): "李小满", ("follows", 0): "mother"}
    chosen = ("certificate", "registration", "card")
    return apply_all(case, save_answers(case, "mother", answers, FIRST, NOW, items=chosen))


def test_a_draft_goes_on_under_another_scheme_with_what_its_form_asks():
    fewer = {code: FIRST.pack.items[code] for code in ("certificate", "registration")}
    other = replace(OTHER, pack=replace(OTHER.pack, items=fewer))
    case = apply_all(consenting(), choose_scheme(consenting(), "mother", other, NOW))
    assert (case.pack, case.pack_version, case.pack_digest) == ("other", "2", "e" * 64)
    assert set(case.answers) == {("newborn_name", 1)}
    assert case.items == ("certificate", "registration")
    assert case.consented("mother") and case.verified == consenting().verified


def test_another_scheme_voids_signatures_and_drawings():
    case = consenting()
    case = apply_all(case, open_signing(case, "mother", FIRST, NOW))
    case = apply_all(case, sign(case, "mother", "s", "drawn", FIRST, NOW, drawing="9x9|1,1"))
    chosen = apply_all(case, choose_scheme(case, "mother", OTHER, NOW))
    assert (chosen.stage, chosen.signatures, chosen.drawings) == (Stage.DRAFT, {}, {})
    assert chosen.form_version > case.form_version


def test_other_words_ask_for_consent_anew():
    other = replace(OTHER, pack=replace(OTHER.pack, words={"user_notice": words("另一份")}))
    case = apply_all(consenting(), choose_scheme(consenting(), "mother", other, NOW))
    assert case.consents == ()
    assert next_place(case, "mother", other, NOW).page is Page.NOTICE


def test_the_same_scheme_again_changes_nothing():
    assert choose_scheme(consenting(), "mother", FIRST, NOW) == []


def test_a_scheme_that_another_role_must_open_is_not_chosen():
    other = replace(OTHER, pack=replace(OTHER.pack, applicants=("father",)))
    with pytest.raises(RefusedError, match="not_an_applicant"):
        choose_scheme(consenting(), "mother", other, NOW)


def test_who_fills_in_a_scheme_takes_the_draft_there_and_another_opens_it():
    pack = replace(OTHER.pack, applicants=("father",), fills=("mother",))
    other = replace(OTHER, pack=pack)
    case = apply_all(consenting(), choose_scheme(consenting(), "mother", other, NOW))
    assert (case.pack, case.applicant) == ("other", "father")
    back = apply_all(case, choose_scheme(case, "mother", FIRST, NOW))
    assert (back.pack, back.applicant) == (FIRST.pack.code, "mother")


def test_a_submitted_case_keeps_its_scheme():
    case = consenting()
    case = apply_all(case, open_signing(case, "mother", FIRST, NOW))
    case = apply_all(case, sign(case, "mother", "s", "typed", FIRST, NOW))
    case = apply_all(case, give_consent(case, "father", "notice", "n", NOW))
    case = apply_all(case, live_checked(case, "father", CheckState.FOUND, NOW))
    case = apply_all(case, sign(case, "father", "s", "typed", FIRST, NOW))
    with pytest.raises(RefusedError, match="already_submitted"):
        choose_scheme(case, "mother", OTHER, NOW)


@pytest.mark.parametrize(
    ("state", "fine", "coarse"),
    [
        (TaskState.WAITING, "等", "未办结"),
        (TaskState.APPROVED, "通过", "未办结"),
        (TaskState.COMPLETED, "好了", "办结"),
        (TaskState.REJECTED, "没过", "没过"),
        (TaskState.OFFLINE, "offline", "offline"),
    ],
)
def test_a_coarse_scheme_says_open_and_done_and_always_what_went_wrong(state, fine, coarse):
    said = {
        "status.waiting": words("等"),
        "status.approved": words("通过"),
        "status.completed": words("好了"),
        "status.rejected": words("没过"),
        "status_coarse.open": words("未办结"),
        "status_coarse.done": words("办结"),
    }
    packs = [context(words=said, statuses=each).pack for each in ("fine", "coarse")]
    assert [status_text(pack, state).zh for pack in packs] == [fine, coarse]
