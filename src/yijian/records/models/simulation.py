"""推演 as rows: what a draft would change, counted while it runs and shown when it has ended."""

from django.db import models
from django.db.models import F, Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row

RUNNING = ("waiting", "running")
STATES = (*RUNNING, "finished", "cancelled", "failed")
SOURCES = ("past", "made_up")


class SimulationRow(Row):
    """推演: one draft held against the version that was in force, on one set of families.

    `canonical` is the draft as it was when the run began, `against` the digest of the other
    version, `on_day` the day both are held on. `counted` are the exact counts up to `reached`,
    which leave the row when it ends; `result` is what may be shown of them.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    draft = models.UUIDField()
    code = models.TextField()
    against_version = models.TextField()
    against = models.TextField()
    digest = models.TextField()
    canonical = models.TextField()
    on_day = models.DateField()
    source = models.TextField()
    since = models.DateTimeField(null=True)
    wanted = models.IntegerField()
    seed = models.TextField(default="")
    state = models.TextField(default="waiting", db_default="waiting")
    total = models.IntegerField(null=True)
    done = models.IntegerField(default=0, db_default=0)
    reached = models.TextField(default="", db_default="")
    counted = models.JSONField(default=list)
    result = models.JSONField(null=True)
    by = models.TextField()
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    problem = models.TextField(default="", db_default="")

    class Meta:
        db_table = "simulation"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(STATES)), name="a_simulation_is_in_a_known_state"
            ),
            models.CheckConstraint(
                condition=Q(source__in=list(SOURCES)), name="a_simulation_has_a_known_source"
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(RUNNING)) | Q(counted=[], ended_at__isnull=False),
                name="exact_counts_leave_when_a_simulation_ends",
            ),
            models.CheckConstraint(
                condition=~Q(state="finished") | Q(result__isnull=False),
                name="a_finished_simulation_has_a_result",
            ),
            models.CheckConstraint(
                condition=Q(wanted__gte=1, done__gte=0) & (Q(total=None) | Q(done__lte=F("total"))),
                name="a_simulation_counts_forward",
            ),
            models.UniqueConstraint(
                fields=["draft", "source"],
                condition=Q(state__in=list(RUNNING)),
                name="a_draft_is_simulated_once_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["draft", "-id"], name="simulations_of_a_draft"),
            models.Index(fields=["digest"], name="simulations_of_a_version"),
        ]
