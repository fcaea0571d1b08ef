"""提醒 as rows: when the worker must look at a case again, and how far it has read the journal."""

from django.db import models

from yijian.records.models.rows import Row


class ReminderLookRow(Row):
    """下次提醒: nothing of a case can become due before this moment unless the case changes."""

    case_id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "reminder_look"
        indexes = [models.Index(fields=["at", "case_id"], name="reminders_to_look_at")]


class ReminderCursorRow(Row):
    """提醒进度: up to which number of the sealed journal cases were looked at; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField()

    class Meta:
        db_table = "reminder_cursor"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id=1, number__gte=0), name="one_reader_of_reminders"
            )
        ]
