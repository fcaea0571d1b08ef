"""别处办理结果 as rows: files that another node has issued and that are still to be fetched."""

from django.db import models
from django.db.models import Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class ReceivedFile(Row):
    """待取的文件: the files of one document that lies ready at another node.

    `document` is the document here that they belong to, `remote` its id there; `files` are their
    formats, digests and sizes as announced. `state` is waiting, fetching (claimed until
    `claimed_until`), fetched, or parked for a person. Nothing here is personal.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    task_id = models.UUIDField()
    partner = models.TextField()
    document = models.UUIDField()
    remote = models.UUIDField()
    files = models.JSONField()
    pages = models.SmallIntegerField(default=1)
    state = models.TextField(default="waiting")
    attempts = models.SmallIntegerField(default=0)
    not_before = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    announced_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    problem = models.TextField(default="")

    class Meta:
        db_table = "received_file"
        constraints = [
            models.UniqueConstraint(
                fields=["document"], name="the_files_of_a_document_are_fetched_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "fetching", "fetched", "parked"]),
                name="a_file_to_fetch_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="fetching") | Q(claimed_until__isnull=False),
                name="a_claim_to_fetch_ends_by_itself",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before", "id"],
                name="files_to_fetch",
                condition=Q(state__in=["waiting", "fetching"]),
            ),
        ]
