"""登记库会怎么答: a complete family as the facts its registers would verify, and its answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yijian.domain.cases import CheckState
from yijian.domain.facts import FAMILY, FactKey
from yijian.domain.policy import FactKind, Pack, Scope
from yijian.packs.families.completing import complete
from yijian.packs.families.reading import Family

Triple = tuple[str, int, object]
Json = dict[str, Any]

LONG_TERM = date(9999, 12, 31)
REGISTERS = ("identity", "delivery", "hukou", "marriage", "certificates", "maternity")


@dataclass(frozen=True, slots=True)
class RegisterAnswer:
    """What one register says about a family; `newborns` is set by the delivery register alone."""

    state: CheckState
    values: tuple[Triple, ...] = ()
    newborns: int | None = None


@dataclass(frozen=True, slots=True)
class FamilyFacts:
    """A family as the platform comes to know it."""

    family: Json
    applied_at: datetime
    registers: Mapping[str, RegisterAnswer]
    answers: Mapping[FactKey, object]
    items: tuple[str, ...] | None = None
    newborns: int = 0
    verified: Mapping[FactKey, object] = field(default_factory=dict)


def facts_of(family: Family, pack: Pack) -> FamilyFacts:
    """The registers' answers and the family's own, for facts that the pack knows."""
    whole = complete(family)
    registers = _of_a_birth(whole, pack) if whole["mother"] is not None else {}
    registers = _with_facts(registers, whole, pack)
    known = {name: _known(answer, pack) for name, answer in registers.items()}
    answers = dict(whole["answers"])
    items = answers.pop("items", None)
    return FamilyFacts(
        family=whole,
        applied_at=datetime.fromisoformat(whole["applied_at"]),
        registers=known,
        answers=_answers(answers, pack, len(whole["newborns"])),
        items=None if items is None else tuple(items),
        newborns=next((a.newborns for a in registers.values() if a.newborns), 0),
        verified={(f, s): v for a in known.values() for f, s, v in a.values if v is not None},
    )


def _of_a_birth(whole: Json, pack: Pack) -> dict[str, RegisterAnswer]:
    delivery = _delivery(whole)
    opener = whole.get("applicant") or next(iter(pack.applicants), "")
    online = (whole.get("channel") or next(iter(pack.channels), "online")) == "online"
    identity = _identity(whole, opener)
    return {
        "identity": identity,
        "delivery": delivery,
        "hukou": _hukou(whole, (*delivery.values, *identity.values)),
        # At a window the mother's card is read as well; online she may not be known yet.
        "marriage": _marriage(whole, opener if online else "mother"),
        "certificates": _certificates(whole),
        "maternity": _maternity(whole),
    }


def _with_facts(
    registers: Mapping[str, RegisterAnswer], whole: Json, pack: Pack
) -> dict[str, RegisterAnswer]:
    """The answers with the values that the family file gives directly, by their registers.

    A register that no birth asks answers with these alone; what no register owns comes with the
    login.
    """
    told: dict[str, list[Triple]] = {}
    for fact, value in whole.get("facts", {}).items():
        fact_type = pack.facts.get(fact)
        if fact_type is None:
            continue
        register = fact_type.register or "identity"
        several = fact_type.scope is Scope.NEWBORN
        each = value if several and isinstance(value, list) else [value]
        for subject, one in enumerate(each, 1 if several else FAMILY):
            triple = (fact, subject, _typed(fact_type.kind, one))
            told.setdefault(register, []).append(triple)
    answers = dict(registers)
    for register, triples in told.items():
        before = answers.get(register, RegisterAnswer(CheckState.FOUND))
        given = {(fact, subject) for fact, subject, _ in triples}
        kept = tuple(triple for triple in before.values if triple[:2] not in given)
        answers[register] = RegisterAnswer(before.state, (*kept, *triples), before.newborns)
    silent = {name: RegisterAnswer(CheckState.EMPTY) for name in pack.registers}
    return {**silent, **answers} if whole["mother"] is None else answers


def _known(answer: RegisterAnswer, pack: Pack) -> RegisterAnswer:
    values = tuple(triple for triple in answer.values if triple[0] in pack.facts)
    return RegisterAnswer(answer.state, values, answer.newborns)


def _family(values: Json) -> tuple[Triple, ...]:
    return tuple((fact, FAMILY, value) for fact, value in values.items())


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _identity(whole: Json, applicant: str) -> RegisterAnswer:
    """Who has logged in or shown an ID card: the mother, who applies, and a representative."""
    values: Json = {}
    for role in dict.fromkeys(("mother", applicant, "representative")):
        person = whole.get(role)
        if person is not None:
            values |= {
                f"{role}_name": person["name"],
                f"{role}_id_type": person["id_type"],
                f"{role}_id_number": person["id_number"],
                f"{role}_phone": person["phone"],
            }
    return RegisterAnswer(CheckState.FOUND, _family(values))


def _delivery(whole: Json) -> RegisterAnswer:
    record = whole["delivery"]
    if record is None or record["recorded_at"] is None:
        return RegisterAnswer(CheckState.EMPTY)
    mother = whole["mother"] | (record.get("recorded_mother") or {})
    if (mother["name"], mother["id_number"]) != (
        whole["mother"]["name"],
        whole["mother"]["id_number"],
    ):
        return RegisterAnswer(CheckState.CONFLICT, _family({"delivery_record_matches": False}))
    code = record["institution"]
    division = code[1:7] if code[:1] == "H" and code[1:7].isdigit() else _home(whole)
    values: Json = {
        "delivery_id": f"D{whole['id']}",
        "delivery_record_matches": True,
        "delivery_recorded_at": datetime.fromisoformat(record["recorded_at"]),
        "institution_code": code,
        "institution_name": record["institution_name"] or f"示例助产机构{code}",
        "born_division": division,
        "born_place": record["born_place"],
        "delivery_mode": record["mode"],
        "discharged_on": _day(record.get("discharged_on")),
        "institution_issues_certificates": record.get("issues_certificates", True),
        "in_patient_number": record["in_patient_number"],
        "midwife": record["midwife"],
        "parity": whole["newborns"][0]["parity"],
        "mother_nationality": mother["nationality"],
        "mother_birth_date": _day(mother["birth_date"]),
    }
    values |= _recorded_father(whole, record)
    triples = [triple for triple in _family(values) if triple[2] is not None]
    for newborn in whole["newborns"]:
        triples.extend(_newborn(newborn, whole, division, str(values["institution_name"])))
    return RegisterAnswer(CheckState.FOUND, tuple(triples), len(whole["newborns"]))


def _home(whole: Json) -> str:
    hukou = whole["mother"]["hukou"]
    return str(hukou["division"]) if hukou else "340104"


def _recorded_father(whole: Json, record: Json) -> Json:
    father = whole["father"]
    changes = record.get("recorded_father", {})
    if father is None or changes is None:
        return {"father_known": False}
    father = father | changes
    return {
        "father_known": True,
        "father_name": father["name"],
        "father_id_type": father["id_type"],
        "father_id_number": father["id_number"],
        "father_nationality": father["nationality"],
        "father_birth_date": _day(father["birth_date"]),
        "father_phone": father["phone"],
    }


def _newborn(newborn: Json, whole: Json, division: str, place: str) -> list[Triple]:
    subject = newborn["order"]
    collected_on = _day(newborn["certificate_collected_on"])
    at_home = whole["delivery"]["born_place"] == "home" and whole["mother"]["hukou"]
    values = {
        "newborn_order": subject,
        "newborn_population_code": f"{division[:2]}{subject:012d}",
        "newborn_sex": newborn["sex"],
        "newborn_born_at": datetime.fromisoformat(newborn["born_at"]),
        "newborn_weeks": newborn["weeks"],
        "newborn_days": newborn["days"],
        "newborn_weight_g": newborn["weight_g"],
        "newborn_length_cm": newborn["length_cm"],
        "newborn_health": newborn["healthy"],
        "newborn_blood_type": newborn["blood_type"],
        "newborn_place_division": division,
        "newborn_place_text": whole["mother"]["hukou"]["address"] if at_home else place,
        "newborn_alive": newborn["alive"],
        "newborn_collected_on": collected_on,
        "newborn_certificate_collected": collected_on is not None,
        "newborn_certificate_number": newborn["certificate_number"],
    }
    return [(fact, subject, value) for fact, value in values.items() if value is not None]


def _hukou(whole: Json, known: Iterable[Triple]) -> RegisterAnswer:
    """Both parents' registrations; the father is asked about when he or the record names him."""
    named = {fact: value for fact, subject, value in known if subject == FAMILY}
    values: Json = {}
    for role in ("mother", "father"):
        person = whole[role]
        if person is None or (role == "father" and "father_id_number" not in named):
            continue
        hukou = person["hukou"] if person["id_type"] == "111" else None
        if role == "father" and named.get("father_id_number") != person["id_number"]:
            hukou = None
        values[f"{role}_hukou_found"] = hukou is not None
        if hukou is None:
            continue
        values |= {
            f"{role}_ethnicity": person["ethnicity"],
            f"{role}_id_valid_until": _day(person["id_valid_until"]) or LONG_TERM,
            f"{role}_hukou_division": hukou["division"],
            f"{role}_hukou_address": hukou["address"],
            f"{role}_household_kind": hukou["household"],
            f"{role}_household_head": hukou["head_name"],
            f"{role}_household_head_id_number": hukou["head_id_number"],
            f"{role}_relation_to_head": hukou["relation_to_head"],
            f"{role}_native_place": hukou["native_place"],
            f"{role}_police_station": hukou["police_station"],
            f"{role}_police_station_name": hukou["police_station_name"]
            or f"示例派出所{hukou['police_station']}",
        }
        residence = person.get("residence")
        if residence is not None:
            values[f"{role}_residence_division"] = residence["division"]
            values[f"{role}_residence_address"] = residence["address"]
    found = any(values.get(f"{role}_hukou_found") for role in ("mother", "father"))
    told = {fact: value for fact, value in values.items() if value is not None}
    return RegisterAnswer(CheckState.FOUND if found else CheckState.EMPTY, _family(told))


def _marriage(whole: Json, opener: str) -> RegisterAnswer:
    """The mother's marriage, or that of the one who opens: it may know nothing of her husband."""
    marriage = whole["marriage"]
    opens = whole.get(opener) or whole["mother"]
    own = opens == whole["mother"]
    if marriage is None or not (own or marriage["spouse_id_number"] == opens["id_number"]):
        return RegisterAnswer(CheckState.EMPTY, _family({"marriage_state": "none"}))
    values = {
        "marriage_state": marriage["state"],
        "marriage_spouse_name": marriage["spouse_name"],
        "marriage_spouse_id_number": marriage["spouse_id_number"],
        "marriage_registered_on": _day(marriage["registered_on"]),
        "marriage_certificate_number": marriage["certificate_number"],
    }
    return RegisterAnswer(CheckState.FOUND, _family(values))


def _certificates(whole: Json) -> RegisterAnswer:
    held = whole["mother"]["certificates"]
    values = {
        "marriage_certificate_held": "marriage_certificate" in held
        and whole["marriage"] is not None,
        "childbirth_registration_held": "childbirth_registration" in held,
    }
    for role in ("mother", "father"):
        person = whole[role]
        if person is not None:
            own = person["certificates"]
            values[f"{role}_id_card_held"] = "id_card" in own and person["id_type"] == "111"
            books = {"household_book", "household_page"}
            values[f"{role}_household_book_held"] = bool(books & set(own))
    state = CheckState.FOUND if any(values.values()) else CheckState.EMPTY
    return RegisterAnswer(state, _family(values))


def _maternity(whole: Json) -> RegisterAnswer:
    insured, maternity = whole["mother"]["insured"], whole["maternity"] or {}
    values = {
        "maternity_insured": insured["kind"],
        "maternity_division": insured["division"],
        "maternity_settled": maternity.get("settled", False),
        "maternity_pool": maternity.get("pool", "inside"),
        "maternity_amount_fen": maternity.get("amount_fen"),
        "maternity_allowance": maternity.get("allowance", False),
    }
    return RegisterAnswer(CheckState.FOUND, _family(values))


def _answers(answers: Json, pack: Pack, newborns: int) -> dict[FactKey, object]:
    """The answers by fact and subject: a list answers for each newborn, a value for all of them."""
    found: dict[FactKey, object] = {}
    for fact, value in answers.items():
        fact_type = pack.facts.get(fact)
        if fact_type is None:
            continue
        if fact_type.scope is Scope.FAMILY:
            found[fact, FAMILY] = _typed(fact_type.kind, value)
            continue
        each = value if isinstance(value, list) else [value] * newborns
        for subject, one in enumerate(each[:newborns], 1):
            found[fact, subject] = _typed(fact_type.kind, one)
    return found


def _typed(kind: FactKind, value: object) -> object:
    if isinstance(value, str) and kind is FactKind.DATE:
        return date.fromisoformat(value)
    if isinstance(value, str) and kind is FactKind.MOMENT:
        return datetime.fromisoformat(value)
    return value
