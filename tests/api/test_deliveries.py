"""A hospital's own system reports deliveries of its own institution; waiting families go on."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from tests.api.conftest import Door
from tests.gateways.conftest import NEWBORN, delivery
from yijian.ops.keys import make_key_pair
from yijian.records import deliveries, exchange

HOSPITAL = "hospital-340100"
OWN = "H340104"


@pytest.fixture
def hospital(node: None, client: Client) -> Door:
    """The system of a hospital in Hefei."""
    folder = settings.YIJIAN.keys_folder
    make_key_pair(folder, HOSPITAL)
    key = (folder / f"{HOSPITAL}.pub.pem").read_text(encoding="ascii")
    exchange.put_partner(code=HOSPITAL, public_key=key, offices=[OWN])
    return Door(HOSPITAL, client)


def kept() -> list[Any]:
    return deliveries.of_mother(delivery()["mother"]["id_number"])


def test_a_reported_delivery_is_kept(hospital: Door) -> None:
    answer = hospital.post("/deliveries", delivery())
    assert answer.status_code == 200
    assert answer.json() == {"delivery_id": "D1", "newborns": 1}
    (record,) = kept()
    assert (record.source, record.entered_by) == ("system", f"partner:{HOSPITAL}")
    assert record.document["newborns"][0]["weight_g"] == NEWBORN["weight_g"]


def test_a_newer_record_of_the_same_delivery_replaces_the_older(hospital: Door) -> None:
    hospital.post("/deliveries", delivery())
    hospital.post("/deliveries", delivery(midwife="李静"))
    (record,) = kept()
    assert record.version == 2 and record.document["midwife"] == "李静"


def test_nobody_reports_for_the_hospital_of_another(hospital: Door, hr: Door) -> None:
    for door in (hospital, hr):
        answer = door.post("/deliveries", delivery(institution_code="H340100"))
        assert answer.status_code == 422
        assert answer.json()["fields"][0]["field"] == "institution_code"
    assert kept() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mother": None}, "mother"),
        ({"newborns": []}, "newborns"),
        ({"newborns": [NEWBORN | {"order": 2}]}, "newborns"),
        ({"newborns": [NEWBORN | {"weight_g": "3280"}]}, "newborns.0.weight_g"),
        ({"newborns": [NEWBORN | {"born_at": "2026-11-18T03:27:00"}]}, "newborns.0.born_at"),
        ({"newborns": [NEWBORN | {"born_at": "2099-11-18T03:27:00Z"}]}, "newborns.0.born_at"),
        ({"newborns": [NEWBORN | {"name": "宝宝"}]}, "newborns.0.name"),
        ({"division": "合肥"}, "division"),
        ({"recorded_at": 1}, "recorded_at"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_field_of_a_delivery_is_named(
    hospital: Door, changes: dict[str, Any], field: str
) -> None:
    answer = hospital.post("/deliveries", delivery(**changes))
    assert answer.status_code == 422
    assert field in [fault["field"] for fault in answer.json()["fields"]]
    assert kept() == []


def test_no_personal_value_of_a_delivery_lies_open_in_a_row(hospital: Door) -> None:
    hospital.post("/deliveries", delivery())
    with connection.cursor() as cursor:
        cursor.execute("SELECT birth_record::text FROM birth_record")
        (row,) = cursor.fetchone()
    for value in ("王芳", "340103199505012224", "2026-11-18 03:27", "03:27:00", "19900000001"):
        assert value not in row
