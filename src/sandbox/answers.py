"""What each register answers about a family (登记信息): from the family file to the wire."""

import base64
import hashlib
import random
from datetime import date
from typing import Any

from sandbox.names import parent_name
from sandbox.numbers import certificate_identifier
from sandbox.papers import make_pdf
from sandbox.places import HOME_PLACES, find_hospital, find_police_station, hospital_of, place_of
from sandbox.population import Family

CERTIFICATE_TITLES = {
    "marriage_certificate": "结婚证",
    "id_card": "居民身份证",
    "household_page": "居民户口簿（常住人口登记卡）",
    "household_book": "居民户口簿",
    "childbirth_registration": "生育登记证明",
}
_TYPE_CODES = {
    "marriage_certificate": "1100000000000000XX001",
    "id_card": "1100000000000000XX002",
    "household_page": "1100000000000000XX003",
    "household_book": "1100000000000000XX004",
    "childbirth_registration": "1100000000000000XX005",
}


def _short(*parts: object) -> str:
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:12].upper()


def _person(person: Family, changes: Family) -> Family:
    hukou = person.get("hukou") or {}
    return {
        "name": person["name"],
        "id_type": person.get("id_type", "111"),
        "id_number": person["id_number"],
        "nationality": person.get("nationality", "CHN"),
        "ethnicity": person.get("ethnicity", ""),
        "birth_date": person.get("birth_date"),
        "phone": person.get("phone", ""),
        "address": hukou.get("address", ""),
    } | changes


def delivery_answer(family: Family, *, recorded_at: str) -> Family:
    """Return the delivery record of a family as the hospital system shares it."""
    delivery = family["delivery"]
    institution = str(delivery.get("institution") or "")
    office = find_hospital(institution)
    division = office.division if office else _home_division(family)
    if office is None and not institution:
        office = hospital_of(place_of(division))
    at_home = delivery.get("born_place") == "home"
    code = office.code if office else institution
    name = delivery.get("institution_name") or (office.name if office else institution)
    father = family.get("father")
    father_changes = delivery.get("recorded_father", {})
    record_id = f"D{_short('delivery', family['id'])}"
    place_text = _person(family["mother"], {})["address"] if at_home else name
    return {
        "delivery_id": record_id,
        "institution_code": code,
        "institution_name": name,
        "division": division,
        "born_place": delivery.get("born_place", "institution"),
        "in_patient_number": delivery.get("in_patient_number", ""),
        "midwife": delivery.get("midwife", ""),
        "recorded_at": recorded_at,
        "mode": delivery.get("mode"),
        "discharged_on": delivery.get("discharged_on"),
        "issues_certificates": delivery.get("issues_certificates"),
        "mother": _person(family["mother"], delivery.get("recorded_mother") or {}),
        "father": _person(father, father_changes)
        if father and father_changes is not None
        else None,
        "newborns": [
            _newborn(newborn, record_id=record_id, division=division, place_text=place_text)
            for newborn in family["newborns"]
        ],
    }


def _home_division(family: Family) -> str:
    return str((family["mother"].get("hukou") or {}).get("division") or HOME_PLACES[0].division)


def _newborn(newborn: Family, *, record_id: str, division: str, place_text: str) -> Family:
    order = newborn.get("order", 1)
    return {
        "order": order,
        "population_code": f"{division[:2]}{int(_short(record_id, order), 16) % 10**12:012d}",
        "parity": newborn.get("parity", 1),
        "sex": newborn["sex"],
        "born_at": newborn["born_at"],
        "weeks": newborn.get("weeks"),
        "days": newborn.get("days"),
        "weight_g": newborn.get("weight_g"),
        "length_cm": newborn.get("length_cm"),
        "healthy": newborn.get("healthy", "1"),
        "blood_type": newborn.get("blood_type", "6"),
        "place_division": division,
        "place_text": place_text,
        "alive": newborn.get("alive", True),
        "certificate_number": newborn.get("certificate_number"),
        "certificate_collected_on": newborn.get("certificate_collected_on"),
    }


def hukou_answer(person: Family) -> Family | None:
    """Return a resident's registration; None for somebody who is not registered."""
    hukou = person.get("hukou")
    if not hukou:
        return None
    station = find_police_station(str(hukou.get("police_station") or ""))
    number = person["id_number"]
    sex = person.get("sex") or ("1" if number[16:17].isdigit() and int(number[16]) % 2 else "2")
    return {
        "name": person["name"],
        "id_number": number,
        "sex": sex,
        "birth_date": person.get("birth_date"),
        "ethnicity": person.get("ethnicity"),
        "nationality": person.get("nationality", "CHN"),
        "division": hukou.get("division"),
        "address": hukou.get("address"),
        "household": hukou.get("household", "family"),
        "head_name": hukou.get("head_name"),
        "head_id_number": hukou.get("head_id_number"),
        "relation_to_head": hukou.get("relation_to_head"),
        "native_place": hukou.get("native_place"),
        "police_station": hukou.get("police_station"),
        "police_station_name": hukou.get("police_station_name")
        or (station.name if station else f"{hukou.get('police_station', '')}派出所"),
        "id_valid_until": person.get("id_valid_until"),
        "residence": person.get("residence"),
    }


def marriage_answer(family: Family, person: Family) -> Family | None:
    """Return the marriage registered for a person, as seen from that person."""
    marriage = family.get("marriage")
    if not marriage:
        return None
    father, mother = family.get("father") or {}, family["mother"]
    if person is mother:
        number = marriage.get("spouse_id_number") or father.get("id_number")
        name = marriage.get("spouse_name") or _spouse_name(father, number)
    elif marriage.get("spouse_id_number") in (None, person["id_number"]):
        name, number = mother["name"], mother["id_number"]
    else:
        return None  # The register knows another husband, so it knows nothing of this man.
    return {
        "state": marriage.get("state", "married"),
        "spouse_name": name,
        "spouse_id_number": number,
        "registered_on": marriage.get("registered_on"),
        "certificate_number": marriage.get("certificate_number"),
    }


def _spouse_name(father: Family, number: Any) -> str:
    if number == father.get("id_number"):
        return str(father.get("name", ""))
    return parent_name(random.Random(f"spouse {number}"), sex="1")


def certificate_answer(family: Family, person: Family, type: str) -> Family | None:
    """Return an electronic certificate with its file; None when the person has none."""
    if type not in person.get("certificates", []) or type not in CERTIFICATE_TITLES:
        return None
    title, number = CERTIFICATE_TITLES[type], person["id_number"]
    division = str((person.get("hukou") or {}).get("division") or HOME_PLACES[0].division)
    issued_on = date.fromisoformat(person.get("birth_date") or "1990-01-01").replace(day=1)
    issued, data = issued_on.replace(year=issued_on.year + 18).isoformat(), _person(person, {})
    issuer, valid_until = f"{place_of(division).county}示例公安分局", person.get("id_valid_until")
    if type == "marriage_certificate":
        marriage = marriage_answer(family, person)
        if not marriage:
            return None
        number, issued = marriage["certificate_number"], marriage["registered_on"]
        issuer, valid_until = f"{place_of(division).county}示例婚姻登记处", None
        data = {"holder_name": person["name"], "holder_id_number": person["id_number"], **marriage}
    elif type in ("household_page", "household_book"):
        data, valid_until = hukou_answer(person) or {}, None
    serial = _short(type, person["id_number"])
    pdf = make_pdf([title, *_lines(person, number=number, issuer=issuer, issued=issued)])
    return {
        "identifier": certificate_identifier(
            type_code=_TYPE_CODES[type].replace("X", "0"), issuer=division, serial=serial
        ),
        "number": number,
        "type": type,
        "issued_on": issued,
        "valid_until": valid_until,
        "issuer": issuer,
        "data": data,
        "file": {
            "name": f"{type}-{serial}.pdf",
            "media_type": "application/pdf",
            "base64": base64.b64encode(pdf).decode(),
        },
    }


def _lines(person: Family, *, number: str, issuer: str, issued: Any) -> list[str]:
    return [
        f"持证人 {person['name']}",
        f"编号 {number}",
        f"颁发机构 {issuer}",
        f"颁发日期 {issued}",
        "模拟环境样例，无法律效力 · SAMPLE WITHOUT LEGAL EFFECT",
    ]


def maternity_answer(family: Family) -> Family:
    """Return what the insurance office knows of the mother's maternity cover."""
    insured = family["mother"].get("insured") or {}
    maternity = family.get("maternity") or {}
    return {
        "insured": insured.get("kind", "none"),
        "division": insured.get("division"),
        "settled": maternity.get("settled", False),
        "pool": maternity.get("pool", "inside"),
        "amount_fen": maternity.get("amount_fen"),
        "allowance": maternity.get("allowance", False),
    }
