"""Work orders in the console: two sides, one list each, the words only where they belong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.actions.cast import CERTIFICATE, Household, household
from tests.actions.test_tasks import issue
from tests.web import cast, cast_desk
from yijian.actions import ratings, work_orders
from yijian.domain.ratings import RatingChannel
from yijian.domain.work_orders import OrderKind
from yijian.records import administration, issues
from yijian.records.models import AccessEntry, IssueRow, WorkOrderRow
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
WORDS, BRIEF, REPLY = "等了三天，王芳打电话没人接", "有家庭反映等候时间长", "已增加值班电话"
CENTRE, BUREAU = "H34010401", "340100WJ"


@dataclass
class Scene:
    """A bad rating of a family, with both sides at their browsers."""

    family: Household
    desk: Client
    office: Client

    @property
    def row(self) -> WorkOrderRow:
        """The order as it is now."""
        return WorkOrderRow.objects.get(kind="bad_rating")

    @property
    def url(self) -> str:
        """Its address."""
        return f"/console/orders/{self.row.pk}/"

    def act(self, client: Client, step: str, **given: str) -> object:
        """Press the button of a step, on the version that the order has now."""
        sent = {"step": step, "version": self.row.version, "confirmed": "1", **given}
        return client.post(self.url, sent)


@pytest.fixture
def scene(db: None, fixed_now: datetime) -> Scene:
    family = household(fixed_now).submit()
    issue(family)
    opinion = ratings.opinion_of(
        level=5, channel=RatingChannel.MOBILE, reasons=("too_slow",), words=WORDS
    )
    ratings.rate(
        by=family.mother, number=family.number, item=CERTIFICATE[0], newborn=1, opinion=opinion,
        now=fixed_now,
    )  # fmt: skip
    about = str(family.case.tasks[CERTIFICATE].office)
    return Scene(
        family,
        cast_desk.clerk(BUREAU, StaffRole.COMPLAINTS, username="test:desk"),
        cast_desk.clerk(about, StaffRole.SUPERVISOR, username="test:office"),
    )


def file_of(response: HttpResponseBase) -> str:
    """A file that is sent in parts."""
    assert isinstance(response, StreamingHttpResponse)
    return str(response.getvalue(), "utf-8")


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_only_the_desk_reads_words_and_phone_and_looking_is_logged(scene: Scene) -> None:
    page = text_of(scene.desk.get(scene.url))
    assert WORDS in page and scene.family.number in page
    phone = str(scene.family.facts.family["mother"]["phone"])
    assert phone not in page
    shown = scene.desk.post(scene.url, {"step": "phone"})
    assert phone in text_of(shown)
    looks = AccessEntry.objects.filter(case_id=scene.family.id, purpose="work_order")
    assert {entry.what for entry in looks} == {"work_order", "phone"}


def test_the_named_office_reads_the_matter_and_never_the_person(scene: Scene) -> None:
    assert scene.office.get(scene.url).status_code == 404
    assert scene.row.number not in text_of(scene.office.get("/console/orders/"))
    scene.act(scene.desk, "assign", office=scene.row.about, brief=BRIEF)
    page = text_of(scene.office.get(scene.url))
    assert BRIEF in page and "超过了说好的时间" in page
    for secret in (WORDS, "王芳", scene.family.number, "10:00"):
        assert secret not in page.split("<main")[1]
    assert scene.office.post(scene.url, {"step": "phone"}).status_code == 302
    assert not AccessEntry.objects.filter(what="phone").exists()


def test_the_whole_way_with_preview_and_call_back(scene: Scene) -> None:
    scene.act(scene.desk, "assign", office=scene.row.about)
    scene.act(scene.office, "take")
    sent = {"step": "answer", "version": scene.row.version, "finding": "founded", "reply": REPLY}
    preview = scene.office.post(scene.url, sent)
    assert REPLY in text_of(preview) and scene.row.state == "in_hand"
    kept = scene.office.post(scene.url, {**sent, "confirmed": "1", "edit": "1"})
    assert kept.status_code == 200 and REPLY in text_of(kept) and scene.row.state == "in_hand"
    assert scene.office.post(scene.url, {**sent, "confirmed": "1"}).status_code == 302
    scene.act(scene.desk, "call_back", outcome="satisfied", note="家长说好多了")
    assert "家长说好多了" not in text_of(scene.office.get(scene.url))
    scene.act(scene.desk, "close")
    assert scene.row.state == "closed"
    assert "已办结" in text_of(scene.desk.get("/console/orders/?group=closed"))


def test_what_is_missing_is_named_beside_the_field(scene: Scene) -> None:
    wrong = scene.act(scene.desk, "assign", office="nowhere")
    assert getattr(wrong, "status_code", 0) == 422 and scene.row.state == "new"
    scene.act(scene.desk, "assign", office=scene.row.about)
    scene.act(scene.office, "take")
    empty = scene.act(scene.office, "answer", reply="")
    assert "请写答复" in text_of(empty) and "请选择核实结论" in text_of(empty)
    forged = scene.act(scene.office, "close")
    assert getattr(forged, "status_code", 0) == 302 and scene.row.state == "in_hand"


def test_a_second_tab_is_told_that_somebody_was_faster(scene: Scene) -> None:
    old = scene.row.version
    scene.act(scene.desk, "assign", office=scene.row.about)
    late = scene.desk.post(
        scene.url,
        {"step": "transfer", "version": old, "office": CENTRE, "reason": "改转"},
    )
    assert late.status_code == 422 and "别的同事刚刚处理过" in text_of(late)


def test_whoever_has_no_business_there_meets_nothing(db: None, fixed_now: datetime) -> None:
    cast.publish(fixed_now)
    outside, clerk, nobody = cast.stranger(fixed_now), cast.officer(fixed_now), Client()
    for address in (
        "orders/", "orders/figures/", "orders/tables/ratings.csv", "questionnaires/",
        "questionnaires/new/", "issues/", "issues/new/",
    ):  # fmt: skip
        for who in (outside, clerk):
            assert who.get(f"/console/{address}").status_code == 404, address
        assert nobody.get(f"/console/{address}").status_code == 302, address


def test_the_number_of_queries_does_not_grow_with_the_orders(scene: Scene) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert scene.desk.get("/console/orders/").status_code == 200
        return len(found)

    queries()  # What is kept in memory is read once.
    few = queries()
    for place in range(8):
        work_orders.speak_up(
            kind=OrderKind.SUGGESTION, text="多设几台机器", phone="", office="",
            sender=f"192.0.2.{place}", channel="pc", now=scene.family.now,
        )  # fmt: skip
    assert queries() == few


def test_the_order_of_a_forgotten_family_says_so_and_offers_its_end(scene: Scene) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE "case" SET wrapped_key = NULL, sealed = NULL, display = NULL,'
            " forgotten_at = now() WHERE id = %s",
            [scene.family.id],
        )
    page = f"/console/orders/{scene.row.pk}/"
    shown = scene.desk.get(page)
    assert "资料已按规定删除" in text_of(shown)
    assert [form.step.name for form in shown.context["forms"]] == ["lapse"]
    version = str(shown.context["version"])
    told = scene.desk.post(
        page, {"step": "reply", "reply": "请看", "version": version}, follow=True
    )
    assert "没有人可以答复了" in text_of(told)
    ended = scene.desk.post(page, {"step": "lapse", "version": version}, follow=True)
    assert ended.status_code == 200 and "已办结" in text_of(ended)


def test_tables_for_the_nation_name_no_person_and_leave_a_trace(scene: Scene) -> None:
    ratings_table = file_of(scene.desk.get("/console/orders/tables/ratings.csv?month=2026-11"))
    head, line = ratings_table.splitlines()[:2]
    assert head.endswith("办件编号,评价渠道,评价人,评价时间,评价次数,满意度,文字评价,行政区划")
    assert line.startswith(f"{scene.family.number},移动服务端,孩子妈妈,")
    orders_table = file_of(scene.desk.get("/console/orders/tables/orders.csv?month=2026-11"))
    assert scene.row.number in orders_table and "19900" not in orders_table
    assert AccessEntry.objects.filter(purpose="national_collection").count() == 2
    assert scene.office.get("/console/orders/tables/orders.csv").status_code == 404
    assert scene.desk.get("/console/orders/tables/staff.csv").status_code == 404


def test_a_supervisor_reads_the_own_figures_without_small_ones(scene: Scene) -> None:
    whole = text_of(scene.desk.get("/console/orders/figures/"))
    assert "0.0%" in whole and "超过了说好的时间" in whole
    own = text_of(scene.office.get("/console/orders/figures/"))
    assert "少于5" in own and "0.0%" not in own and "超过了说好的时间" not in own
    empty = text_of(scene.desk.get("/console/orders/figures/?month=2026-10"))
    assert "还没有评价" in empty
    assert scene.desk.get("/console/orders/figures/?month=x").status_code == 200


def test_a_problem_is_written_down_decided_and_done(scene: Scene) -> None:
    page = scene.desk.get(f"/console/issues/new/?order={scene.row.pk}")
    assert scene.row.number in text_of(page) and WORDS not in text_of(page)
    sent = {"title": "等候久", "problem": "窗口电话没人接", "owner": "市卫健委"}
    past = scene.family.now.date() - timedelta(days=1)
    wrong = scene.desk.post("/console/issues/new/", {**sent, "due_on": past.isoformat()})
    assert wrong.status_code == 422 and "已经过去" in text_of(wrong)
    made = scene.desk.post("/console/issues/new/", {**sent, "due_on": "2026-12-15"})
    for words in ("统一值班电话", "已设置，通过检查"):
        scene.desk.post(made["Location"], {"text": words})
    row = IssueRow.objects.get()
    assert (row.state, row.decision, row.done) == ("done", "统一值班电话", "已设置，通过检查")
    assert scene.desk.post(made["Location"], {"text": "再来一次"}).status_code == 422
    acts = administration.acts(subject=f"issue:{row.pk}")
    assert [act.what for act in acts] == ["issue_finished", "issue_decided", "issue_opened"]
    assert {act.by for act in acts} == {row.opened_by} and {act.office for act in acts} == {BUREAU}
    assert "等候久" in text_of(scene.desk.get("/console/issues/?done=1"))


def test_a_problem_leads_back_to_its_order_and_no_list_is_cut_in_silence(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = {
        "title": "等候久",
        "problem": "窗口电话没人接",
        "owner": "市卫健委",
        "due_on": "2026-12-15",
    }
    made = scene.desk.post(f"/console/issues/new/?order={scene.row.pk}", sent)
    assert str(scene.row.pk) in text_of(scene.desk.get(made["Location"]))
    scene.desk.post(f"/console/issues/new/?order={scene.family.id}", sent)
    assert sorted(IssueRow.objects.values_list("order_id", flat=True), key=str) == sorted(
        [scene.row.pk, None], key=str
    )
    assert "只列出前" not in text_of(scene.desk.get("/console/issues/"))
    monkeypatch.setattr(issues, "MOST", 1)
    assert "只列出前 1 个" in text_of(scene.desk.get("/console/issues/"))
