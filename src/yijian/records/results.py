"""办理结果: the certificates of many cases opened at once, and who took them out."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from yijian.domain.certificates import Certificate, certificate_of
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.mapping import LoadedCase
from yijian.records.models import AccessEntry, CertificateRow


def certificates_of(cases: Iterable[LoadedCase]) -> Mapping[UUID, Mapping[str, Certificate]]:
    """Every version of every certificate of these cases, by case and id; one statement.

    Those of a forgotten case are left out. Errors: SealBroken.
    """
    keys = {one.id: one.key for one in cases if one.key is not None}
    rows = CertificateRow.objects.filter(
        case_id__in=list(keys), identifier__isnull=False, sealed__isnull=False
    )
    found: dict[UUID, dict[str, Certificate]] = {}
    for row in rows.order_by("case_id", "id"):
        where = crypto.place("certificate", "sealed", row.id)
        content = crypto.open_document(keys[row.case_id], bytes(row.sealed or b""), where)
        assert isinstance(content, Mapping)
        made = certificate_of(str(row.id), content)
        found.setdefault(row.case_id, {})[made.id] = made
    return found


def note_export(*, by: str, cases: Collection[UUID], purpose: str, now: datetime) -> None:
    """Record that an operator has taken the data of many cases out; one statement."""
    AccessEntry.objects.bulk_create(
        AccessEntry(
            id=new_id(), at=now, staff=by, office="", what="export", case_id=case_id,
            purpose=purpose, shown=True,
        )
        for case_id in cases
    )  # fmt: skip
