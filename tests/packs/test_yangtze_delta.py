"""The Yangtze-delta pack (source 000): what its document decides, and that the engine does it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise, product

import pytest

from tests.packs.edited import PACKS
from yijian.domain.clocks import SHANGHAI, due_for, local_day
from yijian.domain.context import Context
from yijian.domain.events import EventKind
from yijian.domain.plan import critical_workdays
from yijian.domain.policy import Choice, OnRefusal, RuleKind
from yijian.domain.states import Stage, TaskState
from yijian.packs.examples import example_files, load_example
from yijian.packs.families import Family
from yijian.packs.guides import as_text, make
from yijian.packs.loading import load_context
from yijian.packs.offices import load_directory
from yijian.packs.rehearsal import Rehearsal, play

CODE = "yangtze-delta"
DELTA = ("31", "32", "33", "34")
FIVE = (
    "birth_certificate",
    "vaccination_booklet",
    "hukou_registration",
    "social_security_card",
    "medical_insurance_enrolment",
)
ON_THE_DAY = date(2026, 11, 19)


@cache
def delta() -> Context:
    return load_context(PACKS, CODE)


@cache
def example(name: str) -> Family:
    path = next(p for p in example_files(PACKS, CODE) if p.stem.partition("-")[2] == name)
    return load_example(PACKS, path)


@cache
def played(name: str) -> Rehearsal:
    return play(example(name), delta())


def holds(rule_id: str, **facts: object) -> bool | None:
    rule = next(rule for rule in delta().pack.rules if rule.id == rule_id)
    return rule.condition.holds(facts)


def reached(item: str, name: str = "born-shanghai-hukou-anhui") -> list[str]:
    """The states that the item's office reported in an example, in order."""
    return [
        str(event.public["to"])
        for event in played(name).events
        if event.kind is EventKind.TASK_MOVED and event.task == (item, 1)
    ]


# —— the document and the decisions ——


def test_the_document_is_named_with_number_day_issuers_and_digest() -> None:
    source = delta().pack.sources["yd-2023"]
    assert source.number == "沪卫发〔2023〕5号"
    assert source.issued_on == date(2023, 7, 26)
    assert source.sha256 == "f3e85980504e3c4f549382e20b5b8b26e6c7b0557b9ca48b2cd5d10aa603ac79"
    places = ("上海", "浙江", "江苏", "安徽")
    signed = {place: sum(place in issuer for issuer in source.issuers) for place in places}
    assert signed == {"上海": 7, "浙江": 5, "江苏": 9, "安徽": 9}
    assert "国办发〔2020〕35号" in source.clauses["引言"]
    assert "国办电政函〔2022〕15号" in source.clauses["引言"]


def test_every_contradiction_of_the_document_is_decided_openly() -> None:
    decisions = delta().pack.decisions
    assert {"H1", "H2", "H3", "H4", "H23", "H24", "H25"} <= decisions.keys()
    assert {f"Y{n}" for n in range(1, 21)} <= decisions.keys()
    own = {id_: each.on for id_, each in decisions.items() if not id_.startswith("B")}
    assert set(own.values()) == {date(2026, 11, 21)}
    assert all(each.decided.zh for each in decisions.values())


# —— items ——


def test_five_items_are_counted_and_three_tasks_stand_under_them() -> None:
    items = delta().pack.items
    assert {code for code, item in items.items() if item.part_of is None} == set(FIVE)
    assert {code: item.part_of for code, item in items.items() if item.part_of} == {
        "household_page_printing": "hukou_registration",
        "medical_insurance_payment": "medical_insurance_enrolment",
        "vaccination_record_link": "vaccination_booklet",
    }


def test_no_item_can_be_left_out_and_none_stops_the_others() -> None:
    for item in delta().pack.items.values():
        assert item.choice is Choice.ALWAYS, item.code
        assert item.on_refusal is OnRefusal.CONTINUE, item.code


def test_items_advance_in_series_and_in_parallel() -> None:
    assert {code: item.needs for code, item in delta().pack.items.items()} == {
        "birth_certificate": (),
        "vaccination_booklet": (),
        "hukou_registration": ("birth_certificate",),
        "household_page_printing": ("hukou_registration",),
        "social_security_card": ("hukou_registration",),
        "medical_insurance_enrolment": ("hukou_registration",),
        "medical_insurance_payment": ("medical_insurance_enrolment",),
        "vaccination_record_link": ("birth_certificate", "hukou_registration"),
    }


def test_booklet_and_record_link_need_no_application() -> None:
    items = delta().pack.items
    quiet = {code for code, item in items.items() if not item.applied_for}
    assert quiet == {"vaccination_booklet", "vaccination_record_link"}


def test_the_family_pays_by_a_link_and_the_tax_office_ends_it() -> None:
    payment = delta().pack.items["medical_insurance_payment"]
    (ask,) = payment.asks
    assert (payment.office_kind, ask.kind, ask.after, ask.blocks) == (
        "tax_bureau",
        "pay",
        "queued",
        False,
    )
    assert reached("medical_insurance_payment")[-1] == "completed"


# —— the promise ——


def test_the_promise_is_five_working_days_and_the_longest_chain() -> None:
    pack = delta().pack
    assert pack.promise is not None
    assert (pack.promise.workdays, pack.promise.decision) == (5, "H4")
    assert pack.promise.without_mailing
    midday = datetime(2026, 11, 19, 12, tzinfo=SHANGHAI)
    assert critical_workdays(pack.items.values(), midday) == 5


def test_five_days_jump_over_the_spring_festival() -> None:
    """Launched on the last day before the holiday of 2026, the last office still has five days."""
    context = delta()
    now = datetime(2026, 2, 14, 16, tzinfo=SHANGHAI)
    for code in ("birth_certificate", "hukou_registration", "social_security_card"):
        limit = context.pack.items[code].limit_on(local_day(now))
        assert limit is not None
        now = due_for(limit, now, context.calendar).at - timedelta(minutes=1)
    days = [date(2026, 2, 14) + timedelta(days=n) for n in range(1, 30)]
    assert local_day(now) == [day for day in days if context.calendar.is_workday(day)][4]
    assert local_day(now) > date(2026, 2, 23)


def test_the_hospital_has_eight_hours_to_record_the_delivery() -> None:
    assert delta().pack.delivery_record_hours == 8


# —— who comes, fills and signs ——


def test_father_then_mother_log_in_and_each_is_seen_alive() -> None:
    pack = delta().pack
    assert (pack.applicants, pack.fills) == (("father",), ("mother",))
    assert [(step.role, step.live_check, step.after) for step in pack.arrivals] == [
        ("father", True, ()),
        ("mother", True, ("father",)),
    ]


def test_mother_signs_first_and_the_father_launches() -> None:
    pack = delta().pack
    assert [(step.role, step.live_check, step.after) for step in pack.signing] == [
        ("mother", False, ()),
        ("father", False, ("mother",)),
    ]
    kinds = (EventKind.CONSENT_GIVEN, EventKind.SIGNED, EventKind.CASE_SUBMITTED)
    happened = [
        (event.kind, event.public.get("role") or event.by)
        for event in played("born-shanghai-hukou-anhui").events
        if event.kind in kinds
    ]
    roles = [role for kind, role in happened if kind is EventKind.SIGNED]
    assert roles == ["mother", "father"]
    consents = [role for kind, role in happened if kind is EventKind.CONSENT_GIVEN]
    assert consents[:2] == ["father", "mother"]
    assert happened[-1][0] is EventKind.CASE_SUBMITTED


def test_the_only_channel_is_online() -> None:
    assert delta().pack.channels == ("online",)


# —— the circle of families (R044 to R049) ——


@pytest.mark.parametrize(
    ("rule", "fact"),
    [
        ("born_in_delta", "born_division"),
        ("mother_hukou_in_delta", "mother_hukou_division"),
        ("father_hukou_in_delta", "father_hukou_division"),
    ],
)
def test_any_of_the_four_provinces_fits_and_no_other(rule: str, fact: str) -> None:
    for number in range(11, 83):
        place = f"{number}0102"
        assert holds(rule, **{fact: place}) is (place[:2] in DELTA), place


def test_every_condition_of_the_circle_is_one_rule_of_its_own() -> None:
    rules = {rule.id: rule for rule in delta().pack.rules}
    circle = [id_ for id_, rule in rules.items() if any(b.clause == "二（三）" for b in rule.basis)]
    assert set(circle) == {
        "born_in_delta",
        "birth_institution_licensed",
        "born_alive",
        "mother_hukou_in_delta",
        "father_hukou_in_delta",
        "same_ethnic_group",
        "married",
        "married_before_birth",
        "spouse_is_father",
        "a_family_household",
        "follows_family_household",
        "father_known",
        "mother_hukou_found",
        "father_hukou_found",
    }
    for id_ in circle:
        assert rules[id_].failed.zh and rules[id_].way_on.zh, id_


def test_births_at_home_and_on_the_way_count_like_births_in_the_institution() -> None:
    for name in ("born-at-home", "born-on-the-way"):
        assert played(name).case.stage is Stage.CLOSED
    assert not any("born_place" in rule.condition.source for rule in delta().pack.rules)


def test_parents_must_share_one_ethnic_group() -> None:
    assert holds("same_ethnic_group", mother_ethnicity="03", father_ethnicity="03") is True
    assert holds("same_ethnic_group", mother_ethnicity="03", father_ethnicity="01") is False


def test_the_document_sets_no_time_limit_for_applying() -> None:
    assert [rule.id for rule in delta().pack.rules if rule.kind is RuleKind.WINDOW] == []
    assert played("half-a-year-old").case.stage is Stage.CLOSED


def test_every_pair_of_birth_and_hukou_province_is_an_example() -> None:
    pairs = set()
    for path in example_files(PACKS, CODE):
        values: Mapping[str, object] = load_example(PACKS, path).model.expect.values or {}
        born, hukou = values.get("born_division"), values.get("hukou_division")
        if isinstance(born, str) and isinstance(hukou, str):
            pairs.add((born[:2], hukou[:2]))
    assert pairs == set(product(DELTA, DELTA))


def test_every_rule_is_failed_by_an_example_and_met_by_another() -> None:
    failed: set[str] = set()
    for path in example_files(PACKS, CODE):
        failed |= set(load_example(PACKS, path).model.expect.failed or ())
    assert failed == {rule.id for rule in delta().pack.rules}
    assert played("born-shanghai-hukou-anhui").case.stage is Stage.CLOSED


# —— what each office receives ——


def test_the_record_link_receives_number_certificate_and_both_parents() -> None:
    assert set(delta().pack.items["vaccination_record_link"].payload) == {
        "institution_code",
        "newborn_name",
        "newborn_sex",
        "newborn_born_at",
        "newborn_order",
        "newborn_certificate_number",
        "newborn_citizen_id_number",
        "mother_name",
        "mother_id_number",
        "father_name",
        "father_id_number",
    }


def test_no_office_receives_more_than_its_part() -> None:
    items = delta().pack.items
    for code in ("vaccination_booklet", "medical_insurance_payment"):
        assert len(items[code].payload) <= 7, code
    for code in (
        "social_security_card",
        "medical_insurance_enrolment",
        "medical_insurance_payment",
    ):
        assert not any(fact.startswith(("father_", "marriage_")) for fact in items[code].payload)
    assert not any("weight" in fact for fact in items["hukou_registration"].payload)


def test_the_police_receive_parents_marriage_and_the_certificate() -> None:
    payload = set(delta().pack.items["hukou_registration"].payload)
    assert {
        "mother_id_number",
        "father_id_number",
        "marriage_certificate_number",
        "newborn_certificate_number",
        "newborn_certificate_issued_on",
        "hukou_household_kind",
        "household_page_delivery",
    } <= payload


def test_only_registers_that_are_needed_are_asked() -> None:
    assert set(delta().pack.registers) == {
        "identity",
        "delivery",
        "hukou",
        "marriage",
        "certificates",
    }
    assert not any(fact.startswith("maternity_") for fact in delta().pack.facts)


def test_the_card_is_checked_by_police_human_resources_and_bank() -> None:
    points = [
        point.zh.split("：")[0]
        for point in delta().pack.items["social_security_card"].review_points
    ]
    assert points == ["公安核验", "人社核验", "服务银行核验"]


# —— the form ——


def test_only_the_name_is_typed_and_every_field_names_its_items() -> None:
    fields = delta().pack.fields()
    assert [field.fact for field in fields if field.typed] == ["newborn_name"]
    assert all(field.items for field in fields)
    assert not any(field.official for field in fields)
    asked = {field.fact for field in fields}
    assert not asked & {
        "chosen_items",
        "insurance_years",
        "insurance_division",
        "residence_address",
    }
    assert len(fields) == 38


def test_the_annexes_that_are_not_published_are_decided_cell_by_cell() -> None:
    origins = (PACKS / CODE / "form.yaml").read_text(encoding="utf-8")
    cells = origins[origins.index("official:") :].splitlines()[1:]
    assert len(cells) == 7
    assert all("{decision: " in cell for cell in cells)


def test_the_place_of_residence_is_asked_only_for_printing_there() -> None:
    field = delta().pack.form_field("residence_division")
    assert field.shown is not None
    assert field.shown.holds({"household_page_delivery": "resident"}) is True
    assert field.shown.holds({"household_page_delivery": "registered"}) is False


# —— papers, delivery, custody ——


def test_five_papers_at_most_and_none_with_electronic_certificates() -> None:
    materials = {
        material.id: material
        for item in delta().pack.items.values()
        for material in item.materials
        if not material.waived
    }
    assert set(materials) == {
        "mother_id_card",
        "father_id_card",
        "marriage_certificate",
        "mother_household_book",
        "father_household_book",
    }
    assert {material.kind for material in materials.values()} == {"scan"}
    assert all(material.when is not None for material in materials.values())


def test_certificate_and_card_come_by_the_joint_courier_or_are_collected() -> None:
    ways = {each.item: {o.code: o for o in each.options} for each in delta().pack.delivery}
    for item in ("birth_certificate", "social_security_card"):
        assert set(ways[item]) == {"collect", "mail"}
        assert "统一物流" in ways[item]["mail"].title.zh
        assert ways[item]["mail"].needs_address and ways[item]["mail"].cost.zh
    assert "宝宝出生的医院" in ways["birth_certificate"]["collect"].where.zh
    assert "网点" in ways["social_security_card"]["collect"].where.zh
    assert "银行" in ways["social_security_card"]["collect"].where.zh
    assert set(ways["hukou_registration"]) == {"registered", "resident"}
    assert all("户口簿" in o.bring.zh for o in ways["hukou_registration"].values())


def test_the_counterfoil_is_marked_cut_off_kept_and_goes_to_the_archive() -> None:
    custody = {rule.part: rule for rule in delta().pack.custody}
    counterfoil = custody["counterfoil"]
    assert counterfoil.mark is not None
    assert counterfoil.mark.zh == "出生“一件事”联办（此联由签发机构裁切暂存）"
    assert counterfoil.cut is True
    for part in ("counterfoil", "stub", "issuing_file"):
        assert "国家综合档案馆" in custody[part].goes_to.zh
        assert "数字化副本" in custody[part].every.zh
    assert "派出所" in custody["registration_file"].holder.zh


def test_the_counterfoil_goes_to_the_family_when_registration_failed() -> None:
    custody = {rule.part: rule for rule in delta().pack.custody}
    kept, given = custody["counterfoil"].when, custody["counterfoil_for_the_counter"].when
    assert kept is not None and given is not None
    for failed in ([], ["social_security_card"], ["hukou_registration"]):
        facts = {"items_failed": failed}
        assert given.holds(facts) is ("hukou_registration" in failed)
        assert kept.holds(facts) is ("hukou_registration" not in failed)


def test_the_watermark_is_the_one_the_document_fixes() -> None:
    watermark = delta().pack.watermark
    assert watermark is not None
    assert watermark.zh == "长三角区域“一件事”跨省通办专用"


# —— states and messages ——


def test_every_state_the_document_lists_is_shown_and_reached() -> None:
    pack = delta().pack
    assert pack.statuses == "fine"
    shown = {state.value: pack.words[f"status.{state.value}"].zh for state in TaskState}
    listed = "queued accepted declined in_review approved rejected completed".split()
    said = "待受理 受理 不予受理 审核中 审核通过 审核不通过 办结".split()
    assert [shown[state] for state in listed] == said
    assert reached("birth_certificate") == ["queued", "accepted", "approved", "completed"]
    assert "in_review" in reached("hukou_registration", "registration-rejected-after-review")
    assert reached("hukou_registration", "police-decline")[-1] == "declined"


def test_both_parents_are_told_every_progress() -> None:
    notices = {notice.id: notice for notice in delta().pack.notices}
    for id_ in (
        "case_submitted",
        "task_accepted",
        "task_in_review",
        "task_declined",
        "task_rejected",
        "task_handed_over",
        "certificate_issued",
        "registered",
        "household_page_ready",
        "card_ready",
        "enrolled_pay_now",
        "premium_paid",
        "vaccination_record_linked",
        "case_closed",
    ):
        assert notices[id_].to == ("mother", "father"), id_


def test_the_payment_notice_goes_by_text_message_with_a_link() -> None:
    notice = next(n for n in delta().pack.notices if n.id == "enrolled_pay_now")
    assert notice.on == "task_moved:medical_insurance_enrolment:completed"
    assert set(notice.channels) == {"sms", "message"}
    assert "{link}" in notice.text.zh and "缴费" in notice.text.zh


def test_nothing_is_promised_that_only_other_schemes_promise() -> None:
    pack = delta().pack
    said = [notice.text.zh for notice in pack.notices]
    said += [pack.words[word].zh for word in ("insurance_note", "insurance_both_years")]
    said += [ask.text.zh for item in pack.items.values() for ask in item.asks]
    for words in said:
        assert "90天" not in words and "30天" not in words and "出生那天起" not in words, words
    assert pack.insurance is None


# —— where: provinces, offices, pilots, the scheme beside ——


def test_shanghai_has_its_own_card_office_and_no_code_knows() -> None:
    directory = delta().directory
    for province, body in (("31", "上海市社会保障卡服务中心"), ("33", "人力资源和社会保障")):
        office = directory.nearest("card_office", f"{province}0104")
        assert office is not None and body in office.title.zh
        assert office.participant == f"hr-{province}0000"
    assert delta().pack.items["social_security_card"].office_kind == "card_office"


@pytest.mark.parametrize("province", DELTA)
@pytest.mark.parametrize(
    ("kind", "system"),
    [
        ("card_office", "hr"),
        ("insurance_bureau", "insurance"),
        ("tax_bureau", "tax"),
        ("health_bureau", None),
    ],
)
def test_every_province_has_every_office_and_its_own_system(
    province: str, kind: str, system: str | None
) -> None:
    office = delta().directory.nearest(kind, f"{province}9999")
    assert office is not None and office.division == f"{province}0000"
    wanted = f"{system}-{province}0000" if system else None
    assert (office.channel, office.participant) == ("system" if system else "desk", wanted)


def test_anhui_offices_are_the_same_as_in_the_anhui_pack() -> None:
    there = {office.code: office for office in load_directory(PACKS, "340000-anhui").offices}
    shared = [office for office in delta().directory.offices if office.code in there]
    assert len(shared) == 33
    assert [office for office in shared if office != there[office.code]] == []


def test_printing_across_provinces_is_a_task_of_the_police_where_the_family_lives() -> None:
    end = played("resident-printing-third-province")
    (task,) = end.case.tasks_of("household_page_printing")
    assert (task.office, task.state) == ("330212510000", TaskState.COMPLETED)
    assert delta().pack.items["household_page_printing"].office_fact == "residence_division"


@pytest.mark.parametrize(
    ("day", "division", "closed"),
    [
        ("2023-07-26", "310118", True),
        ("2023-10-31", "310118", True),
        ("2023-11-01", "310118", False),
        ("2023-11-01", "320509", False),
        ("2023-12-31", "330421", False),
        ("2023-11-01", "310104", True),
        ("2023-12-31", "320508", True),
        ("2023-12-31", "330106", True),
        ("2023-12-31", "340104", True),
        ("2024-01-01", "310104", False),
        ("2024-01-01", "340104", False),
    ],
)
def test_the_pilot_opens_the_demonstration_zone_before_the_rest(
    day: str, division: str, closed: bool
) -> None:
    on = date.fromisoformat(day)
    off = [s for s in delta().pack.switches if s.is_on(on) and s.reaches(division)]
    assert (len(off) == 1) is closed
    assert all(not switch.items for switch in off)


def test_every_place_but_the_zone_waits_for_the_new_year() -> None:
    (switch,) = [s for s in delta().pack.switches if s.divisions]
    table = (PACKS / "000000-base" / "divisions.csv").read_text(encoding="utf-8").splitlines()
    counties = {line[:6] for line in table if line[7:8] == "3" and line[:2] in DELTA}
    open_ = {county for county in counties if not switch.reaches(county)}
    assert open_ == {"310118", "320509", "330421"}


def test_anhui_leads_for_its_own_families_and_the_choice_stays() -> None:
    beside = delta().pack.alongside["340000-anhui"]
    assert (beside.leads, beside.choice, beside.decision) == (False, True, "H24")
    assert delta().pack.precedence < load_context(PACKS, "340000-anhui").pack.precedence


def test_the_guide_names_the_four_apps_and_all_five_items() -> None:
    notice = as_text(make(delta().pack, "notice", "zh", ON_THE_DAY))
    for app in ("随申办", "苏服办", "浙里办", "皖事通"):
        assert app in notice
    for code in FIVE:
        assert delta().pack.items[code].title.zh in notice


def test_health_leads_and_the_staff_guide_tells_every_check() -> None:
    pack = delta().pack
    assert pack.lead_office_kind == "health_bureau"
    guide = as_text(make(pack, "staff", "zh", ON_THE_DAY))
    for item in pack.items.values():
        assert all(point.zh in guide for point in item.review_points), item.code
        assert item.way_offline is not None and item.way_offline.zh in guide


def test_sittings_are_three_father_mother_father() -> None:
    """Who acts, in order, until the case is launched; a login is a run of one parent's acts."""
    acts = []
    for event in played("born-shanghai-hukou-anhui").events:
        if event.by in ("father", "mother"):
            acts.append(event.by)
        if event.kind is EventKind.CASE_SUBMITTED:
            break
    runs = [acts[0], *(later for earlier, later in pairwise(acts) if later != earlier)]
    assert runs == ["father", "mother", "father"]
