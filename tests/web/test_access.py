"""Whose pages these are: strangers, officers and visitors at every address of a case."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern

from tests.web import cast
from yijian.domain.context import Context
from yijian.web.applicant.urls import urlpatterns

pytestmark = pytest.mark.django_db

PARTS = {
    "<slug:page>": "name",
    "<slug:section>": "newborn",
    "<slug:item>": "hukou_registration",
    "<int:newborn>": "1",
    "<slug:ask>": "confirm_register_form",
    "<uuid:page_id>": "01890000-0000-7000-8000-000000000000",
}


def addresses() -> list[str]:
    """Every address of a case, as it follows /my/cases/<number>/."""
    found = []
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        route = str(pattern.pattern)
        if "<slug:number>" in route:
            tail = route.split("<slug:number>/")[1]
            for part, value in PARTS.items():
                tail = tail.replace(part, value)
            assert "<" not in tail, route
            found.append(tail)
    return found


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", addresses())
def test_a_stranger_sees_nothing_at_any_address(
    family: cast.Household, address: str, method: str
) -> None:
    family.open()
    zhao_min = cast.stranger(family.now)
    response = getattr(zhao_min, method)(family.url(address))
    assert response.status_code in (404, 405)
    absent = getattr(zhao_min, method)(f"/my/cases/34000020261121S999999X/{address}")
    assert absent.status_code == response.status_code
    if response.status_code == 404:
        assert _without_token(absent.content) == _without_token(response.content)


def _without_token(content: bytes) -> str:
    page = re.sub(r"next=[^\"]*", "", content.decode())
    return re.sub(r"csrfmiddlewaretoken[^>]*", "", page)


@pytest.mark.parametrize("address", ["", "progress/", "form/name/", "sign/", "documents/"])
def test_an_officer_has_no_business_at_the_parents_door(
    family: cast.Household, address: str
) -> None:
    family.submit()
    assert cast.officer(family.now).get(family.url(address)).status_code == 404


@pytest.mark.parametrize("address", ["", "progress/", "form/name/", "sign/"])
def test_a_visitor_is_sent_to_log_in_and_comes_back(family: cast.Household, address: str) -> None:
    family.open()
    response = Client().get(family.url(address))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/oidc/identity/login/?next=/my/cases/")


def test_the_father_sees_a_draft_but_cannot_fill_it_in(family: cast.Household) -> None:
    family.open().answer()
    family.father.post(family.url("notice/"))
    page = family.father.get(family.url(), follow=True)
    assert page.redirect_chain[-1][0].endswith("/waiting/")
    refused = family.father.post(family.url("form/name/"), {"newborn_name__1": "李别名"})
    assert refused.status_code == 302
    assert ("newborn_name", 1) not in family.case.answers


@pytest.mark.parametrize(
    "address", ["/my/", "/my/new/", "checking/", "form/baby/", "check/", "progress/"]
)
def test_no_personal_page_is_kept_by_a_browser(family: cast.Household, address: str) -> None:
    family.open()
    response = family.mother.get(address if address.startswith("/") else family.url(address))
    assert "no-store" in response["Cache-Control"]


def test_addresses_hold_a_case_number_and_nothing_personal(family: cast.Household) -> None:
    family.open().answer()
    person = family.facts.family["mother"]
    seen = []
    for _ in range(12):
        page = family.mother.get(family.url(), follow=True)
        address = page.redirect_chain[-1][0]
        seen += [address, *re.findall(r'(?:href|action)="([^"]*)"', page.content.decode())]
        if "/form/" not in address:
            break
        data = cast.posted(page.context["form"])
        data |= {n: "李小满" for n in page.context["form"].fields if n.startswith("newborn_name")}
        seen.append(family.mother.post(address, data)["Location"])
    joined = " ".join(seen)
    for secret in (person["id_number"], person["phone"], person["name"], "李小满"):
        assert secret not in joined


def test_pages_show_no_whole_id_number(family: cast.Household) -> None:
    family.submit()
    for address in ("progress/", "documents/", "letters/"):
        page = family.mother.get(family.url(address)).content.decode()
        for role in ("mother", "father"):
            assert family.facts.family[role]["id_number"] not in page


def test_the_number_of_queries_does_not_grow_with_the_children(
    published: Context, family: cast.Household
) -> None:
    triplets = cast.household(cast.TRIPLETS, published, family.now)
    counts = []
    for house in (family, triplets):
        house.submit()
        # Who is on duty is read every half minute, whatever page somebody opens first.
        house.mother.get(house.url("progress/"))
        with CaptureQueriesContext(connection) as queries:
            assert house.mother.get(house.url("progress/")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] < 20
