"""传证照: the pictures that the family itself brings, one material after the other.

Only what no register knows is asked for. A picture that is not clear is said to be so at once.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from yijian.actions import materials as actions
from yijian.actions.materials import Line
from yijian.documents.scans import LARGEST_BYTES, ScanError, Unreadable
from yijian.domain.materials import SCAN
from yijian.records import access
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.places import STEPS, may_fill, saved_at
from yijian.web.applicant.values import worded
from yijian.web.messages.scans import about_file, about_picture
from yijian.web.pages import KEEP_NOTHING, show
from yijian.web.pictures import shown


@family_page("GET", "POST")
def materials(sitting: Sitting) -> HttpResponse:
    """Every picture that is asked for, with its own button; it goes on when none is missing."""
    if not may_fill(sitting.place(), sitting.role, sitting.context):
        return sitting.go_on()
    lines = [
        line
        for line in actions.checklist(sitting.case, sitting.context, sitting.now)
        if line.material.kind == SCAN
    ]
    if not lines:
        return sitting.go_on()
    faults: dict[str, str] = {}
    if sitting.request.method == "POST":
        material = sitting.request.POST.get("material", "")[:64]
        fault = _bring(sitting, material)
        if not fault:
            return _after(sitting, material, lines)
        faults[material] = fault
    return show(
        sitting.request,
        "applicant/materials.html",
        {
            "number": sitting.number,
            "rows": [_row(sitting, line, faults.get(line.material.id, "")) for line in lines],
            "missing": sum(line.missing for line in lines),
            "faults": [fault for fault in faults.values() if fault],
            "steps": STEPS,
            "saved_at": saved_at(sitting.case),
        },
        status=422 if faults else 200,
    )


def _after(sitting: Sitting, material: str, lines: list[Line]) -> HttpResponseRedirect:
    """To the next picture that is missing, or on."""
    left = [line for line in lines if line.missing and line.material.id != material]
    if not left:
        return sitting.go_on()
    return HttpResponseRedirect(f"{sitting.url('materials')}#{left[0].material.id}")


def _bring(sitting: Sitting, material: str) -> str:
    """Keep the picture; the sentence that says why not."""
    file = sitting.request.FILES.get("file")
    if file is None:
        return gettext("请先拍照或选择照片，再按“上传”。")
    try:
        if (file.size or 0) > LARGEST_BYTES:
            raise ScanError(Unreadable.TOO_LARGE)
        brought = actions.bring(
            by=sitting.user,
            number=sitting.number,
            material=material,
            data=file.read(),
            key=sitting.request.POST.get("save_key", "")[:48],
            now=sitting.now,
        )
    except ScanError as fault:
        return about_file(fault)
    return about_picture(brought.flaw) if brought.flaw is not None else ""


def _row(sitting: Sitting, line: Line, fault: str) -> dict[str, object]:
    material = line.material
    items = [worded(sitting.context.pack.items[code].title) for code in line.items]
    return {
        "id": material.id,
        "title": worded(material.title),
        "hint": worded(material.hint),
        "items": gettext("、").join(items),
        "missing": line.missing,
        "fault": fault,
        "save_key": f"{material.id[:24]}/{len(line.pages)}/{sitting.case.version}",
        "pages": [
            {
                "page": page.page,
                "url": sitting.url("material_picture", page.id),
                "remove_url": sitting.url("material_remove", page.id),
            }
            for page in line.pages
        ],
    }


@family_page("POST")
def remove(sitting: Sitting, page_id: UUID) -> HttpResponse:
    """A picture is taken away again; another can be taken."""
    actions.take_away(by=sitting.user, number=sitting.number, page_id=page_id, now=sitting.now)
    messages.success(sitting.request, gettext("照片已经删掉。"))
    return HttpResponseRedirect(sitting.url("materials"))


@family_page("GET")
def picture(sitting: Sitting, page_id: UUID) -> HttpResponse:
    """One picture, for the family that brought it."""
    try:
        found = actions.picture(
            by=sitting.user, number=sitting.number, page_id=page_id, now=sitting.now
        )
    except access.Refused:
        return HttpResponse(status=404, headers={"Cache-Control": KEEP_NOTHING})
    return shown(found.data)
