"""Every table of the platform. Constraints and indexes are named after the rule they keep.

Keys between hot tables are plain `case_id` columns; the few foreign keys that are worth their cost
stand in the migration beside the triggers. Functions of the database live in `migrations/sql/`.
"""

from yijian.records.models.archive import (
    ArchiveBatch,
    ArchiveBatchLine,
    ArchiveDisposal,
    ArchiveLookup,
    ArchivePackage,
    JournalTile,
)
from yijian.records.models.cases import CaseRow, Lookup, NewbornRow, Party, TaskRow
from yijian.records.models.certificates import (
    CertificateEnding,
    CertificateGrant,
    CertificateRetrieval,
    CertificateRow,
    FetchedCertificateRow,
)
from yijian.records.models.documents import (
    BirthRecord,
    NotificationRow,
    PackVersion,
)
from yijian.records.models.exchange import (
    HeldDecision,
    InboxMessage,
    OutboxMessage,
    Partner,
    RefusedRequest,
    SpentNonce,
    VerificationReceipt,
)
from yijian.records.models.journal import AccessEntry, Checkpoint, JournalEntry, JournalLeaf
from yijian.records.models.materials import MaterialRow, SaveKey, SightingRow
from yijian.records.models.papers import (
    BlankNumber,
    Book,
    CustodyEntry,
    HandoverBatch,
    HandoverLine,
    NumberRangeRow,
    SheetRow,
    VoidRequest,
)
from yijian.records.models.paperwork import DocumentFetch, DocumentRow
from yijian.records.models.parcels import ParcelRow
from yijian.records.models.people import OfficeRow, Person, Staff

__all__ = [
    "AccessEntry",
    "ArchiveBatch",
    "ArchiveBatchLine",
    "ArchiveDisposal",
    "ArchiveLookup",
    "ArchivePackage",
    "BirthRecord",
    "BlankNumber",
    "Book",
    "CaseRow",
    "CertificateEnding",
    "CertificateGrant",
    "CertificateRetrieval",
    "CertificateRow",
    "Checkpoint",
    "CustodyEntry",
    "DocumentFetch",
    "DocumentRow",
    "FetchedCertificateRow",
    "HandoverBatch",
    "HandoverLine",
    "HeldDecision",
    "InboxMessage",
    "JournalEntry",
    "JournalLeaf",
    "JournalTile",
    "Lookup",
    "MaterialRow",
    "NewbornRow",
    "NotificationRow",
    "NumberRangeRow",
    "OfficeRow",
    "OutboxMessage",
    "PackVersion",
    "ParcelRow",
    "Partner",
    "Party",
    "Person",
    "RefusedRequest",
    "SaveKey",
    "SheetRow",
    "SightingRow",
    "SpentNonce",
    "Staff",
    "TaskRow",
    "VerificationReceipt",
    "VoidRequest",
]
