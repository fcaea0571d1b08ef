"""办件与子办件 as rows: the case with its sealed document, its tasks, newborns and parties."""

# ruff: noqa: DJ001 (nothing known and an empty text are not the same)

from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from yijian.domain.states import TERMINAL, UNDER_WAY, Stage, TaskState
from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row

STAGES = [stage.value for stage in Stage]
STATES = [state.value for state in TaskState]
ENDED_STATES = sorted(state.value for state in TERMINAL)
UNDER_WAY_STATES = sorted(state.value for state in UNDER_WAY)


class CaseRow(Row):
    """办件: the public part in columns and `progress`, everything personal in `sealed`.

    `sealed` and `display` are encrypted with the case's own key, which `wrapped_key` holds under
    the master key. Destroying `wrapped_key` destroys the family's data wherever a copy lies.
    `version` counts the events of the case and is the optimistic lock.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    number = models.TextField()
    pack = models.TextField()
    pack_version = models.TextField()
    pack_digest = models.TextField()
    channel = models.TextField()
    window = models.TextField(null=True, help_text="The office at whose window it was opened.")
    institution = models.TextField(null=True, help_text="The institution of the birth, once known.")
    stage = models.TextField()
    newborns = models.SmallIntegerField(default=0)
    form_version = models.IntegerField(default=0)
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    version = models.IntegerField()
    progress = models.JSONField(help_text="Items, checks, consents, signatures: codes and times.")
    wrapped_key = models.BinaryField(null=True)
    sealed = models.BinaryField(null=True)
    display = models.BinaryField(null=True)
    forgotten_at = models.DateTimeField(null=True)
    origin = models.GeneratedField(
        expression=Coalesce(
            KT("progress__origin"), models.Value("", output_field=models.TextField())
        ),
        output_field=models.TextField(),
        db_persist=True,
        help_text="The node a received case comes from; empty for this node's own.",
    )

    class Meta:
        db_table = "case"
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_case_per_number"),
            models.CheckConstraint(
                condition=Q(stage__in=STAGES), name="a_case_is_at_a_known_stage"
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=["submitted", "closed"]) | Q(submitted_at__isnull=False),
                name="a_submitted_case_knows_when",
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="a_case_counts_its_events_from_one"
            ),
            models.CheckConstraint(
                condition=Q(forgotten_at__isnull=True, wrapped_key__isnull=False)
                | Q(
                    forgotten_at__isnull=False,
                    wrapped_key__isnull=True,
                    sealed__isnull=True,
                    display__isnull=True,
                ),
                name="a_forgotten_case_keeps_no_key",
            ),
        ]
        indexes = [
            models.Index(
                fields=["institution", "id"],
                name="open_cases_of_a_birthplace",
                condition=~Q(stage__in=["closed", "withdrawn"]),
            ),
            models.Index(
                fields=["id"],
                name="drafts_waiting_for_a_birth",
                condition=Q(stage="draft", newborns=0),
            ),
            models.Index(
                fields=["window", "id"],
                name="open_cases_of_a_window",
                condition=~Q(stage__in=["closed", "withdrawn"]),
            ),
        ]


class TaskRow(Row):
    """子办件: one item for one newborn (0: the family) at one office. Nothing here is personal.

    `under_way` and `ended_at` repeat what `state` implies, so that the indexes of the worklist
    change only when a task begins and ends: every step between stays a heap-only update, as long
    as no index and no index condition names `state` or `since`. The index of open tasks by
    deadline stands in `migrations/sql/`, because a missing deadline counts as never.
    """

    id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(
        CaseRow, models.PROTECT, related_name="tasks", db_constraint=False, db_index=False
    )
    item = models.TextField()
    newborn = models.SmallIntegerField()
    state = models.TextField()
    under_way = models.BooleanField()
    office = models.TextField(null=True)
    channel = models.TextField(null=True)
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    due_provisional = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    round = models.SmallIntegerField(default=0)
    reason = models.TextField(null=True)
    correct = models.JSONField(default=list)
    asked = models.JSONField(default=list)
    answered = models.JSONField(default=list)
    version = models.IntegerField(default=0)
    place = models.SmallIntegerField(default=0, help_text="Its place in the plan of its case.")

    class Meta:
        db_table = "task"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "item", "newborn"], name="one_task_per_item_and_newborn"
            ),
            models.CheckConstraint(
                condition=Q(state__in=STATES), name="a_task_is_in_a_known_state"
            ),
            models.CheckConstraint(
                condition=Q(under_way=True, state__in=UNDER_WAY_STATES)
                | (Q(under_way=False) & ~Q(state__in=UNDER_WAY_STATES)),
                name="under_way_follows_from_the_state",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False, state__in=ENDED_STATES)
                | (Q(ended_at__isnull=True) & ~Q(state__in=ENDED_STATES)),
                name="an_ended_task_knows_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="correction_needed") | Q(reason__isnull=False),
                name="a_correction_names_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(newborn__gte=0, round__gte=0, version__gte=0),
                name="a_task_counts_from_zero",
            ),
        ]
        indexes = [
            models.Index(
                fields=["office", "-ended_at", "-id"],
                name="ended_tasks_of_an_office",
                condition=Q(ended_at__isnull=False),
            ),
        ]


class NewbornRow(Row):
    """新生儿: unique by mother, delivery and birth order while its case is open."""

    id = models.UUIDField(primary_key=True, default=new_id)
    case = models.ForeignKey(
        CaseRow, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    number = models.SmallIntegerField()
    uid = models.BinaryField(max_length=16)
    open = models.BooleanField(default=True)

    class Meta:
        db_table = "newborn"
        constraints = [
            models.UniqueConstraint(
                fields=["uid"], condition=Q(open=True), name="one_open_case_per_newborn"
            ),
            models.UniqueConstraint(
                fields=["case", "number"], name="one_newborn_per_number_in_a_case"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="newborns_are_numbered_from_one"
            ),
        ]


class Party(Row):
    """当事人: who stands in a case in which role, by the blind index of the ID number."""

    id = models.UUIDField(primary_key=True, default=new_id)
    case = models.ForeignKey(
        CaseRow, models.PROTECT, related_name="parties", db_constraint=False, db_index=False
    )
    role = models.TextField()
    person_hash = models.BinaryField(max_length=16)

    class Meta:
        db_table = "party"
        constraints = [
            models.UniqueConstraint(fields=["case", "role"], name="one_person_per_role"),
            models.UniqueConstraint(fields=["case", "person_hash"], name="one_role_per_person"),
        ]
        indexes = [models.Index(fields=["person_hash", "case"], name="cases_of_a_person")]


class Lookup(Row):
    """盲索引: which case a number, name or phone leads to, by keyed digest only."""

    pk = models.CompositePrimaryKey("digest", "case", "purpose")
    digest = models.BinaryField(max_length=16)
    case = models.ForeignKey(
        CaseRow, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    purpose = models.TextField()

    class Meta:
        db_table = "lookup"
        indexes = [models.Index(fields=["case"], name="lookups_of_a_case")]
