"""Anybody may open and print the papers a pack writes itself."""

import pytest
from django.test import Client

from yijian.domain.context import Context
from yijian.packs import guides

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", guides.KINDS)
def test_every_paper_of_the_pack_opens_without_login(
    published: Context, client: Client, kind: str
) -> None:
    page = client.get(f"/guide/{published.pack.code}/print/{kind}/")
    assert page.status_code == 200
    said = page.content.decode()
    assert published.pack.service_title.zh in said
    assert published.pack.digest[:12] in said


def test_the_flow_chart_is_drawn_on_the_service_guide(published: Context, client: Client) -> None:
    said = client.get(f"/guide/{published.pack.code}/print/service/").content.decode()
    assert "<svg" in said and said.count("<rect") == len(published.pack.items) + 1


def test_the_papers_read_in_english(published: Context, client: Client) -> None:
    said = client.get(
        f"/guide/{published.pack.code}/print/staff/", headers={"accept-language": "en"}
    ).content.decode()
    assert "Review point 1" in said


@pytest.mark.parametrize("address", ["/guide/none/print/notice/", "/guide/340000-anhui/print/x/"])
def test_a_pack_or_paper_that_is_none_is_not_found(
    published: Context, client: Client, address: str
) -> None:
    assert client.get(address).status_code == 404
