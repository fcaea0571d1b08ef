"""提醒: only the cases whose time can have come are looked at."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0024_public_door")]
    operations = [
        migrations.CreateModel(
            name="ReminderLookRow",
            fields=[
                ("case_id", models.UUIDField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "reminder_look",
                "indexes": [models.Index(fields=["at", "case_id"], name="reminders_to_look_at")],
            },
        ),
        migrations.CreateModel(
            name="ReminderCursorRow",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
            ],
            options={
                "db_table": "reminder_cursor",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1), ("number__gte", 0)),
                        name="one_reader_of_reminders",
                    )
                ],
            },
        ),
    ]
