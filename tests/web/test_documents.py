"""文书页: a family has every document with its files; links are short, personal and recorded."""

import re
from uuid import UUID

import pytest
from django.core import signing as django_signing
from django.test import Client

from tests.web import cast
from yijian.ops import setting
from yijian.records import documents, fetches
from yijian.records.models import DocumentRow
from yijian.web.files.links import LASTS_SECONDS

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="(/files/[^"]+/)"')


def set_files() -> None:
    """A worker sets what waits."""
    setting.set_documents()


def links_on(client: Client, address: str) -> list[str]:
    page = client.get(address)
    assert page.status_code == 200
    return LINK.findall(page.content.decode())


@pytest.fixture
def submitted(family: cast.Household) -> cast.Household:
    family.submit()
    set_files()
    return family


def test_a_family_finds_every_document_and_takes_both_files(submitted: cast.Household) -> None:
    address = submitted.url("documents/")
    page = submitted.mother.get(address).content.decode()
    for title in ("申请表", "受理通知书", "PDF", "OFD"):
        assert title in page
    found = links_on(submitted.mother, address)
    starts = set()
    for link in found:
        answer = submitted.mother.get(link)
        assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["X-Content-Type-Options"] == "nosniff"
        starts.add(answer.content[:4])
    assert starts == {b"%PDF", b"PK\x03\x04"}


def test_every_download_leaves_a_line_that_the_family_sees(submitted: cast.Household) -> None:
    link = links_on(submitted.mother, submitted.url("documents/"))[0]
    submitted.mother.get(link)
    (fetch,) = fetches.of_case(submitted.id)
    assert (fetch.by, fetch.office) == ("mother", "")
    page = submitted.father.get(submitted.url("documents/")).content.decode()
    assert "谁下载过" in page and "妈妈" in page


def test_a_link_is_of_no_use_to_anybody_else(submitted: cast.Household) -> None:
    link = links_on(submitted.mother, submitted.url("documents/"))[0]
    for other in (submitted.father, cast.stranger(submitted.now), cast.officer(submitted.now)):
        assert other.get(link).status_code == 404
    assert Client().get(link).status_code == 302
    assert submitted.mother.get(link[:-4] + "AAA/").status_code == 404
    assert fetches.of_case(submitted.id) == []


def test_a_link_ends_after_minutes_and_says_where_to_get_another(
    submitted: cast.Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = links_on(submitted.mother, submitted.url("documents/"))[0]
    later = django_signing.time.time() + LASTS_SECONDS + 2
    monkeypatch.setattr(django_signing.time, "time", lambda: later)
    answer = submitted.mother.get(link)
    assert (answer.status_code, answer["Location"]) == (302, submitted.url("documents/"))
    assert fetches.of_case(submitted.id) == []


def test_a_link_says_nothing_personal(submitted: cast.Household) -> None:
    person = submitted.facts.family["mother"]
    for link in links_on(submitted.mother, submitted.url("documents/")):
        payload = django_signing.b64_decode(link.split("/")[2].split(":")[0].encode()).decode()
        for secret in (person["id_number"], person["phone"], person["name"], "李小满"):
            assert secret not in payload


def test_a_document_not_yet_set_and_one_for_a_person_are_told_so(
    family: cast.Household,
) -> None:
    family.submit()
    page = family.mother.get(family.url("documents/")).content.decode()
    assert "正在生成" in page
    DocumentRow.objects.update(state="needs_person", problem="missing_glyph", settled_at=family.now)
    page = family.mother.get(family.url("documents/")).content.decode()
    assert "人工处理中" in page and "missing_glyph" not in page


def test_the_sign_page_offers_the_pdf_and_the_signature_names_it(family: cast.Household) -> None:
    family.open().answer().fill().freeze()
    set_files()
    page = family.mother.get(family.url(), follow=True)
    assert page.redirect_chain[-1][0].endswith("/sign/"), page.redirect_chain
    text = page.content.decode()
    assert "看 PDF" in text
    (file, *_) = LINK.findall(text)
    pdf = family.mother.get(file)
    assert pdf.content.startswith(b"%PDF")
    form = page.context["form"]
    data = {
        "signature_drawn": cast.STROKES,
        "digest": form["digest"].value(),
        "offered": form["offered"].value(),
    }
    assert family.mother.post(family.url("sign/"), data).status_code == 302
    ((document, digest), *_) = family.case.signatures["mother"].documents
    found = documents.one(UUID(document))
    assert found is not None and digest == found.sha256["pdf"]
    waiting = family.mother.get(family.url("waiting/")).content.decode()
    assert "撤回我的签名" in waiting
    assert family.mother.get(family.url("sign/withdraw/")).status_code == 200
    family.mother.post(family.url("sign/withdraw/"))
    assert family.case.signatures == {}
