"""Stock and paper ledger at the desk: differences first, nothing typed is lost, closed doors."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from tests.actions.test_number_stock import keeper, stocked
from tests.web import cast
from tests.web.cast_desk import clerk, decide, id_of, office_of, pass_time, url_of
from yijian.actions import handovers
from yijian.domain.custody_rules import Sheet
from yijian.domain.number_stock import NumberState
from yijian.records import custody as rows
from yijian.records import number_stock
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
HOSPITAL = "H34010401"
NUMBER = "T340000001"


def stock_clerk(office: str = HOSPITAL, username: str = "") -> Client:
    return clerk(office, StaffRole.STOCK, StaffRole.CLERK, username=username)


def issued(family: cast.Household) -> Client:
    """A hospital with stock has issued the family's certificate with the number it proposed."""
    family.submit()
    stocked(family.now)
    assert office_of(family, "birth_certificate") == HOSPITAL
    chen = stock_clerk()
    page = chen.get(url_of(family, "birth_certificate")).content.decode()
    assert f'value="{NUMBER}"' in page
    response = decide(
        family, chen, "birth_certificate", "complete",
        result_certificate_number=NUMBER, result_issued_on="2026-11-21",
    )  # fmt: skip
    assert getattr(response, "status_code", 0) == 302
    pass_time(family.now)
    return chen


def sheet_ids(family: cast.Household) -> dict[Sheet, UUID]:
    return {line.paper.sheet: line.id for line in rows.sheets_of(family.id)}


def test_the_decision_proposes_the_next_number_and_names_it_when_one_is_refused(
    family: cast.Household,
) -> None:
    family.submit()
    stocked(family.now)
    chen = stock_clerk()
    sent = {"result_certificate_number": "Z340000009", "result_issued_on": "2026-11-21"}
    response = chen.post(
        url_of(family, "birth_certificate", page="decide/"),
        {"do": "complete", "version": family.case.tasks["birth_certificate", 1].version, **sent},
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "不在本机构的库存里" in page and f"下一张空白证的编号是 {NUMBER}" in page


def test_the_stock_page_shows_bars_counts_gaps_and_the_next_number(family: cast.Household) -> None:
    chen = issued(family)
    number_stock.set_state(numbers=["T340000004"], to=NumberState.ISSUED, now=family.now)
    page = chen.get("/desk/stock/").content.decode()
    assert "<svg" in page and 'class="bar-issued"' in page
    assert "T340000002–T340000003" in page and "断号" in page
    assert "T340000002</b>" in page
    csv = chen.get("/desk/stock/report.csv").content.decode()
    assert "T340000002,T340000003,2" in csv


def test_two_people_void_at_the_desk_and_one_cannot(family: cast.Household) -> None:
    stocked(family.now)
    first, second = stock_clerk(username="first"), stock_clerk(username="second")
    sent = {"do": "void", "numbers": f"{NUMBER}, t340000002", "reason": "misprint"}
    assert first.post("/desk/stock/", sent).status_code == 302
    (request,) = number_stock.open_voids(office=HOSPITAL)
    own = first.get("/desk/stock/").content.decode()
    assert 'value="confirm"' not in own and "另一位库管员" in own
    refused = first.post("/desk/stock/", {"do": "confirm", "void": str(request.id)})
    assert refused.status_code == 422 and "换人确认" in refused.content.decode()
    assert 'value="confirm"' in second.get("/desk/stock/").content.decode()
    assert (
        second.post("/desk/stock/", {"do": "confirm", "void": str(request.id)}).status_code == 302
    )
    assert set(number_stock.states_of(office=HOSPITAL).values()) >= {NumberState.VOID}


def test_what_was_typed_comes_back_with_the_reason(family: cast.Household) -> None:
    stocked(family.now)
    sent = {"do": "lost", "numbers": "T340000999"}
    response = stock_clerk().post("/desk/stock/", sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="T340000999"' in page and "不在本机构的库存里。T340000999" in page


def test_a_bureau_allots_the_next_numbers_and_the_hospital_accepts(family: cast.Household) -> None:
    stocked(family.now)
    city = stock_clerk("340100WJ")
    page = city.get("/desk/stock/").content.decode()
    assert 'value="T340000021"' in page and "等对方验收" not in page.split("run-key")[0]
    parent = number_stock.runs_of(office="340100WJ")[0].id
    sent = {"do": "allot", "parent": parent, "to": "H34010402"}
    hole = city.post("/desk/stock/", sent | {"first": "T340000022", "last": "T340000030"})
    assert hole.status_code == 422 and "T340000021" in hole.content.decode()
    ready = sent | {"first": "T340000021", "last": "T340000030"}
    assert city.post("/desk/stock/", ready).status_code == 302
    other = stock_clerk("H34010402")
    (run,) = number_stock.runs_of(office="H34010402")
    assert "清点无误" in other.get("/desk/stock/").content.decode()
    accepted = {"do": "accept", "run": run.id, "missing": "T340000025"}
    assert other.post("/desk/stock/", accepted).status_code == 302
    states = number_stock.states_of(office="H34010402")
    assert (len(states), states["T340000025"].value) == (10, "lost")


def test_the_ledger_lists_finds_and_gives_sheets(family: cast.Household) -> None:
    chen = issued(family)
    page = chen.get("/desk/papers/?view=family").content.decode()
    assert NUMBER in page and family.number in page and "正页" in page
    found = chen.post("/desk/papers/find/", {"number": NUMBER.lower()})
    assert found.status_code == 302 and NUMBER not in found["Location"]
    sheet = chen.get(found["Location"]).content.decode()
    assert NUMBER in sheet and "存根" in sheet
    ids = sheet_ids(family)
    given = {"do": "give", "back": "family", "sheet": [str(ids[Sheet.MAIN_PAGE])]}
    assert chen.post("/desk/papers/act/", given).status_code == 302
    assert rows.counts(office=HOSPITAL, on=family.now.date())["family"] == 0
    wrong = {"do": "give", "back": "here", "sheet": [str(ids[Sheet.STUB])]}
    told = chen.post("/desk/papers/act/", wrong, follow=True).content.decode()
    assert "不该交给家长" in told


def test_a_list_is_drawn_up_printed_given_and_received(family: cast.Household) -> None:
    chen = issued(family)
    station = family.case.tasks["hukou_registration", 1].office
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sheet SET goes_to = %s WHERE goes_to = 'archive'", [station])
        cursor.execute("UPDATE sheet SET due_on = '2026-11-30' WHERE due_on IS NOT NULL")
    page = chen.get("/desk/handovers/").content.decode()
    assert "列清单" in page and "2026-11-30" in page
    drawn = chen.post("/desk/handovers/", {"to": station, "on": "2026-11-30"})
    address = drawn["Location"]
    police = stock_clerk(station or "")
    assert police.get(address).status_code == 404
    pdf = chen.get(f"{address}list.pdf")
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    refused = chen.post(address, {"do": "give", "way": "post", "tracking": ""})
    assert refused.status_code == 422 and "运单号" in refused.content.decode()
    assert chen.post(address, {"do": "give", "way": "in_person"}).status_code == 302
    assert "签收勾选的" in police.get(address).content.decode()
    assert "签收勾选的" not in chen.get(address).content.decode()
    ids = sheet_ids(family)
    sent = {"do": "receive", "sheet": [str(ids[Sheet.STUB])]}
    assert police.post(address, sent).status_code == 302
    told = police.get(address).content.decode()
    assert "差异 1" in told and told.index("缺</span>") < told.index("已收到</span>")
    report = chen.get("/desk/papers/reconciliation/").content.decode()
    assert NUMBER in report and "副页" in report
    csv = chen.get("/desk/papers/reconciliation.csv").content.decode()
    assert f"{NUMBER},副页,缺," in csv


def test_nothing_out_of_place_is_said_to_be_so(family: cast.Household) -> None:
    chen = issued(family)
    page = chen.get("/desk/papers/reconciliation/?on=2026-11-21").content.decode()
    assert "没有差异" in page and "核对了 3 联" in page
    assert chen.get("/desk/papers/reconciliation/?on=nonsense").status_code == 200


PAGES = (
    "/desk/stock/", "/desk/stock/report.csv", "/desk/papers/", "/desk/handovers/",
    "/desk/papers/reconciliation/", "/desk/papers/reconciliation.csv",
)  # fmt: skip


def test_only_keepers_see_stock_and_ledger_and_only_their_own(family: cast.Household) -> None:
    issued(family)
    sheet = sheet_ids(family)[Sheet.MAIN_PAGE]
    batch = handovers.draw_up(
        by=keeper(HOSPITAL), goes_to="archive", on=(family.now + timedelta(days=60)).date(),
        now=family.now,
    )  # fmt: skip
    own = [f"/desk/papers/{sheet}/", f"/desk/handovers/{batch.id}/",
           f"/desk/handovers/{batch.id}/list.pdf"]  # fmt: skip
    no_keeper = clerk(HOSPITAL, StaffRole.CLERK, username="no-keeper")
    for address in (*PAGES, *own):
        assert no_keeper.get(address).status_code == 404, address
        assert family.mother.get(address).status_code == 404, address
        assert Client().get(address).status_code == 302, address
    elsewhere = stock_clerk("H34010402")
    for address in own:
        assert elsewhere.get(address).status_code == 404, address
    assert NUMBER not in elsewhere.get("/desk/papers/?view=all").content.decode()
    found = elsewhere.post("/desk/papers/find/", {"number": NUMBER}, follow=True)
    assert "没有这个编号" in found.content.decode()
    acted = elsewhere.post("/desk/papers/act/", {"do": "lost", "sheet": [str(sheet)]})
    assert acted.status_code == 404


def test_every_look_at_the_ledger_leaves_a_line(family: cast.Household) -> None:
    chen = issued(family)
    sheet = sheet_ids(family)[Sheet.STUB]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM access_log WHERE purpose = 'paper_ledger'")
        (before,) = cursor.fetchone()
        chen.get("/desk/papers/")
        chen.get(f"/desk/papers/{sheet}/")
        chen.get("/desk/papers/reconciliation/")
        cursor.execute("SELECT count(*) FROM access_log WHERE purpose = 'paper_ledger'")
        assert cursor.fetchone() == (before + 3,)


def test_the_task_page_of_another_item_proposes_no_number(family: cast.Household) -> None:
    chen = issued(family)
    assert id_of(family, "vaccination_booklet")
    page = chen.get(url_of(family, "vaccination_booklet")).content.decode()
    assert "T34000000" not in page
