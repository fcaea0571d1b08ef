"""文书 as rows: delivery records, messages to people, pack versions."""

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


class NotificationRow(Row):
    """消息: one message to one role of a case over one channel; its words are sealed.

    Without a case it is for somebody who came without an account, and goes once it is sent or
    given up.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField(null=True)
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
    """政策包版本: the canonical JSON of every version that was ever in force. Never changed.

    A version that only came with tasks of another node is `received`: nobody applies under it here.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.TextField()
    version = models.TextField()
    digest = models.TextField()
    canonical = models.TextField()
    in_force_from = models.DateField()
    stored_at = models.DateTimeField()
    received = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "pack_version"
        constraints = [
            models.UniqueConstraint(
                fields=["code", "version"], name="a_pack_version_never_changes"
            ),
            models.UniqueConstraint(fields=["digest"], name="a_pack_is_stored_once"),
        ]
