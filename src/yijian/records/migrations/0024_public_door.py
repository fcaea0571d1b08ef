"""公众: which code of a case is valid, and how often a wrong one was tried."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("records", "0023_ratings")]
    operations = [
        migrations.CreateModel(
            name="StatusDoor",
            fields=[
                ("case_id", models.UUIDField(primary_key=True, serialize=False)),
                ("turn", models.IntegerField(default=0)),
                ("wrong", models.SmallIntegerField(default=0)),
                ("wrong_since", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "status_door",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(turn__gte=0, wrong__gte=0),
                        name="a_status_door_counts_from_zero",
                    ),
                    models.CheckConstraint(
                        condition=Q(wrong=0, wrong_since__isnull=True)
                        | Q(wrong__gt=0, wrong_since__isnull=False),
                        name="wrong_codes_know_since_when",
                    ),
                ],
            },
        ),
    ]
