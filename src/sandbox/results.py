"""What a department gives back when it has done its part (办理结果), by item."""

import random
from datetime import datetime
from typing import Any

from sandbox.numbers import birth_certificate_number, make_id_number
from sandbox.places import place_of
from sandbox.population import Family
from sandbox.store import Document
from sandbox.world import World, local_text, now

PREMIUM_FEN = 40_000

ITEMS = {
    "hr": ("social_security_card",),
    "insurance": ("medical_insurance_enrolment", "maternity_reimbursement"),
    "tax": ("medical_insurance_payment",),
    "hospital": ("birth_certificate", "vaccination_booklet", "parenting_guidance"),
    "police": ("hukou_registration",),
}


def takes(here: World, department: str, item: object) -> bool:
    """Say whether a department's system works on an item; a node's directory knows by itself."""
    if here.offices.participants() is not None:
        return True
    return item in ITEMS.get(department.partition("-")[0], ())


def _province(here: World, task: Document) -> str:
    """Return the two digits of the province in which a task's department is."""
    digits = str(task.get("department", "")).rpartition("-")[2][:2]
    return digits if digits.isdigit() else here.settings.province[:2]


def order_of(task: Document) -> int:
    """Return which newborn a task is for; 1 when it is for the family."""
    newborn = task.get("newborn")
    if isinstance(newborn, dict):
        newborn = newborn.get("order")
    return newborn if isinstance(newborn, int) and newborn > 0 else 1


def newborn_of(family: Family | None, task: Document) -> Family | None:
    """Return the newborn a task is for, when the family is known."""
    for newborn in family["newborns"] if family else []:
        if newborn.get("order", 1) == order_of(task):
            found: Family = newborn
            return found
    return None


def born_at(family: Family | None, task: Document) -> datetime:
    """Return when the task's newborn was born, as the task says or the family file does."""
    for text in (
        task["fields"].get("newborn_born_at"),
        (newborn_of(family, task) or {}).get("born_at"),
    ):
        try:
            return datetime.fromisoformat(str(text))
        except ValueError:
            continue
    return now()


def insured_years(family: Family | None, task: Document) -> list[int]:
    """Return the years a task is about: that of the birth, the next, or both."""
    year = born_at(family, task).year
    asked = task["fields"].get("insurance_years", "this")
    if isinstance(asked, list) and all(isinstance(each, int) for each in asked) and asked:
        return sorted(asked)
    return {"next": [year + 1], "both": [year, year + 1]}.get(str(asked), [year])


def make_result(here: World, family: Family | None, task: Document) -> dict[str, Any]:
    """Return the result of a completed task; the same task has the same numbers."""
    rng = random.Random(f"{here.settings.seed}/result/{task['task_id']}")
    makers = {
        "social_security_card": _card,
        "medical_insurance_enrolment": _enrolment,
        "medical_insurance_payment": _payment,
        "maternity_reimbursement": _reimbursement,
        "birth_certificate": _birth_certificate,
        "hukou_registration": _hukou,
    }
    maker = makers.get(task["item"])
    return maker(here, rng, family, task) if maker else {"registered_on": _day()}


def _day() -> str:
    return local_text(now())[:10]


def _card(here: World, rng: random.Random, family: Family | None, task: Document) -> Document:
    bank = task["fields"].get("card_bank") or "示例银行"
    place = place_of(str(task["fields"].get("hukou_division") or here.settings.province))
    return {
        "outlet": f"{place.county}政务服务中心社保卡窗口（模拟）",
        "bank": bank,
        "notice": "请携带监护人身份证到上述网点现场制卡并领取。",
        "ready_on": _day(),
    }


def _enrolment(here: World, rng: random.Random, family: Family | None, task: Document) -> Document:
    years = insured_years(family, task)
    return {
        "enrolment_number": f"{_province(here, task)}{rng.randrange(10**10):010d}",
        "years": years,
        "premium_fen": PREMIUM_FEN * len(years),
        "enrolled_on": _day(),
    }


def _payment(here: World, rng: random.Random, family: Family | None, task: Document) -> Document:
    years = insured_years(family, task)
    rows = [here.store.get("payments", f"{task['task_id']}/{year}") for year in years]
    last = max((row["paid_at"] for row in rows if row), default=local_text(now()))
    return {
        "receipt_number": f"T{_province(here, task)}{rng.randrange(10**12):012d}",
        "paid_at": last,
        "paid_on": last[:10],
        "year": years[0],
        "paid_years": ",".join(map(str, years)),
        "amount_fen": PREMIUM_FEN * len(years),
    }


def _reimbursement(
    here: World, rng: random.Random, family: Family | None, task: Document
) -> Document:
    maternity = (family or {}).get("maternity") or {}
    if maternity.get("allowance"):
        route = "allowance"
    elif maternity.get("settled"):
        route = "settled"
    else:
        route = "apply"
    amount = maternity.get("amount_fen")
    if amount is None:
        insured = ((family or {}).get("mother") or {}).get("insured") or {}
        amount = 0 if insured.get("kind") == "none" else rng.randrange(150_000, 350_000, 100)
    return {"route": route, "amount_fen": amount, "settled_on": _day()}


def _birth_certificate(
    here: World, rng: random.Random, family: Family | None, task: Document
) -> Document:
    number = birth_certificate_number(rng, province=_province(here, task))
    return {"certificate_number": number, "issued_on": _day()}


def _hukou(here: World, rng: random.Random, family: Family | None, task: Document) -> Document:
    fields, newborn = task["fields"], newborn_of(family, task) or {}
    division = str(fields.get("hukou_division") or _province(here, task) + "0104")
    sex = str(fields.get("newborn_sex") or newborn.get("sex") or "1")
    number = make_id_number(
        rng,
        division=division,
        birth_date=born_at(family, task).date(),
        sex=sex,
        taken=set(here.families.numbers()),
    )
    return {"citizen_id_number": number, "registered_on": _day()}
