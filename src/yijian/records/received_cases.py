"""转来的办件 and their people: whoever stands in a case of another node may learn where its page is.

Nobody is a party of a received case; its people are found by the blind index of what was sent.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from yijian.records import crypto
from yijian.records.models import CaseRow, Partner

NODE = "node"


def found_by(id_number: str) -> list[UUID]:
    """The received cases in which this ID number stands, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT c.id FROM lookup l JOIN "case" c ON c.id = l.case_id'
            " WHERE l.digest = %s AND l.purpose = 'id_number' AND c.origin <> ''"
            " ORDER BY c.id DESC LIMIT 20",
            [crypto.blind_index("id_number", id_number)],
        )
        return [identifier for (identifier,) in cursor.fetchall()]


def latest_origin(pack: str) -> str | None:
    """The node from which the last case under this pack came."""
    rows = CaseRow.objects.filter(pack=pack).exclude(origin="").order_by("-id")
    return rows.values_list("origin", flat=True).first()


def nodes(codes: Iterable[str] | None = None) -> list[Partner]:
    """The other nodes that are known here, by their codes."""
    rows = Partner.objects.filter(kind=NODE, active=True).exclude(endpoint="")
    if codes is not None:
        rows = rows.filter(code__in=list(codes))
    return list(rows.order_by("code"))
