"""材料: what is brought is scanned against the checklist; every picture can be looked at again."""

import secrets
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext

from yijian.actions import materials
from yijian.actions.materials import ORIGINAL, SCAN, SHEET, Line
from yijian.documents.scans import LARGEST_BYTES, ScanError, Unreadable
from yijian.domain.context import RefusedError
from yijian.domain.papers import papers_of
from yijian.domain.states import Stage
from yijian.records.materials import MaterialPage
from yijian.web.applicant.values import role_title, worded
from yijian.web.messages.scans import about_file, about_picture
from yijian.web.pictures import shown
from yijian.web.window.doors import Sitting, window_page


@window_page("GET")
def checklist(sitting: Sitting) -> HttpResponse:
    """Every material that is asked, once, with its scan button."""
    lines = materials.checklist(sitting.case, sitting.context, sitting.now)
    flawed = sitting.desk.request.GET.get("flawed", "")
    return sitting.page(
        "window/materials.html",
        {
            "lines": [
                _line(sitting, line, flawed) for line in lines if line.material.kind != "form"
            ],
            "missing": sum(line.missing for line in lines),
            "brought": any(line.pages or line.received for line in lines),
            "papers": [
                {"title": worded(paper.title), "url": sitting.url("print", paper.id)}
                for paper in papers_of(sitting.case, sitting.context, sitting.now)
            ],
            "next_url": sitting.url(sitting.next_step()),
            "may_go_on": sitting.next_step() not in ("people", "findings", "materials"),
            "may_change": sitting.case.stage in (Stage.DRAFT, Stage.SIGNING),
            "save_key": secrets.token_urlsafe(12),
        },
        step="materials",
    )


def _line(sitting: Sitting, line: Line, flawed: str) -> dict[str, object]:
    material = line.material
    if line.missing:
        tag, tone = gettext("还缺"), "bad"
    elif line.pages:
        tag, tone = gettext("%(number)s 页") % {"number": len(line.pages)}, "good"
    elif line.received:
        tag, tone = gettext("已收原件"), "good"
    else:
        tag, tone = gettext("看原件"), ""
    return {
        "id": material.id,
        "title": worded(material.title),
        "hint": worded(material.hint),
        "items": [worded(sitting.context.pack.items[code].title) for code in line.items],
        "tag": tag,
        "tone": tone,
        "pages": [page_link(sitting, page) for page in line.pages],
        "scan": material.kind == SCAN,
        "original": material.kind == ORIGINAL and not line.received,
        "anyway": material.id == flawed,
    }


def page_link(sitting: Sitting, page: MaterialPage) -> dict[str, object]:
    """One page as a link, with the way to take it away."""
    return {
        "page": page.page,
        "url": sitting.url("picture", page.id),
        "remove_url": sitting.url("remove", page.id),
    }


@window_page("POST")
def bring(sitting: Sitting, material: str) -> HttpResponse:
    """A scan or a photograph of a material, of several files at once, or an original."""
    request = sitting.desk.request
    back = "sign" if material.startswith(SHEET) else "materials"
    if request.POST.get("do") == "original":
        materials.receive_original(
            by=sitting.user, number=sitting.number, material=material, now=sitting.now
        )
        return sitting.go(back)
    files = request.FILES.getlist("file")
    if not files:
        messages.error(request, gettext("请先选择文件，或者按“拍照或扫描”。"))
        return sitting.go(back)
    title = _title(sitting, material)
    kept, flawed = 0, False
    for place, file in enumerate(files[:8]):
        try:
            if (file.size or 0) > LARGEST_BYTES:
                raise ScanError(Unreadable.TOO_LARGE)
            key = request.POST.get("save_key", "")[:48]
            brought = materials.bring(
                by=sitting.user,
                number=sitting.number,
                material=material,
                data=file.read(),
                key=f"{key}/{material[:8]}/{place}" if key else "",
                anyway=request.POST.get("anyway") == "yes",
                now=sitting.now,
            )
        except ScanError as fault:
            words = gettext("%(title)s没有保存：%(why)s")
            messages.error(request, words % {"title": title, "why": about_file(fault)})
            continue
        kept += len(brought.pages)
        if brought.flaw is not None and not brought.pages:
            flawed = True
            words = gettext("%(title)s没有保存：%(why)s")
            messages.error(request, words % {"title": title, "why": about_picture(brought.flaw)})
    if kept:
        words = gettext("%(title)s收到 %(number)s 页。")
        messages.success(request, words % {"title": title, "number": kept})
    response = sitting.go(back)
    if flawed:
        response["Location"] += f"?flawed={material}#{material}"
    return response


def _title(sitting: Sitting, material: str) -> str:
    if material.startswith(SHEET):
        role = role_title(sitting.context, material.removeprefix(SHEET))
        return gettext("%(who)s签名的纸") % {"who": role}
    for item in sitting.context.pack.items.values():
        for one in item.materials:
            if one.id == material:
                return worded(one.title)
    raise RefusedError("material_not_asked")


@window_page("POST")
def remove(sitting: Sitting, page_id: UUID) -> HttpResponse:
    """A page is taken away again."""
    materials.take_away(by=sitting.user, number=sitting.number, page_id=page_id, now=sitting.now)
    return sitting.go("materials")


@window_page("GET")
def picture(sitting: Sitting, page_id: UUID) -> HttpResponse:
    """One page, for the clerk who has it before her."""
    found = materials.picture(
        by=sitting.user, number=sitting.number, page_id=page_id, now=sitting.now
    )
    return shown(found.data)
