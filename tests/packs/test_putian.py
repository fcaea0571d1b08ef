"""莆田市: what the city's trial scheme demands, value by value; families stand in its examples."""

import re
from datetime import date, datetime
from functools import cache
from itertools import chain

import pytest

from tests.packs.edited import PACKS
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import Context
from yijian.domain.forms import DeliveryOption
from yijian.domain.policy import AskSpec, Choice, CustodyRule, OnRefusal, Pack, Rule
from yijian.packs import load_folder
from yijian.packs.examples import example_files, load_example
from yijian.packs.loading import load_context

CODE = "350300-putian"
ISSUED = date(2022, 6, 16)
SIX = {
    "birth_certificate",
    "vaccination_booklet",
    "hukou_registration",
    "maternity_reimbursement",
    "medical_insurance_enrolment",
    "social_security_card",
}
DISTRICTS = ("350302", "350303", "350304", "350305", "350322")
CITY = {
    "mother_hukou_found": True,
    "mother_household_kind": "family",
    "mother_hukou_division": "350302",
    "father_hukou_found": True,
    "father_household_kind": "family",
    "father_hukou_division": "350304",
}


@cache
def context() -> Context:
    return load_context(PACKS, CODE)


def pack() -> Pack:
    return context().pack


def rule(rule_id: str) -> Rule:
    return next(rule for rule in pack().rules if rule.id == rule_id)


def ask(item: str, ask_id: str) -> AskSpec:
    return next(ask for ask in pack().items[item].asks if ask.id == ask_id)


def options(item: str) -> dict[str, DeliveryOption]:
    delivery = next(delivery for delivery in pack().delivery if delivery.item == item)
    return {option.code: option for option in delivery.options}


def custody(part: str) -> CustodyRule:
    return next(rule for rule in pack().custody if rule.part == part)


def notice(notice_id: str) -> str:
    return next(n.text.zh for n in pack().notices if n.id == notice_id)


def test_the_scheme_rests_on_its_trial_document_and_its_legal_basis() -> None:
    (source,) = (s for s in pack().sources.values() if s.number == "莆卫办〔2022〕44号")
    assert source.issued_on == ISSUED and "试行" in source.title
    assert source.sha256 == "86baf5d3c2ec6eda4b14d15d8abaaaea22af89d614ed745cd4f422a3fc38b779"
    assert len(source.issuers) == 4
    legal = source.clauses["引言"]
    assert "闽卫监督〔2021〕43号" in legal and "〔2022〕60号" in legal
    assert "莆审改办〔2021〕9号" in legal
    assert (pack().in_force_from, pack().in_force_until) == (ISSUED, None)
    assert (pack().divisions, pack().lead_office_kind) == (("350300",), "health_bureau")


def test_gaps_and_contradictions_are_decided_openly() -> None:
    decided = pack().decisions.keys()
    assert {"H17", "H18", "H19", "H23", "H25"} <= decided
    assert {f"P{number}" for number in range(1, 21)} <= decided


def test_six_items_are_counted_and_payment_stands_under_enrolment() -> None:
    assert {code for code, item in pack().items.items() if item.part_of is None} == SIX
    assert pack().items["medical_insurance_payment"].part_of == "medical_insurance_enrolment"
    listed = pack().code_lists["item"].entries
    assert listed["maternity_reimbursement"].zh == "生育保险待遇核准支付"
    assert "parenting_guidance" not in listed


def test_the_chain_runs_from_certificate_to_registration_to_insurance_to_card() -> None:
    items = pack().items
    assert items["birth_certificate"].needs == items["vaccination_booklet"].needs == ()
    assert items["hukou_registration"].needs == ("birth_certificate",)
    for insurance in ("maternity_reimbursement", "medical_insurance_enrolment"):
        assert items[insurance].needs == ("hukou_registration",)
    assert items["social_security_card"].needs == (
        "hukou_registration",
        "medical_insurance_enrolment",
    )


def test_no_link_is_chosen_without_the_one_before() -> None:
    items = pack().items
    assert items["birth_certificate"].choice is Choice.ALWAYS
    assert items["vaccination_booklet"].choice is Choice.ALWAYS
    for code in SIX - {"birth_certificate", "vaccination_booklet"}:
        assert items[code].choice is Choice.DEFAULT, code
    insurance = ("medical_insurance_enrolment", "maternity_reimbursement")
    for code in insurance:
        assert items[code].requires == (("hukou_registration",),)
    assert items["social_security_card"].requires == (("hukou_registration",), insurance)


def test_only_the_mother_applies_signs_and_hears() -> None:
    assert pack().applicants == ("mother",)
    assert pack().fills in ((), ("mother",)) and pack().arrivals == ()
    (step,) = pack().signing
    assert (step.role, step.live_check, step.when) == ("mother", False, None)
    assert {role for n in pack().notices for role in n.to} == {"mother"}
    assert {role for statement in pack().statements for role in statement.signed_by} == {"mother"}


def test_the_hospital_window_is_the_second_door_to_the_same_case() -> None:
    assert pack().channels == ("online", "hospital_window")
    assert "网上办事大厅" in pack().words["entrance"].zh and "医院" in pack().words["entrance"].zh


def test_the_mother_is_asked_to_tell_the_hospital_what_she_chose() -> None:
    for word in ("user_notice", "tell_the_officer", "submitted"):
        assert "告诉" in pack().words[word].zh and "工作人员" in pack().words[word].zh
    assert "线上办还是线下办由您选" in pack().words["user_notice"].zh
    assert "告诉医院" in notice("case_submitted")


def test_situation_and_items_are_chosen_before_the_form() -> None:
    pages = [page.id for page in pack().pages]
    assert pages[0] == "items" and set(pages) == {section.page for section in pack().form}
    assert pack().form_field("chosen_items").official


@pytest.mark.parametrize(
    ("division", "place", "holds"),
    [
        ("350302", "institution", (True, True)),
        ("350322", "institution", (True, True)),
        ("350305", "home", (True, False)),
        ("350303", "on_the_way", (True, False)),
        ("350102", "institution", (False, True)),
        ("340104", "institution", (False, True)),
    ],
)
def test_the_baby_is_born_in_an_obstetric_hospital_of_the_city(
    division: str, place: str, holds: tuple[bool, bool]
) -> None:
    values = {"born_division": division, "born_place": place}
    found = (
        rule("born_in_putian").condition.holds(values),
        rule("born_in_institution").condition.holds(values),
    )
    assert found == holds


@pytest.mark.parametrize(
    ("born", "last", "first_too_late"),
    [
        ("2026-05-20", "2026-11-19", "2026-11-20"),
        ("2025-08-31", "2026-02-27", "2026-02-28"),
        ("2023-08-31", "2024-02-28", "2024-02-29"),
        ("2025-08-30", "2026-02-27", "2026-02-28"),
        ("2026-02-28", "2026-08-27", "2026-08-28"),
        ("2025-10-31", "2026-04-29", "2026-04-30"),
        ("2025-12-31", "2026-06-29", "2026-06-30"),
    ],
)
def test_six_months_are_counted_by_the_calendar(born: str, last: str, first_too_late: str) -> None:
    condition = rule("under_six_months").condition
    for hour in (0, 23):
        born_at = datetime.fromisoformat(f"{born}T{hour:02d}:30:00").replace(tzinfo=SHANGHAI)
        for day, young in ((last, True), (first_too_late, False)):
            values = {"newborn_born_at": born_at, "today": date.fromisoformat(day)}
            assert condition.holds(values) is young, (born, hour, day)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"mother_hukou_division": "340104"}, True),
        ({"father_household_kind": "collective"}, True),
        ({"mother_hukou_division": "340104", "father_household_kind": "collective"}, False),
        ({"mother_household_kind": "collective", "father_hukou_division": "410102"}, False),
        ({"mother_hukou_division": "350100", "father_hukou_division": "350200"}, False),
    ],
)
def test_one_parent_has_a_family_household_in_the_city(
    changed: dict[str, object], expected: bool
) -> None:
    assert rule("a_household_in_putian").condition.holds({**CITY, **changed}) is expected


def test_a_parent_without_a_mainland_hukou_does_not_stand_in_the_way() -> None:
    abroad = {key: value for key, value in CITY.items() if not key.startswith("father")}
    condition = rule("a_household_in_putian").condition
    assert condition.holds({**abroad, "father_hukou_found": False}) is True
    assert condition.holds({"father_hukou_found": False, "mother_hukou_found": False}) is False
    assert condition.holds({}) is None


@pytest.mark.parametrize(
    ("baby", "mother", "father", "expected"),
    [
        ("陈嘉树", "林晚舟", "陈景行", True),
        ("林嘉树", "林晚舟", "陈景行", True),
        ("王嘉树", "林晚舟", "陈景行", False),
        ("欧阳嘉树", "林晚舟", "欧阳景行", True),
        ("欧嘉树", "林晚舟", "欧阳景行", False),
        ("陈林嘉", "林晚舟", "陈景行", True),
        ("王陈嘉", "林晚舟", "陈景行", False),
    ],
)
def test_the_surname_is_the_fathers_or_the_mothers(
    baby: str, mother: str, father: str, expected: bool
) -> None:
    values = {"newborn_name": baby, "mother_name": mother, "father_name": father}
    assert rule("surname_of_a_parent").condition.holds(values) is expected


def test_the_surname_is_not_judged_before_the_name_is_known() -> None:
    condition = rule("surname_of_a_parent").condition
    assert condition.holds({"mother_name": "林晚舟", "father_name": "陈景行"}) is None


def test_conditions_that_the_document_does_not_make_are_not_made() -> None:
    made = {rule.id for rule in pack().rules}
    assert not made & {
        "mother_hukou_found", "father_hukou_found", "marriage_certificate_held",
        "mother_id_card_held", "mother_id_valid", "father_id_valid", "same_ethnic_group",
    }  # fmt: skip


def test_every_rule_is_failed_by_an_example_and_met_by_another() -> None:
    families = [load_example(PACKS, path).model for path in example_files(PACKS, CODE)]
    failed = set(chain.from_iterable(family.expect.failed or () for family in families))
    assert failed == {rule.id for rule in pack().rules}
    assert sum(family.expect.eligible == "yes" for family in families) >= 40
    assert len(families) >= 80


def test_every_refusal_says_why_and_where_to_go() -> None:
    for each in pack().rules:
        assert each.failed.zh and each.failed.en and each.way_on.zh and each.way_on.en, each.id
        assert each.basis and all(basis.document == "pt-2022" for basis in each.basis), each.id
    for word in ("eligibility_refused", "handed_over"):
        assert "线下" in pack().words[word].zh
    for item in SIX:
        assert pack().items[item].way_offline is not None, item


def test_hospital_and_booklet_and_household_feedback_have_one_working_day() -> None:
    limits = {
        code: item.limits[0].workdays if item.limits else None
        for code, item in pack().items.items()
    }
    timed = {"birth_certificate", "vaccination_booklet", "hukou_registration"}
    assert {code for code, workdays in limits.items() if workdays == 1} == timed
    assert {code for code, workdays in limits.items() if workdays is None} == set(limits) - timed
    assert pack().items["hukou_registration"].limits[0].decision == "H17"


def test_nothing_is_promised_that_the_document_does_not_promise() -> None:
    assert (pack().promise, pack().insurance) == (None, None)
    said = [text.zh for text in pack().words.values()]
    said += [n.text.zh for n in pack().notices]
    said += [ask.text.zh for item in pack().items.values() for ask in item.asks]
    assert not [text for text in said if re.search(r"90天|30天|皖事通|33个|第二天起", text)]
    asked = {field.fact for field in pack().fields()}
    assert not asked & {"insurance_years", "insurance_kind", "insurance_division", "card_phone"}
    assert not asked & {"residence_police_station", "reimbursement_account", "mother_work_unit"}


def test_insurance_and_human_resources_end_the_package_and_nobody_else() -> None:
    stops = {
        code for code, item in pack().items.items() if item.on_refusal is OnRefusal.STOP_REMAINING
    }
    assert stops == {
        "maternity_reimbursement",
        "medical_insurance_enrolment",
        "social_security_card",
    }


def test_the_certificate_is_handed_over_once_the_household_result_is_known() -> None:
    collect = ask("birth_certificate", "collect_certificate")
    assert (collect.kind, collect.after) == ("collect", "hukou_registration:ended")
    assert not collect.blocks
    assert "正页和副页一起" in collect.text.zh and "有效身份证件" in collect.text.zh


def test_the_pages_given_follow_the_household_result() -> None:
    kept, given = custody("counterfoil"), custody("counterfoil_handed_over")
    assert kept.when is not None and given.when is not None
    chosen = ["birth_certificate", "hukou_registration"]
    registered = {
        "items_completed": chosen,
        "items_failed": [],
        "chosen_items": chosen,
    }
    refused = {
        "items_completed": ["birth_certificate"],
        "items_failed": ["hukou_registration"],
        "chosen_items": chosen,
    }
    not_chosen = {**registered, "items_completed": chosen[:1], "chosen_items": chosen[:1]}
    assert [kept.when.holds(v) for v in (registered, refused, not_chosen)] == [True, False, False]
    assert [given.when.holds(v) for v in (registered, refused, not_chosen)] == [False, True, True]
    assert (kept.cut, given.cut) == (True, False)
    assert "留存" in kept.goes_to.zh and "给家庭" in given.goes_to.zh
    assert "正页" in custody("main_page").title.zh and custody("main_page").when is None


def test_recipient_box_and_stub_say_handled_online() -> None:
    for part in ("main_page", "stub"):
        mark = custody(part).mark
        assert mark is not None and "线上办理" in mark.zh
    points = [point.zh for point in pack().items["birth_certificate"].review_points]
    assert any("领证人员签字" in point and "线上办理" in point for point in points)
    assert any("归档" in point for point in points)


def test_the_household_page_comes_in_three_ways() -> None:
    ways = options("hukou_registration")
    assert list(ways) == ["bring_book", "post_book", "new_booklet"]
    assert "户口簿" in ways["bring_book"].bring.zh and not ways["bring_book"].needs_address
    assert "寄回" in ways["post_book"].where.zh and "邮费自理" in ways["post_book"].cost.zh
    assert "自然作废" in ways["new_booklet"].where.zh and ways["new_booklet"].needs_address
    assert "户口簿" in notice("registered") and "邮费自理" in notice("registered")


def test_postage_is_at_the_familys_cost_and_collecting_is_preselected() -> None:
    posted = [o for delivery in pack().delivery for o in delivery.options if o.needs_address]
    assert len(posted) == 4
    assert all("邮费自理" in option.cost.zh for option in posted)
    for fact, free in (
        ("certificate_delivery", "collect"),
        ("household_page_delivery", "bring_book"),
        ("card_delivery", "collect"),
    ):
        default = pack().form_field(fact).default
        assert default is not None and default.value({}) == free


def test_what_must_be_brought_is_said_with_each_way() -> None:
    assert "有效身份证件" in options("birth_certificate")["collect"].bring.zh
    card = options("social_security_card")["collect"].bring.zh
    assert "宝宝的户口簿" in card and "代领人的有效身份证件" in card
    booklet = options("vaccination_booklet")["handed_over"].where.zh
    assert "户籍地、居住地的接种单位" in booklet
    offline = pack().items["vaccination_booklet"].way_offline
    assert offline is not None and "户籍地或居住地的接种单位" in offline.zh


def test_incomplete_data_lead_back_to_the_hospital_and_to_the_station() -> None:
    offline = pack().items["hukou_registration"].way_offline
    assert offline is not None
    for words in ("正页和副页", "补齐", "派出所"):
        assert words in offline.zh
    opinion = pack().words["refusal_hukou_registration_1"].zh
    assert opinion.startswith("审查意见") and "取副页" in opinion


def test_the_card_is_announced_with_its_activation() -> None:
    assert "制好" in notice("card_ready") and "激活" in notice("card_ready")
    activate = ask("social_security_card", "activate_card")
    assert (activate.kind, activate.after) == ("read", "completed")
    assert "发卡银行" in activate.text.zh


def test_the_family_is_led_to_the_tax_channels_after_enrolment() -> None:
    payment = pack().items["medical_insurance_payment"]
    assert (payment.needs, payment.office_kind) == (("medical_insurance_enrolment",), "tax_bureau")
    for words in (ask("medical_insurance_payment", "pay_premium").text.zh,
                  notice("enrolled_pay_now")):  # fmt: skip
        assert "税务缴费渠道" in words and "尽快" in words


PARENTS = {f"{who}_{what}" for who in ("mother", "father") for what in ("name", "id_number")}
CARRIED = {
    "birth_certificate": PARENTS | {"in_patient_number", "newborn_born_at", "newborn_name"},
    "hukou_registration": PARENTS
    | {"newborn_certificate_number", "marriage_certificate_number", "newborn_relation_to_head"},
    "maternity_reimbursement": PARENTS
    | {"delivery_mode", "newborn_count", "mother_residence_address", "hukou_address"}
    | {"childbirth_registration_held"},
    "medical_insurance_enrolment": PARENTS
    | {"newborn_name", "newborn_citizen_id_number", "hukou_community", "residence_address"}
    | {"mother_phone", "mother_residence_division"},
    "medical_insurance_payment": {"newborn_name", "newborn_citizen_id_number"},
    "social_security_card": {"newborn_citizen_id_number", "card_bank", "mother_phone"},
}


@pytest.mark.parametrize("item", sorted(CARRIED))
def test_each_office_receives_what_the_document_sends_it(item: str) -> None:
    assert set(pack().items[item].payload) >= CARRIED[item]


def test_no_office_receives_what_another_needs() -> None:
    for item in ("vaccination_booklet", "medical_insurance_payment", "social_security_card"):
        assert not [fact for fact in pack().items[item].payload if fact.startswith("father_")]
    for item in set(pack().items) - {"maternity_reimbursement"}:
        assert "delivery_mode" not in pack().items[item].payload
    assert "newborn_weight_g" not in pack().items["medical_insurance_enrolment"].payload


def test_only_name_and_community_are_typed() -> None:
    typed = {field.fact for field in pack().fields() if field.typed}
    assert typed == {"newborn_name", "hukou_community"}
    assert pack().form_field("hukou_community").items == ("medical_insurance_enrolment",)


def test_what_the_document_names_is_on_the_form_or_decided() -> None:
    document, _ = load_folder(PACKS, CODE)
    cells = {cell["id"]: cell for cell in document["official"]}
    for cell, fact in (
        ("申请登记表·办理情形和事项", "chosen_items"),
        ("申请登记表·收件地址", "recipient_address"),
        ("医保参保信息·所在社区（村）", "hukou_community"),
        ("医保参保信息·联系地址", "residence_address"),
        ("医保参保信息·申请人手机号码", "mother_phone"),
        ("生育待遇信息·分娩方式", "delivery_mode"),
    ):
        assert cells[cell]["fact"] == fact
    for cell, decision in (
        ("申请登记表·一张表的其他格子", "P1"),
        ("申请登记表·上传材料", "P12"),
        ("申请登记表·电子签名", "P2"),
    ):
        assert cells[cell]["decision"] == decision


def test_two_registers_are_made_from_the_application() -> None:
    papers = {statement.id: statement for statement in pack().statements}
    assert set(papers) == {"first_issue_register", "resident_register_form"}
    assert {"newborn_name", "newborn_weight_g", "mother_id_number", "father_id_number"} <= set(
        papers["first_issue_register"].rows
    )
    assert {"newborn_ethnicity", "newborn_relation_to_head", "hukou_address"} <= set(
        papers["resident_register_form"].rows
    )
    when = papers["resident_register_form"].when
    assert when is not None
    assert when.holds({"chosen_items": ["hukou_registration"]}) is True
    assert when.holds({"chosen_items": ["birth_certificate"]}) is False


def test_every_step_has_its_review_points() -> None:
    for code in SIX - {"vaccination_booklet"}:
        assert len(pack().items[code].review_points) >= 3, code
    hospital = [p.zh for p in pack().items["birth_certificate"].review_points]
    assert any("拒绝签发" in point and "核查意见" in point for point in hospital)
    police = [p.zh for p in pack().items["hukou_registration"].review_points]
    assert any("审查意见" in point for point in police)


def test_every_district_has_hospitals_a_station_and_its_bureaus() -> None:
    directory = context().directory
    for division in DISTRICTS:
        for kind in ("hr_bureau", "insurance_bureau", "tax_bureau", "health_bureau"):
            office = directory.nearest(kind, division)
            assert office is not None and office.division == division
        for code in (f"H{division}01", f"H{division}02", f"{division}510000"):
            assert directory.office(code) is not None


def test_addressees_without_an_item_stand_in_the_directory() -> None:
    directory = context().directory
    for kind in (
        "health_supervision", "maternity_lead", "insurance_fund_centre",
        "insurance_audit_centre", "island_administration",
    ):  # fmt: skip
        assert len(list(directory.of_kind(kind))) == 1, kind
        assert kind in pack().office_kinds
