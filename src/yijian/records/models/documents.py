"""文书 as rows: delivery records, paper custody, messages to people, pack versions."""

from django.db import models
from django.db.models import Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class BirthRecord(Row):
    """分娩信息 that a hospital enters at the desk or reports by API.

    The moment of birth is personal and lies in `sealed`; `due_at` (when the record must be
    complete) is rounded up to the full hour, so that it does not tell the moment either.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    institution = models.TextField()
    delivery_id = models.TextField()
    mother_hash = models.BinaryField(max_length=16)
    sealed = models.BinaryField(null=True)
    source = models.TextField()
    entered_by = models.TextField()
    entered_at = models.DateTimeField()
    due_at = models.DateTimeField()
    recorded_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "birth_record"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "delivery_id"], name="one_record_per_delivery"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["desk", "system", "register"]),
                name="a_delivery_record_has_a_known_source",
            ),
        ]
        indexes = [
            models.Index(fields=["mother_hash", "id"], name="deliveries_of_a_mother"),
            models.Index(fields=["institution", "-id"], name="deliveries_of_an_institution"),
            models.Index(
                fields=["institution", "due_at"],
                name="deliveries_still_to_record",
                condition=Q(recorded_at__isnull=True),
            ),
        ]


class CertificateRow(Row):
    """电子证照: number and content sealed; the keyed digest keeps numbers unique."""

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    newborn = models.SmallIntegerField()
    type = models.TextField()
    number_hash = models.BinaryField(max_length=16)
    sealed = models.BinaryField(null=True)
    state = models.TextField(default="valid")
    issued_at = models.DateTimeField()
    replaced_by = models.UUIDField(null=True)

    class Meta:
        db_table = "certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "newborn", "type"],
                condition=Q(state="valid"),
                name="one_valid_certificate_per_newborn",
            ),
            models.UniqueConstraint(
                fields=["type", "number_hash"], name="a_certificate_number_is_used_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["valid", "replaced", "revoked"]),
                name="a_certificate_is_in_a_known_state",
            ),
        ]


class CustodyEntry(Row):
    """保管台账: where a paper part of a certificate went, one line per hand-over, never changed."""

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    newborn = models.SmallIntegerField()
    part = models.TextField()
    step = models.SmallIntegerField()
    mark = models.TextField()
    holder = models.TextField()
    given_by = models.TextField()
    taken_by = models.TextField()
    at = models.DateTimeField()
    batch = models.TextField(default="")

    class Meta:
        db_table = "custody"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "newborn", "part", "step"], name="a_part_is_in_one_place"
            ),
            models.CheckConstraint(
                condition=Q(mark__in=["whole", "cut"]), name="a_part_is_whole_or_cut"
            ),
        ]
        indexes = [models.Index(fields=["holder", "-at"], name="paper_parts_of_a_holder")]


class NotificationRow(Row):
    """消息: one message to one role of a case over one channel; its words are sealed."""

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    to_role = models.TextField()
    channel = models.TextField()
    template = models.TextField()
    about = models.TextField()
    sealed = models.BinaryField(null=True)
    state = models.TextField(default="waiting")
    attempts = models.IntegerField(default=0)
    not_before = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    problem = models.TextField(default="")

    class Meta:
        db_table = "notification"
        constraints = [
            models.UniqueConstraint(fields=["case_id", "about"], name="nobody_is_told_twice"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "delivered", "parked"]),
                name="a_notification_is_in_a_known_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "not_before", "id"],
                name="notifications_to_send",
                condition=Q(state__in=["waiting", "sending"]),
            ),
        ]


class PackVersion(Row):
    """政策包版本: the canonical JSON of every version that was ever in force. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.TextField()
    version = models.TextField()
    digest = models.TextField()
    canonical = models.TextField()
    in_force_from = models.DateField()
    stored_at = models.DateTimeField()

    class Meta:
        db_table = "pack_version"
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version"], name="a_pack_version_never_changes"
            ),
            models.UniqueConstraint(fields=["digest"], name="a_pack_is_stored_once"),
        ]
