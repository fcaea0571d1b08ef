"""沅陵县: what the county's scheme demands, value by value; families stand in its examples."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from tests.packs.edited import PACKS
from yijian.domain.clocks import SHANGHAI, due_for
from yijian.domain.context import Context
from yijian.domain.insurance import coverage, last_day_for_birth_cover, payable_years
from yijian.domain.journey import form_pages, page_fields
from yijian.domain.notices import Message
from yijian.domain.plan import critical_workdays
from yijian.domain.policy import Choice, CustodyRule, OnRefusal, Pack
from yijian.packs import load_folder
from yijian.packs.examples import example_files, load_example
from yijian.packs.loading import load_context
from yijian.packs.rehearsal import Rehearsal, begun, play

CODE = "431222-yuanling"
START = date(2022, 10, 31)
SERIES = (
    "birth_certificate",
    "hukou_registration",
    "medical_insurance_enrolment",
    "medical_insurance_payment",
)
EXCLUSIONS = {
    "newborn_named",
    "parents_not_divorced",
    "both_parents_living",
    "father_known",
    "in_wedlock",
    "married_before_birth",
    "spouse_is_father",
    "mother_identity_clear",
    "mother_not_foreign",
    "mother_of_the_mainland",
    "father_not_foreign",
    "father_of_the_mainland",
    "mother_id_valid",
    "father_id_valid",
}


@cache
def context() -> Context:
    return load_context(PACKS, CODE)


def pack() -> Pack:
    return context().pack


@cache
def at_the_end(name: str) -> Rehearsal:
    path = next(p for p in example_files(PACKS, CODE) if p.stem.endswith(name))
    return play(load_example(PACKS, path), context())


@cache
def at_the_start(name: str) -> Rehearsal:
    path = next(p for p in example_files(PACKS, CODE) if p.stem.endswith(name))
    return begun(load_example(PACKS, path), context())


def texts_sent(name: str) -> list[Message]:
    return [m for m in at_the_end(name).messages if m.channel == "sms" and m.role == "mother"]


def test_the_scheme_rests_on_its_document_and_its_legal_basis() -> None:
    (source,) = (s for s in pack().sources.values() if s.number == "沅审改办〔2022〕6号")
    assert source.issued_on == date(2022, 10, 10)
    assert source.sha256 == "c1e8954d20229156399f9951952c7d84952219fe96b16a818d26033526f39abd"
    legal = source.clauses["引言"]
    assert "湘政办发〔2019〕15号" in legal and "怀办发电〔2022〕41号" in legal
    assert (pack().in_force_from, pack().divisions) == (START, ("431222",))


def test_contradictions_of_the_document_are_decided_openly() -> None:
    decided = pack().decisions.keys()
    assert {"H20", "H21", "H22", "H23", "H25"} <= decided
    assert {f"L{number}" for number in range(1, 24)} <= decided


def test_four_items_follow_one_another_strictly() -> None:
    assert tuple(pack().items) == SERIES
    for before, item in zip(("", *SERIES), SERIES, strict=False):
        assert pack().items[item].needs == ((before,) if before else ())
        assert pack().items[item].on_refusal is OnRefusal.CONTINUE
        assert pack().items[item].part_of is None


def test_each_link_begins_when_the_one_before_is_done() -> None:
    moves = [
        event.task[0]
        for event in at_the_end("ordinary-family").events
        if event.task and event.public.get("to") == "completed"
    ]
    assert moves == list(SERIES)


def test_what_the_county_does_not_join_is_not_in_the_pack() -> None:
    asked = {field.fact for field in pack().fields()}
    for absent in ("vaccination_booklet", "social_security_card", "maternity_reimbursement"):
        assert absent not in pack().items
    assert not asked & {"card_bank", "card_phone", "card_delivery", "newborn_weight_g"}


def test_the_certificate_stays_and_no_item_goes_without_the_one_before() -> None:
    choices = [pack().items[item].choice for item in SERIES]
    assert choices == [Choice.ALWAYS, Choice.DEFAULT, Choice.DEFAULT, Choice.DEFAULT]
    requires = [pack().items[item].requires for item in SERIES]
    assert requires == [(), *(((before,),) for before in SERIES[:-1])]


def test_every_exclusion_is_dated_and_tells_where_to_go() -> None:
    exclusions = {rule.id: rule for rule in pack().rules if rule.kind == "exclusion"}
    assert EXCLUSIONS <= exclusions.keys()
    for rule_id in EXCLUSIONS:
        rule = exclusions[rule_id]
        assert (rule.from_on, rule.until_on) == (START, None), rule_id
        assert "三 暂不纳入" in {basis.clause for basis in rule.basis}, rule_id
        assert rule.way_on.zh and rule.way_on.en, rule_id
    assert "newborn_named" in exclusions and exclusions["newborn_named"].repair is not None


def test_an_exclusion_that_is_lifted_is_judged_no_longer() -> None:
    rehearsal = at_the_start("divorced")
    lifted = tuple(
        replace(rule, until_on=date(2026, 1, 1)) if rule.id == "parents_not_divorced" else rule
        for rule in pack().rules
    )
    later = replace(context(), pack=replace(pack(), rules=lifted))
    before = context().judge(rehearsal.case, rehearsal.now)
    after = later.judge(rehearsal.case, rehearsal.now)
    assert [verdict.rule.id for verdict in before.failed] == ["parents_not_divorced"]
    assert after.failed == ()


def test_the_window_sees_every_paper_once_and_the_certificate_uncut() -> None:
    first = {m.id: m for m in pack().items["birth_certificate"].materials}
    second = {m.id: m for m in pack().items["hukou_registration"].materials}
    brought = {"mother_id_card", "father_id_card", "household_book", "marriage_certificate"}
    shown = {name for name, m in first.items() if m.when is None and not m.waived}
    assert shown == brought
    assert {first[name].kind for name in brought} == {second[name].kind for name in brought}
    assert {first[name].kind for name in brought} == {"scan"}
    assert brought <= second.keys()
    uncut = second["uncut_certificate"]
    assert uncut.kind == "scan" and uncut.when is not None
    assert uncut.when.holds({"items_completed": []}) is False
    assert uncut.when.holds({"items_completed": ["birth_certificate"]}) is True
    assert (first["birth_record"].waived, first["birth_record"].register) == (True, "delivery")
    (page,) = pack().items["medical_insurance_enrolment"].materials
    assert (page.id, page.waived) == ("newborn_household_page", True)
    assert pack().items["medical_insurance_payment"].materials == ()


def test_a_representative_brings_the_letter_and_an_id_card() -> None:
    materials = {m.id: m for m in pack().items["birth_certificate"].materials}
    for name, kind in (("authorisation_letter", "form"), ("representative_id_card", "original")):
        material = materials[name]
        assert material.kind == kind and material.when is not None
        assert material.when.holds({"applicant": "representative"}) is True
        assert material.when.holds({"applicant": "father"}) is False


PARENT_CELLS = {
    "姓名": "name", "年龄": "age", "身份证号码": "id_number", "户籍地址": "hukou_address",
    "居住地址": "home_address", "工作单位": "work_unit", "国籍": "nationality",
    "民族": "ethnicity",
}  # fmt: skip
CELLS = {
    "新生儿信息·姓名": "newborn_name",
    "新生儿信息·性别": "newborn_sex",
    "新生儿信息·出生时间": "newborn_born_at",
    "新生儿信息·医疗机构": "institution_name",
    "需要办理·四个事项": "chosen_items",
    "出生登记·户口随父亲或母亲": "hukou_follows",
    "出生登记·入户派出所": "hukou_police_station",
    "出生登记·户主姓名": "hukou_household_head",
    "出生登记·户主身份证号": "hukou_household_head_id_number",
    "出生登记·新生儿与户主关系": "newborn_relation_to_head",
    "出生登记·新生儿民族": "newborn_ethnicity",
    "出生登记·民族随父亲或母亲": "L18",
    "出生登记·新生儿籍贯": "newborn_native_place",
    "出生登记·籍贯随父亲或母亲": "L18",
    "医保·参保年度": "insurance_years",
    "医保·缴费年度": "insurance_years",
    "医保·湘税社保APP或微信小程序": "insurance_payment_way",
    "送达方式·出生医学证明": "certificate_delivery",
    "送达方式·户口簿": "household_page_delivery",
    "送达方式·领取派出所": "hukou_police_station",
    "送达方式·邮寄地址": "recipient_address",
    "送达方式·联系人": "recipient_name",
    "送达方式·联系方式": "recipient_phone",
    "承诺签名·承诺": "L16",
    "承诺签名·母亲签名": "L16",
    "承诺签名·母亲联系电话": "mother_phone",
    "承诺签名·父亲签名": "L16",
    "承诺签名·父亲联系电话": "father_phone",
    "承诺签名·申请登记日期": "L16",
}
LETTER_CELLS = {
    "委托书·委托人姓名": "mother_name",
    "委托书·分娩日期": "newborn_born_at",
    "委托书·助产机构": "institution_name",
    "委托书·新生儿姓名": "newborn_name",
    "委托书·新生儿性别": "newborn_sex",
    "委托书·受托人姓名": "representative_name",
    "委托书·委托事项": "mandate_items",
    "委托书·委托期限起": "mandate_from",
    "委托书·委托期限止": "mandate_until",
    "委托书·受托人与婴儿关系": "mandate_relation",
    "委托书·委托人身份证号": "mother_id_number",
    "委托书·受托人身份证号": "representative_id_number",
    "委托书·双方签名和日期": "L16",
}
ETHNICITY_CELLS = {
    "民族申请书·本人姓名、号码、民族": "mother_ethnicity",
    "民族申请书·配偶姓名、号码、民族": "father_ethnicity",
    "民族申请书·共同育有几个孩子": "sibling_count",
    "民族申请书·孩子（一）姓名": "newborn_name",
    "民族申请书·孩子（一）性别": "newborn_sex",
    "民族申请书·孩子（一）出生日期": "newborn_born_at",
    "民族申请书·孩子（二）姓名": "sibling_1_name",
    "民族申请书·孩子（二）性别": "sibling_1_sex",
    "民族申请书·孩子（二）出生日期": "sibling_1_born_on",
    "民族申请书·孩子（三）姓名": "sibling_2_name",
    "民族申请书·孩子（三）性别": "sibling_2_sex",
    "民族申请书·孩子（三）出生日期": "sibling_2_born_on",
    "民族申请书·确认的民族": "newborn_ethnicity",
    "民族申请书·父母签名和日期": "L16",
}


def test_no_cell_of_the_form_and_its_two_annexes_is_lost() -> None:
    document, _ = load_folder(PACKS, CODE)
    cells = {cell["id"]: cell.get("fact") or cell.get("decision") for cell in document["official"]}
    parents = {
        f"父母基本信息·{zh}{cell}": f"{role}_{fact}"
        for zh, role in (("母亲", "mother"), ("父亲", "father"))
        for cell, fact in PARENT_CELLS.items()
    }
    assert cells == CELLS | parents | LETTER_CELLS | ETHNICITY_CELLS


def asked_of(name: str) -> set[str]:
    """Every fact that the pages of the form show to a family at the start."""
    start = at_the_start(name)
    pages = form_pages(start.case, context(), start.now)
    return {
        field.fact
        for page in pages
        for field, _ in page_fields(start.case, page, context(), start.now)
    }


SIBLINGS = tuple(f"sibling_{n}_{what}" for n in (1, 2) for what in ("name", "sex", "born_on"))
MAIL = {"recipient_name", "recipient_phone", "recipient_address"}


def test_a_family_is_asked_only_what_concerns_it() -> None:
    ordinary = asked_of("ordinary-family")
    assert not ordinary & {"sibling_count", "mandate_relation", "father_absent", *SIBLINGS, *MAIL}
    assert "newborn_name" in ordinary and "newborn_name" not in asked_of("not-named-yet")
    assert "sibling_count" in asked_of("two-ethnic-groups")
    assert asked_of("two-ethnic-groups-one-sibling") & set(SIBLINGS) == set(SIBLINGS[:3])
    assert set(SIBLINGS) <= asked_of("two-ethnic-groups-twins-two-siblings")
    assert MAIL <= asked_of("everything-by-mail")
    assert MAIL <= asked_of("certificate-by-mail-alone")
    assert {"mandate_relation", "mandate_items", "mandate_from", "mandate_until"} <= asked_of(
        "paternal-grandmother-acts"
    )


def test_a_sibling_is_a_boy_or_a_girl() -> None:
    (offered,) = {
        field.offered.value({})
        for field in pack().fields()
        if field.fact in ("sibling_1_sex", "sibling_2_sex") and field.offered is not None
    }
    assert offered == ("1", "2")


def test_the_letter_of_authority_prints_every_cell() -> None:
    letter = next(s for s in pack().statements if s.id == "authorisation_letter")
    assert set(letter.rows) == {
        "mother_name", "mother_id_number", "institution_name", "newborn_name", "newborn_sex",
        "newborn_born_at", "representative_name", "representative_id_number",
        "mandate_relation", "mandate_items", "mandate_from", "mandate_until",
    }  # fmt: skip
    assert letter.signed_by == ("representative",)
    for named in ("{mandate_items}", "{mandate_from}", "{mandate_until}", "{mandate_relation}"):
        assert named in letter.text.zh and named in letter.text.en
    assert "由委托人承担" in letter.text.zh


def test_the_ethnicity_form_lists_up_to_three_children() -> None:
    form = next(s for s in pack().statements if s.id == "ethnicity_confirmation")
    assert form.signed_by == ("mother", "father")
    for who in ("mother", "father"):
        assert {f"{who}_name", f"{who}_id_number", f"{who}_ethnicity"} <= set(form.rows)
    for child in ("sibling_1", "sibling_2"):
        assert {f"{child}_name", f"{child}_sex", f"{child}_born_on"} <= set(form.rows)
    assert {"newborn_name", "newborn_sex", "newborn_born_at", "newborn_ethnicity"} <= set(form.rows)
    assert "{children_together}" in form.text.zh and "{newborn_ethnicity}" in form.text.zh


def test_the_promise_is_the_longest_chain_without_mailing() -> None:
    promise = pack().promise
    assert promise is not None and promise.without_mailing
    day = datetime(2026, 11, 19, tzinfo=SHANGHAI)
    assert promise.workdays == critical_workdays(pack().items.values(), day) == 3


@pytest.mark.parametrize(
    ("item", "last"),
    [
        ("birth_certificate", date(2026, 11, 19)),
        ("hukou_registration", date(2026, 11, 20)),
        ("medical_insurance_enrolment", date(2026, 11, 23)),
    ],
)
def test_each_link_is_due_on_its_day(item: str, last: date) -> None:
    start = datetime(2026, 11, 19, 9, 30, tzinfo=SHANGHAI)
    limit = pack().items[item].limit_on(start.date())
    assert limit is not None
    due = due_for(limit, start, context().calendar).at - timedelta(microseconds=1)
    assert due.astimezone(SHANGHAI).date() == last


def test_the_premium_is_due_ninety_days_after_birth() -> None:
    limit = pack().items["medical_insurance_payment"].limit_on(START)
    assert limit is not None and (limit.days, limit.since) == (90, "birth")
    rule = pack().insurance
    assert rule is not None
    born, last = date(2026, 3, 1), date(2026, 5, 30)
    assert last_day_for_birth_cover(rule, born) == last
    assert coverage(rule, born, last, 2026).from_on == born
    assert coverage(rule, born, date(2026, 5, 31), 2026).from_on == date(2026, 5, 31)


def test_next_year_is_open_to_births_from_september_on() -> None:
    rule = pack().insurance
    assert rule is not None
    assert payable_years(rule, date(2026, 8, 31)) == (2026,)
    assert payable_years(rule, date(2026, 9, 1)) == (2026, 2027)
    assert payable_years(rule, date(2026, 12, 31)) == (2026, 2027)


def custody(part: str) -> CustodyRule:
    return next(rule for rule in pack().custody if rule.part == part)


def test_the_household_part_goes_monthly_to_the_station_of_registration() -> None:
    part = custody("counterfoil")
    assert "落户地乡镇派出所" in part.goes_to.zh and "每月" in part.every.zh
    assert part.when is not None and part.cut is True
    assert part.when.holds({"items_completed": ["hukou_registration"]}) is True
    assert part.when.holds({"items_completed": ["birth_certificate"]}) is False


def test_without_registration_the_household_part_goes_to_the_family() -> None:
    part = custody("counterfoil_to_family")
    assert "家长" in part.goes_to.zh and part.when is not None
    assert part.when.holds({"items_failed": ["hukou_registration"]}) is True
    assert part.when.holds({"items_failed": []}) is False


def test_ethnicity_forms_travel_with_the_household_part() -> None:
    form = custody("ethnicity_form")
    assert form.every == custody("counterfoil").every and "派出所" in form.goes_to.zh
    back = custody("ethnicity_form_to_family")
    assert "家长" in back.goes_to.zh
    assert form.when is not None and back.when is not None
    done, failed = {"items_failed": []}, {"items_failed": ["hukou_registration"]}
    two = {"mother_ethnicity": "15", "father_ethnicity": "01"}
    one = {"mother_ethnicity": "01", "father_ethnicity": "01"}
    assert form.when.holds(two | done) is True and back.when.holds(two | done) is False
    assert form.when.holds(two | failed) is False and back.when.holds(two | failed) is True
    for facts in (one | done, one | failed):
        assert form.when.holds(facts) is False and back.when.holds(facts) is False


def test_nothing_is_written_on_a_certificate_that_the_document_does_not_order() -> None:
    assert [rule.part for rule in pack().custody if rule.mark is not None] == []


def test_three_text_messages_tell_the_three_results() -> None:
    sent = texts_sent("ordinary-family")
    assert [m.notice for m in sent] == ["registered", "enrolled_pay_now", "premium_paid"]
    assert "带户口簿到怀化市沅陵县沅陵示例派出所领取" in sent[0].text
    assert "90天" in sent[1].text and "湘税社保" in sent[1].text
    assert "现在就可以享受" in sent[2].text


def test_the_page_comes_as_the_family_wished() -> None:
    ways = next(d for d in pack().delivery if d.item == "hukou_registration")
    assert (ways.fact, {o.code for o in ways.options}) == (
        "household_page_delivery",
        {"collect", "mail"},
    )
    assert texts_sent("everything-by-mail")[0].notice == "registered_page_by_courier"


def test_the_certificate_is_handed_over_at_once_or_mailed() -> None:
    ways = next(d for d in pack().delivery if d.item == "birth_certificate")
    assert {o.code: o.needs_address for o in ways.options} == {"collect": False, "mail": True}
    assert "当场" in next(o for o in ways.options if o.code == "collect").title.zh


def test_the_payment_guide_names_app_programme_and_ninety_days() -> None:
    guide = pack().words["payment_guide"].zh
    pay = next(ask for ask in pack().items["medical_insurance_payment"].asks if ask.kind == "pay")
    for words in (guide, pay.text.zh):
        for named in ("二维码", "湘税社保", "小程序", "90天"):
            assert named in words
    assert set(pack().code_lists["insurance_payment_way"].entries) == {"app", "mini_program"}


def test_enrolment_goes_to_the_township_of_the_police_station() -> None:
    tasks = at_the_end("another-township").case.tasks
    assert tasks["hukou_registration", 1].office == "431222520000"
    assert tasks["medical_insurance_enrolment", 1].office == "BM431222520000"


def test_every_township_has_a_station_and_a_service_centre() -> None:
    directory = context().directory
    stations = {office.code for office in directory.of_kind("police_station")}
    centres = {office.code for office in directory.of_kind("township_service_centre")}
    assert len(stations) == 21
    assert centres == {f"BM{code}" for code in stations}
    for kind in ("service_centre", "health_bureau", "insurance_bureau", "tax_bureau"):
        (office,) = directory.of_kind(kind)
        assert office.division == "431222"


def test_there_is_one_window_and_no_door_online() -> None:
    assert pack().channels == ("hospital_window",)
    assert pack().applicants == ("mother", "father", "representative")
    assert not any(step.live_check for step in pack().signing)
    assert "床边" in pack().words["entrance"].zh


def test_both_parents_sign_and_a_representative_for_who_is_absent() -> None:
    steps = {step.role: step.when for step in pack().signing}
    grandmother: dict[str, object] = {
        "applicant": "representative",
        "mandate_relation": "paternal_grandparent",
    }
    cases: list[tuple[dict[str, object], set[str]]] = [
        ({"applicant": "mother"}, {"mother", "father"}),
        ({"applicant": "father"}, {"mother", "father"}),
        (grandmother | {"father_absent": True}, {"representative"}),
        (grandmother | {"father_absent": False}, {"representative", "father"}),
        (grandmother | {"mandate_relation": "father"}, {"representative", "father"}),
    ]
    for known, expected in cases:
        signs = {r for r, when in steps.items() if when is None or when.holds(known) is not False}
        assert signs == expected, known


def test_only_father_and_grandparents_may_act_for_the_mother() -> None:
    rule = next(rule for rule in pack().rules if rule.id == "representative_allowed")
    listed = pack().code_lists["mandate_relation"].entries
    allowed = {
        code
        for code in listed
        if rule.condition.holds({"applicant": "representative", "mandate_relation": code})
    }
    assert allowed == {"father", "paternal_grandparent", "maternal_grandparent"}
    assert set(listed) - allowed == {"other"}


def test_each_office_receives_its_part_and_nothing_else() -> None:
    payload = {item: set(pack().items[item].payload) for item in SERIES}
    assert {"newborn_weight_g", "midwife"} <= payload["birth_certificate"]
    assert not {"newborn_weight_g", "midwife", "mandate_from"} & payload["hukou_registration"]
    assert payload["medical_insurance_payment"] == {
        "mother_name", "mother_id_number", "mother_phone", "newborn_name", "newborn_born_at",
        "newborn_citizen_id_number", "insurance_years", "insurance_payment_way",
        "hukou_division",
    }  # fmt: skip


def test_the_promise_names_the_liability_and_that_nothing_changes_later() -> None:
    promise = pack().words["commitment"].zh
    assert "法律责任" in promise and "注销" in promise and "原则上不变更" in promise


def test_a_result_opens_the_next_link_with_what_it_gave() -> None:
    end = at_the_end("ordinary-family")
    values = context().values(end.case, 1, datetime(2026, 12, 31, tzinfo=UTC))
    assert values["newborn_certificate_number"] and values["newborn_citizen_id_number"]
    assert "newborn_certificate_number" in pack().items["hukou_registration"].payload
    for item in SERIES[2:]:
        assert "newborn_citizen_id_number" in pack().items[item].payload


def test_what_the_police_refuse_goes_to_the_counter_with_the_certificate_kept() -> None:
    tasks = at_the_end("police-decline").case.tasks
    assert [tasks[item, 1].state.value for item in SERIES] == [
        "completed",
        "declined",
        "offline",
        "offline",
    ]
