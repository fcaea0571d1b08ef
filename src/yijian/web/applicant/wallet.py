"""证照: the children's certificates, the codes that let others fetch one, and who fetched what."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import certificate_library as actions
from yijian.actions import fetching
from yijian.actions.certificate_faces import about
from yijian.actions.certificate_library import Authorised, Wallet
from yijian.domain.certificates import CertificateState
from yijian.records import access
from yijian.records.certificate_grants import Grant
from yijian.records.certificates import Standing
from yijian.web.applicant.documents import row_of
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.entering import baby_names
from yijian.web.applicant.values import shown_moment, worded
from yijian.web.pages import go, show

TAGS = {
    CertificateState.VALID: (_("有效"), "good"),
    CertificateState.REPLACED: (_("已换发"), "warn"),
    CertificateState.REVOKED: (_("已注销"), "bad"),
}
WHAT = {actions.DATA: _("数据"), actions.FILE: _("文件")}


@family_page("GET", "POST")
def wallet(sitting: Sitting) -> HttpResponse:
    """The certificates; a new code is shown once, in the answer to the very request."""
    made: Authorised | None = None
    if sitting.request.method == "POST":
        try:
            if "withdraw" in sitting.request.POST:
                return _withdrawn(sitting)
            made = actions.authorise(
                by=sitting.user,
                number=sitting.number,
                certificate_id=_identifier(sitting.request.POST.get("certificate", "")),
                purpose=sitting.request.POST.get("purpose", "")[: actions.LONGEST_PURPOSE + 1],
                now=sitting.now,
            )
        except access.Refused:
            raise Http404 from None
    found = actions.wallet(by=sitting.user, number=sitting.number, now=sitting.now)
    return show(sitting.request, "applicant/wallet.html", _shown(sitting, found, made))


def _withdrawn(sitting: Sitting) -> HttpResponse:
    grant = _identifier(sitting.request.POST.get("withdraw", ""))
    if not actions.withdraw(
        by=sitting.user, number=sitting.number, grant_id=grant, now=sitting.now
    ):
        raise Http404
    messages.success(sitting.request, gettext("授权码已经收回，马上失效。"))
    return go(sitting.url("wallet"))


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _shown(sitting: Sitting, found: Wallet, made: Authorised | None) -> dict[str, object]:
    newest = [one for one in found.certificates if one.state is not CertificateState.REPLACED]
    titles = {one.id: _title(sitting, one) for one in found.certificates}
    directory = sitting.context.directory
    partners = {o.participant: worded(o.title) for o in directory.offices if o.participant}
    return {
        "number": sitting.number,
        "certificates": [_card(sitting, one, found) for one in newest],
        "code": made.code if made else "",
        "until": shown_moment(made.until) if made else "",
        "minutes": int(actions.LASTS.total_seconds() // 60),
        "longest": actions.LONGEST_PURPOSE,
        "grants": [_grant(one, titles, sitting) for one in found.grants if one.holds(sitting.now)],
        "retrievals": [
            {
                "at": shown_moment(one.at),
                "who": partners.get(one.partner, one.partner),
                "title": titles.get(one.certificate_id, "") if one.certificate_id else "",
                "what": str(WHAT.get(one.what, "")),
                "purpose": one.purpose,
            }
            for one in found.retrievals
        ],
    }


def _title(sitting: Sitting, one: Standing) -> str:
    type_ = sitting.context.pack.certificates.get(one.type)
    return worded(type_.title) if type_ else one.type


def _card(sitting: Sitting, one: Standing, found: Wallet) -> dict[str, object]:
    tag, tone = TAGS[one.state]
    names = baby_names(sitting.case)
    office = sitting.context.directory.office(one.office)
    stem = about(one.identifier, "")
    faces = fetching.for_family([face for face in found.faces if face.about.startswith(stem)])
    return {
        "id": str(one.id),
        "title": _title(sitting, one),
        "child": names[one.newborn - 1] if 0 < one.newborn <= len(names) else "",
        "tag": str(tag),
        "tone": tone,
        "valid": one.state is CertificateState.VALID,
        "identifier": one.identifier,
        "version": one.version,
        "issuer": worded(office.title) if office else found.issuers.get(one.id, ""),
        "issued": shown_moment(one.issued_at),
        "faces": [row_of(sitting, face) for face in faces],
    }


def _grant(one: Grant, titles: dict[UUID, str], sitting: Sitting) -> dict[str, str]:
    return {
        "id": str(one.id),
        "title": titles.get(one.certificate_id, ""),
        "purpose": one.purpose,
        "until": shown_moment(one.expires_at),
        "used": one.used_by,
    }
