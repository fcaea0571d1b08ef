"""日志 as rows: the hash chain of every case, the tree over it, its checkpoints, and who read what.

All four only grow: triggers refuse every change, and the application's role may not try.
"""

# ruff: noqa: DJ001 (nothing known and an empty text are not the same)

from django.db import models
from django.db.models import Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class JournalEntry(Row):
    """One event of one case. `body` is the event's public body as canonical JSON text.

    `number`, `prev` and `hash` are set by the database. `number` only orders entries for the
    sequencer: it says in which order they were written, not when they were committed.
    """

    pk = models.CompositePrimaryKey("case_id", "seq")
    case_id = models.UUIDField()
    seq = models.IntegerField()
    at = models.DateTimeField()
    actor = models.TextField()
    kind = models.TextField()
    item = models.TextField(null=True)
    newborn = models.SmallIntegerField(null=True)
    body = models.TextField()
    number = models.BigIntegerField()
    prev = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "journal"
        constraints = [
            models.CheckConstraint(
                condition=Q(seq__gte=1), name="entries_of_a_case_count_from_one"
            ),
            models.CheckConstraint(
                condition=Q(actor__regex=r"^[\x21-\x7e]{1,100}$"),
                name="an_actor_is_an_opaque_identifier",
            ),
            models.CheckConstraint(
                condition=Q(kind__regex=r"^[a-z_]{1,40}$"), name="an_event_kind_is_one_word"
            ),
            models.CheckConstraint(
                condition=Q(item__isnull=True, newborn__isnull=True)
                | Q(item__regex=r"^[a-z0-9_]{1,60}$", newborn__isnull=False),
                name="an_entry_names_its_task_wholly",
            ),
        ]


class JournalLeaf(Row):
    """The place of an entry in the tree (RFC 6962), with the hash it had when it was sealed."""

    position = models.BigIntegerField(primary_key=True)
    case_id = models.UUIDField()
    seq = models.IntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "journal_leaf"


class Checkpoint(Row):
    """The signed root of the tree at one size. `edge` are the perfect subtrees, left to right."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    edge = models.JSONField()
    last_number = models.BigIntegerField()
    origin = models.TextField()
    signer = models.TextField()
    signature = models.BinaryField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        db_table = "checkpoint"
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=1), name="a_checkpoint_covers_something"),
        ]


class AccessEntry(Row):
    """查阅记录: one staff member asked to see one record, why, and whether it was shown."""

    id = models.UUIDField(primary_key=True, default=new_id)
    at = models.DateTimeField()
    staff = models.TextField()
    office = models.TextField()
    what = models.TextField()
    case_id = models.UUIDField(null=True)
    task_id = models.UUIDField(null=True)
    purpose = models.TextField()
    shown = models.BooleanField()

    class Meta:
        db_table = "access_log"
        constraints = [
            models.CheckConstraint(condition=~Q(purpose=""), name="nobody_reads_without_a_purpose"),
        ]
        indexes = [
            models.Index(fields=["case_id", "-id"], name="reads_of_a_case"),
            models.Index(fields=["staff", "-id"], name="reads_by_staff"),
        ]
