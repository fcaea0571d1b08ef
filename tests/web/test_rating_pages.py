"""Ratings, complaints and questionnaires: what families see and press, at home and at a tablet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.actions.cast import Household, household
from tests.actions.test_tasks import issue
from tests.web import cast, cast_desk
from yijian.actions import questionnaires, ratings, work_orders
from yijian.domain.ratings import RatingChannel
from yijian.domain.work_orders import OrderKind
from yijian.records import administration
from yijian.records import window as window_records
from yijian.records.models import (
    NotificationRow,
    QuestionnaireCount,
    QuestionnaireTaken,
    RatingRow,
    WorkOrderRow,
)
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
RATE = "rate/birth_certificate/1/"
PHONE = "19900000009"


@dataclass
class Home:
    """A family whose birth certificate is finished, with both parents at their browsers."""

    acts: Household
    mother: Client
    father: Client
    now: datetime

    @property
    def id(self) -> UUID:
        """The case's key."""
        return self.acts.id

    def url(self, page: str = "") -> str:
        """The address of a page of this case."""
        return f"/my/cases/{self.acts.number}/{page}"


@pytest.fixture
def done(db: None, fixed_now: datetime) -> Home:
    acts = household(fixed_now).submit()
    issue(acts)
    return Home(acts, cast.client_of(acts.mother), cast.client_of(acts.father), fixed_now)


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_the_first_page_asks_one_thing_and_the_second_offers_the_rest(
    done: Home,
) -> None:
    first = done.mother.get(done.url(RATE))
    assert list(first.context["form"].fields) == ["level"]
    assert 'class="card" method="post"' in text_of(first)
    nothing = done.mother.post(done.url(RATE), {})
    assert nothing.status_code == 422 and "请选择一个评价" in text_of(nothing)
    good = done.mother.post(done.url(RATE), {"level": "1"})
    assert "reasons" not in good.context["form"].fields
    bad = done.mother.post(done.url(RATE), {"level": "5"})
    assert bad.status_code == 200 and not bad.context["form"].is_bound
    assert "reasons" in bad.context["form"].fields and not RatingRow.objects.exists()
    for wrong in ("9", "0", "１", "x"):
        assert done.mother.post(done.url(RATE), {"level": wrong}).status_code == 422


def test_no_address_carries_a_grade(done: Home) -> None:
    window_records.move(case_id=done.id, office="H34010401")
    window = cast.officer(done.now)
    desk = f"/desk/window/{done.acts.number}/"
    for client, address in ((done.mother, done.url(RATE)), (window, f"{desk}{RATE}")):
        asked = client.get(address, {"level": "5", "asked": "1"})
        assert list(asked.context["form"].fields) == ["level"] and asked.status_code == 200
        assert not asked.context["form"].is_bound
        second = client.post(address, {"level": "5"})
        assert '<input type="hidden" name="said" value="1">' in text_of(second)
        assert 'method="get"' not in text_of(second).split("<main")[1]
    kept = window.post(f"{desk}{RATE}", {"level": "5", "said": "1", "words": "排队久"})
    assert (kept.status_code, kept["Location"]) == (302, f"{desk}ratings/thanks/")
    assert kept["Cache-Control"] == "no-store, private"
    thanks = text_of(window.get(kept["Location"]))
    assert "还给工作人员" in thanks and "排队久" not in thanks


def test_a_bad_grade_with_nothing_else_is_accepted_and_followed_up(done: Home) -> None:
    sent = done.mother.post(done.url(RATE), {"level": "5", "said": "1", "words": ""}, follow=True)
    assert "已经有人跟进" in text_of(sent)
    assert WorkOrderRow.objects.get().kind == "bad_rating"


def test_a_second_try_and_the_other_parent_read_that_it_is_done(done: Home) -> None:
    done.mother.post(done.url(RATE), {"level": "2", "said": "1", "words": "很快"})
    for client in (done.mother, done.father):
        for again in (client.post(done.url(RATE), {"level": "5"}), client.get(done.url(RATE))):
            assert again.status_code == 302
        assert "已经评价过" in text_of(client.get(done.url("ratings/")))
    assert RatingRow.objects.get().level == 2


def test_what_was_typed_wrong_is_told_and_kept(done: Home) -> None:
    long = "长" * 501
    page = done.mother.post(
        done.url(RATE), {"level": "4", "said": "1", "words": long, "reasons": "made_up"}
    )
    assert page.status_code == 422 and long in text_of(page)
    assert not RatingRow.objects.exists()
    page = done.mother.post(
        done.url(RATE), {"level": "4", "said": "1", "words": "", "side_usability": "7"}
    )
    assert page.status_code == 422 and "<details open>" in text_of(page)


def test_what_has_not_ended_and_what_does_not_exist_look_the_same(done: Home) -> None:
    for address in ("rate/hukou_registration/1/", "rate/nothing/1/", "rate/birth_certificate/9/"):
        assert done.mother.get(done.url(address)).status_code == 404
        assert done.mother.post(done.url(address), {"level": "1"}).status_code == 404


def test_after_some_months_the_page_says_that_it_is_too_late(
    done: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = done.now + timedelta(days=91)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    mother = cast.client_of(done.acts.mother)
    page = mother.get(done.url(RATE), follow=True)
    assert "已经过了可以评价的时间" in text_of(page)
    assert mother.post(done.url(RATE), {"level": "5"}).status_code == 302
    assert not RatingRow.objects.exists()


def test_the_answer_stands_with_the_rating_and_may_be_graded_again(done: Home) -> None:
    done.mother.post(done.url(RATE), {"level": "5", "said": "1", "words": "电话打不通"})
    answered(WorkOrderRow.objects.get(), done.now)
    page = text_of(done.mother.get(done.url("ratings/")))
    assert "已增加值班电话" in page and "对处理结果再评一次" in page
    done.mother.post(done.url(RATE), {"level": "2", "said": "1", "words": "好多了", "again": "1"})
    assert RatingRow.objects.get().again_level == 2
    page = text_of(done.mother.get(done.url("ratings/")))
    assert "处理后您的评价" in page and "对处理结果再评一次" not in page


def answered(row: WorkOrderRow, now: datetime) -> None:
    """The desk assigns, the office answers."""
    steps = [
        ("340100WJ", StaffRole.COMPLAINTS, "assign", {"office": row.about}),
        (row.about, StaffRole.SUPERVISOR, "take", {}),
        (row.about, StaffRole.SUPERVISOR, "answer",
         {"finding": "founded", "reply": "已增加值班电话"}),
    ]  # fmt: skip
    for place, (office, role, step, given) in enumerate(steps):
        cast_desk.clerk(office, role, username=f"test:{place}:{row.number}")
        user = User.objects.get(username=f"test:{place}:{row.number}")
        version = WorkOrderRow.objects.get(pk=row.pk).version
        work_orders.act(by=user, order_id=row.pk, step=step, given=given, version=version, now=now)


def test_the_notice_after_an_item_leads_to_its_rating_once(done: Home) -> None:
    told = NotificationRow.objects.filter(case_id=done.id, template="rating_request")
    assert [(row.to_role, row.channel) for row in told] == [("mother", "message")]
    page = text_of(done.mother.get(done.url("letters/")))
    assert f'href="/my/cases/{done.acts.number}/rate/birth_certificate/1/"' in page
    assert "http://" not in page.split("<main")[1].split("</main")[0]


def test_in_english_and_for_the_old_everything_is_there(done: Home) -> None:
    page = done.mother.get(done.url(RATE), headers={"accept-language": "en"})
    for words in ("Very satisfied", "Very dissatisfied"):
        assert words in text_of(page)
    page = done.mother.get(done.url("complaints/"), headers={"accept-language": "en"})
    for words in ("Complaint", "You want to know something"):
        assert f'">{words}<' in text_of(page)


def test_a_complaint_is_answered_on_its_page(done: Home) -> None:
    wrong = done.mother.post(done.url("complaints/"), {"kind": "", "text": "嗯"})
    assert wrong.status_code == 422 and "请选择一种" in text_of(wrong)
    for forged in ({"kind": "bad_rating"}, {"about": "no_such/1"}):
        sent = {"kind": "complaint", "text": "等了很久", **forged}
        assert done.mother.post(done.url("complaints/"), sent).status_code == 422
    sent = {"kind": "complaint", "text": "等了很久", "about": "birth_certificate/1"}
    page = done.mother.post(done.url("complaints/"), sent, follow=True)
    row = WorkOrderRow.objects.get()
    assert row.number in text_of(page) and not row.named
    assert "等了很久" in text_of(done.father.get(done.url("complaints/")))


def test_the_family_rates_at_the_window_and_the_clerk_sees_nothing_of_it(
    done: Home,
) -> None:
    window = cast.officer(done.now)
    address = f"/desk/window/{done.acts.number}/"
    assert window.get(f"{address}ratings/").status_code == 404  # It lies at no window.
    window_records.move(case_id=done.id, office="H34010401")
    page = window.get(f"{address}ratings/")
    assert "工作人员看不到" in text_of(page) and "desk-side" not in text_of(page)
    sides = window.post(f"{address}{RATE}", {"level": "4"}).context["form"].fields
    assert "side_service_attitude" in sides and "side_usability" not in sides
    thanks = window.post(
        f"{address}{RATE}", {"level": "4", "said": "1", "words": "排队久"}, follow=True
    )
    row = RatingRow.objects.get()
    assert (row.level, row.channel) == (4, "tablet") and "还给工作人员" in text_of(thanks)
    for again in (window.get(f"{address}{RATE}"), window.post(f"{address}{RATE}", {"level": "1"})):
        assert "已经评价过" in text_of(again) and "排队久" not in text_of(again)
    assert RatingRow.objects.get().level == 4


def ask_families(now: datetime) -> str:
    cast_desk.clerk("H34010401", StaffRole.POLICY_EDITOR, username="test:editor")
    found = questionnaires.ask(
        by=User.objects.get(username="test:editor"), title="使用感受/How was it",
        opens_on=date(2026, 11, 1), closes_on=date(2026, 12, 31),
        questions="方便吗/Easy? | 方便/Yes | 不方便/No\n还会用吗 | 会 | 不会", now=now,
    )  # fmt: skip
    (act,) = administration.acts(subject=f"questionnaire:{found}")
    assert (act.what, act.office) == ("questionnaire_asked", "H34010401")
    return f"questions/{found}/"


def test_a_questionnaire_is_answered_once_and_only_counted(done: Home) -> None:
    address = ask_families(done.now)
    assert "使用感受" in text_of(done.mother.get(done.url("ratings/")))
    empty = done.mother.post(done.url(address), {})
    assert empty.status_code == 422 and not QuestionnaireTaken.objects.exists()
    assert done.mother.post(done.url(address), {"q_0": "9"}).status_code == 422
    assert done.mother.post(done.url(address), {"q_0": "1"}).status_code == 302
    assert done.mother.post(done.url(address), {"q_0": "0"}).status_code == 404
    assert done.father.post(done.url(address), {"q_0": "1", "q_1": "0"}).status_code == 302
    counts = QuestionnaireCount.objects.values_list("question", "answer", "count")
    assert set(counts) == {(0, 1, 2), (1, 0, 1)}


def test_anybody_speaks_up_and_reads_the_answer_with_number_and_code(
    family: cast.Household,
) -> None:
    visitor = Client()
    wrong = visitor.post("/speak/", {"kind": "question", "text": "能办吗", "phone": "12"})
    assert wrong.status_code == 422 and not WorkOrderRow.objects.exists()
    sent = {"kind": "question", "text": "外地户口能办吗", "phone": PHONE}
    assert visitor.post("/speak/", sent).status_code == 302
    kept = str(dict(visitor.session.items()))
    page = visitor.get("/speak/received/")
    given = {"number": page.context["number"], "code": page.context["code"]}
    assert given["code"] not in kept and "spoken" in kept
    assert given["code"] in text_of(page)
    assert visitor.get("/speak/received/").status_code == 302  # Shown once.
    found = Client().post("/speak/follow/", given)
    assert "外地户口能办吗" in text_of(found) and PHONE not in text_of(found)
    for other in ({"code": "2" * 10}, {"number": "2" * 16}):
        missing = Client().post("/speak/follow/", {**given, **other})
        assert missing.status_code == 404 and "没有查到" in text_of(missing)
    assert Client().post("/speak/follow/", {}).status_code == 422


def test_too_many_words_from_one_phone_are_refused_in_words(family: cast.Household) -> None:
    sent = {"kind": "question", "text": "能办吗", "phone": PHONE}
    for _ in range(work_orders.PHONE_LIMIT):
        assert Client().post("/speak/", sent).status_code == 302
    refused = Client().post("/speak/", sent)
    assert refused.status_code == 422 and "明天再来" in text_of(refused)


def test_too_many_words_from_nobody_in_particular_are_refused_in_words(
    family: cast.Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_orders, "UNKNOWN_LIMIT", 1)
    sent = {"kind": "question", "text": "外地户口能办吗"}
    assert Client().post("/speak/", sent).status_code == 302
    refused = Client().post("/speak/", sent)
    assert refused.status_code == 422 and "请过一会儿再试" in text_of(refused)
    assert sent["text"] in text_of(refused)
    assert Client().post("/speak/", {**sent, "phone": PHONE}).status_code == 302


def test_a_bad_rating_is_no_kind_that_the_public_can_choose(family: cast.Household) -> None:
    forged = Client().post("/speak/", {"kind": OrderKind.BAD_RATING.value, "text": "很差"})
    assert forged.status_code == 422 and not WorkOrderRow.objects.exists()
    with pytest.raises(ValueError, match="tablet"):
        ratings.rate_at_window(
            by=None, number="x", item="", newborn=0, now=family.now,
            opinion=ratings.opinion_of(level=1, channel=RatingChannel.PC),
        )  # fmt: skip
