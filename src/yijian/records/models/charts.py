"""图表 as rows: what a page wants drawn, and the drawing of it. Figures only, never a person."""

from django.db import models
from django.db.models import Q

from yijian.records.models.rows import Row


class ChartRow(Row):
    """图: one specification with its data, by its digest, and the drawing of it once it is made.

    `page`, `scope`, `language` and `name` say where it is shown; two places whose charts are the
    same share one drawing, and the place that asked last is written down. `state` is waiting,
    drawn or failed.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    page = models.TextField()
    scope = models.TextField(default="")
    language = models.TextField()
    name = models.TextField()
    spec = models.JSONField()
    svg = models.TextField(default="")
    state = models.TextField(default="waiting")
    problem = models.TextField(default="")
    wanted_at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "chart"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "drawn", "failed"]),
                name="a_chart_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="drawn") | (~Q(svg="") & Q(drawn_at__isnull=False)),
                name="a_drawn_chart_has_its_drawing",
            ),
        ]
        indexes = [
            models.Index(fields=["wanted_at"], name="charts_to_draw", condition=Q(state="waiting")),
            models.Index(
                fields=["page", "scope", "language", "name", "-drawn_at"],
                name="charts_of_a_place",
            ),
        ]
