"""Materials: asked once, kept clean and sealed, shown only to offices whose item lists them."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from PIL import Image, ImageFilter

from tests.actions.cast import clerk
from tests.actions.cast_window import PAGE, AtWindow, at_window, page
from tests.web.cast import user_of
from yijian.actions import contexts, dispatching, materials, window_filling
from yijian.actions.forgetting import forget
from yijian.documents import scans
from yijian.documents.scans import Flaw, ScanError
from yijian.domain.context import RefusedError
from yijian.domain.events import EventKind
from yijian.domain.states import TaskState
from yijian.records import access, journal
from yijian.records import cases as case_records
from yijian.records.models import AccessEntry, MaterialRow
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(now: datetime) -> Iterator[AtWindow]:
    yield at_window(now).open().agree().answer().father_comes()
    contexts.forget()


def bring(family: AtWindow, data: bytes | None = None, **more: object) -> materials.Brought:
    given = {"by": family.clerk, "material": PAGE, **more}
    return materials.bring(
        number=family.number, data=page() if data is None else data, now=family.now, **given
    )


def line(family: AtWindow) -> materials.Line:
    found = materials.checklist(family.case, family.context, family.now)
    return next(one for one in found if one.material.id == PAGE)


def blurred() -> bytes:
    import io

    made = io.BytesIO()
    Image.open(io.BytesIO(page())).filter(ImageFilter.GaussianBlur(5)).save(made, "JPEG")
    return made.getvalue()


def test_a_material_that_two_items_list_is_asked_and_brought_once(family: AtWindow) -> None:
    asked = [
        one.material.id for one in materials.checklist(family.case, family.context, family.now)
    ]
    assert asked.count(PAGE) == 1
    assert line(family).items == ("hukou_registration", "social_security_card")
    assert line(family).missing
    bring(family)
    assert not line(family).missing
    assert materials.missing(family.case, family.context, family.now) == ()


def test_a_picture_lies_sealed_with_its_case_and_opens_nowhere_else(family: AtWindow) -> None:
    (kept,) = bring(family).pages
    row = MaterialRow.objects.get()
    assert b"JFIF" not in bytes(row.sealed or b"")
    shown = materials.picture(
        by=family.clerk, number=family.number, page_id=kept.id, now=family.now
    )
    assert shown.data.startswith(b"\xff\xd8")
    assert hashlib.sha256(shown.data).hexdigest() == kept.digest


def test_the_journal_knows_what_was_kept_and_taken_away(family: AtWindow) -> None:
    (kept,) = bring(family).pages
    materials.take_away(by=family.clerk, number=family.number, page_id=kept.id, now=family.now)
    events = [e.event for e in journal.entries_of(UUID(family.case.id))][-2:]
    assert [e.kind for e in events] == [EventKind.MATERIAL_KEPT, EventKind.MATERIAL_REMOVED]
    assert [e.public["digest"] for e in events] == [[kept.digest]] * 2
    assert bytes(MaterialRow.objects.get().digest).hex() == kept.digest
    assert MaterialRow.objects.get().sealed is None
    assert line(family).missing


def test_an_upload_that_is_sent_again_is_kept_once(family: AtWindow) -> None:
    bring(family, key="k1")
    bring(family, key="k1")
    bring(family, key="k2")
    assert [one.page for one in line(family).pages] == [1, 2]


def test_what_cannot_be_read_is_not_kept_unless_a_clerk_says_so(family: AtWindow) -> None:
    assert bring(family, blurred()).flaw is Flaw.BLURRED
    assert line(family).missing
    assert bring(family, blurred(), anyway=True).pages
    mother = user_of(family.facts.family["mother"], family.now)
    assert bring(family, blurred(), anyway=True, by=mother).pages == ()


def test_a_hostile_file_leaves_nothing_behind(family: AtWindow) -> None:
    for data in (b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", page()[:5000]):
        with pytest.raises(ScanError):
            bring(family, data)
    assert not MaterialRow.objects.exists()


def test_only_what_is_asked_is_taken(family: AtWindow) -> None:
    for material in ("marriage_certificate", "anything", "signed_sheet_grandmother"):
        with pytest.raises(RefusedError, match="material_not_asked"):
            bring(family, material=material)


def test_a_case_takes_a_bounded_number_of_pages(
    family: AtWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yijian.records.materials.PAGES_PER_MATERIAL", 2)
    bring(family)
    bring(family)
    with pytest.raises(RefusedError, match="too_many_pages"):
        bring(family)


def test_an_original_that_was_handed_in_is_noted_once(family: AtWindow) -> None:
    for _ in range(2):
        materials.receive_original(
            by=family.clerk, number=family.number, material=PAGE, now=family.now
        )
    assert line(family).received
    assert MaterialRow.objects.filter(kind="original").count() == 1


def test_strangers_other_windows_and_absent_pages_are_all_refused_alike(family: AtWindow) -> None:
    (kept,) = bring(family).pages
    person = {"name": "赵敏", "id_type": "111", "id_number": "110105199003078888", "phone": ""}
    others = [user_of(person, family.now), clerk("340100ZW", StaffRole.WINDOW)]
    for by, page_id in [*((other, kept.id) for other in others), (family.clerk, uuid4())]:
        with pytest.raises(access.Refused) as refused:
            materials.picture(by=by, number=family.number, page_id=page_id, now=family.now)
        assert refused.value.args == ()
    with pytest.raises(access.Refused):
        bring(family, by=others[0])


def test_the_family_sees_and_brings_its_own(family: AtWindow) -> None:
    mother = user_of(family.facts.family["mother"], family.now)
    (kept,) = bring(family, by=mother).pages
    assert kept.source == "family"
    found = materials.picture(by=mother, number=family.number, page_id=kept.id, now=family.now)
    assert found.data


@pytest.fixture
def submitted(family: AtWindow) -> AtWindow:
    bring(family)
    family.name()
    window_filling.open_signing(by=family.clerk, number=family.number, now=family.now)
    family.sign("mother")
    family.sign("father")
    return family


def test_an_office_sees_a_material_only_when_its_item_lists_it(submitted: AtWindow) -> None:
    (kept,) = line(submitted).pages
    (loaded,) = case_records.read(numbers=[submitted.number])
    task = loaded.case.tasks["birth_certificate", 1]
    assert task.state is TaskState.QUEUED
    hospital = clerk(str(task.office))
    with pytest.raises(access.Refused):
        materials.picture_for_task(
            by=hospital, task_id=loaded.task_id(task.key), page_id=kept.id, now=submitted.now
        )


def test_an_offices_look_at_a_material_is_in_the_access_log(submitted: AtWindow) -> None:
    (kept,) = line(submitted).pages
    hospital = clerk(str(submitted.case.tasks["birth_certificate", 1].office))
    submitted.issue_certificate(hospital)
    police = clerk(str(submitted.case.tasks["hukou_registration", 1].office))
    (loaded,) = case_records.read(numbers=[submitted.number])
    task_id = loaded.task_id(("hukou_registration", 1))
    shown = materials.picture_for_task(
        by=police, task_id=task_id, page_id=kept.id, now=submitted.now
    )
    assert shown.data
    assert AccessEntry.objects.filter(what="material", task_id=task_id).exists()


def test_a_dispatch_names_the_scans_of_its_item_by_digest(submitted: AtWindow) -> None:
    (kept,) = line(submitted).pages
    sent = dispatching.dispatch_payload(
        submitted.case, ("hukou_registration", 1), submitted.context, submitted.now
    )
    assert PAGE in sent["materials"]
    assert sent["scans"] == [
        {"id": str(kept.id), "material": PAGE, "page": 1, "sha256": kept.digest}
    ]
    other = dispatching.dispatch_payload(
        submitted.case, ("birth_certificate", 1), submitted.context, submitted.now
    )
    assert other["scans"] == []


def test_materials_are_gone_when_the_case_is_forgotten(family: AtWindow) -> None:
    (kept,) = bring(family).pages
    window_filling.withdraw(by=family.clerk, number=family.number, now=family.now)
    forget(number=family.number, now=family.now)
    assert MaterialRow.objects.get().sealed is None
    with pytest.raises(access.Refused):
        materials.picture(by=family.clerk, number=family.number, page_id=kept.id, now=family.now)


def test_a_copy_carries_its_purpose_and_who_took_it(family: AtWindow) -> None:
    (opened,) = [
        access.access_window_case(
            by=family.clerk, number=family.number, purpose="test", now=family.now
        )
    ]
    words = materials.watermark(family.context, opened, family.now)
    assert "2026-11-21" in words
    assert words.startswith("仅用于")
    assert scans.kept(Image.new("RGB", (900, 900), "white"), words) != scans.kept(
        Image.new("RGB", (900, 900), "white"), ""
    )
