"""对账与见证 as rows: what a pair shares, its comparisons, its differences, and witnessed roots."""

from django.db import models
from django.db.models import Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class SharedTaskRow(Row):
    """对账行: what this node tells a partner of one task.

    `side` is `sent` where the partner acts on it and `received` where it came from the partner.
    `result` is a digest and stands here so that the database can digest a whole bucket.
    """

    pk = models.CompositePrimaryKey("partner", "side", "task_id")
    partner = models.TextField()
    side = models.TextField()
    task_id = models.UUIDField()
    case_id = models.UUIDField()
    round = models.SmallIntegerField()
    state = models.TextField()
    result = models.TextField(default="")
    answered = models.SmallIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "shared_task"
        constraints = [
            models.CheckConstraint(
                condition=Q(side__in=["sent", "received"]), name="a_task_is_sent_or_received"
            ),
            models.CheckConstraint(
                condition=Q(result__regex=r"^([0-9a-f]{64})?$"),
                name="a_shared_result_is_only_a_digest",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "side", "changed_at"], name="shared_tasks_by_change"),
            models.Index(fields=["task_id"], name="sides_of_a_task"),
        ]


class ParityRun(Row):
    """对账记录: one comparison with one partner. A run that failed says why in `problem`."""

    id = models.UUIDField(primary_key=True, default=new_id)
    partner = models.TextField()
    side = models.TextField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField()
    buckets = models.IntegerField(default=0)
    compared = models.IntegerField(default=0)
    same = models.IntegerField(default=0)
    healed = models.IntegerField(default=0)
    waiting = models.IntegerField(default=0)
    open = models.IntegerField(default=0)
    problem = models.TextField(default="")

    class Meta:
        db_table = "parity_run"
        indexes = [models.Index(fields=["partner", "side", "-id"], name="runs_of_a_pair")]


class DisagreementRow(Row):
    """分歧: what a person must settle with a partner; it has an owner and a deadline.

    About a task, or about the partner's journal (`task_id` is null). `settled` is empty while it is
    open, then `healed` when it went away by itself or what the person decided.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    partner = models.TextField()
    side = models.TextField()
    kind = models.TextField()
    task_id = models.UUIDField(null=True)
    case_number = models.TextField(default="")
    item = models.TextField(default="")
    ours = models.TextField(default="")
    theirs = models.TextField(default="")
    owner = models.TextField()
    found_at = models.DateTimeField()
    due_at = models.DateTimeField()
    settled = models.TextField(default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(default="")
    sealed = models.BinaryField(null=True, help_text="How a person settled it, in own words.")

    class Meta:
        db_table = "disagreement"
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "side", "kind", "task_id"],
                condition=Q(settled=""),
                name="one_open_disagreement_per_task",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(settled="", settled_at__isnull=True)
                | (~Q(settled="") & Q(settled_at__isnull=False) & ~Q(settled_by="")),
                name="a_settled_disagreement_says_by_whom",
            ),
            models.CheckConstraint(condition=~Q(owner=""), name="a_disagreement_has_an_owner"),
        ]
        indexes = [
            models.Index(
                fields=["owner", "due_at"], name="disagreements_to_settle", condition=Q(settled="")
            ),
        ]


class WitnessedRoot(Row):
    """见证的根: a checkpoint of a partner's journal that this node has seen.

    `verdict` is `cosigned`, or `inconsistent` for one that does not continue what was seen before:
    then it is evidence, and `proof` is what the partner showed for it.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    partner = models.TextField()
    origin = models.TextField()
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)
    since = models.BigIntegerField(default=0)
    proof = models.JSONField(default=list)
    verdict = models.TextField()
    seen_at = models.DateTimeField()
    cosignature = models.BinaryField(max_length=64, null=True)

    class Meta:
        db_table = "witnessed_root"
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "size", "root"],
                condition=Q(verdict="inconsistent"),
                name="evidence_is_kept_once",
            ),
            models.CheckConstraint(
                condition=Q(verdict="cosigned", cosignature__isnull=False)
                | Q(verdict="inconsistent", cosignature__isnull=True),
                name="only_a_consistent_root_is_cosigned",
            ),
        ]
        indexes = [models.Index(fields=["partner", "verdict", "-id"], name="roots_of_a_partner")]


class Cosignature(Row):
    """共同签名: what a partner signed about a checkpoint of ours."""

    pk = models.CompositePrimaryKey("witness", "size")
    witness = models.TextField()
    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "cosignature"


class FeedCursor(Row):
    """取件位置: up to where a partner's feed of reports has been read."""

    partner = models.TextField(primary_key=True)
    cursor = models.TextField(default="")
    read_at = models.DateTimeField()

    class Meta:
        db_table = "feed_cursor"
