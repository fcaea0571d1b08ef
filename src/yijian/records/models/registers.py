"""共享登记 as rows: who may ask here, what was asked, and where this node asks. Nothing personal."""

from django.db import models
from django.db.models import F, Q

from yijian.records.identifiers import new_id
from yijian.records.models.rows import Row


class RegisterRight(Row):
    """访问权限: what one partner may ask of one register. One that is changed ends; a new begins."""

    id = models.UUIDField(primary_key=True, default=new_id)
    partner = models.TextField()
    register = models.TextField()
    purposes = models.JSONField()
    consent = models.BooleanField()
    fields = models.JSONField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    daily_budget = models.IntegerField()
    granted_by = models.TextField()
    granted_at = models.DateTimeField()
    ended_by = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "register_right"
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "register"],
                condition=Q(ended_at__isnull=True),
                name="one_right_of_a_partner_per_register",
            ),
            models.CheckConstraint(
                condition=Q(daily_budget__gte=1), name="a_right_has_a_daily_budget"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("begins_at")),
                name="a_right_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | ~Q(ended_by=""),
                name="whoever_ends_a_right_is_named",
            ),
        ]


class RegisterQuestion(Row):
    """查询回执: a partner asked a register here: who, what for, when, and what came of it.

    `person` is the blind index of whom it was about, so that a family's own can be counted and
    whoever asked too early can be told. `told_at` says when that was.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    at = models.DateTimeField()
    partner = models.TextField()
    register = models.TextField()
    purpose = models.TextField()
    consent = models.TextField()
    person = models.BinaryField(max_length=16, null=True)
    question_digest = models.BinaryField(max_length=32)
    answer_digest = models.BinaryField(max_length=32, null=True)
    outcome = models.TextField()
    reason = models.TextField(default="")
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "register_question"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    outcome__in=["asked", "found", "absent", "refused", "over_budget", "failed"]
                ),
                name="a_question_ends_in_a_known_way",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="found") | Q(answer_digest__isnull=False),
                name="what_was_told_is_weighed",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="refused") | ~Q(reason=""),
                name="a_refused_question_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["-at"], name="questions_by_time"),
            models.Index(fields=["person", "-at"], name="questions_about_a_person"),
        ]


class RegisterUse(Row):
    """当日用量: how many questions a partner has asked of one register on one day."""

    pk = models.CompositePrimaryKey("partner", "register", "day")
    partner = models.TextField()
    register = models.TextField()
    day = models.DateField()
    asked = models.IntegerField()

    class Meta:
        db_table = "register_use"


class RegisterRoute(Row):
    """询问路由: whom this node asks about one register and one place, from and until which day."""

    id = models.UUIDField(primary_key=True, default=new_id)
    register = models.TextField()
    place = models.TextField()
    kind = models.TextField()
    target = models.TextField()
    secret = models.TextField(default="")
    options = models.JSONField(default=dict)
    position = models.IntegerField()
    at_once = models.BooleanField(default=False)
    begins_on = models.DateField()
    ends_on = models.DateField(null=True)
    made_by = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "register_route"
        constraints = [
            models.UniqueConstraint(
                fields=["register", "place", "kind", "target"],
                condition=Q(ends_on__isnull=True),
                name="one_open_route_to_a_provider",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["yijian", "register", "national", "tif"]),
                name="a_provider_is_of_a_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(place__regex=r"^([0-9]{2}){0,3}$"),
                name="a_route_is_for_a_place_or_anywhere",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("begins_on")),
                name="a_route_ends_after_it_begins",
            ),
        ]


class VainQuestion(Row):
    """落空查询: a provider had nothing for a case when it was asked. Its news wakes the case."""

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    register = models.TextField()
    provider = models.TextField()
    receipt = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "vain_question"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "receipt"], name="a_vain_question_is_kept_once"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="vain_questions_to_forget")]
