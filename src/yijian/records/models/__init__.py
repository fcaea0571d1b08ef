"""Every table of the platform. Constraints and indexes are named after the rule they keep.

Keys between hot tables are plain `case_id` columns; the few foreign keys that are worth their cost
stand in the migration beside the triggers. Functions of the database live in `migrations/sql/`.
"""

from yijian.records.models.acting import CalendarYearRow, DutyRow, OutageRow, UrgingRow
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
from yijian.records.models.channels import (
    ChannelRule,
    FilePackage,
    FilePackageLine,
    FileParticipant,
    ResultPackage,
)
from yijian.records.models.charts import ChartRow
from yijian.records.models.convergence import (
    Cosignature,
    DisagreementRow,
    FeedCursor,
    ParityRun,
    SharedTaskRow,
    WitnessedRoot,
)
from yijian.records.models.directory import (
    AdministrationEntry,
    OfficeChangeRow,
    ProposalRow,
)
from yijian.records.models.documents import (
    BirthRecord,
    NotificationRow,
    PackVersion,
)
from yijian.records.models.exchange import (
    DeadLetter,
    HeldDecision,
    InboxMessage,
    Link,
    OutboxMessage,
    Partner,
    RefusedRequest,
    SpentNonce,
    VerificationReceipt,
)
from yijian.records.models.figures import (
    FigureCursor,
    FigurePlace,
    FigureRow,
    MonthFigureRow,
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
from yijian.records.models.ratings import (
    IssueRow,
    QuestionnaireCount,
    QuestionnaireRow,
    QuestionnaireTaken,
    RatingRow,
    WorkOrderRow,
    WorkOrderStep,
)
from yijian.records.models.registers import (
    RegisterQuestion,
    RegisterRight,
    RegisterRoute,
    RegisterUse,
    VainQuestion,
)
from yijian.records.models.reminding import ReminderCursorRow, ReminderLookRow
from yijian.records.models.results import ReceivedFile
from yijian.records.models.simulation import SimulationRow
from yijian.records.models.status_doors import StatusDoor, StatusTry
from yijian.records.models.workshop import PackDraft, PackResult, PackSource, PolicyLogEntry

__all__ = [
    "AccessEntry",
    "AdministrationEntry",
    "ArchiveBatch",
    "ArchiveBatchLine",
    "ArchiveDisposal",
    "ArchiveLookup",
    "ArchivePackage",
    "BirthRecord",
    "BlankNumber",
    "Book",
    "CalendarYearRow",
    "CaseRow",
    "CertificateEnding",
    "CertificateGrant",
    "CertificateRetrieval",
    "CertificateRow",
    "ChannelRule",
    "ChartRow",
    "Checkpoint",
    "Cosignature",
    "CustodyEntry",
    "DeadLetter",
    "DisagreementRow",
    "DocumentFetch",
    "DocumentRow",
    "DutyRow",
    "FeedCursor",
    "FetchedCertificateRow",
    "FigureCursor",
    "FigurePlace",
    "FigureRow",
    "FilePackage",
    "FilePackageLine",
    "FileParticipant",
    "HandoverBatch",
    "HandoverLine",
    "HeldDecision",
    "InboxMessage",
    "IssueRow",
    "JournalEntry",
    "JournalLeaf",
    "JournalTile",
    "Link",
    "Lookup",
    "MaterialRow",
    "MonthFigureRow",
    "NewbornRow",
    "NotificationRow",
    "NumberRangeRow",
    "OfficeChangeRow",
    "OfficeRow",
    "OutageRow",
    "OutboxMessage",
    "PackDraft",
    "PackResult",
    "PackSource",
    "PackVersion",
    "ParcelRow",
    "ParityRun",
    "Partner",
    "Party",
    "Person",
    "PolicyLogEntry",
    "ProposalRow",
    "QuestionnaireCount",
    "QuestionnaireRow",
    "QuestionnaireTaken",
    "RatingRow",
    "ReceivedFile",
    "RefusedRequest",
    "RegisterQuestion",
    "RegisterRight",
    "RegisterRoute",
    "RegisterUse",
    "ReminderCursorRow",
    "ReminderLookRow",
    "ResultPackage",
    "SaveKey",
    "SharedTaskRow",
    "SheetRow",
    "SightingRow",
    "SimulationRow",
    "SpentNonce",
    "Staff",
    "StatusDoor",
    "StatusTry",
    "TaskRow",
    "UrgingRow",
    "VainQuestion",
    "VerificationReceipt",
    "VoidRequest",
    "WitnessedRoot",
    "WorkOrderRow",
    "WorkOrderStep",
]
