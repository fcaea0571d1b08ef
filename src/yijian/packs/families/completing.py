"""补全家庭: what a skeleton leaves out, always the same for the same title and place in the file.

Nobody here is real: names come from a small pool, phones from one block, and ID numbers are valid
only by their checksum. Nothing is drawn at random.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from yijian.domain.clocks import SHANGHAI
from yijian.domain.names import surname as surname_of
from yijian.domain.numbers import check_character, id_birth_date, id_sex
from yijian.packs.families.reading import Family
from yijian.packs.families.schema import (
    FamilySchema,
    NewbornSchema,
    PersonSchema,
)
from yijian.packs.functions import later

Json = dict[str, Any]

USUAL_BIRTH = datetime(2026, 11, 18, 3, 27, tzinfo=SHANGHAI)
USUAL_DIVISION = "340104"

_SURNAMES = "江陆沈顾林程苏叶许宋唐梁韩方谢邵温夏柳秦"
_MOTHERS = "知夏 晚舟 青禾 若溪 听雨 语桐 疏影 念真 照晴 采薇 芷兰 云舒 望舒 清越 静姝 书瑶".split()
_FATHERS = "云帆 星河 景行 远山 听松 明川 鸿渐 承宇 怀瑾 牧野 天阔 思齐 修远 长风 行舟 北辰".split()
_NEWBORNS = "一诺 沐晨 予安 清和 嘉树 初晴 景明 舒窈 望北 以宁 乐知 南星 安澜 令仪 允执".split()
_ROADS = "青禾路 云帆路 知夏路 星河路 听松路 新竹街 明月路".split()
_CERTIFICATES = ("marriage_certificate", "id_card", "household_page")
_HEAD, _SPOUSE = "02", "10"


def complete(family: Family) -> Json:
    """The whole family as plain JSON values, nothing left out but `null`s that mean something."""
    model = family.model
    seed = f"{model.id or ''}/{model.title.zh}"
    first = _first_birth(model)
    newborns = [
        _newborn(seed, order, newborn, first) for order, newborn in enumerate(model.newborns, 1)
    ]
    mother, father = _parents(seed, model, first.date())
    delivery = _delivery(seed, model, mother, first) if newborns else None
    title = {"zh": model.title.zh, "en": model.title.en or model.title.zh}
    applied_at = model.applied_at or first + timedelta(hours=30)
    whole = {
        "id": model.id or f"family-{hashlib.sha256(seed.encode()).hexdigest()[:16]}",
        "title": title,
        "applied_at": applied_at.isoformat(),
        "mother": mother,
        "father": father,
        "marriage": _marriage(seed, model, mother, father, first.date()),
        "delivery": delivery,
        "maternity": _maternity(seed, model),
        "newborns": newborns,
        "answers": _answers(seed, model, mother, father),
        "script": [_step(step) for step in model.model_dump(mode="json")["script"]],
        "expect": model.expect.model_dump(mode="json", exclude_unset=True),
    }
    return {**whole, **_said_besides(seed, model, first.date())}


def _said_besides(seed: str, model: FamilySchema, born_on: date) -> Json:
    """What few families say: who applies where, for whom somebody acts, facts given directly."""
    besides: Json = {}
    if model.applicant is not None:
        besides["applicant"] = model.applicant
    if model.channel is not None:
        besides["channel"] = model.channel
    if model.representative is not None or model.applicant == "representative":
        person = model.representative or PersonSchema()
        besides["representative"] = _person(seed, "representative", person, "2", born_on, True)
    if model.facts:
        besides["facts"] = dict(model.facts)
    return besides


def as_json(family: Family, full_name: Callable[[str], str] | None = None) -> Json:
    """The complete family as the sandbox takes it: without what must come out.

    `full_name` names a division by its code; made-up addresses then begin with it.
    """
    whole = {key: value for key, value in complete(family).items() if key != "expect"}
    for role in ("mother", "father"):
        hukou = whole[role] and whole[role]["hukou"]
        own = getattr(family.model, role)
        written = own.hukou.address if own is not None and own.hukou is not None else None
        if full_name is not None and hukou and written is None:
            hukou["address"] = f"{full_name(hukou['division'])}{hukou['address']}"
    return whole


def _draw(seed: str, what: str, below: int) -> int:
    digest = hashlib.sha256(f"{seed}/{what}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def _pick(seed: str, what: str, pool: Sequence[str]) -> str:
    return pool[_draw(seed, what, len(pool))]


def _first_birth(model: FamilySchema) -> datetime:
    given = [newborn.born_at for newborn in model.newborns if newborn.born_at is not None]
    if given:
        return min(given).astimezone(SHANGHAI)
    if model.applied_at is not None:
        return model.applied_at.astimezone(SHANGHAI) - timedelta(hours=30)
    return USUAL_BIRTH


def _newborn(seed: str, order: int, newborn: NewbornSchema, first: datetime) -> Json:
    what = f"newborn {order}"
    born_at = newborn.born_at or first + timedelta(minutes=7 * (order - 1))
    collected = newborn.certificate_collected_on
    return {
        "order": newborn.order or order,
        "sex": newborn.sex or _pick(seed, f"{what} sex", "12"),
        "born_at": born_at.astimezone(SHANGHAI).isoformat(),
        "weeks": 39 if newborn.weeks is None else newborn.weeks,
        "days": _draw(seed, f"{what} days", 7) if newborn.days is None else newborn.days,
        "weight_g": newborn.weight_g or 2900 + 10 * _draw(seed, f"{what} weight", 70),
        "length_cm": newborn.length_cm or 48 + _draw(seed, f"{what} length", 5),
        "blood_type": newborn.blood_type or _pick(seed, f"{what} blood", "12345"),
        "healthy": newborn.healthy or "1",
        "parity": newborn.parity or 1,
        "alive": newborn.alive,
        "certificate_number": newborn.certificate_number,
        "certificate_collected_on": collected.isoformat() if collected else None,
    }


def _parents(seed: str, model: FamilySchema, born_on: date) -> tuple[Json | None, Json | None]:
    if model.mother is None:
        return None, None
    married = model.marriage is not None and model.father is not None
    mother = _person(seed, "mother", model.mother, "2", born_on, married)
    if model.father is None:
        return _head_of_own(seed, "mother", mother), None
    father = _head_of_own(
        seed, "father", _person(seed, "father", model.father, "1", born_on, married)
    )
    home, own = father["hukou"], mother["hukou"]
    if own is not None:
        shared = home is not None and home["division"] == own["division"] and married
        if shared and home["household"] == own["household"] == "family":
            if own["head_name"] in (None, home["head_name"]):
                own["head_id_number"] = own["head_id_number"] or home["head_id_number"]
            own["head_name"] = own["head_name"] or home["head_name"]
            own["relation_to_head"] = own["relation_to_head"] or _SPOUSE
            own["address"] = (model.mother.hukou and model.mother.hukou.address) or home["address"]
            if own["police_station"] == f"{own['division']}510000":
                own["police_station"] = home["police_station"]
    return _head_of_own(seed, "mother", mother), father


def _head_of_own(seed: str, role: str, person: Json) -> Json:
    hukou = person["hukou"]
    if hukou is not None:
        family = hukou["household"] == "family"
        hukou["head_name"] = hukou["head_name"] or (person["name"] if family else "示例集体户")
        hukou["relation_to_head"] = hukou["relation_to_head"] or (_HEAD if family else "99")
        if hukou["head_id_number"] is None and family:
            own = hukou["head_name"] == person["name"]
            hukou["head_id_number"] = person["id_number"] if own else _elder(seed, role, hukou)
    return person


def _elder(seed: str, role: str, hukou: Json) -> str:
    """The ID number of a head of household who is neither parent."""
    birth_date = date(1955, 1, 1) + timedelta(days=_draw(seed, f"{role} head", 3650))
    sequence = _draw(seed, f"{role} head sequence", 1000)
    first_17 = f"{hukou['division']}{birth_date:%Y%m%d}{sequence:03d}"
    return first_17 + check_character(first_17)


def _person(
    seed: str, role: str, person: PersonSchema, sex: str, born_on: date, married: bool
) -> Json:
    given = person.id_number if person.id_type == "111" and person.id_number else None
    usual_birth = later(born_on, -12 * (25 + _draw(seed, f"{role} age", 12)))
    birth_date = person.birth_date or (
        id_birth_date(given)
        if given
        else usual_birth - timedelta(days=30 + _draw(seed, f"{role} day", 300))
    )
    sex = person.sex or (id_sex(given) if given else sex)
    pool = _FATHERS if role == "father" or (role != "mother" and sex == "1") else _MOTHERS
    name = person.name or _pick(seed, f"{role} surname", _SURNAMES) + _pick(seed, role, pool)
    hukou = _hukou(seed, role, person)
    division = hukou["division"] if hukou else USUAL_DIVISION
    kind = person.insured.kind if person.insured else "employee" if role == "mother" else "resident"
    insured_at = person.insured.division if person.insured else None
    held = [c for c in _CERTIFICATES if married or c != "marriage_certificate"]
    return {
        "name": name,
        "sex": sex,
        "id_type": person.id_type,
        "id_number": person.id_number or _id_number(seed, role, person, division, birth_date, sex),
        "nationality": person.nationality,
        "ethnicity": person.ethnicity,
        "birth_date": birth_date.isoformat(),
        "phone": person.phone or f"19900{_draw(seed, f'{role} phone', 10**6):06d}",
        "id_valid_until": _valid_until(person, birth_date),
        "hukou": hukou,
        "insured": {"kind": kind, "division": insured_at or f"{division[:4]}00"},
        "certificates": held if person.certificates is None else list(person.certificates),
        **_residence(seed, role, person),
    }


def _residence(seed: str, role: str, person: PersonSchema) -> Json:
    if person.residence is None:
        return {}
    road, number = _pick(seed, f"{role} home road", _ROADS), 1 + _draw(seed, f"{role} home", 298)
    address = person.residence.address or f"{road}{number}号"
    return {"residence": {"division": person.residence.division, "address": address}}


def _valid_until(person: PersonSchema, birth_date: date) -> str | None:
    if "id_valid_until" in person.model_fields_set:
        return person.id_valid_until.isoformat() if person.id_valid_until else None
    return later(birth_date, 12 * 50).isoformat()


def _hukou(seed: str, role: str, person: PersonSchema) -> Json | None:
    hukou = person.hukou
    if hukou is None or (person.id_type != "111" and "hukou" not in person.model_fields_set):
        return None
    number = 1 + _draw(seed, f"{role} house", 298)
    road = _pick(seed, f"{role} road", _ROADS)
    address = f"{road}{number}号{1 + _draw(seed, f'{role} block', 20)}栋{number % 30 + 1}01室"
    return {
        "division": hukou.division,
        "address": hukou.address or address,
        "household": hukou.household,
        "head_name": hukou.head_name,
        "head_id_number": hukou.head_id_number,
        "relation_to_head": hukou.relation_to_head,
        "native_place": hukou.native_place or hukou.division,
        "police_station": hukou.police_station or f"{hukou.division}510000",
        "police_station_name": hukou.police_station_name,
    }


def _id_number(
    seed: str, role: str, person: PersonSchema, division: str, birth_date: date, sex: str
) -> str:
    if person.id_type != "111":
        return f"E{_draw(seed, f'{role} document', 10**8):08d}"
    sequence = 2 * _draw(seed, f"{role} sequence", 500) + (1 if sex == "1" else 0)
    first_17 = f"{division}{birth_date:%Y%m%d}{sequence:03d}"
    return first_17 + check_character(first_17)


def _marriage(
    seed: str, model: FamilySchema, mother: Json | None, father: Json | None, born_on: date
) -> Json | None:
    marriage = model.marriage
    if (
        mother is None
        or marriage is None
        or (father is None and "marriage" not in model.model_fields_set)
    ):
        return None
    division = mother["hukou"]["division"] if mother["hukou"] else USUAL_DIVISION
    days = 500 + _draw(seed, "marriage", 1500)
    registered_on = marriage.registered_on or born_on - timedelta(days=days)
    serial = 1 + _draw(seed, "marriage serial", 9999)
    number = f"J{division}-{registered_on.year}-{serial:06d}"
    other = marriage.spouse_id_number is not None
    own = father if father is not None and not other else None
    return {
        "state": marriage.state,
        "registered_on": registered_on.isoformat(),
        "certificate_number": marriage.certificate_number or number,
        "spouse_name": marriage.spouse_name
        or (own["name"] if own else _pick(seed, "spouse", _SURNAMES) + "某"),
        "spouse_id_number": marriage.spouse_id_number or (own["id_number"] if own else None),
    }


def _delivery(seed: str, model: FamilySchema, mother: Json | None, first: datetime) -> Json | None:
    delivery = model.delivery
    if delivery is None or mother is None:
        return None
    division = mother["hukou"]["division"] if mother["hukou"] else USUAL_DIVISION
    recorded_at = delivery.recorded_at
    if recorded_at is None and "recorded_at" not in delivery.model_fields_set:
        recorded_at = first + timedelta(hours=3)
    number = f"{first:%y%m}{_draw(seed, 'in-patient', 10**5):05d}"
    midwife = _pick(seed, "midwife surname", _SURNAMES) + _pick(seed, "midwife", ("春晖", "素心"))
    told: Json = {
        "institution": delivery.institution or f"H{division}01",
        "institution_name": delivery.institution_name,
        "born_place": delivery.born_place,
        "mode": delivery.mode,
        "recorded_at": recorded_at.astimezone(SHANGHAI).isoformat() if recorded_at else None,
        "in_patient_number": delivery.in_patient_number or number,
        "midwife": delivery.midwife or midwife,
    }
    if delivery.discharged_on is not None:
        told["discharged_on"] = delivery.discharged_on.isoformat()
    if delivery.issues_certificates is not None:
        told["issues_certificates"] = delivery.issues_certificates
    if delivery.appears_after_minutes is not None:
        told["appears_after_minutes"] = delivery.appears_after_minutes
    for who in ("recorded_mother", "recorded_father"):
        if who in delivery.model_fields_set:
            recorded = getattr(delivery, who)
            told[who] = recorded and recorded.model_dump(mode="json", exclude_none=True)
    return told


def _maternity(seed: str, model: FamilySchema) -> Json | None:
    maternity = model.maternity
    if maternity is None or model.mother is None:
        return None
    amount = 180_000 + 100 * _draw(seed, "maternity", 2400)
    return {
        "settled": maternity.settled,
        "pool": maternity.pool,
        "amount_fen": amount if maternity.amount_fen is None else maternity.amount_fen,
        "allowance": maternity.allowance,
    }


def _answers(seed: str, model: FamilySchema, mother: Json | None, father: Json | None) -> Json:
    answers = dict(model.answers)
    parent = father or mother
    if "newborn_name" not in answers and parent is not None and model.newborns:
        surname = surname_of(parent["name"]) or parent["name"][0]
        start = _draw(seed, "newborn name", len(_NEWBORNS))
        answers["newborn_name"] = [
            surname + _NEWBORNS[(start + index) % len(_NEWBORNS)]
            for index in range(len(model.newborns))
        ]
    return answers


def _step(step: Json) -> Json:
    return {key: value for key, value in step.items() if value not in (None, [], {}, 0)}
