"""Monthly reports at the desk: who gets them, and that they say what the rows say."""

import re
from datetime import datetime
from io import BytesIO
from uuid import uuid4

import pdfplumber
import pytest
from django.test import Client

from tests.web import cast, cast_desk, cast_offices
from yijian.domain.states import TaskState
from yijian.records.models import AccessEntry, CaseRow, OfficeRow, TaskRow
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db

REPORT = "/desk/reports/340000-anhui/{}.{}"
LEAD, HOSPITAL = "340000WJ", "H34010401"


def supervisor(office: str = LEAD) -> Client:
    return cast_desk.clerk(office, StaffRole.SUPERVISOR, name=str(uuid4()))


def text_of(pdf: bytes) -> str:
    """What the report says, without any white space."""
    with pdfplumber.open(BytesIO(pdf)) as opened:
        return re.sub(r"\s", "", "".join(page.extract_text() for page in opened.pages))


def test_the_numbers_are_those_of_a_recount_of_the_rows(family: cast.Household) -> None:
    family.submit()
    cast_offices.finish_certificate(family)
    answer = supervisor().get(REPORT.format("2026-11", "pdf"))
    assert answer["Content-Type"] == "application/pdf"
    said = text_of(answer.content)
    begun = TaskRow.objects.filter(item="birth_certificate", started_at__isnull=False).count()
    done = TaskRow.objects.filter(item="birth_certificate", state="completed").count()
    assert f"收到申请{CaseRow.objects.filter(submitted_at__isnull=False).count()}件" in said
    assert (begun, done) == (1, 1)
    assert re.search(rf"《出生医学证明》\D*{begun}{done}00", said)
    assert "截至2026年11月" in said


def test_no_family_is_recognised_in_a_report(family: cast.Household) -> None:
    family.submit()
    cast_offices.office(
        family, "birth_certificate", TaskState.DECLINED,
        reason="records_differ", reason_text="李小满的母亲王芳",
    )  # fmt: skip
    said = text_of(supervisor().get(REPORT.format("2026-11", "pdf")).content)
    assert "经核实，申请内容与登记记录不一致<5" in said
    assert "王" not in said and "李" not in said
    assert family.number not in said


def test_a_past_month_gives_the_same_file_every_time(
    family: cast.Household, monkeypatch: pytest.MonkeyPatch, fixed_now: datetime
) -> None:
    family.submit()
    made = []
    for later in (fixed_now.replace(month=12), fixed_now.replace(year=2027)):
        monkeypatch.setattr("django.utils.timezone.now", lambda at=later: at)
        client = supervisor()
        made.append([client.get(REPORT.format("2026-11", form)) for form in ("pdf", "ofd")])
    for first, second in zip(*made, strict=True):
        assert first.status_code == second.status_code == 200
        assert first.content == second.content and len(first.content) > 5000
    said = text_of(made[0][0].content)
    assert "2026年12月1日" in said and "截至" not in said


def test_only_supervisors_of_an_office_of_the_scheme_get_it(family: cast.Household) -> None:
    family.submit()
    asked = REPORT.format("2026-10", "pdf")
    absent = supervisor().get(REPORT.format("2026-10", "pdf").replace("anhui", "nowhere"))
    assert absent.status_code == 404
    assert supervisor(HOSPITAL).get(asked).status_code == 200
    for who in (cast_desk.clerk(LEAD), cast_desk.clerk(LEAD, StaffRole.AUDITOR, name="审计")):
        assert who.get(asked).status_code == 404
    assert family.mother.get(asked).status_code == 404


def test_an_office_of_another_province_does_not_find_the_scheme(
    family: cast.Household,
) -> None:
    OfficeRow.objects.create(
        code="350300WJ", kind="health_bureau", title_zh="莆田市卫生健康委员会", division="350300"
    )
    stranger = supervisor("350300WJ")
    refused = stranger.get(REPORT.format("2026-10", "pdf"))
    absent = stranger.get("/desk/reports/350300-nothing/2026-10.pdf")
    assert refused.status_code == absent.status_code == 404
    assert "340000-anhui" not in stranger.get("/desk/reports/").content.decode()
    shown = AccessEntry.objects.filter(what="report").values_list("office", "shown")
    assert list(shown) == [("350300WJ", False)] * 2


@pytest.mark.parametrize(
    "month", ["2026-12", "2027-01", "2026-13", "2026-00", "0000-01", "1999-12", "26-1", "x"]
)
def test_a_month_to_come_or_none_at_all_is_not_there(published: object, month: str) -> None:
    client = supervisor()
    assert client.get(REPORT.format(month, "pdf")).status_code == 404
    assert client.get(REPORT.format("2026-10", "exe")).status_code == 404


def test_who_took_a_report_and_why_is_in_the_access_log(
    published: object, fixed_now: datetime
) -> None:
    supervisor().get(REPORT.format("2026-10", "ofd"))
    (entry,) = AccessEntry.objects.filter(what="report")
    assert (entry.office, entry.purpose, entry.shown) == (LEAD, "statistics", True)
    assert (entry.at, entry.case_id) == (fixed_now, None)


def test_the_list_leads_to_twelve_months_that_are_all_there(published: object) -> None:
    client = supervisor()
    page = client.get("/desk/reports/").content.decode()
    links = re.findall(r'href="(/desk/reports/[^"]+\.(?:pdf|ofd))"', page)
    assert len(links) == len(set(links)) == 24
    assert links[0].endswith("2026-11.pdf") and links[-1].endswith("2025-12.ofd")
    assert client.get(links[-1])["Content-Type"] == "application/ofd"


def test_an_english_page_gives_an_english_report(family: cast.Household) -> None:
    family.submit()
    client = supervisor()
    client.cookies["language"] = "en"
    assert "Monthly reports" in client.get("/desk/reports/").content.decode()
    said = text_of(client.get(REPORT.format("2026-10", "pdf")).content)
    assert "Monthlyreport" in said and "2026-10" in said
