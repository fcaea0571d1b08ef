"""Who comes to the desk: staff with an appointment, each to what their office and roles give."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

from tests.web import cast, cast_desk
from yijian.records import access
from yijian.records.models import Staff
from yijian.records.people import StaffRole
from yijian.web.desk.urls import urlpatterns

pytestmark = pytest.mark.django_db

POST_ONLY = (
    "undo",
    "decide",
    "remove",
    "household",
    "again",
    "papers/find/",
    "papers/act/",
    "files/fetch/",
)


def routes(patterns: Iterable[URLPattern | URLResolver], stem: str = "/desk/") -> Iterator[str]:
    """Every route of the desk and of what is included below it."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, stem + str(pattern.pattern))
        else:
            yield stem + str(pattern.pattern)


def addresses(task: UUID, number: str = "34010420261121W0000017") -> list[str]:
    """Every address of the desk, with a task that exists."""
    parts = {
        "<uuid:task_id>": str(task), "<uuid:record_id>": str(uuid4()),
        "<uuid:page_id>": str(uuid4()), "<slug:number>": number, "<slug:material>": "household",
        "<slug:paper>": "form", "<slug:kind>": "acceptance", "<slug:item>": "birth_certificate",
        "<int:newborn>": "1", "<uuid:certificate_id>": str(uuid4()), "<int:place>": "1",
        "<uuid:package_id>": str(uuid4()), "<uuid:batch_id>": str(uuid4()),
        "<slug:pack>": "340000-anhui", "<slug:month>": "2026-10", "<slug:form>": "pdf",
        "<uuid:letter_id>": str(uuid4()), "<uuid:disagreement_id>": str(uuid4()),
            "<uuid:document_id>": str(uuid4()), "<uuid:parcel_id>": str(uuid4()),
        "<uuid:sheet_id>": str(uuid4()), "<uuid:result_id>": str(uuid4()), "<str:code>": "nobody",
    }  # fmt: skip
    found = list(routes(urlpatterns))
    for name, value in parts.items():
        found = [route.replace(name, value) for route in found]
    assert not any("<" in route for route in found)
    return found


def test_a_person_without_an_appointment_meets_nothing_at_any_address(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    task = cast_desk.id_of(family, "birth_certificate")
    for who in (cast.stranger(fixed_now), family.mother, family.father):
        for address in addresses(task):
            assert who.get(address).status_code in (404, 405), address
            assert who.post(address).status_code in (404, 405), address
            only_post = any(word in address for word in POST_ONLY)
            absent = None if only_post else who.get(address)
            assert absent is None or absent.status_code == 404, address


def test_nobody_logged_in_is_sent_to_the_identity_provider(
    family: cast.Household,
) -> None:
    family.submit()
    for address in addresses(cast_desk.id_of(family, "birth_certificate")):
        answers = [Client().get(address), Client().post(address)]
        assert any(one.status_code == 302 and "login" in one["Location"] for one in answers)
        assert all(one.status_code in (302, 405) for one in answers), address


def test_another_office_cannot_tell_a_task_from_one_that_does_not_exist(
    family: cast.Household,
) -> None:
    family.submit()
    other = cast_desk.clerk("H34010201", name="外院")
    real = other.get(cast_desk.url_of(family, "birth_certificate"))
    nowhere = f"/desk/tasks/{uuid4()}/"
    absent = other.get(nowhere)
    assert real.status_code == absent.status_code == 404
    asked = cast_desk.url_of(family, "birth_certificate")
    assert real.content.decode().replace(quote(asked, ""), "") == (
        absent.content.decode().replace(quote(nowhere, ""), "")
    )
    sent = cast_desk.decide(family, other, "birth_certificate", "approve")
    assert sent.status_code == 404
    assert cast_desk.task_of(family, "birth_certificate").version == 1
    assert "34000020261121" not in other.get("/desk/tasks/").content.decode()


def test_a_task_that_waits_for_another_is_not_shown_to_its_office(family: cast.Household) -> None:
    family.submit()
    police = cast_desk.clerk(cast_desk.office_of(family, "hukou_registration"))
    assert police.get(cast_desk.url_of(family, "hukou_registration")).status_code == 404


def test_opening_a_task_is_written_into_the_access_log(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    url = cast_desk.url_of(family, "birth_certificate")
    clerk.get(url)
    clerk.get(url + "?numbers=full")
    reads = access.reads_of(family.id)
    assert [(entry.what, entry.purpose) for entry in reads] == [
        ("full_numbers", "handle_task"),
        ("task", "handle_task"),
        ("task", "handle_task"),
    ]
    assert {entry.task_id for entry in reads} == {cast_desk.id_of(family, "birth_certificate")}


def test_a_clerk_without_a_role_does_not_find_its_pages(published: object) -> None:
    clerk = cast_desk.clerk("H34010401")
    for address in (
        "deliveries/",
        "deliveries/new/",
        "unrouted/",
        "exchange/",
        "window/",
        "counts/",
        "reports/",
        "reports/340000-anhui/2026-10.pdf",
        "archive/",
    ):
        assert clerk.get(f"/desk/{address}").status_code == 404, address


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (StaffRole.CLERK, "/desk/tasks/"),
        (StaffRole.DELIVERIES, "/desk/deliveries/"),
        (StaffRole.ROUTING, "/desk/unrouted/"),
        (StaffRole.WINDOW, "/desk/window/"),
        (StaffRole.ARCHIVIST, "/desk/archive/"),
        (StaffRole.SUPERVISOR, "/console/"),
        (StaffRole.OPERATOR, "/console/"),
        (StaffRole.SECURITY_ADMIN, "/console/staff/"),
        (StaffRole.SYSTEM_ADMIN, "/console/offices/"),
        (StaffRole.AUDITOR, "/console/audit/"),
        (StaffRole.AUDIT_ADMIN, "/console/audit/"),
    ],
)
def test_everybody_arrives_at_the_page_of_their_own_work(
    published: object, role: StaffRole, address: str
) -> None:
    page = cast_desk.clerk("H34010401", role).get("/desk/", follow=True)
    assert page.redirect_chain == [(address, 302)]
    assert page.status_code == 200


def test_staff_without_any_work_here_are_told_so(published: object) -> None:
    nobody = cast_desk.clerk("H34010401")
    Staff.objects.update(roles=[])
    page = nobody.get("/desk/")
    assert "这里没有您的待办" in page.content.decode()


def test_a_supervisor_sees_numbers_and_no_family(family: cast.Household) -> None:
    family.submit()
    page = cast_desk.clerk("340100WJ", StaffRole.SUPERVISOR).get("/desk/counts/").content.decode()
    assert "合肥市蜀山区示例妇幼保健院" in page
    assert family.number not in page and "王*" not in page


def test_the_window_of_a_birthplace_does_not_list_what_was_begun_at_home(
    family: cast.Household,
) -> None:
    family.submit()
    office = cast_desk.office_of(family, "birth_certificate")
    page = cast_desk.clerk(office, StaffRole.WINDOW).get("/desk/window/").content.decode()
    assert family.number not in page and "王*" not in page


def test_pages_of_the_desk_are_kept_by_no_cache(family: cast.Household) -> None:
    family.submit()
    clerk = cast_desk.clerk(cast_desk.office_of(family, "birth_certificate"))
    for address in ("/desk/tasks/", cast_desk.url_of(family, "birth_certificate")):
        assert clerk.get(address)["Cache-Control"] == "no-store, private"
