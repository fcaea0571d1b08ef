"""渠道 as rows: dated rules of how offices are reached, and packages for those without a network."""

# ruff: noqa: DJ001 (nothing known and an empty text are not the same)

from django.db import models
from django.db.models import F, Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class ChannelRule(Row):
    """渠道规则: from a day on tasks reach an office, or every office of a place, this way.

    A rule is never deleted: who ended it and when is part of the record.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    office = models.TextField(default="")
    division = models.TextField(default="", help_text="A prefix of division codes.")
    kind = models.TextField(default="")
    item = models.TextField(default="")
    channel = models.TextField()
    participant = models.TextField(null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    everything = models.BooleanField(default=False)
    everything_back = models.BooleanField(default=False)
    made_by = models.TextField()
    made_at = models.DateTimeField()
    ended_by = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)
    followed_at = models.DateTimeField(null=True, help_text="When running tasks had followed it.")
    left_at = models.DateTimeField(null=True, help_text="When they had followed its end.")

    class Meta:
        db_table = "channel_rule"
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=["desk", "system", "node", "file"]),
                name="a_rule_names_a_known_channel",
            ),
            models.CheckConstraint(
                condition=Q(channel="desk", participant__isnull=True)
                | (~Q(channel="desk") & Q(participant__isnull=False)),
                name="only_a_desk_needs_no_participant",
            ),
            models.CheckConstraint(
                condition=Q(office="") | Q(division="", kind=""),
                name="a_rule_is_about_an_office_or_a_place",
            ),
            models.CheckConstraint(
                condition=Q(division__regex=r"^([0-9]{2}){0,3}$"),
                name="a_rule_stands_in_a_division",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="a_rule_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["office", "division", "kind", "item"],
                condition=Q(ends_on__isnull=True),
                name="one_open_rule_for_the_same",
            ),
        ]


class FileParticipant(Row):
    """文件交换方: who gets packages, and the key to which they are sealed; "" leaves them open."""

    code = models.TextField(primary_key=True)
    sealing_key = models.TextField(default="", help_text="An X25519 public key as PEM.")
    changed_by = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "file_participant"


class FilePackage(Row):
    """文件包: what one participant without a network gets on one day, numbered without a gap.

    Its bytes are not kept: they are made again from the messages it lists, and `digest` says that
    they are the same.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    participant = models.TextField()
    sequence = models.IntegerField()
    day = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.TextField()
    digest = models.BinaryField(max_length=32)
    size = models.BigIntegerField()
    messages = models.IntegerField()
    sealed_to = models.TextField(default="")
    fetched_at = models.DateTimeField(null=True)
    fetched_by = models.TextField(default="")

    class Meta:
        db_table = "file_package"
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "sequence"], name="a_package_number_is_used_once"
            ),
            models.CheckConstraint(
                condition=Q(sequence__gte=1, messages__gte=1), name="a_file_package_holds_something"
            ),
            models.CheckConstraint(
                condition=Q(fetched_at__isnull=True, fetched_by="")
                | (Q(fetched_at__isnull=False) & ~Q(fetched_by="")),
                name="who_fetched_a_package_is_known",
            ),
        ]


class FilePackageLine(Row):
    """文件包条目: a message lies in one package, at one place."""

    pk = models.CompositePrimaryKey("package_id", "place")
    package_id = models.UUIDField()
    place = models.IntegerField()
    message_id = models.UUIDField()

    class Meta:
        db_table = "file_package_line"
        constraints = [
            models.UniqueConstraint(fields=["message_id"], name="a_message_is_packed_once"),
        ]


class ResultPackage(Row):
    """结果包: what came back on a file, by its own number; each of its lines is in the inbox.

    `errors` holds place, column and code of the lines that were not taken, never their values.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    participant = models.TextField()
    name = models.TextField()
    digest = models.BinaryField(max_length=32)
    taken_at = models.DateTimeField()
    taken_by = models.TextField()
    signed = models.BooleanField()
    lines = models.IntegerField()
    applied = models.IntegerField()
    repeated = models.IntegerField()
    refused = models.IntegerField()
    errors = models.JSONField(default=list)

    class Meta:
        db_table = "result_package"
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "digest"], name="a_result_package_is_taken_once"
            ),
        ]
        indexes = [models.Index(fields=["participant", "-id"], name="results_of_a_participant")]
