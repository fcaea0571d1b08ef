"""政策工坊 as rows: drafts of policy packs, the files of every version, and who did what to them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row

STATES = ("draft", "submitted", "returned", "published", "discarded")


class PackDraft(Row):
    """政策包草稿: the YAML files of one pack as somebody is changing them.

    `based_on` is the version whose place it wants to take: the newest one when it was opened.
    `files` are whole texts by name (`items.yaml`, `examples/ordinary.yaml`); the files of its bases
    are not among them. `authors` are all who have written in it, as opaque identifiers. `lock`
    grows with every change. Once it is published it never changes again.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.TextField()
    based_on = models.TextField()
    title = models.TextField(default="")
    files = models.JSONField()
    digest = models.TextField(help_text="Of the files.")
    state = models.TextField(default="draft", db_default="draft")
    lock = models.IntegerField(default=1, db_default=1)
    authors = models.JSONField(default=list)
    note = models.TextField(default="", help_text="What the last submission or return said.")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_by = models.TextField(default="")
    submitted_at = models.DateTimeField(null=True)
    approver = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)
    in_force_from = models.DateField(null=True)
    version_published = models.TextField(default="")

    class Meta:
        db_table = "pack_draft"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(STATES)), name="a_draft_is_in_a_known_state"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="published", in_force_from__isnull=False, decided_at__isnull=False
                )
                & ~Q(version_published="")
                & ~Q(approver="")
                | ~Q(state="published") & Q(version_published="", in_force_from__isnull=True),
                name="a_published_draft_says_by_whom_and_from_when",
            ),
            models.CheckConstraint(condition=Q(lock__gte=1), name="a_draft_counts_its_changes"),
            models.UniqueConstraint(
                fields=["code", "version_published"],
                condition=~Q(version_published=""),
                name="a_version_comes_from_one_draft",
            ),
        ]
        indexes = [models.Index(fields=["code", "-changed_at"], name="drafts_of_a_pack")]


class PackSource(Row):
    """政策包来源: the files that a published version was made of, kept for ever.

    `digest` is the version's own, of its canonical document; `origin` is `folder` or `workshop`.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.TextField()
    version = models.TextField()
    digest = models.TextField()
    files = models.JSONField()
    origin = models.TextField()
    kept_at = models.DateTimeField()

    class Meta:
        db_table = "pack_source"
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="a_version_has_one_source"),
            models.CheckConstraint(
                condition=Q(origin__in=["folder", "workshop"]),
                name="a_source_is_of_the_folder_or_the_workshop",
            ),
        ]


class PolicyLogEntry(Row):
    """政策日志: who did what to which pack, when, with the digest of what there was. Only grows."""

    id = models.UUIDField(primary_key=True, default=new_id)
    at = models.DateTimeField()
    actor = models.TextField()
    what = models.TextField()
    code = models.TextField()
    version = models.TextField(default="")
    draft = models.UUIDField(null=True)
    digest = models.TextField(default="")
    note = models.TextField(default="")

    class Meta:
        db_table = "policy_log"
        constraints = [
            models.CheckConstraint(
                condition=Q(actor__regex=r"^[a-z]+(:[A-Za-z0-9._-]+)?$"),
                name="somebody_did_what_the_policy_log_says",
            ),
            models.CheckConstraint(
                condition=Q(what__regex=r"^[a-z_]+$"), name="the_policy_log_says_what_was_done"
            ),
        ]
        indexes = [models.Index(fields=["code", "-id"], name="policy_log_of_a_pack")]


class PackResult(Row):
    """算好的结果: what was once worked out from files of packs, as packed JSON; it may be dropped.

    `key` is the digest of everything it follows from, the program among it.
    """

    key = models.CharField(max_length=64, primary_key=True)
    kind = models.TextField()
    value = models.BinaryField()
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "pack_result"
        constraints = [
            models.CheckConstraint(
                condition=Q(key__regex=r"^[0-9a-f]{64}$"),
                name="a_result_is_kept_under_a_digest",
            ),
        ]
        indexes = [models.Index(fields=["kept_at"], name="results_by_age")]
