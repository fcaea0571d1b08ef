"""Who works at the desk in the page tests: clerks of the offices that a family's tasks go to."""

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.test import Client

from tests.web.cast import Household, client_of
from yijian.actions import tasks
from yijian.domain.cases import Task
from yijian.records import people
from yijian.records.identifiers import task_id
from yijian.records.people import StaffRole


def clerk(
    office: str,
    *roles: StaffRole,
    name: str = "陈静",
    username: str = "",
) -> Client:
    """A member of staff of an office, at a browser; a clerk unless roles are named."""
    user = User.objects.create(username=username or f"test:{name}:{office}")
    people.appoint(
        by=user,
        office=office,
        staff_number=f"T-{user.pk}",
        roles=roles or (StaffRole.CLERK,),
        name=name,
    )
    return client_of(user)


def office_of(family: Household, item: str, newborn: int = 1) -> str:
    """The code of the office that has a task."""
    code = family.case.tasks[item, newborn].office
    assert code is not None
    return code


def task_of(family: Household, item: str, newborn: int = 1) -> Task:
    """A task as it is now."""
    return family.case.tasks[item, newborn]


def id_of(family: Household, item: str, newborn: int = 1) -> UUID:
    """The identifier of a task."""
    return task_id(family.case.id, (item, newborn))


def url_of(family: Household, item: str, newborn: int = 1, page: str = "") -> str:
    """The address of a task's page."""
    return f"/desk/tasks/{id_of(family, item, newborn)}/{page}"


def decide(
    family: Household, client: Client, item: str, do: str, newborn: int = 1, **sent: object
) -> object:
    """Press a button of the review page, on the version that the task has now."""
    version = task_of(family, item, newborn).version
    data = {"do": do, "version": version, **sent}
    return client.post(url_of(family, item, newborn, "decide/"), data)


def pass_time(now: datetime) -> None:
    """The ten seconds are over, and the worker has looked."""
    tasks.apply_due_decisions(now=now + timedelta(seconds=11))
