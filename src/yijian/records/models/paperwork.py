"""文书 as rows: what has to be set as a file, the files themselves, and who took them away."""

from django.db import models
from django.db.models import Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class DocumentRow(Row):
    """文书: one document of a case, from the moment that gives rise to it to its files.

    What it says is fixed and sealed when the row is written; PDF and OFD are added by a worker.
    `content_digest` is keyed: it shows whether two versions say the same, to nobody else.
    `about` is what it is about, `version` counts its versions, and `replaced_at` marks those that
    a later one stands for. `readers` may fetch it beside the window of its case, `folder` is where
    it is filed with `item`. `office` answers for a document that needs a person, `sealed_by` is
    the office whose seal it gets; `sealed_ses` is the detached SM2 record of a sealed PDF. An
    awaited document is made at another node. Title and number are public words, nothing personal.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    kind = models.TextField()
    title = models.TextField()
    number = models.TextField(default="")
    item = models.TextField(default="")
    newborn = models.SmallIntegerField(default=0)
    about = models.TextField()
    version = models.SmallIntegerField(default=1)
    language = models.TextField()
    occasion = models.TextField()
    form_version = models.IntegerField()
    readers = models.JSONField(default=list)
    folder = models.TextField(default="")
    office = models.TextField(default="")
    sealed_by = models.TextField(default="")
    state = models.TextField(default="waiting")
    attempts = models.SmallIntegerField(default=0)
    not_before = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    problem = models.TextField(default="")
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)
    source = models.TextField(default="set")
    pages = models.SmallIntegerField(default=0)
    content_digest = models.BinaryField(max_length=32)
    pdf_sha256 = models.BinaryField(max_length=32, null=True)
    pdf_sm3 = models.BinaryField(max_length=32, null=True)
    pdf_bytes = models.IntegerField(default=0)
    ofd_sha256 = models.BinaryField(max_length=32, null=True)
    ofd_sm3 = models.BinaryField(max_length=32, null=True)
    ofd_bytes = models.IntegerField(default=0)
    sealed = models.BinaryField(null=True)
    sealed_pdf = models.BinaryField(null=True)
    sealed_ofd = models.BinaryField(null=True)
    sealed_ses = models.BinaryField(null=True)

    class Meta:
        db_table = "document"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "about", "version"], name="a_document_has_each_version_once"
            ),
            models.UniqueConstraint(
                fields=["case_id", "about"],
                condition=Q(replaced_at__isnull=True),
                name="one_version_of_a_document_stands",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["waiting", "setting", "ready", "needs_person", "failed", "awaited"]
                ),
                name="a_document_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | Q(pdf_sha256__isnull=False, pdf_sm3__isnull=False, settled_at__isnull=False),
                name="a_ready_document_has_its_digests",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["set", "scan", "received"]),
                name="a_document_is_set_scanned_or_received",
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="versions_of_a_document_count_from_one"
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before", "id"],
                name="documents_to_set",
                condition=Q(state__in=["waiting", "setting"]),
            ),
            models.Index(
                fields=["office", "id"],
                name="documents_that_need_a_person",
                condition=Q(state__in=["needs_person", "failed"], replaced_at__isnull=True),
            ),
        ]


class DocumentFetch(Row):
    """取件记录: one file that was taken away: by whom, in which capacity, and when.

    `by` is the family's role, or the staff number of somebody at `office`. Never changed.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    document_id = models.UUIDField()
    case_id = models.UUIDField()
    format = models.TextField()
    by = models.TextField()
    office = models.TextField(default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "document_fetch"
        constraints = [
            models.CheckConstraint(
                condition=Q(format__in=["pdf", "ofd", "ses"]),
                name="a_file_is_taken_in_a_known_format",
            ),
            models.CheckConstraint(condition=~Q(by=""), name="nobody_takes_a_file_unnamed"),
        ]
        indexes = [models.Index(fields=["case_id", "-id"], name="files_taken_of_a_case")]
