"""进度查询码 as rows: which code of a case is valid, and how often a wrong one was tried."""

from django.db import models
from django.db.models import Q

from yijian.records.models.rows import Row


class StatusDoor(Row):
    """查询码: a case whose code was changed or tried wrongly. Nothing here is personal.

    The code itself is derived and stands nowhere; `turn` counts how often the family has asked for
    another one. `wrong` counts wrong codes since `wrong_since`.
    """

    case_id = models.UUIDField(primary_key=True)
    turn = models.IntegerField(default=0)
    wrong = models.SmallIntegerField(default=0)
    wrong_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "status_door"
        constraints = [
            models.CheckConstraint(
                condition=Q(turn__gte=0, wrong__gte=0), name="a_status_door_counts_from_zero"
            ),
            models.CheckConstraint(
                condition=Q(wrong=0, wrong_since__isnull=True)
                | Q(wrong__gt=0, wrong_since__isnull=False),
                name="wrong_codes_know_since_when",
            ),
        ]
