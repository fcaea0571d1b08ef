"""档案 as rows: packages of ended items, how they are found, handed over and, one day, destroyed.

What is personal is sealed under the archive's own key: forgetting a case does not take it away.
"""

from django.db import models
from django.db.models import F, Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class ArchivePackage(Row):
    """归档信息包: one ended item of one newborn (0: the family), or the case as a whole.

    `upto` is the entry of the journal that must lie in the signed tree before it can be made.
    `serial` counts within `fonds`, `year`, `retention` and `topic`, and makes its archive number.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    case_number = models.TextField()
    scope = models.TextField()
    item = models.TextField(default="")
    newborn = models.SmallIntegerField(default=0)
    outcome = models.TextField()
    state = models.TextField(default="waiting")
    upto = models.IntegerField()
    ended_at = models.DateTimeField()
    fonds = models.TextField()
    year = models.SmallIntegerField()
    retention = models.TextField()
    topic = models.TextField()
    serial = models.IntegerField(null=True)
    keep_until = models.DateField(null=True)
    not_before = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    problem = models.TextField(default="")
    name = models.TextField(default="")
    sha256 = models.BinaryField(max_length=32, null=True)
    sm3 = models.BinaryField(max_length=32, null=True)
    size = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(null=True)
    described = models.BinaryField(null=True, help_text="Title and names for the list, sealed.")
    transferred_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "archive_package"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "scope", "item", "newborn"],
                name="one_package_per_item_and_newborn",
            ),
            models.UniqueConstraint(
                fields=["fonds", "year", "retention", "topic", "serial"],
                name="an_archive_number_is_used_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "making", "needs_person", "kept", "destroyed"]),
                name="a_package_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=Q(scope="item") & ~Q(item="") | Q(scope="case", item="", newborn=0),
                name="a_package_is_of_an_item_or_a_case",
            ),
            models.CheckConstraint(
                condition=~Q(state="kept")
                | Q(
                    sealed__isnull=False,
                    sha256__isnull=False,
                    sm3__isnull=False,
                    serial__isnull=False,
                    made_at__isnull=False,
                ),
                name="a_kept_package_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="destroyed") | Q(sealed__isnull=True, described__isnull=True),
                name="a_destroyed_package_is_gone",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before", "id"],
                name="packages_to_make",
                condition=Q(state__in=["waiting", "making"]),
            ),
            models.Index(fields=["case_number"], name="packages_of_a_case"),
            models.Index(fields=["year", "topic", "-id"], name="packages_of_a_year"),
            models.Index(
                fields=["keep_until"],
                name="packages_whose_time_is_over",
                condition=Q(state="kept", keep_until__isnull=False),
            ),
        ]


class ArchiveLookup(Row):
    """查档索引: which package a number or a name leads to, by keyed digest only."""

    pk = models.CompositePrimaryKey("digest", "package_id")
    digest = models.BinaryField(max_length=16)
    package_id = models.UUIDField()

    class Meta:
        db_table = "archive_lookup"
        indexes = [models.Index(fields=["package_id"], name="lookups_of_a_package")]


class JournalTile(Row):
    """Roots of perfect subtrees of 256^level leaves: what makes proofs of a large tree cheap."""

    pk = models.CompositePrimaryKey("level", "place")
    level = models.SmallIntegerField()
    place = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "journal_tile"


class ArchiveBatch(Row):
    """移交批次: packages handed over to an archive together, and what it answered."""

    id = models.UUIDField(primary_key=True, default=new_id)
    number = models.TextField()
    way = models.TextField()
    state = models.TextField(default="waiting")
    created_by = models.TextField()
    created_at = models.DateTimeField()
    count = models.IntegerField()
    not_before = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    problem = models.TextField(default="")
    receipt = models.TextField(default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "archive_batch"
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_archive_batch_per_number"),
            models.CheckConstraint(
                condition=Q(way__in=["sent", "carried"]), name="an_archive_batch_goes_a_known_way"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "parked", "received", "differs"]),
                name="an_archive_batch_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["received", "differs"])
                | (Q(answered_at__isnull=False) & ~Q(receipt="")),
                name="an_answered_batch_has_a_receipt",
            ),
        ]


class ArchiveBatchLine(Row):
    """移交清单一行: one package of a batch, and whether the archive took it."""

    pk = models.CompositePrimaryKey("batch_id", "package_id")
    batch_id = models.UUIDField()
    package_id = models.UUIDField()
    place = models.IntegerField()
    state = models.TextField(default="waiting")
    problem = models.TextField(default="")

    class Meta:
        db_table = "archive_batch_line"
        constraints = [
            models.UniqueConstraint(
                fields=["package_id"],
                condition=Q(state__in=["waiting", "accepted"]),
                name="a_package_is_handed_over_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "accepted", "refused"]),
                name="an_archive_line_is_in_a_known_state",
            ),
        ]


class ArchiveDisposal(Row):
    """鉴定处置: that a package whose time is over is destroyed or kept on; decided by two."""

    id = models.UUIDField(primary_key=True, default=new_id)
    package_id = models.UUIDField()
    reason = models.TextField()
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField()
    verdict = models.TextField(default="")
    decided_by = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "archive_disposal"
        constraints = [
            models.UniqueConstraint(
                fields=["package_id"], condition=Q(verdict=""), name="one_open_disposal"
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("proposed_by")), name="a_disposal_takes_two"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_disposal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(verdict="", decided_by="", decided_at__isnull=True)
                | Q(verdict__in=["destroyed", "kept"], decided_at__isnull=False)
                & ~Q(decided_by=""),
                name="a_verdict_has_its_second_person",
            ),
        ]
