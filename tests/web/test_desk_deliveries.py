"""A hospital enters deliveries at the desk: the clock, wrong values, twins, and who is woken."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.web import cast, cast_desk
from yijian.domain.context import Context
from yijian.gateways.registers import read_delivery
from yijian.records import deliveries
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db

NEW = "/desk/deliveries/new/"


@pytest.fixture
def hospital(published: Context) -> Client:
    """陈静 enters the deliveries of her hospital."""
    return cast_desk.clerk("H34010401", StaffRole.DELIVERIES)


def record(family: cast.Household, newborns: int = 1, **changes: Any) -> dict[str, Any]:
    """What the clerk types for a family."""
    sent: dict[str, Any] = {
        "do": "save", "delivery_id": "D20261118A", "newborns": newborns,
        "in_patient_number": "Z-77", "born_place": "institution", "father_known": "on",
        "part": ["birth", "mother", "father"],
    }  # fmt: skip
    for role in ("mother", "father"):
        person = family.facts.family[role]
        sent |= {
            f"{role}-name": person["name"], f"{role}-id_type": "111",
            f"{role}-id_number": person["id_number"].lower(), f"{role}-nationality": "CHN",
            f"{role}-ethnicity": "01", f"{role}-phone": "13800000000",
        }  # fmt: skip
    for place in range(newborns):
        sent["part"].append(f"newborns-{place}")
        sent |= {
            f"newborns-{place}-sex": str(2 - place), f"newborns-{place}-alive": "on",
            f"newborns-{place}-born_at": f"2026-11-21T08:{10 + place}",
            f"newborns-{place}-weeks": "39", f"newborns-{place}-weight_g": "3120",
            f"newborns-{place}-length_cm": "50",
        }  # fmt: skip
    return sent | changes


def kept(family: cast.Household) -> list[deliveries.Delivery]:
    return deliveries.of_mother(family.facts.family["mother"]["id_number"])


def test_a_delivery_typed_once_becomes_a_record_that_the_register_reader_understands(
    hospital: Client, family: cast.Household, fixed_now: datetime
) -> None:
    answer = hospital.post(NEW, record(family), follow=True)
    assert answer.redirect_chain == [("/desk/deliveries/", 302)]
    assert "分娩信息已保存" in answer.content.decode()
    (found,) = kept(family)
    values, newborns = read_delivery(dict(found.document), fixed_now)
    known = {fact: value for fact, _, value in values}
    assert newborns == 1
    assert known["institution_code"] == "H34010401" and known["born_division"] == "340104"
    assert known["newborn_born_at"] == datetime.fromisoformat("2026-11-21T08:10:00+08:00")
    assert known["father_name"] == "李强" and known["newborn_weight_g"] == 3120
    assert str(known["mother_birth_date"]) == family.facts.family["mother"]["birth_date"]


def test_a_waiting_family_is_woken_and_no_other(
    hospital: Client, family: cast.Household, published: Context, fixed_now: datetime
) -> None:
    family.open().answer(["identity", "hukou"])
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    hospital.post(NEW, record(family))
    woken = ProcrastinateJob.objects.values_list("task_name", "args")
    assert list(woken) == [("ask_registers", {"case_id": str(family.id), "again": True})]


def test_twins_are_entered_in_one_record_and_one_child_more_loses_nothing(
    hospital: Client, family: cast.Household
) -> None:
    one = record(family, do="more")
    page = hospital.post(NEW, one).content.decode()
    assert "第 2 个新生儿" in page and 'value="3120"' in page and 'value="Z-77"' in page
    assert family.facts.family["mother"]["id_number"].lower() in page
    assert kept(family) == []
    hospital.post(NEW, record(family, newborns=2))
    children = kept(family)[0].document["newborns"]
    assert [(child["order"], child["sex"]) for child in children] == [(1, "2"), (2, "1")]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("mother-id_number", "340104199505012225", "校验不通过"),
        ("mother-id_number", "", "这一项要填"),
        ("mother-name", "", "这一项要填"),
        ("mother-birth_date", "1990-01-01", "与身份证号码里的不一致"),
        ("newborns-0-born_at", "2026-11-22T08:00", "出生时间不能晚于现在"),
        ("newborns-0-born_at", "gestern", "时间写成"),
        ("newborns-0-weight_g", "31200", "10000"),
        ("newborns-0-weeks", "", "这一项要填"),
        ("newborns-0-sex", "x", "请选择性别"),
        ("in_patient_number", "", "这一项要填"),
        ("in_patient_number", "\x07", "这一项不对"),
    ],
)
def test_a_wrong_value_is_named_beside_its_field_and_the_rest_stays(
    hospital: Client, family: cast.Household, field: str, value: str, words: str
) -> None:
    answer = hospital.post(NEW, record(family, **{field: value}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in page and words in page
    assert 'value="李强"' in page and 'value="D20261118A"' in page
    assert kept(family) == []


def test_the_fathers_number_must_be_a_mans(hospital: Client, family: cast.Household) -> None:
    number = family.facts.family["mother"]["id_number"]
    page = hospital.post(NEW, record(family, **{"father-id_number": number})).content.decode()
    assert 'id="id_father-id_number_error"' in page and "性别与这位家长不一致" in page


def test_a_birth_without_a_known_father_needs_nothing_about_him(
    hospital: Client, family: cast.Household
) -> None:
    sent = record(family)
    for name in [name for name in sent if name.startswith("father")]:
        sent.pop(name)
    assert hospital.post(NEW, sent).status_code == 302
    assert kept(family)[0].document["father"] is None


def test_the_same_form_sent_twice_is_one_record(hospital: Client, family: cast.Household) -> None:
    hospital.post(NEW, record(family))
    hospital.post(NEW, record(family))
    assert len(kept(family)) == 1


def test_a_record_can_be_corrected_by_its_hospital_and_by_no_other(
    hospital: Client, family: cast.Household
) -> None:
    hospital.post(NEW, record(family))
    (found,) = kept(family)
    url = f"/desk/deliveries/{found.id}/"
    page = hospital.get(url).content.decode()
    assert "更正分娩信息" in page and 'value="3120"' in page
    assert 'value="2026-11-21T08:10"' in page
    sent = record(family, **{"newborns-0-weight_g": "3210", "delivery_id": "D999999"})
    assert hospital.post(url, sent).status_code == 302
    (changed,) = kept(family)
    assert changed.id == found.id and changed.version == 2
    assert changed.document["newborns"][0]["weight_g"] == 3210
    other = cast_desk.clerk("H34010201", StaffRole.DELIVERIES)
    assert other.get(url).status_code == 404
    assert other.post(url, sent).status_code == 404
    assert found.delivery_id not in other.get("/desk/deliveries/").content.decode()


def test_every_record_shows_its_clock_of_eight_hours(
    hospital: Client, family: cast.Household, published: Context
) -> None:
    assert published.pack.delivery_record_hours == 8
    hospital.post(NEW, record(family))
    early = hospital.get("/desk/deliveries/")
    assert [row["left"] for row in early.context["rows"]] == ["按时"]
    late = record(family, delivery_id="D20261118B", **{"newborns-0-born_at": "2026-11-20T20:00"})
    hospital.post(NEW, late)
    page = hospital.get("/desk/deliveries/")
    assert page.context["late"] == 1
    assert [row["left"] for row in page.context["rows"]] == ["超 6 小时", "按时"]
    assert [row["light"] for row in page.context["rows"]] == ["red", ""]


def test_a_delivery_still_to_record_turns_yellow_and_then_red(
    hospital: Client, fixed_now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliveries.put(
        by="partner:his", institution="H34010401", delivery_id="D1",
        mother_id_number="110105199003078888", document={}, source="system",
        due_at=fixed_now + timedelta(hours=8), recorded_at=None, now=fixed_now,
    )  # fmt: skip
    lights = []
    for hours in (0, 7, 8):
        later = fixed_now + timedelta(hours=hours)
        monkeypatch.setattr("django.utils.timezone.now", lambda later=later: later)
        clerk = cast_desk.clerk("H34010401", StaffRole.DELIVERIES, username=f"test:{hours}")
        (row,) = clerk.get("/desk/deliveries/").context["rows"]
        lights.append((row["light"], row["tag"]))
    assert lights == [("green", "待录入"), ("yellow", "待录入"), ("red", "待录入")]


def test_no_list_of_deliveries_names_a_person(hospital: Client, family: cast.Household) -> None:
    hospital.post(NEW, record(family))
    page = hospital.get("/desk/deliveries/").content.decode()
    assert "王芳" not in page and "李强" not in page
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(r)::text FROM birth_record r")
        rows = "".join(row for (row,) in cursor.fetchall())
    assert "王芳" not in rows and family.facts.family["mother"]["id_number"] not in rows
