"""政策包的格式: strict shapes of every file of a pack folder, field by field like `domain.policy`.

A file's mapping keys are ids; texts are `{zh, en}` or a plain Chinese string; a basis is
`[document, clause]`. Unknown keys are errors. Reading and merging live in `packs.reading`.
"""

from yijian.packs.schema.documents import FiledSchema, PaperworkSchema, PartSchema
from yijian.packs.schema.form import (
    CustodySchema,
    DeliveryOptionSchema,
    DeliverySchema,
    DestinationSchema,
    FieldSchema,
    OfficialCellSchema,
    PageSchema,
    ScheduleSchema,
    SectionSchema,
    StatementSchema,
)
from yijian.packs.schema.items import (
    AskSchema,
    ExemptionSchema,
    ItemSchema,
    MaterialSchema,
    ResultSchema,
    RuleSchema,
)
from yijian.packs.schema.pack import (
    AlongsideSchema,
    ArrivalSchema,
    DecisionSchema,
    DocumentSchema,
    InsuranceSchema,
    NoticeSchema,
    PackSchema,
    RoleSchema,
    SigningSchema,
    SourceSchema,
    SubjectSchema,
    SwitchSchema,
)
from yijian.packs.schema.places import OfficeKindSchema, OfficeSchema, OfficesSchema
from yijian.packs.schema.texts import (
    BasisSchema,
    ClauseSchema,
    CodeListSchema,
    FactNameSchema,
    FactSchema,
    LimitSchema,
    RegisterSchema,
    Shape,
    TextSchema,
)

__all__ = [
    "AlongsideSchema",
    "ArrivalSchema",
    "AskSchema",
    "BasisSchema",
    "ClauseSchema",
    "CodeListSchema",
    "CustodySchema",
    "DecisionSchema",
    "DeliveryOptionSchema",
    "DeliverySchema",
    "DestinationSchema",
    "DocumentSchema",
    "ExemptionSchema",
    "FactNameSchema",
    "FactSchema",
    "FieldSchema",
    "FiledSchema",
    "InsuranceSchema",
    "ItemSchema",
    "LimitSchema",
    "MaterialSchema",
    "NoticeSchema",
    "OfficeKindSchema",
    "OfficeSchema",
    "OfficesSchema",
    "OfficialCellSchema",
    "PackSchema",
    "PageSchema",
    "PaperworkSchema",
    "PartSchema",
    "RegisterSchema",
    "ResultSchema",
    "RoleSchema",
    "RuleSchema",
    "ScheduleSchema",
    "SectionSchema",
    "Shape",
    "SigningSchema",
    "SourceSchema",
    "StatementSchema",
    "SubjectSchema",
    "SwitchSchema",
    "TextSchema",
]
