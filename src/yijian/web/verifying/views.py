"""公开核验: anybody checks a certificate's code, or a file with its seals. No login, no script.

A code holds nothing personal, so it may stand in an address. A file is examined and forgotten.
"""

from asn1crypto import pem
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from yijian.actions import certificate_checks, certificate_tokens
from yijian.actions.certificate_checks import Verdict
from yijian.documents.examining import Complaint, Examination, Kind, Trusted, examine
from yijian.domain.certificates import CertificateState
from yijian.records import journal
from yijian.web.applicant.values import shown_moment, worded
from yijian.web.pages import show

LARGEST_FILE = 10 * 1024 * 1024
SAYS = {
    CertificateState.VALID: (_("有效"), _("这张电子证照由本平台签发，今天有效。"), "good"),
    CertificateState.REPLACED: (_("已换发"), _("这张电子证照已经换发，请看新的版本。"), "warn"),
    CertificateState.REVOKED: (_("已注销"), _("这张电子证照已经注销，不能再用。"), "bad"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The code in the address or typed in, or the file that was sent."""
    file = request.FILES.get("file")
    token = (request.POST.get("token") or request.GET.get("token") or "").strip()
    context: dict[str, object] = {"token": token[: certificate_tokens.LONGEST]}
    if isinstance(file, UploadedFile):
        context |= _of_file(file)
    elif token:
        context |= _of_token(token)
    elif request.method == "POST":
        context["fault"] = gettext("请粘贴核验码，或者选择一个文件。")
    return show(request, "verifying/verify.html", context)


def _of_token(token: str) -> dict[str, object]:
    verdict = certificate_checks.check(token)
    return {"unknown": True} if verdict is None else {"verdict": _told(verdict)}


def _told(verdict: Verdict) -> dict[str, object]:
    tag, sentence, tone = SAYS[verdict.state]
    return {
        "tag": tag,
        "sentence": sentence,
        "tone": tone,
        "title": worded(verdict.title),
        "identifier": verdict.identifier,
        "version": verdict.version,
        "issuer": worded(verdict.issuer),
        "ended": shown_moment(verdict.ended_at) if verdict.ended_at else "",
        "newer": verdict.newer,
    }


def _of_file(file: "UploadedFile[bytes]") -> dict[str, object]:
    if file.size is None or file.size > LARGEST_FILE:
        return {"fault": gettext("文件太大，最多 10 MB。")}
    found = examine(file.read(), trusted=trusted())
    if found.kind is Kind.UNKNOWN:
        return {"fault": gettext("只能核验 PDF、OFD 文件和档案包。")}
    return {"examined": _examined(found)}


def _examined(found: Examination) -> dict[str, object]:
    return {
        "sound": found.is_sound,
        "kind": found.kind.value,
        "seals": [
            {
                "signer": seal.signer,
                "at": shown_moment(seal.signed_at) if seal.signed_at else "",
                "test": seal.is_test,
            }
            for seal in found.seals
        ],
        "complaints": [_said(each) for each in found.complaints],
    }


def _said(complaint: Complaint) -> str:
    english = (get_language() or "").startswith("en") and complaint.says_en
    return complaint.says_en if english else complaint.says


def trusted() -> Trusted:
    """The authorities of seals that this node believes, and its own keys."""
    authorities = [
        pem.unarmor(path.read_bytes())[2]
        for path in sorted(settings.YIJIAN.seals_folder.glob("authority-*.pem"))
    ]
    keys = {
        journal.fingerprint(key): key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        for key in certificate_tokens.public_keys()
    }
    return Trusted(authorities, keys)
