"""进度查询码 as rows: which code of a case is valid, and how often wrong ones were tried lately."""

from django.db import models
from django.db.models import Q

from yijian.records.models.rows import Row


class StatusDoor(Row):
    """查询码: a case whose code was changed. Nothing here is personal.

    The code itself is derived and stands nowhere; `turn` counts how often the family has asked for
    another one.
    """

    case_id = models.UUIDField(primary_key=True)
    turn = models.IntegerField(default=0)

    class Meta:
        db_table = "status_door"
        constraints = [
            models.CheckConstraint(condition=Q(turn__gte=0), name="a_code_turns_forward"),
        ]


class StatusTry(Row):
    """查询次数: wrong codes typed for one number, by all or by one sender, since a moment.

    The key is a digest, of a number that need not exist, alone or with a sender on one day; the row
    goes when it counts no more.
    """

    key = models.BinaryField(primary_key=True)
    wrong = models.IntegerField(default=0)
    since = models.DateTimeField()

    class Meta:
        db_table = "status_try"
        constraints = [
            models.CheckConstraint(condition=Q(wrong__gte=0), name="wrong_codes_count_from_zero"),
        ]
        indexes = [models.Index(fields=["since"], name="wrong_codes_by_time")]
