"""办件归集表: the six collection tables with their columns, and what a day changed in their rows.

How a case becomes rows is in `national_rows`. A row has the same key at every node and on every
day, so that a repeated export says the same.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

_COLLECTED = ("cd_operation", "cd_batch", "cd_time", "data_source")
ACCEPT, PROCESS, RESULT = "UP_PRO_ACCEPT", "UP_PRO_PROCESS", "UP_PRO_RESULT"
SPECIAL, MATERIAL, LICENCE = "UP_PRO_SPECIAL_PROCEDURE", "UP_PRO_MATERIAL", "UP_LIC_DATA"

TABLES: Mapping[str, tuple[str, ...]] = {
    ACCEPT: (
        "row_guid", "project_no", "catalog_code", "task_code", "task_handle_item", "task_name",
        "task_version", "org_name", "org_code", "project_name", "project_type", "applyer_name",
        "applyer_page_type", "applyer_page_code", "applyer_type", "contact_name",
        "contact_mobile", "legal", "apply_type", "apply_date", "accept_date", "accept_doc_no",
        "promise_date", "address", "zip_code", "handle_user_name", *_COLLECTED,
    ),
    PROCESS: (
        "row_guid", "project_no", "process_name", "event_name", "event_start_time",
        "event_end_time", "handle_user_name", "handle_explain", *_COLLECTED,
    ),
    RESULT: (
        "row_guid", "project_no", "result_date", "result_type", "result_explain",
        "result_cetr_name", "result_cetr_no", "is_delivery_results", "satisfaction",
        "handle_user_name", *_COLLECTED,
    ),
    SPECIAL: (
        "row_guid", "project_no", "special_type", "special_name", "special_time",
        "special_reason", "special_end_time", "special_result", "special_explain", *_COLLECTED,
    ),
    MATERIAL: (
        "row_guid", "project_no", "material_name", "get_type", "get_num",
        "material_attach_name", *_COLLECTED,
    ),
    LICENCE: (
        "row_guid", "project_no", "license_name", "license_type_code", "license_number",
        "license_identifier", "holder_name", "holder_code", "holder_code_type",
        "issuing_org_name", "issuing_org_code", "issue_date", "valid_begin_date",
        "valid_end_date", "division_code", "license_status", "related_identifier",
        "content_digest", *_COLLECTED,
    ),
}  # fmt: skip
"""The columns of each table, in order."""


class Operation(StrEnum):
    """数据操作: what the receiver does with a row."""

    INSERT = "I"
    UPDATE = "U"
    DELETE = "D"


@dataclass(frozen=True, slots=True)
class TableRow:
    """归集表的一行: its table and key, the values, and a mark that changes when they did."""

    table: str
    guid: str
    values: Mapping[str, str] = field(repr=False)
    mark: tuple[object, ...] = ()


def changed(
    before: Iterable[TableRow], after: Iterable[TableRow]
) -> Iterator[tuple[Operation, TableRow]]:
    """What became of each row, in the order of the tables; a deleted row keeps its last values."""
    then = {(row.table, row.guid): row for row in before}
    now = {(row.table, row.guid): row for row in after}
    for place, row in now.items():
        known = then.get(place)
        if known is None:
            yield Operation.INSERT, row
        elif known != row:
            yield Operation.UPDATE, row
    for place, row in then.items():
        if place not in now:
            yield Operation.DELETE, row


def row_key(*parts: object) -> str:
    """A key that follows from what the row is about, the same at every node and on every day."""
    return str(UUID(bytes=hashlib.sha256(repr(parts).encode()).digest()[:16], version=5))
