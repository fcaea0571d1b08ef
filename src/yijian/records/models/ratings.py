"""好差评与工单 as rows: ratings, work orders with their steps, questionnaires, the issue log.

Words, names and phones lie sealed: with the case's key where there is a case, so that they go with
it, else with a key of the installation.
"""

from django.db import models
from django.db.models import Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row

LEVELS = [1, 2, 3, 4, 5]
FORGOTTEN = Q(outcome="forgotten", case_id__isnull=False)
"""The family was forgotten before anybody could answer it."""


class RatingRow(Row):
    """好差评: what a family said of one finished item, or of the whole (no item).

    `again_level` is its grade after what was bad has been put right; `excluded` says that an appeal
    against it was upheld. Who of the family rated is sealed with the words.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    item = models.TextField(default="")
    newborn = models.SmallIntegerField(default=0)
    office = models.TextField(default="")
    division = models.TextField(default="")
    channel = models.TextField()
    level = models.SmallIntegerField()
    reasons = models.JSONField(default=list)
    dimensions = models.JSONField(default=dict)
    rated_at = models.DateTimeField()
    appended_at = models.DateTimeField(null=True)
    again_level = models.SmallIntegerField(null=True)
    again_at = models.DateTimeField(null=True)
    excluded = models.BooleanField(default=False)
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "rating"
        constraints = [
            models.UniqueConstraint(
                fields=["case_id", "item", "newborn"], name="one_rating_of_each_thing"
            ),
            models.CheckConstraint(
                condition=Q(level__in=LEVELS)
                & (Q(again_level__isnull=True) | Q(again_level__in=LEVELS)),
                name="a_rating_has_one_of_five_grades",
            ),
            models.CheckConstraint(
                condition=Q(again_level__isnull=True) | Q(level__gte=4),
                name="only_a_bad_rating_is_given_again",
            ),
        ]
        indexes = [
            models.Index(fields=["rated_at", "id"], name="ratings_by_time"),
            models.Index(fields=["office", "rated_at"], name="ratings_of_an_office"),
        ]


class WorkOrderRow(Row):
    """工单: a bad rating, complaint, suggestion or question, and where it stands.

    `about` is the office it speaks of, `handler` the one that looks into it. `named` says that the
    party lets the handler know whose case it is. `code_hash` opens it to whoever came without an
    account; `sender_hash` lives for one day's limit.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    number = models.TextField()
    kind = models.TextField()
    state = models.TextField(default="new")
    channel = models.TextField()
    case_id = models.UUIDField(null=True)
    rating_id = models.UUIDField(null=True)
    item = models.TextField(default="")
    newborn = models.SmallIntegerField(default=0)
    about = models.TextField(default="")
    handler = models.TextField(default="")
    division = models.TextField(default="")
    clause = models.TextField(default="")
    reasons = models.JSONField(default=list)
    named = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    assign_due_at = models.DateTimeField()
    due_at = models.DateTimeField()
    extended = models.BooleanField(default=False)
    rounds = models.SmallIntegerField(default=0)
    finding = models.TextField(default="")
    outcome = models.TextField(default="")
    assigned_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    called_back_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    code_hash = models.BinaryField(null=True)
    phone_hash = models.BinaryField(null=True)
    sender_hash = models.BinaryField(null=True)
    sealed = models.BinaryField()

    class Meta:
        db_table = "work_order"
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_order_per_order_number"),
            models.UniqueConstraint(
                fields=["rating_id"],
                name="a_bad_rating_opens_one_order",
                condition=Q(rating_id__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "new",
                        "assigned",
                        "in_hand",
                        "appealed",
                        "answered",
                        "called_back",
                        "closed",
                    ]
                ),
                name="an_order_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["bad_rating", "complaint", "suggestion", "question"]),
                name="an_order_is_of_a_known_kind",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["assigned", "in_hand", "appealed"]) | ~Q(handler=""),
                name="an_assigned_order_has_a_handler",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed")
                | (Q(closed_at__isnull=False) & (Q(answered_at__isnull=False) | FORGOTTEN)),
                name="an_order_is_answered_before_it_is_closed",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed", kind="bad_rating")
                | Q(called_back_at__isnull=False)
                | FORGOTTEN,
                name="a_bad_rating_is_called_back_before_it_is_closed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="open_orders_by_deadline",
                condition=~Q(state="closed"),
            ),
            models.Index(
                fields=["handler", "due_at", "id"],
                name="open_orders_of_an_office",
                condition=~Q(state="closed"),
            ),
            models.Index(fields=["opened_at", "id"], name="orders_by_time"),
            models.Index(fields=["case_id"], name="orders_of_a_case"),
            models.Index(
                fields=["phone_hash", "opened_at"],
                name="orders_by_phone",
                condition=Q(phone_hash__isnull=False),
            ),
            models.Index(
                fields=["sender_hash", "opened_at"],
                name="orders_by_sender",
                condition=Q(sender_hash__isnull=False),
            ),
        ]


class WorkOrderStep(Row):
    """工单记录: one step of an order. The table only grows; notes are sealed like the order."""

    id = models.UUIDField(primary_key=True, default=new_id)
    order_id = models.UUIDField()
    seq = models.SmallIntegerField()
    at = models.DateTimeField()
    by = models.TextField()
    step = models.TextField()
    before = models.TextField(default="")
    after = models.TextField()
    office = models.TextField(default="")
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "work_order_step"
        constraints = [
            models.UniqueConstraint(
                fields=["order_id", "seq"], name="the_steps_of_an_order_stand_in_a_row"
            ),
        ]


class QuestionnaireRow(Row):
    """问卷: a few questions that families are asked in a period, each with a few answers."""

    id = models.UUIDField(primary_key=True, default=new_id)
    title_zh = models.TextField()
    title_en = models.TextField(default="")
    opens_on = models.DateField()
    closes_on = models.DateField()
    questions = models.JSONField()
    made_by = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "questionnaire"
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=models.F("opens_on")),
                name="a_questionnaire_closes_after_it_opens",
            ),
        ]
        indexes = [models.Index(fields=["closes_on"], name="questionnaires_by_end")]


class QuestionnaireCount(Row):
    """问卷计数: how often one answer was given. Who gave it is written nowhere."""

    id = models.UUIDField(primary_key=True, default=new_id)
    questionnaire_id = models.UUIDField()
    question = models.SmallIntegerField()
    answer = models.SmallIntegerField()
    count = models.IntegerField(default=0)

    class Meta:
        db_table = "questionnaire_count"
        constraints = [
            models.UniqueConstraint(
                fields=["questionnaire_id", "question", "answer"],
                name="one_count_per_answer_of_a_questionnaire",
            ),
        ]


class QuestionnaireTaken(Row):
    """问卷已答: that somebody has answered, so that nobody does twice; not what they said."""

    id = models.UUIDField(primary_key=True, default=new_id)
    questionnaire_id = models.UUIDField()
    taker_hash = models.BinaryField()

    class Meta:
        db_table = "questionnaire_taken"
        constraints = [
            models.UniqueConstraint(
                fields=["questionnaire_id", "taker_hash"],
                name="a_questionnaire_is_answered_once",
            ),
        ]


class IssueRow(Row):
    """问题台账: a problem of the reform itself, who owns it, what was decided, and when it is done.

    Written by officials about the service; no person is named here.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    title = models.TextField()
    problem = models.TextField()
    owner = models.TextField()
    due_on = models.DateField()
    order_id = models.UUIDField(null=True)
    state = models.TextField(default="open")
    decision = models.TextField(default="")
    done = models.TextField(default="")
    opened_by = models.TextField()
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "issue"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "decided", "done"]),
                name="an_issue_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | ~Q(decision=""), name="a_settled_issue_has_a_decision"
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on", "id"], name="issues_by_deadline")]
