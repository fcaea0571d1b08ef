"""签名: what a parent signs, the live-person check before it, and waiting for the other parent."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import segno
from allauth.socialaccount.models import SocialAccount
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import cases as actions
from yijian.actions import live_checks
from yijian.domain.arriving import awaited, filler, fillers, has_arrived
from yijian.domain.cases import CheckState
from yijian.domain.context import Context, RefusedError
from yijian.domain.journey import Page, form_pages
from yijian.domain.signing import next_signers, required_steps, valid_signatures
from yijian.domain.states import Stage
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.forms import FamilyForm
from yijian.web.applicant.naming import name_cards
from yijian.web.applicant.signed_files import (
    file_to_sign,
    offered,
    papers_to_sign,
    read_offered,
)
from yijian.web.applicant.statements import cards_of
from yijian.web.applicant.summary import sections_of
from yijian.web.applicant.values import language, phrase, role_title, worded
from yijian.web.messages.sentences import sentence
from yijian.web.pages import show
from yijian.web.rendering import SignatureDrawing, SignatureField

WAIT_SECONDS = 2
CODE = re.compile(r"[A-Za-z0-9._~+/=-]{1,200}")
PATIENCE = timedelta(seconds=60)
"""How long the page waits for the result of a live-person check before it offers another try."""


class SignatureForm(FamilyForm):
    """A signature, drawn or typed, bound to the digest of what was shown."""

    signature = SignatureField(label=_("请签名"), help_text=_("用手指写下您的全名"))
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    offered = forms.CharField(widget=forms.HiddenInput, max_length=4000, required=False)


@family_page("GET", "POST")
def sign(sitting: Sitting) -> HttpResponse:
    """Everything that is signed, the promise, and the pad, on one page."""
    if sitting.place().page is not Page.SIGN:
        return sitting.go_on()
    shown = actions.shown(
        sitting.case, sitting.role, sitting.context, now=sitting.now, language=language()
    )
    files = papers_to_sign(sitting)
    initial = {"digest": shown.digest, "offered": offered(files)}
    posted: Mapping[str, object] | None = (
        sitting.request.POST if sitting.request.method == "POST" else None
    )
    form = SignatureForm(posted, initial=initial)
    problem = ""
    if posted is not None and form.is_valid():
        try:
            _sign(sitting, form.cleaned_data)
            return sitting.go_on()
        except RefusedError as refusal:
            if refusal.code not in ("signature_missing", "signature_not_your_name"):
                problem = sentence(refusal)
                form = SignatureForm(initial=initial)
            else:
                form.add_error("signature", sentence(refusal))
    return show(
        sitting.request,
        "applicant/sign.html",
        {
            "number": sitting.number,
            "form": form,
            "problem": problem,
            "sections": sections_of(sitting, shown.sections, may_change=False),
            "promise_title": phrase(sitting.context, "commitment_title"),
            "promise": shown.text,
            "papers": cards_of(shown.papers, masked=True),
            "files": [file_to_sign(sitting, one) for one in files],
            "button": _said_by(sitting, "sign") or gettext("签名并提交"),
            "names": name_cards(sitting),
            "is_second": sitting.role not in fillers(sitting.context.pack),
            "lead": _said_by(sitting, "summary") or gettext("请再看一遍，没有错就签名。"),
            "may_change": sitting.role in fillers(sitting.context.pack),
            "change_url": sitting.url("reopen"),
        },
        status=422 if form.errors or problem else 200,
    )


def _said_by(sitting: Sitting, what: str) -> str:
    """The pack's own words for this role's signature, where others sign before or after it."""
    steps = required_steps(sitting.case, sitting.context, sitting.now)
    alone = len(steps) == 1 and steps[0].role == sitting.role
    return "" if alone else phrase(sitting.context, f"{sitting.role}_{what}")


def _sign(sitting: Sitting, given: Mapping[str, Any]) -> None:
    drawing: SignatureDrawing = given["signature"]
    actions.sign(
        by=sitting.user,
        number=sitting.number,
        digest=given["digest"],
        method="drawn" if drawing.strokes else "typed",
        strokes=drawing.strokes or drawing.typed_name,
        now=sitting.now,
        language=language(),
        documents=read_offered(given["offered"]),
        device=sitting.request.META.get("HTTP_USER_AGENT", ""),
    )


@family_page("GET", "POST")
def withdraw_signature(sitting: Sitting) -> HttpResponse:
    """Before submission a parent takes the own signature back: asked once, done once."""
    if sitting.case.stage is not Stage.SIGNING or sitting.role not in valid_signatures(
        sitting.case
    ):
        return sitting.go_on()
    if sitting.request.method == "POST":
        actions.withdraw_signature(by=sitting.user, number=sitting.number, now=sitting.now)
        messages.success(sitting.request, gettext("签名已经撤回，申请还没有提交。"))
        return sitting.go_on()
    return show(sitting.request, "applicant/withdraw_signature.html", {"number": sitting.number})


@family_page("GET")
def reopen(sitting: Sitting) -> HttpResponse:
    """Back to the answers; a change there voids what has been signed."""
    return show(
        sitting.request, "applicant/reopen.html", {"number": sitting.number, **_form_pages(sitting)}
    )


def _form_pages(sitting: Sitting) -> dict[str, object]:
    titles = {page.id: worded(page.title) for page in sitting.context.pack.pages}
    pages = form_pages(sitting.case, sitting.context, sitting.now)
    return {
        "pages": [{"url": sitting.url("form", page), "title": titles[page]} for page in pages],
        "signed": len(valid_signatures(sitting.case)),
    }


def live_check_follows(sitting: Sitting) -> bool:
    """Whether this role passes the live-person check now: to arrive, or to sign."""
    case, role = sitting.case, sitting.role
    if case.stage is Stage.DRAFT:
        return any(s.role == role and s.live_check for s in awaited(case, sitting.context))
    step = sitting.context.pack.signing_step(role)
    return case.stage is Stage.SIGNING and step is not None and step.live_check


def begin_live_check(sitting: Sitting) -> HttpResponse | None:
    """Straight to the live-person check when that is what this parent needs next; else None."""
    if not live_check_follows(sitting) or sitting.case.live_checked(sitting.role):
        return None
    account = SocialAccount.objects.filter(user_id=sitting.user.pk).first()
    url = live_checks.start_live_check(
        by=sitting.user,
        number=sitting.number,
        subject=account.uid if account else "",
        return_to=f"{settings.YIJIAN.public_url}{sitting.url('live_check_return')}",
        now=sitting.now,
    )
    return HttpResponseRedirect(url)


@family_page("GET", "POST")
def live_check(sitting: Sitting) -> HttpResponse:
    """Before the check: why and how. After it: a page that waits for the result."""
    if sitting.place().page is not Page.LIVE_CHECK:
        return sitting.go_on()
    if sitting.request.method == "POST":
        return begin_live_check(sitting) or sitting.go_on()
    check = sitting.case.live_check(sitting.role)
    asked = check is not None and check.state is CheckState.EMPTY
    waits = asked and check is not None and sitting.now - check.at < PATIENCE
    return show(
        sitting.request,
        "applicant/live_check.html",
        {
            "number": sitting.number,
            "waiting": waits,
            "not_passed": check is not None and check.state is CheckState.FAILED,
            "no_answer": asked and not waits,
            "refresh_seconds": WAIT_SECONDS,
            "lead": _live_check_lead(sitting),
            "signing": sitting.case.stage is Stage.SIGNING,
        },
    )


def _live_check_lead(sitting: Sitting) -> str:
    return _said_by(sitting, "summary") if sitting.case.stage is Stage.SIGNING else ""


@family_page("GET")
def live_check_return(sitting: Sitting) -> HttpResponse:
    """Back from the live-person check with a code; its result is asked for server to server."""
    state = sitting.request.GET.get("state", "")[:500]
    code = sitting.request.GET.get("code", "")
    if state and CODE.fullmatch(code):
        live_checks.report_live_check(
            by=sitting.user, number=sitting.number, state=state, code=code, now=sitting.now
        )
    return HttpResponseRedirect(sitting.url("live_check"))


@family_page("GET")
def waiting(sitting: Sitting) -> HttpResponse:
    """Somebody else is next: who, what they must do, and a code to hand over."""
    if sitting.place().page is not Page.WAITING_FOR_OTHER:
        return sitting.go_on()
    case, context, role = sitting.case, sitting.context, sitting.role
    has_signed = role in valid_signatures(case)
    others, todo, call = _whom_we_wait_for(sitting)
    done = has_signed or (bool(context.pack.arrivals) and has_arrived(case, role, context))
    address = case_address(sitting.number)
    return show(
        sitting.request,
        "applicant/waiting.html",
        {
            "number": sitting.number,
            "has_signed": has_signed,
            "done": done,
            "text": _waiting_text(sitting, others, has_signed),
            "others": [role_title(context, other) for other in others],
            "call": call,
            "todo": todo,
            "may_change": has_signed and role in fillers(context.pack),
            "withdraw_url": sitting.url("withdraw_signature") if has_signed else "",
            "address": address,
            "qr": qr_picture(address),
            "counter": counter_of(context),
        },
    )


def _whom_we_wait_for(sitting: Sitting) -> tuple[list[str], list[str], str]:
    """The roles that are next, what they must do in order, and the call in one word."""
    case, context = sitting.case, sitting.context
    if case.stage is Stage.SIGNING:
        steps = next_signers(case, context, sitting.now)
        checks = any(s.live_check and not case.live_checked(s.role) for s in steps)
        todo = [gettext("登录自己的账号"), gettext("看一遍填好的内容")]
        todo += [gettext("刷脸确认是本人")] * checks
        return [s.role for s in steps], [*todo, gettext("签名")], gettext("签名")
    missing = awaited(case, context)
    if missing:
        todo = [gettext("登录自己的账号"), gettext("看须知，同意取用信息")]
        todo += [gettext("刷脸确认是本人")] * missing[0].live_check
        return [missing[0].role], todo, gettext("登录")
    return [filler(case, context)], [], gettext("填写")


def _waiting_text(sitting: Sitting, others: list[str], has_signed: bool) -> str:
    """The pack's own words about who is awaited, once there is something to fill in or sign."""
    arriving = sitting.case.stage is Stage.DRAFT and awaited(sitting.case, sitting.context)
    other = others[0] if others else ""
    words = phrase(sitting.context, f"waiting_for_{other}")
    if has_signed or (words and not arriving):
        return words
    if arriving:
        return gettext("%(who)s登录以后才能往下办。您的部分已经保存，不用守着。") % {
            "who": role_title(sitting.context, other)
        }
    return gettext("轮到您的时候会发消息给您。")


def case_address(number: str) -> str:
    """The public address of a case: whoever opens it logs in and sees only what is theirs."""
    return f"{settings.YIJIAN.public_url}{reverse('case', args=[number])}"


def qr_picture(address: str) -> str:
    """The address as a code to scan, drawn on the server."""
    drawing = segno.make(address, error="m").svg_inline(omitsize=True, border=2)
    return mark_safe(drawing)  # noqa: S308  # drawn here from our own address


def counter_of(context: Context) -> dict[str, str]:
    """The service centre that does the same at a counter; empty when the directory names none."""
    office = next(iter(context.directory.of_kind("service_centre")), None)
    if office is None:
        return {}
    return {"title": worded(office.title), "phone": office.phone, "address": office.address}
