"""Family files: strict, completed always the same, and what registers say of them."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from stdnum.cn import ric

from tests.packs.edited import PACKS, town
from yijian.domain.cases import CheckState
from yijian.domain.numbers import citizen_id_fault, id_birth_date, id_sex, mobile_fault
from yijian.packs import PackError, divisions
from yijian.packs.examples import example_files, load_example
from yijian.packs.families import as_json, complete, facts_of, load, parse

TODAY = date(2026, 11, 21)


def family(text: str = "") -> dict[str, object]:
    return complete(parse("title: 一家人\n" + text))


def test_a_title_is_enough_for_a_whole_family() -> None:
    whole = family()
    assert whole["title"] == {"zh": "一家人", "en": "一家人"}
    for role in ("mother", "father"):
        person = whole[role]
        assert isinstance(person, dict)
        number = person["id_number"]
        assert citizen_id_fault(number, TODAY) is None
        assert ric.is_valid(number)
        assert id_birth_date(number).isoformat() == person["birth_date"]
        assert id_sex(number) == person["sex"] == ("2" if role == "mother" else "1")
        assert number.startswith(person["hukou"]["division"])
        assert mobile_fault(person["phone"]) is None
        assert person["phone"].startswith("19900")
    surname = whole["father"]["name"][0]  # type: ignore[index]
    assert whole["answers"]["newborn_name"][0][0] == surname


def test_the_same_skeleton_gives_the_same_family_and_another_title_another() -> None:
    assert family() == family()
    assert complete(parse("title: 另一家人\n"))["mother"] != family()["mother"]


def test_completing_a_complete_family_changes_nothing() -> None:
    whole = family("newborns: [{}, {}]\nmother: {ethnicity: '03'}\n")
    assert complete(parse(json.dumps(whole))) == whole


def test_what_is_written_is_kept() -> None:
    whole = family(
        "mother: {name: 王芳, id_number: '340103199505012224', hukou: {division: '340103'}}\n"
    )
    mother = whole["mother"]
    assert isinstance(mother, dict)
    assert mother["birth_date"] == "1995-05-01"
    assert mother["hukou"]["police_station"] == "340103510000"
    assert whole["delivery"]["institution"] == "H34010301"  # type: ignore[index]


def test_parents_who_live_together_share_a_household() -> None:
    whole = family()
    mother, father = whole["mother"], whole["father"]
    assert isinstance(mother, dict) and isinstance(father, dict)
    assert mother["hukou"]["head_name"] == father["hukou"]["head_name"] == father["name"]
    assert mother["hukou"]["address"] == father["hukou"]["address"]
    assert (mother["hukou"]["relation_to_head"], father["hukou"]["relation_to_head"]) == (
        "10",
        "02",
    )


def test_parents_in_two_places_head_their_own_households() -> None:
    whole = family("father: {hukou: {division: '310104'}}\n")
    mother = whole["mother"]
    assert isinstance(mother, dict)
    assert mother["hukou"]["head_name"] == mother["name"]


def test_null_says_something_and_leaving_out_does_not() -> None:
    whole = family("father: null\nmarriage: null\nmother: {id_valid_until: null}\n")
    assert whole["father"] is None
    assert whole["marriage"] is None
    mother = whole["mother"]
    assert isinstance(mother, dict)
    assert mother["id_valid_until"] is None
    assert "marriage_certificate" not in mother["certificates"]
    assert family()["mother"]["id_valid_until"] is not None  # type: ignore[index]


def test_an_unrecorded_birth_stays_unrecorded() -> None:
    whole = family("delivery: {recorded_at: null, appears_after_minutes: 5}\n")
    delivery = whole["delivery"]
    assert isinstance(delivery, dict)
    assert delivery["recorded_at"] is None
    assert delivery["appears_after_minutes"] == 5


def test_the_sandbox_is_not_told_what_must_come_out() -> None:
    sent = as_json(parse("title: 一家人\nexpect: {eligible: 'yes'}\n"))
    assert "expect" not in sent
    assert json.loads(json.dumps(sent)) == sent


def test_addresses_sent_to_the_sandbox_begin_with_their_place() -> None:
    places = divisions.load(PACKS)
    sent = as_json(parse("title: 一家人\nfather: {hukou: {address: 某处}}\n"), places.full_name)
    assert sent["mother"]["hukou"]["address"].startswith("安徽省合肥市蜀山区")
    assert sent["father"]["hukou"]["address"] == "某处"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mothr: {}\n", "family:2:1: 不认识“mothr”这个键，是不是“mother”？"),
        ("newborns: [{sex: '3'}]\n", "family:2:18: “sex”只能是 1、2、9（写的是“3”）"),
        ("newborns: [{born_at: 2024-01-01}]\n", "family:2:22: “born_at”应为时间"),
        ("newborns: []\n", "family:2:11: “newborns”至少 1 项"),
        ("script: [{item: card, do: complete}]\n", "family:2:27: “do”只能是"),
        ("script: [{do: completed}]\n", "family:2:10: 要写是哪个事项（item）"),
        ("mother: {ethnicity: 1}\n", 'family:2:21: “ethnicity”应为文字，请加引号："1"'),
    ],
)
def test_a_wrong_family_file_is_refused_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(PackError) as caught:
        family(text)
    assert str(caught.value).startswith(sentence)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="没有这个家庭文件"):
        load(tmp_path / "nobody.yaml")


def test_registers_answer_with_typed_facts() -> None:
    facts = facts_of(parse("title: 一家人\nnewborns: [{}, {}]\n"), town().pack)
    verified = facts.verified
    assert facts.newborns == 2
    assert verified["institution_code", 0] == "H34010401"
    assert isinstance(verified["newborn_born_at", 2], datetime)
    assert verified["mother_household_kind", 0] == "family"
    assert facts.answers["newborn_name", 2] == facts.family["answers"]["newborn_name"][1]


def test_only_facts_that_the_pack_knows_are_told() -> None:
    pack = town().pack
    facts = facts_of(parse("title: 一家人\n"), pack)
    assert {fact for fact, _ in facts.verified} <= pack.facts.keys()


def test_one_answer_may_stand_for_every_newborn() -> None:
    facts = facts_of(
        parse("title: 一家人\nnewborns: [{}, {}]\nanswers: {newborn_name: 李一}\n"), town().pack
    )
    assert (facts.answers["newborn_name", 1], facts.answers["newborn_name", 2]) == ("李一", "李一")


def test_nothing_is_known_of_a_father_whom_the_record_does_not_name() -> None:
    facts = facts_of(parse("title: 一家人\ndelivery: {recorded_father: null}\n"), town().pack)
    assert ("father_ethnicity", 0) not in facts.verified


def test_a_record_of_another_mother_contradicts_the_login() -> None:
    facts = facts_of(
        parse("title: 一家人\ndelivery: {recorded_mother: {name: 王方}}\n"), town().pack
    )
    assert facts.registers["delivery"].state is CheckState.CONFLICT
    assert facts.newborns == 0


def test_no_two_people_of_the_examples_share_a_number() -> None:
    """Examples are loaded into one sandbox together: a shared number would mix two families."""
    seen: dict[str, str] = {}
    for path in example_files(PACKS, "340000-anhui"):
        whole = complete(load_example(PACKS, path))
        for role in ("mother", "father"):
            person = whole[role]
            if person is not None:
                assert seen.setdefault(person["id_number"], path.name) == path.name, path.name


def test_a_family_of_another_life_event_gives_its_facts_directly() -> None:
    text = "title: 搬家\nmother: null\nnewborns: []\nfacts: {mother_ethnicity: '05'}\n"
    facts = facts_of(parse(text), town().pack)
    assert facts.newborns == 0
    assert facts.verified == {("mother_ethnicity", 0): "05"}
    assert facts.answers == {}


def test_facts_given_directly_stand_before_what_registers_would_say() -> None:
    text = (
        "title: 一家人\nnewborns: [{}, {}]\n"
        "facts: {newborn_sex: ['1', '2'], mother_ethnicity: '05'}\n"
    )
    verified = facts_of(parse(text), town().pack).verified
    assert (verified["newborn_sex", 1], verified["newborn_sex", 2]) == ("1", "2")
    assert verified["mother_ethnicity", 0] == "05"


def test_the_head_of_a_household_has_a_number_of_its_own() -> None:
    whole = family("mother: {hukou: {head_name: 顾怀远, relation_to_head: '30'}}\n")
    mother, father = whole["mother"], whole["father"]
    assert isinstance(mother, dict) and isinstance(father, dict)
    assert father["hukou"]["head_id_number"] == father["id_number"]
    elder = mother["hukou"]["head_id_number"]
    assert citizen_id_fault(elder, TODAY) is None
    assert elder not in (mother["id_number"], father["id_number"])


def test_a_representative_is_a_person_who_shows_an_id_card() -> None:
    whole = family("applicant: representative\nrepresentative: {name: 陆桂兰, sex: '2'}\n")
    representative = whole["representative"]
    assert isinstance(representative, dict)
    assert (representative["name"], representative["sex"]) == ("陆桂兰", "2")
    assert citizen_id_fault(representative["id_number"], TODAY) is None
