"""预览: what families would see of a draft: their own pages and papers, made from the draft.

The templates and functions are those of the real pages. Links stay inside the preview, and nothing
can be sent from it. The families are the pack's own made-up examples.
"""

import re
from collections.abc import Callable, Mapping
from html import escape

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext

from yijian.actions import workshop_families, workshop_reading
from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.domain.journey import form_pages
from yijian.domain.notices import SMS_SEGMENT
from yijian.packs import PackError, guides
from yijian.packs.families import Family
from yijian.packs.rehearsal import begun, play
from yijian.web.applicant.forms import page_of
from yijian.web.applicant.places import STEPS
from yijian.web.applicant.values import worded
from yijian.web.console.policy_chapters import TITLES
from yijian.web.console.policy_doors import Opened, draft_page
from yijian.web.console.policy_findings import of_error
from yijian.web.guide import views as guide_views
from yijian.web.pages import show

PAGES: Mapping[str, Callable[..., HttpResponse]] = {
    "entrance": guide_views.entrance_page,
    "guide": guide_views.guide_page,
    "answer": guide_views.answer_page,
}
_LINK = re.compile(r'(<(?:a|form)\b[^>]*?\b(?:href|action)=")(/[^"]*)(")')
_SKIP = re.compile(r'(<a class="skip"[^>]*>[^<]*</a>)')


@draft_page()
def overview(opened: Opened) -> HttpResponse:
    """What can be looked at before anything is in force."""
    kinds = [
        {"title": title, "url": opened.url("policy_preview", kind)}
        for kind, title in TITLES.items()
    ]
    return opened.page("console/policy_previews.html", {"kinds": kinds}, tab="preview")


@draft_page()
def preview(opened: Opened, kind: str) -> HttpResponse:
    """One page or paper as the draft makes it; a draft that cannot be read says where."""
    if kind not in TITLES:
        raise Http404
    try:
        context = workshop_reading.context_of_draft(opened.draft)
        if kind in PAGES:
            return _framed(opened, context, kind, PAGES[kind](opened.desk.request, context))
        if kind == "form":
            return _form(opened, context)
        if kind == "sms":
            return _messages(opened, context)
    except PackError as error:
        return opened.page(
            "console/policy_unpreviewed.html",
            {"findings": of_error(opened.draft, error), "title": TITLES[kind]},
            tab="preview",
        )
    return _framed(opened, context, kind, _paper(opened, context, kind))


def _paper(opened: Opened, context: Context, kind: str) -> HttpResponse:
    spoken = get_language() or "zh-hans"
    paper = guides.make(context.pack, kind, spoken, local_day(opened.desk.now))
    others = [
        (other, name.in_language(spoken))
        for other, (name, _) in guides.KINDS.items()
        if other != kind
    ]
    page = {"paper": paper, "pack_code": context.pack.code, "others": others}
    return show(opened.desk.request, "guide/printed.html", page)


def _chosen(opened: Opened) -> tuple[str, Family, list[tuple[str, str]]]:
    found = workshop_families.titles(opened.draft)
    if not found:
        raise Http404
    asked = opened.desk.request.GET.get("family", "")
    name = asked if asked in found else next(iter(found))
    named = [(key, worded(title) or key) for key, title in found.items()]
    return name, workshop_families.family(opened.draft, name), named


def _form(opened: Opened, context: Context) -> HttpResponse:
    """One page of the form, as an example family would meet it."""
    name, family, named = _chosen(opened)
    start = begun(family, context)
    pages = form_pages(start.case, context, start.now)
    if not pages:
        return opened.page(
            "console/policy_unpreviewed.html",
            {"findings": [], "title": TITLES["form"]},
            tab="preview",
        )
    asked = opened.desk.request.GET.get("page", "")
    page = asked if asked in pages else pages[0]
    shown = page_of(start.case, page, context, start.now)
    response = show(
        opened.desk.request,
        "applicant/form.html",
        {
            "number": start.case.number,
            "page": shown.page,
            "title": worded(shown.page.title),
            "lead": worded(shown.page.lead),
            "step": shown.page.step,
            "steps": STEPS,
            "known": shown.known,
            "required_items": [
                {"title": worded(item.title), "summary": worded(item.summary)}
                for item in shown.required_items
            ],
            "form": shown.form(),
            "form_version": start.case.form_version,
        },
    )
    titles = {one.id: worded(one.title) for one in context.pack.pages}
    ways = [(each, titles.get(each, each), each == page) for each in pages]
    return _framed(opened, context, "form", response, _choosing(opened, name, named, ways))


def _choosing(
    opened: Opened, name: str, named: list[tuple[str, str]], ways: list[tuple[str, str, bool]]
) -> str:
    """Links to the other pages of the form, and the choice of another family."""
    here = opened.url("policy_preview", "form")
    links = " · ".join(
        f"<b>{escape(title)}</b>"
        if current
        else f'<a href="{here}?family={escape(name)}&amp;page={escape(page)}">{escape(title)}</a>'
        for page, title, current in ways
    )
    options = "".join(
        f'<option value="{escape(key)}"{" selected" if key == name else ""}>{escape(title)}'
        "</option>"
        for key, title in named
    )
    return (
        f'<p>{links}</p><form class="filter" method="get" action="{here}"><div>'
        f'<label for="preview-family">{escape(gettext("哪个示例家庭"))}</label>'
        f'<select id="preview-family" name="family">{options}</select></div>'
        f'<button class="btn btn--second">{escape(gettext("换一家看"))}</button></form>'
    )


def _messages(opened: Opened, context: Context) -> HttpResponse:
    """Everything an example family is told on its way, in order, with the length of each."""
    name, family, named = _chosen(opened)
    told = [
        {
            "role": worded(context.pack.roles[one.role].title)
            if one.role in context.pack.roles
            else one.role,
            "channel": gettext("短信") if one.channel == "sms" else gettext("站内消息"),
            "notice": one.notice,
            "text": one.text,
            "length": len(one.text),
            "segments": -(-len(one.text) // SMS_SEGMENT) if one.channel == "sms" else 0,
        }
        for one in play(family, context).messages
    ]
    return opened.page(
        "console/policy_sms.html", {"told": told, "families": named, "family": name}, tab="preview"
    )


def _framed(
    opened: Opened, context: Context, kind: str, response: HttpResponse, more: str = ""
) -> HttpResponse:
    """The page under a line that says what it is; its links lead to other previews, or nowhere."""
    here = opened.url("policy_preview", kind)
    prefix = here.removesuffix(f"{kind}/")
    ways = _ways(context.pack.code, prefix)

    def kept(found: re.Match[str]) -> str:
        address = found[2]
        bare, _question, rest = address.partition("?")
        if bare.startswith(prefix):
            return found[0]
        if bare in ways:
            return f"{found[1]}{ways[bare]}{'?' + rest if rest else ''}{found[3]}"
        return f"{found[1]}#main{found[3]}"

    back = opened.url("policy_previews")
    words = gettext("预览草稿，不是真的页面；这里填的、点的都不算数。")
    banner = (
        f'<aside class="banner banner--preview" aria-label="{escape(gettext("预览"))}">'
        f"<p><b>{escape(words)}</b> "
        f'{escape(str(TITLES[kind]))} <a href="{back}">{escape(gettext("返回草稿"))}</a></p>'
        f"{more}</aside>"
    )
    page = _LINK.sub(kept, response.content.decode())
    response.content = _SKIP.sub(lambda skip: skip[1] + banner, page, count=1).encode()
    return response


def _ways(code: str, prefix: str) -> dict[str, str]:
    """The public addresses of a scheme that have a preview, with its address."""
    found = {
        reverse("entrance", args=[code]): f"{prefix}entrance/",
        reverse("guide", args=[code]): f"{prefix}guide/",
        reverse("guide_answer", args=[code]): f"{prefix}answer/",
    }
    for kind in guides.KINDS:
        found[reverse("guide_printed", args=[code, kind])] = f"{prefix}{kind}/"
    return found
