"""证照: what an office sees of certificates, and how the issuer replaces or revokes its own."""

from collections.abc import Iterable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import certificate_endings as actions
from yijian.actions import contexts, fetched_certificates
from yijian.actions.certificates import references_of
from yijian.domain import issuing
from yijian.domain.cases import Case
from yijian.domain.certificates import CertificateReference, CertificateState
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import TaskKey
from yijian.records import certificate_endings, certificates, people
from yijian.records.certificate_endings import REPLACE, REVOKE, Ending
from yijian.records.certificates import Opened
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_moment, worded
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.messages.sentences import sentence

TAGS = {
    CertificateState.VALID: (_("有效"), "good"),
    CertificateState.REPLACED: (_("已换发"), "warn"),
    CertificateState.REVOKED: (_("已注销"), "bad"),
}
KINDS = {REPLACE: _("换发"), REVOKE: _("注销")}
REASONS = {
    "wrong_content": _("内容有误"),
    "paper_lost": _("纸质证件遗失"),
    "paper_damaged": _("纸质证件损坏"),
    "issued_by_mistake": _("错误签发"),
    "other": _("其他（请写明）"),
}
ROLES = {"mother": _("妈妈"), "father": _("爸爸")}
ENDINGS = {"application/pdf": "pdf", "application/ofd": "ofd"}


class EndingForm(DeskForm):
    """What is to become of a certificate, and why."""

    kind = forms.ChoiceField(label=_("怎么处理"), choices=list(KINDS.items()))
    reason = forms.ChoiceField(label=_("理由"), choices=list(REASONS.items()))
    text = forms.CharField(
        label=_("说明"), required=False, max_length=actions.LONGEST_TEXT,
        help_text=_("选“其他”时必填"),
    )  # fmt: skip
    number = forms.CharField(
        label=_("新编号"), required=False, max_length=40,
        help_text=_("换发并换了一张纸的，填新纸的编号；编号不变就不填"),
    )  # fmt: skip


def shown_on(case: Case, key: TaskKey, context: Context, task_id: UUID) -> list[dict[str, object]]:
    """The certificates that stand for paper at one task, and the task's own."""
    case_id = UUID(case.id)
    known = references_of([(case_id, context)])[case_id]
    item = context.pack.items[key[0]]
    found = issuing.for_item(known, item, key[1], context.pack)
    own = [one for one in known if one.source == key[0] and one.newborn == key[1]]
    rows = [_row(one, task_id) for one in found]
    return rows + [_row(one, task_id) | {"url": _page_of(one)} for one in own]


def _row(one: CertificateReference, task_id: UUID) -> dict[str, object]:
    tag, tone = TAGS[one.state]
    file = reverse("desk_certificate_file", args=[task_id, one.id]) if one.role else ""
    return {
        "title": worded(one.title),
        "whose": str(ROLES.get(one.role, "")),
        "identifier": one.identifier,
        "version": one.version,
        "tag": str(tag),
        "tone": tone,
        "digest": one.digest[:16],
        "receipt": one.receipt,
        "file": file,
    }


def _page_of(one: CertificateReference) -> str:
    return reverse("desk_certificate", args=[one.id])


@desk_page("GET")
def file(desk: Desk, task_id: UUID, certificate_id: UUID) -> HttpResponse:
    """The file of a parent's certificate that a register gave; the look is in the access log."""
    found, data = fetched_certificates.file_for_task(
        by=desk.user, task_id=task_id, certificate_id=certificate_id, now=desk.now
    )
    response = HttpResponse(data, content_type=found.media_type)
    name = f"{found.type}.{ENDINGS[found.media_type]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@desk_page("GET", roles=(StaffRole.CLERK,))
def overview(desk: Desk) -> HttpResponse:
    """What waits for a second person at this office."""
    office = desk.visitor.office or ""
    waiting = [
        {
            "url": reverse("desk_certificate", args=[identifier]),
            "kind": str(KINDS[kind]),
            "own": asked_by == desk.visitor.staff,
            "at": shown_moment(at),
        }
        for identifier, kind, asked_by, at in certificate_endings.to_confirm(office)
    ]
    return desk.page("desk/certificates.html", {"waiting": waiting}, current="certificates")


@desk_page("GET", "POST", roles=(StaffRole.CLERK,))
def certificate(desk: Desk, certificate_id: UUID) -> HttpResponse:
    """One certificate of this office: what it says, its versions, and how it is ended."""
    form = EndingForm(desk.request.POST if desk.request.POST.get("do") == "ask" else None)
    if desk.request.method == "POST":
        try:
            if _done(desk, certificate_id, form):
                return HttpResponseRedirect(reverse("desk_certificate", args=[certificate_id]))
        except RefusedError as refusal:
            messages.error(desk.request, sentence(refusal))
    opened, asked = actions.look(by=desk.user, certificate_id=certificate_id, now=desk.now)
    return desk.page(
        "desk/certificate.html", _shown(desk, opened, asked, form), current="certificates"
    )


def _done(desk: Desk, certificate_id: UUID, form: EndingForm) -> bool:
    do = desk.request.POST.get("do")
    if do == "confirm":
        actions.confirm(by=desk.user, certificate_id=certificate_id, now=desk.now)
        messages.success(desk.request, gettext("已经生效，家庭和有关机构看到的状态已经更新。"))
    elif do == "drop":
        actions.drop(by=desk.user, certificate_id=certificate_id, now=desk.now)
        messages.success(desk.request, gettext("已经取消，证照仍然有效。"))
    elif not form.is_valid():
        return False
    else:
        given = form.cleaned_data
        actions.ask(
            by=desk.user,
            certificate_id=certificate_id,
            kind=given["kind"],
            reason=given["reason"],
            text=given["text"],
            number=given.get("number", ""),
            now=desk.now,
        )
        messages.success(desk.request, gettext("已经提交，请另一位同事复核后生效。"))
    return True


def _shown(desk: Desk, opened: Opened, asked: Ending | None, form: EndingForm) -> dict[str, object]:
    standing = opened.standing
    tag, tone = TAGS[standing.state]
    same = certificates.of_cases([standing.case_id]).get(standing.case_id, [])
    kin = [s for s in same if (s.type, s.newborn) == (standing.type, standing.newborn)]
    valid = standing.state is CertificateState.VALID
    if not opened.certificate.number:
        del form.fields["number"]
    return {
        "title": opened.certificate.title,
        "tag": str(tag),
        "tone": tone,
        "identifier": standing.identifier,
        "rows": list(_values(opened)),
        "versions": [
            {
                "version": one.version,
                "tag": str(TAGS[one.state][0]),
                "at": shown_moment(one.issued_at),
                "url": reverse("desk_certificate", args=[one.id]) if one != standing else "",
            }
            for one in kin
        ],
        "asked": _asked(desk, asked) if asked else None,
        "form": form if valid and asked is None else None,
        "errors": [form] if form.is_bound and form.errors else [],
    }


def _values(opened: Opened) -> Iterable[dict[str, str]]:
    pack = next((p for p in contexts.packs() if opened.standing.type in p.certificates), None)
    for name, value in opened.certificate.shown.items():
        label = name
        if pack is not None:
            type_ = pack.certificates[opened.standing.type]
            label = worded(issuing.label_of(pack, type_, name))
        yield {"label": label, "value": value}


def _asked(desk: Desk, asked: Ending) -> dict[str, object]:
    return {
        "kind": str(KINDS[asked.kind]),
        "reason": str(REASONS.get(asked.reason, "")),
        "text": asked.said.get("text", ""),
        "number": asked.said.get("number", ""),
        "at": shown_moment(asked.asked_at),
        "own": asked.asked_by == people.visitor(desk.user).staff,
    }
