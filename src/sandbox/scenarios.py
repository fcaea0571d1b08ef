"""What is special about each family (场景): one small function for each, with its title."""

from datetime import date, datetime, timedelta

from sandbox import names, numbers
from sandbox.places import hospital_of
from sandbox.population import (
    SHANGHAI,
    Draw,
    Family,
    Scenario,
    make_hukou,
    make_newborn,
    move_birth,
    place_home,
    place_of_family,
)


def _rename(person: Family, name: str) -> None:
    if person["hukou"]["head_name"] == person["name"]:
        person["hukou"]["head_name"] = name
    person["name"] = name


def _rename_father(family: Family, name: str) -> None:
    _rename(family["father"], name)
    family["mother"]["hukou"]["head_name"] = name
    family["marriage"]["spouse_name"] = name


def ordinary(draw: Draw, family: Family) -> None:
    """Change nothing."""


def _several(draw: Draw, family: Family, count: int) -> None:
    first = datetime.fromisoformat(family["newborns"][0]["born_at"])
    family["newborns"] = [
        make_newborn(draw.rng, order=order, born_at=first + timedelta(minutes=7 * (order - 1)))
        | {"weeks": 37, "weight_g": 2500 - 10 * order, "length_cm": 46}
        for order in range(1, count + 1)
    ]
    family["answers"]["newborn_name"] = names.newborn_names(
        draw.rng, surname=family["father"]["name"][0], count=count
    )


def twins(draw: Draw, family: Family) -> None:
    """Two newborns, seven minutes apart."""
    _several(draw, family, 2)
    for newborn, sex in zip(family["newborns"], "21", strict=True):
        newborn["sex"] = sex


def triplets(draw: Draw, family: Family) -> None:
    """Three newborns."""
    _several(draw, family, 3)


def dotted_names(draw: Draw, family: Family) -> None:
    """Names of several parts joined by the middle dot U+00B7."""
    _rename_father(family, "艾力\u00b7买买提")
    _rename(family["mother"], "阿依努尔\u00b7艾尼瓦尔")
    for parent in ("mother", "father"):
        family[parent]["ethnicity"] = "05"
    family["answers"]["newborn_name"] = ["迪丽娜尔\u00b7艾力"]
    family["newborns"][0]["sex"] = "2"


def rare_characters(draw: Draw, family: Family) -> None:
    """A father with a character of CJK extension B, a mother and a newborn with rarer ones."""
    _rename_father(family, "李\U00020164")
    _rename(family["mother"], "陶喆堃")
    family["answers"]["newborn_name"] = ["李玥"]


def mixed_ethnicity(draw: Draw, family: Family) -> None:
    """Parents of two ethnic groups."""
    family["mother"]["ethnicity"] = "03"


def unmarried(draw: Draw, family: Family) -> None:
    """No marriage is registered; the hospital recorded a father."""
    family["marriage"] = None
    for parent in ("mother", "father"):
        family[parent]["certificates"] = ["id_card", "household_page"]
    place_home(family["mother"], draw.rng, place_of_family(family))


def _parent_elsewhere(draw: Draw, family: Family, parent: str) -> None:
    place_home(family[parent], draw.rng, draw.rng.choice(draw.outside))
    other = "father" if parent == "mother" else "mother"
    person = family[other]
    person["hukou"] |= {"head_name": person["name"], "relation_to_head": "02"}
    family["answers"]["hukou_follows"] = other


def father_elsewhere(draw: Draw, family: Family) -> None:
    """The father is registered in another province."""
    _parent_elsewhere(draw, family, "father")


def mother_elsewhere(draw: Draw, family: Family) -> None:
    """The mother is registered in another province; the birth was here."""
    _parent_elsewhere(draw, family, "mother")


def collective_household(draw: Draw, family: Family) -> None:
    """Both parents are in a collective household."""
    place = place_of_family(family)
    for parent in ("mother", "father"):
        family[parent]["hukou"] |= {
            "household": "collective",
            "head_name": f"{place.county}示例人才服务中心",
            "relation_to_head": "99",
        }


def expired_id(draw: Draw, family: Family) -> None:
    """The mother's identity card is no longer valid."""
    family["mother"]["id_valid_until"] = (draw.today - timedelta(days=20)).isoformat()


def late_record(draw: Draw, family: Family) -> None:
    """The hospital has not recorded the birth yet; it does so minutes after the first query."""
    family["delivery"] |= {"recorded_at": None, "appears_after_minutes": 5}


def spouse_differs(draw: Draw, family: Family) -> None:
    """The marriage register names another husband than the hospital's record."""
    other_birth = draw.today - timedelta(days=12_000)
    family["marriage"]["spouse_name"] = names.parent_name(draw.rng, sex="1")
    family["marriage"]["spouse_id_number"] = numbers.make_id_number(
        draw.rng,
        division=draw.home[0].division,
        birth_date=other_birth,
        sex="1",
        taken=draw.taken,
    )


def name_mismatch(draw: Draw, family: Family) -> None:
    """The hospital wrote the mother's name with another character than the hukou register."""
    _rename(family["mother"], "沈晨曦")
    family["delivery"]["recorded_mother"] = {"name": "沈晨希"}


def older_than_30_days(draw: Draw, family: Family) -> None:
    """Born 45 days ago."""
    move_birth(family, draw.today - timedelta(days=45))
    family["applied_at"] = datetime.combine(draw.today, datetime.min.time(), SHANGHAI).isoformat()


def collected_offline(draw: Draw, family: Family) -> None:
    """The birth certificate was already collected at the hospital."""
    newborn = family["newborns"][0]
    province = place_of_family(family).division
    newborn["certificate_number"] = numbers.birth_certificate_number(draw.rng, province=province)
    newborn["certificate_collected_on"] = (draw.today - timedelta(days=1)).isoformat()


def no_marriage_certificate(draw: Draw, family: Family) -> None:
    """Married, but there is no electronic marriage certificate."""
    for parent in ("mother", "father"):
        family[parent]["certificates"] = ["id_card", "household_page"]


def born_in_autumn(draw: Draw, family: Family) -> None:
    """Born between September and December: this year's and next year's cover to choose from."""
    latest = draw.today - timedelta(days=3)
    born_on = latest if latest.month >= 9 else date(latest.year - 1, 12, 20)
    move_birth(family, born_on)
    family["answers"]["insurance_years"] = "both"


def born_in_june(draw: Draw, family: Family) -> None:
    """Born in the latest June: only one year of cover."""
    latest = draw.today - timedelta(days=3)
    year = latest.year if latest >= date(latest.year, 6, 18) else latest.year - 1
    move_birth(family, date(year, 6, 18))


def born_at_home(draw: Draw, family: Family) -> None:
    """Born at home and brought to the hospital afterwards."""
    family["delivery"]["born_place"] = "home"


def born_on_the_way(draw: Draw, family: Family) -> None:
    """Born on the way to the hospital."""
    family["delivery"]["born_place"] = "on_the_way"


def across_pools(draw: Draw, family: Family) -> None:
    """Insured in another pool than the hospital's: nothing settled on the spot."""
    elsewhere = draw.rng.choice(draw.outside).division[:4] + "00"
    family["mother"]["insured"] = {"kind": "employee", "division": elsewhere}
    family["maternity"] |= {"settled": False, "pool": "outside", "amount_fen": None}


def allowance(draw: Draw, family: Family) -> None:
    """An employee with a maternity allowance, settled in the hospital."""
    family["maternity"] |= {"settled": True, "allowance": True, "amount_fen": 2_358_000}


def not_insured(draw: Draw, family: Family) -> None:
    """A mother without medical insurance."""
    family["mother"]["insured"] = {"kind": "none", "division": None}
    family["maternity"] |= {"settled": False, "amount_fen": None, "allowance": False}


def divorced(draw: Draw, family: Family) -> None:
    """Divorced before the birth."""
    family["marriage"]["state"] = "divorced"
    number = family["marriage"]["certificate_number"]
    family["marriage"]["certificate_number"] = "L" + number[1:]
    for parent in ("mother", "father"):
        family[parent]["certificates"] = ["id_card", "household_page"]
    place_home(family["mother"], draw.rng, place_of_family(family))
    family["answers"]["hukou_follows"] = "mother"


def father_unknown(draw: Draw, family: Family) -> None:
    """No father on record."""
    family["father"] = None
    family["marriage"] = None
    family["mother"]["certificates"] = ["id_card", "household_page"]
    place_home(family["mother"], draw.rng, place_of_family(family))
    surname = family["mother"]["name"][0]
    family["answers"] = {
        "newborn_name": names.newborn_names(draw.rng, surname=surname, count=1),
        "hukou_follows": "mother",
    }


def foreign_father(draw: Draw, family: Family) -> None:
    """A father with a foreign passport: he is in no register of residents."""
    family["father"] |= {
        "name": "OLIVER SAMPLE",
        "id_type": "414",
        "id_number": "X0000001",
        "nationality": "GBR",
        "ethnicity": None,
        "hukou": None,
        "insured": {"kind": "none", "division": None},
        "certificates": [],
    }
    mother = family["mother"]
    place = place_of_family(family)
    mother["hukou"] = make_hukou(draw.rng, place, head=mother["name"], relation="02")
    family["marriage"] |= {"spouse_name": "OLIVER SAMPLE", "spouse_id_number": "X0000001"}
    surname = mother["name"][0]
    family["answers"] = {
        "newborn_name": names.newborn_names(draw.rng, surname=surname, count=1),
        "hukou_follows": "mother",
    }


def born_elsewhere(draw: Draw, family: Family) -> None:
    """Parents from here, birth in a hospital of another province."""
    hospital = hospital_of(draw.rng.choice(draw.outside))
    family["delivery"] |= {"institution": hospital.code, "institution_name": hospital.name}


def insurance_corrects(draw: Draw, family: Family) -> None:
    """The insurance office asks for a correction once and then completes."""
    family["script"] = [
        {
            "item": "medical_insurance_enrolment",
            "do": "correction_needed",
            "reason": {"code": "place_unclear", "text": "参保地与户籍地不一致，请确认参保地"},
            "fields": ["insurance_division"],
        }
    ]


def card_refused(draw: Draw, family: Family) -> None:
    """The social security card is refused after review; everything else completes."""
    family["script"] = [
        {
            "item": "social_security_card",
            "do": "rejected",
            "reason": {"code": "already_issued", "text": "系统显示该身份号码已申领社会保障卡"},
        }
    ]


SCENARIOS: list[tuple[str, str, str, Scenario]] = [
    ("ordinary", "普通家庭", "Ordinary family", ordinary),
    ("twins", "双胞胎", "Twins", twins),
    ("triplets", "三胞胎", "Triplets", triplets),
    ("dotted-names", "少数民族姓名（含间隔号）", "Names with a middle dot", dotted_names),
    ("rare-characters", "姓名含生僻字", "Rare characters in names", rare_characters),
    ("mixed-ethnicity", "父母不同民族", "Parents of two ethnic groups", mixed_ethnicity),
    ("unmarried", "未婚生育", "Unmarried parents", unmarried),
    ("father-elsewhere", "父亲户籍在外省", "Father of another province", father_elsewhere),
    ("mother-elsewhere", "母亲户籍在外省", "Mother of another province", mother_elsewhere),
    ("collective-household", "父母均为集体户", "Collective household", collective_household),
    ("expired-id", "母亲身份证已过期", "Mother's identity card expired", expired_id),
    ("late-record", "医院稍后才录入分娩信息", "Delivery recorded later", late_record),
    ("spouse-differs", "婚姻登记配偶与分娩信息不符", "Registered spouse differs", spouse_differs),
    ("name-mismatch", "分娩信息中母亲姓名有误", "Mother's name differs", name_mismatch),
    ("older-than-30-days", "出生已超过30日", "Born over 30 days ago", older_than_30_days),
    ("collected-offline", "出生证已线下领取", "Certificate collected offline", collected_offline),
    ("no-marriage-certificate", "无结婚证电子证照", "No e-certificate", no_marriage_certificate),
    ("born-in-autumn", "9月至12月出生（可选两年）", "Born in autumn: two years", born_in_autumn),
    ("born-in-june", "6月出生", "Born in June", born_in_june),
    ("born-at-home", "在家中出生", "Born at home", born_at_home),
    ("born-on-the-way", "在送医途中出生", "Born on the way", born_on_the_way),
    ("across-pools", "跨统筹区生育", "Maternity across pools", across_pools),
    ("allowance", "享受生育津贴", "Maternity allowance", allowance),
    ("not-insured", "母亲未参保", "Mother not insured", not_insured),
    ("divorced", "父母已离婚", "Divorced parents", divorced),
    ("father-unknown", "父亲信息未提供", "Father not on record", father_unknown),
    ("foreign-father", "父亲为外国公民", "Father of another country", foreign_father),
    ("born-elsewhere", "在外省助产机构出生", "Born in another province", born_elsewhere),
    ("insurance-corrects", "医保要求补正一次", "Insurance asks once more", insurance_corrects),
    ("card-refused", "社保卡审核不通过", "Social security card refused", card_refused),
]
