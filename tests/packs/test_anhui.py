"""安徽省: what its document (source 001) decides, value by value, and that the engine does it."""

from datetime import date, timedelta
from functools import cache

import pytest

from tests.packs.edited import PACKS
from yijian.domain.context import Context
from yijian.domain.events import EventKind
from yijian.domain.forms import DeliveryOption
from yijian.domain.policy import Choice, NoticeSpec, Pack, RuleKind, ServiceItem
from yijian.packs.examples import example_files, load_example
from yijian.packs.loading import load_context
from yijian.packs.rehearsal import Rehearsal, begun, play

CODE = "340000-anhui"
SEVEN = (
    "birth_certificate",
    "vaccination_booklet",
    "hukou_registration",
    "social_security_card",
    "medical_insurance_enrolment",
    "maternity_reimbursement",
    "parenting_guidance",
)


@cache
def anhui() -> Context:
    return load_context(PACKS, CODE)


def pack() -> Pack:
    return anhui().pack


def item(code: str) -> ServiceItem:
    return pack().items[code]


def notice(id_: str) -> NoticeSpec:
    return next(each for each in pack().notices if each.id == id_)


def ways(code: str) -> dict[str, DeliveryOption]:
    (found,) = (each for each in pack().delivery if each.item == code)
    return {option.code: option for option in found.options}


@cache
def played(name: str) -> Rehearsal:
    path = next(p for p in example_files(PACKS, CODE) if p.stem.partition("-")[2] == name)
    return play(load_example(PACKS, path), anhui())


# —— the document, the items and who does them ——


def test_the_scheme_rests_on_its_document_and_its_legal_basis() -> None:
    source = pack().sources["ah-2024"]
    assert source.number == "皖卫妇幼秘〔2024〕51号"
    assert source.issued_on == date(2024, 6, 7)
    assert len(source.issuers) == 10
    assert "国发〔2024〕3号" in source.clauses["引言"]


def test_one_list_of_seven_items_serves_the_whole_province() -> None:
    assert pack().divisions == ("340000",)
    assert pack().switches == ()
    counted = {code: each.part_of for code, each in pack().items.items()}
    assert tuple(code for code in counted if counted[code] is None) == SEVEN
    assert {code for code in counted if counted[code]} == {"medical_insurance_payment"}


def test_certificate_and_registration_are_always_done_and_the_rest_is_ticked() -> None:
    always = {code for code in SEVEN if item(code).choice is Choice.ALWAYS}
    assert always == {"birth_certificate", "vaccination_booklet", "hukou_registration"}
    assert {item(code).choice for code in set(SEVEN) - always} == {Choice.DEFAULT}


def test_the_hospital_hands_over_the_booklet_without_an_application() -> None:
    booklet = item("vaccination_booklet")
    assert booklet.applied_for is False
    assert booklet.office_kind == "midwifery_institution"
    assert list(ways("vaccination_booklet")) == ["handed_over"]
    assert "newborn_name" not in booklet.payload
    others = set(pack().items) - {"vaccination_booklet"}
    assert all(item(code).applied_for for code in others)


def test_each_item_goes_to_the_department_that_answers_for_it() -> None:
    offices = {code: each.office_kind for code, each in pack().items.items()}
    assert offices["birth_certificate"] == "midwifery_institution"
    assert offices["hukou_registration"] == "police_station"
    assert offices["social_security_card"] == "hr_bureau"
    assert offices["medical_insurance_enrolment"] == "insurance_bureau"
    assert offices["maternity_reimbursement"] == "insurance_bureau"
    assert offices["medical_insurance_payment"] == "tax_bureau"
    assert offices["parenting_guidance"] == "health_bureau"


def test_the_police_come_after_the_certificate_and_the_rest_after_the_police() -> None:
    needs = {code: set(each.needs) for code, each in pack().items.items()}
    assert needs["birth_certificate"] == needs["vaccination_booklet"] == set()
    assert needs["hukou_registration"] == {"birth_certificate"}
    assert needs["medical_insurance_payment"] == {"medical_insurance_enrolment"}
    for code in SEVEN[3:]:
        assert needs[code] == {"hukou_registration"}


def test_the_certificate_is_issued_from_the_answers_and_the_delivery_record() -> None:
    payload = set(item("birth_certificate").payload)
    registers = {pack().facts[fact].register for fact in payload}
    assert {"newborn_name", "certificate_delivery"} <= payload
    assert {"newborn_weight_g", "newborn_population_code", "parity", "midwife"} <= payload
    assert "delivery" in registers


# —— conditions before the form, materials ——


def test_electronic_certificates_must_be_held_before_the_form_opens() -> None:
    rules = {rule.id: rule for rule in pack().rules}
    for held in ("marriage_certificate_held", "mother_id_card_held"):
        assert rules[held].kind is RuleKind.READINESS
        assert rules[held].condition.holds({held: True}) is True
        assert rules[held].condition.holds({held: False}) is False
        repair, way_on = rules[held].repair, rules[held].way_on
        assert repair is not None and "皖事通" in repair.zh
        assert way_on is not None and "综合窗口" in way_on.zh


def test_no_material_is_asked_but_the_originals_of_care_outside_the_pool() -> None:
    asked = {m.id: m for each in pack().items.values() for m in each.materials if not m.waived}
    assert list(asked) == ["original_invoices"]
    originals = asked["original_invoices"]
    assert originals.kind == "original" and originals.when is not None
    assert originals.when.holds({"maternity_pool": "outside"}) is True
    assert originals.when.holds({"maternity_pool": "inside"}) is False
    assert originals in item("maternity_reimbursement").materials


def test_the_registration_waives_the_form_and_both_certificates() -> None:
    materials = {m.id: m.waived for m in item("hukou_registration").materials}
    assert materials == {
        "application_form": True,
        "marriage_certificate": True,
        "birth_certificate": True,
    }


@pytest.mark.parametrize("code", [*SEVEN[1:2], *SEVEN[3:5], "parenting_guidance"])
def test_what_the_list_of_items_names_no_material_for_has_none(code: str) -> None:
    assert item(code).materials == ()


# —— delivery and papers ——


def test_the_main_page_is_collected_at_the_birth_hospital_or_mailed() -> None:
    options = ways("birth_certificate")
    assert list(options) == ["collect", "mail"]
    assert "宝宝出生的医院" in options["collect"].where.zh
    assert options["mail"].needs_address and not options["collect"].needs_address


def test_the_household_page_is_printed_at_either_station_with_the_book() -> None:
    options = ways("hukou_registration")
    assert list(options) == ["registered", "resident"]
    assert all("户口簿" in option.bring.zh for option in options.values())
    assert "入户" in options["registered"].where.zh
    assert "居住地" in options["resident"].where.zh


def test_the_card_is_made_on_the_spot_or_mailed() -> None:
    options = ways("social_security_card")
    assert list(options) == ["collect", "mail"]
    assert "政务服务中心" in options["collect"].where.zh and "银行" in options["collect"].where.zh
    assert "现场" in options["collect"].title.zh
    default = pack().form_field("card_delivery").default
    assert default is not None and default.value({}) == "collect"


def test_the_counterfoil_and_the_stub_go_to_the_archive_each_quarter() -> None:
    custody = {rule.part: rule for rule in pack().custody}
    for part in ("counterfoil", "stub"):
        assert "国家综合档案馆" in custody[part].goes_to.zh
        assert "每季度末" in custody[part].every.zh
        assert "助产机构" in custody[part].holder.zh
    assert "家长" in custody["main_page"].goes_to.zh


def test_the_counterfoil_goes_to_the_family_when_the_police_did_not_register() -> None:
    custody = {rule.part: rule for rule in pack().custody}
    kept, given = custody["counterfoil"].when, custody["counterfoil_for_the_counter"].when
    assert kept is not None and given is not None
    for failed in ([], ["social_security_card"], ["hukou_registration"]):
        facts = {"items_failed": failed}
        assert given.holds(facts) is ("hukou_registration" in failed)
        assert kept.holds(facts) is ("hukou_registration" not in failed)


# —— words and messages ——


def test_the_entrance_names_the_column_the_app_and_the_windows() -> None:
    entrance = pack().words["entrance"].zh
    for name in ("安徽政务服务网", "皖事通", "高效办成一件事", "综合窗口"):
        assert name in entrance
    assert pack().channels == ("online", "counter")


def test_the_payment_message_names_app_service_check_and_benefit() -> None:
    message = notice("enrolled_pay_now")
    assert message.on == "task_moved:medical_insurance_enrolment:completed"
    assert "sms" in message.channels
    text = message.text.zh
    for name in ("已参保登记", "皖事通", "城乡居民两险缴费", "查结果", "才有待遇"):
        assert name in text
    assert text.index("缴费并查结果") < text.index("才有待遇")


def test_enrolment_is_followed_by_one_message_to_pay_and_the_task_of_the_tax_office() -> None:
    events = played("ordinary-family").events
    moved = [
        (event.task[0], event.public["to"])
        for event in events
        if event.kind is EventKind.TASK_MOVED and event.task is not None
    ]
    enrolled = moved.index(("medical_insurance_enrolment", "completed"))
    assert enrolled < moved.index(("medical_insurance_payment", "completed"))
    told = [m for m in played("ordinary-family").messages if m.notice == "enrolled_pay_now"]
    assert sorted(m.channel for m in told) == ["message", "sms"]


def test_what_is_said_about_the_claim_goes_to_the_message_centre_alone() -> None:
    for id_ in ("reimbursement_settled", "reimbursement_not_insured", "reimbursement_route"):
        assert notice(id_).channels == ("message",)
        assert notice(id_).to == ("mother",)
    sent = [m for m in played("allowance-without-application").messages if "reimb" in m.notice]
    assert [(m.notice, m.channel) for m in sent] == [("reimbursement_settled", "message")]


def test_an_allowance_of_a_settled_delivery_needs_no_application() -> None:
    first, *_ = item("maternity_reimbursement").exemptions
    assert first.condition.holds({"maternity_settled": True, "maternity_allowance": True}) is True
    assert first.condition.holds({"maternity_settled": True, "maternity_allowance": False}) is False
    assert "社会保障卡账户" in first.text.zh and "不用申请" in first.text.zh


def test_cover_begins_at_birth_within_ninety_days_and_the_day_after_payment_later() -> None:
    rule = pack().insurance
    assert rule is not None
    assert (rule.deadline_days, rule.late) == (90, "next_day")
    assert (rule.two_years_from, rule.two_years_until) == ((9, 1), (12, 31))


def test_births_of_thirty_days_are_taken_and_of_thirty_one_are_not() -> None:
    window = next(rule for rule in pack().rules if rule.id == "within_30_days")
    path = next(p for p in example_files(PACKS, CODE) if p.stem.endswith("ordinary-family"))
    start = begun(load_example(PACKS, path), anhui())
    born = start.now - timedelta(days=30)
    for days, taken in ((0, True), (1, False)):
        facts = {"newborn_born_at": born, "today": start.now + timedelta(days=days)}
        assert window.condition.holds(facts) is taken


@pytest.mark.parametrize("code", [CODE, "450000-guangxi-city"])
def test_the_warning_of_the_last_days_counts_from_the_birth_like_the_limit(code: str) -> None:
    notices = {each.id: each for each in load_context(PACKS, code).pack.notices}
    assert notices["draft_day_20"].on == "after:birth:20d:draft"
    assert "快到了" in notices["draft_day_20"].text.zh
