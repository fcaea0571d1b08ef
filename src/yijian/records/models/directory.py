"""管理 as rows: what two persons decide, what administrators did, and dated changes of offices.

Nothing of it is about a family; who is meant is an opaque identifier, and own words are sealed.
"""

from django.db import models
from django.db.models import F, Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row

OPAQUE = r"^[\x21-\x7e]{1,100}$"


class ProposalRow(Row):
    """双人议决: what one person proposes and another decides; what was proposed never changes."""

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.TextField()
    subject = models.TextField(help_text="What it is about, as an opaque code.")
    payload = models.JSONField()
    digest = models.BinaryField(max_length=32)
    sealed = models.BinaryField(null=True, help_text="Why, in the proposer's own words.")
    proposed_by = models.TextField()
    office = models.TextField()
    proposed_at = models.DateTimeField()
    state = models.TextField(default="open")
    decided_by = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "proposal"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(state="open"),
                name="one_open_proposal_about_the_same",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "declined", "withdrawn"]),
                name="a_proposal_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", decided_by=F("proposed_by"))
                | (~Q(state="withdrawn") & ~Q(decided_by=F("proposed_by"))),
                name="two_persons_decide_a_proposal",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_by="", decided_at__isnull=True)
                | (~Q(state="open") & ~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="a_decided_proposal_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__regex=OPAQUE), name="a_proposer_is_an_opaque_identifier"
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="proposals_by_state")]


class AdministrationEntry(Row):
    """管理日志: one thing that an administrator, an editor or an operator did. It only grows."""

    id = models.UUIDField(primary_key=True, default=new_id)
    at = models.DateTimeField()
    by = models.TextField()
    office = models.TextField(default="")
    what = models.TextField()
    subject = models.TextField(default="")
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "administration"
        constraints = [
            models.CheckConstraint(
                condition=Q(by__regex=OPAQUE), name="an_administrator_is_an_opaque_identifier"
            ),
            models.CheckConstraint(
                condition=Q(what__regex=r"^[a-z_]{1,40}$"),
                name="an_administrative_act_is_one_word",
            ),
        ]
        indexes = [
            models.Index(fields=["subject", "-id"], name="acts_about_a_subject"),
            models.Index(fields=["by", "-id"], name="acts_of_an_administrator"),
        ]


class OfficeChangeRow(Row):
    """机构变更: from which day an office stands like this in the directory, or no longer stands."""

    id = models.UUIDField(primary_key=True, default=new_id)
    code = models.TextField()
    starts_on = models.DateField()
    ends = models.BooleanField(default=False)
    successor = models.TextField(default="", help_text="Who takes the tasks of an ended office.")
    values = models.JSONField(default=dict)
    decided_by = models.TextField()
    proposed_by = models.TextField()
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    followed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "office_change"
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(applied_at__isnull=True),
                name="one_change_of_an_office_waits",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("proposed_by")), name="two_persons_change_an_office"
            ),
            models.CheckConstraint(
                condition=Q(successor="") | Q(ends=True), name="only_an_ended_office_is_succeeded"
            ),
            models.CheckConstraint(
                condition=Q(followed_at__isnull=True) | Q(applied_at__isnull=False),
                name="tasks_follow_a_change_that_was_made",
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_on"],
                condition=Q(followed_at__isnull=True),
                name="office_changes_to_follow",
            ),
            models.Index(fields=["code", "-id"], name="changes_of_an_office"),
        ]
