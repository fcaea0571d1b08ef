"""进门: my cases, the user notice before a new case, and the user notice of the second parent."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from yijian.actions import cases as actions
from yijian.actions import received
from yijian.actions.contexts import NoPackError, codes, context_of, current_context
from yijian.actions.neighbours import neighbour
from yijian.domain.applying import OPEN_STAGES
from yijian.domain.cases import Case
from yijian.domain.clocks import local_day
from yijian.domain.context import Context, RefusedError
from yijian.domain.journey import Page
from yijian.domain.states import Stage
from yijian.records import access, queries
from yijian.web.applicant.choosing import asks_here
from yijian.web.applicant.doors import Sitting, family_page, where
from yijian.web.applicant.progress import count_of
from yijian.web.applicant.signing import begin_live_check, live_check_follows
from yijian.web.applicant.values import phrase, shown_day, worded
from yijian.web.messages.sentences import sentence
from yijian.web.pages import go, show


@dataclass(frozen=True, slots=True)
class CaseCard:
    """One of a parent's cases on the list: its title, where it stands, and what to press."""

    url: str
    number: str
    title: str
    state: str
    button: str
    open: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A case of another node on the list: what is done here, and where its page is."""

    url: str
    number: str
    title: str
    state: str
    node: str


@require_safe
def my_cases(request: HttpRequest) -> HttpResponse:
    """Every case of this parent, the open one first."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    cards = [_card(held.case, held.role) for held in access.cases_of(by=request.user)]
    cards.sort(key=lambda card: not card.open)
    has_draft = any(card.open for card in cards)
    scheme = request.GET.get("scheme", "")
    new = reverse("entrance", args=[scheme]) if scheme in codes() else reverse("start")
    return show(
        request,
        "applicant/my_cases.html",
        {
            "cards": cards,
            "elsewhere": _elsewhere(request),
            "may_start": not has_draft,
            "new_url": new,
        },
    )


def _elsewhere(request: HttpRequest) -> list[Line]:
    """Cases of other nodes in which this parent stands: one line each, and where their page is."""
    lines = []
    for case in received.cases_of(by=request.user):
        there = neighbour(case.origin)
        if there is None:
            continue
        done, total = count_of(case, context_of(case))
        page = there.page(reverse("case", args=[case.number]))
        lines.append(
            Line(
                url=f"{page}?from={settings.YIJIAN.node}",
                number=case.number,
                title=gettext("、").join(baby_names(case)) or gettext("还没有取名的宝宝"),
                state=gettext("本地办理 %(total)s 项，已办好 %(done)s 项")
                % {"total": total, "done": done},
                node=worded(there.title),
            )
        )
    return lines


def _card(case: Case, role: str) -> CaseCard:
    context = context_of(case)
    names = baby_names(case)
    title = gettext("、").join(names) if names else gettext("还没有取名的宝宝")
    url = reverse("case", args=[case.number])
    if case.stage is Stage.WITHDRAWN:
        return CaseCard(url, case.number, title, gettext("已撤回"), gettext("查看"), open=False)
    if case.stage in (Stage.SUBMITTED, Stage.CLOSED):
        done, total = count_of(case, context)
        state = gettext("%(total)s 项中已办好 %(done)s 项") % {"total": total, "done": done}
        open_ = case.stage is Stage.SUBMITTED
        return CaseCard(url, case.number, title, state, gettext("查看进度"), open=open_)
    if case.stage is Stage.SIGNING:
        button = gettext("去签名") if role not in case.signatures else gettext("查看")
        return CaseCard(url, case.number, title, gettext("等待签名"), button, open=True)
    started = gettext("%(day)s开始填写") % {"day": shown_day(local_day(case.started_at))}
    return CaseCard(url, case.number, title, started, gettext("接着填"), open=True)


def baby_names(case: Case) -> list[str]:
    """The newborns' names, as far as they have been given."""
    known = sorted(
        (subject, str(fact.value))
        for (name, subject), fact in case.answers.items()
        if name == "newborn_name" and fact.value
    )
    return [name for _, name in known]


@require_http_methods(["GET", "HEAD", "POST"])
def new_case(request: HttpRequest) -> HttpResponse:
    """The user notice; agreeing opens the case. Whoever has an open case is led to it."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    for line in queries.my_cases(by=request.user):
        if Stage(line.stage) in OPEN_STAGES:
            return go(reverse("case", args=[line.number]))
    scheme = request.GET.get("scheme") or None
    if scheme is None and len(codes()) > 1:
        return go(reverse("start"))
    try:
        context = current_context(scheme)
    except NoPackError:
        return go(reverse("start"))
    if request.method != "POST":
        return show(request, "applicant/notice.html", notice_texts(context))
    now = timezone.now()
    try:
        number = actions.open_case(by=request.user, pack=context.pack.code, now=now)
        actions.agree_to_notice(by=request.user, number=number, now=now)
    except RefusedError as refusal:
        texts = notice_texts(context) | {"refusal": sentence(refusal, context)}
        return show(request, "applicant/notice.html", texts, status=409)
    return go(reverse("case", args=[number]))


def notice_texts(context: Context) -> dict[str, object]:
    """The three texts of the notice page and the words on its button."""
    names = ("user_notice", "data_notice", "child_data_notice")
    texts = [
        {"title": phrase(context, f"{name}_title"), "text": phrase(context, name)} for name in names
    ]
    return {"texts": [text for text in texts if text["text"]], "pack": context.pack}


@family_page("GET", "POST")
def notice(sitting: Sitting) -> HttpResponse:
    """The same notice for the second parent; agreeing leads straight to the face check."""
    if sitting.request.method == "POST":
        actions.agree_to_notice(by=sitting.user, number=sitting.number, now=sitting.now)
        return begin_live_check(sitting) or sitting.go_on()
    if sitting.place().page is not Page.NOTICE:
        return sitting.go_on()
    context = notice_texts(sitting.context)
    follows = live_check_follows(sitting)
    context["live_check_follows"] = follows
    signs = follows and sitting.case.stage is Stage.SIGNING
    context["lead"] = phrase(sitting.context, f"{sitting.role}_summary") if signs else ""
    return show(sitting.request, "applicant/notice.html", context)


@family_page("GET")
def case_home(sitting: Sitting) -> HttpResponse:
    """No page of its own: leads to the one this parent needs next."""
    if asks_here(sitting):
        return HttpResponseRedirect(sitting.url("scheme"))
    return HttpResponseRedirect(where(sitting))
