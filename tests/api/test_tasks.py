"""A partner sees the tasks of its own offices, with the fields its items need, and no others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.test import Client

from tests.api.conftest import ENROLMENT, FAMILIES, Door, card_of, feedback, keep_family, state_of
from yijian.actions import contexts
from yijian.records.identifiers import task_id
from yijian.records.mapping import LoadedCase


def test_an_office_lists_its_own_tasks_and_no_others(family: LoadedCase, hr: Door) -> None:
    answer = hr.get("/tasks")
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    (task,) = answer.json()["tasks"]
    assert (task["task_id"], task["item"]) == (str(card_of(family)), "social_security_card")
    assert task["state"] == "queued" and task["case_number"] == family.case.number


def test_a_task_carries_exactly_the_fields_of_its_item(family: LoadedCase, hr: Door) -> None:
    task = hr.get(f"/tasks/{card_of(family)}").json()
    item = contexts.context_of(family.case).pack.items["social_security_card"]
    assert set(task["fields"]) <= set(item.payload)
    assert task["fields"]["newborn_citizen_id_number"]
    assert "marriage_state" not in task["fields"] and "father_name" not in task["fields"]


def test_the_task_of_another_office_does_not_exist_here(
    family: LoadedCase, hr: Door, insurance: Door
) -> None:
    enrolment = task_id(family.case.id, ENROLMENT)
    assert insurance.get(f"/tasks/{enrolment}").status_code == 200
    answers = [hr.get(f"/tasks/{enrolment}"), hr.get(f"/tasks/{UUID(int=7)}")]
    assert [a.status_code for a in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_a_task_that_waits_for_another_does_not_exist_yet(
    family: LoadedCase, client: Client
) -> None:
    payment = task_id(family.case.id, ("medical_insurance_payment", 1))
    assert state_of(family, ("medical_insurance_payment", 1)) == "waiting"
    assert Door("tax-340000", client).get(f"/tasks/{payment}").status_code == 404


def test_an_ended_task_shows_no_personal_fields(family: LoadedCase, hr: Door) -> None:
    declined = feedback(card_of(family), "declined", reason={"code": "already_has_one"})
    assert hr.post("/feedback", declined).json()["outcome"] == "applied"
    task = hr.get(f"/tasks/{card_of(family)}").json()
    assert (task["state"], task["fields"], task["materials"]) == ("declined", {}, [])
    assert hr.get("/tasks").json()["tasks"] == []
    assert len(hr.get("/tasks", state="declined").json()["tasks"]) == 1


def test_pages_follow_each_other_and_lose_nothing(
    node: None, hr: Door, django_assert_max_num_queries: Any
) -> None:
    kept = {str(card_of(keep_family(name))) for name in FAMILIES}
    seen: list[str] = []
    query: dict[str, object] = {"limit": 3}
    for _ in range(3):
        page = hr.get("/tasks", **query).json()
        seen += [task["task_id"] for task in page["tasks"]]
        query["after"] = page["next"]
    assert page["next"] is None
    assert len(seen) == 7 and set(seen) == kept


def test_the_number_of_queries_does_not_grow_with_the_tasks(
    node: None, hr: Door, django_assert_max_num_queries: Any
) -> None:
    hr.get("/tasks")
    for name in FAMILIES:
        keep_family(name)
    with django_assert_max_num_queries(8):
        assert len(hr.get("/tasks").json()["tasks"]) == len(FAMILIES)


def test_a_wrong_question_names_its_field(family: LoadedCase, hr: Door) -> None:
    for query, field in (
        ({"limit": 0}, "limit"), ({"limit": "x"}, "limit"), ({"after": "1"}, "after"),
        ({"state": "waiting"}, "state"), ({"limit": 101}, "limit"), ({"page": 2}, "page"),
    ):  # fmt: skip
        answer = hr.get("/tasks", **query)
        assert answer.status_code == 422, query
        body = answer.json()
        assert body["error"] == "wrong_fields" and body["message"] and body["message_en"]
        assert [fault["field"] for fault in body["fields"]] == [field]
    assert hr.get("/tasks/not-a-uuid").status_code == 422
