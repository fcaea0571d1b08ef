"""红黄灯: open tasks by their deadline, for whoever looks at all offices at once.

Its columns change when a task begins, pauses and ends: steps between stay heap-only updates.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("records", "0025_reminding")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX open_tasks_by_deadline ON task (due_at, id) WHERE under_way",
            "DROP INDEX open_tasks_by_deadline",
        ),
    ]
