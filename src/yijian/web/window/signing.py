"""读回、签名: everything is read back to the family, then each signs on the tablet or on paper."""

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext

from yijian.actions import cases, materials, window_filling
from yijian.actions.fetching import WINDOW
from yijian.actions.materials import SHEET
from yijian.actions.signing import to_sign
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import RefusedError
from yijian.domain.signing import next_signers, required_steps, valid_signatures
from yijian.domain.states import Stage
from yijian.records import window as records
from yijian.web.applicant.signed_files import described, offered, read_offered
from yijian.web.applicant.statements import cards_of
from yijian.web.applicant.summary import sections_of
from yijian.web.applicant.values import (
    document_title,
    language,
    phrase,
    role_title,
    shown_moment,
    worded,
)
from yijian.web.desk.forms import DeskForm
from yijian.web.files.links import links
from yijian.web.rendering import STROKES_MAX_LENGTH, SignatureDrawing, SignatureField
from yijian.web.window.bringing import page_link
from yijian.web.window.doors import Sitting, window_page
from yijian.web.window.sentences import sentence


class WindowSignature(DeskForm):
    """Which role signs, how, and what it was shown."""

    role = forms.CharField(max_length=40)
    digest = forms.CharField(max_length=64)
    offered = forms.CharField(max_length=4000, required=False)
    method = forms.ChoiceField(choices=[("tablet", "tablet"), ("paper", "paper")])
    strokes = forms.CharField(max_length=STROKES_MAX_LENGTH, required=False, strip=False)

    def clean_strokes(self) -> str:
        """A drawing with enough points to be a name; "" for none."""
        strokes = str(self.cleaned_data.get("strokes") or "")
        if not strokes:
            return ""
        drawn = SignatureField(label="").clean([strokes, ""])
        return drawn.strokes if isinstance(drawn, SignatureDrawing) else ""


@window_page("GET", "POST")
def sign(sitting: Sitting) -> HttpResponse:
    """What is read back; then the pads of those whose turn it is, with the sheet for paper."""
    if sitting.next_step() != "sign":
        return sitting.go_on()
    problem = _act(sitting) if sitting.posted else ""
    if sitting.posted and not problem:
        return sitting.go_on()
    case, context, now = sitting.case, sitting.context, sitting.now
    signing = case.stage is Stage.SIGNING
    valid = valid_signatures(case)
    return sitting.page(
        "window/sign.html",
        {
            "problem": problem,
            "signing": signing,
            "sections": sections_of(sitting.as_family(case.applicant), may_change=False),
            "signed": [
                {
                    "role": step.role,
                    "who": role_title(context, step.role),
                    "at": shown_moment(case.signatures[step.role].at),
                    "paper": case.signatures[step.role].method == "paper",
                }
                for step in required_steps(case, context, now)
                if step.role in valid
            ],
            "signers": [_signer(sitting, step.role) for step in next_signers(case, context, now)]
            if signing
            else [],
            "promise_title": phrase(context, "commitment_title"),
            "form_url": sitting.url("form"),
            "print_url": sitting.url("print", "form"),
        },
        step="sign",
        status=422 if problem else 200,
    )


def _act(sitting: Sitting) -> str:
    """Open the signing, or take one signature; the sentence when that did not go."""
    posted = sitting.desk.request.POST
    try:
        if posted.get("do") == "open":
            window_filling.open_signing(by=sitting.user, number=sitting.number, now=sitting.now)
            return ""
        if posted.get("do") == "withdraw":
            window_filling.withdraw_signature(
                by=sitting.user,
                number=sitting.number,
                role=posted.get("role", "")[:40],
                now=sitting.now,
            )
            return ""
        form = WindowSignature(posted)
        if not form.is_valid():
            return next((str(said) for errors in form.errors.values() for said in errors), "")
        given = form.cleaned_data
        window_filling.sign(
            by=sitting.user,
            number=sitting.number,
            role=given["role"],
            digest=given["digest"],
            method=given["method"],
            strokes=given["strokes"] if given["method"] == "tablet" else "",
            now=sitting.now,
            language=language(),
            documents=read_offered(given["offered"]),
            device=sitting.desk.request.META.get("HTTP_USER_AGENT", ""),
        )
    except RefusedError as refusal:
        return sentence(refusal, sitting.context)
    return ""


def _signer(sitting: Sitting, role: str) -> dict[str, object]:
    case, context = sitting.case, sitting.context
    shown = cases.shown(case, role, context, sitting.now, language())
    files = to_sign(case, role, context, sitting.opened.loaded.key, sitting.now)
    seen = records.sightings(case_id=sitting.opened.loaded.id).get(role)
    pages = materials.signed_sheets(case).get(role, [])
    return {
        "role": role,
        "title": role_title(context, role),
        "digest": shown.digest,
        "check_code": shown.digest[:12].upper(),
        "text": shown.text,
        "papers": cards_of(shown.papers),
        "offered": offered(files),
        "files": [
            {
                **described(one),
                "title": document_title(context, one.document),
                "files": links(
                    sitting.user, one.document, WINDOW, sitting.number, sitting.url("sign")
                ),
            }
            for one in files
        ],
        "present": bool(seen and seen.present),
        "sheet": SHEET + role,
        "print_url": sitting.url("print", f"sheet-{role}"),
        "pages": [page_link(sitting, page) for page in pages],
    }


def signature_lines(sitting: Sitting, roles: tuple[str, ...]) -> list[dict[str, object]]:
    """The lines at the foot of a printed sheet: drawn already, or room to sign."""
    case, valid = sitting.case, valid_signatures(sitting.case)
    lines: list[dict[str, object]] = []
    for role in roles:
        drawn = case.drawings.get(role, "") if role in valid else ""
        at = case.signatures[role].at.astimezone(SHANGHAI) if role in valid else None
        lines.append(
            {
                "who": role_title(sitting.context, role),
                "drawing": SignatureDrawing(drawn, "").svg() if drawn else "",
                "at": f"{at:%Y-%m-%d %H:%M}" if at else "",
            }
        )
    return lines


def check_words(code: str) -> str:
    """What ties a printed sheet to the form it was printed from."""
    return gettext("内容校验码 %(code)s") % {"code": code}


def scheme_title(sitting: Sitting) -> str:
    """What the joint service is called."""
    return worded(sitting.context.pack.service_title)
