"""窗口的页面: one family from the card reader to the acceptance notice, page by page."""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.actions.cast import clerk
from tests.actions.cast_window import PAGE, STROKES, AtWindow, at_window, page, publish
from tests.web.cast import client_of
from yijian.actions import contexts, verification, window_filling
from yijian.domain.cases import CheckState
from yijian.domain.documents import texts
from yijian.domain.states import Stage
from yijian.gateways.registers import Answer
from yijian.ops import setting
from yijian.records import cases as case_records
from yijian.records import documents
from yijian.records.models import AccessEntry
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
ABSENT = "34000020261121W9999990"


@pytest.fixture
def family(fixed_now: datetime) -> Iterator[AtWindow]:
    yield at_window(fixed_now)
    contexts.forget()


@pytest.fixture
def seat(family: AtWindow) -> Client:
    """陈静's browser."""
    return client_of(family.clerk)


@pytest.fixture
def known(family: AtWindow) -> AtWindow:
    """Both parents are here and every register has answered."""
    return family.open().agree().answer().father_comes()


def card(family: AtWindow, role: str = "mother", **other: Any) -> dict[str, Any]:
    person = family.facts.family[role]
    given = {"name": person["name"], "id_number": person["id_number"], "id_type": "111"}
    return {
        "role": role,
        **given,
        "phone": person["phone"],
        "present": "on",
        "original_seen": "on",
        **other,
    }


def url(family: AtWindow, page: str = "") -> str:
    return f"/desk/window/{family.number}/{page}"


def upload(data: bytes, name: str = "scan.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_family_goes_from_the_card_to_the_acceptance_notice(
    family: AtWindow, seat: Client
) -> None:
    opened = seat.post("/desk/window/new/", card(family))
    family.number = opened["Location"].split("/")[3]
    seat.post(url(family, "people/"), {"role": "mother", "do": "agree"})
    family.answer()
    father = {f"father-{k}": v for k, v in card(family, "father").items() if k != "role"}
    seat.post(url(family, "people/"), {"role": "father", "do": "identify", **father})
    seat.post(url(family, "people/"), {"role": "father", "do": "agree"})
    shown = seat.get(url(family), follow=True)
    assert shown.redirect_chain[-1][0].endswith("/form/")
    answers = initial_of(shown) | {"newborn_name__1": "李小满", "save_key": "k1"}
    moved = seat.post(url(family, "form/"), answers, follow=True)
    assert moved.redirect_chain[-1][0].endswith("/materials/"), text(moved)
    seat.post(url(family, f"materials/{PAGE}/"), {"file": upload(page()), "save_key": "m1"})
    assert seat.get(url(family), follow=True).redirect_chain[-1][0].endswith("/sign/")
    seat.post(url(family, "sign/"), {"do": "open"})
    for role in ("mother", "father"):
        sent = {"role": role, "digest": family.digest(role), "method": "tablet"}
        seat.post(url(family, "sign/"), {**sent, "strokes": STROKES})
    assert family.case.stage is Stage.SUBMITTED
    setting.set_documents()
    notices = text(seat.get(url(family, "documents/")))
    assert f"{family.number}-A" in notices and "PDF" in notices


def made(family: AtWindow, seat: Client, kind: str) -> str:
    """What a notice says that the clerk has had made; its file is offered on the page."""
    answer = seat.post(url(family, "documents/"), {"kind": kind}, follow=True)
    assert answer.redirect_chain[-1][0] == url(family, "documents/"), text(answer)
    assert answer["Refresh"]
    setting.set_documents()
    (loaded,) = case_records.read(numbers=[family.number])
    (found,) = documents.of_case(loaded.id)
    assert found.ready and found.kind == kind and loaded.key is not None
    assert found.number in text(seat.get(url(family, "documents/")))
    content = documents.said(key=loaded.key, ids=[found.id])[found.id]
    return "\n".join([*texts(content)])


def initial_of(shown: Any) -> dict[str, Any]:
    """What the page's form proposes."""
    form = shown.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value is not None}


def test_every_page_of_the_window_needs_the_window_role_at_that_window(
    known: AtWindow, seat: Client
) -> None:
    office = str(known.facts.family["delivery"]["institution"])
    pages = ["", "people/", "findings/", "form/", "materials/", "sign/", "after/", "handover/",
             "withdraw/", "print/form/", "documents/"]  # fmt: skip
    strangers = [clerk("340100ZW", StaffRole.WINDOW), clerk(office)]
    for stranger in map(client_of, strangers):
        for where in pages:
            there, absent = (
                stranger.get(url(known, where)),
                stranger.get(f"/desk/window/{ABSENT}/{where}"),
            )
            assert (there.status_code, absent.status_code) == (404, 404), where
            nowhere = text(absent).replace(ABSENT, known.number)
            assert text(there) == nowhere
    assert client_of(clerk("340100ZW", StaffRole.WINDOW)).get("/desk/window/").status_code == 200
    assert Client().get(url(known)).status_code == 302


def test_the_queue_lists_this_windows_cases_and_opens_one_by_its_number(
    known: AtWindow, seat: Client
) -> None:
    assert known.number in text(seat.get("/desk/window/"))
    found = seat.post("/desk/window/", {"q": known.number.lower()})
    assert found["Location"] == url(known)
    other = client_of(clerk("340100ZW", StaffRole.WINDOW))
    assert known.number not in text(other.get("/desk/window/"))
    assert other.post("/desk/window/", {"q": known.number})["Location"] == "/desk/window/"


def test_a_wrong_card_is_named_beside_its_field_and_nothing_typed_is_lost(
    family: AtWindow, seat: Client
) -> None:
    shown = seat.post("/desk/window/new/", card(family, id_number="340104199505012221"))
    assert shown.status_code == 422
    assert "请核对每一位" in text(shown)
    assert "340104199505012221" in text(shown)
    shown = seat.post("/desk/window/new/", card(family, original_seen=""))
    assert "请先核对证件原件" in text(shown)


def test_the_form_asks_only_what_is_not_known_and_says_how_to_ask(
    known: AtWindow, seat: Client
) -> None:
    shown = seat.get(url(known, "form/"))
    assert "哪几个字" in text(shown)
    names = set(shown.context["form"].fields)
    assert "mother_name" not in names
    assert "newborn_name__1" in names


def test_a_background_save_keeps_what_is_right_and_one_key_counts_once(
    known: AtWindow, seat: Client
) -> None:
    sent = {"newborn_name__1": "李小满", "save_key": "k1"}
    saved = seat.post(url(known, "form/"), sent, headers={"X-Autosave": "1"})
    assert (saved.status_code, saved["X-Saved-At"]) == (204, "10:00")
    version = known.case.form_version
    known.name("李大满")
    again = seat.post(url(known, "form/"), sent, headers={"X-Autosave": "1"})
    assert again.status_code == 204
    assert known.case.answers["newborn_name", 1].value == "李大满"
    assert known.case.form_version == version + 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "不是照片或扫描件"),
        (b"<!doctype html><script>alert(1)</script>", "不是照片或扫描件"),
        (page()[:9000], "文件不完整"),
        (b"\xff\xd8" + b"0" * (16 * 1024 * 1024), "文件太大"),
        (b"%PDF-1.7 nothing", "文件不完整"),
    ],
)
def test_a_hostile_upload_is_refused_with_a_sentence(
    known: AtWindow, seat: Client, data: bytes, words: str
) -> None:
    shown = seat.post(url(known, f"materials/{PAGE}/"), {"file": upload(data)}, follow=True)
    assert words in text(shown)
    assert "还缺" in text(shown)


def test_a_blurred_picture_is_not_kept_and_the_clerk_is_told_what_to_do(
    known: AtWindow, seat: Client
) -> None:
    from PIL import Image, ImageFilter

    made = io.BytesIO()
    Image.open(io.BytesIO(page())).filter(ImageFilter.GaussianBlur(5)).save(made, "JPEG")
    where = url(known, f"materials/{PAGE}/")
    shown = seat.post(where, {"file": upload(made.getvalue())}, follow=True)
    assert "有些模糊" in text(shown)
    assert "仍然保存" in text(shown)
    kept = seat.post(where, {"file": upload(made.getvalue()), "anyway": "yes"}, follow=True)
    assert "收到 1 页" in text(kept)


def test_a_picture_is_served_as_a_picture_and_kept_by_nobody(known: AtWindow, seat: Client) -> None:
    seat.post(url(known, f"materials/{PAGE}/"), {"file": upload(page())})
    found = re.search(
        r'src="(/desk/window/[^"]+pictures/[^"]+)"', text(seat.get(url(known, "materials/")))
    )
    assert found
    shown = seat.get(found[1])
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in shown["Cache-Control"]
    assert "sandbox" in shown["Content-Security-Policy"]
    other = client_of(clerk("340100ZW", StaffRole.WINDOW))
    assert other.get(found[1]).status_code == 404
    assert AccessEntry.objects.filter(what="window", shown=False).exists()


def test_the_correction_notice_lists_everything_missing_at_once(
    family: AtWindow, seat: Client
) -> None:
    family.open().agree().answer()
    notice = made(family, seat, "missing_notice")
    for missing in ("婴儿姓名", "户口簿", "爸爸"):
        assert missing in notice
    assert f"{family.number}-F" in notice


def test_the_refusal_notice_says_why_on_what_basis_and_where_to_go(fixed_now: datetime) -> None:
    family = at_window(fixed_now, file=NOT_MARRIED).open().agree().answer()
    seat = client_of(family.clerk)
    shown = seat.get(url(family), follow=True)
    assert shown.redirect_chain[-1][0].endswith("/findings/")
    failed = family.context.judge(family.case, fixed_now).failed
    assert failed
    notice = made(family, seat, "ineligible_notice")
    for verdict in failed:
        assert verdict.sentence.zh in notice
        assert verdict.rule.way_on.zh in notice
    assert "《" in notice
    assert f"{family.number}-C" in notice
    contexts.forget()


NOT_MARRIED = """
title: 没有结婚登记
applied_at: 2026-11-21T10:00:00+08:00
mother: {name: 王芳, hukou: {division: "340104"}}
father: {name: 李强, hukou: {division: "340104"}}
marriage: {state: divorced}
newborns: [{sex: "2", born_at: 2026-11-18T03:27:00+08:00}]
"""


def test_a_missing_delivery_record_is_entered_by_whoever_may(
    family: AtWindow, seat: Client
) -> None:
    family.open().agree()
    identifier = case_records.read(numbers=[family.number])[0].id
    empty = Answer("delivery", CheckState.EMPTY, values=(), receipts=(), newborns=None)
    verification.record(identifier, empty, now=family.now)
    assert "/desk/deliveries/new/" not in text(seat.get(url(family, "findings/")))
    office = str(family.facts.family["delivery"]["institution"])
    both = client_of(clerk(office, StaffRole.WINDOW, StaffRole.DELIVERIES))
    assert "/desk/deliveries/new/" in text(both.get(url(family, "findings/")))


def test_a_notice_that_the_case_gives_no_reason_for_is_not_there(
    known: AtWindow, seat: Client
) -> None:
    for kind in ("ineligible_notice", "acceptance_notice", "materials_receipt", "anything"):
        answer = seat.post(url(known, "documents/"), {"kind": kind}, follow=True)
        assert "没有理由" in text(answer)
    identifier = case_records.read(numbers=[known.number])[0].id
    assert documents.of_case(identifier) == []


def test_printed_sheets_have_whole_numbers_and_the_look_is_logged(
    known: AtWindow, seat: Client
) -> None:
    known.name()
    sheet = text(seat.get(url(known, "print/form/")))
    assert str(known.facts.family["mother"]["id_number"]) in sheet
    assert AccessEntry.objects.filter(what="full_numbers", purpose="print").exists()
    signing = text(seat.get(url(known, "print/sheet-mother/")))
    assert "内容校验码" in signing
    assert seat.get(url(known, "print/nothing/")).status_code == 404


def test_an_office_whose_item_lists_a_material_finds_it_on_its_desk(
    known: AtWindow, seat: Client
) -> None:
    seat.post(url(known, f"materials/{PAGE}/"), {"file": upload(page())})
    known.name()
    window_filling.open_signing(by=known.clerk, number=known.number, now=known.now)
    known.sign("mother")
    known.sign("father")
    hospital = clerk(str(known.case.tasks["birth_certificate", 1].office))
    known.issue_certificate(hospital)
    task = known.case.tasks["hukou_registration", 1]
    police = client_of(clerk(str(task.office)))
    review = text(police.get(f"/desk/tasks/{known.task(task.key)}/"))
    found = re.search(r'href="(/desk/tasks/[^"]+/materials/[^"]+)"', review)
    assert found
    assert police.get(found[1])["Content-Type"] == "image/jpeg"
    assert client_of(hospital).get(found[1]).status_code == 404
    assert AccessEntry.objects.filter(what="material").count() == 1


def test_an_enquiry_desk_checks_and_hands_over_and_never_shows_the_form(
    fixed_now: datetime,
) -> None:
    from dataclasses import replace

    family = at_window(fixed_now)
    office = contexts.directory().office(str(family.facts.family["delivery"]["institution"]))
    assert office is not None
    publish(fixed_now, replace(office, code="DESK01", issues_certificates=False,
                               hands_over_to=office.code))  # fmt: skip
    family.clerk = clerk("DESK01", StaffRole.WINDOW)
    seat = client_of(family.clerk)
    family.open().agree().answer()
    shown = seat.get(url(family), follow=True)
    assert shown.redirect_chain[-1][0].endswith("/handover/")
    assert office.title.zh in text(shown)
    assert seat.get(url(family, "form/")).status_code == 302
    seat.post(url(family, "handover/"), {"office": office.code})
    assert seat.get(url(family)).status_code == 404
    contexts.forget()


GRANDMOTHER = """
title: 奶奶拿委托书来办
applied_at: 2026-11-21T10:00:00+08:00
mother: {name: 王芳, hukou: {division: "431222"}}
father: {name: 李强, hukou: {division: "431222"}}
applicant: representative
representative: {name: 陆桂兰, sex: "2"}
newborns: [{sex: "2", born_at: 2026-11-18T03:27:00+08:00}]
"""


def test_a_grandmother_with_a_letter_does_it_for_the_mother(
    fixed_now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "431222-yuanling"
    here = settings.YIJIAN.model_copy(update={"packs": code})
    monkeypatch.setattr(settings, "YIJIAN", here)
    family = at_window(fixed_now, file=GRANDMOTHER, code=code)
    seat = client_of(family.clerk)
    opened = seat.post("/desk/window/new/", card(family, "representative"))
    family.number = opened["Location"].split("/")[3]
    seat.post(url(family, "people/"), {"role": "representative", "do": "agree"})
    mother = {f"mother-{k}": v for k, v in card(family, present="").items() if k != "role"}
    seat.post(url(family, "people/"), {"role": "mother", "do": "identify", **mother})
    family.answer()
    shown = seat.get(url(family), follow=True)
    assert shown.redirect_chain[-1][0].endswith("/form/"), text(shown)
    answers = initial_of(shown) | {
        "newborn_name__1": "李小满", "mandate_relation": "paternal_grandparent",
        "mandate_items": ["birth_certificate", "hukou_registration",
                          "medical_insurance_enrolment", "medical_insurance_payment"],
        "mandate_from": "2026-11-18", "mandate_until": "2026-12-18",
    }  # fmt: skip
    moved = seat.post(url(family, "form/"), answers, follow=True)
    assert moved.redirect_chain[-1][0].endswith("/materials/"), text(moved)
    assert "委托书" in text(moved)
    letter = text(seat.get(url(family, "print/authorisation_letter/")))
    assert "陆桂兰" in letter and "王芳" in letter
    for material in re.findall(r'action="[^"]+/materials/([a-z_]+)/"', text(moved)):
        seat.post(url(family, f"materials/{material}/"), {"file": upload(page())})
    seat.post(url(family, "sign/"), {"do": "open"})
    sent = {"role": "representative", "digest": family.digest("representative")}
    seat.post(url(family, "sign/"), {**sent, "method": "tablet", "strokes": STROKES})
    assert family.case.stage is Stage.SUBMITTED
    contexts.forget()


def test_every_window_page_speaks_english_too(known: AtWindow, seat: Client) -> None:
    seat.cookies["language"] = "en"
    known.name()
    for where in ("people/", "findings/", "form/", "materials/", "sign/", "print/form/",
                  "documents/"):  # fmt: skip
        shown = seat.get(url(known, where), follow=True)
        main = re.sub(r"(?s).*<main", "<main", text(shown))
        left = re.sub(r"<[^>]*>|“|”|王芳|李强|李小满", "", main)
        assert shown.status_code == 200, where
        assert "翻译" not in left
