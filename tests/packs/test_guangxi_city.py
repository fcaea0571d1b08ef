"""广西某地: what the city's scheme demands, value by value; families stand in its examples."""

from datetime import date, datetime
from functools import cache
from string import Formatter

import pytest

from tests.packs.edited import PACKS
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import Context
from yijian.domain.forms import DeliveryOption
from yijian.domain.notices import Message
from yijian.domain.plan import critical_workdays
from yijian.domain.policy import Choice, Material, OnRefusal, Pack
from yijian.packs import divisions, load_folder
from yijian.packs.examples import example_files, load_example
from yijian.packs.loading import load_context
from yijian.packs.rehearsal import Rehearsal, begun, play

CODE = "450000-guangxi-city"
START = date(2024, 9, 20)
DOCUMENT = "gx-2024"
LIMITS = {
    "birth_certificate": 1,
    "vaccination_booklet": 1,
    "hukou_registration": 2,
    "social_security_card": 30,
    "medical_insurance_enrolment": 1,
    "medical_insurance_payment": None,
    "maternity_reimbursement": 15,
    "parenting_guidance": None,
}
CELLS = {
    "基本信息": {
        "新生儿姓名": "newborn_name",
        "性别": "newborn_sex",
        "出生时间": "newborn_born_at",
        "出生孕周": "newborn_weeks",
        "出生体重": "newborn_weight_g",
        "出生身长": "newborn_length_cm",
        "住院病历号": "in_patient_number",
        "出生地点": "newborn_place_text",
        "医疗机构名称": "institution_name",
        "接生人员名字": "midwife",
        "母亲姓名": "mother_name",
        "母亲公民身份号码": "mother_id_number",
        "母亲结婚证字号": "marriage_certificate_number",
        "母亲民族": "mother_ethnicity",
        "母亲联系电话": "mother_phone",
        "母亲户籍地址": "mother_hukou_address",
        "父亲姓名": "father_name",
        "父亲公民身份号码": "father_id_number",
        "父亲结婚证字号": "marriage_certificate_number",
        "父亲民族": "father_ethnicity",
        "父亲联系电话": "father_phone",
        "父亲户籍地址": "father_hukou_address",
    },
    "办理事项": {"七个勾选框": "chosen_items"},
    "登记": {
        "落户在父亲或母亲": "hukou_follows",
        "落户县（市、区）": "hukou_division",
        "落户派出所": "hukou_police_station_name",
        "户主": "hukou_household_head",
        "户主公民身份号码": "hukou_household_head_id_number",
        "新生儿与户主关系": "newborn_relation_to_head",
        "新生儿籍贯": "newborn_native_place",
        "血型": "newborn_blood_type",
        "落户地址": "hukou_address",
        "出生医学证明编号": "G14",
    },
    "民族": {
        "随父亲或母亲民族": "newborn_ethnicity",
        "父亲签名": "G4",
        "母亲签名": "G4",
        "父亲签名日期": "G13",
        "母亲签名日期": "G13",
    },
    "参保登记": {"新生儿医保参保地": "insurance_division", "备注": "G13"},
    "医保缴费": {"缴费方式": "insurance_payment_way"},
    "生育医疗费用": {
        "多胞胎或单胞胎": "birth_multiplicity",
        "分娩方式": "delivery_ease",
        "发放账户": "reimbursement_account_kind",
        "开户行": "reimbursement_bank_name",
        "银行账号": "reimbursement_account",
    },
    "社会保障卡办理": {
        "办理途径": "card_bank",
        "备注": "G13",
        "新生儿出生日期": "newborn_born_at",
    },
    "送达": {
        "出生医学证明": "certificate_delivery",
        "委托领取的签名捺印": "G13",
        "预防接种证": "G14",
        "户口簿": "household_page_delivery",
        "社会保障卡": "G14",
        "邮寄地址": "recipient_address",
        "收件人": "recipient_name",
        "联系电话": "recipient_phone",
    },
}


@cache
def context() -> Context:
    return load_context(PACKS, CODE)


def pack() -> Pack:
    return context().pack


def _example(name: str) -> Rehearsal:
    path = next(p for p in example_files(PACKS, CODE) if p.stem[4:] == name)
    return begun(load_example(PACKS, path), context())


@cache
def at_the_end(name: str) -> Rehearsal:
    path = next(p for p in example_files(PACKS, CODE) if p.stem[4:] == name)
    return play(load_example(PACKS, path), context())


def sent(name: str, notice: str) -> list[Message]:
    return [m for m in at_the_end(name).messages if m.notice == notice]


def option(item: str, code: str) -> DeliveryOption:
    (delivery,) = (d for d in pack().delivery if d.item == item)
    return next(o for o in delivery.options if o.code == code)


def materials() -> dict[str, list[Material]]:
    found: dict[str, list[Material]] = {}
    for item in pack().items.values():
        for material in item.materials:
            found.setdefault(material.id, []).append(material)
    return found


def test_the_scheme_rests_on_its_document_and_its_legal_basis() -> None:
    source = pack().sources[DOCUMENT]
    assert source.issued_on == date(2024, 8, 23)
    assert len(source.issuers) == 4
    assert source.sha256 == "6ac22ebb679309c3103c514933833970786d76def5a4758354635d920e7f7028"
    assert "桂卫妇幼发〔2024〕6号" in source.clauses["引言"]
    assert (pack().in_force_from, pack().divisions) == (START, ("450100",))


def test_every_contradiction_is_decided_openly() -> None:
    decided = pack().decisions
    assert {"H10", "H11", "H12", "H13", "H14", "H15", "H16", "H22", "H23", "H24", "H25"} <= set(
        decided
    )
    assert {f"G{number}" for number in range(1, 21)} <= set(decided)
    own = {id_: decision.on for id_, decision in decided.items() if not id_.startswith("B")}
    assert set(own.values()) == {date(2026, 11, 21)}


def test_no_damaged_name_and_no_city_is_shown_anywhere() -> None:
    """Official banks carry the names of cities; nothing else of this folder does."""
    region = "450000"
    cities = [
        city[:2] for code, (city, above) in divisions.load(PACKS).rows.items() if above == region
    ]
    assert len(cities) == 14
    for path in sorted((PACKS / CODE).glob("*.yaml")):
        text = path.read_text(encoding="utf-8").replace("柳州银行", "")
        assert "〔某地〕" not in text, path.name
        for city in cities:
            assert city not in text, f"{city} in {path.name}"
    assert pack().words["place_name"].zh == pack().title.zh == "广西某地"
    for office in context().directory.offices:
        assert office.title.zh.startswith(("某地", "自治区")), office.code


def test_seven_items_and_their_limits() -> None:
    assert {code: len(i.limits) for code, i in pack().items.items()} == {
        code: 0 if days is None else 1 for code, days in LIMITS.items()
    }
    for code, item in pack().items.items():
        limit = item.limit_on(START)
        assert (limit.workdays if limit else None) == LIMITS[code], code
        assert limit is None or limit.from_on == START
    counted = [item for item in pack().items.values() if item.part_of is None]
    assert len(counted) == 7
    assert pack().items["medical_insurance_payment"].part_of == "medical_insurance_enrolment"
    assert all(item.applied_for for item in pack().items.values())


def test_the_promise_is_the_longest_chain_of_limits() -> None:
    promise = pack().promise
    assert promise is not None
    start = datetime(2024, 9, 20, tzinfo=SHANGHAI)
    assert promise.workdays == 33 == critical_workdays(pack().items.values(), start)
    rest = [i for code, i in pack().items.items() if code != "social_security_card"]
    assert critical_workdays(rest, start) == 16


def test_what_waits_for_what_follows_the_flow() -> None:
    needs = {code: item.needs for code, item in pack().items.items()}
    assert needs == {
        "birth_certificate": (),
        "vaccination_booklet": (),
        "hukou_registration": ("birth_certificate",),
        "social_security_card": ("hukou_registration",),
        "medical_insurance_enrolment": ("hukou_registration",),
        "medical_insurance_payment": ("medical_insurance_enrolment",),
        "maternity_reimbursement": ("birth_certificate",),
        "parenting_guidance": (),
    }
    assert {item.on_refusal for item in pack().items.values()} == {OnRefusal.CONTINUE}


def test_every_item_can_be_unticked_but_not_what_rests_on_another() -> None:
    assert {item.choice for item in pack().items.values()} == {Choice.DEFAULT}
    requires = {code: item.requires for code, item in pack().items.items() if item.requires}
    assert requires == {
        "hukou_registration": (("birth_certificate",),),
        "social_security_card": (("hukou_registration",),),
        "medical_insurance_enrolment": (("hukou_registration",),),
        "maternity_reimbursement": (("birth_certificate",),),
    }


def test_each_item_goes_to_the_department_that_answers_for_it() -> None:
    kinds = {code: item.office_kind for code, item in pack().items.items()}
    assert kinds == {
        "birth_certificate": "midwifery_institution",
        "vaccination_booklet": "midwifery_institution",
        "hukou_registration": "police_station",
        "social_security_card": "hr_bureau",
        "medical_insurance_enrolment": "insurance_bureau",
        "medical_insurance_payment": "tax_bureau",
        "maternity_reimbursement": "insurance_bureau",
        "parenting_guidance": "health_bureau",
    }
    assert pack().lead_office_kind == "health_bureau"
    for code, item in pack().items.items():
        assert context().directory.of_kind(item.office_kind), code
    tax = pack().items["medical_insurance_payment"].payload
    assert "insurance_payment_way" in tax and "newborn_weight_g" not in tax
    assert "reimbursement_account" not in pack().items["medical_insurance_enrolment"].payload


def test_results_are_the_material_of_the_next_item() -> None:
    given = {
        result.fact for item in pack().items.values() for result in item.results if result.fact
    }
    assert {"newborn_certificate_number", "newborn_citizen_id_number"} <= given
    police = pack().items["hukou_registration"]
    assert "newborn_certificate_number" in police.payload
    (paper,) = (m for m in police.materials if m.id == "birth_certificate")
    assert paper.waived and paper.when is None
    for item in ("social_security_card", "medical_insurance_enrolment"):
        assert "newborn_citizen_id_number" in pack().items[item].payload


def test_the_mother_alone_applies_on_both_channels() -> None:
    assert pack().applicants == ("mother",)
    assert pack().channels == ("online", "hospital_window")
    assert tuple(pack().fills) in ((), ("mother",))
    assert not pack().arrivals


def test_both_parents_sign_only_when_their_ethnic_groups_differ() -> None:
    mother, father = pack().signing
    assert (mother.role, mother.when, mother.live_check) == ("mother", None, False)
    assert (father.role, father.after, father.live_check) == ("father", ("mother",), True)
    assert father.when is not None
    assert father.when.source == "mother_ethnicity != father_ethnicity"
    (paper,) = (s for s in pack().statements if s.id == "ethnicity_confirmation")
    assert paper.when is not None and paper.when.source == father.when.source
    assert paper.signed_by == ("mother", "father")
    named = {name for _, name, _, _ in Formatter().parse(paper.text.zh) if name}
    assert named >= {"newborn_name", "newborn_ethnicity", "father_ethnicity", "mother_ethnicity"}


def test_the_letter_of_authority_names_both_parents_and_every_baby() -> None:
    (letter,) = (s for s in pack().statements if s.id == "authorisation_letter")
    assert letter.signed_by == ("mother",)
    rows = ["mother_name", "mother_id_number", "father_name", "father_id_number", "newborn_name"]
    assert list(letter.rows) == rows
    assert letter.when is not None and '"father_collects"' in letter.when.source
    assert "捺印" in letter.text.zh and "fingerprint" in letter.text.en


def test_no_cell_of_the_registration_form_is_lost() -> None:
    document, _ = _document()
    cells = {row["id"]: row.get("fact") or row.get("decision") for row in document["official"]}
    wanted = {f"{part}·{cell}": by for part, rows in CELLS.items() for cell, by in rows.items()}
    assert cells == wanted
    asked = {field.fact for field in pack().fields()}
    for cell, by in wanted.items():
        assert by in asked or by in pack().decisions, cell


def test_a_plain_family_types_only_the_name() -> None:
    always = {f.fact for f in pack().fields() if f.typed and f.shown is None}
    assert always == {"newborn_name"}
    start = _example("ordinary-family")
    filled = start.context.filled(start.case, 1, start.now)
    for field in pack().fields():
        if field.required and not field.typed and field.shown is None:
            assert filled.get(field.fact) not in (None, ""), field.fact


def test_eleven_banks_are_offered_in_the_order_of_the_form() -> None:
    names = "中国银行 工商银行 建设银行 农业银行 邮储银行 交通银行 农商银行 某地银行 柳州银行 光大银行 北部湾银行"
    offered = pack().form_field("card_bank").offered
    assert offered is not None
    codes = offered.value({})
    assert isinstance(codes, list | tuple)
    assert [pack().code_lists["bank"].entries[c].zh for c in codes] == names.split()


def test_a_material_is_asked_only_when_no_licence_or_register_gave_it() -> None:
    asked = {
        id_: rows[0].when.source
        for id_, rows in materials().items()
        if rows[0].when is not None and not rows[0].waived
    }
    assert asked == {
        "mother_id_card": "!mother_id_card_held",
        "father_id_card": "!father_id_card_held",
        "marriage_certificate": "!marriage_certificate_held",
        "mother_household_book": "!mother_household_book_held && !mother_hukou_found",
        "father_household_book": "!father_household_book_held && !father_hukou_found",
    }
    never = {id_ for id_, rows in materials().items() if rows[0].waived}
    assert never == {"application_form", "delivery_record_page", "birth_certificate"}
    pages = materials()["mother_household_book"][0].hint
    assert pages is not None
    assert [p for p in ("首页", "户主页", "本人页") if p not in pages.zh] == []


def test_a_material_of_several_items_is_the_same_everywhere() -> None:
    several = {id_: rows for id_, rows in materials().items() if len(rows) > 1}
    assert set(several) == {
        "application_form",
        "mother_id_card",
        "father_id_card",
        "marriage_certificate",
    }
    for id_, rows in several.items():
        assert all(row == rows[0] for row in rows), id_


def test_a_hospital_without_qualification_hands_over_to_one_that_issues() -> None:
    desk = context().directory.office("H45010202")
    assert desk is not None and not desk.issues_certificates
    assert desk.hands_over_to == "H45010201"
    nearest = context().directory.nearest("midwifery_institution", "450102")
    assert nearest is not None and nearest.code == "H45010201" and nearest.issues_certificates
    others = [o.code for o in context().directory.offices if not o.issues_certificates]
    assert others == ["H45010202"]
    assert "咨询台" in pack().words["enquiry_desk"].zh


def test_the_booklet_is_collected_where_it_is_issued() -> None:
    item = pack().items["vaccination_booklet"]
    assert item.office_fact == "institution_code"
    assert "宝宝出生的医院" in option("vaccination_booklet", "collect").where.zh
    assert item.way_offline is not None and "接种单位" in item.way_offline.zh


def test_every_result_reaches_the_family_as_the_document_says() -> None:
    ways = {d.item: [o.code for o in d.options] for d in pack().delivery}
    assert ways["birth_certificate"] == ["collect", "father_collects", "mail"]
    assert ways["hukou_registration"] == ["collect", "mail"]
    assert ways["vaccination_booklet"] == ways["social_security_card"] == ["collect"]
    assert ways["maternity_reimbursement"] == ["card", "bank"]
    father = option("birth_certificate", "father_collects").bring.zh
    assert "授权书" in father and "捺印" in father and "双方身份证原件" in father
    for item in ("birth_certificate", "hukou_registration"):
        mail = option(item, "mail")
        assert mail.needs_address and "自费" in mail.cost.zh
    assert "户口簿和身份证" in option("hukou_registration", "collect").bring.zh
    defaults = {fact: pack().form_field(fact).default for fact in _delivery_facts()}
    assert all(d is not None and d.value({}) in ("collect", "card") for d in defaults.values())


def test_the_counterfoil_goes_to_the_police_at_the_issuers_place_each_quarter() -> None:
    rules = {rule.part: rule for rule in pack().custody}
    assert set(rules) == {"main_page", "counterfoil", "counterfoil_for_family"}
    counterfoil, returned = rules["counterfoil"], rules["counterfoil_for_family"]
    assert (
        "签发机构所在地的派出所" in counterfoil.goes_to.zh and "双方签字" in counterfoil.goes_to.zh
    )
    assert "每季度最后一个月30日" in counterfoil.every.zh
    assert counterfoil.when is not None and returned.when is not None
    here = {"newborn_certificate_collected": False}
    done = {"items_completed": ["hukou_registration"], "items_failed": []} | here
    failed = {"items_completed": [], "items_failed": ["hukou_registration"]} | here
    chosen = {"chosen_items": ["birth_certificate", "hukou_registration"]}
    unchosen = failed | {"items_failed": [], "chosen_items": ["birth_certificate"]}
    assert counterfoil.when.holds(done | chosen) and not returned.when.holds(done | chosen)
    assert returned.when.holds(failed | chosen) and not counterfoil.when.holds(failed | chosen)
    assert returned.when.holds(unchosen) and not counterfoil.when.holds(unchosen)


def test_no_paper_is_kept_of_a_certificate_that_the_family_already_has() -> None:
    for items in (["birth_certificate", "hukou_registration"], ["vaccination_booklet"]):
        facts = {
            "items_completed": items,
            "items_failed": ["hukou_registration"],
            "chosen_items": items,
            "newborn_certificate_collected": "birth_certificate" in items,
        }
        for rule in pack().custody:
            assert rule.when is not None
            assert rule.when.holds(facts) is False


def test_the_window_has_words_for_its_three_answers() -> None:
    words = pack().words
    for kind in ("acceptance_notice", "correction_notice", "refusal_notice", "materials_receipt"):
        assert words[f"{kind}_title"].zh and words[kind].en
        named = {name for _, name, _, _ in Formatter().parse(words[kind].zh) if name}
        assert {"applicant", "office", "case_number"} <= named, kind
    assert "一次告诉您" in words["correction_notice"].zh
    assert "原因、依据" in words["refusal_notice"].zh
    assert "{due}" in words["acceptance_notice"].zh


def test_collecting_is_told_with_place_time_and_what_to_bring() -> None:
    (message,) = sent("ordinary-family", "certificate_issued")[:1]
    assert "某地一区示例妇幼保健院" in message.text and "工作日" in message.text
    (booklet,) = sent("ordinary-family", "booklet_handed_over")[:1]
    assert "某地一区示例妇幼保健院" in booklet.text and "身份证" in booklet.text
    (page,) = sent("ordinary-family", "registered")[:1]
    assert "某地一区示例派出所" in page.text and "户口簿" in page.text
    assert not sent("father-collects", "certificate_issued")
    fathers = sent("father-collects", "certificate_for_father")
    assert {m.role for m in fathers} == {"father", "mother"} and "授权书" in fathers[0].text


def test_the_card_is_collected_and_activated_after_the_message() -> None:
    card = pack().items["social_security_card"]
    results = {r.id: (r.required, r.fact) for r in card.results}
    assert results["outlet"] == (True, "newborn_card_outlet")
    assert results["ready_on"] == (True, "newborn_card_ready_on")
    (message,) = sent("ordinary-family", "card_ready")[:1]
    assert "示例" in message.text and "2026年" in message.text and "激活" in message.text
    bring = option("social_security_card", "collect").bring.zh
    assert "身份证原件" in bring and "户口簿原件" in bring
    assert card.way_offline is not None and "即时制卡网点" in card.way_offline.zh


@pytest.mark.parametrize(
    ("family", "notice", "said"),
    [
        ("ordinary-family", "enrolled_pay_now", "手机"),
        ("pay-by-alipay", "enrolled_pay_now", "缴了才有待遇"),
        ("pay-by-bank-card", "enrolled_pay_at_window", "税务窗口"),
    ],
)
def test_each_way_of_paying_leads_to_its_own_message(family: str, notice: str, said: str) -> None:
    both = {"enrolled_pay_now", "enrolled_pay_at_window"}
    messages = [m for m in at_the_end(family).messages if m.notice in both]
    assert {m.notice for m in messages} == {notice}
    assert said in messages[0].text
    assert list(pack().code_lists["insurance_payment_way"].entries) == [
        "tax_wechat",
        "wechat_city",
        "alipay",
        "bank_card",
    ]


def test_the_promise_says_what_the_form_declares_about_the_premium() -> None:
    promise = pack().words["commitment"].zh
    for said in ("税务部门", "缴费时间", "才有待遇", "真实", "清楚"):
        assert said in promise, said
    assert pack().insurance is None


def test_guidance_covers_its_five_subjects_through_the_first_year() -> None:
    points = pack().words["guidance_points"].zh
    for subject in ("喂养", "辅食", "成长", "安全", "生病", "访视"):
        assert subject in points, subject
    days = [
        int(n.on.split(":")[2][:-1])
        for n in pack().notices
        if n.on.startswith("after:birth:") and "parenting_guidance" in n.on
    ]
    assert days == [28, 90, 180, 240, 360]


def test_each_items_end_is_told_and_rated() -> None:
    end = at_the_end("reimbursement-to-card")
    ratings = {m.about.split(":")[1] for m in end.messages if m.notice == "rating_request"}
    assert ratings == set(pack().items)
    (notice,) = (n for n in pack().notices if n.id == "rating_request")
    assert notice.to == ("mother", "father") and notice.channels == ("message",)


def test_progress_shows_two_states() -> None:
    assert pack().statuses == "coarse"
    assert pack().words["status_coarse.open"].zh == "未办结"
    assert pack().words["status_coarse.done"].zh == "已办结"


def test_each_department_has_its_own_switch_until_the_region_is_ready() -> None:
    switched = [item for switch in pack().switches for item in switch.items]
    assert sorted(switched) == sorted(pack().items)
    for switch in pack().switches:
        assert switch.is_on(START) and switch.is_on(date(2024, 12, 31)), switch.id
        assert not switch.is_on(date(2024, 9, 19)) and not switch.is_on(date(2025, 1, 1))
        assert "窗口" in switch.text.zh


def test_the_entrance_names_platform_app_and_window() -> None:
    entrance = pack().words["entrance"].zh
    for said in ("数字政务一体化平台", "智桂通", "专区", "综合窗口"):
        assert said in entrance, said


def test_the_pack_holds_every_part_the_document_lists() -> None:
    """工作要求、事项范围、受理条件、申请材料、业务流程、办结时限、结果送达、评价与改进."""
    assert pack().sources[DOCUMENT].clauses and pack().items and pack().rules
    assert materials() and pack().promise and pack().delivery and pack().custody
    assert any(n.id == "rating_request" for n in pack().notices)


def _delivery_facts() -> list[str]:
    return [d.fact for d in pack().delivery if d.fact is not None]


def _document() -> tuple[dict[str, list[dict[str, str]]], Pack]:
    return load_folder(PACKS, CODE)


def test_every_rule_is_answered_both_ways_by_a_family() -> None:
    failed = {
        rule
        for path in example_files(PACKS, CODE)
        for rule in load_example(PACKS, path).model.expect.failed or ()
    }
    assert sorted({rule.id for rule in pack().rules} - failed) == []
    start = _example("ordinary-family")
    answers = {v.answer.value for v in start.context.judge(start.case, start.now).verdicts}
    assert answers == {"yes"}


def test_every_item_and_way_stands_in_some_family() -> None:
    given = [load_example(PACKS, path).model.answers for path in example_files(PACKS, CODE)]
    for fact in ("certificate_delivery", "household_page_delivery", "insurance_payment_way"):
        field = pack().form_field(fact)
        assert field.default is not None
        code_list = pack().code_lists[pack().facts[fact].code_list or ""]
        said = {answers.get(fact) for answers in given} | {field.default.value({})}
        assert set(code_list.entries) <= said, fact
