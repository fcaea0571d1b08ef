"""督办 as rows: who was urged, who answers when, what is out of order, which days are worked.

Nothing here is about a person of a family; the name and phone of who answers are sealed.
"""

from django.db import models
from django.db.models import F, Q

from yijian.records.identifiers import new_id
from yijian.records.models.directory import OPAQUE
from yijian.records.models.rows import Row

PLACE = r"^([0-9]{2}){0,3}$"


class UrgingRow(Row):
    """催办: an office was told that a task's time is nearly or wholly used up, or was urged by hand.

    `settled_at` is set when the task has moved on, so that the list of what is open stays short.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    case_id = models.UUIDField()
    task_id = models.UUIDField()
    item = models.TextField()
    office = models.TextField(default="", help_text="Empty while no office has it.")
    division = models.TextField(default="", help_text="Of the office; empty without one.")
    why = models.TextField()
    due_at = models.DateTimeField(null=True)
    roles = models.JSONField(help_text="Who is told: roles of staff.")
    at = models.DateTimeField()
    day = models.DateField()
    by = models.TextField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "urging"
        constraints = [
            models.UniqueConstraint(
                fields=["task_id", "why", "office", "due_at"],
                condition=~Q(why="urged"),
                name="an_office_is_told_once_of_a_deadline",
            ),
            models.UniqueConstraint(
                fields=["task_id", "office", "day"],
                condition=Q(why="urged"),
                name="nobody_is_urged_twice_a_day",
            ),
            models.CheckConstraint(
                condition=Q(why="urged")
                | Q(why__regex=r"^limit_[0-9]{1,3}$", due_at__isnull=False),
                name="an_urging_says_why",
            ),
            models.CheckConstraint(
                condition=Q(by="system") | Q(by__regex=r"^staff:"), name="an_urging_says_by_whom"
            ),
        ]
        indexes = [
            models.Index(
                fields=["office", "-id"],
                condition=Q(settled_at__isnull=True),
                name="open_urgings_of_an_office",
            ),
            models.Index(fields=["-id"], condition=Q(settled_at__isnull=True), name="open_urgings"),
            models.Index(fields=["task_id"], name="urgings_of_a_task"),
        ]


class DutyRow(Row):
    """值班: who answers for an office or a place, from a day until another; name and phone sealed."""

    id = models.UUIDField(primary_key=True, default=new_id)
    office = models.TextField(default="")
    division = models.TextField(default="", help_text="Two, four or six digits; empty: the node.")
    sealed = models.BinaryField()
    public = models.BooleanField(default=False, help_text="Families see it as the contact.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    made_by = models.TextField()
    made_at = models.DateTimeField()
    ended_by = models.TextField(default="")

    class Meta:
        db_table = "duty"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="a_duty_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(office="") | Q(division=""), name="a_duty_is_about_one_scope"
            ),
            models.CheckConstraint(
                condition=Q(division__regex=PLACE), name="a_duty_is_at_a_known_place"
            ),
            models.CheckConstraint(
                condition=Q(made_by__regex=OPAQUE), name="whoever_makes_a_roster_is_opaque"
            ),
        ]
        indexes = [models.Index(fields=["office", "division", "-id"], name="duties_by_scope")]


class OutageRow(Row):
    """停办通告: what does not work where, from when until when, in the words families read."""

    id = models.UUIDField(primary_key=True, default=new_id)
    division = models.TextField(default="")
    office = models.TextField(default="")
    item = models.TextField(default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    words_zh = models.TextField()
    words_en = models.TextField(default="")
    texting = models.BooleanField(default=False, help_text="Families concerned get one text.")
    state = models.TextField(default="draft")
    made_by = models.TextField()
    made_at = models.DateTimeField()
    shown_by = models.TextField(default="")
    shown_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)
    texted_to = models.UUIDField(null=True, help_text="The last task whose family was texted.")
    texts = models.IntegerField(default=0)
    texted_at = models.DateTimeField(null=True, help_text="When every family had been texted.")

    class Meta:
        db_table = "outage"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "shown", "ended", "dropped"]),
                name="an_outage_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="an_outage_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["shown", "ended"]) | Q(shown_at__isnull=False),
                name="a_shown_outage_knows_when",
            ),
            models.CheckConstraint(
                condition=Q(texting=False) | Q(shown_by="") | ~Q(shown_by=F("made_by")),
                name="two_persons_text_families",
            ),
            models.CheckConstraint(
                condition=Q(office="") | Q(division=""), name="an_outage_is_about_one_scope"
            ),
            models.CheckConstraint(
                condition=Q(division__regex=PLACE), name="an_outage_is_at_a_known_place"
            ),
            models.CheckConstraint(condition=~Q(words_zh=""), name="an_outage_has_words"),
        ]
        indexes = [
            models.Index(
                fields=["-id"], condition=Q(state__in=["draft", "shown"]), name="outages_not_over"
            ),
        ]


class CalendarYearRow(Row):
    """工作日历年份: a year's notice as two persons took it in; the latest of a year holds."""

    id = models.UUIDField(primary_key=True, default=new_id)
    year = models.SmallIntegerField()
    notice = models.TextField()
    off = models.JSONField(help_text="Days off among Monday to Friday.")
    worked = models.JSONField(help_text="Worked days among Saturday and Sunday.")
    proposed_by = models.TextField()
    decided_by = models.TextField()
    made_at = models.DateTimeField()
    moved_to = models.UUIDField(null=True, help_text="The last case whose deadlines were moved.")
    moved = models.IntegerField(default=0)
    done_at = models.DateTimeField(null=True, help_text="When all open deadlines had been moved.")

    class Meta:
        db_table = "calendar_year"
        constraints = [
            models.CheckConstraint(
                condition=~Q(proposed_by=F("decided_by")), name="two_persons_decide_a_calendar_year"
            ),
            models.CheckConstraint(
                condition=~Q(notice=""), name="a_calendar_year_names_its_notice"
            ),
            models.CheckConstraint(
                condition=Q(year__gte=2000, year__lte=2100), name="a_calendar_year_is_of_our_time"
            ),
        ]
        indexes = [models.Index(fields=["year", "-id"], name="calendar_years")]
