"""Who is awaited and what they must do; the pictures of documents that the family brings."""

import io
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.web import cast
from tests.web.cast import Household
from yijian.actions import contexts, live_checks, setup, verification
from yijian.gateways.registers import Answer
from yijian.gateways.registers.answers import Receipt
from yijian.ops.walk_parents import picture
from yijian.packs.building import load_folder
from yijian.packs.offices import load_directory
from yijian.records import cases, people

pytestmark = pytest.mark.django_db

REGION, COUNTY = "yangtze-delta", "431222-yuanling"
_load_once = cache(load_folder)
_offices = cache(load_directory)
BOOKLESS = cast.ORDINARY.replace(
    'mother: {name: 王芳, hukou: {division: "340104"}}',
    'mother: {name: 王芳, hukou: {division: "340104"},'
    " certificates: [marriage_certificate, id_card]}",
).replace(
    'father: {name: 李强, hukou: {division: "340104"}}',
    'father: {name: 李强, hukou: {division: "340104"}, certificates: [id_card]}',
)


@pytest.fixture
def region(fixed_now: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A node that runs a scheme in which the father comes first."""
    chosen = settings.YIJIAN.model_copy(update={"packs": REGION})
    monkeypatch.setattr(settings, "YIJIAN", chosen)
    monkeypatch.setattr(setup, "load_folder", _load_once)
    setup.publish_pack(REGION, now=fixed_now)
    people.put_offices(setup.merged(_offices(settings.YIJIAN.packs_dir, REGION).offices))
    contexts.forget()
    yield
    contexts.forget()


def arrived(file: str, now: datetime) -> Household:
    """王芳 and 李强, he has come and every register has answered."""
    family = cast.household(file, contexts.current_context(REGION), now)
    family.number = family.father.post("/my/new/")["Location"].split("/")[3]
    _seen(family, "father")
    wife = [
        (f"mother_{part}", 0, family.facts.family["mother"][part])
        for part in ("name", "id_number", "id_type")
    ]
    said = family.facts.registers["marriage"]
    receipt = Receipt("r-marriage", "marriage", now, "test", "0" * 64)
    answer = Answer("marriage", said.state, values=(*said.values, *wife), receipts=(receipt,))
    verification.record(_case_id(family), answer, now=now)
    return family.answer(["delivery", "hukou", "certificates", "maternity"])


def _seen(family: Household, role: str) -> None:
    live_checks.answered(
        case_id=_case_id(family), role=role, passed=True, receipt="r", now=family.now
    )


def _case_id(family: Household) -> UUID:
    return cases.read(numbers=[family.number])[0].id


def come(family: Household) -> Household:
    """The mother logs in and is seen, too."""
    family.mother.post(family.url("notice/"))
    _seen(family, "mother")
    return family


def test_the_first_to_come_agrees_and_is_sent_to_the_face_check(
    region: None, fixed_now: datetime
) -> None:
    family = cast.household(cast.ORDINARY, contexts.current_context(REGION), fixed_now)
    family.number = family.father.post("/my/new/")["Location"].split("/")[3]
    assert family.father.get(family.url())["Location"] == family.url("live-check/")
    page = family.father.get(family.url("live-check/")).content.decode()
    assert "先要确认是您本人" in page and "签名前" not in page
    assert family.father.post(family.url("live-check/"))["Location"].startswith("http")


def test_the_page_says_who_is_awaited_and_what_they_must_do(
    region: None, fixed_now: datetime
) -> None:
    family = arrived(cast.ORDINARY, fixed_now)
    page = family.father.get(family.url("waiting/")).content.decode()
    assert "您的部分办好了" in page and "请孩子妈妈登录" in page
    for step in ("登录自己的账号", "看须知，同意取用信息", "刷脸确认是本人"):
        assert step in page
    assert "扫码登录" in page and family.url() in page


def test_who_has_come_waits_while_the_other_fills_in(region: None, fixed_now: datetime) -> None:
    family = come(arrived(cast.ORDINARY, fixed_now))
    assert family.mother.get(family.url())["Location"].endswith("/form/baby/")
    page = family.father.get(family.url("waiting/")).content.decode()
    assert "现在轮到孩子妈妈填写" in page and "扫码登录" not in page
    assert family.father.get(family.url("form/baby/")).status_code == 302


def test_what_no_register_knows_is_photographed_by_the_family(
    region: None, fixed_now: datetime
) -> None:
    family = come(arrived(BOOKLESS, fixed_now)).fill()
    assert family.mother.get(family.url())["Location"] == family.url("materials/")
    page = family.mother.get(family.url("materials/"))
    missing = [row["id"] for row in page.context["rows"] if row["missing"]]
    assert missing and 'enctype="multipart/form-data"' in page.content.decode()
    for material in missing:
        photo = SimpleUploadedFile("a.jpg", picture(material), "image/jpeg")
        sent = family.mother.post(family.url("materials/"), {"material": material, "file": photo})
        assert sent.status_code == 302, sent.content.decode()[-2000:]
    assert family.mother.get(family.url())["Location"] == family.url("check/")
    kept = family.mother.get(family.url("materials/")).context["rows"][0]["pages"][0]
    assert family.mother.get(kept["url"])["Content-Type"] == "image/jpeg"
    assert cast.stranger(fixed_now).get(kept["url"]).status_code == 404
    family.mother.post(kept["remove_url"])
    assert family.mother.get(family.url())["Location"] == family.url("materials/")


def test_a_picture_that_is_not_clear_gets_a_sentence(region: None, fixed_now: datetime) -> None:
    family = come(arrived(BOOKLESS, fixed_now)).fill()
    material = family.mother.get(family.url("materials/")).context["rows"][0]["id"]
    grey = io.BytesIO()
    Image.new("L", (1000, 1400), 128).save(grey, "JPEG")
    for file in (SimpleUploadedFile("a.jpg", grey.getvalue()), SimpleUploadedFile("a.txt", b"x")):
        page = family.mother.post(family.url("materials/"), {"material": material, "file": file})
        assert page.status_code == 422
        assert "照片没有保存" in page.content.decode()
    page = family.mother.post(family.url("materials/"), {"material": material})
    assert "请先拍照或选择照片" in page.content.decode()
    assert family.case.materials == {}
