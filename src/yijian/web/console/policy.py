"""政策工坊: packs, their versions, drafts; how a draft begins, and what it holds."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import workshop, workshop_reading
from yijian.domain.context import RefusedError
from yijian.records.people import StaffRole
from yijian.records.workshop import Draft
from yijian.web.applicant.values import shown_day, shown_moment, worded
from yijian.web.console.policy_chapters import CHAPTERS
from yijian.web.console.policy_doors import (
    READERS,
    STATES,
    Opened,
    draft_page,
    refusal,
    title_of,
)
from yijian.web.console.policy_files import told_of
from yijian.web.console.policy_findings import by_chapter
from yijian.web.console.policy_log import lines_of
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.pages import go

VERSION_STATES = {
    "in_force": (_("现行"), "good"),
    "waiting": (_("等待生效"), "warn"),
    "past": (_("已过"), ""),
}


@desk_page("GET", "POST", roles=READERS)
def overview(desk: Desk) -> HttpResponse:
    """Every pack with the version in force and its drafts; an editor begins a draft here."""
    problem = ""
    if desk.request.method == "POST":
        try:
            return _begun(desk, desk.request.POST.get("code", ""))
        except RefusedError as error:
            problem = refusal(error)
    rows = [
        {
            "code": row.code,
            "title": worded(row.title),
            "version": row.version,
            "since": shown_day(row.in_force_from),
            "versions": row.versions,
            "open_drafts": row.open_drafts,
            "editable": row.editable,
            "why_not": refusal(RefusedError(row.why_not)) if row.why_not else "",
        }
        for row in workshop_reading.packs(by=desk.user)
    ]
    drafts = workshop_reading.drafts(by=desk.user)
    under_work = [one for one in drafts if one.state in ("draft", "submitted", "returned")]
    return desk.page(
        "console/policy.html",
        {
            "rows": rows,
            "drafts": _drafts(desk, under_work),
            "not_taken_in": [
                {
                    "pack": title_of(one.code),
                    "version": one.version,
                    "note": one.note,
                    "url": reverse("policy_history", args=[one.draft]),
                }
                for one in workshop_reading.not_taken_in(by=desk.user)
            ],
            "ended": _drafts(desk, [one for one in drafts if one not in under_work][:20]),
            "may_begin": desk.visitor.works_as(StaffRole.POLICY_EDITOR),
            "problem": problem,
        },
        current="policy",
        status=409 if problem else 200,
    )


def _begun(desk: Desk, code: str, to: str = "") -> HttpResponse:
    title = desk.request.POST.get("title", "")
    if to:
        row = workshop.roll_back(by=desk.user, code=code, to=to, title=title, now=desk.now)
        messages.info(
            desk.request,
            gettext("按 %(version)s 的文件开了一份新草稿；检查、批准以后才生效。")
            % {"version": to},
        )
    else:
        row = workshop.open_draft(by=desk.user, code=code, title=title, now=desk.now)
    return go(reverse("policy_draft", args=[row.pk]))


def _drafts(desk: Desk, rows: list[Draft]) -> list[dict[str, object]]:
    actors = [actor for row in rows for actor in row.authors]
    names = workshop_reading.names_of(by=desk.user, actors=actors)
    return [
        {
            "url": reverse("policy_draft", args=[row.pk]),
            "title": row.title or title_of(row.code),
            "pack": title_of(row.code),
            "state": STATES[row.state][0],
            "tone": STATES[row.state][1],
            "based_on": row.based_on,
            "version": row.version_published,
            "authors": gettext("、").join(names.get(actor, actor) for actor in row.authors),
            "changed_at": shown_moment(row.changed_at),
        }
        for row in rows
    ]


@desk_page("GET", "POST", roles=READERS)
def pack(desk: Desk, code: str) -> HttpResponse:
    """One pack: its versions, the way back to an older one, its drafts, what was done to it."""
    problem = ""
    if desk.request.method == "POST":
        try:
            return _begun(desk, code, desk.request.POST.get("to", ""))
        except RefusedError as error:
            problem = refusal(error)
    rows = [
        {
            "version": row.version,
            "digest": row.digest[:12],
            "since": shown_day(row.in_force_from),
            "state": VERSION_STATES[row.state][0],
            "tone": VERSION_STATES[row.state][1],
            "stored_at": shown_moment(row.stored_at),
            "received": row.received,
            "draft_url": reverse("policy_draft", args=[row.draft]) if row.draft else "",
            "has_source": row.has_source,
            "newest": number == 0,
        }
        for number, row in enumerate(workshop_reading.versions(by=desk.user, code=code))
    ]
    return desk.page(
        "console/policy_pack.html",
        {
            "code": code,
            "title": title_of(code),
            "rows": rows,
            "drafts": _drafts(desk, workshop_reading.drafts(by=desk.user, code=code)),
            "log": lines_of(desk, workshop_reading.log(by=desk.user, code=code)),
            "may_begin": desk.visitor.works_as(StaffRole.POLICY_EDITOR),
            "problem": problem,
        },
        current="policy",
        status=409 if problem else 200,
    )


@draft_page()
def draft(opened: Opened) -> HttpResponse:
    """A draft: its chapters, with what is wrong and what has been changed in each."""
    told = told_of(opened.draft)
    problems = by_chapter(told)
    changed = workshop_reading.changed_files(opened.draft)
    files = {str(one["name"]) for one in changed}
    chapters = [
        {
            "title": one.title,
            "about": one.about,
            "url": opened.url("policy_chapter", one.code),
            "problems": problems[one.code],
            "changed": any(part.file in files for part in one.parts),
        }
        for one in CHAPTERS
    ]
    elsewhere = [one for one in told if not one.chapter]
    return opened.page(
        "console/policy_draft.html",
        {
            "chapters": chapters,
            "elsewhere": elsewhere,
            "changed": changed,
            "errors": sum(one.error for one in told),
            "reminders": sum(not one.error for one in told),
        },
        tab="draft",
    )


@draft_page()
def history(opened: Opened) -> HttpResponse:
    """Who did what to a draft, when and why."""
    log = workshop_reading.log(by=opened.desk.user, draft=opened.draft.pk)
    return opened.page(
        "console/policy_history.html", {"log": lines_of(opened.desk, log)}, tab="history"
    )
