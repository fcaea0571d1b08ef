"""统计 as rows: the cells of the rollup by day and by month, and how far the journal is counted.

Everything here can be made again from the journal; nothing here is about one case.
"""

from django.db import models
from django.db.models import Q

from yijian.records.models.rows import Row


class FigureRow(Row):
    """统计格: how many, in one scope on one day. A cell that comes to nothing is taken away."""

    pk = models.CompositePrimaryKey("scope", "measure", "day", "pack", "item", "detail")
    scope = models.TextField()
    measure = models.TextField()
    day = models.DateField()
    pack = models.TextField()
    item = models.TextField(default="")
    detail = models.TextField(default="")
    count = models.BigIntegerField()

    class Meta:
        db_table = "figure"
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=0), name="nothing_is_counted_below_zero"),
        ]


class MonthFigureRow(Row):
    """统计月格: the same, of a whole month; `day` is the month's first."""

    pk = models.CompositePrimaryKey("scope", "measure", "day", "pack", "item", "detail")
    scope = models.TextField()
    measure = models.TextField()
    day = models.DateField()
    pack = models.TextField()
    item = models.TextField(default="")
    detail = models.TextField(default="")
    count = models.BigIntegerField()

    class Meta:
        db_table = "figure_month"
        constraints = [
            models.CheckConstraint(
                condition=Q(count__gte=0), name="nothing_of_a_month_is_counted_below_zero"
            ),
            models.CheckConstraint(
                condition=Q(day__day=1), name="a_month_is_named_by_its_first_day"
            ),
        ]


class FigurePlace(Row):
    """统计归属: the division an office is counted at, fixed when it was first counted."""

    office = models.TextField(primary_key=True)
    division = models.TextField()

    class Meta:
        db_table = "figure_place"


class FigureCursor(Row):
    """统计进度: the number of the last journal entry that is counted, and as of when. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    as_of = models.DateTimeField(null=True)

    class Meta:
        db_table = "figure_cursor"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="the_journal_is_counted_once"),
        ]
