"""Deciding at the desk: every action, wrong input, taking back, two clerks, batches."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.web import cast, cast_desk, cast_offices
from tests.web.cast_desk import decide, task_of
from yijian.actions import cases
from yijian.domain.context import Context
from yijian.domain.numbers import check_character
from yijian.domain.states import TaskState
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db

CERTIFICATE = {
    "result_certificate_number": "t340000018",
    "result_issued_on": "2026-11-21",
}


@pytest.fixture
def submitted(family: cast.Household) -> cast.Household:
    """王芳's case with its tasks at the hospital."""
    return family.submit()


@pytest.fixture
def clerk(submitted: cast.Household) -> Client:
    """陈静, certificate officer of the birth hospital."""
    return cast_desk.clerk(cast_desk.office_of(submitted, "birth_certificate"))


def state(family: cast.Household, item: str = "birth_certificate", newborn: int = 1) -> TaskState:
    return task_of(family, item, newborn).state


def test_a_decision_takes_effect_after_ten_seconds_and_not_before(
    submitted: cast.Household, clerk: Client, fixed_now: datetime
) -> None:
    answer = decide(submitted, clerk, "birth_certificate", "approve")
    assert answer.status_code == 302
    assert answer["Location"] == cast_desk.url_of(submitted, "vaccination_booklet")
    following = clerk.get(answer["Location"]).content.decode()
    assert f"{submitted.number} 已通过" in following and "秒内可撤回" in following
    assert state(submitted) is TaskState.QUEUED
    assert "还可以撤回" in clerk.get("/desk/tasks/").content.decode()
    cast_desk.pass_time(fixed_now)
    assert state(submitted) is TaskState.APPROVED


@pytest.mark.parametrize(
    ("do", "sent", "after"),
    [
        ("accept", {}, TaskState.ACCEPTED),
        ("approve", {}, TaskState.APPROVED),
        ("complete", CERTIFICATE, TaskState.COMPLETED),
        ("correct", {"template": "name_characters"}, TaskState.CORRECTION_NEEDED),
        ("decline", {"text": "宝宝已经领过证明"}, TaskState.DECLINED),
        ("offline", {"text": "请带身份证原件来"}, TaskState.OFFLINE),
    ],
)
def test_every_decision_of_a_new_task_does_what_its_button_says(
    submitted: cast.Household,
    clerk: Client,
    fixed_now: datetime,
    do: str,
    sent: dict[str, str],
    after: TaskState,
) -> None:
    assert decide(submitted, clerk, "birth_certificate", do, **sent).status_code == 302
    cast_desk.pass_time(fixed_now)
    assert state(submitted) is after


def test_a_task_in_work_can_be_rejected_with_a_reason_that_reaches_the_family(
    submitted: cast.Household, clerk: Client, fixed_now: datetime
) -> None:
    cast_offices.office(submitted, "birth_certificate", TaskState.ACCEPTED)
    sent = {"text": "分娩记录里没有这个孩子"}
    decide(submitted, clerk, "birth_certificate", "reject", **sent)
    cast_desk.pass_time(fixed_now)
    task = task_of(submitted, "birth_certificate")
    assert task.state is TaskState.REJECTED
    assert task.reason == "own_words"
    assert submitted.case.reasons[task.key] == "分娩记录里没有这个孩子"


def test_a_reason_of_the_pack_is_offered_by_its_digit_and_kept_by_its_code(
    submitted: cast.Household, clerk: Client, published: Context, fixed_now: datetime
) -> None:
    own = published.pack.words["refusal_birth_certificate_1"]
    page = clerk.get(cast_desk.url_of(submitted, "birth_certificate")).content.decode()
    assert own.zh in page
    decide(submitted, clerk, "birth_certificate", "decline", template="refusal_1")
    cast_desk.pass_time(fixed_now)
    task = task_of(submitted, "birth_certificate")
    assert (task.state, task.reason) == (TaskState.DECLINED, "refusal_1")
    assert submitted.case.reasons[task.key] == own.zh


def test_the_family_reads_chinese_whatever_language_the_clerk_uses(
    submitted: cast.Household, clerk: Client, fixed_now: datetime
) -> None:
    clerk.cookies["language"] = "en"
    decide(submitted, clerk, "birth_certificate", "correct", template="name_characters")
    cast_desk.pass_time(fixed_now)
    task = task_of(submitted, "birth_certificate")
    assert submitted.case.reasons[task.key] == "宝宝姓名里有登记系统不能用的字，请换一个字"
    assert task.correct == ("newborn_name",)
    assert task.reason == "name_characters"


def test_a_certificate_number_is_kept_in_its_normal_form(
    submitted: cast.Household, clerk: Client, fixed_now: datetime
) -> None:
    decide(submitted, clerk, "birth_certificate", "complete", **CERTIFICATE)
    cast_desk.pass_time(fixed_now)
    result = submitted.case.results["birth_certificate", 1]
    assert result["certificate_number"] == "T340000018"
    assert state(submitted, "hukou_registration") is TaskState.QUEUED


WRONG_RESULTS = [
    ({"result_certificate_number": ""}, "certificate_number", "请填写出生医学证明编号"),
    ({"result_certificate_number": "T34"}, "certificate_number", "一个大写字母加九位数字"),
    ({"result_issued_on": "2026-11-22"}, "issued_on", "日期不能晚于今天"),
    ({"result_issued_on": "昨天"}, "issued_on", "日期"),
]


def test_a_wrong_result_is_named_beside_its_field_and_nothing_typed_is_lost(
    submitted: cast.Household, clerk: Client
) -> None:
    for sent, field, words in WRONG_RESULTS:
        typed = CERTIFICATE | sent
        answer = decide(submitted, clerk, "birth_certificate", "complete", **typed)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert f'id="id_result_{field}_error"' in page and words in page, sent
        assert all(f'value="{value}"' in page for value in typed.values() if value), sent
    assert state(submitted) is TaskState.QUEUED


def numbered(first_17: str) -> str:
    """An ID number with its right check character."""
    return first_17 + check_character(first_17)


def test_a_citizen_id_number_is_checked_against_the_child(
    submitted: cast.Household, fixed_now: datetime
) -> None:
    cast_offices.finish_certificate(submitted)
    cast_offices.office(submitted, "hukou_registration", TaskState.APPROVED)
    cases.answer_ask(
        by=submitted.mother_user, number=submitted.number, item="hukou_registration", newborn=1,
        ask="confirm_register_form", now=fixed_now,
    )  # fmt: skip
    police = cast_desk.clerk(cast_desk.office_of(submitted, "hukou_registration"))
    wrong = {
        "340104202611180121": "校验不通过",
        "34010420261117012": "位数或格式",
        numbered("34010420261118011"): "性别与宝宝的不一致",
        numbered("34010420261117012"): "出生日期与宝宝的不一致",
    }
    for given, words in wrong.items():
        sent = {"result_citizen_id_number": given, "result_registered_on": "2026-11-21"}
        answer = decide(submitted, police, "hukou_registration", "complete", **sent)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert words in page and f'value="{given}"' in page, given
    sent = {f"result_{name}": value for name, value in cast_offices.registration().items()}
    decide(submitted, police, "hukou_registration", "complete", **sent)
    cast_desk.pass_time(fixed_now)
    assert state(submitted, "hukou_registration") is TaskState.COMPLETED


def test_a_number_that_another_child_has_is_refused_by_the_core_beside_its_field(
    published: Context, fixed_now: datetime
) -> None:
    twins = cast.household(cast.TWINS, published, fixed_now).submit()
    clerk = cast_desk.clerk(cast_desk.office_of(twins, "birth_certificate"))
    decide(twins, clerk, "birth_certificate", "complete", 1, **CERTIFICATE)
    cast_desk.pass_time(fixed_now)
    answer = decide(twins, clerk, "birth_certificate", "complete", 2, **CERTIFICATE)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "这个号码已经用在另一份申请上" in page and "t340000018" in page


def test_sending_back_needs_a_reason_and_a_field_and_keeps_the_panel_open(
    submitted: cast.Household, clerk: Client
) -> None:
    nothing = decide(submitted, clerk, "birth_certificate", "correct").content.decode()
    assert "请选一个理由，或者自己写明白" in nothing
    own = decide(submitted, clerk, "birth_certificate", "correct", text="名字请再确认")
    page = own.content.decode()
    assert own.status_code == 422
    assert "请勾选要家庭改的内容" in page and 'value="名字请再确认"' in page
    assert '<details name="panel" open>' in page


def test_no_field_of_a_register_can_be_sent_back(submitted: cast.Household, clerk: Client) -> None:
    sent = {"text": "改", "correct": ["mother_name"]}
    answer = decide(submitted, clerk, "birth_certificate", "correct", **sent)
    assert answer.status_code == 422
    page = clerk.get(cast_desk.url_of(submitted, "birth_certificate")).content.decode()
    assert 'value="newborn_name"' in page and 'value="mother_name"' not in page


def test_a_decision_taken_back_leaves_everything_as_it_was(
    submitted: cast.Household, clerk: Client, fixed_now: datetime
) -> None:
    decide(submitted, clerk, "birth_certificate", "approve")
    toast = clerk.get("/desk/tasks/").context["toast"]
    back = clerk.post(toast["undo_url"])
    assert back["Location"] == cast_desk.url_of(submitted, "birth_certificate")
    page = clerk.get(back["Location"]).content.decode()
    assert "已撤回" in page and 'value="approve"' in page
    cast_desk.pass_time(fixed_now)
    assert state(submitted) is TaskState.QUEUED
    assert decide(submitted, clerk, "birth_certificate", "accept").status_code == 302


def test_nobody_takes_back_what_a_colleague_decided(
    submitted: cast.Household, clerk: Client, fixed_now: datetime
) -> None:
    decide(submitted, clerk, "birth_certificate", "approve")
    undo_url = clerk.get("/desk/tasks/").context["toast"]["undo_url"]
    other = cast_desk.clerk(cast_desk.office_of(submitted, "birth_certificate"), name="赵医生")
    assert "已经过了可以撤回的时间" in other.post(undo_url, follow=True).content.decode()
    cast_desk.pass_time(fixed_now)
    assert state(submitted) is TaskState.APPROVED


def test_after_ten_seconds_it_is_too_late_to_take_back(
    submitted: cast.Household, clerk: Client, fixed_now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(submitted, clerk, "birth_certificate", "approve")
    undo_url = clerk.get("/desk/tasks/").context["toast"]["undo_url"]
    monkeypatch.setattr("django.utils.timezone.now", lambda: fixed_now + timedelta(seconds=11))
    page = clerk.post(undo_url, follow=True)
    assert "已经过了可以撤回的时间" in page.content.decode()
    assert page.context["toast"] is None


def test_the_second_of_two_clerks_is_told_and_keeps_what_was_typed(
    submitted: cast.Household, clerk: Client, fixed_now: datetime
) -> None:
    other = cast_desk.clerk(cast_desk.office_of(submitted, "birth_certificate"), name="赵医生")
    version = task_of(submitted, "birth_certificate").version
    decide(submitted, clerk, "birth_certificate", "accept")
    url = cast_desk.url_of(submitted, "birth_certificate", page="decide/")
    sent: dict[str, Any] = {"do": "complete", "version": version} | CERTIFICATE
    held = other.post(url, sent)
    assert held.status_code == 409
    assert "另一位同事刚刚处理了这一件" in held.content.decode()
    cast_desk.pass_time(fixed_now)
    moved = other.post(url, sent)
    page = moved.content.decode()
    assert moved.status_code == 409
    assert "现在是“已受理”" in page
    assert 'value="t340000018"' in page
    assert f'name="version" value="{version + 1}"' in page
    assert state(submitted) is TaskState.ACCEPTED


def test_pressing_twice_is_one_decision(
    submitted: cast.Household, clerk: Client, fixed_now: datetime
) -> None:
    first = decide(submitted, clerk, "birth_certificate", "approve")
    second = decide(submitted, clerk, "birth_certificate", "approve")
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    cast_desk.pass_time(fixed_now)
    assert state(submitted) is TaskState.APPROVED


def test_a_form_without_a_right_version_changes_nothing(
    submitted: cast.Household, clerk: Client
) -> None:
    url = cast_desk.url_of(submitted, "birth_certificate", page="decide/")
    for version in ("", "x", "-1", "99", "９", "9" * 5000):
        answer = clerk.post(url, {"do": "approve", "version": version})
        assert answer.status_code == 409, version
        assert "请看过最新内容再决定" in answer.content.decode()


def test_an_unknown_action_changes_nothing(submitted: cast.Household, clerk: Client) -> None:
    answer = clerk.post(
        cast_desk.url_of(submitted, "birth_certificate", page="decide/"),
        {"do": "delete", "version": 1},
        follow=True,
    )
    assert "没有这个操作" in answer.content.decode()
    assert task_of(submitted, "birth_certificate").version == 1


def test_a_registration_cannot_end_before_the_family_has_confirmed(
    submitted: cast.Household,
) -> None:
    cast_offices.finish_certificate(submitted)
    police = cast_desk.clerk(cast_desk.office_of(submitted, "hukou_registration"))
    sent = {f"result_{name}": value for name, value in cast_offices.registration().items()}
    answer = decide(submitted, police, "hukou_registration", "complete", **sent)
    assert answer.status_code == 422
    assert "还要等家长完成一步" in answer.content.decode()


def test_a_task_goes_to_another_office_of_the_kind_and_to_no_other(
    submitted: cast.Household, clerk: Client
) -> None:
    for wrong in ("", "340104510000", "nowhere"):
        answer = decide(submitted, clerk, "birth_certificate", "transfer", office=wrong)
        assert answer.status_code == 422, wrong
    answer = decide(submitted, clerk, "birth_certificate", "transfer", office="H34010201")
    assert answer.status_code == 302
    assert task_of(submitted, "birth_certificate").office == "H34010201"
    page = clerk.get(answer["Location"]).content.decode()
    assert f"{submitted.number} 已转给合肥市瑶海区示例妇幼保健院" in page
    assert clerk.get(cast_desk.url_of(submitted, "birth_certificate")).status_code == 404


def test_a_task_without_an_office_is_assigned_by_whoever_routes(
    published: Context, fixed_now: datetime
) -> None:
    family = cast.household(cast.example("71-unknown-station"), published, fixed_now).submit()
    cast_offices.finish_certificate(family)
    assert task_of(family, "hukou_registration").unrouted
    router = cast_desk.clerk("340000WJ", StaffRole.ROUTING)
    assert family.number in router.get("/desk/unrouted/").content.decode()
    url = cast_desk.url_of(family, "hukou_registration")
    page = router.get(url).content.decode()
    assert 'value="transfer"' in page and 'value="approve"' not in page
    assert str(family.facts.family["mother"]["name"]) not in page
    answer = decide(family, router, "hukou_registration", "transfer", office="340302510000")
    assert answer["Location"] == "/desk/unrouted/"
    task = task_of(family, "hukou_registration")
    assert task.office == "340302510000" and task.due_at is not None
    assert router.get(url).status_code == 404


def test_a_batch_shows_each_task_as_a_line_and_approves_the_clean_ones(
    submitted: cast.Household, clerk: Client, fixed_now: datetime
) -> None:
    ids = [str(cast_desk.id_of(submitted, i)) for i in ("birth_certificate", "vaccination_booklet")]
    page = clerk.get("/desk/batch/", {"task": ids})
    assert [line.item for line in page.context["clean"]] == [
        "《出生医学证明》签发",
        "《预防接种证》发放",
    ]
    assert "王芳" not in page.content.decode()
    sent = {"task": ids} | {f"version_{one}": "1" for one in ids}
    done = clerk.post("/desk/batch/", sent, follow=True)
    assert "2 件已通过" in done.content.decode()
    undo_url = done.context["toast"]["undo_url"]
    assert undo_url.count("held=") == 2
    cast_desk.pass_time(fixed_now)
    assert state(submitted) is state(submitted, "vaccination_booklet") is TaskState.APPROVED


def test_a_batch_can_be_taken_back_as_a_whole(
    submitted: cast.Household, clerk: Client, fixed_now: datetime
) -> None:
    ids = [str(cast_desk.id_of(submitted, i)) for i in ("birth_certificate", "vaccination_booklet")]
    clerk.post("/desk/batch/", {"task": ids} | {f"version_{one}": "1" for one in ids})
    clerk.post(clerk.get("/desk/tasks/").context["toast"]["undo_url"])
    cast_desk.pass_time(fixed_now)
    assert state(submitted) is state(submitted, "vaccination_booklet") is TaskState.QUEUED


def test_a_batch_leaves_out_what_is_not_clean_and_what_belongs_to_others(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.open().answer()
    cases.dispute_value(
        by=family.mother_user, number=family.number, fact="mother_hukou_address", subject=0,
        text="寿春路88号", now=fixed_now,
    )  # fmt: skip
    family.fill().freeze().sign(family.mother).meet_father().sign(family.father)
    task = str(cast_desk.id_of(family, "birth_certificate"))
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    page = clerk.get("/desk/batch/", {"task": [task]})
    assert page.context["clean"] == [] and "家庭有异议" in page.content.decode()
    sent = {"task": [task], f"version_{task}": "1"}
    assert "没有通过" in clerk.post("/desk/batch/", sent, follow=True).content.decode()
    other = cast_desk.clerk("H34010201")
    assert other.get("/desk/batch/", {"task": [task]}).context["others"] == []
    other.post("/desk/batch/", sent)
    cast_desk.pass_time(fixed_now)
    assert state(family) is TaskState.QUEUED


def test_more_than_twenty_at_once_are_too_many(clerk: Client) -> None:
    many = [str(uuid4()) for _ in range(21)]
    for answer in (
        clerk.get("/desk/batch/", {"task": many}, follow=True),
        clerk.post("/desk/batch/", {"task": many}, follow=True),
    ):
        assert "一次最多 20 件" in answer.content.decode()
    assert "请先勾选" in clerk.get("/desk/batch/?task=x", follow=True).content.decode()
