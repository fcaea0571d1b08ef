"""本节点的登记数据: what this node itself can answer when a partner asks one of its registers.

Only an exact number together with the name it belongs to finds anybody. What is returned has the
shape of the published register, before the partner's rights cut it down.
"""

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from yijian.actions import contexts
from yijian.domain.certificates import CertificateState, content_of
from yijian.domain.clocks import local_day
from yijian.domain.numbers import normal_id_number
from yijian.gateways.registers.reading import normal_text
from yijian.records import cases as case_records
from yijian.records import certificates, deliveries, documents
from yijian.records.certificates import Opened, Standing
from yijian.records.mapping import value_of

Question = Mapping[str, str]


def known_here(register: str, question: Question) -> object | None:
    """What this node has itself; None when it knows nothing."""
    return _KNOWN[register](question) if register in _KNOWN else None


def same_name(one: object, other: object) -> bool:
    """Whether two names are the same as registers write them."""
    return (
        isinstance(one, str) and isinstance(other, str) and normal_text(one) == normal_text(other)
    )


def _delivery(question: Question) -> object | None:
    found = [
        dict(own.document)
        for own in deliveries.of_mother(question["mother_id_number"])
        if own.recorded_at is not None
        and same_name(own.document.get("mother", {}).get("name"), question["name"])
    ]
    return found or None


def _institution(question: Question) -> object | None:
    office = contexts.directory().office(question["institution_code"])
    # Other offices are nobody's register.
    if office is None or office.kind not in _kinds_of_institutions():
        return None
    return {
        "code": office.code,
        "name": office.title.zh,
        "division": office.division,
        "address": office.address,
        "phone": office.phone,
        "issues_certificates": office.issues_certificates,
        "hands_over_to": office.hands_over_to,
    }


def _kinds_of_institutions() -> frozenset[str]:
    """The kinds of office to which a delivery record leads by the institution that it names."""
    items = (item for pack in contexts.packs() for item in pack.items.values())
    return frozenset(item.office_kind for item in items if item.office_fact == "institution_code")


def _citizen(question: Question) -> object | None:
    """The citizen's number that the child with this certificate was given."""
    number = question["certificate_number"]
    types = {t.id for pack in contexts.packs() for t in pack.certificates.values() if t.number}
    for standing in filter(None, (certificates.by_number(one, number) for one in sorted(types))):
        loaded = next(iter(case_records.read(ids=[standing.case_id])), None)
        if loaded is None or loaded.key is None or standing.state is not CertificateState.VALID:
            continue
        case, newborn = loaded.case, standing.newborn
        type_ = contexts.context_of(case).pack.certificates[standing.type]
        name = value_of(case, type_.holder_name, newborn)
        given = value_of(case, type_.holder_number, newborn)
        if given is None or not same_name(name, question["name"]):
            continue
        born_at = value_of(case, "newborn_born_at", newborn)
        return {
            "name": name,
            "id_number": given,
            "sex": value_of(case, "newborn_sex", newborn),
            "birth_date": local_day(born_at).isoformat() if isinstance(born_at, datetime) else None,
            "certificate_number": number,
        }
    return None


def _certificate(question: Question) -> object | None:
    holder = normal_id_number(question["holder_id_number"])
    standing = certificates.by_holder(holder, question["type"])
    if standing is None or standing.state is not CertificateState.VALID:
        return None
    opened = certificates.opened(standing, holder_number=holder)
    if opened is None or not same_name(opened.certificate.holder.name, question["name"]):
        return None
    made = opened.certificate
    return {
        "identifier": standing.identifier,
        "number": made.number,
        "type": standing.type,
        "issued_on": local_day(standing.issued_at).isoformat(),
        "valid_until": None,
        "issuer": made.issuer.name,
        "data": {**content_of(made), "holder_id_number": holder},
        "file": _file(standing, opened),
    }


def _file(standing: Standing, opened: Opened) -> dict[str, Any] | None:
    """The first face that has been set as PDF."""
    about = f"certificate:{standing.identifier.rsplit('.', 2)[0]}:"
    for one in documents.of_case(standing.case_id):
        if one.about.startswith(about) and "pdf" in one.formats and one.replaced_at is None:
            data = documents.file_of(key=opened.key, document_id=one.id, format="pdf")
            if data is not None:
                text = base64.b64encode(data).decode()
                name = f"{standing.type}.pdf"
                return {"name": name, "media_type": "application/pdf", "base64": text}
    return None


_KNOWN: Mapping[str, Callable[[Question], object | None]] = {
    "delivery": _delivery,
    "institution": _institution,
    "citizen_id": _citizen,
    "certificates": _certificate,
}
