"""文件与检查: the YAML of a draft file by file, and everything that is wrong with it."""

import copy

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext

from yijian.actions import workshop, workshop_reading
from yijian.domain.context import RefusedError
from yijian.packs import PackError
from yijian.packs.overlay import names_of_files
from yijian.records.workshop import Draft, StaleDraftError
from yijian.web.console.policy_doors import (
    STALE,
    Opened,
    again_soon,
    draft_page,
    lock_of,
    refusal,
)
from yijian.web.console.policy_excerpts import numbered
from yijian.web.console.policy_findings import Located, Told, file_url
from yijian.web.pages import go


def located(draft: Draft) -> Located:
    """Where the lines of a draft are in the forms; nowhere for one that cannot be read."""
    try:
        return Located(draft, workshop_reading.values(draft))
    except PackError:
        return Located(draft, None)


def told_of(draft: Draft) -> list[Told]:
    """What is wrong with a draft, without playing its examples."""
    findings = workshop_reading.checked(draft, examples=False).findings
    return located(draft).all(findings)


@draft_page()
def overview(opened: Opened) -> HttpResponse:
    """The files of a draft; changed ones are said, and what is wrong is counted."""
    told = told_of(opened.draft)
    changed = {one["name"] for one in workshop_reading.changed_files(opened.draft)}
    known = [*names_of_files(), *sorted(n for n in opened.draft.files if "/" in n)]
    rows = [
        {
            "name": name,
            "url": file_url(opened.draft, name),
            "lines": opened.draft.files.get(name, "").count("\n"),
            "there": name in opened.draft.files,
            "changed": name in changed,
            "problems": sum(one.file == name for one in told),
        }
        for name in known
    ]
    return opened.page("console/policy_files.html", {"rows": rows}, tab="files")


@draft_page("GET", "POST")
def one_file(opened: Opened, name: str) -> HttpResponse:
    """One file with its line numbers and findings, and the box that rewrites it."""
    if name not in opened.draft.files and name not in names_of_files() and "/" not in name:
        raise Http404
    if opened.desk.request.method != "POST":
        return _show(opened, name, told_of(opened.draft))
    typed = opened.desk.request.POST.get("yaml", "").replace("\r\n", "\n")
    if not opened.may_edit:
        problem = refusal(RefusedError("not_editable"))
        return _show(opened, name, told_of(opened.draft), typed, problem, 409)
    if opened.desk.request.POST.get("do") == "check":
        tried = copy.copy(opened.draft)
        tried.files = {**opened.draft.files, name: typed}
        return _show(opened, name, told_of(tried), typed, checked=True)
    return _save(opened, name, typed)


def _save(opened: Opened, name: str, typed: str) -> HttpResponse:
    desk = opened.desk
    try:
        workshop.save_file(
            by=desk.user, draft=opened.draft.pk, name=name, text=typed, lock=lock_of(opened),
            now=desk.now,
        )  # fmt: skip
    except StaleDraftError:
        now = opened.again()
        return _show(now, name, told_of(now.draft), typed, str(STALE), 409, theirs=True)
    except RefusedError as error:
        return _show(opened, name, told_of(opened.draft), typed, refusal(error), 409)
    except PackError as error:
        problem = error.findings[0].sentence
        return _show(opened, name, told_of(opened.draft), typed, problem, 422)
    messages.success(desk.request, gettext("保存了。"))
    return go(file_url(opened.draft, name))


def _show(
    opened: Opened, name: str, told: list[Told], typed: str | None = None, problem: str = "",
    status: int = 200, *, checked: bool = False, theirs: bool = False,
) -> HttpResponse:  # fmt: skip
    kept = opened.draft.files.get(name, "")
    shown = typed if checked and typed is not None else kept
    here = [one for one in told if one.file == name]
    return opened.page(
        "console/policy_file.html",
        {
            "name": name,
            "here": here,
            "others": len(told) - len(here),
            "lines": numbered(shown, name, 1, here),
            "yaml": kept if typed is None else typed,
            "typed": typed is not None,
            "problem": problem,
            "checked": checked,
            "theirs": theirs,
        },
        tab="files",
        status=status,
    )


@draft_page()
def check(opened: Opened) -> HttpResponse:
    """Everything that is wrong; when somebody asks for it, with the examples played."""
    playing = "examples" in opened.desk.request.GET
    checked = workshop_reading.checked(opened.draft, examples=False)
    played, unfinished = None, ""
    if playing and checked.sound:
        try:
            played = workshop_reading.played(opened.draft, now=opened.desk.now)
        except workshop_reading.UnfinishedError as error:
            unfinished = str(error)
    waiting = playing and checked.sound and played is None and not unfinished
    checked = played or checked
    places = located(opened.draft)
    examples = [
        {"name": name, "url": file_url(opened.draft, f"examples/{name}"), "found": found}
        for name, found in ((name, places.all(found)) for name, found in checked.examples.items())
    ]
    response = opened.page(
        "console/policy_check.html",
        {
            "findings": places.all(checked.findings),
            "failed": [one for one in examples if one["found"]],
            "passed": [one for one in examples if not one["found"]],
            "played": bool(checked.examples),
            "playing": playing,
            "waiting": waiting,
            "unfinished": unfinished,
            "sound": checked.sound,
        },
        tab="check",
    )
    return again_soon(response) if waiting else response
