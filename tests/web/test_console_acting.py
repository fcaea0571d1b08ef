"""What runs the service day by day: what is stuck, urging, the calendar, duties and outages."""

from datetime import datetime, timedelta

import pytest

from tests.web import cast, cast_desk
from tests.web.cast_console import OFFICE, at_console
from yijian.actions import contexts, duty, outages, urging
from yijian.domain.clocks import local_day
from yijian.records.models import (
    DutyRow,
    NotificationRow,
    OfficeRow,
    OutageRow,
    ProposalRow,
    UrgingRow,
)
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
OPERATOR, SUPERVISOR, CLERK = StaffRole.OPERATOR, StaffRole.SUPERVISOR, StaffRole.CLERK
CERTIFICATE = "birth_certificate"


@pytest.fixture(autouse=True)
def _anew() -> None:
    outages.forget()
    duty.forget()


def office_of(family: cast.Household, item: str = CERTIFICATE) -> str:
    return str(next(t.office for t in family.case.tasks.values() if t.item == item))


def page(client: object, address: str) -> str:
    return client.get(address).content.decode()  # type: ignore[attr-defined, no-any-return]


def test_what_is_stuck_says_whose_turn_it_is_and_names_nobody(family: cast.Household) -> None:
    family.submit()
    seen = page(at_console(OPERATOR), "/console/stuck/")
    assert family.number in seen
    assert "办理机构" in seen
    assert "王芳" not in seen and "王*" not in seen
    assert "这里没有卡着的" in page(at_console(OPERATOR, number="2"), "/console/stuck/?turn=family")


def test_a_supervisor_sees_what_lies_below_its_place_alone(family: cast.Household) -> None:
    family.submit()
    elsewhere = at_console(SUPERVISOR, office="340200WJ")
    assert family.number not in page(elsewhere, "/console/stuck/")
    assert at_console(CLERK).get("/console/stuck/").status_code == 404


def test_a_supervisor_of_a_hospital_sees_its_own_desk_alone(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    code = office_of(family)
    own, neighbour = (at_console(SUPERVISOR, office=one, number=one) for one in (code, "H34010201"))
    assert code != "H34010201"
    assert family.number in page(own, "/console/stuck/")
    assert family.number not in page(neighbour, "/console/stuck/")
    operator = at_console(OPERATOR)
    for where, name in ((code, "陈静"), ("340104510000", "李雷")):
        operator.post("/console/duty/", {
            "do": "add", "office": where, "name": name, "phone": "1",
            "starts_on": local_day(fixed_now).isoformat(),
        })  # fmt: skip
    on_duty = page(own, "/console/duty/")
    assert "陈静" in on_duty and "李雷" not in on_duty
    assert "陈静" not in page(neighbour, "/console/duty/")
    for address, status in (
        ("", 200), (f"at/{code}/", 200), ("at/340104/", 404), ("at/340104510000/", 404),
        ("node/", 404), ("outages/", 200), ("urged/", 200), ("report/", 200), ("proposals/", 200),
        ("turned-away/", 200), ("turned-away/?scope=3401", 404),
    ):  # fmt: skip
        assert own.get(f"/console/{address}").status_code == status, address


def test_a_batch_is_urged_and_the_office_finds_it_on_its_desk(family: cast.Household) -> None:
    family.submit()
    task = str(cast_desk.id_of(family, CERTIFICATE))
    operator = at_console(OPERATOR)
    sent = {"task": [task], "back": "/console/stuck/?turn=office"}
    answer = operator.post("/console/stuck/", sent)
    assert answer["Location"] == "/console/stuck/?turn=office"
    assert "催办了 1 件" in page(operator, "/console/stuck/")
    clerk = cast_desk.clerk(office_of(family))
    told = page(clerk, "/console/urged/")
    assert family.number in told and "人工催办" in told
    other = cast_desk.clerk(OFFICE)
    assert family.number not in page(other, "/console/urged/")
    operator.post("/console/stuck/", sent)
    assert "今天已经催过" in page(operator, "/console/stuck/")
    assert UrgingRow.objects.count() == 1


def test_the_way_back_after_urging_leads_nowhere_else(family: cast.Household) -> None:
    operator = at_console(OPERATOR)
    for away in ("https://example.org/", "//example.org", "/desk/"):
        answer = operator.post("/console/stuck/", {"task": [], "back": away})
        assert answer["Location"] == "/console/stuck/"


def test_a_new_year_is_previewed_proposed_and_waits_for_a_second_person(
    published: object,
) -> None:
    operator = at_console(OPERATOR)
    text = "year: 2027\nnotice: 国办发明电〔2026〕7号\noff: [2027-01-01]\nworked: [2027-02-14]\n"
    seen = operator.post("/console/calendar/", {"text": text, "do": "check"}).content.decode()
    assert "国办发明电〔2026〕7号" in seen and "推后 0 个" in seen
    assert not ProposalRow.objects.exists()
    operator.post("/console/calendar/", {"text": text, "do": "propose"})
    assert ProposalRow.objects.get().kind == "calendar_year"
    wrong = operator.post("/console/calendar/", {"text": "2027-01-01,holiday"}).content.decode()
    assert "通知:1:1" in wrong and "每行写" in wrong


def test_who_is_on_duty_is_told_to_families_only_when_public(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    operator = at_console(OPERATOR)
    entry = {
        "do": "add", "office": office_of(family), "name": "陈静", "phone": "0551-1234567",
        "starts_on": local_day(fixed_now).isoformat(),
    }  # fmt: skip
    operator.post("/console/duty/", entry)
    address = f"/my/cases/{family.number}/progress/"
    assert "0551-1234567" not in page(family.mother, address)
    operator.post("/console/duty/", entry | {"public": "on"})
    assert "陈静 0551-1234567" in page(family.mother, address)
    assert b"0551" not in b"".join(bytes(row.sealed) for row in DutyRow.objects.all())


def test_a_duty_beyond_the_own_place_is_refused(published: object) -> None:
    supervisor = at_console(SUPERVISOR)
    entry = {"do": "add", "division": "34", "name": "甲", "phone": "1", "starts_on": "2026-12-01"}
    assert "您的岗位不能做这一步" in supervisor.post("/console/duty/", entry).content.decode()
    assert not DutyRow.objects.exists()


def test_an_outage_is_looked_at_twice_shown_and_ended(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    operator = at_console(OPERATOR)
    sent = {"starts_at": "2026-11-20T08:00", "words_zh": "系统维护，请晚些再办", "division": "34"}
    draft = operator.post("/console/outages/", sent)["Location"]
    address = f"/my/cases/{family.number}/progress/"
    assert "系统维护，请晚些再办" in page(operator, draft)
    assert "系统维护" not in page(family.mother, address)
    operator.post(draft, {"do": "show"})
    assert "系统维护，请晚些再办" in page(family.mother, address)
    assert "系统维护，请晚些再办" in page(operator, "/console/duty/")
    operator.post(draft, {"do": "end"})
    assert "系统维护" not in page(family.mother, address)


def test_what_is_shown_and_what_is_ones_own_is_never_pushed_off_the_list(
    published: object, monkeypatch: pytest.MonkeyPatch, fixed_now: datetime
) -> None:
    operator = at_console(OPERATOR)

    def write(words: str, **more: str) -> None:
        sent = {"starts_at": "2026-11-20T08:00", "words_zh": words, **more}
        operator.post(operator.post("/console/outages/", sent)["Location"], {"do": "show"})

    write("一直停着", division="3401")
    for number in range(3):
        write(f"别处的 {number}", division="3402", ends_at="2026-11-22T08:00")
    monkeypatch.setattr("yijian.records.outages.MOST", 2)
    outages.forget()
    assert "一直停着" in page(at_console(SUPERVISOR), "/console/outages/")
    later = fixed_now + timedelta(days=3)
    assert [one.words_zh for one in outages.shown(now=later)] == ["一直停着"]


def test_an_outage_of_one_office_stands_with_the_item_it_stops(family: cast.Household) -> None:
    family.submit()
    operator = at_console(OPERATOR)
    sent = {"starts_at": "2026-11-20T08:00", "words_zh": "打印机坏了", "office": office_of(family)}
    operator.post(operator.post("/console/outages/", sent)["Location"], {"do": "show"})
    assert "打印机坏了" in page(family.mother, f"/my/cases/{family.number}/progress/")
    assert "打印机坏了" not in page(family.mother, "/")


def test_what_an_ended_office_leaves_stands_on_the_lists_of_its_place(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    supervisor, office = at_console(SUPERVISOR), office_of(family)
    supervisor.post("/console/duty/", {
        "do": "add", "office": office, "name": "陈静", "phone": "0551-1234567",
        "starts_on": local_day(fixed_now).isoformat(),
    })  # fmt: skip
    sent = {"starts_at": "2026-11-20T08:00", "words_zh": "打印机坏了", "office": office}
    supervisor.post("/console/outages/", sent)
    task = str(cast_desk.id_of(family, CERTIFICATE))
    OfficeRow.objects.filter(code=office).update(active=False)
    contexts.forget()
    assert "0551-1234567" in page(supervisor, "/console/duty/")
    assert "打印机坏了" in page(supervisor, "/console/outages/")
    assert task in page(supervisor, "/console/stuck/")


def test_families_are_texted_once_and_only_by_a_second_person(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    first, second = at_console(OPERATOR), at_console(SUPERVISOR)
    sent = {
        "starts_at": "2026-11-20T08:00", "words_zh": "停办三天", "division": "3401", "texting": "on",
    }  # fmt: skip
    draft = first.post("/console/outages/", sent)["Location"]
    assert "由另一个人看过、发布" in first.post(draft, {"do": "show"}).content.decode()
    assert OutageRow.objects.get().state == "draft"
    second.post(draft, {"do": "show"})
    later = fixed_now + timedelta(minutes=1)
    assert outages.text_families(now=later) == 1
    assert outages.text_families(now=later) == 0
    row = NotificationRow.objects.get(template="outage")
    assert (row.to_role, row.channel) == ("mother", "sms")


def test_limits_are_told_to_the_supervisor_of_the_place(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    urging.watch_limits(now=fixed_now + timedelta(days=30))
    assert family.number in page(at_console(SUPERVISOR), "/console/urged/")
    assert family.number not in page(
        at_console(SUPERVISOR, office="340200WJ", number="2"), "/console/urged/"
    )
