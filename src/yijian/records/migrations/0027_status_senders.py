"""进度查询: wrong codes are counted by number and by sender, whether or not there is such a case."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("records", "0026_deadlines")]
    operations = [
        migrations.RemoveConstraint("StatusDoor", "a_status_door_counts_from_zero"),
        migrations.RemoveConstraint("StatusDoor", "wrong_codes_know_since_when"),
        migrations.RemoveField("StatusDoor", "wrong"),
        migrations.RemoveField("StatusDoor", "wrong_since"),
        migrations.AddConstraint(
            "StatusDoor",
            models.CheckConstraint(condition=Q(turn__gte=0), name="a_code_turns_forward"),
        ),
        migrations.CreateModel(
            name="StatusTry",
            fields=[
                ("key", models.BinaryField(primary_key=True, serialize=False)),
                ("wrong", models.IntegerField(default=0)),
                ("since", models.DateTimeField()),
            ],
            options={
                "db_table": "status_try",
                "indexes": [models.Index(fields=["since"], name="wrong_codes_by_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(wrong__gte=0), name="wrong_codes_count_from_zero"
                    ),
                ],
            },
        ),
    ]
