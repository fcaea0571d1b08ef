"""核验证照: what anybody may know of a certificate from its code: whether it is valid today.

Nothing about a person is said, whoever asks. A code that this node did not sign and one of a
certificate that it does not know get the same answer.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from yijian.actions import certificate_tokens, contexts
from yijian.actions.certificate_tokens import WrongTokenError
from yijian.domain.certificates import CertificateState, read_identifier
from yijian.domain.wording import Text
from yijian.records import certificates as records


@dataclass(frozen=True, slots=True)
class Verdict:
    """核验结论: the certificate as it stands today; `newer` is the version that replaced it."""

    state: CertificateState
    title: Text
    identifier: str
    version: int
    issuer: Text
    ended_at: datetime | None
    newer: str = ""


def check(text: str) -> Verdict | None:
    """What a code says today; None when it proves nothing."""
    try:
        token = certificate_tokens.read(text)
    except WrongTokenError:
        return None
    found = records.by_identifier(token.identifier)
    if found is None or found.digest != token.digest:
        return None
    if token.node != (found.received_from or settings.YIJIAN.node):
        return None
    newer = records.by_id(found.replaced_by) if found.replaced_by else None
    office = contexts.directory().office(found.office)
    return Verdict(
        state=found.state,
        title=_title(found.type),
        identifier=found.identifier,
        version=read_identifier(found.identifier).version,
        issuer=office.title if office else Text(found.office, found.office),
        ended_at=found.ended_at,
        newer=newer.identifier if newer else "",
    )


def _title(type_: str) -> Text:
    for pack in contexts.packs():
        if type_ in pack.certificates:
            return pack.certificates[type_].title
    return Text(type_, type_)
